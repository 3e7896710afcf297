"""The records of a store file while they are changed: what differs, and what it was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readlist.store.database import Database
    from readlist.store.history import RecordSet


class RecordChanges:
    """Puts records into the tables of an open store file; remembers those that differ, before and after.

    `previous` is what undoing puts back, None for records that did not exist; `current` what has been put. A record is
    put at most once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.previous: dict[str, dict[str, Any]] = {}
        self.current: dict[str, dict[str, Any]] = {}

    def records(self, table: str) -> Mapping[str, Mapping[str, Any]]:
        """Return the records of a table with the changes so far."""
        return self._database.records(table).raw()

    def put(self, tables: RecordSet) -> None:
        """Insert, replace or, where None, delete records; those that are the same already are left alone."""
        for table, records in tables.items():
            known = self.records(table)
            changed = {id_: record for id_, record in records.items() if known.get(id_) != record}
            if changed:
                previous = {id_: self._undo_value(table, known.get(id_), record) for id_, record in changed.items()}
                self.previous.setdefault(table, {}).update(previous)
                self.current.setdefault(table, {}).update(changed)
                self._database.records(table).upsert_all(changed)

    def _undo_value(
        self, table: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, /
    ) -> Mapping[str, Any] | None:
        """Return what undoing the change of one record puts back: the whole record."""
        return before
