"""Merges: one that fails or dies between the two files loses no mark; any sequence of them can be undone."""

from __future__ import annotations

import datetime as dt
import errno
import shutil
from collections.abc import Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from readlist import edits
from readlist.models import Status
from readlist.paper_edits import DeletePapers, EditPaper, FillPapers, MergePapers, PaperEdit, RestorePapers
from readlist.search.query.parser import parse
from tests.faults.fault_injection import CallFault
from tests.faults.processes import run_forked, run_readlist
from tests.faults.sandbox import TODAY, LibrarySandbox, State, build_digest
from tests.search.index_file import contents

IDS = st.integers(1, 12)
DAYS = (dt.date(2025, 2, 11), dt.date(2025, 2, 12))


@pytest.mark.parametrize(
    ("error_number", "is_persistent"),
    [(None, False), (errno.EIO, False), (errno.ENOSPC, True)],
    ids=["dies", "fails once", "fails from then on"],
)
def test_a_fault_in_a_merge_loses_no_mark_and_the_merge_can_be_repeated_or_undone(
    sandbox: LibrarySandbox, divisor: int, error_number: int | None, *, is_persistent: bool
) -> None:
    sandbox.load(4)
    for words in (["read", "1"], ["note", "2", "first"], ["note", "3", "second"], ["tag", "3", "--add", "own"]):
        assert run_forked(partial(run_readlist, *words)).code == 0
    sandbox.save_snapshot()
    old, merge = sandbox.state(), partial(run_readlist, "merge", "2", "3")
    assert run_forked(merge).code == 0
    new = sandbox.state()
    kinds = set()
    for at in count(1 + divisor // 3, divisor):
        fault = CallFault(sandbox.root, at, error_number, is_persistent=is_persistent)
        sandbox.restore_snapshot()
        result = run_forked(fault.inject_into(merge))
        if not fault.was_reached:
            break
        state = sandbox.state()
        kind = "old" if state == old else "new" if state == new else "marks"
        assert state in (old, new, old | {"marks": new["marks"]}), f"neither state after call {at}"
        assert kind != "marks" or error_number is None or is_persistent, "a failure that ends restores the marks"
        assert kind == "new" or result.code
        sandbox.assert_index_matches_store()
        if kind == "marks":
            sandbox.library().undo()
            assert sandbox.state() == old
        if kind != "new":
            assert run_forked(merge).code == 0
        assert sandbox.state() == new
        sandbox.library().undo()
        assert sandbox.state() == old
        sandbox.library().redo()
        assert sandbox.state() == new
        sandbox.assert_index_matches_store()
        assert sandbox.list_temporary_files() == []
        kinds.add(kind)
    assert "old" in kinds


def test_a_merge_that_died_after_its_marks_were_saved_is_completed_by_the_same_command(sandbox: LibrarySandbox) -> None:
    sandbox.load(4)
    for words in (["note", "2", "first"], ["note", "3", "second"]):
        assert run_forked(partial(run_readlist, *words)).code == 0
    sandbox.save_snapshot()
    merge = partial(run_readlist, "merge", "2", "3")
    assert run_forked(merge).code == 0
    new = sandbox.state()
    for at in count(1):
        fault = CallFault(sandbox.root, at)
        sandbox.restore_snapshot()
        run_forked(fault.inject_into(merge))
        state = sandbox.state()
        if state["marks"] == new["marks"] and state["papers"] != new["papers"]:
            break
        assert fault.was_reached, "the marks are saved first"
    assert run_forked(merge).code == 0
    assert sandbox.state() == new


class PaperCommands(RuleBasedStateMachine):
    """Edits of papers among marks and loads of revised files; `states` has the state before each history entry."""

    directory: ClassVar[Path]
    numbers: ClassVar[count[int]]

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = LibrarySandbox(self.directory / str(next(self.numbers)))
        self.library = self.sandbox.library()
        self.states: list[State] = []
        self.undone: list[State] = []
        self.given_ids: dict[int, str] = {}

    def _apply(self, edit: edits.Edit | PaperEdit, ids: Sequence[int]) -> None:
        resolved = self.library.resolve(map(str, ids))
        deleted = [ref for refs in resolved.deleted.values() for ref in refs]
        before = self.sandbox.state()
        self.library.apply(edit, list(dict.fromkeys([*resolved.papers, *deleted])))
        self._record(before)

    def _record(self, before: State) -> None:
        if len([entry for entry in self.library.history() if entry.is_done]) > len(self.states):
            self.states.append(before)
            self.undone.clear()

    @rule(day=st.sampled_from(DAYS), first=st.integers(0, 4), size=st.integers(2, 5), suffix=st.sampled_from(["", "X"]))
    def load(self, day: dt.date, first: int, size: int, suffix: str) -> None:
        """Load a file, or another state of it: papers withdrawn, added, and one with another title."""
        path = self.sandbox.write_digest(day, range(first, first + size))
        path.write_text(
            build_digest(day, range(first, first + size)).replace(f"number {first}", f"number {first}{suffix}")
        )
        before = self.sandbox.state()
        self.library.load([str(path)])
        self._record(before)

    @rule(first=IDS, second=IDS)
    def merge(self, first: int, second: int) -> None:
        refs = self.library.resolve([str(first), str(second)]).papers
        if len(refs) > 1:
            self._apply(MergePapers(), [first, second])

    @rule(ids=st.lists(IDS, min_size=1, max_size=3))
    def delete(self, ids: list[int]) -> None:
        self._apply(DeletePapers(), ids)

    @rule(ids=st.lists(IDS, min_size=1, max_size=3))
    def restore(self, ids: list[int]) -> None:
        self._apply(RestorePapers(), ids)

    @rule(id_=IDS, title=st.sampled_from(["", "Reward policy number 1", "Other"]))
    def edit(self, id_: int, title: str) -> None:
        self._apply(EditPaper.parse({"title": title} if title else {}, resets=not title), [id_])

    @rule(id_=IDS)
    def fill(self, id_: int) -> None:
        keys = [ref.key for ref in self.library.resolve([str(id_)]).papers]
        self._apply(FillPapers({key: {"arxiv_id": f"2502.{id_:05}"} for key in keys}, "fetch"), [id_])

    @rule(id_=IDS, edit=st.sampled_from([edits.SetStatus(Status.READ), edits.AppendNote("own"), edits.SetStar(True)]))
    def mark(self, id_: int, edit: edits.MarkEdit) -> None:
        self._apply(edit, [id_])

    @rule()
    def undo(self) -> None:
        if self.library.undo():
            self.undone.append(self.states.pop())

    @rule()
    def redo(self) -> None:
        before = self.sandbox.state()
        if self.library.redo():
            self.states.append(before)
            self.undone.pop()

    @invariant()
    def the_index_matches_the_store_and_no_id_is_that_of_two_papers(self) -> None:
        self.sandbox.assert_index_matches_store()
        entries = self.sandbox.entries()
        refs = [ref for entry in entries for ref in (entry.paper.ref, *entry.paper.merged)]
        assert len({ref.id for ref in refs}) == len({ref.key for ref in refs}) == len(refs)
        assert {ref.id: self.given_ids.setdefault(ref.id, ref.key) for ref in refs} == {ref.id: ref.key for ref in refs}

    def teardown(self) -> None:
        """The index equals a rebuilt one; undoing everything leads back through every state."""
        self._compare_with_a_rebuild()
        current = self.sandbox.state()
        for state in reversed(self.states):
            assert self.library.undo()
            assert self.sandbox.state() == state
        self._compare_with_a_rebuild()
        self.library.redo(len(self.states))
        assert self.sandbox.state() == current
        self._compare_with_a_rebuild()
        shutil.rmtree(self.sandbox.root.parent, ignore_errors=True)

    def _compare_with_a_rebuild(self) -> None:
        self.library.find(parse("", TODAY))
        updated = contents(self.sandbox.files.index)
        self.sandbox.files.index.unlink()
        self.library.find(parse("", TODAY))
        assert contents(self.sandbox.files.index) == updated


def test_any_sequence_of_edits_of_papers_can_be_undone_and_leaves_the_index_of_a_rebuild(
    sandbox: LibrarySandbox, divisor: int
) -> None:
    class CommandsInSandbox(PaperCommands):
        directory, numbers = sandbox.root, count()

    limits: Any = settings(
        max_examples=200 // divisor,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=divisor > 1,
    )
    run_state_machine_as_test(CommandsInSandbox, settings=limits)
