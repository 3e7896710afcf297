"""A damaged index: results are correct, there is no error, and deleting the index loses nothing."""

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
from readlist.search.index.reader import LOCK_TIMEOUT_SECONDS
from readlist.search.query.parser import parse
from tests.faults.conftest import Figures
from tests.faults.home import TODAY, Home

QUERIES = ("", "reward", "sparse latent", "rewerd", "tag:policy", "is:read", "author:lovelace", "학습", "has:note")


def flip_bit(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def copy_page(data: bytes, rng: random.Random) -> bytes:
    here, there = (rng.randrange(len(data)) & -4096 for _ in range(2))
    return data[:here] + data[there : there + 4096] + data[here + 4096 :]


DAMAGE: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "a flipped bit": flip_bit,
    "cut off": lambda data, rng: data[: rng.randrange(len(data))],
    "a page of NULs": lambda data, rng: (
        data[: (at := rng.randrange(len(data)) & -4096)] + bytes(4096) + data[at + 4096 :]
    ),
    "a page of noise": lambda data, rng: (
        data[: (at := rng.randrange(len(data)) & -4096)] + rng.randbytes(4096) + data[at + 4096 :]
    ),
    "a page of another place": copy_page,
    "NULs from there on": lambda data, rng: data[: (at := rng.randrange(len(data)))] + bytes(len(data) - at),
    "empty": lambda _data, _rng: b"",
    "no database": lambda _data, _rng: b"hello",
}


def read_everything(library: Library) -> list[Any]:
    """Return what the reading commands show."""
    results = [library.find(parse(text, TODAY), ranked=ranked) for text in QUERIES for ranked in (True, False)]
    resolved = library.resolve(["3", "5-9", "policy-reward-number-1-3a74d3", "nothing"])
    return [*results, resolved, library.entries(resolved.ids), library.tags(parse("", TODAY)), library.digests()]


@pytest.fixture
def home_and_expected(home_in_memory: Home) -> tuple[Home, list[Any]]:
    """A library, and what its intact index returns."""
    home_in_memory.load(30)
    library = home_in_memory.library()
    library.apply(edits.SetStatus(Status.READ), [2, 3, 11])
    library.apply(edits.ReplaceNote("compare with 7"), [5])
    return home_in_memory, read_everything(library)


def test_with_any_damage_the_results_are_correct(
    home_and_expected: tuple[Home, list[Any]], part: int, figures: Figures
) -> None:
    home, expected = home_and_expected
    intact, rng, before = home.index_file.read_bytes(), random.Random(1), home.state()
    for number in range(400 // part):
        home.index_file.write_bytes(list(DAMAGE.values())[number % len(DAMAGE)](intact, rng))
        assert read_everything(home.library()) == expected
    assert home.state() == before
    figures("damaged index", copies=400 // part, errors=0, wrong_answers=0)


def test_damage_with_an_unchanged_time_loses_no_mark_and_causes_no_error(
    home_and_expected: tuple[Home, list[Any]], part: int, figures: Figures
) -> None:
    """Bit rot does not change the modification time: SQLite must detect it, or a wrong row is shown."""
    home, expected = home_and_expected
    intact, status, rng = home.index_file.read_bytes(), home.index_file.stat(), random.Random(2)
    before, results = home.marks().marks, Counter[str]()
    for number in range(400 // part):
        home.index_file.write_bytes(list(DAMAGE.values())[number % len(DAMAGE)](intact, rng))
        os.utime(home.index_file, ns=(status.st_atime_ns, status.st_mtime_ns))
        start = time.perf_counter()
        results["right" if read_everything(home.library()) == expected else "wrong"] += 1
        assert time.perf_counter() - start < LOCK_TIMEOUT_SECONDS, "a rebuild waited for its own connection"
        assert home.marks().marks == before
    figures(
        "damaged index, its time unchanged",
        copies=400 // part,
        errors=0,
        right=results["right"],
        wrong=results["wrong"],
    )


@pytest.mark.parametrize(
    "break_index",
    [
        lambda home, _patch: home.index_file.unlink(),
        lambda home, _patch: shutil.rmtree(home.folders.cache),
        lambda home, patch: patch.setattr(schema, "FORMAT", "another"),
        lambda home, _patch: (home.index_file.unlink(), home.index_file.mkdir()),
        lambda home, _patch: (home.index_file.unlink(), home.index_file.symlink_to("/dev/null")),
        lambda home, _patch: home.index_file.touch(),
    ],
    ids=["deleted", "no folder", "another version", "a folder", "a link to nowhere", "touched"],
)
def test_deleting_the_index_loses_nothing(
    home_and_expected: tuple[Home, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    break_index: Callable[[Home, pytest.MonkeyPatch], None],
) -> None:
    home, expected = home_and_expected
    break_index(home, monkeypatch)
    assert read_everything(home.library()) == expected
    home.library().apply(edits.SetStar(True), [4])
    assert home.library().entries([4])[0].mark.starred
    home.assert_index_is_of_the_store()


CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "utimensat")


def star_with_fault(home: Home, call: str, how: str, at: int) -> tuple[bool, str]:
    """Star a paper with a fault at the `at`-th system call of this name: return whether it happened, and stderr."""
    log = home.root / "trace"
    inject = ["strace", "-f", "-o", str(log), "-e", f"trace={call}", "-e", f"inject={call}:{how}:when={at}"]
    words = [*inject, sys.executable, "-m", "readlist", "star", "7"]
    stderr = subprocess.run(words, capture_output=True, text=True, check=False).stderr
    if not log.exists() or "PTRACE" in stderr:
        pytest.skip("strace may not trace here")
    return any(word in log.read_text() for word in ("INJECTED", "killed by")), stderr


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("how", ["signal=SIGKILL", "error=EIO", "error=ENOSPC"])
def test_a_fault_at_any_system_call_of_sqlite_leaves_a_correct_index(
    home_and_expected: tuple[Home, list[Any]], part: int, figures: Figures, how: str
) -> None:
    """The mark is saved or not, and the index agrees with the store."""
    home, _ = home_and_expected
    home.library().apply(edits.SetStar(False), [7])
    home.keep()
    faults = saved = 0
    for call in CALLS if part == 1 else CALLS[:1]:
        for at in count(1, part):
            home.restore()
            was_reached, stderr = star_with_fault(home, call, how, at)
            if not was_reached:
                break
            assert "Traceback" not in stderr
            starred = any(mark.starred for mark in home.marks().marks.values())
            assert starred or "Starred" not in stderr
            home.assert_index_is_of_the_store()
            faults, saved = faults + 1, saved + starred
    assert faults > 0
    figures(f"calls of SQLite: {how}", faults=faults, saved=saved, wrong_answers=0)
