"""Whatever system call fails, and at whichever a command dies: all of a change is there or nothing of it."""

from __future__ import annotations

import datetime as dt
import errno
import os
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.calls import DEAD, Fault
from tests.faults.conftest import Figures
from tests.faults.home import Home, State
from tests.faults.processes import Ended, command, ended

FULL = [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES]
COMMANDS = {
    "read": ["read", "3-5"],
    "note": ["note", "2", "a thought"],
    "tag": ["tag", "1-3", "--add", "new"],
    "load": ["load"],
    "undo": ["undo"],
    "redo": ["redo"],
}
DAY, NEXT_DAY = dt.date(2025, 2, 11), dt.date(2025, 2, 12)


class Change(NamedTuple):
    """A command, the state before and after it, and the state in which nothing is undone."""

    words: list[str | Path]
    old: State
    new: State
    top: State

    @property
    def back(self) -> str:
        """The command that takes it back."""
        return "redo" if self.words[0] == "undo" else "undo"

    @property
    def forth(self) -> str:
        """The command that does it again."""
        return "undo" if self.words[0] == "undo" else "redo"


@pytest.fixture
def base(home_in_memory: Home) -> Home:
    """A library with six papers, a few marks, and one more mark that is undone."""
    home_in_memory.load(6)
    for words in ("read 1", "star 2", "tag 1 --add own", "note 2 first", "skip 4", "undo"):
        assert ended(lambda words=words: command(*words.split())).code == 0  # type: ignore[misc]
    home_in_memory.keep()
    return home_in_memory


def change(home: Home, name: str) -> Change:
    """What a command does where nothing disturbs it."""
    old, words = home.state(), list[str | Path](COMMANDS[name])
    if name == "load":
        words.append(home.write_digest(NEXT_DAY, range(5, 12)))
    assert ended(lambda: command(*words)).code == 0
    new = home.state()
    assert new != old
    home.library().redo(99)
    return Change(words, old, new, home.state())


def strike(home: Home, made: Change, fault: Fault) -> Ended:
    """Do the change with a fault, on the library as it was."""
    home.restore()
    return ended(fault.before(lambda: command(*made.words)))


def assert_one_line(said: str, home: Home) -> None:
    """A plain line with path and reason."""
    (line,) = said.splitlines()
    assert line.startswith("readlist: cannot ")
    assert str(home.root) in line


def assert_it_can_be_finished(home: Home, made: Change) -> None:
    """The command run again ends where it ends undisturbed, and every step of the history leads back and forth."""
    if home.state() == made.old:
        assert ended(lambda: command(*made.words)).code == 0
    assert home.state() == made.new
    turn: dict[str, Callable[..., object]] = {"undo": home.library().undo, "redo": home.library().redo}
    turn[made.back]()
    assert home.state() == made.old
    assert home.left_over() == [], "the next change removes what a dead process left"
    turn[made.forth]()
    assert home.state() == made.new
    home.assert_index_is_of_the_store()
    assert_all_can_be_turned(home, made)


def assert_all_can_be_turned(home: Home, made: Change) -> None:
    """Every step is there: as many undos lead back to nothing, and as many redos to where nothing is undone."""
    home.library().redo(99)
    assert home.state() == made.top
    home.library().undo(99)
    assert not any(home.state().values())
    home.library().redo(99)
    assert home.state() == made.top
    home.assert_index_is_of_the_store()


@pytest.mark.parametrize("number", [None, errno.EIO], ids=["dies", "fails"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_disturbed_at_any_call_leaves_the_old_or_the_new_state(
    base: Home, part: int, figures: Figures, name: str, number: int | None
) -> None:
    made, found = change(base, name), Counter[str]()
    for at in count(1 + len(name) % part, part):
        fault = Fault(base.root, at, number)
        done = strike(base, made, fault)
        if not fault.was_reached:
            break
        state = base.state()
        assert state in (made.old, made.new), f"neither old nor new after call {at}"
        assert state == made.new or done.code != 0, f"said to be done and is not, after call {at}"
        if number is None:
            assert done.code == DEAD
        else:
            assert base.left_over() == []
            if done.code:
                assert_one_line(done.said, base)
        base.assert_index_is_of_the_store()
        assert_it_can_be_finished(base, made)
        if name in ("undo", "redo"):  # the step may be both done and undone now
            strike(base, made, Fault(base.root, at, number))
            assert_all_can_be_turned(base, made)
        found["old" if state == made.old else "new"] += 1
    assert found["old"] + found["new"] >= fault.count // part - 1 > 3
    disturbed = "dies" if number is None else "fails"
    figures(
        f"{name}: the N-th call {disturbed}", faults=sum(found.values()), old=found["old"], new=found["new"], between=0
    )


@pytest.mark.parametrize("name", ["read", "load"])
@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "from then on"])
def test_a_full_or_broken_disk_leaves_what_was_there_and_one_line(
    base: Home, part: int, figures: Figures, name: str, *, for_ever: bool
) -> None:
    made, found = change(base, name), Counter[str]()
    for at in count(1, 1 + part // 10):
        for number in FULL if part == 1 else [FULL[at % 5]]:
            fault = Fault(base.root, at, number, for_ever=for_ever)
            done = strike(base, made, fault)
            if not fault.was_reached:
                break
            assert base.state() in ((made.new,) if done.code == 0 else (made.old, made.new))
            assert base.left_over() == []
            if done.code:
                assert_one_line(done.said, base)
                assert os.strerror(number) in done.said
            found["refused" if done.code else "done_all_the_same"] += 1
        if not fault.was_reached:
            break
    assert found["refused"] > 10
    how = "from then on" if for_ever else "once"
    figures(
        f"{name}: no room at the N-th call, {how}",
        faults=sum(found.values()),
        refused=found["refused"],
        done_all_the_same=found["done_all_the_same"],
        damaged=0,
    )
