"""Transaction: the one way in which a library is changed.

    with transaction(store, index, edit.describe()) as change:
        change.edit_marks(papers, edit)

A transaction owns the whole write protocol:

 1. take the library's lock, and make sure that the index is current; its build reports problems of the store files,
    with which nothing is changed;
 2. read and verify the store files that are changed, each when it is first used, the marks before the papers;
 3. apply the change in memory;
 4. write a history entry with the previous records, so that the change can be undone;
 5. save the files, then update the index by the difference.

Where the block raises, nothing happened. Undo and redo replay the records of a history entry through the same protocol.
Called by `library` alone; it knows no command and prints nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.dates import utc_now
from readlist.definitions import UserDefinitions
from readlist.edits import EditTags, build_entry, fill_marks
from readlist.errors import NoSuchItem, ReadlistError, UsageError
from readlist.mapped_sequence import MappedSequence
from readlist.models import Mark
from readlist.reports import AppliedEdit, MergeResult
from readlist.sources import Provenance
from readlist.text import format_ranges, plural

if TYPE_CHECKING:
    from contextlib import ExitStack

    from readlist.definition_edits import DefinitionsEdit
    from readlist.edits import LoadPapers, MarkEdit
    from readlist.library.index_sync import IndexSync
    from readlist.models import Entry, Paper
    from readlist.paper_edits import EditPaper, FillPapers
    from readlist.search.index.reader import Fingerprints
    from readlist.search.index.writer import IndexProgress
    from readlist.store import Store
    from readlist.store.file import StoreFile
    from readlist.store.history import HistoryEntry, RecordSet, RecordSums
    from readlist.store.marks import MarkChanges
    from readlist.store.papers import PaperChanges


class SyncedRecords(NamedTuple):
    """What a sync changes here: records by table and ID, None for one that is merged into another.

    `commits` are those that the file of a table was merged with, by the remote: {"marks": {"own": "5f0c…"}}. `next_id`
    is the next free ID, 0 where no paper is new. `description` is what the history calls the sync.
    """

    records: RecordSet
    commits: Mapping[str, Mapping[str, str]]
    next_id: int
    description: str


def no_progress(_done: int, _total: int) -> None:
    """Ignore the progress of the index update."""


@contextlib.contextmanager
def transaction(  # noqa: PLR0913 -- what the history has to know
    store: Store,
    index: IndexSync,
    description: str,
    progress: IndexProgress = no_progress,
    *,
    reverses: HistoryEntry | None = None,
    is_sync: bool = False,
) -> Iterator[Transaction]:
    """Change the library in the block; saved at its end, all or nothing.

    `description` is what the history calls the change. `reverses` is the history entry that is undone or redone, where
    the change is that; `is_sync` says that a sync made it: it is listed and never undone. `progress` is called with how
    many of how many entries are indexed.

    Raises Busy where another process holds the lock, StoreError where a store file is corrupt, missing or newer.
    """
    with store.lock:
        store.identity.adopt_state()
        before = index.ensure_current()
        if index.problems(before) or any(map(store.identity.is_foreign, store.files)):
            for file in (store.papers.file, store.marks.file):
                file.require_usable(file.read_content())
        store.identity.record()

        opened: list[StoreFile] = []

        def is_committed() -> bool:
            return any(file.is_saved for file in opened)

        history = (
            store.history.reversing(reverses, is_committed)
            if reverses
            else store.history.recording(is_committed, is_unattended=store.is_unattended, is_sync=is_sync)
        )
        with history as record_undo, contextlib.ExitStack() as open_files:
            change = Transaction(store, index, open_files, opened, before)
            yield change
            if previous := change.previous:
                record_undo(change.describe(description) if reverses is None else description, previous, change.sums)
                change.save_marks_first()
                change.update_metadata()
        change.finish(progress)


class Transaction:
    """A change of the library in progress; its methods change records in memory."""

    def __init__(
        self, store: Store, index: IndexSync, open_files: ExitStack, opened: list[StoreFile], before: Fingerprints
    ) -> None:
        """Begin a change of the files with the fingerprints `before`; those that it opens are added to `opened`."""
        self._store = store
        self._index = index
        self._open_files = open_files
        self._opened = opened
        self._before = before
        self._papers: PaperChanges | None = None
        self._marks: MarkChanges | None = None
        self._marked: dict[str, Paper] = {}
        self._merged: MergeResult | None = None
        self._marks_come_first = False
        self.applied = AppliedEdit()
        """What was changed, once the transaction is over."""
        self.not_put: RecordSet = {}
        """The records that `reverse` did not change."""
        self.not_reversed: tuple[str, ...] = ()
        """The same for a message: papers as ID and title, definitions by their names."""
        self._synced = ""
        """What a sync changed, for the history."""
        self.is_refused = False
        """Whether `reverse` changed nothing, because of `not_reversed`."""

    # Changing

    def edit_marks(self, papers: Iterable[Paper], edit: MarkEdit) -> None:
        """Apply an edit to the marks of these papers."""
        self._marked |= {paper.key: paper for paper in papers}
        marks = self._open_marks()
        renamed_tags = marks.definitions.renamed_tags
        if isinstance(edit, EditTags):
            edit = edit.rename(renamed_tags)

        def apply(mark: Mark) -> Mark:
            entry = build_entry(self._marked[mark.key], mark, renamed_tags)
            after = edit.apply(entry)
            return mark if after == entry.mark else after  # the new names of renamed tags alone are no change

        marks.edit(self._marked, apply)

    def edit_papers(self, papers: Iterable[Paper], edit: EditPaper) -> None:
        """Apply an edit to the corrections of these papers. Raises NoSuchItem for one that was deleted."""
        papers = list(papers)
        if deleted := [paper for paper in papers if paper.deleted_at]:
            ids = format_ranges([paper.id for paper in deleted])
            raise NoSuchItem(f"paper was deleted: {ids}; to restore it: readlist delete --restore {ids}")
        changed = [(before, edit.apply(before)) for before in papers]
        self._open_papers().correct(after for before, after in changed if after != before)

    def merge_papers(self, first: Paper, second: Paper) -> None:
        """Merge the paper with the higher ID into the other one, and their marks. Raises UsageError for one paper."""
        from readlist.paper_edits import merge_marks

        kept, other = sorted((first, second), key=lambda paper: paper.id)
        if kept.id == other.id:
            raise UsageError(f"both ITEMs are the same paper: {kept.id} {kept.title}; pass two papers")
        self._marked[kept.key] = kept
        self._open_papers().merge_papers(kept.id, other.id)
        marks = self._open_marks()
        if other_mark := marks.find_mark(other.key):
            marks.edit([kept.key], lambda mark: merge_marks(mark, other_mark))
            marks.delete([other.key])
            self._marks_come_first = True

    def set_deleted(self, papers: Iterable[Paper], *, is_deleted: bool) -> None:
        """Delete papers, or restore them; their marks stay."""
        ids = [paper.id for paper in papers if (paper.deleted_at is not None) != is_deleted]
        self._open_papers().set_deleted(ids, utc_now().replace(microsecond=0) if is_deleted else None)

    def fill_papers(self, papers: Iterable[Paper], edit: FillPapers) -> None:
        """Fill empty fields of papers."""
        self._open_papers().fill({paper.id: edit.fields[paper.key] for paper in papers if not paper.deleted_at})

    def edit_definitions(self, edit: DefinitionsEdit) -> None:
        """Apply an edit to the saved queries, tag aliases and synonyms."""
        self._open_marks().edit_definitions(edit.apply)

    def load(self, edit: LoadPapers) -> None:
        """Merge loaded papers, and remember where they came from."""
        papers, marks = self._open_papers(), self._open_marks()
        find_candidates = partial(self._index.find_candidates, fingerprints=self._before)
        merged = papers.merge(edit.papers, edit.documents, edit.sources, edit.moved, find_candidates)
        loaded = papers.loaded(edit.marks)
        changed = fill_marks(loaded, edit.marks, marks.find_mark, marks.definitions.renamed_tags)
        self._marked |= {paper.key: paper for paper in loaded.values()}
        marks.edit(changed, lambda mark: changed[mark.key])
        self._merged = merged._replace(marks=len(changed))
        self._marks_come_first = bool(changed)
        if not changed:
            self.update_metadata()

    def save_marks_first(self) -> None:
        """Save the marks of a load or a merge before its papers.

        A source counts as loaded once papers.json is saved: the marks of a load that died between the two files would
        never be loaded; and the mark of a merged paper would be that of a paper which no longer exists. With the marks
        alone, the same command again completes the change. How many papers there are is saved after the papers, or they
        would be taken for missing. The first marks.json comes before the papers as well, which say that it exists.
        """
        if self._papers and self._marks and not self._store.marks.file.read_fingerprint:
            self._marks.set_metadata("papers", 0)
            self._marks_come_first = True
        if self._marks_come_first:
            self._store.marks.file.save_early(must_stay=lambda: self._store.papers.file.is_saved)

    def untrack(self, location: str) -> None:
        """Stop tracking a source."""
        self._open_papers().untrack(location)

    def replay(self, records: RecordSet, marked: Iterable[Paper]) -> None:
        """Put records as the history or a backup has them; `marked` are the papers whose marks are among them."""
        from readlist.store.papers import TABLES

        self._marked |= {paper.key: paper for paper in marked}
        if records.keys() & set(TABLES):
            self._open_papers().replay(records)
        if records.keys() - set(TABLES):
            self._open_marks().replay(records)

    def records(self, table: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the records of a table with the changes so far."""
        return self._changes_of(table).records(table)

    def next_id(self) -> int:
        """Return the next ID that no paper had."""
        return self._open_papers().next_id

    def put_synced(self, synced: SyncedRecords, marked: Iterable[Paper]) -> None:
        """Put the records that a sync changed, and record the commits that each file was merged with.

        `marked` are the papers whose marks are among them.
        """
        self._synced = synced.description
        for table, commits in synced.commits.items():
            changes = self._changes_of(table)
            changes.set_metadata("synced", {**changes.metadata.synced, **commits})
        self._marked |= {paper.key: paper for paper in marked}
        for table, records in synced.records.items():
            self._changes_of(table).put({table: records})
        if synced.next_id:
            self._open_papers().set_metadata("next_id", synced.next_id)

    def _changes_of(self, table: str) -> PaperChanges | MarkChanges:
        from readlist.store.papers import TABLES

        return self._open_papers() if table in TABLES else self._open_marks()

    def reverse(self, entry: HistoryEntry, marked: Iterable[Paper], later: Sequence[HistoryEntry] = ()) -> None:
        """Put back the records of a history entry, without those that another program changed since.

        `later` are newer entries that stay done. With them it is all or nothing: where any record was changed since,
        `is_refused` is set.
        """
        from readlist.store.papers import TABLES

        unchanged: dict[str, Mapping[str, Any]] = {}
        not_put: dict[str, Mapping[str, Any]] = {}
        for table, records in entry.records.items():
            changes = self._open_papers() if table in TABLES else self._open_marks()
            to_put, foreign = changes.split_unchanged({table: records}, entry.sums)
            unchanged |= to_put
            not_put |= foreign or ({} if table in entry.sums else _find_common(table, records, later))
        self.is_refused = bool(later and not_put)
        if self.is_refused:
            self._marked |= {paper.key: paper for paper in marked}
        else:
            self.replay(unchanged, marked)
        self.not_put = not_put
        self.not_reversed = tuple(self._describe_records(not_put))

    def _describe_records(self, tables: RecordSet) -> Iterator[str]:
        """Yield the records of these tables as a user knows them."""
        from readlist.redaction import redact_urls

        nouns = {
            "queries": "saved query @",
            "aliases": "renamed tag #",
            "synonyms": "synonyms of ",
            "documents": "document ",
            "sources": "source ",
        }
        for table, records in tables.items():
            for id_, record in records.items():
                if table == "papers" and self._papers:
                    yield self._papers.describe(id_, record)
                elif table == "marks":
                    yield f"{paper.id} {paper.title}" if (paper := self._marked.get(id_)) else f"mark {id_}"
                else:
                    yield redact_urls(f"{nouns[table]}{id_}")

    def _open_papers(self) -> PaperChanges:
        self._open_marks()  # before: where it cannot be read, no paper is saved
        if self._papers is None:
            self._opened.append(self._store.papers.file)
            self._papers = self._open_files.enter_context(self._store.papers.transaction())
            self._store.papers.file.require_fingerprint(self._before[0])
        return self._papers

    def _open_marks(self) -> MarkChanges:
        if self._marks is None:
            self._opened.append(self._store.marks.file)
            self._open_files.enter_context(self._metadata_may_stay())
            self._marks = self._open_files.enter_context(self._store.marks.transaction())
            self._store.marks.file.require_fingerprint(self._before[1])
        return self._marks

    @contextlib.contextmanager
    def _metadata_may_stay(self) -> Iterator[None]:
        """Let no change fail, of which the papers are saved, because the metadata of marks.json cannot be saved."""
        try:
            yield
        except ReadlistError:
            if not self._papers or not self._store.papers.file.is_saved or self._has_unsaved_marks:
                raise

    @property
    def _has_unsaved_marks(self) -> bool:
        return bool(self._marks and self._marks.current) and not self._store.marks.file.is_saved_early

    # Finishing

    @property
    def previous(self) -> RecordSet:
        """The records that differ, as they were before."""
        opened = filter(None, (self._papers, self._marks))
        return {table: records for changes in opened for table, records in changes.previous.items()}

    @property
    def sums(self) -> RecordSums:
        """The checksums by which `reverse` recognizes what was changed."""
        opened = filter(None, (self._papers, self._marks))
        return {table: sums for changes in opened for table, sums in changes.sums.items()}

    def update_metadata(self) -> None:
        """Let each of the two files know of the other one, so that its loss is noticed."""
        if self._papers and self._marks:
            known = self._marks.metadata.papers
            before, now = self._papers.counts
            self._marks.set_metadata("papers", now if known <= before else max(known, now))  # papers are still missing
            self._papers.set_metadata("has_marks", True)

    def describe(self, description: str) -> str:
        """Return the description with what the change applies to: `read 12 15-18`, `load seeds: 13 papers added`."""
        if self._synced:
            return self._synced
        if self._merged:
            added, updated = len(self._merged.added), len(self._merged.updated) + len(self._merged.repeated)
            counts = [f"{plural(added, 'paper')} added"] * bool(added) + [f"{updated:,} updated"] * bool(updated)
            counts += [f"{plural(self._merged.marks, 'mark')} added"] * bool(self._merged.marks)
            return f"{description}: {', '.join(counts) or 'no new papers'}"
        marked = [self._marked[key].id for key in self.previous.get("marks", {}) if key in self._marked]
        ids = sorted({*marked, *map(int, self.previous.get("papers", {}))})
        return f"{description} {format_ranges(ids)}" if ids else description

    def finish(self, progress: IndexProgress) -> None:
        """Set `applied`, and update the index, which is current for the state before."""
        provenance = self._papers.provenance if self._papers else Provenance()
        definitions = self._marks.changed_definitions if self._marks else UserDefinitions()
        entries = self._changed_entries(definitions.aliases.keys())
        self.applied = AppliedEdit(entries, definitions, provenance, self._merged or MergeResult())
        removed = self._papers.removed_ids if self._papers else ()
        if (after := self.fingerprints) != self._before:
            from readlist.search.index.writer import IndexContents

            replaced_codes = self._papers.replaced_codes if self._papers else {}
            contents = IndexContents(entries, provenance, definitions, removed, replaced_codes=replaced_codes)
            self._index.update(contents, self._before, after, progress=progress)

    @property
    def fingerprints(self) -> Fingerprints:
        """The fingerprints of the files as this change read or saved them."""
        papers, marks, people = self._before
        return (
            self._store.papers.file.known_fingerprint if self._papers else papers,
            self._store.marks.file.known_fingerprint if self._marks else marks,
            people,
        )

    def _changed_entries(self, changed_tags: Set[str]) -> Sequence[Entry]:
        """Return the entries that differ: papers, marks, and papers with a tag whose alias changed."""
        papers = self._papers.papers if self._papers else ()
        keys = self._marks.changed_keys if self._marks else ()
        if not papers and not keys and not changed_tags:
            return ()
        find_mark, renamed_tags = self._mark_lookup()

        def build(paper: Paper) -> Entry:
            return build_entry(paper, find_mark(paper.key), renamed_tags)

        # Of a paper that changed too, `_marked` may have the state before: it is another one now, or removed.
        changed_ids = set(self._papers.changed_ids) if self._papers else set[int]()
        marked = (self._marked[key] for key in keys if key in self._marked)
        tagged = self._papers_with_tags(changed_tags)
        by_id = {paper.id: build(paper) for paper in (*marked, *tagged) if paper.id not in changed_ids}
        others = tuple(by_id.values())

        def entry(number: int) -> Entry:
            return build(papers[number]) if number < len(papers) else others[number - len(papers)]

        return MappedSequence(entry, range(len(papers) + len(others))) if papers else others

    def _mark_lookup(self) -> tuple[Callable[[str], Mark | None], Mapping[str, str]]:
        """Return a function from a paper's key to its mark, and the renamed tags, as they are now."""
        if self._marks:
            return self._marks.find_mark, self._marks.definitions.renamed_tags
        snapshot = self._store.marks.read()
        return snapshot.marks.get, snapshot.definitions.renamed_tags

    def _papers_with_tags(self, tags: Set[str]) -> Sequence[Paper]:
        """Return the papers to which a digest or the user gave one of these folded tags, with the digests' own tags.

        The index has only the tags in effect, from which two that were merged cannot be distinguished.
        """
        if not tags or not self._marks:
            return ()
        return self._store.papers.find_tagged(tags, self._marks.keys_with_tags(tags))


def _find_common(table: str, records: Mapping[str, Any], later: Sequence[HistoryEntry]) -> RecordSet:
    """Return the records that later entries changed as well; for entries without a checksum of what they left."""
    common = {
        id_: record for id_, record in records.items() if any(id_ in entry.records.get(table, {}) for entry in later)
    }
    return {table: common} if common else {}
