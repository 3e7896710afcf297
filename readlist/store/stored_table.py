"""The tables of a store file that is unchanged since it was saved: their records are decoded when asked for.

The metadata of a file have a checksum of each table, see `format`. Where all of them are right, the lines are those
that `serialization` wrote: intact, sorted by ID, and each ID once. So a record is found by binary search, and what a
change does not touch is copied as bytes. Any other file is parsed line by line. Reading a table as a whole, by
iterating over it, decodes all of its lines; asking for many single records does the same, where that is faster.

Only a change of a library reads its files so: it has all of their bytes verified, but the types of their records not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from readlist.store.format import META, META_ID, SCHEMA, parse_header, table_sums
from readlist.store.record_lines import COMMA, END, encode_line, heading, id_order, is_number
from readlist.store.stored_lines import OpenFile, StoredLines

if TYPE_CHECKING:
    from collections.abc import ItemsView, ValuesView
    from pathlib import Path

    from readlist.store.atomic import FileRange
    from readlist.store.format import AnyTables, Record

_BATCH = 512
"""Lines that are yielded at once, so that many new ones are never all in memory."""
_MAX_HEADER_LINE = 1 << 16


class StoredTable(Mapping[str, "Record"]):
    """A table of a file that was verified, with the changes since: records by ID, None for deleted ones.

    The records are shared: nobody may change one in place.
    """

    def __init__(self, lines: StoredLines, changes: Mapping[str, Record | None] | None = None) -> None:
        self._lines = lines
        self._changes = changes or {}
        present = sum(record is not None for record in self._changes.values())
        self._count = lines.count + present - sum(lines.find(id_) is not None for id_ in self._changes)
        self._all: Mapping[str, Record] | None = None

    def __getitem__(self, id_: str) -> Record:
        """Return a record. Raises KeyError for an ID that is not there."""
        record = self._changes[id_] if id_ in self._changes else self._lines.find(id_)
        if record is None:
            raise KeyError(id_)
        return record

    def __len__(self) -> int:
        """Return how many records there are."""
        return self._count

    def __iter__(self) -> Iterator[str]:
        """Iterate over the IDs; decodes all records."""
        return iter(self._records())

    def items(self) -> ItemsView[str, Record]:
        """Return the IDs and records; decodes all records."""
        return self._records().items()

    def values(self) -> ValuesView[Record]:
        """Return the records; decodes all records."""
        return self._records().values()

    @property
    def changes(self) -> Mapping[str, Record | None]:
        """The records that differ from those of the file, None for deleted ones."""
        return self._changes

    @property
    def last_id(self) -> int:
        """The largest ID that is a number, 0 without any."""
        numbers = (int(id_) for id_, record in self._changes.items() if record is not None and is_number(id_))
        is_present = (id_ for id_ in self._lines.ids_backwards() if self._changes.get(id_, id_) is not None)
        stored = next(filter(is_number, is_present), "0")
        return max([int(stored), *numbers])

    def find_by_field(self, name: str, values: Collection[str]) -> dict[str, Record]:
        """Return the records whose field of this name is one of these texts."""
        stored = (pair for pair in self._lines.find_by_field(name, values) if pair[0] not in self._changes)
        candidates = dict(chain(stored, self._changes.items()))
        return {id_: record for id_, record in candidates.items() if record and record.get(name) in values}

    def find_by_list(self, name: str, is_wanted: Callable[[list[str]], bool]) -> dict[str, Record]:
        """Return the records whose field of this name, a list of texts, is wanted."""
        stored = (pair for pair in self._lines.find_by_list(name, is_wanted) if pair[0] not in self._changes)
        candidates = dict(chain(stored, self._changes.items()))
        return {id_: record for id_, record in candidates.items() if record and is_wanted(record.get(name, []))}

    def with_changes(self, records: Mapping[str, Record | None]) -> StoredTable:
        """Return a table with these records inserted, replaced or, where None, deleted; this one stays as it is."""
        return StoredTable(self._lines, {**self._changes, **records})

    @property
    def is_copied(self) -> bool:
        """Whether `chunks` is faster than serializing all records."""
        searched = sum(not self._lines.is_after_all(id_) for id_ in self._changes)
        return self._lines.is_search_faster(searched)

    def chunks(self) -> Iterator[bytes | FileRange]:
        """Yield the bytes of the table as it is now: those of unchanged lines as they are in the file."""
        new: list[bytes] = []
        for number, piece in enumerate(self._pieces()):
            new += [COMMA] if number else []
            if isinstance(piece, bytes):
                new.append(piece)
            if not isinstance(piece, bytes) or len(new) >= _BATCH:
                yield b"".join(new)
                new.clear()
            if not isinstance(piece, bytes):
                yield from self._lines.parts(*piece)
        yield b"".join(new)

    def _pieces(self) -> Iterator[bytes | tuple[int, int]]:
        """Yield new lines, and ranges of the file from the start of a line to the end of one."""
        lines = self._lines
        start = lines.start
        for id_ in sorted(self._changes, key=id_order):
            place = lines.place(id_)
            is_last = place.offset == lines.stop
            if place.offset > start:
                yield start, place.offset - (0 if is_last else len(COMMA))
            if (record := self._changes[id_]) is not None:
                yield encode_line(id_, record, lines.seed)
            start = place.offset
            if place.length:
                start = min(start + place.length + len(COMMA), lines.stop)
        if start < lines.stop:
            yield start, lines.stop

    def _records(self) -> Mapping[str, Record]:
        if self._all is None:
            known = self._lines.records()
            self._all = with_changes(known, self._changes) if self._changes else known
        return self._all


def with_changes(known: Mapping[str, Record], records: Mapping[str, Record | None]) -> Mapping[str, Record]:
    """Return a table with these records inserted, replaced or, where None, deleted."""
    if isinstance(known, StoredTable):
        return known.with_changes(records)
    return {id_: record for id_, record in {**known, **records}.items() if record is not None}


def last_id(records: Mapping[str, Any]) -> int:
    """Return the largest ID of a table that is a number, 0 without any."""
    if isinstance(records, StoredTable):
        return records.last_id
    return max(map(int, filter(is_number, records)), default=0)


def find_by_field(
    records: Mapping[str, Mapping[str, Any]], name: str, values: Collection[str]
) -> Mapping[str, Mapping[str, Any]]:
    """Return the records of a table whose field of this name is one of these texts."""
    if isinstance(records, StoredTable):
        return records.find_by_field(name, values)
    return {id_: record for id_, record in records.items() if record.get(name) in values}


def find_by_list(
    records: Mapping[str, Mapping[str, Any]], name: str, is_wanted: Callable[[list[str]], bool]
) -> Mapping[str, Mapping[str, Any]]:
    """Return the records of a table whose field of this name, a list of texts, is wanted."""
    if isinstance(records, StoredTable):
        return records.find_by_list(name, is_wanted)
    return {id_: record for id_, record in records.items() if is_wanted(record.get(name, []))}


def open_tables(path: Path, file: BinaryIO, names: Sequence[str]) -> AnyTables | None:
    """Return the tables of a file at its beginning, None for one that was changed since it was saved.

    Reads all of it.
    """
    if sys.platform == "win32":  # where a file that is open cannot be replaced
        return None
    header = [file.readline(_MAX_HEADER_LINE) for _ in range(2)]
    record = parse_header(header) or {}
    sums = table_sums(record)
    if record.get("schema") != SCHEMA or list(sums) != list(names):
        return None
    opened = OpenFile(path, file)
    tables: dict[str, Mapping[str, Record]] = {META: {META_ID: record}}
    offset = sum(map(len, header))
    expected = offset + sum(len(heading(name, is_first=False)) + known.size for name, known in sums.items()) + len(END)
    if opened.size != expected:
        return None
    for name, known in sums.items():
        begin = heading(name, is_first=False)
        start, offset = offset + len(begin), offset + len(begin) + known.size
        if opened.read(start - len(begin), start) != begin:
            return None
        lines = StoredLines(opened, name, start, offset, known.records)
        if lines.checksum != known.checksum:
            return None
        tables[name] = StoredTable(lines)
    return tables if opened.read(offset, opened.size) == END else None
