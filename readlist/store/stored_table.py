"""The tables of a store file that is exactly as it was saved: their records are decoded when they are asked for.

The metadata of a file have a checksum of each table, see `format`. Where all of them are right, the lines are those
that `serialization` wrote: intact, sorted by ID, and each ID once. So a record is found by binary search, and what a
change does not touch is copied as bytes. Any other file is parsed line by line. Reading a table as a whole, by
iterating over it, decodes all of its lines; asking for many single records does the same, where that is faster.

Only a change of a library reads its files so: it has all of their bytes verified, but the types of their records not.
"""

from __future__ import annotations

import os
import re
import sys
import weakref
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from readlist.store.fingerprint import replaced_meanwhile
from readlist.store.format import META, META_ID, SCHEMA, parse_header
from readlist.store.record_lines import COMMA, END, decode_line, encode_line, heading, id_order, is_number, table_seed
from readlist.store.record_search import BYTES_PER_SEARCH, find_line

if TYPE_CHECKING:
    from collections.abc import ItemsView, ValuesView
    from pathlib import Path

    from readlist.store.format import AnyTables, Record

_BLOCK = 1 << 20
"""Bytes that are read at once."""
_LINE_BYTES = 1 << 13
"""Bytes that are read first for the last line of a table."""
_MAX_HEADER_LINE = 1 << 16
_CHECKSUM = re.compile(r"[0-9a-f]{8}")


class _Place(NamedTuple):
    """Where the line of a record is, or, where there is none (length 0), the line before which it belongs."""

    offset: int
    length: int


class OpenFile:
    """A store file that stays open, for its tables, until none of them is used any more."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, descriptor)
        self.lines = os.fdopen(descriptor, "rb", closefd=False)
        self.size = os.fstat(descriptor).st_size

    def blocks(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes between two offsets."""
        while start < stop:
            block = os.pread(self.lines.fileno(), min(_BLOCK, stop - start), start)
            if not block:
                raise replaced_meanwhile(self.path)
            yield block
            start += len(block)


class StoredLines:
    """The lines of one table of an open file, `count` of them, between two offsets."""

    def __init__(self, file: OpenFile, name: str, start: int, stop: int, count: int) -> None:
        self.count = count
        self.file = file
        self.start = start
        self.stop = stop
        self.seed = table_seed(name)
        self._found: dict[str, Record | None] = {}
        self._places: dict[str, _Place] = {}
        self._all: dict[str, Record] | None = None

    def find(self, id_: str) -> Record | None:
        """Return a record, None where there is none of this ID."""
        if self._all is None and id_ not in self._found:
            if not self.is_search_faster(len(self._found) + 1):
                return self.records().get(id_)
            self._places[id_], line = self._search(id_)
            self._found[id_] = self._decode(line)[1] if line else None
        return self._found[id_] if self._all is None else self._all.get(id_)

    def place(self, id_: str) -> _Place:
        """Return where the line of an ID is."""
        if id_ not in self._places:
            self._places[id_] = self._search(id_)[0]
        return self._places[id_]

    def is_search_faster(self, searches: int) -> bool:
        """Return whether so many records are found faster than all of them are decoded."""
        return searches * BYTES_PER_SEARCH <= self.stop - self.start + BYTES_PER_SEARCH

    def records(self) -> Mapping[str, Record]:
        """Return all records."""
        if self._all is None:
            self.file.lines.seek(self.start)
            text = self.file.lines.read(self.stop - self.start)
            lines = (line for line in text.splitlines(keepends=True) if line != COMMA)
            self._all = dict(map(self._decode, lines))
        return self._all

    def ids_backwards(self) -> Iterator[str]:
        """Yield the IDs from the last one to the first one."""
        stop = self.stop
        while stop > self.start:
            offset = self._line_start(stop)
            line = b"".join(self.file.blocks(offset, stop))
            if line != COMMA:
                yield self._decode(line)[0]
            stop = offset

    def _line_start(self, stop: int) -> int:
        """Return the offset of the line that ends at `stop`."""
        size = _LINE_BYTES
        while True:
            start = max(self.start, stop - size)
            text = b"".join(self.file.blocks(start, stop))
            line = text.rfind(b"\n", 0, -1) + 1
            if line or start == self.start:
                return start + line
            size *= 8

    def _search(self, id_: str) -> tuple[_Place, bytes]:
        last = next(self.ids_backwards(), None) if self.count else None
        if last is None or id_order(id_) > id_order(last):
            return _Place(self.stop, 0), b""
        offset, line = find_line(self.file.lines, id_, self.start, self.stop)
        return _Place(offset, len(line)), line

    def _decode(self, line: bytes) -> tuple[str, Record]:
        decoded = decode_line(line, self.seed)
        if decoded is None:
            raise replaced_meanwhile(self.file.path)
        return decoded


