"""A corrupt index: the results are right, no command fails, and deleting it loses nothing."""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from readlist import edits
from readlist.errors import ReadlistError
from readlist.library.library import Library
from readlist.models import NEWEST, RELEVANCE, Status
from readlist.search.index import checksum, schema
from readlist.search.query.parser import parse
from tests.faults.conftest import ReportCounts
from tests.faults.sandbox import TODAY, LibrarySandbox
from tests.library_files import refs

QUERIES = ("", "reward", "sparse latent", "rewerd", "tag:policy", "is:read", "author:lovelace", "학습", "has:note")
PAGE = 4096
LOCK_TIMEOUT_SECONDS = 10.0
"""How long a connection to the index waits for another one."""


def flip_bit(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def replace_page(data: bytes, start: int, page: bytes) -> bytes:
    return data[:start] + page + data[start + PAGE :]


def choose_page(data: bytes, rng: random.Random) -> int:
    """Return the offset of a random page."""
    return rng.randrange(len(data)) & -PAGE


def copy_page(data: bytes, rng: random.Random) -> bytes:
    target, source = choose_page(data, rng), choose_page(data, rng)
    return replace_page(data, target, data[source : source + PAGE])


def zero_rest(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + bytes(len(data) - start)


def swap_pages(data: bytes, rng: random.Random) -> bytes:
    one, other = choose_page(data, rng), choose_page(data, rng)
    swapped = replace_page(data, one, data[other : other + PAGE])
    return replace_page(swapped, other, data[one : one + PAGE])


CORRUPTIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "flipped bit": flip_bit,
    "truncated": lambda data, rng: data[: rng.randrange(len(data))],
    "page of NULs": lambda data, rng: replace_page(data, choose_page(data, rng), bytes(PAGE)),
    "page of noise": lambda data, rng: replace_page(data, choose_page(data, rng), rng.randbytes(PAGE)),
    "copy of another page": copy_page,
    "two pages swapped": swap_pages,
    "NULs to the end": zero_rest,
    "empty": lambda _data, _rng: b"",
    "not a database": lambda _data, _rng: b"hello",
}


KINDS = tuple(CORRUPTIONS.values())


def corrupt_with_the_time_kept(index: Path, intact: bytes, number: int, rng: random.Random) -> None:
    """Write a corrupt copy of an index, as a failing disk leaves it, which does not change the time of a file."""
    status = index.stat()
    index.write_bytes(KINDS[number % len(KINDS)](intact, rng))
    os.utime(index, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat every index as one that is too large to verify the whole file."""
    monkeypatch.setattr(checksum, "MAX_SUMMED", 0)


def read_answers(library: Library) -> list[Any]:
    """Return everything that a user sees of the library."""
    everything = parse("", TODAY)
    results = [library.find(parse(text, TODAY), order=order) for text in QUERIES for order in (RELEVANCE, NEWEST)]
    resolved = library.resolve(["3", "5-9", "policy-reward-number-1-3a74d3", "nothing"])
    lists = [
        library.next(everything),
        library.tags(everything),
        library.digests(),
        library.sources(),
        library.statuses(),
    ]
    return [*results, resolved, library.entries(resolved.ids), *lists, library.stats(everything, TODAY)]


@pytest.fixture
def indexed(sandbox: LibrarySandbox) -> tuple[LibrarySandbox, list[Any]]:
    """A library, and the answers of its intact index."""
    sandbox.load(30)
    library = sandbox.library()
    library.apply(edits.SetStatus(Status.READ), refs(library, [2, 3, 11]))
    library.apply(edits.ReplaceNote("compare with 7"), refs(library, [5]))
    return sandbox, read_answers(library)


def test_a_corrupt_index_is_detected_and_every_answer_is_right(
    indexed: tuple[LibrarySandbox, list[Any]], divisor: int, report_counts: ReportCounts
) -> None:
    sandbox, answers = indexed
    index = sandbox.files.index
    intact, rng, before, copies = index.read_bytes(), random.Random(1), sandbox.state(), 400 // divisor
    for number in range(copies):
        index.write_bytes(list(CORRUPTIONS.values())[number % len(CORRUPTIONS)](intact, rng))
        assert read_answers(sandbox.library()) == answers
    assert sandbox.state() == before
    report_counts("corrupt index", copies=copies, errors=0, wrong_answers=0)


def test_corruption_with_an_unchanged_modification_time_is_detected_and_every_answer_is_right(
    indexed: tuple[LibrarySandbox, list[Any]], divisor: int, report_counts: ReportCounts
) -> None:
    """The index is small: its whole file has a checksum."""
    sandbox, answers = indexed
    index, rng, copies, before = sandbox.files.index, random.Random(2), 1000 // divisor, sandbox.marks().marks
    for number in range(copies):
        corrupt_with_the_time_kept(index, index.read_bytes(), number, rng)
        start = time.perf_counter()
        assert read_answers(sandbox.library()) == answers
        seconds = time.perf_counter() - start
        assert seconds < LOCK_TIMEOUT_SECONDS, "the rebuild waited for a connection of the same process"
        assert sandbox.marks().marks == before
    report_counts("corrupt index, its time unchanged", copies=copies, errors=0, wrong_answers=0)


def flip_bit_of_a_key(data: bytes, key: bytes, rng: random.Random) -> bytes:
    places = [match.start() for match in re.finditer(re.escape(key), data)]
    place = rng.choice(places) + rng.randrange(len(key))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(7)]) + data[place + 1 :]


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_note_never_gets_the_key_that_a_corrupt_index_has(
    indexed: tuple[LibrarySandbox, list[Any]],
    request: pytest.FixtureRequest,
    divisor: int,
    report_counts: ReportCounts,
    size: str,
) -> None:
    """A paper is looked up in papers.json: the key in the index is at most a reason to read all of that file."""
    if size == "large":
        request.getfixturevalue("large")
    sandbox, _ = indexed
    index, rng, copies = sandbox.files.index, random.Random(3), 100 // divisor
    keys, key = sandbox.marks().marks.keys(), sandbox.entries()[2].paper.key
    index.unlink()
    sandbox.library().statuses()
    for number in range(copies):
        status = index.stat()
        index.write_bytes(flip_bit_of_a_key(index.read_bytes(), key.encode(), rng))
        os.utime(index, ns=(status.st_atime_ns, status.st_mtime_ns))
        library, item = sandbox.library(), ("3", "2-3", key)[number % 3]
        library.apply(edits.ReplaceNote(f"note {number}"), library.resolve([item]).papers[-1:])
        assert sandbox.marks().marks.keys() == keys
        is_saved = sandbox.marks().marks[key].note == f"note {number}"
        assert is_saved or (item == key and size == "large"), "the key may not be found"
    report_counts(f"bit of a key in a {size} index", copies=copies, wrong_keys=0)


@pytest.mark.usefixtures("large")
def test_a_change_through_a_corrupt_large_index_changes_the_paper_that_was_named_or_none(
    indexed: tuple[LibrarySandbox, list[Any]], divisor: int, report_counts: ReportCounts
) -> None:
    """Nothing but its entries has checksums: other tables may give wrong answers, but no wrong paper is changed."""
    sandbox, answers = indexed
    index, rng, copies, results = sandbox.files.index, random.Random(4), 500 // divisor, Counter[str]()
    key, others = sandbox.entries()[2].paper.key, sandbox.marks().marks
    index.unlink()
    sandbox.library().statuses()
    intact = index.read_bytes()
    for number in range(copies):
        corrupt_with_the_time_kept(index, intact, number, rng)
        library = sandbox.library()
        results["right" if read_answers(library) == answers else "wrong answers"] += 1
        with contextlib.suppress(ReadlistError):
            library.apply(edits.ReplaceNote(f"note {number}"), library.resolve(["3"]).papers)
        marks = sandbox.marks().marks
        assert {**marks, key: others[key]} == others
        results["saved"] += marks[key].note == f"note {number}"
        library.undo()
        index.unlink(missing_ok=True)
        library.statuses()
        intact = index.read_bytes()
    report_counts("corrupt large index", copies=copies, wrong_changes=0, **results)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM identities",
        "DELETE FROM identities WHERE id = 3",
        "UPDATE identities SET code = code + 1 WHERE id = 3",
        "UPDATE identities SET id = 31 WHERE id = 3",
        "UPDATE totals SET identities = 'x'",
        "DELETE FROM totals",
    ],
)
def test_a_load_with_a_corrupt_large_index_recognizes_the_papers_that_the_library_has(
    indexed: tuple[LibrarySandbox, list[Any]], tmp_path: Path, damage: str
) -> None:
    sandbox, _ = indexed
    paper = sandbox.entries()[2].paper
    index = sandbox.files.index
    status = index.stat()
    with contextlib.closing(sqlite3.connect(index)) as connection, connection:
        connection.execute(damage)
    os.utime(index, ns=(status.st_atime_ns, status.st_mtime_ns))
    digest = tmp_path / "again.txt"
    digest.write_text(f"2025년 6월 2일\n{paper.title}\n({', '.join(paper.authors)})\nAgain.\n", encoding="utf-8")
    report = sandbox.library().load([str(digest)])
    assert not report.added
    (known,) = sandbox.library().find_known([paper])
    assert known
    assert known.id == paper.id


@pytest.mark.parametrize(
    "remove",
    [
        lambda sandbox, _patch: sandbox.files.index.unlink(),
        lambda sandbox, _patch: shutil.rmtree(sandbox.files.cache),
        lambda sandbox, patch: patch.setattr(schema, "FORMAT", "another"),
        lambda sandbox, _patch: (sandbox.files.index.unlink(), sandbox.files.index.mkdir()),
        lambda sandbox, _patch: (sandbox.files.index.unlink(), sandbox.files.index.symlink_to("/dev/null")),
        lambda sandbox, _patch: sandbox.files.index.touch(),
    ],
    ids=[
        "deleted",
        "directory deleted",
        "another version",
        "directory in its place",
        "symlink to /dev/null",
        "touched",
    ],
)
def test_an_index_that_is_deleted_or_replaced_is_rebuilt_and_nothing_is_lost(
    indexed: tuple[LibrarySandbox, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    remove: Callable[[LibrarySandbox, pytest.MonkeyPatch], None],
) -> None:
    sandbox, answers = indexed
    remove(sandbox, monkeypatch)
    assert read_answers(sandbox.library()) == answers
    sandbox.library().apply(edits.SetStar(True), refs(sandbox.library(), [4]))
    assert sandbox.library().entries([4])[0].mark.starred
    sandbox.assert_index_matches_store()


CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "utimensat")


def star_with_fault(sandbox: LibrarySandbox, call: str, fault: str, at: int) -> tuple[bool, str]:
    """Star a paper with a fault at the `at`-th system call of this name; returns whether it occurred, and stderr."""
    log = sandbox.root / "trace"
    inject = ["strace", "-f", "-o", str(log), "-e", f"trace={call}", "-e", f"inject={call}:{fault}:when={at}"]
    words = [*inject, sys.executable, "-m", "readlist", "star", "7"]
    output = subprocess.run(words, capture_output=True, text=True, check=False).stderr
    if not log.exists() or "PTRACE" in output:
        pytest.skip("strace is not permitted here")
    return any(word in log.read_text() for word in ("INJECTED", "killed by")), output


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("fault", ["signal=SIGKILL", "error=EIO", "error=ENOSPC"])
def test_a_fault_at_any_system_call_of_sqlite_leaves_index_and_store_consistent(
    indexed: tuple[LibrarySandbox, list[Any]], divisor: int, report_counts: ReportCounts, fault: str
) -> None:
    """SQLite makes these calls itself, so that they cannot be patched in Python."""
    sandbox, _ = indexed
    sandbox.library().apply(edits.SetStar(False), refs(sandbox.library(), [7]))
    sandbox.save_snapshot()
    faults = saved = 0
    for call in CALLS if divisor == 1 else CALLS[:1]:
        for at in count(1, divisor):
            sandbox.restore_snapshot()
            was_reached, output = star_with_fault(sandbox, call, fault, at)
            if not was_reached:
                break
            assert "Traceback" not in output
            is_starred = any(mark.starred for mark in sandbox.marks().marks.values())
            assert is_starred or "number 7\n" not in output, "reported as starred but not saved"
            sandbox.assert_index_matches_store()
            faults, saved = faults + 1, saved + is_starred
    assert faults > 0
    report_counts(f"system calls of SQLite: {fault}", faults=faults, saved=saved, wrong_answers=0)
