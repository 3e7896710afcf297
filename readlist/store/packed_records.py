"""New records of a load in a temporary file: as objects, 100,000 of them take 300 MB.

A packed record is a mapping that reads the file at each access; what needs more than one field unpacks it first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from orjson import Fragment, dumps, loads

from readlist.unnamed_file import UnnamedFile

if TYPE_CHECKING:
    from readlist.store.format import Record

_MAX_TAIL = 1 << 20
"""Bytes that are kept until they are written together."""


class RecordSpool:
    """The JSON of records; in a file without a name, of which nothing is left, or in memory where none can be written.

    The last records are in memory.
    """

    def __init__(self) -> None:
        self._file: UnnamedFile | None = None
        self._start = 0
        self._tail = bytearray()
        self._limit: float = _MAX_TAIL

    def pack(self, record: Mapping[str, Any], checksum: str | None) -> PackedRecord:
        """Return a packed record; `checksum` is its `record_sum`."""
        text = dumps(record)
        offset = self._start + len(self._tail)
        self._tail += text
        if len(self._tail) > self._limit:
            self._write()
        return PackedRecord(self, offset, len(text), checksum)

    def read(self, offset: int, length: int) -> bytes:
        """Return the JSON of a record."""
        if offset >= self._start:
            return bytes(self._tail[offset - self._start : offset - self._start + length])
        assert self._file is not None  # noqa: S101 -- something was written
        return self._file.read(offset, length)

    def _write(self) -> None:
        try:
            self._file = self._file or UnnamedFile()
            self._file.append(self._tail)
        except OSError:
            self._limit = float("inf")
        else:
            self._start += len(self._tail)
            self._tail.clear()


class PackedRecord(Mapping[str, Any]):
    """A record that is not empty, in the file of a spool."""

    __slots__ = ("_length", "_offset", "_spool", "checksum")

    def __init__(self, spool: RecordSpool, offset: int, length: int, checksum: str | None) -> None:
        self._spool = spool
        self._offset = offset
        self._length = length
        self.checksum = checksum

    def unpack(self) -> Record:
        """Return the record."""
        record: Record = loads(self.json)
        return record

    @property
    def json(self) -> bytes:
        """The record as JSON."""
        return self._spool.read(self._offset, self._length)

    def __getitem__(self, name: str) -> Any:
        return self.unpack()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.unpack())

    def __len__(self) -> int:
        return len(self.unpack())

    def __bool__(self) -> bool:
        return True


def unpacked(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a record that may be packed."""
    return record.unpack() if isinstance(record, PackedRecord) else record


def as_json(value: object) -> Fragment:
    """Return a packed record for `orjson.dumps`, which calls this with what it does not know. Raises TypeError."""
    if isinstance(value, PackedRecord):
        return Fragment(value.json)
    raise TypeError(f"not JSON: {type(value).__name__}")
