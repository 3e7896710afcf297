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
import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from readlist.errors import ReadlistError, UsageError
from readlist.models import Entry, LoadReport, Mark, Status
from readlist.search.index import Index, IndexDamaged
from readlist.store.stamps import stamp
from readlist.text import arxiv_id, clean, clean_markdown, fold_tag

if TYPE_CHECKING:
    from readlist.digests.batch import Batch
    from readlist.models import DigestCount, Found, Paper, SourceFile, TagCount
    from readlist.search.query import Query
    from readlist.store.files import Lock
    from readlist.store.marks import MarkStore
    from readlist.store.papers import Merged, PaperStore

MAX_NOTE = 10_000
"""Characters a note may have: ten pages; what is longer is a file of its own."""
MAX_TAG = 64
"""Characters a tag may have."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done and how much there is."""

_T = TypeVar("_T")
_RANGE = re.compile(r"(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?")


def _silent(_doing: str, _done: int, _all: int) -> None:
    pass


class Folders(NamedTuple):
    """Where a library lives: `data` holds the store files, `state` the lock and backups, `cache` the index."""

    data: Path
    state: Path
    cache: Path


class Resolved(NamedTuple):
    """Which papers some items stand for, in the order they were named, and the items that stand for none."""

    ids: tuple[int, ...]
    missing: tuple[str, ...]


def join(paper: Paper, mark: Mark | None) -> Entry:
    """The row of a paper and its mark, with the tags in effect."""
    if mark is None:
        return Entry(paper, Mark(paper.key), paper.tags)
    removed = {fold_tag(tag) for tag in mark.tags_removed}
    in_effect: dict[str, str] = {}
    for tag in (*paper.tags, *mark.tags_added):
        if fold_tag(tag) not in removed:
            in_effect.setdefault(fold_tag(tag), tag)
    return Entry(paper, mark, tuple(in_effect.values()))


