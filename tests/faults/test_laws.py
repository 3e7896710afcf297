"""Random commands in random order: store, index and history agree with a simple model after every step."""

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

from readlist import definition_edits, edits
from readlist.definitions import UserDefinitions
from readlist.later import Postpone
from readlist.models import Entry, Status
from readlist.paper_edits import DeletePapers, EditPaper, FillPapers, RestorePapers
from readlist.search.query.parser import parse
from tests.faults.conftest import ReportCounts
from tests.faults.sandbox import TODAY, LibrarySandbox, digest_tags
from tests.library_files import refs
from tests.search.index_file import contents

TAGS = ("own", "two", "reward", "policyx")
SYNONYMS = ("사전학습", "pretraining", "kd", "지식 증류", "x")
id_sets = st.sets(st.integers(1, 14), min_size=1, max_size=4)
tag_sets = st.sets(st.sampled_from(TAGS), max_size=2)


@dataclass
class Row:
    """A paper in the model: its number among the made-up papers, its digests and its mark."""

    number: int
    digests: set[int]
    status: Status = Status.UNREAD
    starred: bool = False
    note: str = ""
    own_tags: set[str] = field(default_factory=set)
    hidden_tags: set[str] = field(default_factory=set)
    title: str = ""
    """The corrected title, "" for that of the digests."""
    arxiv_id: str = ""
    later: int | dt.date | None = None
    is_deleted: bool = False

    def with_aliases(self, aliases: dict[str, str]) -> Row:
        """Return the row with the new names of its tags."""
        own = resolve(self.own_tags, aliases)
        return replace(self, own_tags=own, hidden_tags=resolve(self.hidden_tags, aliases) - own)

    def tags(self, aliases: dict[str, str]) -> set[str]:
        """Return the tags in effect."""
        row = self.with_aliases(aliases)
        return (resolve(digest_tags(self.number), aliases) - row.hidden_tags) | row.own_tags


def resolve(tags: Iterable[str], aliases: dict[str, str]) -> set[str]:
    """Return tags under their new names."""
    return {aliases.get(tag, tag) for tag in tags}


@dataclass
class Model:
    """The expected content of the library."""

    rows: dict[int, Row] = field(default_factory=dict)
    sources: set[int] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    queries: dict[str, str] = field(default_factory=dict)
    synonyms: set[frozenset[str]] = field(default_factory=set)

    @property
    def displayed_rows(self) -> dict[int, Row]:
        return {id_: row.with_aliases(self.aliases) for id_, row in self.rows.items() if not row.is_deleted}

    def rename(self, old: str, new: str) -> None:
        """Display tags that are displayed as `old` as the target of `new`, or as `new` where that target is `old`."""
        target = self.aliases.get(new, new)
        new = new if target == old else target
        names = {name: new if to == old else to for name, to in {**self.aliases, old: old}.items()}
        self.aliases = {name: to for name, to in names.items() if name != to}

    def load(self, digest: int, next_id: int) -> int:
        """Add the papers of a digest; returns the next ID."""
        if digest in self.sources:
            return next_id
        self.sources.add(digest)
        known = {row.number: row for row in self.rows.values()}
        for number in paper_numbers(digest):
            if number not in known:
                self.rows[next_id] = known[number] = Row(number, set())
                next_id += 1
            known[number].digests.add(digest)
        return next_id


def paper_numbers(digest: int) -> range:
    """Return the papers of a digest; digests overlap, so that some papers are in two of them."""
    return range(3 * digest, 3 * digest + 5)


