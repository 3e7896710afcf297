"""TinyDB as the store uses it: documents with text IDs, and a storage that holds a change until the file is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Table

from readlist.store.stored_table import with_changes

if TYPE_CHECKING:
    from readlist.store.format import AnyTables


class MemoryStorage(Storage):
    """Tables in memory: reading returns what the file contained, writing only notes what it is to contain."""

    def __init__(self, tables: AnyTables) -> None:
        self.tables = tables
        self.is_changed = False

    def read(self) -> AnyTables:  # type: ignore[override]  # TinyDB documents a dict, and only looks tables up in it
        """Return the content of the file, with the changes so far."""
        return self.tables

    def write(self, data: AnyTables) -> None:
        """Note what the file is to contain."""
        self.tables = data
        self.is_changed = True


class RecordTable(Table):
    """A table whose IDs are text: a paper's key, a file's path, a number."""

    document_id_class = str  # type: ignore[assignment]  # TinyDB documents other ID classes, its annotations do not

    def raw(self) -> Mapping[str, Mapping[str, Any]]:
        """Return every record by its ID, as it is stored: TinyDB's copies of the documents cost more than the work."""
        return self._read_table()

    def upsert_all(self, records: Mapping[str, dict[str, Any] | None]) -> None:
        """Insert or replace these records, and delete those that are None, in one operation.

        TinyDB's own operations convert the IDs of the whole table, and its documents.
        """
        memory = self._storage
        assert isinstance(memory, MemoryStorage)  # noqa: S101 -- `Database` creates it
        memory.write({**memory.tables, self.name: with_changes(memory.tables[self.name], records)})


class Database(TinyDB):
    """A TinyDB over the tables of one store file."""

    table_class = RecordTable

    def __init__(self, tables: AnyTables) -> None:
        self.memory = MemoryStorage(tables)
        super().__init__(storage=lambda: self.memory)

    def records(self, name: str) -> RecordTable:
        """Return the table of this name."""
        table = self.table(name)
        assert isinstance(table, RecordTable)  # noqa: S101 -- table_class above
        return table
