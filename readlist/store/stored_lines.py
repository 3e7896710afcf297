"""The lines of one table of a store file that was verified: they are searched, decoded one by one, and read as bytes.

See `stored_table`, the only caller.
"""

from __future__ import annotations

import os
import re
import weakref
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache, cached_property, reduce
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from orjson import dumps, loads

from readlist.store.atomic import FileRange, os_errors_as
from readlist.store.checksums import combine
from readlist.store.fingerprint import replaced_meanwhile
from readlist.store.record_lines import COMMA, decode_line, id_order, table_seed
from readlist.store.record_search import BYTES_PER_SEARCH, find_line

if TYPE_CHECKING:
    from pathlib import Path

    from readlist.store.format import Record

_BLOCK = 1 << 20
"""Bytes that are read at once."""
_LINE_BYTES = 1 << 13
"""Bytes that are read first for the last line of a table."""


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

    def read(self, start: int, stop: int) -> bytes:
        """Return the bytes between two offsets."""
        return FileRange(self.path, self.lines.fileno(), start, stop - start, 0).read()

    def blocks(self, start: int, stop: int) -> Iterator[FileRange]:
        """Yield the parts of a range, each with its checksum."""
        for offset in range(start, stop, _BLOCK):
            length = min(_BLOCK, stop - offset)
            part = FileRange(self.path, self.lines.fileno(), offset, length, 0)
            yield part._replace(checksum=zlib.crc32(part.read()))


class StoredLines:
    """The lines of one table of an open file, `count` of them, between two offsets."""

    def __init__(self, file: OpenFile, name: str, start: int, stop: int, count: int) -> None:
        self.count = count
        self.file = file
        self.start = start
        self.stop = stop
        self.seed = table_seed(name)
        self._blocks = list(file.blocks(start, stop))
        self._verified_block: tuple[FileRange | None, bytes] = None, b""
        self._found: dict[str, Record | None] = {}
        self._places: dict[str, _Place] = {}
        self._all: dict[str, Record] | None = None

    @property
    def checksum(self) -> int:
        """The CRC-32 of all lines."""
        return reduce(lambda checksum, block: combine(checksum, block.checksum, block.length), self._blocks, 0)

    def parts(self, start: int, stop: int) -> Iterator[bytes | FileRange]:
        """Yield what is between two offsets, whole blocks as such. Raises Busy where the file changed meanwhile."""
        while start < stop:
            block = self._blocks[(start - self.start) // _BLOCK]
            end = min(stop, block.start + block.length)
            is_whole = end - start == block.length
            yield block if is_whole else self._verified(block)[start - block.start : end - block.start]
            start = end

    def _verified(self, block: FileRange) -> bytes:
        """Return the bytes of a block; those of a part of it get a checksum of their own, which must not be wrong."""
        if self._verified_block[0] != block:
            text = block.read()
            if zlib.crc32(text) != block.checksum:
                raise replaced_meanwhile(self.file.path)
            self._verified_block = block, text
        return self._verified_block[1]

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
            lines = (line for block in self._line_blocks() for line in block.splitlines(keepends=True))
            self._all = dict(self._decode(line) for line in lines if line != COMMA)
        return self._all

    def find_by_field(self, name: str, values: Collection[str]) -> Iterator[tuple[str, Record]]:
        """Yield records with such a field, at any depth, whose text is one of these; other records may be among them.

        Takes 0.1 s per 100 MB.
        """
        quoted = set(map(dumps, values))
        return self._search_fields(name, rb'"(?:[^"\\]|\\.)*"', quoted.__contains__)

    def find_by_list(self, name: str, is_wanted: Callable[[list[str]], bool]) -> Iterator[tuple[str, Record]]:
        """Yield records with such a field, at any depth, whose list of texts is wanted; others may be among them.

        Lists that are the same are asked for once. Takes 0.1 s per 100 MB.
        """

        @cache
        def is_wanted_list(text: bytes) -> bool:
            try:
                return is_wanted(loads(text))
            except ValueError:  # the list has a text with "]", where it was cut
                return True

        return self._search_fields(name, rb"\[[^\]]*\]", is_wanted_list)

    def _search_fields(
        self, name: str, value: bytes, is_wanted: Callable[[bytes], bool]
    ) -> Iterator[tuple[str, Record]]:
        """Yield the records with a field whose value, as a regular expression finds it in the line, is wanted."""
        pattern = re.compile(rb"%b:(%b)" % (re.escape(dumps(name)), value))
        for lines in self._line_blocks():
            for match in pattern.finditer(lines):
                if is_wanted(match[1]):
                    yield self._decode(
                        lines[lines.rfind(b"\n", 0, match.start()) + 1 : lines.find(b"\n", match.end()) + 1]
                    )

    def _line_blocks(self) -> Iterator[bytes]:
        """Yield the lines in blocks of many."""
        rest = b""
        for block in self._blocks:
            text = rest + block.read()
            end = text.rfind(b"\n") + 1
            yield text[:end]
            rest = text[end:]

    def ids_backwards(self) -> Iterator[str]:
        """Yield the IDs from the last one to the first one."""
        stop = self.stop
        while stop > self.start:
            offset = self._line_start(stop)
            line = self.file.read(offset, stop)
            if line != COMMA:
                yield self._decode(line)[0]
            stop = offset

    def _line_start(self, stop: int) -> int:
        """Return the offset of the line that ends at `stop`."""
        size = _LINE_BYTES
        while True:
            start = max(self.start, stop - size)
            text = self.file.read(start, stop)
            line = text.rfind(b"\n", 0, -1) + 1
            if line or start == self.start:
                return start + line
            size *= 8

    def is_after_all(self, id_: str) -> bool:
        """Return whether an ID comes after that of the last line."""
        return self._last_order is None or id_order(id_) > self._last_order

    @cached_property
    def _last_order(self) -> tuple[int, str] | None:
        return next(map(id_order, self.ids_backwards()), None)

    def _search(self, id_: str) -> tuple[_Place, bytes]:
        if self.is_after_all(id_):
            return _Place(self.stop, 0), b""
        with os_errors_as("read", self.file.path):
            offset, line = find_line(self.file.lines, id_, self.start, self.stop)
        return _Place(offset, len(line)), line

    def _decode(self, line: bytes) -> tuple[str, Record]:
        decoded = decode_line(line, self.seed)
        if decoded is None:
            raise replaced_meanwhile(self.file.path)
        return decoded
