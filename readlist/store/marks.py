"""MarkStore: what the reader did, a mark a paper, by the paper's key, and what they named; small and precious."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.errors import StoreError
from readlist.models import Mark, Status, UserDefinitions
from readlist.store import definitions
from readlist.store.file import Mended, StoreFile
from readlist.store.history import Keep, Records, unkept
from readlist.store.lock import Lock
from readlist.store.restoring import from_backup

if TYPE_CHECKING:
    from readlist.store.backups import Backup
    from readlist.store.database import Database
    from readlist.store.format import Record

_TABLE = "marks"
_TIMES = ("status_at", "starred_at", "tags_at", "note_at")
_LISTS = ("tags_added", "tags_removed")
_FIELDS = ("status", "status_at", "starred", "starred_at", *_LISTS, "tags_at", "note", "note_at")


@dataclass(frozen=True, slots=True)
class Change:
    """A mark before and after."""

    before: Mark
    after: Mark


class HeldMarks(NamedTuple):
    """What marks.json holds: every mark by its key, a phrase for each fault, and the names."""

    marks: dict[str, Mark]
    damage: tuple[str, ...]
    names: UserDefinitions


class Exchanged(NamedTuple):
    """What an exchange of records changed: marks, and names."""

    marks: tuple[Change, ...] = ()
    names: UserDefinitions = UserDefinitions()


class MarkStore:
    """The marks in marks.json; a paper without one is unread and has no note.

    Every method raises ReadlistError when the file cannot be read; a damaged one gives its sound marks.
    """

    def __init__(self, path: Path, lock: Lock, backups: Path) -> None:
        self.file = StoreFile(path, lock, backups, (_TABLE,), precious=True, optional=definitions.TABLES)

    def read(self) -> HeldMarks:
        """All of it."""
        with self.file.reading() as database:
            read = {key: _mark(key, record) for key, record in database.records(_TABLE).raw().items()}
            return HeldMarks({key: mark for key, mark in read.items() if mark}, database.damage, _names(database))

    def change(self, keys: Collection[str], change: Callable[[Mark], Mark], keep: Keep = unkept) -> tuple[Change, ...]:
        """Change the marks of these keys, all in one write; returns those that are different now.

        Raises StoreError when the file is damaged or newer and Busy when another process holds it.
        """
        with self.file.changing() as database:
            changes = self._changes(database, keys, change)
            _put(database, changes, {}, keep)
        return changes

    def name(self, change: Callable[[UserDefinitions], UserDefinitions], keep: Keep = unkept) -> UserDefinitions:
        """Make the change that `change` tells of the names as they are; returns it. Otherwise as `change`."""
        with self.file.changing() as database:
            made = change(_names(database))
            _put(database, (), _different(database, definitions.records(made)), keep)
        return made

    def exchange(self, records: Records, keep: Keep = unkept) -> Exchanged:
        """Give fields of marks the values that `records` has for them, and names too; otherwise as `change`."""
        wanted = records.get(_TABLE, {})
        named = {name: records[name] for name in definitions.TABLES if name in records}
        if not wanted and not named:
            return Exchanged()
        with self.file.changing() as database:
            changes = self._changes(database, wanted, lambda mark: _with_fields(mark, wanted[mark.key]))
            different = _different(database, named)
            _put(database, changes, different, keep)
        return Exchanged(changes, definitions.read(*(different.get(name, {}) for name in definitions.TABLES)))

    def from_backup(self, name: str) -> tuple[Backup, Records] | None:
        """A backup and what an exchange takes to be as it is, all fields of the marks that differ; see `restoring`."""
        found = from_backup(self.file, name)
        if found is None:
            return None
        backup, records = found
        marks = records.get(_TABLE, {})
        return backup, {**records, _TABLE: {key: dict.fromkeys(_FIELDS) | (mark or {}) for key, mark in marks.items()}}

    def mend(self, folder: Path) -> Mended | None:
        """Put a damaged file right, see StoreFile."""
        return self.file.mend(folder)

    def _changes(self, database: Database, keys: Collection[str], change: Callable[[Mark], Mark]) -> tuple[Change, ...]:
        held = database.records(_TABLE).raw()
        before = [self._known(key, held.get(key)) for key in dict.fromkeys(keys)]
        return tuple(Change(mark, after) for mark in before if (after := change(mark)) != mark)

    def _known(self, key: str, record: Mapping[str, Any] | None) -> Mark:
        mark = _mark(key, record) if record else Mark(key)
        if mark is None:
            raise StoreError(f"{self.file.path} holds a mark that this readlist cannot read: {key}")
        return mark


def _names(database: Database) -> UserDefinitions:
    return definitions.read(*(database.records(name).raw() for name in definitions.TABLES))


def _different(database: Database, named: Records) -> dict[str, dict[str, Any]]:
    """The records of names that are not so already."""
    held = {name: database.records(name).raw() for name in named}
    different = {
        name: {id_: record for id_, record in records.items() if held[name].get(id_) != record}
        for name, records in named.items()
    }
    return {name: records for name, records in different.items() if records}


def _put(database: Database, changes: Collection[Change], named: Records, keep: Keep) -> None:
    """Put marks and names, once it is kept what they were."""
    before = {name: {id_: database.records(name).raw().get(id_) for id_ in some} for name, some in named.items()}
    if changes:
        before[_TABLE] = {made.after.key: _what_it_takes_back(made) for made in changes}
        named = {**named, _TABLE: {made.after.key: _record(made.after) or None for made in changes}}
    if before:
        keep(before)
    for name, some in named.items():
        database.records(name).put(some)


def _record(mark: Mark) -> Record:
    """What differs from an unread paper without a note: `{"status": "read", "status_at": "2025-02-11T08:00:00Z"}`."""
    blank = Mark(mark.key)
    fields = {name: getattr(mark, name) for name in _FIELDS if getattr(mark, name) != getattr(blank, name)}
    return fields | {name: _iso(fields[name]) for name in _TIMES if name in fields}


def _what_it_takes_back(change: Change) -> Record:
    """The fields that a change changed, as they were; None for those that were not there."""
    before, after = _record(change.before), _record(change.after)
    return {name: before.get(name) for name in before | after if before.get(name) != after.get(name)}


def _with_fields(mark: Mark, fields: Mapping[str, Any]) -> Mark:
    record = {name: value for name, value in {**_record(mark), **fields}.items() if value is not None}
    changed = _mark(mark.key, record)
    if changed is None:
        raise StoreError(f"there is a mark that this readlist cannot read: {mark.key}")
    return changed


def _mark(key: str, record: Mapping[str, Any]) -> Mark | None:
    """None for a record that a newer readlist wrote and that this one does not understand."""
    try:
        fields = {name: record[name] for name in _FIELDS if name in record}
        fields |= {name: dt.datetime.fromisoformat(fields[name]) for name in _TIMES if name in fields}
        fields |= {name: tuple(fields[name]) for name in _LISTS if name in fields}
        return Mark(key, **fields | {"status": Status(fields.get("status", "unread"))})
    except (ValueError, TypeError):
        return None


def _iso(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
