"""Library: the one object that joins digests, store and search, and keeps the index true.

    load    files -> digests -> PaperStore -> index
    mark    items -> index (which papers) -> MarkStore -> index
    read    query -> index

A read answers from the index alone, which `index_sync` keeps current; a change is one step of the history.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from readlist import edits
from readlist.library.index_sync import IndexSync
from readlist.models import (
    AppliedEdit,
    Entry,
    LoadReport,
    Mark,
    Provenance,
    SourceCount,
    TrackedSource,
    UserDefinitions,
)
from readlist.search.index.errors import IndexFailure
from readlist.search.items import Resolved, resolve_items
from readlist.search.lookups import find_key, get_entries, get_statuses, read_definitions, read_provenance
from readlist.store import Store
from readlist.text import clean, fold_tag, format_ranges

if TYPE_CHECKING:
    import datetime as dt

    from readlist.doctor.doctor import Doctor
    from readlist.loaders.batch import Batch
    from readlist.models import (
        BackupCount,
        DigestCount,
        LoadedDocument,
        Paper,
        ResultIds,
        SearchResult,
        Stats,
        Status,
        Suggestions,
        TagCount,
    )
    from readlist.search.query.parser import Query
    from readlist.store.backups import Backup
    from readlist.store.history import Keep, Records, Step
    from readlist.store.marks import Change
    from readlist.store.papers import Merged

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""


class Folders(NamedTuple):
    """Where a library lives: `data` holds the store files, `state` the lock and backups, `cache` the index."""

    data: Path
    state: Path
    cache: Path


def _ignore(*_: object) -> None:
    pass


class Library:
    """A reading list in its folders; every method is one whole transaction.

    Raises ReadlistError and what stands below it in `errors`. `warn` is told in one line of what is wrong with the
    store and does not keep a command from being done.
    """

    def __init__(self, folders: Folders, warn: Callable[[str], None] = _ignore) -> None:
        self.folders = folders
        self._store = Store(folders.data, folders.state)
        self._index = IndexSync(self._store, folders.cache / "index.sqlite", warn)

    def owns(self, path: Path) -> bool:
        """Whether a file is one of the library's, or lies in one of its folders, wherever links may lead."""
        place = Path(os.path.realpath(path))
        own = map(os.path.realpath, (*self.folders, *self._store.files))
        return any(place.is_relative_to(folder) for folder in own)

    # Loading

    def load(
        self,
        sources: Sequence[str],
        piped: bytes | None = None,
        *,
        private: bool = False,
        dry_run: bool = False,
        progress: Progress = _ignore,
    ) -> LoadReport:
        """Load digests from files, from folders, recursively, from the web, and from what was piped in.

        What cannot be read is reported, the rest is loaded, and an update looks at these sources again. A document
        that is as it was when it was last loaded without a problem is not read again. `private` allows pages at
        private addresses; `dry_run` tells what would be loaded and changes nothing.
        """
        documents = self._index.read(read_provenance).documents.values()
        batch = _batch(document for document in documents if document and not document.problems)
        batch.read([TrackedSource(source, private) for source in sources], partial(progress, "reading"))
        if piped is not None:
            batch.read_piped(piped)
        names = [*(clean(PurePath(source).name) for source in sources), *(["-"] if piped is not None else [])]
        return self._take_in(f"load {' '.join(names)}", batch, dry_run, progress)

    def update(self, *, dry_run: bool = False, progress: Progress = _ignore) -> LoadReport:
        """Load what is new from every source that is remembered.

        A single file that is gone has nothing new and is passed over; a folder or page that cannot be had is a failure.
        """
        origins = self._index.read(read_provenance)
        batch = _batch(filter(None, origins.documents.values()))
        sources = [source for source in origins.sources.values() if source and not _is_gone(source, origins)]
        batch.read(sources, partial(progress, "reading"))
        return self._take_in("update", batch, dry_run, progress)

    def forget(self, source: str) -> bool:
        """Do not look at a source again; its papers stay. Returns whether it was remembered."""
        from readlist.loaders.batch import location

        with self._step(lambda _: f"sources forget {clean(source)}") as keep:
            before = self._index.ensure_current()
            change = self._store.papers.forget(location(source), keep=keep)
            if change.sources:
                self._index.update((), change, before)
        return bool(change.sources)

    def _take_in(self, said: str, batch: Batch, dry_run: bool, progress: Progress) -> LoadReport:
        progress("saving", 0, 0)
        if dry_run:
            merged = self._store.papers.preview(batch.papers)
        else:
            with self._step(partial(_told_of_load, said)) as keep:
                merged = self._merge(batch, keep, partial(progress, "indexing"))
        return LoadReport(
            added=merged.added,
            updated=merged.updated,
            repeated=merged.repeated,
            unchanged=merged.unchanged + batch.unchanged,
            skipped_names=tuple(batch.skipped_names),
            problems=tuple(batch.problems),
            failures=tuple(batch.failures),
        )

    def _merge(self, batch: Batch, keep: Keep, progress: Callable[[int, int], None]) -> Merged:
        before = self._index.ensure_current()
        merged = self._store.papers.merge(batch.papers, batch.documents, batch.sources, keep=keep)
        changed = (*merged.added, *merged.updated, *merged.repeated)
        if changed or any(merged.origins):
            held = self._store.marks.read()
            entries = [
                edits.build_entry(paper, held.marks.get(paper.key), held.names.renamed_tags) for paper in changed
            ]
            self._index.update(entries, merged.origins, before, progress=progress)
        return merged

    # Reading

    def find(self, query: Query, *, ranked: bool, limit: int | None = None) -> SearchResult:
        """Find the papers that match `query`, the best first if `ranked`, else the newest digest first."""
        from readlist.search.results import find

        return self._index.read(lambda connection: find(connection, query, ranked=ranked, limit=limit))

    def find_ids(self, query: Query) -> ResultIds:
        """Find the IDs of all papers that match `query`, the best first where it has words, else the newest first."""
        from readlist.search.results import find_ids

        return self._index.read(lambda connection: find_ids(connection, query))

    def next(self, query: Query, *, limit: int | None = None) -> Suggestions:
        """Suggest unread and unmarked papers that match `query`, those first that the reader would probably like."""
        from readlist.search.recommend.suggestions import suggest

        return self._index.read(lambda connection: suggest(connection, query, limit))

    def similar(self, ids: Sequence[int], *, limit: int | None = None) -> Suggestions:
        """Find the papers that are most similar to those with these IDs, without these."""
        from readlist.search.recommend.suggestions import find_similar

        return self._index.read(lambda connection: find_similar(connection, ids, limit))

    def resolve(self, items: Iterable[str]) -> Resolved:
        """Return the papers that IDs, ranges such as 15-18, arXiv IDs and keys name."""
        return self._index.read(lambda connection: resolve_items(connection, items))

    def entries(self, ids: Sequence[int]) -> list[Entry]:
        """Return the entries of these IDs, in their order, without those that do not exist."""
        return self._index.read(lambda connection: get_entries(connection, ids))

    def statuses(self) -> dict[int, Status]:
        """Return the status of each paper by its ID."""
        return self._index.read(get_statuses)

    def digests(self) -> list[DigestCount]:
        """Return all digests with their numbers of papers, the newest first."""
        from readlist.search.statistics import count_digests

        return self._index.read(count_digests)

    def sources(self) -> list[SourceCount]:
        """Return the sources that an update reads again, in alphabetical order."""
        provenance = self._index.read(read_provenance)
        sources = sorted(filter(None, provenance.sources.values()))
        return [_count_source(source, provenance) for source in sources]

    def tags(self, query: Query) -> list[TagCount]:
        """Return the tags in effect of the papers that match `query`, the most frequent first."""
        from readlist.search.statistics import count_tags

        return self._index.read(lambda connection: count_tags(connection, query))

    def stats(self, query: Query, today: dt.date) -> Stats:
        """Compute the reading statistics of the papers that match `query`; the weeks end with that of `today`."""
        from readlist.search.statistics import compute_stats

        return self._index.read(lambda connection: compute_stats(connection, query, today))

    def definitions(self) -> UserDefinitions:
        """Return the saved queries and the renamed tags."""
        return self._index.read(read_definitions)

    def complete(self, kind: str, typed: str) -> list[tuple[str, str]]:
        """Return completions of `typed` with descriptions; a stale index is not rebuilt, which would take too long."""
        from readlist.search.completion import complete

        with contextlib.suppress(IndexFailure):
            return self._index.read_unchecked(lambda connection: complete(connection, kind, typed))
        return []

    # Marking

    def apply(self, edit: edits.MarkEdit | edits.DefinitionsEdit, ids: Sequence[int] = ()) -> AppliedEdit:
        """Apply an edit, to the papers of these IDs where it is one of marks, all in one write."""
        if isinstance(edit, edits.DefinitionsEdit):
            return AppliedEdit(definitions=self._define(edit))
        return AppliedEdit(tuple(self._mark(edit, ids)))

    def _mark(self, edit: edits.MarkEdit, ids: Sequence[int]) -> list[Entry]:
        papers: dict[str, Paper] = {}

        def told(records: Records) -> str:
            return f"{edit.describe()} {format_ranges(papers[key].id for key in records['marks'])}"

        with self._step(told) as keep:
            entries, definitions = self._index.read(
                lambda connection: (get_entries(connection, ids), read_definitions(connection))
            )
            papers |= {entry.paper.key: entry.paper for entry in entries}
            before = self._store.stamps()  # to which the index has just been made true
            join = partial(edits.build_entry, renamed_tags=definitions.renamed_tags)
            changes = self._store.marks.change(
                papers, lambda mark: _changed(mark, join(papers[mark.key], mark), edit), keep
            )
            changed = [join(papers[made.after.key], made.after) for made in changes]
            if changed:
                self._index.update(changed, Provenance(), before)
        return changed

    # Naming

    def _define(self, edit: edits.DefinitionsEdit) -> UserDefinitions:
        with self._step(lambda _: edit.describe()) as keep:
            before = self._index.ensure_current()
            changed = self._store.marks.name(edit.apply, keep)
            if any(changed):
                self._index.update(self._entries_now((), (), changed), Provenance(), before, changed)
        return changed

    # History

    def undo(self, count: int = 1) -> list[Step]:
        """Take back the last `count` steps that are not undone; returns those that there were, the last one first."""
        return self._turn(count, self._store.history.done)

    def redo(self, count: int = 1) -> list[Step]:
        """Do the last `count` steps that were undone again; nothing can be redone once something new was done."""
        return self._turn(count, self._store.history.undone)

    def history(self) -> list[Step]:
        """What can be redone, the last one first to be redone, then what can be undone, the newest first."""
        return [*reversed(list(self._store.history.undone())), *self._store.history.done()]

    def _turn(self, count: int, steps: Callable[[], Iterable[Step]]) -> list[Step]:
        turned: list[Step] = []
        with self._store.lock:
            for step in steps():
                if len(turned) == count:
                    break
                if self._turn_step(step):
                    turned.append(step)
        return turned

    def _turn_step(self, step: Step) -> bool:
        """Undo or redo a step; False for one that did not happen."""
        before = self._index.ensure_current()
        with self._store.history.turning(step, self._has_changed_since(before)) as keep:
            return self._exchange(step.records, keep, before)

    def _exchange(self, records: Records, keep: Keep, before: tuple[str, str]) -> bool:
        """Give the store these records, and the index; returns whether any of them was otherwise."""
        exchanged = self._store.papers.exchange(records, keep)
        changed = self._store.marks.exchange(records, keep)
        if not exchanged.gone:  # else the next command builds the index anew
            entries = self._entries_now(exchanged.papers, changed.marks, changed.names)
            self._index.update(entries, exchanged.origins, before, changed.names)
        return bool(exchanged.happened or changed.marks or any(changed.names))

    def _entries_now(
        self, papers: Iterable[Paper], changes: Iterable[Change], names: UserDefinitions
    ) -> Iterator[Entry]:
        """The entries of papers, of marks and of the tags in a change; the last one of a paper is how it is."""
        held = self._store.marks.read()
        keys = [made.after.key for made in changes]
        # The index is stale here on purpose: the store was changed just before.
        ids = self._index.read_unchecked(lambda connection: [id_ for key in keys for id_ in find_key(connection, key)])
        marked = (entry.paper for entry in self._index.read_unchecked(lambda connection: get_entries(connection, ids)))
        for paper in (*papers, *marked, *self._papers_with(names.aliases, held.marks)):
            yield edits.build_entry(paper, held.marks.get(paper.key), held.names.renamed_tags)

    def _papers_with(self, tags: Collection[str], marks: Mapping[str, Mark]) -> Iterator[Paper]:
        """The papers that a digest or the reader gave one of these folded tags, as the digests say them.

        The index knows the tags in effect alone, from which two that were made one cannot be parted again.
        """
        if not tags:
            return
        for paper in self._store.papers.read().papers:
            mark = marks.get(paper.key, Mark(paper.key))
            if any(fold_tag(tag) in tags for tag in (*paper.tags, *mark.tags_added, *mark.tags_removed)):
                yield paper

    @contextlib.contextmanager
    def _step(self, said: Callable[[Records], str]) -> Iterator[Keep]:
        """A change under the lock, as one step of the history."""
        with self._store.lock, self._store.history.adding(said, self._has_changed_since(self._store.stamps())) as keep:
            yield keep

    def _has_changed_since(self, before: tuple[str, str]) -> Callable[[], bool]:
        return lambda: self._store.stamps() != before

    # Backups, and what may be wrong

    def backups(self) -> list[BackupCount]:
        """What is in each backup, the newest first: of the marks, then of the papers."""
        return [*self._store.marks.file.count_backups(), *self._store.papers.file.count_backups()]

    def restore(self, name: str = "") -> tuple[Backup, int] | None:
        """Put the marks, or the papers, back as they are in a backup, as one step of the history.

        `name` is that of a backup, or of a store file: then, and for the marks without a name, it is the newest sound
        backup that differs. Returns it and how many papers or marks were put back, None where none differs.
        Raises NoSuchItem, and StoreError for a backup that is damaged.
        """
        store = self._store.papers if name.startswith("papers.json") else self._store.marks
        with self._store.lock:
            found = store.from_backup(name)
            if found is None:
                return None
            backup, records = found
            store.file.begin_anew()
            with self._step(lambda _: f"backup restore {backup.name}") as keep:
                self._exchange(records, keep, self._index.ensure_current())
        return backup, len(records.get(store.file.path.stem, {}))

    def doctor(self) -> Doctor:
        """What examines all of this and mends it."""
        from readlist.doctor.doctor import Doctor
        from readlist.doctor.report import Parts

        store = self._store
        stores = store.papers, store.marks, store.history, self._index.path, store.lock
        return Doctor(Parts(*stores, self.folders.state, self.folders.cache), self._index.rebuild)


