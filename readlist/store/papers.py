"""PaperStore: the papers in papers.json, one record per paper, and where they came from."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.errors import NoSuchItem
from readlist.models import Paper, PaperRef
from readlist.opening import open_regular
from readlist.reports import MergeResult
from readlist.sources import LoadedDocument, Provenance, TrackedSource
from readlist.store import paper_records, provenance
from readlist.store.changes import RecordChanges
from readlist.store.database import Database
from readlist.store.file import FileStatus, StoreFile
from readlist.store.format import META, META_ID, Metadata, record_sum
from readlist.store.identity import Identity, read_metadata
from readlist.store.lock import Lock
from readlist.store.record_search import BYTES_PER_SEARCH, find_records
from readlist.store.stored_table import find_by_field, find_by_list, last_id, open_tables
from readlist.text import clean, fold_tag, list_some

if TYPE_CHECKING:
    from readlist.store.duplicates import FindCandidates
    from readlist.store.format import Content, Record, Tables
    from readlist.store.history import RecordSet, RecordSums
    from readlist.store.matching import PaperMatcher
    from readlist.store.recovery import BackupDifference, RepairReport

PAPERS = "papers"
TABLES = (*provenance.TABLES, PAPERS)
"""The papers are last: a file that is cut short keeps where they came from, so that they can be loaded again."""


class PapersSnapshot(NamedTuple):
    """The content of papers.json: its papers in the order of their IDs, their provenance, and what is wrong with it."""

    papers: Iterator[Paper]
    provenance: Provenance
    status: FileStatus


class PaperStore:
    """The papers in papers.json, and where they came from.

    Every method raises ReadlistError when the file cannot be read; of a corrupt one it reads the intact records.
    """

    def __init__(self, path: Path, lock: Lock, state: Path, identity: Identity) -> None:
        self.file = StoreFile(path, lock, state, identity, TABLES)

    def read(self, *, with_codes: bool = False) -> PapersSnapshot:
        """Read everything; the papers have their identity codes if `with_codes`, as the index needs them."""
        content = self.file.read_content()
        records = content.tables[PAPERS]
        decode = _decode_with_codes if with_codes else paper_records.decode
        papers = (decode(id_, records[id_]) for id_ in sorted(records, key=int))
        return PapersSnapshot(filter(None, papers), _provenance(Database(content.tables)), self.file.examine(content))

    def find(self, papers: Sequence[PaperRef]) -> list[Paper]:
        """Return these papers as the file has them now, in this order, each by its key: its ID may have changed.

        Takes 0.1 ms per paper where the IDs are still right, and one read of the file at most. Raises NoSuchItem for a
        paper that the file does not have, StoreError where that may be due to its corruption.
        """
        found = self._find_by_id(papers)
        if all(paper.key in found for paper in papers):
            return [found[paper.key] for paper in papers]
        by_key = self._find_by_key(papers)
        if missing := [paper for paper in papers if paper.key not in by_key]:
            self.file.require_usable(self.file.read_content())
            names = [f"{paper.id} ({clean(paper.key)})" for paper in missing]
            noun = "paper is" if len(names) == 1 else "papers are"
            raise NoSuchItem(f"{noun} no longer in the library: {list_some(names)}; nothing was changed")
        return [by_key[paper.key] for paper in papers]

    def find_existing(self, papers: Sequence[PaperRef]) -> list[Paper]:
        """Return those of these papers that the file has now, each by its key; an ID may be 0 for not known."""
        found = self._find_by_id(papers)
        if not all(paper.key in found for paper in papers):
            found = self._find_by_key(papers)
        return [found[paper.key] for paper in papers if paper.key in found]

    def _find_by_id(self, papers: Sequence[PaperRef]) -> dict[str, Paper]:
        """Search the file for papers that have ID and key of a reference; returns them by key, none for very many."""
        wanted = set(papers)
        records = self._search([paper.id for paper in wanted])
        decoded = filter(None, (paper_records.decode(str(id_), record) for id_, record in records.items()))
        return {paper.key: paper for paper in decoded if paper.ref in wanted}

    def _search(self, ids: Collection[int]) -> dict[int, Record]:
        """Search the file for the records of these IDs; returns those that are found, none for very many."""
        with contextlib.suppress(OSError), os.fdopen(open_regular(self.file.path), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if len(ids) * BYTES_PER_SEARCH <= size + BYTES_PER_SEARCH:
                return find_records(file, PAPERS, ids)
        return {}

    def _find_by_key(self, papers: Iterable[PaperRef]) -> dict[str, Paper]:
        """Read the whole file; returns its papers with these keys."""
        keys = {paper.key for paper in papers}
        records = self.file.read_content(validate=False).tables[PAPERS].items()
        decoded = (paper_records.decode(id_, record) for id_, record in records if record.get("key") in keys)
        return {paper.key: paper for paper in decoded if paper}

    def find_tagged(self, tags: Set[str], keys: Collection[str]) -> list[Paper]:
        """Return the papers to which a digest gave one of these folded tags, or that have one of these keys.

        Of a file that is unchanged since it was saved, only these are decoded: 0.3 s per 100 MB and 0.1 ms per paper.
        """
        records = self._read_unparsed() or self.file.read_content().tables[PAPERS]
        tagged = find_by_list(records, "tags", lambda names: not tags.isdisjoint(map(fold_tag, names)))
        by_key = find_by_field(records, "key", keys) if keys else {}
        decoded = (paper_records.decode(id_, record) for id_, record in {**tagged, **by_key}.items())
        return list(filter(None, decoded))

    def _read_unparsed(self) -> Mapping[str, Mapping[str, Any]] | None:
        """Return the records of a file that is unchanged since it was saved, None for any other."""
        with contextlib.suppress(OSError), os.fdopen(open_regular(self.file.path), "rb") as file:
            tables = open_tables(self.file.path, file, TABLES)
            return tables[PAPERS] if tables else None
        return None

    def find_known(self, papers: Sequence[Paper], find_candidates: FindCandidates) -> list[Paper | None]:
        """Return for each of these papers the one in the library that it is, as merging would leave it, None for none.

        Of the file only the records that `find_candidates` returns are read.
        """
        from readlist.store.duplicates import loaded_papers
        from readlist.store.identity_codes import incoming_codes
        from readlist.store.matching import PaperMatcher

        known = self._read_records(find_candidates(incoming_codes(papers, ())))
        matcher = PaperMatcher(known, max(map(int, known), default=0) + 1)
        ids = matcher.add_all(papers)
        found = loaded_papers(matcher, ids, [number for number, id_ in enumerate(ids) if id_ in known])
        return [found.get(number) for number in range(len(papers))]

    def _read_records(self, ids: Collection[int] | None) -> Mapping[str, Mapping[str, Any]]:
        """Return the records of these IDs in their order, all valid records where not all of these are found."""
        found = {} if ids is None else self._search(ids)
        if ids is not None and len(found) == len(set(ids)):
            return {str(id_): found[id_] for id_ in sorted(found)}
        return self.file.read_content().tables[PAPERS]

    def preview_merge(
        self, papers: Sequence[Paper], documents: Iterable[LoadedDocument] = (), numbers: Iterable[int] = ()
    ) -> tuple[MergeResult, dict[int, Paper]]:
        """Return what a merge of these papers would do, and what those with these numbers would be in the library."""
        from readlist.store.duplicates import loaded_papers, match, merge_result

        database = Database(self.file.read_content().tables)
        reloaded = provenance.reloaded_files(_provenance(database), documents)
        matcher, ids = match(database.records(PAPERS).raw(), papers, _stored_next_id(database), reloaded)
        return merge_result(matcher, matcher.changed()), loaded_papers(matcher, ids, numbers)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[PaperChanges]:
        """Change papers.json: saved at the end of the block, all or nothing; raises like `StoreFile.transaction`."""
        with self.file.transaction() as database:
            newest = next(iter(self.file.backups), None)
            used_ids = read_metadata(newest.path).next_id if newest else 1  # the file may be an older copy
            yield PaperChanges(database, used_ids)

    def diff_with_backup(self, name: str) -> BackupDifference | None:
        """Return how a backup differs from the file; see `recovery`."""
        from readlist.store import recovery

        return recovery.diff_with_backup(self.file, name)

    def repair(self, directory: Path) -> RepairReport | None:
        """Repair a corrupt file, see `recovery`; every document is read again when it is loaded.

        Papers that another program gave the same ID, when it merged two files, are all kept, with an ID each.
        """
        from readlist.store import recovery

        return recovery.repair(self.file, directory, _revise_repaired)


class PaperChanges(RecordChanges):
    """papers.json in a transaction; IDs below `first_id` have been given already."""

    def __init__(self, database: Database, first_id: int) -> None:
        super().__init__(database)
        self._first_id = first_id
        self._loaded: tuple[PaperMatcher, Sequence[str]] | None = None

    def merge(
        self,
        papers: Sequence[Paper],
        documents: Iterable[LoadedDocument],
        sources: Iterable[TrackedSource],
        moved: Iterable[str] = (),
        find_candidates: FindCandidates | None = None,
    ) -> MergeResult:
        """Merge loaded papers: new ones get an ID and a key, known ones what they lack.

        Loading the same documents again changes nothing. `moved` are the former locations of documents. With
        `find_candidates` the papers are compared with those that it returns, otherwise with all of the file.
        """
        from readlist.store.duplicates import match, merge_result

        documents, moved = list(documents), list(moved)
        before = self.records(provenance.DOCUMENTS), self.records(provenance.SOURCES)
        known = provenance.decode_known(*before, (document.location for document in documents), moved)
        reloaded = provenance.reloaded_files(known, documents)
        matcher, ids = match(self.records(PAPERS), papers, self.next_id, reloaded, find_candidates)
        next_id = _stored_next_id(self._database)
        loaded = provenance.after_load(known, documents, sources, moved)
        changed = matcher.changed()
        self.put({PAPERS: changed, **provenance.encode(loaded)})
        if matcher.next_id != next_id:
            self.set_metadata("next_id", matcher.next_id)  # not in `previous`: an ID is never given again
        self._loaded = matcher, ids
        return merge_result(matcher, changed)

    def loaded(self, numbers: Iterable[int]) -> dict[int, Paper]:
        """Return what the papers with these numbers, of those that `merge` received, are in the library; once."""
        from readlist.store.duplicates import loaded_papers

        loaded, self._loaded = self._loaded, None  # it takes more memory than all that is left to do
        return loaded_papers(*loaded, numbers) if loaded else {}

    def correct(self, papers: Iterable[Paper]) -> None:
        """Replace the corrections of these papers by those that they have."""
        known = self.records(PAPERS)
        self.put({PAPERS: {str(p.id): paper_records.with_corrections(known[str(p.id)], p) for p in papers}})

    def fill(self, fields: Mapping[int, Mapping[str, Any]]) -> None:
        """Fill the empty fields of papers, by ID; a title only where it is an identifier in place of one."""
        from readlist.store.merging import fill_missing

        known = self.records(PAPERS)
        filled = {
            str(id_): fill_missing(
                known[str(id_)], {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}
            )
            for id_, values in fields.items()
        }
        self.put({PAPERS: filled})

    def merge_papers(self, kept: int, other: int) -> None:
        """Merge the paper of ID `other` into that of ID `kept`; its ID and key lead to the kept one from then on."""
        from readlist.store.merging import merge_records

        records = self.records(PAPERS)
        merged = merge_records(records[str(kept)], str(other), records[str(other)])
        self.set_metadata("next_id", self.next_id)  # `other` may be the last ID
        self.put({PAPERS: {str(kept): merged, str(other): None}})

    def set_deleted(self, ids: Iterable[int], at: dt.datetime | None) -> None:
        """Let papers count as deleted since `at`, in UTC, or not at all."""
        known = self.records(PAPERS)
        self.put({PAPERS: {str(id_): paper_records.with_deletion(known[str(id_)], at) for id_ in ids}})

    def untrack(self, location: str) -> None:
        """Stop tracking a source, if it is tracked; its papers stay."""
        known = _provenance(self._database)
        if location in known.sources:
            self.put(provenance.encode(provenance.after_untrack(known, location)))

    def replay(self, records: RecordSet) -> None:
        """Put the records of these tables that belong to papers.json."""
        self.put({table: records[table] for table in TABLES if table in records})

    @property
    def next_id(self) -> int:
        """The next ID that no paper had."""
        return max(_stored_next_id(self._database), self._first_id)

    @property
    def papers(self) -> Sequence[Paper]:
        """The papers that are new or different, with their identity codes, in the order of their IDs."""
        changed = self.current.get(PAPERS, {})
        ids = sorted((id_ for id_, record in changed.items() if record), key=int)
        return paper_records.decode_all(changed, ids, _decode_with_codes)

    @property
    def changed_ids(self) -> Iterator[int]:
        """The IDs of the papers that are new or different, or were deleted."""
        return map(int, self.current.get(PAPERS, {}))

    @property
    def replaced_codes(self) -> dict[int, tuple[int, ...]]:
        """The identity codes that the papers had before of which the record is new, different or deleted now."""
        from readlist.store.identity_codes import record_codes

        previous = self.previous.get(PAPERS, {})
        return {int(id_): record_codes(record) if record else () for id_, record in previous.items()}

    def split_unchanged(self, records: RecordSet, sums: RecordSums) -> tuple[RecordSet, RecordSet]:
        """Split the records of a history entry; a paper that another program gave another ID is not put back."""
        unchanged, foreign_changes = super().split_unchanged(records, sums)
        wanted = unchanged.get(PAPERS, {})
        repeated = self._find_repeated(wanted)
        if not repeated:
            return unchanged, foreign_changes
        rest = {id_: record for id_, record in wanted.items() if id_ not in repeated}
        return {**unchanged, PAPERS: rest}, {**foreign_changes, PAPERS: {**foreign_changes.get(PAPERS, {}), **repeated}}

    def _sum(self, table: str, value: Mapping[str, Any] | None, /) -> str | None:
        """Return a checksum, that of a document without its version, which a repair removes."""
        if value and table == provenance.DOCUMENTS:
            value = {name: field for name, field in value.items() if name != "version"}
        return record_sum(value)

    def _find_repeated(self, wanted: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Mapping[str, Any]]:
        """Return those of these papers, which are to be put back, whose key a paper with another ID has."""
        known = self.records(PAPERS)
        put_back = {id_: record for id_, record in wanted.items() if record}
        moved = {record["key"] for id_, record in put_back.items() if known.get(id_, {}).get("key") != record["key"]}
        others = find_by_field(known, "key", moved) if moved else {}
        taken = {record["key"] for id_, record in others.items() if id_ not in wanted}
        return {id_: record for id_, record in put_back.items() if record["key"] in taken}

    def describe(self, id_: str, record: Mapping[str, Any] | None) -> str:
        """Return the ID and the title of a paper, which was in this record, for a message."""
        title = (self.records(PAPERS).get(id_) or record or {}).get("title", "")
        return f"{id_} {title}".rstrip()

    @property
    def counts(self) -> tuple[int, int]:
        """How many papers there were before the change, and how many there are now."""
        previous = self.previous.get(PAPERS, {}).values()
        now = len(self.records(PAPERS))
        added = sum(record is None for record in previous)
        return now - added + len(self.removed_ids), now

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
    from readlist.store.matching import MAX_ID
    from readlist.store.records import record_error

    for document in tables[provenance.DOCUMENTS].values():
        document.pop("version", None)
    papers = tables[PAPERS]
    keys = {record["key"] for record in corrupt.tables[PAPERS].values()}
    for id_ in papers.keys() - corrupt.tables[PAPERS].keys():
        if papers[id_]["key"] in keys:  # of the backup: in the file, which another program wrote, it has another ID
            del papers[id_]
    next_id = _next_id(corrupt.metadata, papers)
    keys = {record["key"] for record in papers.values()}
    conflicts = (conflict for conflict in corrupt.conflicts if conflict.table == PAPERS)
    for id_, record in ((conflict.id, version) for conflict in conflicts for version in conflict.versions):
        if record_error(PAPERS, id_, record) or record["key"] in keys:
            continue
        keys.add(record["key"])
        if id_ not in papers:
            papers[id_] = record
        elif next_id <= MAX_ID:
            papers[str(next_id)] = record
            next_id += 1
    tables[META][META_ID] = {**tables[META].get(META_ID, {}), "next_id": next_id}
    return 0


def _provenance(database: Database) -> Provenance:
    return provenance.decode(*(database.records(table).raw() for table in provenance.TABLES))


def _decode_with_codes(id_: str, record: Mapping[str, Any]) -> Paper | None:
    from readlist.store.identity_codes import record_codes

    return paper_records.decode(id_, record, record_codes(record))


def _stored_next_id(database: Database) -> int:
    metadata = Metadata.from_record(database.records(META).raw().get(META_ID, {}))
    return _next_id(metadata, database.records(PAPERS).raw())


def _next_id(metadata: Metadata, papers: Mapping[str, Any]) -> int:
    """Return the next free ID; it is stored, since an ID is not reused after its paper was removed."""
    return max(metadata.next_id, last_id(papers) + 1)
