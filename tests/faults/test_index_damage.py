"""A damaged index: what is shown is right all the same, nothing is an error, and nothing is lost by deleting it."""

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
from readlist.search.index.index import WAIT
from readlist.search.query.parser import parse
from tests.faults.conftest import Figures
from tests.faults.home import TODAY, Home

QUERIES = ("", "reward", "sparse latent", "rewerd", "tag:policy", "is:read", "author:lovelace", "학습", "has:note")


def flip(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << dice.randrange(8)]) + data[place + 1 :]


def move(data: bytes, dice: random.Random) -> bytes:
    here, there = (dice.randrange(len(data)) & -4096 for _ in range(2))
    return data[:here] + data[there : there + 4096] + data[here + 4096 :]


DAMAGE: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "a flipped bit": flip,
    "cut off": lambda data, dice: data[: dice.randrange(len(data))],
    "a page of NULs": lambda data, dice: (
        data[: (at := dice.randrange(len(data)) & -4096)] + bytes(4096) + data[at + 4096 :]
    ),
    "a page of noise": lambda data, dice: (
        data[: (at := dice.randrange(len(data)) & -4096)] + dice.randbytes(4096) + data[at + 4096 :]
    ),
    "a page of another place": move,
    "NULs from there on": lambda data, dice: data[: (at := dice.randrange(len(data)))] + bytes(len(data) - at),
    "empty": lambda _data, _dice: b"",
    "no database": lambda _data, _dice: b"hello",
}


def answers(library: Library) -> list[Any]:
    """What a reader is shown."""
    found = [library.find(parse(text, TODAY), ranked=ranked) for text in QUERIES for ranked in (True, False)]
    named = library.resolve(["3", "5-9", "policy-reward-number-1-3a74d3", "nothing"])
    return [*found, named, library.entries(named.ids), library.tags(parse("", TODAY)), library.digests()]


@pytest.fixture
def asked(home_in_memory: Home) -> tuple[Home, list[Any]]:
    """A library, and what its sound index answers."""
    home_in_memory.load(30)
    library = home_in_memory.library()
    library.apply(edits.SetStatus(Status.READ), [2, 3, 11])
    library.apply(edits.ReplaceNote("compare with 7"), [5])
    return home_in_memory, answers(library)


def test_whatever_the_damage_what_is_shown_is_right(asked: tuple[Home, list[Any]], part: int, figures: Figures) -> None:
    home, right = asked
    sound, dice, before = home.index_file.read_bytes(), random.Random(1), home.state()
    for number in range(400 // part):
        home.index_file.write_bytes(list(DAMAGE.values())[number % len(DAMAGE)](sound, dice))
        assert answers(home.library()) == right
    assert home.state() == before
    figures("damaged index", copies=400 // part, errors=0, wrong_answers=0)


def test_damage_that_hides_its_time_costs_no_mark_and_ends_in_no_error(
    asked: tuple[Home, list[Any]], part: int, figures: Figures
) -> None:
    """A disk that rots does not change a file's time: then SQLite must notice, or a wrong row is shown."""
    home, right = asked
    sound, looks, dice = home.index_file.read_bytes(), home.index_file.stat(), random.Random(2)
    before, found = home.marks().marks, Counter[str]()
    for number in range(400 // part):
        home.index_file.write_bytes(list(DAMAGE.values())[number % len(DAMAGE)](sound, dice))
        os.utime(home.index_file, ns=(looks.st_atime_ns, looks.st_mtime_ns))
        start = time.perf_counter()
        found["right" if answers(home.library()) == right else "wrong"] += 1
        assert time.perf_counter() - start < WAIT, "a rebuild waited for what the same process had open"
        assert home.marks().marks == before
    figures(
        "damaged index, its time unchanged", copies=400 // part, errors=0, right=found["right"], wrong=found["wrong"]
    )


@pytest.mark.parametrize(
    "spoil",
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
def test_nothing_is_lost_by_deleting_it(
    asked: tuple[Home, list[Any]], monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Home, pytest.MonkeyPatch], None]
) -> None:
    home, right = asked
    spoil(home, monkeypatch)
    assert answers(home.library()) == right
    home.library().apply(edits.SetStar(True), [4])
    assert home.library().entries([4])[0].mark.starred
    home.assert_index_is_of_the_store()


CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink", "utimensat")


def disturbed(home: Home, call: str, how: str, at: int) -> tuple[bool, str]:
    """Star a paper with a fault at the `at`-th system call of this name: whether there was one, and what was said."""
    log = home.root / "trace"
    inject = ["strace", "-f", "-o", str(log), "-e", f"trace={call}", "-e", f"inject={call}:{how}:when={at}"]
    words = [*inject, sys.executable, "-m", "readlist", "star", "7"]
    said = subprocess.run(words, capture_output=True, text=True, check=False).stderr
    if not log.exists() or "PTRACE" in said:
        pytest.skip("strace may not trace here")
    return any(word in log.read_text() for word in ("INJECTED", "killed by")), said


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
@pytest.mark.parametrize("how", ["signal=SIGKILL", "error=EIO", "error=ENOSPC"])
def test_sqlite_may_die_or_fail_at_any_system_call(
    asked: tuple[Home, list[Any]], part: int, figures: Figures, how: str
) -> None:
    """The calls that SQLite makes itself: the mark is saved or not, and the index says what is so."""
    home, _ = asked
    home.library().apply(edits.SetStar(False), [7])
    home.keep()
    faults = saved = 0
    for call in CALLS if part == 1 else CALLS[:1]:
        for at in count(1, part):
            home.restore()
            was_reached, said = disturbed(home, call, how, at)
            if not was_reached:
                break
            assert "Traceback" not in said
            starred = any(mark.starred for mark in home.marks().marks.values())
            assert starred or "Starred" not in said
            home.assert_index_is_of_the_store()
            faults, saved = faults + 1, saved + starred
    assert faults > 0
    figures(f"calls of SQLite: {how}", faults=faults, saved=saved, wrong_answers=0)
