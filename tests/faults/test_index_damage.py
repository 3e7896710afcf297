"""A corrupt index: the results are right, no command fails, and deleting it loses nothing."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from readlist import edits
from readlist.library.library import Library
from readlist.models import Status
from readlist.search.index import schema
from readlist.search.query.parser import parse
from tests.faults.conftest import ReportCounts
from tests.faults.sandbox import TODAY, LibrarySandbox

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


CORRUPTIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "flipped bit": flip_bit,
    "truncated": lambda data, rng: data[: rng.randrange(len(data))],
    "page of NULs": lambda data, rng: replace_page(data, choose_page(data, rng), bytes(PAGE)),
    "page of noise": lambda data, rng: replace_page(data, choose_page(data, rng), rng.randbytes(PAGE)),
    "copy of another page": copy_page,
    "NULs to the end": zero_rest,
    "empty": lambda _data, _rng: b"",
    "not a database": lambda _data, _rng: b"hello",
}


def read_answers(library: Library) -> list[Any]:
    """Return everything that a user sees of the library."""
    results = [library.find(parse(text, TODAY), ranked=ranked) for text in QUERIES for ranked in (True, False)]
    resolved = library.resolve(["3", "5-9", "policy-reward-number-1-3a74d3", "nothing"])
    return [*results, resolved, library.entries(resolved.ids), library.tags(parse("", TODAY)), library.digests()]


@pytest.fixture
def indexed(sandbox: LibrarySandbox) -> tuple[LibrarySandbox, list[Any]]:
    """A library, and the answers of its intact index."""
    sandbox.load(30)
    library = sandbox.library()
    library.apply(edits.SetStatus(Status.READ), [2, 3, 11])
    library.apply(edits.ReplaceNote("compare with 7"), [5])
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


def test_corruption_with_an_unchanged_modification_time_loses_no_mark_and_causes_no_error(
    indexed: tuple[LibrarySandbox, list[Any]], divisor: int, report_counts: ReportCounts
) -> None:
    """A failing disk does not change the time of a file: either SQLite detects the corruption or a row is wrong."""
    sandbox, answers = indexed
    index = sandbox.files.index
    intact, status, rng, copies = index.read_bytes(), index.stat(), random.Random(2), 400 // divisor
    before, results = sandbox.marks().marks, Counter[str]()
    for number in range(copies):
        index.write_bytes(list(CORRUPTIONS.values())[number % len(CORRUPTIONS)](intact, rng))
        os.utime(index, ns=(status.st_atime_ns, status.st_mtime_ns))
        start = time.perf_counter()
        results["right" if read_answers(sandbox.library()) == answers else "wrong"] += 1
        seconds = time.perf_counter() - start
        assert seconds < LOCK_TIMEOUT_SECONDS, "the rebuild waited for a connection of the same process"
        assert sandbox.marks().marks == before
    counts = {"right": results["right"], "wrong": results["wrong"]}
    report_counts("corrupt index, its time unchanged", copies=copies, errors=0, **counts)


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
    sandbox.library().apply(edits.SetStar(True), [4])
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
    sandbox.library().apply(edits.SetStar(False), [7])
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
