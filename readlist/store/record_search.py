"""Find single records of a store file without reading all of it: a binary search over its lines.

A change of one mark needs one paper of papers.json, which is 200 MB at 100,000 papers. The records of a table are
sorted by their IDs, a line each, see `format`; so the file is its own index.

Called by `PaperStore` with any file, and by `stored_table` with one that was verified. What is not found may still be
there, in a corrupt or unsorted file: the caller then reads all of it. It must not raise for any content of the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO

from readlist.store import format as file_format
from readlist.store.record_lines import COMMA, END, heading, id_order, line_order

if TYPE_CHECKING:
    from readlist.store.format import Record

BYTES_PER_SEARCH = 15_000
"""Bytes of a store file that are read and parsed in the time in which one record is searched for: 0.1 ms."""
_FIRST_SCHEMA = 4
"""The first schema whose files have their papers last and whose papers need no upgrade."""
_HEADER_LINES = 2
"""Lines before the second table: the heading of the first one and its only record."""
_LINEAR_BYTES = 1 << 14
"""Part of a file that is read from its beginning instead of being halved again: about eight papers."""


def find_records(file: BinaryIO, table: str, ids: Iterable[int]) -> dict[int, Record]:
    """Return the records of these IDs in the last table of a file, as far as they are found and are intact.

    The lines that are found are parsed by `format` as a file of their own, which verifies their checksums. `file` is a
    store file at its beginning; of a schema before _FIRST_SCHEMA, and of a newer one, nothing is returned.
    """
    header = [file.readline() for _ in range(_HEADER_LINES)]
    begin = heading(table, is_first=False)
    if not _skip_tables(file, header, table) and not _skip_past(file, begin):
        return {}
    lines = _find_lines(file, sorted(set(ids)))
    between = [COMMA] * max(0, 2 * len(lines) - 1)
    between[::2] = lines
    content = file_format.parse([*header, begin, *between, END], (table,))
    if not content.is_valid or content.schema < _FIRST_SCHEMA:
        return {}
    return {int(id_): record for id_, record in content.tables[table].items()}


def _skip_tables(file: BinaryIO, header: Sequence[bytes], table: str) -> bool:
    """Read up to the records of a table; returns whether it is where the metadata say, else nothing was read."""
    start = file.tell()
    for name, known in file_format.table_sums(file_format.parse_header(header) or {}).items():
        if file.readline() != heading(name, is_first=False):
            break
        if name == table:
            return True
        file.seek(known.size, os.SEEK_CUR)
    file.seek(start)
    return False


def _skip_past(file: BinaryIO, begin: bytes) -> bool:
    """Read lines up to this one, which is near: small tables may precede; returns whether it was there."""
    return any(line == begin for line in file)


def _find_lines(file: BinaryIO, ids: Sequence[int]) -> list[bytes]:
    """Return the lines of those of these sorted IDs that are in the table that begins at the position of `file`."""
    low = file.tell()
    end = file.seek(0, 2)
    lines: list[bytes] = []
    for id_ in ids:
        low, line = find_line(file, str(id_), low, end)
        if line:
            lines.append(line)
    return lines


def find_line(file: BinaryIO, id_: str, low: int, high: int) -> tuple[int, bytes]:
    """Return the offset and the line of an ID in the table between these offsets of a file.

    Without such a line, it is "" and the offset that of the first record after it, `high` where there is none.
    """
    wanted = id_order(id_)
    offset = file.seek(_narrow(file, wanted, low, high))
    while offset < high and (line := file.readline()):
        if line != COMMA:
            found = line_order(line)
            if found is None or found >= wanted:
                return offset, line if found == wanted else b""
        offset += len(line)
    return high, b""


def _narrow(file: BinaryIO, wanted: tuple[int, str], low: int, high: int) -> int:
    """Return the offset of a line at most _LINEAR_BYTES, or one line, before that of an ID; `low` is one before it."""
    while high - low > _LINEAR_BYTES:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()  # the rest of a line
        line = file.readline()
        if line == COMMA:
            line = file.readline()
        found = line_order(line)
        if found is not None and found < wanted:
            low = file.tell()
        else:  # the ID, one after it, or what follows the table
            high = middle
    return low
