"""Every system call may fail, and a command may die at any: all of its change is saved or nothing of it."""

from __future__ import annotations

import datetime as dt
import errno
import os
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from readlist.library.replay import ReversedStep
from tests.faults.conftest import ReportCounts
from tests.faults.fault_injection import DEATH_CODE, CallFault
from tests.faults.processes import ProcessResult, run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox, State

DISK_ERRORS = [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES]
COMMANDS = {
    "read": ["read", "3-5"],
    "note": ["note", "2", "a thought"],
    "tag": ["tag", "1-3", "--add", "new"],
    "load": ["load"],
    "edit": ["edit", "3", "--title", "Corrected title"],
    "delete": ["delete", "2", "4"],
    "undo": ["undo"],
    "redo": ["redo"],
}
NEXT_DAY = dt.date(2025, 2, 12)


class Change(NamedTuple):
    """A command, the states before and after it, and the state after everything that can be redone is redone."""

    words: list[str | Path]
    old: State
    new: State
    all_redone: State

    @property
    def reverse_command(self) -> str:
        return "redo" if self.words[0] == "undo" else "undo"

    @property
    def repeat_command(self) -> str:
        """The command that makes the change again after `reverse_command`."""
        return "undo" if self.words[0] == "undo" else "redo"


@pytest.fixture
def base(sandbox: LibrarySandbox) -> LibrarySandbox:
    """A library with six papers, a few marks, and one change that is undone."""
    sandbox.load(6)
    for words in ("read 1", "star 2", "tag 1 --add own", "note 2 first", "skip 4", "undo"):
        assert run_forked(partial(run_readlist, *words.split())).code == 0
    sandbox.save_snapshot()
    return sandbox


def run_change(sandbox: LibrarySandbox, name: str) -> Change:
    """Run a command without a fault."""
    old, words = sandbox.state(), list[str | Path](COMMANDS[name])
    if name == "load":
        words.append(sandbox.write_digest(NEXT_DAY, range(5, 12)))
    assert run_forked(lambda: run_readlist(*words)).code == 0
    new = sandbox.state()
    assert new != old
    sandbox.library().redo(99)
    return Change(words, old, new, sandbox.state())


def run_with_fault(sandbox: LibrarySandbox, change: Change, fault: CallFault) -> ProcessResult:
    """Run the command on the library of the snapshot with a fault."""
    sandbox.restore_snapshot()
    return run_forked(fault.inject_into(lambda: run_readlist(*change.words)))


def assert_one_error_line(output: str, sandbox: LibrarySandbox) -> None:
    """Assert that the output is one line with path and reason."""
    (line,) = output.splitlines()
    assert line.startswith("readlist: cannot ")
    assert str(sandbox.root) in line


def assert_can_be_completed(sandbox: LibrarySandbox, change: Change) -> None:
    """Assert that the command, run again, has the result that it has without a fault, and that it can be reversed."""
    if sandbox.state() == change.old:
        assert run_forked(lambda: run_readlist(*change.words)).code == 0
    assert sandbox.state() == change.new
    commands: dict[str, Callable[..., object]] = {"undo": sandbox.library().undo, "redo": sandbox.library().redo}
    commands[change.reverse_command]()
    assert sandbox.state() == change.old
    assert sandbox.list_temporary_files() == [], "the next change removes the files of a dead process"
    commands[change.repeat_command]()
    assert sandbox.state() == change.new
    sandbox.assert_index_matches_store()
    assert_history_is_complete(sandbox, change)


def reverse_all(reverse: Callable[[int], Sequence[ReversedStep]]) -> None:
    """Undo or redo everything; it stops where the process died before the change was saved, and is run again."""
    while steps := reverse(99):
        if steps[-1].is_complete:
            break


def assert_history_is_complete(sandbox: LibrarySandbox, change: Change) -> None:
    """Assert that undoing everything leads to an empty library, and redoing everything back to the last state."""
    reverse_all(sandbox.library().redo)
    assert sandbox.state() == change.all_redone
    reverse_all(sandbox.library().undo)
    assert not any(sandbox.state().values())
    reverse_all(sandbox.library().redo)
    assert sandbox.state() == change.all_redone
    sandbox.assert_index_matches_store()


@pytest.mark.parametrize("error_number", [None, errno.EIO], ids=["dies", "fails"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_fault_at_any_system_call_leaves_the_old_or_the_new_state(
    base: LibrarySandbox, divisor: int, report_counts: ReportCounts, name: str, error_number: int | None
) -> None:
    change, states = run_change(base, name), Counter[str]()
    for at in count(1 + len(name) % divisor, divisor):
        fault = CallFault(base.root, at, error_number)
        result = run_with_fault(base, change, fault)
        if not fault.was_reached:
            break
        state = base.state()
        assert state in (change.old, change.new), f"neither the old nor the new state after call {at}"
        assert state == change.new or result.code != 0, f"reported as done but not saved after call {at}"
        if error_number is None:
            assert result.code == DEATH_CODE
        else:
            assert base.list_temporary_files() == []
            if result.code:
                assert_one_error_line(result.output, base)
        base.assert_index_matches_store()
        assert_can_be_completed(base, change)
        if name in ("undo", "redo"):  # its history entry may be both done and undone now
            run_with_fault(base, change, CallFault(base.root, at, error_number))
            assert_history_is_complete(base, change)
        states["old" if state == change.old else "new"] += 1
    assert states["old"] + states["new"] >= fault.count // divisor - 1 > 3
    effect = "dies" if error_number is None else "fails"
    counts = {"faults": states.total(), "old": states["old"], "new": states["new"], "neither": 0}
    report_counts(f"{name}: the N-th call {effect}", **counts)


@pytest.mark.parametrize("name", ["read", "load"])
@pytest.mark.parametrize("is_persistent", [False, True], ids=["once", "from then on"])
def test_a_full_or_broken_disk_leaves_the_old_state_and_gives_the_reason_in_one_line(
    base: LibrarySandbox, divisor: int, report_counts: ReportCounts, name: str, *, is_persistent: bool
) -> None:
    change, results = run_change(base, name), Counter[str]()
    for at in count(1, 1 + divisor // 10):
        for error_number in DISK_ERRORS if divisor == 1 else [DISK_ERRORS[at % 5]]:
            fault = CallFault(base.root, at, error_number, is_persistent=is_persistent)
            result = run_with_fault(base, change, fault)
            if not fault.was_reached:
                break
            assert base.state() in ((change.new,) if result.code == 0 else (change.old, change.new))
            assert base.list_temporary_files() == []
            if result.code:
                assert_one_error_line(result.output, base)
                assert os.strerror(error_number) in result.output
            results["refused" if result.code else "saved_nevertheless"] += 1
        if not fault.was_reached:
            break
    assert results["refused"] > 10
    duration = "from then on" if is_persistent else "once"
    counts = {"refused": results["refused"], "saved_nevertheless": results["saved_nevertheless"], "corrupt": 0}
    report_counts(f"{name}: no space at the N-th call, {duration}", faults=results.total(), **counts)
