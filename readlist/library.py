"""Library: the one object that joins digests, store and search, and keeps the index true.

    load    files -> digests -> PaperStore -> index
    mark    items -> index (which papers) -> MarkStore -> index
    find    query -> index

A read answers from the index alone; where the index is missing, stale or damaged it is first built anew from the
store, without a word. A change is written to the store under the library's lock and only then to the index: dying
in between leaves a stale index, never a false one.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from readlist import marking
from readlist.errors import ReadlistError
from readlist.models import Entry, LoadReport, Origins, RememberedSource
from readlist.search.index import Index, IndexDamaged
from readlist.store.stamps import stamp
from readlist.text import arxiv_id, clean

if TYPE_CHECKING:
    from readlist.digests.batch import Batch
    from readlist.models import DigestCount, Document, Found, TagCount
    from readlist.search.query import Query
    from readlist.store.files import Lock
    from readlist.store.marks import MarkStore
    from readlist.store.papers import Merged, PaperStore

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""

_T = TypeVar("_T")
_RANGE = re.compile(r"(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?")


class Folders(NamedTuple):
    """Where a library lives: `data` holds the store files, `state` the lock and backups, `cache` the index."""

    data: Path
    state: Path
    cache: Path


class Resolved(NamedTuple):
    """Which papers some items stand for, in the order they were named, and the items that stand for none."""

    ids: tuple[int, ...]
    missing: tuple[str, ...]


def _ignore(*_: object) -> None:
    pass


class Library:
    """A reading list in its folders; every method is one whole transaction.

    Raises ReadlistError and what stands below it in `errors`. `warn` is told in one line of what is wrong with the
    store and does not keep a command from being done.
    """

    def __init__(self, folders: Folders, warn: Callable[[str], None] = _ignore) -> None:
        self.folders = folders
        self._warn = warn
        self._store_files = (folders.data / "papers.json", folders.data / "marks.json")
        self._index = Index(folders.cache / "index.sqlite")

    # The store, which no command that reads needs

    @cached_property
    def _lock(self) -> Lock:
        from readlist.store.files import Lock

        return Lock(self.folders.state / "lock")

    @cached_property
    def _papers(self) -> PaperStore:
        from readlist.store.papers import PaperStore

        return PaperStore(self._store_files[0], self._lock, self.folders.state / "backups")

    @cached_property
    def _marks(self) -> MarkStore:
        from readlist.store.marks import MarkStore

        return MarkStore(self._store_files[1], self._lock, self.folders.state / "backups")

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
        documents = self._ask(Index.origins).documents.values()
        batch = _batch(document for document in documents if document and not document.problems)
        batch.read([RememberedSource(source, private) for source in sources], partial(progress, "reading"))
        if piped is not None:
            batch.read_piped(piped)
        return self._take_in(batch, dry_run, progress)

    def update(self, *, dry_run: bool = False, progress: Progress = _ignore) -> LoadReport:
        """Load what is new from every source that is remembered.

        A single file that is gone has nothing new and is passed over; a folder or page that cannot be had is a failure.
        """
        origins = self._ask(Index.origins)
        batch = _batch(filter(None, origins.documents.values()))
        sources = [source for source in origins.sources.values() if source and not _is_gone(source, origins)]
        batch.read(sources, partial(progress, "reading"))
        return self._take_in(batch, dry_run, progress)

    def forget(self, source: str) -> bool:
        """Do not look at a source again; its papers stay. Returns whether it was remembered."""
        from readlist.digests.batch import location

        with self._lock:
            before = self._make_index_true()
            change = self._papers.forget(location(source))
            if change.sources:
                self._update_index((), change, before)
        return bool(change.sources)

    def _take_in(self, batch: Batch, dry_run: bool, progress: Progress) -> LoadReport:
        progress("saving", 0, 0)
        if dry_run:
            merged = self._papers.preview(batch.papers)
        else:
            with self._lock:
                merged = self._merge(batch)
        return LoadReport(
            added=merged.added,
            updated=merged.updated,
            repeated=merged.repeated,
            unchanged=merged.unchanged + batch.unchanged,
            without_paper=tuple(batch.without_paper),
            problems=tuple(batch.problems),
            failures=tuple(batch.failures),
        )

    def _merge(self, batch: Batch) -> Merged:
        before = self._make_index_true()
        merged = self._papers.merge(batch.papers, batch.documents, batch.sources)
        changed = (*merged.added, *merged.updated, *merged.repeated)
        if changed or any(merged.origins):
            marks = self._marks.read().marks
            entries = [marking.join(paper, marks.get(paper.key)) for paper in changed]
            self._update_index(entries, merged.origins, before)
        return merged

    # Finding

    def find(self, query: Query, *, ranked: bool, limit: int | None = None) -> Found:
        """The papers that answer `query`: the best first if `ranked`, else the newest digest first; at most `limit`."""
        return self._ask(lambda index: index.find(query, ranked=ranked, limit=limit))

    def resolve(self, items: Iterable[str]) -> Resolved:
        """Which papers are meant by ids, ranges such as 15-18, arXiv ids and keys."""
        return self._ask(lambda index: _resolve(index, items))

    def entries(self, ids: Sequence[int]) -> list[Entry]:
        """The entries of these ids, in their order."""
        return self._ask(lambda index: index.entries(ids))

    def digests(self) -> list[DigestCount]:
        """What has been loaded, the newest digest first."""
        return self._ask(Index.digests)

    def tags(self, query: Query) -> list[TagCount]:
        """The tags in effect among the papers that answer `query`, the most frequent first."""
        return self._ask(lambda index: index.tags(query))

    # Marking

    def mark(self, ids: Sequence[int], change: marking.Change) -> list[Entry]:
        """Make one of the changes in `marking` to these papers, all in one write.

        Returns the entries that differ now, as they are now.
        """
        with self._lock:
            papers = {entry.paper.key: entry.paper for entry in self.entries(ids)}
            before = self._stamps()  # to which the index has just been made true
            changes = self._marks.change(tuple(papers), lambda mark: change(marking.join(papers[mark.key], mark)))
            changed = [marking.join(papers[made.after.key], made.after) for made in changes]
            if changed:
                self._update_index(changed, Origins(), before)
        return changed

    # The index

    def _ask(self, question: Callable[[Index], _T]) -> _T:
        self._make_index_true()
        try:
            return question(self._index)
        except IndexDamaged:
            self._rebuild_index()
        try:
            return question(self._index)
        except IndexDamaged as error:
            raise ReadlistError(f"the search index cannot be read: {error}") from error

    def _make_index_true(self) -> tuple[str, str]:
        """See to it that the index is that of the store; returns the stamps of the store files that it is true to."""
        stamps = self._stamps()
        if self._index.is_true(stamps):
            return stamps
        with contextlib.suppress(ReadlistError), self._lock:
            pass  # somebody may be between the store and the index: once they are done, nothing is left to do
        stamps = self._stamps()
        return stamps if self._index.is_true(stamps) else self._rebuild_index()

    def _rebuild_index(self) -> tuple[str, str]:
        stamps = self._stamps()  # taken before the files are read: a change in between leaves a stale index
        try:
            self._build_index(stamps)
        except OSError:  # no place for a cache: an index for this process alone
            import atexit
            import shutil
            import tempfile

            folder = tempfile.mkdtemp(prefix="readlist-")
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            self._index = Index(Path(folder, "index.sqlite"))
            try:
                self._build_index(stamps)
            except OSError as error:
                raise ReadlistError(f"there is no room for a search index: {error}") from error
        return stamps

    def _build_index(self, stamps: tuple[str, str]) -> None:
        papers, origins, papers_damage = self._papers.read()
        marks, marks_damage = self._marks.read()
        entries = (marking.join(paper, marks.get(paper.key)) for paper in papers)
        for path, damage in zip(self._store_files, (papers_damage, marks_damage), strict=True):
            if damage:
                self._warn(f"{path} is damaged ({damage[0]}); only what is sound of it is shown")
                stamps = ("", "damaged")  # an index that is never true: each command says what is wrong
        self._index.rebuild(entries, origins, stamps)

    def _update_index(self, entries: Iterable[Entry], origins: Origins, before: tuple[str, str]) -> None:
        """Bring the index up to the store; called under the lock, after the store was written.

        An index that cannot be updated stays stale, which the next command sees and mends.
        """
        with contextlib.suppress(IndexDamaged, OSError):
            self._index.update(entries, origins, before, self._stamps())

    def _stamps(self) -> tuple[str, str]:
        papers, marks = self._store_files
        return stamp(papers), stamp(marks)


def _batch(known: Iterable[Document]) -> Batch:
    from readlist.digests.batch import Batch

    return Batch({document.location: document for document in known})


def _is_gone(source: RememberedSource, origins: Origins) -> bool:
    """Whether it was a single file, and there is none any more."""
    path = Path(source.location)
    return source.location in origins.documents and path.is_absolute() and not path.exists()


def _resolve(index: Index, items: Iterable[str]) -> Resolved:
    ids: dict[int, None] = {}
    missing: list[str] = []
    for item in items:
        found = _ids_of(index, item)
        ids.update(dict.fromkeys(found))
        if not found:
            missing.append(clean(item))
    return Resolved(tuple(ids), tuple(missing))


def _ids_of(index: Index, item: str) -> list[int]:
    if match := _RANGE.fullmatch(item):
        first = int(match["first"])
        return index.ids_between(first, int(match["last"] or first))
    if arxiv := arxiv_id(item):
        return index.by_arxiv(arxiv)
    return index.by_key(item)
