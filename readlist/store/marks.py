"""MarkStore: the marks in marks.json, one a paper by its key, and the saved queries, tag aliases and synonyms."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.dates import format_utc
from readlist.definitions import UserDefinitions
from readlist.errors import StoreError
from readlist.models import Mark, Status
from readlist.store import definitions
from readlist.store.changes import RecordChanges
from readlist.store.database import Database
from readlist.store.file import FileStatus, StoreFile
from readlist.store.identity import Identity
from readlist.store.lock import Lock
from readlist.text import fold_tag

if TYPE_CHECKING:
    from readlist.store.format import Content, Record, Tables
    from readlist.store.history import RecordSet
    from readlist.store.recovery import BackupDifference, RepairReport

MARKS = "marks"
TABLES = (MARKS, *definitions.TABLES)
_TIMES = ("status_at", "starred_at", "tags_at", "note_at", "later_at")
_GROUPS = (
    ("status_at", "status"),
    ("starred_at", "starred"),
    ("tags_at", "tags_added", "tags_removed"),
    ("note_at", "note"),
    ("later_at", "later"),
)
"""A time, and the fields whose last change it is."""
_LISTS = ("tags_added", "tags_removed")
FIELDS = ("status", "status_at", "starred", "starred_at", *_LISTS, "tags_at", "note", "note_at", "later", "later_at")


class MarksSnapshot(NamedTuple):
    """The content of marks.json: every mark by its paper's key, what is wrong with it, and the definitions."""

    marks: dict[str, Mark]
    status: FileStatus
    definitions: UserDefinitions


class MarkStore:
    """The marks in marks.json; a paper without one is unread and has no note.

    Every method raises ReadlistError when the file cannot be read; of a corrupt one it reads the intact marks.
    """

    def __init__(self, path: Path, lock: Lock, state: Path, identity: Identity) -> None:
        self.file = StoreFile(path, lock, state, identity, TABLES)

    def read(self, content: Content | None = None) -> MarksSnapshot:
        """Read everything; `content` is that of the file, where it was read just before."""
        content = content or self.file.read_content()
        decoded = {key: decode_mark(key, record) for key, record in content.tables[MARKS].items()}
        marks = {key: mark for key, mark in decoded.items() if mark}
        return MarksSnapshot(marks, self.file.examine(content), _definitions(Database(content.tables)))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[MarkChanges]:
        """Change marks.json: saved at the end of the block, all or nothing; raises like `StoreFile.transaction`."""
        with self.file.transaction() as database:
            yield MarkChanges(database)

    def diff_with_backup(self, name: str) -> BackupDifference | None:
        """Return how a backup differs from the file, each mark with all of its fields; see `recovery`."""
        from readlist.store import recovery

        difference = recovery.diff_with_backup(self.file, name)
        if difference is None:
            return None
        marks = difference.records.get(MARKS, {}).items()
        records = {key: dict.fromkeys(FIELDS) | (mark or {}) for key, mark in marks}
        return difference._replace(records={**difference.records, MARKS: records})

    def set_paper_count(self, count: int) -> None:
        """Set how many papers there are, so that no more are taken for missing."""
        with self.transaction() as changes:
            changes.set_metadata("papers", count)

    def repair(self, directory: Path) -> RepairReport | None:
        """Repair a corrupt file, see `recovery`.

        Of a mark that is there in two versions, as git leaves it, both notes stay, and of the rest what is later.
        """
        from readlist.store import recovery

        return recovery.repair(self.file, directory, _merge_conflicts)


