"""Reads store files record by record, so that they are never all in memory, and validates no line twice.

The doctor reads papers.json so, and then its backups: but for a few, their lines are lines of papers.json. What depends
on a file as a whole is checked for each: its structure, the order of the IDs, and that no two papers have the same key.
Only a file in the form that `serialization` writes, with valid records, is read here. Of any other one `format.parse`
says what is wrong, if anything.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.opening import open_regular
from readlist.store.format import META, META_ID, SCHEMA, parse_header
from readlist.store.record_lines import COMMA, END, decode_line, heading, id_order, table_seed
from readlist.store.records import record_error

if TYPE_CHECKING:
    from pathlib import Path

    from readlist.store.format import Record

_READ_AHEAD = 1 << 20
_BATCH = 500
"""Lines that are validated at once: one step for all of them stays in the caches of the processor."""
_RECORD_START = b'"'


class UnusualFile(Exception):
    """A file has another form than the one that `serialization` writes, an invalid record, or cannot be read."""


class _ValidLine(NamedTuple):
    """What is remembered of a line: the place of its ID in the order of the table, and the key of a paper or ""."""

    order: tuple[int, str]
    key: str


class ValidLines:
    """The lines of a store file and its backups that were found valid; `names` are the tables in their order.

    They are known by their hash: 64 bits with a secret of this process, so that no damaged line has that of another.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._known: dict[str, dict[int, _ValidLine]] = {name: {} for name in names}

    def read(self, path: Path) -> Iterator[tuple[str, Iterator[tuple[str, Record]]]]:
        """Yield each table of a file with its IDs and records, in their order, to be read before the next table.

        Raises UnusualFile, at any time.
        """
        for name, lines in self._tables(path):
            seed = table_seed(name)
            yield name, ((id_, record or _decode(line, seed)[1]) for id_, line, record in lines)

    def check(self, path: Path) -> None:
        """Check all of a file. Raises UnusualFile."""
        deque((deque(lines, maxlen=0) for _, lines in self._tables(path)), maxlen=0)

    def read_ids(self, path: Path, table: str) -> set[str]:
        """Return the IDs of a table of a file, all of which is checked. Raises UnusualFile."""
        return set().union(*({id_ for id_, *_ in lines} for name, lines in self._tables(path) if name == table))

    def _tables(self, path: Path) -> Iterator[tuple[str, Iterator[tuple[str, bytes, Record | None]]]]:
        """Yield each table with its lines: ID, line, and the record of one that was not known."""
        lines = _read_lines(path)
        header = [next(lines, b"") for _ in range(2)]
        record = parse_header(header)
        if record is None or not _is_current(record) or record_error(META, META_ID, record):
            raise UnusualFile
        yield META, iter([(META_ID, header[1], record)])
        headings = [heading(name, is_first=False) for name in self._names]
        if next(lines, b"") != headings[0]:
            raise UnusualFile
        for name, end in zip(self._names, (*headings[1:], END), strict=True):
            table = self._table(lines, name, end)
            yield name, table
            deque(table, maxlen=0)
        if next(lines, b""):
            raise UnusualFile

    def _table(self, lines: Iterator[bytes], name: str, end: bytes) -> Iterator[tuple[str, bytes, Record | None]]:
        """Yield the lines of a table and read its end."""
        known, seed = self._known[name], table_seed(name)
        last: tuple[int, str] = (0, "")
        keys: set[str] = set()
        for batch in _record_batches(lines, end):
            hashes = list(map(hash, batch))
            decoded = {
                identity: _decode(line, seed)
                for identity, line in zip(hashes, batch, strict=True)
                if identity not in known
            }
            for identity, (id_, record) in decoded.items():
                if record_error(name, id_, record):
                    raise UnusualFile
                known[identity] = _ValidLine(id_order(id_), record["key"] if name == "papers" else "")
            for identity, line in zip(hashes, batch, strict=True):
                order, key = known[identity]
                if order <= last or (key and key in keys):
                    raise UnusualFile
                keys.add(key)
                last = order
                yield order[1], line, decoded[identity][1] if identity in decoded else None


def _is_current(metadata: Record) -> bool:
    return type(metadata.get("schema")) is int and metadata["schema"] == SCHEMA


def _record_batches(lines: Iterator[bytes], end: bytes) -> Iterator[list[bytes]]:
    """Yield the lines of the records of a table, many at once, and read its end."""
    batch: list[bytes] = []
    line = next(lines, b"")
    while line and line != end:
        batch.append(line)
        separator = next(lines, b"")
        line = next(lines, b"") if separator == COMMA else separator
        if (line == end) == (separator == COMMA):
            raise UnusualFile
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if line != end:
        raise UnusualFile
    yield batch


def _decode(line: bytes, seed: int) -> tuple[str, Record]:
    decoded = decode_line(line, seed) if line.startswith(_RECORD_START) else None
    if decoded is None:
        raise UnusualFile
    return decoded


def _read_lines(path: Path) -> Iterator[bytes]:
    try:
        with os.fdopen(open_regular(path), "rb", buffering=_READ_AHEAD) as file:
            yield from file
    except OSError as error:
        raise UnusualFile from error
