"""A disk without room: what was there stays, and one line says why; see test_system_calls for every single call."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable

import pytest

from readlist import edits
from readlist.errors import ReadlistError
from tests.faults.conftest import Figures
from tests.faults.home import Home
from tests.faults.keepers import KEEPERS, PlainTinyDB, under_the_same_faults
from tests.faults.processes import command, ended, say

POINTS = 60


def with_room(size: int, work: Callable[[], object]) -> Callable[[], object]:
    """Do `work` on a disk where no file can become longer than this."""

    def limited() -> object:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return work()

    return limited


def rooms(size: int, part: int) -> list[int]:
    """Sizes from nothing to a tenth more than a file has."""
    last = POINTS // part - 1
    return [round(size * 1.1 * point / last) for point in range(last + 1)]


@pytest.mark.parametrize("words", ["read 1-30", "note 3 a-thought", "tag 1-9 --add new", "load", "undo"])
def test_a_full_disk_leaves_what_was_there_and_one_line(
    home_in_memory: Home, part: int, figures: Figures, words: str
) -> None:
    home_in_memory.load(40)
    home_in_memory.library().apply(edits.ReplaceNote("words " * 30), range(1, 41))
    home_in_memory.keep()
    old, refused = home_in_memory.state(), 0
    called = [*words.split(), *([str(home_in_memory.digests)] if words == "load" else [])]
    if words == "load":
        (digest,) = home_in_memory.digests.iterdir()
        digest.write_text(digest.read_text(encoding="utf-8").replace("number", "No."), encoding="utf-8")
    assert ended(lambda: command(*called)).code == 0
    new = home_in_memory.state()
    data, state, _ = home_in_memory.directories
    size = max(path.stat().st_size for folder in (data, state) for path in folder.rglob("*"))
    for room in rooms(size, part):
        home_in_memory.restore()
        done = ended(with_room(room, lambda: command(*called)))
        assert home_in_memory.state() == (old if done.code else new)
        assert home_in_memory.left_over() == []
        home_in_memory.assert_index_is_of_the_store()
        if done.code:
            (line,) = done.said.splitlines()
            assert line.startswith(f"readlist: cannot save {home_in_memory.root}")
            assert line.endswith(f": {os.strerror(errno.EFBIG)}")
            refused += 1
    assert 0 < refused < POINTS // part
    figures(f"disk full: {words.split(maxsplit=1)[0]}", points=POINTS // part, refused=refused, damaged=0)


@under_the_same_faults
def test_a_note_that_finds_no_room_costs_no_other(home_in_memory: Home, part: int, figures: Figures, who: str) -> None:
    keeper = KEEPERS[who](home_in_memory, 40)

    def add() -> None:
        try:
            keeper.note(1, "a longer one " * 30)
        except (OSError, ReadlistError):
            say("refused")

    for paper in range(1, 41):
        keeper.note(paper, f"note {paper} " + "x" * 200)
    whole, sound = keeper.kept(), keeper.file.read_bytes()
    refused = lost = unreadable = 0
    for room in rooms(len(sound), part):
        keeper.file.write_bytes(sound)
        refused += "refused" in ended(with_room(room, add)).said
        kept = keeper.kept()
        unreadable += kept.noticed
        lost += len({paper: note for paper, note in whole.notes.items() if paper > 1}.items() - kept.notes.items())
    figures("disk full: a longer note", who, points=POINTS // part, refused=refused, unreadable=unreadable, lost=lost)
    assert refused > 0
    assert isinstance(keeper, PlainTinyDB) or (unreadable, lost) == (0, 0)
