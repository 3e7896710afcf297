"""Corrupt store files: detected, never shown as data, never overwritten, and every error names the repair."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Callable

import pytest

from readlist import edits
from readlist.errors import StoreError
from readlist.models import Mark, Status
from tests.conftest import Run
from tests.faults.conftest import ReportCounts
from tests.faults.note_stores import NOTE_STORES, ReadlistNotes, for_each_note_store
from tests.faults.sandbox import LibrarySandbox
from tests.library_files import refs
from tests.store.changes import edit_marks

NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)
PAPERS = 12


def star(mark: Mark) -> Mark:
    return mark._replace(starred=True, starred_at=NOON)


@for_each_note_store
def test_a_flipped_bit_loses_one_note_at_most_and_never_shows_a_wrong_one(
    sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts, store_name: str
) -> None:
    store = NOTE_STORES[store_name](sandbox, PAPERS)
    for paper in range(1, PAPERS + 1):
        store.write_note(paper, f"a note on {paper}")
    written, intact, counts = store.read().notes, store.file.read_bytes(), Counter[str]()
    for bit in random.Random(1).choices(range(len(intact) * 8), k=5000 // divisor):
        flipped = bytearray(intact)
        flipped[bit // 8] ^= 1 << bit % 8
        store.file.write_bytes(flipped)
        notes, is_corrupt = store.read()
        counts["unreadable"] += is_corrupt and not notes
        counts["accepted_wrong"] += bool(notes.items() - written.items()) or (not is_corrupt and notes != written)
        counts["undetected"] += not is_corrupt
        if isinstance(store, ReadlistNotes):
            assert is_corrupt
            assert len(notes) >= len(written) - 1
            with pytest.raises(StoreError):
                edit_marks(sandbox.mark_store(), ["new"], star)
            assert store.file.read_bytes() == flipped
    names = ("undetected", "accepted_wrong", "unreadable")
    report_counts("one flipped bit", store_name, flips=5000 // divisor, **{name: counts[name] for name in names})
    assert store_name != "readlist" or counts["accepted_wrong"] == counts["unreadable"] == 0


def split_lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


CORRUPTIONS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "first half": lambda data: data[: len(data) // 2],
    "last byte missing": lambda data: data[:-1],
    "end missing": lambda data: data[:-4],
    "whole file twice": lambda data: data + data,
    "extra blank line": lambda data: data + b"\n",
    "NULs": lambda data: b"\0" * len(data),
    "NULs inside": lambda data: data[:200] + b"\0" * 64 + data[264:],
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "indented by another tool": lambda data: json.dumps(json.loads(data), indent=2).encode(),
    "minified by another tool": lambda data: json.dumps(json.loads(data)).encode(),
    "another value": lambda data: data.replace(b"true", b"false", 1),
    "NaN": lambda data: data.replace(b"true", b"NaN", 1),
    "100,000 brackets": lambda data: data.replace(b"true", b"[" * 100_000, 1),
    "another table name": lambda data: data.replace(b'"marks"', b'"mark"'),
    "doubled comma": lambda data: data.replace(b"},", b"},,", 1),
    "missing comma": lambda data: data.replace(b",\n", b"", 1),
    "trailing comma": lambda data: data.replace(b"\n},", b"\n,\n},", 2),
    "commas at line ends": lambda data: data.replace(b"\n,\n", b",\n  "),
    "another key": lambda data: data.replace(b"number-3", b"number-9"),
    "key of another paper": lambda data: data.replace(b'"sparse-reward-number-3', b'"latent-reward-number-2'),
    "duplicate line": lambda data: data.replace((line := split_lines(data)[3]), line + b",\n" + line),
    "conflict markers": lambda data: data.replace(b",\n", b"<<<<<<< HEAD\n,\n=======\n,\n>>>>>>> theirs\n", 1),
    "second line missing": lambda data: b"".join(split_lines(data)[:1] + split_lines(data)[2:]),
    "table headings missing": lambda data: b"".join(line for line in split_lines(data) if b'"sum"' in line),
    "list": lambda _: b"[]",
    "null": lambda _: b"null",
    "word": lambda _: b"hello",
}
ALL_RECORDS_INTACT = ("BOM", "CRLF", "commas at line ends", "end missing", "table headings missing")
"""Corruptions in spite of which every record can still be read."""


@pytest.fixture
def marked_sandbox(sandbox: LibrarySandbox) -> LibrarySandbox:
    """A library of six papers, each with a mark."""
    sandbox.load(6)
    keys = [entry.paper.key for entry in sandbox.entries()]
    store = sandbox.mark_store()
    edit_marks(store, keys[:5], star)
    edit_marks(store, keys[1:2], lambda mark: mark._replace(note="A note\nof two lines", note_at=NOON))
    edit_marks(store, keys[2:3], lambda mark: mark._replace(status=Status.READ, status_at=NOON))
    sandbox.library().apply(edits.SetStar(True), refs(sandbox.library(), [6]))
    return sandbox


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_an_edit_by_another_program_is_detected_never_shown_as_data_and_never_overwritten(
    marked_sandbox: LibrarySandbox, run: Run, name: str
) -> None:
    written, file = marked_sandbox.marks().marks, marked_sandbox.files.marks
    before = {entry["key"]: entry for entry in run("list", "--json").json}
    corrupt = CORRUPTIONS[name](file.read_bytes())
    assert corrupt != file.read_bytes()
    file.write_bytes(corrupt)
    marks, corruption, _ = marked_sandbox.marks()
    assert corruption
    assert marks.items() <= written.items()
    assert marks == written or name not in ALL_RECORDS_INTACT
    listed = run("list", "--json")
    assert [entry for entry in listed.json if entry["key"] in marks] == [before[key] for key in before if key in marks]
    assert all(entry["status"] == "unread" for entry in listed.json if entry["key"] not in marks)
    for words in ("list", "search reward", "tags", "read 1", "note 2 x", "tag 3 --add new", "undo"):
        done = run(*words.split())
        assert done.code == 4
        (line,) = done.err.splitlines()
        assert line.startswith("readlist: ")
        assert str(file) in line
        assert "readlist doctor --fix" in line
    with pytest.raises(StoreError, match=f"^data file is corrupt: {file}: .*; to repair it: readlist doctor --fix$"):
        edit_marks(marked_sandbox.mark_store(), ["new"], star)
    assert file.read_bytes() == corrupt
