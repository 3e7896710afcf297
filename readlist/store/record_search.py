"""Find single records of a store file without reading all of it: a binary search over its lines.

A change of one mark needs one paper of papers.json, which is 200 MB at 100,000 papers. The records of a table with
numbers as IDs are sorted by them, a line each, see `format`; so the file is its own index. The lines that are found are
parsed by `format` as a file of their own, which verifies their checksums.

Called by `PaperStore`. What is not found may still be there, in a corrupt or unsorted file: the caller then reads all
of it. It must not raise for any content of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO

from readlist.store import format as file_format

if TYPE_CHECKING:
    from readlist.store.format import Record

_RECORD = re.compile(rb'"(\d{1,18})":\{')
_FIRST_SCHEMA = 4
"""The first schema whose files have their papers last and whose papers need no upgrade."""
_COMMA = b",\n"
_END = b"}}\n"
_HEADING = b'},"%b":{\n'
_HEADER_LINES = 2
"""Lines before the second table: the heading of the first one and its only record."""
_LINEAR_BYTES = 1 << 14
"""Part of a file that is read from its beginning instead of being halved again: about eight papers."""


def find_records(file: BinaryIO, table: str, ids: Iterable[int]) -> dict[int, Record]:
    """Return the records of these IDs in a table with numbers as IDs, as far as they are found and are intact.

    `file` is a store file at its beginning; of a schema before _FIRST_SCHEMA, and of a newer one, nothing is returned.
    """
    header = [file.readline() for _ in range(_HEADER_LINES)]
    heading = _HEADING % table.encode()
    if not _skip_past(file, heading):
        return {}
    lines = _find_lines(file, sorted(set(ids)))
    between = [_COMMA] * max(0, 2 * len(lines) - 1)
    between[::2] = lines
    content = file_format.parse([*header, heading, *between, _END], (table,))
    if not content.is_valid or content.schema < _FIRST_SCHEMA:
        return {}
    return {int(id_): record for id_, record in content.tables[table].items()}


def _skip_past(file: BinaryIO, heading: bytes) -> bool:
    """Read lines up to this one, which is near: small tables may precede; returns whether it was there."""
    return any(line == heading for line in file)


def _find_lines(file: BinaryIO, ids: Sequence[int]) -> list[bytes]:
    """Return the lines of those of these sorted IDs that are in the table that begins at the position of `file`."""
    low = file.tell()
    end = file.seek(0, 2)
    lines: list[bytes] = []
    for id_ in ids:
        low = _narrow(file, id_, low, end)
        file.seek(low)
        for line in file:
            number = _record_id(line)
            if line != _COMMA and (number is None or number >= id_):
                if number == id_:
                    lines.append(line)
                break
    return lines


def _narrow(file: BinaryIO, id_: int, low: int, high: int) -> int:
    """Return the offset of a line at most _LINEAR_BYTES, or one line, before that of an ID; `low` is one before it."""
    while high - low > _LINEAR_BYTES:
        middle = (low + high) // 2
        file.seek(middle)
        file.readline()  # the rest of a line
        line = file.readline()
        if line == _COMMA:
            line = file.readline()
        number = _record_id(line)
        if number is not None and number < id_:
            low = file.tell()
        else:  # the ID, one after it, or what follows the table
            high = middle
    return low


def _record_id(line: bytes) -> int | None:
    """Return the ID at the start of a line, None for a line that is no record with a number as its ID."""
    match = _RECORD.match(line)
    return int(match[1]) if match else None
