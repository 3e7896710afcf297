"""PaperStore: what the digests say, a record a paper, and where it came from; all of it can be loaded again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.models import Appearance, LoadedDocument, Paper, Provenance, TrackedSource
from readlist.store import format as file_format
from readlist.store import provenance
from readlist.store.file import Mended, StoreFile
from readlist.store.history import Keep, Records, unkept
from readlist.store.lock import Lock
from readlist.store.matching import Known
from readlist.store.restoring import from_backup

if TYPE_CHECKING:
    from readlist.store.backups import Backup
    from readlist.store.database import Database
    from readlist.store.format import Record, Tables

_PAPERS, _DOCUMENTS, _SOURCES = "papers", "documents", "sources"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did with the papers it was given; a paper given twice counts once.

    `repeated` were known and got one more digest but nothing else; `unchanged` is how many stayed as they were.
    `origins` is what changed in where papers came from.
    """

    added: tuple[Paper, ...] = ()
    updated: tuple[Paper, ...] = ()
    repeated: tuple[Paper, ...] = ()
    unchanged: int = 0
    origins: Provenance = field(default_factory=Provenance)


class Held(NamedTuple):
    """What papers.json holds: its papers in the order of their ids, their origins, and a phrase for each fault."""

    papers: Iterator[Paper]
    origins: Provenance
    damage: tuple[str, ...]


class Exchanged(NamedTuple):
    """What an exchange of records made so: papers that are there now, ids of those that are not, and origins.

    `happened` is whether any of it was otherwise before.
    """

    happened: bool = False
    papers: tuple[Paper, ...] = ()
    gone: tuple[int, ...] = ()
    origins: Provenance = Provenance()


class PaperStore:
    """The papers in papers.json, and where they came from.

    Every method raises ReadlistError when the file cannot be read; a damaged one gives its sound records.
    """

    def __init__(self, path: Path, lock: Lock, backups: Path) -> None:
        self.file = StoreFile(path, lock, backups, (_PAPERS, _DOCUMENTS, _SOURCES), precious=False)

    def read(self) -> Held:
        """All of it."""
        with self.file.reading() as database:
            records = database.records(_PAPERS).raw()
            papers = (_paper(number, records[number]) for number in sorted(records, key=int))
            return Held(filter(None, papers), _origins(database), database.damage)

    def preview(self, papers: Iterable[Paper]) -> Merged:
        """What a merge would do with these papers."""
        with self.file.reading() as database:
            return _merged(_taken(database, papers))

    def merge(
        self,
        papers: Iterable[Paper],
        documents: Iterable[LoadedDocument] = (),
        sources: Iterable[TrackedSource] = (),
        *,
        keep: Keep = unkept,
    ) -> Merged:
        """Take in what was loaded: new papers get an id and a key, known ones what they lacked; all in one write.

        Loading what is loaded changes nothing, not even the file. Raises StoreError when the file is damaged or
        newer and Busy when another process holds it.
        """
        with self.file.changing() as database:
            next_id = _next_id(database)
            known = _taken(database, papers)
            change = provenance.loaded(_origins(database), documents, sources)
            _put(database, {_PAPERS: known.changed(), **_records(change)}, keep)
            if known.next_id != next_id:
                database.records(file_format.META).put(
                    {file_format.META_ID: _meta(database) | {"next_id": known.next_id}}
                )
        return replace(_merged(known), origins=change)

    def forget(self, source: str, *, keep: Keep = unkept) -> Provenance:
        """Forget a source; its papers stay. Returns the change, of nothing where there is no such source."""
        with self.file.changing() as database:
            known = _origins(database)
            change = provenance.forgotten(known, source) if source in known.sources else Provenance()
            _put(database, _records(change), keep)
        return change

    def exchange(self, records: Records, keep: Keep = unkept) -> Exchanged:
        """Put records as they were before a change, or with it; they tell their tables. All in one write."""
        wanted = {name: records[name] for name in (_PAPERS, _DOCUMENTS, _SOURCES) if name in records}
        if not wanted:
            return Exchanged()
        with self.file.changing() as database:
            happened = _put(database, wanted, keep)
        papers = wanted.get(_PAPERS, {})
        return Exchanged(
            happened,
            tuple(paper for number, record in papers.items() if record and (paper := _paper(number, record))),
            tuple(int(number) for number, record in papers.items() if record is None),
            provenance.read(wanted.get(_DOCUMENTS, {}), wanted.get(_SOURCES, {})),
        )

    def from_backup(self, name: str) -> tuple[Backup, Records] | None:
        """A backup and what an exchange takes to be as it is; see `restoring`."""
        return from_backup(self.file, name)

    def mend(self, folder: Path) -> Mended | None:
        """Put a damaged file right, see StoreFile; every document is read anew when it is loaded again."""
        return self.file.mend(folder, _to_be_read_again)


