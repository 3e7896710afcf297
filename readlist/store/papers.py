"""PaperStore: what the digests say, a record a paper, and the files it came from; all of it can be loaded again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readlist.models import Appearance, Paper, SourceFile
from readlist.store import layout
from readlist.store.files import Lock, StoreFile
from readlist.store.merging import Known

if TYPE_CHECKING:
    from readlist.store.database import Database
    from readlist.store.layout import Record

_PAPERS, _SOURCES = "papers", "sources"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did with the papers it was given; a paper given twice counts once.

    `repeated` were known and got one more digest but nothing else; `unchanged` is how many stayed as they were.
    """

    added: tuple[Paper, ...] = ()
    updated: tuple[Paper, ...] = ()
    repeated: tuple[Paper, ...] = ()
    unchanged: int = 0


class PaperStore:
    """The papers in papers.json, and the files that they were loaded from.

    Every method raises ReadlistError when the file cannot be read; a damaged one gives its sound records.
    """

    def __init__(self, path: Path, lock: Lock, backups: Path) -> None:
        self._file = StoreFile(path, lock, backups, (_PAPERS, _SOURCES), precious=False)

    def papers(self) -> Iterator[Paper]:
        """Every paper, in the order of their ids."""
        with self._file.reading() as database:
            records = database.records(_PAPERS).raw()
        for number in sorted(records, key=int):
            if paper := _paper(number, records[number]):
                yield paper

    def sources(self) -> dict[str, SourceFile]:
        """The files that were loaded without a problem, by path."""
        with self._file.reading() as database:
            records = database.records(_SOURCES).raw()
        return {path: source for path, record in records.items() if (source := _source(path, record))}

    def merge(self, papers: Sequence[Paper], sources: Sequence[SourceFile]) -> Merged:
        """Take in what was loaded: new papers get an id and a key, known ones what they lacked; all in one write.

        Loading what is loaded changes nothing, not even the file. Raises StoreError when the file is damaged or
        newer and Busy when another process holds it.
        """
        with self._file.changing() as database:
            records = database.records(_PAPERS).raw()
            known = Known(records, _next_id(database))
            for incoming in papers:
                known.take(incoming)
            if changed := known.changed():
                database.records(_PAPERS).put(changed)
                database.records(layout.META).put({layout.META_ID: _meta(database) | {"next_id": known.next_id}})
            if loaded := _changed_sources(database.records(_SOURCES).raw(), sources):
                database.records(_SOURCES).put(loaded)
        return _merged(known, changed)

    def damage(self) -> tuple[str, ...]:
        """What about the file is not sound, a phrase for each fault; these records are left out."""
        return self._file.damage()


def _meta(database: Database) -> Record:
    return dict(database.records(layout.META).raw()[layout.META_ID])


def _next_id(database: Database) -> int:
    """It is kept, since the highest id may have gone and is not given again."""
    highest = max(map(int, database.records(_PAPERS).raw()), default=0)
    return max(int(_meta(database).get("next_id", 1)), highest + 1)


def _merged(known: Known, changed: Mapping[str, Mapping[str, Any]]) -> Merged:
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
            commentary=record.get("commentary", {}),
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


def _changed_sources(known: Mapping[str, Mapping[str, Any]], sources: Iterable[SourceFile]) -> dict[str, Record]:
    """The records to put: a file that is as it was keeps the time at which it was loaded first.

    A path that is not Unicode cannot stand in JSON: that file is read anew each time.
    """
    records = {source.path: _source_record(source) for source in sources if _is_unicode(source.path)}
    return {path: new for path, new in records.items() if {**known.get(path, {}), "loaded_at": new["loaded_at"]} != new}


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _source_record(source: SourceFile) -> Record:
    loaded_at = source.loaded_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"size": source.size, "mtime_ns": source.mtime_ns, "papers": source.papers, "loaded_at": loaded_at}


def _source(path: str, record: Mapping[str, Any]) -> SourceFile | None:
    try:
        loaded_at = dt.datetime.fromisoformat(record["loaded_at"])
        return SourceFile(path, record["size"], record["mtime_ns"], record["papers"], loaded_at)
    except (KeyError, TypeError, ValueError):
        return None
