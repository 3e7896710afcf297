"""The lines of a store file: a record with its checksum, what is between two records, the order of the IDs, and sums.

`format` shows a whole file.
"""

from __future__ import annotations

import re
import sys
import zlib
from typing import TYPE_CHECKING, NamedTuple

from orjson import dumps, loads

if TYPE_CHECKING:
    from readlist.store.format import Record

COMMA = b",\n"
"""The line between two records."""
END = b"}}\n"
"""The last line of a file."""
_SUM = b'"sum":"%08x"}\n'
_SUM_LENGTH = len(_SUM % 0)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_SUM_OF_TABLE = re.compile(r"[0-9a-f]{8} [0-9a-f]{12}")
_ID = re.compile(rb'"([^"\\\n]*(?:\\.[^"\\\n]*)*)":\{')


class TableSum(NamedTuple):
    """What the metadata of a file say about a table: the CRC-32 and the bytes of its lines, and how many records."""

    checksum: int
    size: int
    records: int

    def encode(self) -> list[str | int]:
        """Return it as JSON: the length depends on `records` only."""
        return [f"{self.checksum:08x}", f"{self.size:012x}", self.records]

    @classmethod
    def decode(cls, value: object) -> TableSum | None:
        """Return what `encode` returned as this JSON, None for any other value."""
        match value:
            case [str(checksum), str(size), int(records)] if _SUM_OF_TABLE.fullmatch(f"{checksum} {size}"):
                table_sum = cls(int(checksum, 16), int(size, 16), records)
                return table_sum if type(records) is int and table_sum._is_possible() else None
            case _:
                return None

    def _is_possible(self) -> bool:
        """Return whether so many records can have this size."""
        shortest = len(encode_line("", {}, 0)) + len(COMMA)
        if self.records <= 0:
            return self.records == self.size == 0
        return self.size >= self.records * shortest - len(COMMA)


def heading(name: str, *, is_first: bool) -> bytes:
    """Return the line that begins a table, and ends the one before it."""
    return b'%b"%b":{\n' % (b"{" if is_first else b"},", name.encode())


def table_seed(name: str) -> int:
    """Return the value from which the checksums of a table's lines are computed."""
    return zlib.crc32(name.encode())


def encode_line(id_: str, record: Record, seed: int) -> bytes:
    """Return the line of a record."""
    text = dumps({id_: record}, as_json)[1:-2] + (b"," if record else b"")
    return text + _SUM % zlib.crc32(text, seed)


def as_json(value: object) -> object:
    """Return a packed record for `dumps`, which calls this with what it does not know."""
    from readlist.store.packed_records import as_json

    return as_json(value)


def has_right_sum(line: bytes, seed: int) -> bool:
    """Return whether a line ends with the checksum of what is before."""
    return line[-_SUM_LENGTH:] == _SUM % zlib.crc32(line[:-_SUM_LENGTH], seed)


def decode_line(line: bytes, seed: int) -> tuple[str, Record] | None:
    """Return the ID and the record of a line, None where it is not intact."""
    if not has_right_sum(line, seed):
        return None
    try:
        ((id_, record),) = loads(b"{%b}" % line).items()
        del record["sum"]
    except (ValueError, TypeError, KeyError):  # a checksum that was computed for another shape
        return None
    return id_, record


def is_number(id_: str) -> bool:
    """Return whether an ID is a number as `str` writes it, from 1 to 18 digits."""
    return _NUMBER.fullmatch(id_) is not None


def id_order(id_: str) -> tuple[int, str]:
    """Return the key by which IDs are sorted: numbers by their value, then all others by their code points."""
    return (len(id_) if is_number(id_) else sys.maxsize), id_


def line_order(line: bytes) -> tuple[int, str] | None:
    """Return the key by which the ID at the start of a line is sorted, None for a line that is no record."""
    match = _ID.match(line)
    try:
        return id_order(loads(b'"%b"' % match[1]) if b"\\" in match[1] else match[1].decode()) if match else None
    except ValueError:
        return None
