"""Whatever the commands and their order: the store, the index and the history are those of a plain model."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from readlist import edits
from readlist.models import Entry, Status, UserDefinitions
from readlist.search.query.parser import parse
from tests.faults.conftest import Figures
from tests.faults.home import TODAY, Home, tags_of
from tests.search.index_file import contents

NAMES = ("own", "two", "reward", "policyx")
some_ids = st.sets(st.integers(1, 14), min_size=1, max_size=4)
some_tags = st.sets(st.sampled_from(NAMES), max_size=2)


@dataclass
class Row:
    """What is so of a paper: its number among the made-up ones, its digests and its mark."""

    number: int
    digests: set[int]
    status: Status = Status.UNREAD
    starred: bool = False
    note: str = ""
    own: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)

    def now(self, renames: dict[str, str]) -> Row:
        """The row with the new names of its tags."""
        own = renamed(self.own, renames)
        return replace(self, own=own, hidden=renamed(self.hidden, renames) - own)

    def tags(self, renames: dict[str, str]) -> set[str]:
        now = self.now(renames)
        return (renamed(tags_of(self.number), renames) - now.hidden) | now.own


def renamed(tags: Iterable[str], renames: dict[str, str]) -> set[str]:
    return {renames.get(tag, tag) for tag in tags}


@dataclass
class Model:
    """What readlist should hold."""

    rows: dict[int, Row] = field(default_factory=dict)
    sources: set[int] = field(default_factory=set)
    renames: dict[str, str] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> dict[int, Row]:
        return {id_: row.now(self.renames) for id_, row in self.rows.items()}

    def rename(self, old: str, new: str) -> None:
        """Each tag that is shown as `old` is shown as what `new` is now shown as, or as `new` when renamed back."""
        after = self.renames.get(new, new)
        new = new if after == old else after
        names = {name: new if to == old else to for name, to in {**self.renames, old: old}.items()}
        self.renames = {name: to for name, to in names.items() if name != to}

    def take(self, digest: int, next_id: int) -> int:
        """Load a digest; returns the next id."""
        if digest in self.sources:
            return next_id
        self.sources.add(digest)
        known = {row.number: row for row in self.rows.values()}
        for number in numbers_of(digest):
            if number not in known:
                self.rows[next_id] = known[number] = Row(number, set())
                next_id += 1
            known[number].digests.add(digest)
        return next_id


def numbers_of(digest: int) -> range:
    """Digests overlap: a paper is in two of them."""
    return range(3 * digest, 3 * digest + 5)


class Commands(RuleBasedStateMachine):
    """Commands on a library, and what a model says of them."""

    folder: ClassVar[Path]
    made: ClassVar[count[int]]
    done_so_far: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.home = Home(self.folder / str(next(self.made)))
        self.library = self.home.library()
        self.now, self.next_id = Model(), 1
        self.undoable: list[Model] = []
        self.redoable: list[Model] = []

    def _did(self, before: Model) -> None:
        type(self).done_so_far += 1
        if self.now != before:
            self.undoable.append(before)
            self.redoable.clear()

    def _marked(self, ids: set[int], change: edits.MarkEdit, do: Callable[[Row], object]) -> None:
        before = copy.deepcopy(self.now)
        for id_ in ids & self.now.rows.keys():
            row = self.now.rows[id_].now(self.now.renames)
            do(row)
            if row != before.shown[id_]:
                self.now.rows[id_] = row
        changed = self.library.apply(change, sorted(ids)).entries
        assert {entry.paper.id for entry in changed} == {
            id_ for id_, row in self.now.shown.items() if row != before.shown[id_]
        }
        self._did(before)

    @rule(digests=st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True))
    def load(self, digests: list[int]) -> None:
        before = copy.deepcopy(self.now)
        paths = [self._digest(number) for number in digests]
        report = self.library.load([str(path) for path in paths])
        for number in digests:
            self.next_id = self.now.take(number, self.next_id)
        assert {paper.id for paper in report.added} == self.now.rows.keys() - before.rows.keys()
        self._did(before)

    def _digest(self, number: int) -> Path:
        day = dt.date(2025, 2, 1 + number)
        path = self.home.digests / f"{day}.txt"
        return path if path.exists() else self.home.write_digest(day, numbers_of(number))

    @rule(digest=st.integers(0, 2))
    def forget(self, digest: int) -> None:
        before = copy.deepcopy(self.now)
        assert self.library.forget(str(self._digest(digest))) == (digest in self.now.sources)
        self.now.sources.discard(digest)
        self._did(before)

    @rule(ids=some_ids, status=st.sampled_from(Status))
    def set_status(self, ids: set[int], status: Status) -> None:
        self._marked(ids, edits.SetStatus(status), lambda row: setattr(row, "status", status))

    @rule(ids=some_ids, starred=st.booleans())
    def star(self, ids: set[int], *, starred: bool) -> None:
        self._marked(ids, edits.SetStar(starred), lambda row: setattr(row, "starred", starred))

    @rule(ids=some_ids, text=st.sampled_from(["", "compare", "학습 노트"]))
    def note(self, ids: set[int], text: str) -> None:
        self._marked(ids, edits.ReplaceNote(text), lambda row: setattr(row, "note", text))

    @rule(ids=some_ids, add=some_tags, remove=some_tags)
    def tag(self, ids: set[int], add: set[str], remove: set[str]) -> None:
        remove = remove - add

        def do(row: Row) -> None:
            digests = renamed(tags_of(row.number), self.now.renames)
            row.own = (row.own | (add - digests)) - remove
            row.hidden = (row.hidden - add) | (remove & digests)

        self._marked(ids, edits.EditTags.parse(add=sorted(add), remove=sorted(remove)), do)

    @rule(which=st.integers(0, 9), new=st.sampled_from((*NAMES, "policy")))
    def rename_a_tag(self, which: int, new: str) -> None:
        tags = sorted({tag for row in self.now.rows.values() for tag in row.tags(self.now.renames)})
        old = tags[which % len(tags)] if tags else new
        if old == new:
            return
        before = copy.deepcopy(self.now)
        self.now.rename(old, new)
        self.library.apply(edits.RenameTag.parse(old, new))
        self._did(before)

    @rule(name=st.sampled_from(["fresh", "강화"]), text=st.sampled_from(["tag:own", "is:read", ""]))
    def save_or_delete_a_query(self, name: str, text: str) -> None:
        before = copy.deepcopy(self.now)
        if text:
            self.now.queries[name] = text
            self.library.apply(edits.SaveQuery.parse(name, text))
        elif self.now.queries.pop(name, None):
            self.library.apply(edits.DeleteQuery(name))
        self._did(before)

    @rule(steps=st.integers(1, 3))
    def undo(self, steps: int) -> None:
        assert len(self.library.undo(steps)) == self._turn(steps, self.undoable, self.redoable)

    @rule(steps=st.integers(1, 3))
    def redo(self, steps: int) -> None:
        assert len(self.library.redo(steps)) == self._turn(steps, self.redoable, self.undoable)

    def _turn(self, steps: int, taken: list[Model], given: list[Model]) -> int:
        turned = min(steps, len(taken))
        for _ in range(turned):
            given.append(self.now)
            self.now = taken.pop()
        return turned

    @rule(spoil=st.sampled_from([Path.unlink, Path.touch, lambda path: path.write_bytes(b"")]))
    def lose_the_index(self, spoil: Callable[[Path], object]) -> None:
        if self.home.index_file.exists():
            spoil(self.home.index_file)

    @rule()
    def begin_a_new_process(self) -> None:
        self.library = self.home.library()

    @invariant()
    def what_is_shown_is_what_the_model_holds(self) -> None:
        rows, renames = self.now.shown, self.now.renames
        assert {entry.paper.id: row_of(entry, renames) for entry in self._shown("")} == rows
        assert {name: query.text for name, query in self._names().queries.items() if query} == self.now.queries
        assert self._ids("is:read") == {id_ for id_, row in rows.items() if row.status is Status.READ}
        assert self._ids("-is:starred") == {id_ for id_, row in rows.items() if not row.starred}
        assert self._ids("has:note") == self._ids("학습 노트 OR note:compare") & self._ids("has:note")
        assert self._ids("has:note") == {id_ for id_, row in rows.items() if row.note}
        assert self._ids("tag:own") == {
            id_ for id_, row in rows.items() if renamed(["own"], renames) <= row.tags(renames)
        }
        assert self.home.entries() == sorted(self._shown(""), key=lambda entry: entry.paper.id)

    def _names(self) -> UserDefinitions:
        names = self.library.definitions()
        assert names == self.home.marks().names
        return names

    def _shown(self, text: str) -> list[Entry]:
        return [hit.entry for hit in self.library.find(parse(text, TODAY), ranked=False).hits]

    def _ids(self, text: str) -> set[int]:
        return {entry.paper.id for entry in self._shown(text)}

    @invariant()
    def the_history_is_that_of_the_model(self) -> None:
        steps = self.library.history()
        assert [step.is_done for step in steps] == [False] * len(self.redoable) + [True] * len(self.undoable)

    def teardown(self) -> None:
        """The index is what a rebuild makes; as many undos lead back to nothing, and as many redos here again."""
        self._compare_with_a_rebuild()
        held, steps = self.home.state(), len(self.undoable)
        self.redo(99)
        last = self.home.state()
        self.library.undo(99)
        assert not any(self.home.state().values())
        assert not self._shown("")
        self.library.redo(steps)
        assert self.home.state() == held
        self.library.redo(99)
        assert self.home.state() == last
        self.what_is_shown_is_what_the_model_holds()
        self._compare_with_a_rebuild()
        shutil.rmtree(self.home.root, ignore_errors=True)

    def _compare_with_a_rebuild(self) -> None:
        self._shown("")
        changed = contents(self.home.index_file)
        self.home.index_file.unlink()
        self._shown("")
        assert contents(self.home.index_file) == changed


def row_of(entry: Entry, renames: dict[str, str]) -> Row:
    """An entry as the model has it."""
    paper, mark = entry.paper, entry.mark
    row = Row(
        int(paper.title.split()[-1]),
        {seen.date.day - 1 for seen in paper.digests if seen.date},
        mark.status,
        mark.starred,
        mark.note,
        set(mark.tags_added),
        set(mark.tags_removed),
    )
    assert set(entry.tags) == row.tags(renames)
    return row


def test_any_commands_leave_what_a_plain_model_says_and_can_all_be_undone(
    home_in_memory: Home, part: int, figures: Figures
) -> None:
    class Here(Commands):
        folder, made = home_in_memory.root, count()

    how: Any = settings(
        max_examples=150 // part,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=part > 1,
    )
    run_state_machine_as_test(Here, settings=how)
    figures("any commands in any order", sequences=next(Here.made), commands=Here.done_so_far, wrong=0)