def _to_be_read_again(tables: Tables) -> None:
    """Nobody knows which papers a damaged file has lost, so that no document counts as one that has not changed."""
    for document in tables[_DOCUMENTS].values():
        document.pop("version", None)


def _origins(database: Database) -> Provenance:
    return provenance.read(database.records(_DOCUMENTS).raw(), database.records(_SOURCES).raw())


def _records(change: Provenance) -> dict[str, dict[str, Record | None]]:
    return dict(zip((_DOCUMENTS, _SOURCES), provenance.records(change), strict=True))


def _put(database: Database, tables: Records, keep: Keep) -> bool:
    """Put the records that are different, once it is kept what they were; returns whether there were any."""
    before: dict[str, dict[str, Any]] = {}
    for name, records in tables.items():
        known = database.records(name).raw()
        before[name] = {id_: known.get(id_) for id_, record in records.items() if known.get(id_) != record}
    if not any(before.values()):
        return False
    keep({name: records for name, records in before.items() if records})
    for name, different in before.items():
        if different:
            database.records(name).put({id_: tables[name][id_] for id_ in different})
    return True


def _taken(database: Database, papers: Iterable[Paper]) -> Known:
    known = Known(database.records(_PAPERS).raw(), _next_id(database))
    for incoming in papers:
        known.take(incoming)
    return known


def _meta(database: Database) -> Record:
    return dict(database.records(file_format.META).raw()[file_format.META_ID])


def _next_id(database: Database) -> int:
    """It is kept, since the highest id may have gone and is not given again."""
    highest = max(map(int, database.records(_PAPERS).raw()), default=0)
    return max(int(_meta(database).get("next_id", 1)), highest + 1)


def _merged(known: Known) -> Merged:
    changed = known.changed()
    kinds: dict[str, list[Paper]] = {"added": [], "updated": [], "repeated": [], "unchanged": []}
    for number, record in changed.items():
        if paper := _paper(number, record):
            kinds[_kind(known.before(number), record)].append(paper)
    return Merged(
        added=tuple(kinds["added"]),
        updated=tuple(kinds["updated"]),
        repeated=tuple(kinds["repeated"]),
        unchanged=len(known.touched) - len(changed) + len(kinds["unchanged"]),
    )


def _kind(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before is None:
        return "added"
    if {**before, "digests": after["digests"]} != after:
        return "updated"
    return "repeated" if len(before["digests"]) < len(after["digests"]) else "unchanged"


def _paper(number: str, record: Mapping[str, Any]) -> Paper | None:
    """None for a record that a newer readlist wrote and that this one does not understand."""
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
            digests=tuple(_appearances(record["digests"])),
            id=int(number),
            key=record["key"],
        )
    except (KeyError, TypeError, ValueError):
        return None


def _appearances(digests: Iterable[Mapping[str, Any]]) -> Iterator[Appearance]:
    for seen in digests:
        yield Appearance(dt.date.fromisoformat(seen["date"]) if seen["date"] else None, seen["source"])
