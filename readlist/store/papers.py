"""PaperStore: the papers in papers.json, one record per paper, and where they came from."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.errors import NoSuchItem, StoreError
from readlist.models import Appearance, LoadedDocument, MergeResult, Paper, PaperRef, Provenance, TrackedSource
from readlist.opening import open_regular
from readlist.store import provenance
from readlist.store.changes import RecordChanges
from readlist.store.file import BackupDifference, RepairReport, StoreFile
from readlist.store.format import META, META_ID
from readlist.store.identity import Identity
from readlist.store.lock import Lock
from readlist.store.matching import PaperMatcher
from readlist.store.record_search import find_records
from readlist.text import clean

if TYPE_CHECKING:
    from readlist.store.database import Database
    from readlist.store.format import Content, Tables
    from readlist.store.history import RecordSet, RecordSums

PAPERS = "papers"
TABLES = (*provenance.TABLES, PAPERS)
"""The papers are last: a file that is cut short keeps where they came from, so that they can be loaded again."""
MAX_PAPER_ID = 999_999_999
"""The largest ID that a user can type, see `records`."""
_BYTES_PER_SEARCH = 15_000
"""Bytes of papers.json that are read and parsed in the time in which one paper is searched for: 0.1 ms."""


class PapersSnapshot(NamedTuple):
    """The content of papers.json: its papers in the order of their IDs, their provenance, a phrase for each fault."""

    papers: Iterator[Paper]
    provenance: Provenance
    corruption: tuple[str, ...]


class PaperStore:
    """The papers in papers.json, and where they came from.

    Every method raises ReadlistError when the file cannot be read; of a corrupt one it reads the intact records.
    """

    def __init__(self, path: Path, lock: Lock, state: Path, identity: Identity) -> None:
        self.file = StoreFile(path, lock, state, identity, TABLES)

    def read(self) -> PapersSnapshot:
        """Read everything."""
        database = self.file.read()
        records = database.records(PAPERS).raw()
        papers = (_decode(id_, records[id_]) for id_ in sorted(records, key=int))
        return PapersSnapshot(filter(None, papers), _provenance(database), database.corruption)

    def find(self, papers: Sequence[PaperRef]) -> list[Paper]:
        """Return these papers as the file has them now, in this order, each by its key: its ID may have changed.

        Takes 0.1 ms per paper where the IDs are still right, and one read of the file at most. Raises NoSuchItem for a
        paper that the file does not have, StoreError where that may be due to its corruption.
        """
        found = self._find_by_id(papers)
        if all(paper.key in found for paper in papers):
            return [found[paper.key] for paper in papers]
        if missing_file := self.file.missing_message():
            raise StoreError(missing_file)
        found, is_complete = self._find_by_key(papers)
        if missing := [paper for paper in papers if paper.key not in found]:
            if not is_complete:
                self.file.require_intact(self.file.content())
            names = ", ".join(f"{paper.id} ({clean(paper.key)})" for paper in missing)
            raise NoSuchItem(f"no longer in the library: {names}; nothing was changed")
        return [found[paper.key] for paper in papers]

    def find_existing(self, papers: Sequence[PaperRef]) -> list[Paper]:
        """Return those of these papers that the file has now, each by its key; an ID may be 0 for not known."""
        found = self._find_by_id(papers)
        if not all(paper.key in found for paper in papers):
            found, _ = self._find_by_key(papers)
        return [found[paper.key] for paper in papers if paper.key in found]

    def _find_by_id(self, papers: Sequence[PaperRef]) -> dict[str, Paper]:
        """Search the file for papers that have ID and key of a reference; returns them by key, none for very many."""
        wanted = set(papers)
        with contextlib.suppress(OSError), os.fdopen(open_regular(self.file.path), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if len(wanted) * _BYTES_PER_SEARCH <= size + _BYTES_PER_SEARCH:
                records = find_records(file, PAPERS, [paper.id for paper in wanted])
                decoded = filter(None, (_decode(str(id_), record) for id_, record in records.items()))
                return {paper.key: paper for paper in decoded if paper.ref in wanted}
        return {}

    def _find_by_key(self, papers: Iterable[PaperRef]) -> tuple[dict[str, Paper], bool]:
        """Read the whole file; returns its papers with these keys, and whether it is intact."""
        keys = {paper.key for paper in papers}
        content = self.file.content()
        found = {
            paper.key: paper
            for id_, record in content.tables[PAPERS].items()
            if record.get("key") in keys and (paper := _decode(id_, record))
        }
        return found, not content.corruption

    def preview_merge(self, papers: Iterable[Paper]) -> MergeResult:
        """Return what a merge of these papers would do."""
        return _merge_result(_match(self.file.read(), papers))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[PaperChanges]:
        """Change papers.json: saved at the end of the block, all or nothing; raises like `StoreFile.transaction`."""
        with self.file.transaction() as database:
            yield PaperChanges(database)

    def diff_with_backup(self, name: str) -> BackupDifference | None:
        """Return how a backup differs from the file; see `StoreFile`."""
        return self.file.diff_with_backup(name)

    def repair(self, directory: Path) -> RepairReport | None:
        """Repair a corrupt file, see StoreFile; every document is read again when it is loaded.

        Papers that another program gave the same ID, when it merged two files, are all kept, with an ID each.
        """
        return self.file.repair(directory, _revise_repaired)


class PaperChanges(RecordChanges):
    """papers.json in a transaction."""

    def merge(
        self, papers: Iterable[Paper], documents: Iterable[LoadedDocument], sources: Iterable[TrackedSource]
    ) -> MergeResult:
        """Merge loaded papers: new ones get an ID and a key, known ones what they lack.

        Loading the same documents again changes nothing.
        """
        matcher = _match(self._database, papers)
        if matcher.next_id > MAX_PAPER_ID + 1 and matcher.next_id > _stored_next_id(self._database):
            raise StoreError(
                f"no ID is left for new papers: papers.json contains IDs, or a next_id, of up to {MAX_PAPER_ID:,}; "
                "nothing was changed"
            )
        next_id = _stored_next_id(self._database)
        loaded = provenance.after_load(_provenance(self._database), documents, sources)
        self.put({PAPERS: matcher.changed(), **provenance.encode(loaded)})
        if matcher.next_id != next_id:
            self.set_metadata("next_id", matcher.next_id)  # not in `previous`: an ID is never given again
        return _merge_result(matcher)

    def untrack(self, location: str) -> None:
        """Stop tracking a source, if it is tracked; its papers stay."""
        known = _provenance(self._database)
        if location in known.sources:
            self.put(provenance.encode(provenance.after_untrack(known, location)))

    def replay(self, records: RecordSet) -> None:
        """Put the records of these tables that belong to papers.json."""
        self.put({table: records[table] for table in TABLES if table in records})

    @property
    def papers(self) -> tuple[Paper, ...]:
        """The papers that are new or different."""
        changed = self.current.get(PAPERS, {}).items()
        return tuple(paper for id_, record in changed if record and (paper := _decode(id_, record)))

    def split_unchanged(self, records: RecordSet, sums: RecordSums) -> tuple[RecordSet, RecordSet]:
        """Split the records of a history entry; a paper that has another ID by now, from elsewhere, is not put back."""
        unchanged, elsewhere = super().split_unchanged(records, sums)
        wanted = unchanged.get(PAPERS)
        if not wanted:
            return unchanged, elsewhere
        ids = {record["key"]: id_ for id_, record in self.records(PAPERS).items() if id_ not in wanted}
        repeated = {id_: record for id_, record in wanted.items() if record and record["key"] in ids}
        if not repeated:
            return unchanged, elsewhere
        rest = {id_: record for id_, record in wanted.items() if id_ not in repeated}
        return {**unchanged, PAPERS: rest}, {**elsewhere, PAPERS: {**elsewhere.get(PAPERS, {}), **repeated}}

    def name(self, id_: str, record: Mapping[str, Any] | None = None) -> str:
        """Return the ID and the title of a paper, of which this is a record, for a message."""
        title = (self.records(PAPERS).get(id_) or record or {}).get("title", "")
        return f"{id_} {title}".rstrip()

    @property
    def count(self) -> int:
        """How many papers there are now."""
        return len(self.records(PAPERS))

    @property
    def removed_ids(self) -> tuple[int, ...]:
        """The IDs of the papers that were deleted."""
        return tuple(int(id_) for id_, record in self.current.get(PAPERS, {}).items() if record is None)

    @property
    def provenance(self) -> Provenance:
        """What is different in where papers came from."""
        return provenance.decode(*(self.current.get(table, {}) for table in provenance.TABLES))


def _revise_repaired(tables: Tables, corrupt: Content) -> int:
    """Let no document count as loaded, since a corrupt file has lost papers, and give papers in conflict an ID each."""
    from readlist.store.records import record_error

    for document in tables[provenance.DOCUMENTS].values():
        document.pop("version", None)
    papers = tables[PAPERS]
    keys = {record["key"] for record in corrupt.tables[PAPERS].values()}
    for id_ in papers.keys() - corrupt.tables[PAPERS].keys():
        if papers[id_]["key"] in keys:  # of the backup: in the file, which another program wrote, it has another ID
            del papers[id_]
    metadata = tables[META].get(META_ID, {})
    next_id = _next_id(metadata, papers)
    keys = {record["key"] for record in papers.values()}
    conflicts = (conflict for conflict in corrupt.conflicts if conflict.table == PAPERS)
    for id_, record in ((conflict.id, version) for conflict in conflicts for version in conflict.versions):
        if record_error(PAPERS, id_, record) or record["key"] in keys:
            continue
        keys.add(record["key"])
        if id_ not in papers:
            papers[id_] = record
        elif next_id <= MAX_PAPER_ID:
            papers[str(next_id)] = record
            next_id += 1
    tables[META][META_ID] = {**metadata, "next_id": next_id}
    return 0


def _provenance(database: Database) -> Provenance:
    return provenance.decode(*(database.records(table).raw() for table in provenance.TABLES))


def _match(database: Database, papers: Iterable[Paper]) -> PaperMatcher:
    matcher = PaperMatcher(database.records(PAPERS).raw(), _stored_next_id(database))
    for paper in papers:
        matcher.add(paper)
    return matcher


def _stored_next_id(database: Database) -> int:
    return _next_id(database.records(META).raw()[META_ID], database.records(PAPERS).raw())


def _next_id(metadata: Mapping[str, Any], papers: Mapping[str, Any]) -> int:
    """Return the next free ID; it is stored, since an ID is not reused after its paper was removed."""
    return max(int(metadata.get("next_id", 1)), max(map(int, papers), default=0) + 1)


def _merge_result(matcher: PaperMatcher) -> MergeResult:
    changed = matcher.changed()
    kinds: dict[str, list[Paper]] = {"added": [], "updated": [], "repeated": [], "unchanged": []}
    for id_, record in changed.items():
        if paper := _decode(id_, record):
            kinds[_kind(matcher.before(id_), record)].append(paper)
    return MergeResult(
        added=tuple(kinds["added"]),
        updated=tuple(kinds["updated"]),
        repeated=tuple(kinds["repeated"]),
        unchanged=len(matcher.merged_records) - len(changed) + len(kinds["unchanged"]),
    )


def _kind(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before is None:
        return "added"
    if {**before, "digests": after["digests"]} != after:
        return "updated"
    return "repeated" if len(before["digests"]) < len(after["digests"]) else "unchanged"


def _decode(id_: str, record: Mapping[str, Any]) -> Paper | None:
    """Return the paper of a record, None for one that a newer version wrote and this one does not understand."""
    try:
        return Paper(
            title=record["title"],
            authors=tuple(record.get("authors", ())),
            abstract=record.get("abstract", ""),
            comments=record.get("comments", {}),
            tags=tuple(record.get("tags", ())),
            links=tuple(record.get("links", ())),
            arxiv_id=record.get("arxiv_id", ""),
            url=record.get("url", ""),
            digests=tuple(_decode_appearances(record["digests"])),
            id=int(id_),
            key=record["key"],
        )
    except (KeyError, TypeError, ValueError):
        return None


def _decode_appearances(digests: Iterable[Mapping[str, Any]]) -> Iterator[Appearance]:
    for appearance in digests:
        date = appearance["date"]
        yield Appearance(dt.date.fromisoformat(date) if date else None, appearance["source"])