class StoredTable(Mapping[str, "Record"]):
    """A table of a file that was verified, with the changes since: records by ID, None for deleted ones.

    The records are shared: nobody may change one in place.
    """

    def __init__(self, lines: StoredLines, changes: Mapping[str, Record | None] | None = None) -> None:
        self._lines = lines
        self._changes = changes or {}
        present = sum(record is not None for record in self._changes.values())
        self._count = lines.count + present - sum(lines.place(id_).length > 0 for id_ in self._changes)
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
    def last_id(self) -> int:
        """The largest ID that is a number, 0 without any."""
        numbers = (int(id_) for id_, record in self._changes.items() if record is not None and is_number(id_))
        is_present = (id_ for id_ in self._lines.ids_backwards() if self._changes.get(id_, id_) is not None)
        stored = next(filter(is_number, is_present), "0")
        return max(int(stored), *numbers)

    def with_changes(self, records: Mapping[str, Record | None]) -> StoredTable:
        """Return a table with these records inserted, replaced or, where None, deleted; this one stays as it is."""
        return StoredTable(self._lines, {**self._changes, **records})

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the table as it is now: those of unchanged lines as they are in the file."""
        pieces = self._pieces()
        for number, piece in enumerate(pieces):
            if number:
                yield COMMA
            if isinstance(piece, bytes):
                yield piece
            else:
                yield from self._lines.file.blocks(*piece)

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


def open_tables(path: Path, file: BinaryIO, names: Sequence[str]) -> AnyTables | None:
    """Return the tables of a file at its beginning, None for one that is not exactly as it was saved.

    Reads all of it.
    """
    if sys.platform == "win32":  # where a file that is open cannot be replaced
        return None
    header = [file.readline(_MAX_HEADER_LINE) for _ in range(2)]
    record = parse_header(header)
    sums = _table_sums(record, names) if record else None
    if not record or sums is None:
        return None
    opened = OpenFile(path, file)
    tables: dict[str, Mapping[str, Record]] = {META: {META_ID: record}}
    stop = sum(map(len, header))
    headings = [*(heading(name, is_first=False) for name in names), END]
    for number, (name, (checksum, count)) in enumerate(sums.items()):
        start = stop + len(headings[number])
        if b"".join(opened.blocks(stop, min(start, opened.size))) != headings[number]:
            return None
        is_last = number == len(sums) - 1
        stop = opened.size - len(END) if is_last else _find_heading(opened, start, headings[number + 1])
        if stop < start or _checksum(opened, start, stop) != checksum:
            return None
        tables[name] = StoredTable(StoredLines(opened, name, start, stop, count))
    return tables if b"".join(opened.blocks(stop, opened.size)) == END else None


def _table_sums(record: Record, names: Sequence[str]) -> dict[str, tuple[str, int]] | None:
    """Return the checksum and the number of records of each table, None where that is not what is saved."""
    sums = record.get("tables")
    if record.get("schema") != SCHEMA or not isinstance(sums, dict) or list(sums) != list(names):
        return None
    known: dict[str, tuple[str, int]] = {}
    for name, value in sums.items():
        match value:
            case [str(checksum), int(count)] if _CHECKSUM.fullmatch(checksum) and type(count) is int and count >= 0:
                known[name] = checksum, count
            case _:
                return None
    return known


def _find_heading(file: OpenFile, start: int, text: bytes) -> int:
    """Return the offset of the line `text`, which is at `start` or after it, -1 where there is none."""
    wanted = b"\n" + text
    offset = start - 1
    rest = b""
    for block in file.blocks(offset, file.size):
        found = (rest + block).find(wanted)
        if found >= 0:
            return offset - len(rest) + found + 1
        offset += len(block)
        rest = (rest + block)[-len(wanted) :]
    return -1


def _checksum(file: OpenFile, start: int, stop: int) -> str:
    checksum = 0
    for block in file.blocks(start, stop):
        checksum = zlib.crc32(block, checksum)
    return f"{checksum:08x}"