class Commands(RuleBasedStateMachine):
    """Commands on a library, and the same changes of a model."""

    directory: ClassVar[Path]
    numbers: ClassVar[count[int]]
    """Of the sandboxes, one per sequence of commands."""
    executed: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = LibrarySandbox(self.directory / str(next(self.numbers)))
        self.library = self.sandbox.library()
        self.model, self.next_id = Model(), 1
        self.undoable: list[Model] = []
        self.redoable: list[Model] = []

    def _record(self, before: Model) -> None:
        type(self).executed += 1
        if self.model != before:
            self.undoable.append(before)
            self.redoable.clear()

    def _edit_marks(self, ids: set[int], edit: edits.MarkEdit, edit_row: Callable[[Row], object]) -> None:
        before = copy.deepcopy(self.model)
        rows_before = before.displayed_rows
        for id_ in ids & rows_before.keys():
            row = self.model.rows[id_].with_aliases(self.model.aliases)
            edit_row(row)
            if row != rows_before[id_]:
                self.model.rows[id_] = row
        changed = self.library.apply(edit, refs(self.library, sorted(ids))).entries
        assert {entry.paper.id for entry in changed} == {
            id_ for id_, row in self.model.displayed_rows.items() if row != rows_before[id_]
        }
        self._record(before)

    @rule(digests=st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True))
    def load(self, digests: list[int]) -> None:
        before = copy.deepcopy(self.model)
        paths = [self._write_digest(number) for number in digests]
        report = self.library.load([str(path) for path in paths])
        for number in digests:
            self.next_id = self.model.load(number, self.next_id)
        assert {paper.id for paper in report.added} == self.model.rows.keys() - before.rows.keys()
        self._record(before)

    def _write_digest(self, number: int) -> Path:
        day = dt.date(2025, 2, 1 + number)
        path = self.sandbox.digests / f"{day}.txt"
        return path if path.exists() else self.sandbox.write_digest(day, paper_numbers(number))

    @rule(digest=st.integers(0, 2))
    def untrack_source(self, digest: int) -> None:
        before = copy.deepcopy(self.model)
        assert self.library.untrack(str(self._write_digest(digest))) == (digest in self.model.sources)
        self.model.sources.discard(digest)
        self._record(before)

    @rule(ids=id_sets, status=st.sampled_from(Status))
    def set_status(self, ids: set[int], status: Status) -> None:
        def edit_row(row: Row) -> None:
            row.status = status
            row.later = None if status in {Status.READ, Status.SKIPPED} else row.later

        self._edit_marks(ids, edits.SetStatus(status), edit_row)

    @rule(ids=id_sets, how=st.sampled_from(["queue", "first", "date", "drop"]))
    def postpone(self, ids: set[int], how: str) -> None:
        papers = refs(self.library, sorted(ids & self.model.displayed_rows.keys()))
        ends = self.library.queue_ends()
        build = {
            "queue": lambda: Postpone.append(papers, ends),
            "first": lambda: Postpone.prepend(papers, ends),
            "date": lambda: Postpone.until(papers, dt.date(2999, 1, 1)),
            "drop": lambda: Postpone.drop(papers),
        }
        edit = build[how]()
        keys = {paper.id: paper.key for paper in papers}
        self._edit_marks(ids, edit, lambda row: setattr(row, "later", edit.later[keys[self._id_of(row)]]))

    def _id_of(self, row: Row) -> int:
        return next(id_ for id_, other in self.model.rows.items() if other.number == row.number)

    @rule(ids=id_sets, starred=st.booleans())
    def star(self, ids: set[int], *, starred: bool) -> None:
        self._edit_marks(ids, edits.SetStar(starred), lambda row: setattr(row, "starred", starred))

    @rule(ids=id_sets, text=st.sampled_from(["", "compare", "학습 노트"]))
    def note(self, ids: set[int], text: str) -> None:
        self._edit_marks(ids, edits.ReplaceNote(text), lambda row: setattr(row, "note", text))

    @rule(ids=id_sets, add=tag_sets, remove=tag_sets)
    def tag(self, ids: set[int], add: set[str], remove: set[str]) -> None:
        remove = remove - add

        def edit_row(row: Row) -> None:
            of_digests = resolve(digest_tags(row.number), self.model.aliases)
            row.own_tags = (row.own_tags | (add - of_digests)) - remove
            row.hidden_tags = (row.hidden_tags - add) | (remove & of_digests)

        self._edit_marks(ids, edits.EditTags.parse(add=sorted(add), remove=sorted(remove)), edit_row)

    @rule(ids=id_sets, title=st.sampled_from(["Corrected", ""]))
    def correct_titles(self, ids: set[int], title: str) -> None:
        for id_ in sorted(ids & self.model.displayed_rows.keys()):
            before = copy.deepcopy(self.model)
            row = self.model.rows[id_]
            row.title = title and f"{title} number {row.number}"
            edit = EditPaper.parse({"title": row.title} if title else {}, resets=not title)
            self.library.apply(edit, refs(self.library, [id_]))
            self._record(before)

    @rule(ids=id_sets)
    def delete(self, ids: set[int]) -> None:
        before = copy.deepcopy(self.model)
        for id_ in ids & self.model.rows.keys():
            self.model.rows[id_].is_deleted = True
        self.library.apply(DeletePapers(), refs(self.library, sorted(ids)))
        self._record(before)

    @rule(ids=id_sets)
    def restore_deleted(self, ids: set[int]) -> None:
        before = copy.deepcopy(self.model)
        named = self.library.resolve(map(str, sorted(ids))).deleted
        for id_ in ids & self.model.rows.keys():
            self.model.rows[id_].is_deleted = False
        self.library.apply(RestorePapers(), [ref for papers in named.values() for ref in papers])
        self._record(before)

    @rule(ids=id_sets)
    def fill(self, ids: set[int]) -> None:
        before = copy.deepcopy(self.model)
        papers = {ref.id: ref.key for ref in refs(self.library, sorted(ids))}
        for id_ in papers:
            self.model.rows[id_].arxiv_id = f"2502.{self.model.rows[id_].number:05}"
        fields = {key: {"arxiv_id": self.model.rows[id_].arxiv_id} for id_, key in papers.items()}
        self.library.apply(FillPapers(fields, "fetch"))
        self._record(before)

    @rule(which=st.integers(0, 9), new=st.sampled_from((*TAGS, "policy")))
    def rename_a_tag(self, which: int, new: str) -> None:
        tags = sorted({tag for row in self.model.displayed_rows.values() for tag in row.tags(self.model.aliases)})
        old = tags[which % len(tags)] if tags else new
        if old == new:
            return
        before = copy.deepcopy(self.model)
        self.model.rename(old, new)
        self.library.apply(definition_edits.RenameTag.parse(old, new))
        self._record(before)

    @rule(name=st.sampled_from(["fresh", "강화"]), text=st.sampled_from(["tag:own", "is:read", ""]))
    def save_or_delete_a_query(self, name: str, text: str) -> None:
        before = copy.deepcopy(self.model)
        if text:
            self.model.queries[name] = text
            self.library.apply(definition_edits.SaveQuery.parse(name, text))
        elif self.model.queries.pop(name, None):
            self.library.apply(definition_edits.DeleteQuery(name))
        self._record(before)

    @rule(words=st.sets(st.sampled_from(SYNONYMS), min_size=2, max_size=3))
    def add_synonyms(self, words: set[str]) -> None:
        before = copy.deepcopy(self.model)
        joined = {group for group in self.model.synonyms if group & words}
        self.model.synonyms = (self.model.synonyms - joined) | {frozenset(words).union(*joined)}
        self.library.apply(definition_edits.AddSynonyms.parse(" = ".join(sorted(words))))
        self._record(before)

    @rule(word=st.sampled_from(SYNONYMS))
    def delete_a_synonym(self, word: str) -> None:
        before = copy.deepcopy(self.model)
        self.model.synonyms = {rest for group in before.synonyms if len(rest := group - {word}) > 1}
        if self.model != before:
            self.library.apply(definition_edits.DeleteSynonym(word))
        self._record(before)

    @rule(steps=st.integers(1, 3))
    def undo(self, steps: int) -> None:
        assert len(self.library.undo(steps)) == self._reverse(steps, self.undoable, self.redoable)

    @rule(steps=st.integers(1, 3))
    def redo(self, steps: int) -> None:
        assert len(self.library.redo(steps)) == self._reverse(steps, self.redoable, self.undoable)

    def _reverse(self, steps: int, source: list[Model], target: list[Model]) -> int:
        """Move models from the end of one list to the other; returns how many."""
        moved = min(steps, len(source))
        for _ in range(moved):
            target.append(self.model)
            self.model = source.pop()
        return moved

    @rule(invalidate=st.sampled_from([Path.unlink, Path.touch, lambda path: path.write_bytes(b"")]))
    def invalidate_the_index(self, invalidate: Callable[[Path], object]) -> None:
        if self.sandbox.files.index.exists():
            invalidate(self.sandbox.files.index)

    @rule()
    def start_a_new_process(self) -> None:
        self.library = self.sandbox.library()

    @invariant()
    def the_library_shows_the_content_of_the_model(self) -> None:
        rows, aliases = self.model.displayed_rows, self.model.aliases
        assert {entry.paper.id: build_row(entry, aliases) for entry in self._list("")} == rows
        assert {name: query.text for name, query in self._definitions().queries.items() if query} == self.model.queries
        groups = [group.words for group in self._definitions().synonyms.values() if group]
        assert sorted(map(sorted, groups)) == sorted(map(sorted, self.model.synonyms))
        assert self._ids("is:read") == {id_ for id_, row in rows.items() if row.status is Status.READ}
        assert self._ids("-is:starred") == {id_ for id_, row in rows.items() if not row.starred}
        assert self._ids("is:later") == {id_ for id_, row in rows.items() if row.later is not None}
        positions = [entry.mark.later for entry in self.library.postponed() if isinstance(entry.mark.later, int)]
        assert positions == sorted(row.later for row in rows.values() if isinstance(row.later, int))
        assert self._ids("has:note") == self._ids("학습 노트 OR note:compare") & self._ids("has:note")
        assert self._ids("has:note") == {id_ for id_, row in rows.items() if row.note}
        assert self._ids("tag:own") == {
            id_ for id_, row in rows.items() if resolve(["own"], aliases) <= row.tags(aliases)
        }
        assert self._ids("is:deleted") == self.model.rows.keys() - rows.keys()
        listed = [*self._list(""), *self._list("is:deleted")]
        assert self.sandbox.entries() == sorted(listed, key=lambda entry: entry.paper.id)

    def _definitions(self) -> UserDefinitions:
        definitions = self.library.definitions()
        assert definitions == self.sandbox.marks().definitions
        return definitions

    def _list(self, text: str) -> list[Entry]:
        return [hit.entry for hit in self.library.find(parse(text, TODAY)).hits]

    def _ids(self, text: str) -> set[int]:
        return {entry.paper.id for entry in self._list(text)}

    @invariant()
    def the_history_has_the_entries_of_the_model(self) -> None:
        history = self.library.history()
        assert [entry.is_done for entry in history] == [False] * len(self.redoable) + [True] * len(self.undoable)

    def teardown(self) -> None:
        """The index equals a rebuilt one; undoing everything leads to an empty library, redoing everything back."""
        self._compare_with_a_rebuild()
        current, steps = self.sandbox.state(), len(self.undoable)
        self.redo(99)
        last = self.sandbox.state()
        self.library.undo(99)
        assert not any(self.sandbox.state().values())
        assert not self._list("")
        self.library.redo(steps)
        assert self.sandbox.state() == current
        self.library.redo(99)
        assert self.sandbox.state() == last
        self.the_library_shows_the_content_of_the_model()
        self._compare_with_a_rebuild()
        shutil.rmtree(self.sandbox.root, ignore_errors=True)

    def _compare_with_a_rebuild(self) -> None:
        self._list("")
        updated = contents(self.sandbox.files.index)
        self.sandbox.files.index.unlink()
        self._list("")
        assert contents(self.sandbox.files.index) == updated


def build_row(entry: Entry, aliases: dict[str, str]) -> Row:
    """Return an entry as a row of the model."""
    paper, mark = entry.paper, entry.mark
    title = paper.corrections["title"].value if "title" in paper.corrections else ""
    assert not title or paper.title == title
    row = Row(
        int(paper.title.split()[-1]),
        {appearance.date.day - 1 for appearance in paper.digests if appearance.date},
        mark.status,
        mark.starred,
        mark.note,
        set(mark.tags_added),
        set(mark.tags_removed),
        str(title),
        paper.arxiv_id,
        mark.later,
    )
    assert set(entry.tags) == row.tags(aliases)
    return row


def test_any_sequence_of_commands_agrees_with_a_model_and_can_be_undone(
    sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts
) -> None:
    class CommandsInSandbox(Commands):
        directory, numbers = sandbox.root, count()

    limits: Any = settings(
        max_examples=150 // divisor,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=divisor > 1,
    )
    run_state_machine_as_test(CommandsInSandbox, settings=limits)
    counts = {"sequences": next(CommandsInSandbox.numbers), "commands": CommandsInSandbox.executed}
    report_counts("random commands in random order", **counts, wrong=0)