def _changed(mark: Mark, entry: Entry, edit: edits.MarkEdit) -> Mark:
    """The mark after a change; the very mark that it was where nothing is changed but the names of tags."""
    after = edit.apply(entry)
    return mark if after == entry.mark else after


def _told_of_load(said: str, records: Records) -> str:
    """What the history says of a load: `load seeds: 13 added, 2 updated`."""
    papers = records.get("papers", {})
    added = sum(before is None for before in papers.values())
    counts = ((added, "added"), (len(papers) - added, "updated"))
    done = ", ".join(f"{count:,} {what}" for count, what in counts if count)
    return f"{said}: {done or 'no new paper'}"


def _batch(known: Iterable[LoadedDocument]) -> Batch:
    from readlist.loaders.batch import Batch

    return Batch({document.location: document for document in known})


def _count_source(source: TrackedSource, provenance: Provenance) -> SourceCount:
    documents = [it for it in provenance.documents.values() if it and source.holds(it.location)]
    is_file = source.location in provenance.documents
    kind = "URL" if "://" in source.location else "file" if is_file else "folder"
    latest = max((document.loaded_at for document in documents), default=None)
    return SourceCount(source.location, kind, sum(document.papers for document in documents), latest)


def _is_gone(source: TrackedSource, origins: Provenance) -> bool:
    """Whether it was a single file, and there is none any more."""
    path = Path(source.location)
    return source.location in origins.documents and path.is_absolute() and not path.exists()
