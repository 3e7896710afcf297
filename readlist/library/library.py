"""Library: the façade that joins loaders, store, index and search for `cli` and `browse`.

    read     Library method -> index_sync.read(function) -> a function of `search` with a connection
    write    Library.apply(edit, papers) -> transaction -> store -> index

A read is answered from the index alone. A write is one entry of the history; it takes from the index at most which
papers to change, by their keys, and reads them from the store under the lock.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, NamedTuple, ParamSpec, TypeVar

from readlist.library.index_sync import IndexSync
from readlist.models import NEWEST, RELEVANCE
from readlist.search.index.errors import IndexFailure
from readlist.search.items import Resolved, resolve_items
from readlist.search.lookups import (
    find_ids_by_codes,
    find_ids_by_key,
    get_deleted,
    get_entries,
    get_keys_between,
    get_people,
    get_statuses,
)
from readlist.store import Store

if TYPE_CHECKING:
    from readlist.counts import BackupCount, DigestCount, SourceCount, TagCount
    from readlist.definition_edits import DefinitionsEdit
    from readlist.definitions import UserDefinitions
    from readlist.doctor.doctor import Doctor
    from readlist.edits import Edit, MarkEdit
    from readlist.later import QueueEnds
    from readlist.library.last_seen import LastSeen
    from readlist.library.replay import ReversedStep
    from readlist.library.syncer import LibraryParts
    from readlist.library.transaction import Transaction
    from readlist.loaders.batch import Batch
    from readlist.models import Entry, Order, Paper, PaperRef
    from readlist.paper_edits import PaperEdit
    from readlist.query_results import PaperStatuses, ResultIds, SearchResult
    from readlist.reports import AppliedEdit, LoadReport, RestoreReport
    from readlist.search.index.reader import Connection
    from readlist.search.query.ast import Query
    from readlist.sources import Provenance
    from readlist.stats import Stats, YearReview
    from readlist.store.history import HistoryEntry
    from readlist.suggestions import DailyPapers, Suggestions
    from readlist.sync.report import SyncReport, SyncStatus

_P = ParamSpec("_P")
_T = TypeVar("_T")
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""


class Directories(NamedTuple):
    """The directories of a library: `data` for store files, `cache` for the index, `state` for the rest."""

    data: Path
    state: Path
    cache: Path


def _ignore(*_: object) -> None:
    pass


def _read_origins(connection: Connection, keys: Iterable[str] | None = None) -> tuple[Provenance, UserDefinitions]:
    """Return where papers came from, see `read_provenance`, and the definitions that the queries of sources use."""
    from readlist.search.definitions import read_definitions, read_provenance

    return read_provenance(connection, keys), read_definitions(connection)


class Library:
    """A reading list in its directories; every method is one complete transaction.

    Raises ReadlistError and its subclasses. `warn` is called with a line about each fault of the store that does not
    prevent the command, `notify` with a line about each long wait for another process.
    """

    def __init__(
        self,
        directories: Directories,
        warn: Callable[[str], None] = _ignore,
        notify: Callable[[str], None] = _ignore,
    ) -> None:
        self.directories = directories
        self._store = Store(directories.data, directories.state, notify)
        self._index = IndexSync(self._store, directories.cache / "index.sqlite", warn, notify)

    def set_lock_timeout(self, seconds: float) -> None:
        """Set how long a method waits for other processes before it raises Busy.

        By default a change waits for 10 seconds, and a read for 10 minutes.
        """
        self._index.lock_timeout = seconds
        self._store.lock.timeout = seconds

    def limit_waits(self) -> None:
        """Let all methods together wait only as long as one change: for a command that changes the library."""
        self._store.lock.limits_total = True
        self._index.lock_timeout = self._store.lock.timeout

    def record_as_unattended(self) -> None:
        """Record all changes in the history as unattended; `undo` with `mine` ignores them."""
        self._store.is_unattended = True

    def contains_path(self, path: Path) -> bool:
        """Return whether a file is one of the library's, or is in one of its directories, symbolic links followed."""
        target = Path(os.path.realpath(path))
        own = map(os.path.realpath, (*self.directories, *self._store.files))
        return any(target.is_relative_to(directory) for directory in own)

    # Writing

    def load(  # noqa: PLR0913 -- what the user can ask for
        self,
        sources: Sequence[str],
        stdin: bytes | None = None,
        *,
        private: bool = False,
        only: str | None = None,
        dry_run: bool = False,
        progress: Progress = _ignore,
    ) -> LoadReport:
        """Load papers from files, directories (recursively), URLs, and a document from stdin.

        What cannot be read is reported, and the rest is loaded; `update` reads these sources again. `private` permits
        URLs that lead to private addresses; `dry_run` reports what would be loaded and changes nothing. Only papers
        that match the query `only` are loaded, "" for all papers; `update` applies it again, and so does a later load
        where it is None. Raises QueryError where it is not valid.
        """
        from readlist.library import loading

        request = loading.Request(sources, stdin, private, only)
        read_origins = partial(_read_origins, keys=loading.document_keys(sources))
        known, definitions = self._index.read(read_origins)
        batch = loading.read_sources(request, known, definitions, progress)
        return self._load(batch, known, request.describe(), progress, dry_run=dry_run)

    def update(self, *, dry_run: bool = False, progress: Progress = _ignore) -> LoadReport:
        """Load what is new in every tracked source."""
        from readlist.library import loading

        known, definitions = self._index.read(_read_origins)
        batch = loading.read_tracked(known, definitions, progress)
        return self._load(batch, known, "update", progress, dry_run=dry_run)

    def _load(self, batch: Batch, known: Provenance, command: str, progress: Progress, *, dry_run: bool) -> LoadReport:
        from readlist.library import loading

        if loading.has_no_news(batch, known) and not self._index.has_problems:
            from readlist.reports import MergeResult

            return loading.build_report(batch, MergeResult())
        progress("saving", 0, 0)
        if dry_run:
            return loading.build_report(batch, loading.preview(batch, self._store))
        edit = loading.build_edit(batch, command)
        return loading.build_report(batch, self.apply(edit, progress=progress).merged)

    def untrack(self, source: str) -> bool:
        """Stop loading a source on `update`; its papers stay. Returns whether it was tracked."""
        from readlist.edits import UntrackSource
        from readlist.loaders.batch import resolve_location

        return bool(self.apply(UntrackSource(resolve_location(source))).provenance.sources)

    def apply(
        self, edit: Edit | DefinitionsEdit | PaperEdit, papers: Sequence[PaperRef] = (), *, progress: Progress = _ignore
    ) -> AppliedEdit:
        """Apply an edit, to these papers, to their marks or to the library; the only write path.

        A paper is the one with that key, also where papers.json was replaced since and gives it another ID. Returns
        what is different now; an edit that changes nothing leaves no entry in the history. Raises NoSuchItem where one
        of the papers was removed, StoreError where a store file is corrupt, missing or newer, Busy where another
        process holds the lock, and what the edit raises.
        """
        from readlist import edits
        from readlist.library.transaction import transaction

        self._store.lock.description = edit.describe()
        with transaction(self._store, self._index, edit.describe(), partial(progress, "indexing")) as change:
            match edit:
                case edits.LoadPapers():
                    change.load(edit)
                case edits.UntrackSource():
                    change.untrack(edit.location)
                case edits.RestoreBackup():
                    change.replay(edit.records, self._papers_by_key(edit.records.get("marks", {})))
                case edits.SetStatus() | edits.SetStar() | edits.AppendNote() | edits.ReplaceNote() | edits.EditTags():
                    change.edit_marks(self._store.papers.find(papers), edit)
                case _:
                    self._apply_rare(change, edit, papers)
        return change.applied

    def _apply_rare(
        self, change: Transaction, edit: MarkEdit | DefinitionsEdit | PaperEdit, papers: Sequence[PaperRef]
    ) -> None:
        """Apply an edit that few commands use; apart from `apply`, so that the usual edits of marks import less."""
        from readlist import definition_edits, paper_edits

        match edit:
            case (
                definition_edits.SaveQuery()
                | definition_edits.DeleteQuery()
                | definition_edits.RenameTag()
                | definition_edits.AddSynonyms()
                | definition_edits.DeleteSynonym()
            ):
                change.edit_definitions(edit)
            case paper_edits.EditPaper():
                change.edit_papers(self._store.papers.find(papers), edit)
            case paper_edits.MergePapers():
                change.merge_papers(*self._store.papers.find(papers))
            case paper_edits.DeletePapers():
                change.set_deleted(self._store.papers.find(papers), is_deleted=True)
            case paper_edits.RestorePapers():
                change.set_deleted(self._store.papers.find(papers), is_deleted=False)
            case paper_edits.FillPapers():
                change.fill_papers(self._papers_by_key(edit.fields), edit)
            case _:
                change.edit_marks(self._store.papers.find(papers), edit)

    def undo(
        self, count: int = 1, *, mine: bool = False, confirmed: Sequence[HistoryEntry] | None = None
    ) -> list[ReversedStep]:
        """Undo the last `count` changes that are not undone; returns what became of them, the newest first.

        If `mine`, those of unattended commands are ignored and stay. What another program changed since is not
        changed, and the steps before it are not undone. `confirmed` are the first ones of `undoable`, which the user
        has seen; they are undone instead of the last `count`.

        Raises Busy where `confirmed` are not the newest any more, StoreError for a corrupt history entry, and what
        `apply` raises.
        """
        from readlist.library import replay

        self._store.lock.description = "undo"
        if confirmed is not None:
            return replay.undo_confirmed(self._store, self._index, confirmed, self._papers_by_key)
        if mine:
            return replay.undo_attended(self._store, self._index, count, self._papers_by_key)
        return replay.undo_or_redo(self._store, self._index, self._store.history.done, count, self._papers_by_key)

    def redo(self, count: int = 1) -> list[ReversedStep]:
        """Redo the last `count` changes that were undone; none can be redone after a new change. Raises like `undo`."""
        from readlist.library import replay

        self._store.lock.description = "redo"
        return replay.undo_or_redo(self._store, self._index, self._store.history.undone, count, self._papers_by_key)

    def preview_restore(self, name: str = "") -> RestoreReport | None:
        """Return what `restore` would do; without a name in it where the file is missing, or another library's."""
        from readlist.library import replay

        return replay.preview_restore(self._store, name)

    def restore(self, name: str = "") -> RestoreReport | None:
        """Restore the marks, or the papers, of a backup, as one entry of the history.

        `name` is that of a backup, or of a store file: then, and for the marks without a name, it is the newest valid
        backup that differs. A file that is missing, or another library's, is replaced by the backup, which no entry of
        the history undoes. Returns what was restored, None where no backup differs.
        Raises NoSuchItem for an unknown name, StoreError for a corrupt backup.
        """
        from readlist.library import replay

        self._store.lock.description = "backup restore"
        return replay.restore(self._store, name, self.apply)

    def sync(
        self,
        remote: str = "",
        *,
        name: str = "",
        timeout: float = 120.0,
        dry_run: bool = False,
        progress: Progress = _ignore,
    ) -> SyncReport:
        """Merge with the libraries of the user's other machines, through a branch of a git repository.

        `remote` is a directory, host:path, ssh:// or https://, "" for that of the last time; `name` is what the history
        there calls this machine, "" for the same as before. `timeout` is in seconds, for each call of git. `dry_run`
        returns what would be sent and received, and changes nothing.

        Raises UsageError for what is not a remote, Busy where another sync runs or others kept changing the remote,
        SyncRefused where the remote declines the changes, and ReadlistError where it cannot be reached.
        """
        from readlist.library import syncing

        return syncing.sync_all(self._sync_parts(), syncing.Request(remote, name, timeout), progress, dry_run=dry_run)

    def sync_status(self) -> SyncStatus:
        """Return the remote, and what is not sent yet; without the network."""
        from readlist.library import syncing

        return syncing.get_status(self._sync_parts())

    def forget_remote(self) -> bool:
        """Forget the remote; returns whether there was one. Nothing is deleted there."""
        from readlist.library.sync_directory import OWN, SyncDirectory

        return SyncDirectory(self.directories.state, OWN).forget()

    def join_lab(
        self,
        remote: str,
        person: str,
        shared: Sequence[str],
        *,
        timeout: float = 120.0,
        progress: Progress = _ignore,
    ) -> SyncReport:
        """Join a group that shares papers and marks, under the name `person`; from then on `sync` includes it.

        `shared` are the fields of the user's marks that the others may read: "status", "star", "tags", "note".
        Raises UsageError for an invalid name, and like `sync`.
        """
        from readlist.library import syncing

        return syncing.join_lab(self._sync_parts(), syncing.Request(remote, person, timeout), shared, progress)

    def leave_lab(self) -> str | None:
        """Leave the lab, and delete the user's marks from its branch; the history of the branch keeps them.

        Returns None where the library is in no lab, else why the marks could not be deleted there, "" for success.
        """
        from readlist.library import syncing

        return syncing.leave_lab(self._sync_parts())

    def _sync_parts(self) -> LibraryParts:
        from readlist.library.syncer import LibraryParts

        return LibraryParts(self._store, self._index, self.directories.state, self._papers_by_key)

    def doctor(self) -> Doctor:
        """Return the checks and repairs of this library."""
        from readlist.doctor.doctor import Doctor
        from readlist.doctor.report import Components
        from readlist.library.sync_checks import SyncCheck

        store = self._store
        store.lock.description = "doctor"
        stores = store.papers, store.marks, store.history, self._index.path, store.lock
        components = Components(*stores, self.directories.state, self.directories.cache, store.people_file)
        return Doctor(components, self._index.rebuild, [SyncCheck(store, self.directories.state)])

    def _papers_by_key(self, keys: Iterable[str]) -> list[Paper]:
        """Return the papers of these keys that are in the library; the index gives only the IDs to look at first."""
        from readlist.models import PaperRef

        def find_refs(connection: Connection) -> list[PaperRef]:
            return [PaperRef(next(iter(find_ids_by_key(connection, key)), 0), key) for key in keys]

        return self._store.papers.find_existing(self._index.read(find_refs))

    # Reading

    def find(
        self, query: Query, *, order: Order = NEWEST, limit: int | None = None, exact: bool = False
    ) -> SearchResult:
        """Find the papers that match `query`, in this order, by default the newest digest first.

        By relevance, the nearest matches follow the papers with all words; if `exact`, words match only as typed, and
        there are none.
        """
        from readlist.search.results import find

        return self._query(find, query, order=order, limit=limit, exact=exact)

    def find_ids(self, query: Query, order: Order = RELEVANCE) -> ResultIds:
        """Find all papers that match `query`, by default the best first where it has words, else the newest first.

        No entries are read.
        """
        from readlist.search.results import find_ids

        return self._query(find_ids, query, order)

    def _query(
        self,
        function: Callable[Concatenate[Connection, Query, _P], _T],
        query: Query,
        *args: _P.args,
        **options: _P.kwargs,
    ) -> _T:
        """Answer a query by a function of `search`, with the last ID that is not new in place of `is:new`."""
        from readlist.search.query.ast import with_new_since

        query = with_new_since(query, lambda: self._last_seen().new_since(dt.date.today()))
        return self._index.read(lambda connection: function(connection, query, *args, **options))

    def queue_ends(self) -> QueueEnds:
        """Return the positions of the first and the last paper of the queue of what to read next."""
        from readlist.search.postponed import get_queue_ends

        return self._index.read(get_queue_ends)

    def postponed(self) -> list[Entry]:
        """Return queued and postponed papers: those that are due, the queue in its order, those with a later date."""
        from readlist.search.postponed import get_postponed

        return self._index.read(lambda connection: get_postponed(connection, dt.date.today()))

    def next(self, query: Query, *, limit: int | None = None) -> Suggestions:
        """Suggest papers that match `query`: due ones, queued ones, then those that the user would probably like."""
        from readlist.search.recommend.suggestions import suggest

        return self._query(suggest, query, limit, dt.date.today())

    def today(self, query: Query, *, limit: int | None) -> DailyPapers:
        """Return what is new, due, queued and left of the papers that match `query`; at most `limit` new ones.

        What is new stays new until a day after `record_seen`.
        """
        from readlist.search.daily import find_daily

        today = dt.date.today()
        return self._query(find_daily, query, self._last_seen().new_since(today), today, limit)

    def unsent(self, query: Query, text: str) -> DailyPapers:
        """Return the same as `today`, where new is what was loaded since `record_sent` with the query's `text`."""
        from readlist.search.daily import find_daily

        today = dt.date.today()
        return self._query(find_daily, query, self._last_seen().unsent_since(text, today), today, None)

    def _last_seen(self) -> LastSeen:
        from readlist.library.last_seen import read_last_seen

        return read_last_seen(self.directories.state)

    def record_seen(self, last_id: int) -> None:
        """Remember that the user has seen the papers up to this ID today. Raises ReadlistError."""
        from readlist.library.last_seen import write_last_seen

        with self._store.lock:
            last = self._last_seen()
            write_last_seen(self.directories.state, last.after_showing(last_id, dt.date.today()))

    def record_sent(self, text: str, last_id: int) -> None:
        """Remember that the papers up to this ID that match a query were sent. Raises ReadlistError."""
        from readlist.library.last_seen import write_last_seen

        with self._store.lock:
            last = self._last_seen()
            write_last_seen(self.directories.state, last.after_sending(text, last_id))

    def similar(self, ids: Sequence[int], *, limit: int | None = None) -> Suggestions:
        """Find the papers that are most similar to those with these IDs, without these."""
        from readlist.search.recommend.suggestions import find_similar

        return self._index.read(lambda connection: find_similar(connection, ids, limit))

    def resolve(self, items: Iterable[str]) -> Resolved:
        """Return the papers that IDs, ranges such as 15-18, arXiv IDs, DOIs and keys name."""
        return self._index.read(lambda connection: resolve_items(connection, items))

    def find_known(self, papers: Sequence[Paper]) -> list[Paper | None]:
        """Return for each of these papers the one in the library that it is, None for one that would be added."""

        def find_candidates(codes: Collection[int]) -> list[int]:
            return self._index.read(lambda connection: find_ids_by_codes(connection, codes))

        return self._store.papers.find_known(papers, find_candidates)

    def entries(self, ids: Sequence[int]) -> list[Entry]:
        """Return the entries of these IDs, in their order, without those that do not exist."""
        return self._index.read(lambda connection: get_entries(connection, ids))

    def citation_keys(self, papers: Sequence[Paper]) -> dict[str, str]:
        """Return paper key -> citation key of these papers, and of those that they are distinguished from.

        Reads of the library only papers of the same years whose citation keys have the same words of the title.
        """
        from readlist.exporters.citation_keys import citation_keys, key_year, title_word

        given = {paper.id for paper in papers}
        words = {title_word(paper.key) for paper in papers}
        years = sorted(map(key_year, papers)) or [""]
        # A first digest without a date says nothing about the others.
        first, last = years[0], f"{years[-1]}-12-31" if years[0] else "9999-12-31"

        def find_others(connection: Connection) -> list[Entry]:
            rows = get_keys_between(connection, first, last)
            ids = [id_ for id_, key in rows if id_ not in given and title_word(key) in words]
            return [*get_entries(connection, ids), *get_deleted(connection)]

        return citation_keys([*papers, *(entry.paper for entry in self._index.read(find_others))])

    def statuses(self, known_version: str = "") -> PaperStatuses:
        """Return the status of each paper, and their keys unless the caller knows those of this version."""
        return self._index.read(lambda connection: get_statuses(connection, known_version))

    def people(self) -> list[str]:
        """Return the names of the other persons of the lab, sorted; none without a lab."""
        return self._index.read(get_people)

    def match_people(self, query: Query) -> dict[int, list[str]]:
        """Return for the papers of a query, by their IDs, the persons whose marks it asks for and finds.

        Where it does not ask for marks of others, they are those who starred the paper; "" is the user.
        """
        from readlist.search.people import match_people

        return self._query(match_people, query)

    def digests(self) -> list[DigestCount]:
        """Return all digests with their numbers of papers, the newest first."""
        from readlist.search.statistics import count_digests

        return self._index.read(count_digests)

    def sources(self) -> list[SourceCount]:
        """Return the tracked sources, which `update` reads again, in the order of their locations."""
        from readlist.search.statistics import count_sources

        return self._index.read(count_sources)

    def tags(self, query: Query) -> list[TagCount]:
        """Return the tags in effect of the papers that match `query`, the most frequent first."""
        from readlist.search.statistics import count_tags

        return self._query(count_tags, query)

    def stats(self, query: Query, today: dt.date) -> Stats:
        """Compute the reading statistics of the papers that match `query`; the weeks end with that of `today`."""
        from readlist.search.statistics import compute_stats

        return self._query(compute_stats, query, today)

    def review_year(self, query: Query, year: int, today: dt.date) -> YearReview:
        """Review a year of the papers that match `query`: what was added, read, skipped, starred and noted in it."""
        from readlist.search.year_review import review_year

        return self._query(review_year, query, year, today)

    def definitions(self) -> UserDefinitions:
        """Return the saved queries, the renamed tags and the synonyms."""
        from readlist.search.definitions import read_definitions

        return self._index.read(read_definitions)

    def complete(self, kind: str, typed: str) -> list[tuple[str, str]]:
        """Return completions of `typed` with descriptions; a stale index is not rebuilt, which would take too long.

        No IDs are completed where papers.json was replaced since: they may belong to other papers now.
        """
        from readlist.search.completion import complete

        papers = self._store.fingerprints()[0]
        with contextlib.suppress(IndexFailure):
            return self._index.read_unchecked(lambda connection: complete(connection, kind, typed, papers))
        return []

    def history(self) -> list[HistoryEntry]:
        """Return the undone changes, the next to be redone last, then the other changes, the newest first.

        All of them can be undone, except what a sync changed.
        Raises StoreError for a corrupt history entry.
        """
        return self._store.history.listed()

    def undoable(self) -> Iterator[HistoryEntry]:
        """Iterate over the changes that can be undone, the newest first. Raises StoreError for a corrupt entry."""
        return self._store.history.done()

    def redoable(self) -> Iterator[HistoryEntry]:
        """Iterate over the changes that can be redone, the next one first. Raises StoreError for a corrupt entry."""
        return self._store.history.undone()

    def backups(self) -> list[BackupCount]:
        """Return the backups of the marks, then of the papers, each the newest first."""
        from readlist.store import recovery

        return [*recovery.count_backups(self._store.marks.file), *recovery.count_backups(self._store.papers.file)]