class Library:
    """A reading list in its folders; every method is one whole transaction.

    Raises ReadlistError and what stands below it in `errors`.
    """

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._store_files = (folders.data / "papers.json", folders.data / "marks.json")
        self._index = Index(folders.cache / "index.sqlite")

    # The store, which no command that reads needs

    @cached_property
    def _lock(self) -> Lock:
        from readlist.store.files import Lock

        return Lock(self._folders.state / "lock")

    @cached_property
    def _papers(self) -> PaperStore:
        from readlist.store.papers import PaperStore

        return PaperStore(self._store_files[0], self._lock, self._folders.state / "backups")

    @cached_property
    def _marks(self) -> MarkStore:
        from readlist.store.marks import MarkStore

        return MarkStore(self._store_files[1], self._lock, self._folders.state / "backups")

    # Loading

    def load(self, paths: Sequence[Path], piped: bytes | None = None, progress: Progress = _silent) -> LoadReport:
        """Load digests from files, from folders, recursively, and from what was piped in.

        What cannot be read is reported, the rest is loaded. A file that is as it was when it was last loaded without
        a problem is not read again.
        """
        from readlist.digests.batch import Batch

        batch = Batch()
        batch.read_files(paths, self._ask(lambda index: index.sources()), partial(progress, "reading"))
        if piped is not None:
            batch.read_piped(piped)
        progress("saving", 0, 0)
        with self._lock:
            merged = self._merge(batch)
        return LoadReport(
            added=len(merged.added),
            updated=len(merged.updated),
            repeated=len(merged.repeated),
            unchanged=merged.unchanged + batch.unchanged,
            problems=tuple(batch.problems),
            failures=tuple(batch.failures),
        )

    def _merge(self, batch: Batch) -> Merged:
        self._make_index_true()
        merged = self._papers.merge(batch.papers, batch.files)
        changed = (*merged.added, *merged.updated, *merged.repeated)
        if changed or batch.files:
            marks = self._marks.marks()
            self._update_index([join(paper, marks.get(paper.key)) for paper in changed], batch.files)
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
        return self._ask(lambda index: index.digests())

    def tags(self, query: Query) -> list[TagCount]:
        """The tags in effect among the papers that answer `query`, the most frequent first."""
        return self._ask(lambda index: index.tags(query))

    # Marking

    def set_status(self, ids: Sequence[int], status: Status) -> list[Entry]:
        """Set the status; like every change, returns the entries that differ now, as they are now."""

        def change(entry: Entry) -> Mark:
            mark = entry.mark
            return mark if mark.status is status else replace(mark, status=status, status_at=_now())

        return self._change(ids, change)

    def set_star(self, ids: Sequence[int], *, starred: bool) -> list[Entry]:
        """Star or unstar."""

        def change(entry: Entry) -> Mark:
            mark = entry.mark
            return mark if mark.starred is starred else replace(mark, starred=starred, starred_at=_now())

        return self._change(ids, change)

    def append_note(self, id_: int, text: str) -> list[Entry]:
        """Add a paragraph of Markdown to the paper's note."""
        paragraph = clean_markdown(text)

        def change(entry: Entry) -> Mark:
            return _with_note(entry.mark, "\n\n".join(filter(None, (entry.mark.note, paragraph))))

        return self._change([id_], change)

    def set_note(self, id_: int, text: str) -> list[Entry]:
        """Replace the paper's note; "" clears it."""
        return self._change([id_], lambda entry: _with_note(entry.mark, clean_markdown(text)))

    def retag(self, ids: Sequence[int], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> list[Entry]:
        """Add and remove tags of the reader's own; a digest's tag is only hidden, and adding it again shows it."""
        adding, removing = _tags(add), _tags(remove)
        if both := adding.keys() & removing.keys():
            raise UsageError(f"cannot both add and remove #{min(both)}")
        return self._change(ids, lambda entry: _with_tags(entry, adding, removing))

    def _change(self, ids: Sequence[int], changed_mark: Callable[[Entry], Mark]) -> list[Entry]:
        with self._lock:
            papers = {entry.paper.key: entry.paper for entry in self.entries(ids)}
            changes = self._marks.change(tuple(papers), lambda mark: changed_mark(join(papers[mark.key], mark)))
            changed = [join(papers[change.after.key], change.after) for change in changes]
            if changed:
                self._update_index(changed, ())
        return changed

    # The index

    def _ask(self, question: Callable[[Index], _T]) -> _T:
        self._make_index_true()
        try:
            return question(self._index)
        except IndexDamaged:
            self._rebuild_index()
            return question(self._index)

    def _make_index_true(self) -> None:
        if self._index.is_true(self._stamps()):
            return
        with contextlib.suppress(ReadlistError), self._lock:
            pass  # somebody may be between the store and the index: once they are done, nothing is left to do
        if not self._index.is_true(self._stamps()):
            self._rebuild_index()

    def _rebuild_index(self) -> None:
        stamps = self._stamps()  # taken before the files are read: a change in between leaves a stale index
        marks = self._marks.marks()
        entries = (join(paper, marks.get(paper.key)) for paper in self._papers.papers())
        try:
            self._index.rebuild(entries, self._papers.sources().values(), stamps)
        except OSError as error:
            raise ReadlistError(f"cannot build the search index: {error}") from error

    def _update_index(self, entries: Iterable[Entry], sources: Iterable[SourceFile]) -> None:
        """Bring the index up to the store; called under the lock, after the store was written.

        An index that cannot be updated stays stale, which the next command sees and mends.
        """
        with contextlib.suppress(IndexDamaged, OSError):
            self._index.update(entries, sources, self._stamps())

    def _stamps(self) -> tuple[str, str]:
        papers, marks = self._store_files
        return stamp(papers), stamp(marks)


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


def _with_note(mark: Mark, note: str) -> Mark:
    if len(note) > MAX_NOTE:
        raise UsageError(f"a note holds {MAX_NOTE:,} characters; this one would have {len(note):,}")
    return mark if note == mark.note else replace(mark, note=note, note_at=_now())


def _tags(tags: Iterable[str]) -> dict[str, str]:
    """Folded tag -> tag as it is to be shown."""
    cleaned = [clean(tag).lstrip("#") for tag in tags]
    for tag in cleaned:
        if not tag or len(tag) > MAX_TAG or " " in tag:
            raise UsageError(f"not a tag: '{tag}'; a tag is one word of at most {MAX_TAG} characters")
    return {fold_tag(tag): tag for tag in cleaned}


def _with_tags(entry: Entry, adding: dict[str, str], removing: dict[str, str]) -> Mark:
    mark = entry.mark
    digest_tags = {fold_tag(tag): tag for tag in entry.paper.tags}
    own = {fold_tag(tag): tag for tag in mark.tags_added}
    hidden = {fold_tag(tag): tag for tag in mark.tags_removed}
    for name, tag in adding.items():
        hidden.pop(name, None)
        if name not in digest_tags:
            own.setdefault(name, tag)
    for name in removing:
        own.pop(name, None)
        if name in digest_tags:
            hidden.setdefault(name, digest_tags[name])
    changed = replace(mark, tags_added=tuple(own.values()), tags_removed=tuple(hidden.values()))
    return mark if changed == mark else replace(changed, tags_at=_now())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
