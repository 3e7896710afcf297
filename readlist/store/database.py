"""TinyDB as the store uses it: documents by text ids, and a storage that keeps a change until the file is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

if TYPE_CHECKING:
    from readlist.store.format import Tables


class Buffer(Storage):
    """Tables in memory: reading gives what the file held, writing only notes what it is to hold."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.changed = False

    def read(self) -> Tables:
        """What the file held, with the changes so far."""
        return self.tables

    def write(self, data: Tables) -> None:
        """Note what the file is to hold."""
        self.tables = data
        self.changed = True


class Records(Table):
    """A table whose ids are text: a paper's key, a file's path, a number."""

    document_id_class = str  # type: ignore[assignment]  # TinyDB documents other id classes, its annotations do not

    def raw(self) -> Mapping[str, Mapping[str, Any]]:
        """Every record by its id, as it is stored: TinyDB's copies of 100,000 documents take longer than the work."""
        return self._read_table()

    def put(self, records: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Take in or replace these records, and drop those that are None, in one operation.

        TinyDB converts the ids of the whole table in every operation (20 to 40 ms at 100,000), so one `upsert` a record
        would take hours there.
        """

        def change(table: dict[Any, Any]) -> None:
            table.update(records)
            for key in [key for key, record in records.items() if record is None]:
                del table[key]

        self._update_table(change)


class Database(TinyDB):
    """A TinyDB over the tables of one store file; `damage` has a phrase for each fault, whose records are left out."""

    table_class = Records

    def __init__(self, tables: Tables, damage: tuple[str, ...] = ()) -> None:
        self.damage = damage
        self.buffer = Buffer(tables)
        super().__init__(storage=lambda: self.buffer)

    def records(self, name: str) -> Records:
        """The table of this name."""
        table = self.table(name)
        assert isinstance(table, Records)  # noqa: S101 -- table_class above
        return table
