"""The records of a store file while they are changed: what differs, and what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from readlist.store.format import META, META_ID, Metadata, record_sum

if TYPE_CHECKING:
    from readlist.store.database import Database
    from readlist.store.history import RecordSet, RecordSums


class RecordChanges:
    """Puts records into the tables of an open store file; remembers those that differ, before and after.

    `previous` is what undoing puts back, None for records that did not exist; `current` what has been put, and `sums`
    the checksums by which undoing recognizes it. A record is put at most once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.previous: dict[str, dict[str, Any]] = {}
        self.current: dict[str, dict[str, Any]] = {}
        self.sums: dict[str, dict[str, str | None]] = {}

    def records(self, table: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the records of a table with the changes so far."""
        return self._database.records(table).raw()

    @property
    def metadata(self) -> Metadata:
        """What the file says about itself."""
        return Metadata.from_record(self.records(META)[META_ID])

    def set_metadata(self, name: str, value: Any) -> None:
        """Set a field of the file's metadata, which is no part of the change that can be undone."""
        metadata = self.records(META)[META_ID]
        if metadata.get(name) != value:
            self._database.records(META).upsert_all({META_ID: {**metadata, name: value}})

    def put(self, tables: RecordSet) -> None:
        """Insert, replace or, where None, delete records; those that are the same already are left alone."""
        for table, records in tables.items():
            known = self.records(table)
            changed = {id_: record for id_, record in records.items() if known.get(id_) != record}
            if changed:
                previous = {id_: self._undo_value(table, known.get(id_), record) for id_, record in changed.items()}
                after = {id_: self._undo_value(table, record, known.get(id_)) for id_, record in changed.items()}
                self.previous.setdefault(table, {}).update(previous)
                self.sums.setdefault(table, {}).update({id_: self._sum(table, value) for id_, value in after.items()})
                self.current.setdefault(table, {}).update(changed)
                self._database.records(table).upsert_all(changed)

    def split_unchanged(self, records: RecordSet, sums: RecordSums) -> tuple[RecordSet, RecordSet]:
        """Split the records of a history entry that would change something: those to put back, and the others.

        A record may be put back where the present one is what the entry left, as its checksum says. The others were
        changed by another program since. Entries of older schemas have no checksums: theirs may all be put back.
        """
        unchanged: dict[str, dict[str, Any]] = {}
        foreign_changes: dict[str, dict[str, Any]] = {}
        for table, wanted in records.items():
            for id_, value in wanted.items():
                present = self._present_value(table, id_, value)
                if present != value:
                    is_unchanged = table not in sums or self._has_sum(table, present, sums[table].get(id_))
                    (unchanged if is_unchanged else foreign_changes).setdefault(table, {})[id_] = value
        return unchanged, foreign_changes

    def _has_sum(self, table: str, value: Mapping[str, Any] | None, expected: str | None) -> bool:
        # Earlier versions wrote the checksum of the whole record.
        return self._sum(table, value) == expected or record_sum(value) == expected

    def _sum(self, _table: str, value: Mapping[str, Any] | None, /) -> str | None:
        """Return the checksum by which undoing recognizes a value."""
        return record_sum(value)

    def _present_value(self, table: str, id_: str, _wanted: Mapping[str, Any] | None, /) -> Mapping[str, Any] | None:
        """Return the record as it is now, as far as a value of the history describes it."""
        return self.records(table).get(id_)

    def _undo_value(
        self, table: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, /
    ) -> Mapping[str, Any] | None:
        """Return what undoing the change of one record puts back: the whole record."""
        return before