class MarkChanges(RecordChanges):
    """marks.json in a transaction.

    The previous values of a mark are only the fields that changed, so that undoing leaves the others alone.
    """

    def mark(self, key: str) -> Mark:
        """Return the mark of a paper with the changes so far. Raises StoreError for one of a newer version."""
        record = self.records(MARKS).get(key)
        mark = decode_mark(key, record) if record else Mark(key)
        if mark is None:
            raise StoreError(f"marks.json contains a mark that this version of readlist cannot read: {key}")
        return mark

    def find_mark(self, key: str) -> Mark | None:
        """Return the mark of a paper with the changes so far, None where it has none that can be read."""
        record = self.records(MARKS).get(key)
        return decode_mark(key, record) if record else None

    @property
    def definitions(self) -> UserDefinitions:
        """The saved queries, tag aliases and synonyms with the changes so far."""
        return _definitions(self._database)

    def keys_with_tags(self, tags: Set[str]) -> list[str]:
        """Return the keys of the marks in which the user added or removed one of these folded tags."""
        marks = self.records(MARKS).items()
        return [
            key
            for key, mark in marks
            if not tags.isdisjoint(fold_tag(tag) for name in _LISTS for tag in mark.get(name, ()))
        ]

    def edit(self, keys: Collection[str], apply: Callable[[Mark], Mark]) -> None:
        """Replace the marks of these keys by what `apply` makes of them.

        A blank mark is deleted, unless the library is synced: for a sync, a mark that is absent was never here.
        """
        before = [self.mark(key) for key in dict.fromkeys(keys)]
        changed = [after for mark in before if (after := apply(mark)) != mark]
        blank: Record | None = {} if self.metadata.synced else None
        self.put({MARKS: {mark.key: (self._unknown_fields(mark.key) | _encode(mark)) or blank for mark in changed}})

    def delete(self, keys: Iterable[str]) -> None:
        """Delete the marks of these keys."""
        self.put({MARKS: dict.fromkeys(keys)})

    def _unknown_fields(self, key: str) -> Record:
        """Return the fields of a mark that this version does not know; they stay."""
        record = self.records(MARKS).get(key, {})
        return {name: value for name, value in record.items() if name not in FIELDS}

    def edit_definitions(self, apply: Callable[[UserDefinitions], UserDefinitions]) -> None:
        """Change the definitions by the difference that `apply` makes of them."""
        self.put(definitions.encode(apply(self.definitions)))

    def replay(self, records: RecordSet) -> None:
        """Put the records of these tables that belong to marks.json; of marks only the fields that they have."""
        marks = records.get(MARKS, {})
        self.edit(marks, lambda mark: _with_fields(mark, marks[mark.key]))
        self.put({table: records[table] for table in definitions.TABLES if table in records})

    @property
    def changed_keys(self) -> Collection[str]:
        """The keys of the marks that are different."""
        return self.current.get(MARKS, {}).keys()

    @property
    def changed_definitions(self) -> UserDefinitions:
        """What is different in the definitions."""
        return definitions.decode(self.current)

    def _present_value(self, table: str, id_: str, wanted: Mapping[str, Any] | None, /) -> Mapping[str, Any] | None:
        """Return the record as it is now; of a mark the fields that are to be put back, None for those not set."""
        record = self.records(table).get(id_)
        if table != MARKS or wanted is None:
            return record
        return {name: (record or {}).get(name) for name in wanted}

    def _undo_value(
        self, table: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, /
    ) -> Mapping[str, Any] | None:
        """Return what undoing puts back; of a mark the fields that differ, None for those that were not set."""
        if table != MARKS:
            return before
        old, new = before or {}, after or {}
        return {name: old.get(name) for name in {**old, **new} if old.get(name) != new.get(name)}


def _merge_conflicts(tables: Tables, corrupt: Content) -> int:
    """Put one record for those that are there in several versions; return how many marks that are."""
    from readlist.store.records import record_error

    merged = 0
    for table, key, versions in corrupt.conflicts:
        valid = [version for version in versions if table in TABLES and not record_error(table, key, version)]
        if valid:
            tables[table][key] = (
                _merge_marks(valid) if table == MARKS else max(valid, key=lambda version: version["at"])
            )
            merged += table == MARKS
    return merged


def _merge_marks(versions: Sequence[Record]) -> Record:
    """Return one mark of several: each group of fields of the latest version, and the notes of all."""
    merged: Record = {}
    for time, *names in _GROUPS:
        latest = max(versions, key=lambda version: _time(version.get(time)))
        merged |= {name: latest[name] for name in (*names, time) if name in latest}
    by_time = sorted(versions, key=lambda version: _time(version.get("note_at")))
    if note := "\n\n".join(dict.fromkeys(note for version in by_time if (note := version.get("note")))):
        merged["note"] = note
    return merged


def _time(text: str | None) -> dt.datetime:
    return dt.datetime.fromisoformat(text) if text else dt.datetime.min.replace(tzinfo=dt.UTC)


def _definitions(database: Database) -> UserDefinitions:
    return definitions.decode({table: database.records(table).raw() for table in definitions.TABLES})


def _encode(mark: Mark) -> Record:
    """Return what differs from an unread paper without a note, as JSON values."""
    blank = Mark(mark.key)
    fields = {name: getattr(mark, name) for name in FIELDS if getattr(mark, name) != getattr(blank, name)}
    if isinstance(mark.later, dt.date):
        fields["later"] = mark.later.isoformat()
    return fields | {name: format_utc(fields[name]) for name in _TIMES if name in fields}


def _with_fields(mark: Mark, fields: Mapping[str, Any]) -> Mark:
    record = {name: value for name, value in {**_encode(mark), **fields}.items() if value is not None}
    changed = decode_mark(mark.key, record)
    if changed is None:
        raise StoreError(f"the history contains a mark that this version of readlist cannot read: {mark.key}")
    return changed


def decode_mark(key: str, record: Mapping[str, Any]) -> Mark | None:
    """Return the mark of a record, None for one that a newer version wrote and this one does not understand."""
    try:
        fields = {name: record[name] for name in FIELDS if name in record}
        fields |= {name: dt.datetime.fromisoformat(fields[name]) for name in _TIMES if name in fields}
        fields |= {name: tuple(fields[name]) for name in _LISTS if name in fields}
        if isinstance(later := fields.get("later"), str):
            fields["later"] = dt.date.fromisoformat(later)
        return Mark(key, **fields | {"status": Status(fields.get("status", "unread"))})
    except (ValueError, TypeError):
        return None
