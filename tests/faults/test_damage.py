"""A damaged store: noticed, never shown as data, never written over, and the way back is named."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from readlist import edits
from readlist.errors import StoreError
from readlist.models import Mark, Status
from tests.conftest import Run
from tests.faults.conftest import Figures
from tests.faults.home import Home
from tests.faults.keepers import KEEPERS, Readlist, under_the_same_faults
from tests.store.changes import edit_marks

NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)
NOTED = 12


def star(mark: Mark) -> Mark:
    return replace(mark, starred=True, starred_at=NOON)


@under_the_same_faults
def test_a_flipped_bit_costs_one_note_at_most_and_none_is_shown_wrong(
    home_in_memory: Home, part: int, figures: Figures, who: str
) -> None:
    keeper = KEEPERS[who](home_in_memory, NOTED)
    for paper in range(1, NOTED + 1):
        keeper.note(paper, f"a note on {paper}")
    whole, sound, found = keeper.kept().notes, keeper.file.read_bytes(), Counter[str]()
    for bit in random.Random(1).choices(range(len(sound) * 8), k=5000 // part):
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        keeper.file.write_bytes(flipped)
        notes, noticed = keeper.kept()
        found["unreadable"] += noticed and not notes
        found["accepted wrong"] += bool(notes.items() - whole.items()) or (not noticed and notes != whole)
        found["unnoticed"] += not noticed
        if isinstance(keeper, Readlist):
            assert noticed
            assert len(notes) >= len(whole) - 1
            with pytest.raises(StoreError):
                edit_marks(home_in_memory.mark_store(), ["new"], star)
            assert keeper.file.read_bytes() == flipped
    names = ("unnoticed", "accepted wrong", "unreadable")
    figures("one flipped bit", who, flips=5000 // part, **{name.replace(" ", "_"): found[name] for name in names})
    assert who != "readlist" or found["accepted wrong"] == found["unreadable"] == 0


def lines_of(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


EDITS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "half": lambda data: data[: len(data) // 2],
    "without its last byte": lambda data: data[:-1],
    "without its end": lambda data: data[:-4],
    "twice": lambda data: data + data,
    "a blank line more": lambda data: data + b"\n",
    "NULs": lambda data: b"\0" * len(data),
    "NULs inside": lambda data: data[:200] + b"\0" * 64 + data[264:],
    "a BOM": lambda data: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "indented by another tool": lambda data: json.dumps(json.loads(data), indent=2).encode(),
    "packed by another tool": lambda data: json.dumps(json.loads(data)).encode(),
    "another value": lambda data: data.replace(b"true", b"false", 1),
    "NaN": lambda data: data.replace(b"true", b"NaN", 1),
    "100,000 brackets": lambda data: data.replace(b"true", b"[" * 100_000, 1),
    "another table": lambda data: data.replace(b'"marks"', b'"mark"'),
    "a comma too many": lambda data: data.replace(b"},", b"},,", 1),
    "a comma too few": lambda data: data.replace(b",\n", b"", 1),
    "a trailing comma": lambda data: data.replace(b"\n}}\n", b"\n,\n}}\n"),
    "commas where others put them": lambda data: data.replace(b"\n,\n", b",\n  "),
    "another key": lambda data: data.replace(b"number-3", b"number-9"),
    "a key of another": lambda data: data.replace(b'"sparse-reward-number-3', b'"latent-reward-number-2'),
    "a line twice": lambda data: data.replace(b"}}\n", b",\n" + lines_of(data)[3] + b"}}\n"),
    "conflict markers": lambda data: data.replace(b",\n", b"<<<<<<< HEAD\n,\n=======\n,\n>>>>>>> theirs\n", 1),
    "without its second line": lambda data: b"".join(lines_of(data)[:1] + lines_of(data)[2:]),
    "without headings": lambda data: b"".join(line for line in lines_of(data) if b'"sum"' in line),
    "a list": lambda _: b"[]",
    "null": lambda _: b"null",
    "a word": lambda _: b"hello",
}
IN_SHAPE_ENOUGH = ("a BOM", "CRLF", "commas where others put them", "without its end", "without headings")


@pytest.fixture
def noted(home_in_memory: Home) -> Home:
    home_in_memory.load(6)
    keys = [entry.paper.key for entry in home_in_memory.entries()]
    store = home_in_memory.mark_store()
    edit_marks(store, keys[:5], star)
    edit_marks(store, keys[1:2], lambda mark: replace(mark, note="A note\nof two lines", note_at=NOON))
    edit_marks(store, keys[2:3], lambda mark: replace(mark, status=Status.READ, status_at=NOON))
    home_in_memory.library().apply(edits.SetStar(True), [6])
    return home_in_memory


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_by_hand_is_noticed_never_shown_as_data_and_never_written_over(
    noted: Home, run: Run, name: str
) -> None:
    whole, file = noted.marks().marks, noted.marks_file
    shown = {entry["key"]: entry for entry in run("list", "--json").json}
    damaged = EDITS[name](file.read_bytes())
    file.write_bytes(damaged)
    marks, damage, _ = noted.marks()
    assert damage
    assert marks.items() <= whole.items()
    assert marks == whole or name not in IN_SHAPE_ENOUGH
    listed = run("list", "--json")
    assert [entry for entry in listed.json if entry["key"] in marks] == [shown[key] for key in shown if key in marks]
    assert all(entry["status"] == "unread" for entry in listed.json if entry["key"] not in marks)
    for words in ("list", "search reward", "tags", "read 1", "note 2 x", "tag 3 --add new", "undo"):
        done = run(*words.split())
        assert done.code == 4
        (line,) = done.err.splitlines()
        assert line.startswith(f"readlist: {file} is damaged")
    with pytest.raises(StoreError, match="to mend it: readlist doctor --fix"):
        edit_marks(noted.mark_store(), ["new"], star)
    assert file.read_bytes() == damaged
