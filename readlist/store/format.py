"""How a store file looks: tables in, lines out, and back.

    {"_meta":{
    "1":{"schema":1,"sum":"52695e57"}
    },"marks":{
    "fp4-all-the-way-5d589f":{"status":"read","status_at":"2025-02-11T08:00:00Z","sum":"a283d717"}
    ,
    "matmul-free-lm-71c0aa":{"starred":true,"starred_at":"2025-02-12T08:00:00Z","sum":"b4a9c5cb"}
    }}

The whole is JSON in TinyDB's shape {table: {id: document}}. One record a line, in the order of their ids, with the
comma on a line of its own: no edit of one record touches the line of another, so that `git merge` of two machines'
edits is clean. "sum" is the CRC-32 of the line before it, begun with the table's name: one flipped bit costs one
record instead of the file, and a line that drifted into another table is noticed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from readlist.text import clean

Record = dict[str, Any]
Tables = dict[str, dict[str, Record]]

SCHEMA = 2
"""The newest layout that this program writes; it reads older ones, and newer ones as far as it understands them.

1: every table of a file is there. 2: some are only where they hold something; a file without them is written as 1, so
that older programs can change it.
"""
META = "_meta"
META_ID = "1"

_BATCH = 512
_COMMA = b",\n"
_END = b"}}\n"
_SUM = b'"sum":"%08x"}\n'
_SUM_LENGTH = len(_SUM % 0)
_FOLLOWS = {
    "start": {"table"},
    "table": {"record", "table", "end"},
    "record": {"comma", "table", "end"},
    "comma": {"record"},
    "end": set[str](),
    "unknown": {"record", "comma", "table", "end"},  # one fault is told once
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a store file holds: its sound records, and what about it is not sound, a phrase for each fault."""

    tables: Tables
    damage: tuple[str, ...] = ()

    @property
    def schema(self) -> int:
        """The layout it was written in."""
        schema = self.tables[META].get(META_ID, {}).get("schema")
        return schema if isinstance(schema, int) else 1

    @property
    def is_newer(self) -> bool:
        """Whether a newer readlist wrote it."""
        return self.schema > SCHEMA

    @property
    def is_sound(self) -> bool:
        """Whether all of it is there, and we know what it means."""
        return not self.damage and not self.is_newer


def united(damaged: Content, backup: Content) -> Tables:
    """The sound records of a damaged file, and of its backup those that it lacks."""
    return {name: backup.tables[name] | records for name, records in damaged.tables.items()}


def empty(names: Sequence[str]) -> Content:
    """What a file that does not exist yet holds."""
    return Content({META: {META_ID: {"schema": 1}}} | {name: {} for name in names})


def lean(tables: Tables, optional: Sequence[str]) -> Tables:
    """The tables as they are written: optional ones only where they hold something, which takes schema 2."""
    kept = {name: records for name, records in tables.items() if records or name not in optional}
    meta = kept[META].get(META_ID, {})
    if any(name in kept for name in optional) and meta.get("schema", 1) < SCHEMA:
        kept[META] = {**kept[META], META_ID: {**meta, "schema": SCHEMA}}
    return kept


def pieces(tables: Tables) -> Iterator[bytes]:
    """The bytes of a store file, some hundred records at a time: 200 MB at once would cost more than the rest."""
    for number, (name, records) in enumerate(tables.items()):
        yield _opening(name, first=number == 0)
        yield from _batches(records, zlib.crc32(name.encode()))
    yield _END


def _batches(records: dict[str, Record], seed: int) -> Iterator[bytes]:
    keys = sorted(records, key=int if all(map(str.isdecimal, records)) else None)
    for start in range(0, len(keys), _BATCH):
        before = [b""] if start else []  # a comma after the last batch
        yield _COMMA.join(before + [_line(key, records[key], seed) for key in keys[start : start + _BATCH]])


def _line(key: str, record: Record, seed: int) -> bytes:
    from orjson import dumps

    text = dumps({key: record})[1:-2] + (b"," if record else b"")
    return text + _SUM % zlib.crc32(text, seed)


def parse(source: Iterable[bytes], names: Sequence[str], optional: Sequence[str] = ()) -> Content:
    """What the lines of a store file hold; what does not verify is left out and named, nothing is guessed."""
    reader = _Reader((META, *names), optional)
    for number, line in enumerate(source, 1):
        reader.take(number, line)
    return reader.content()


def _opening(name: str, *, first: bool) -> bytes:
    return b'%b"%b":{\n' % (b"{" if first else b"},", name.encode())


class _Reader:
    """Takes the lines one after the other and knows which may follow which."""

    def __init__(self, names: Sequence[str], optional: Sequence[str]) -> None:
        from orjson import loads

        self._optional = optional
        self._loads = loads
        self._tables: Tables = {name: {} for name in names}
        self._seeds = {name: zlib.crc32(name.encode()) for name in names}
        self._openings = {_opening(name, first=name == META): name for name in names}
        self._opened: list[str] = []
        self._twice: set[tuple[str, str]] = set()
        self._damage: list[str] = []
        self._previous = "start"

    def take(self, number: int, line: bytes) -> None:
        if line.startswith(b'"') and self._opened:
            kind = "record" if self._take_record(line, self._opened[-1]) else "unknown"
        elif line == _COMMA:
            kind = "comma"
        else:
            kind = self._frame(line)
        if kind == "unknown":
            self._salvage(line)
        if kind not in _FOLLOWS[self._previous]:
            self._damage.append(f"line {number}{_named(line)}")
        self._previous = kind

    def content(self) -> Content:
        for name, key in self._twice:
            self._tables[name].pop(key, None)
        due = [name for name in self._tables if name in self._opened or name not in self._optional]
        whole = self._previous == "end" and self._opened == due and META_ID in self._tables[META]
        if not whole and not self._damage:
            self._damage.append("the end is missing" if self._opened else "it is empty")
        return Content(self._tables, tuple(self._damage))

    def _frame(self, line: bytes) -> str:
        if name := self._openings.get(line):
            self._opened.append(name)
            return "table"
        return "end" if line == _END else "unknown"

    def _salvage(self, line: bytes) -> None:
        """A sound record may still stand on a line that is out of shape or under a lost heading."""
        bare = line.strip(b" \t\r\n,") + b"\n"
        if bare.startswith(b'"'):
            any(self._take_record(bare, name) for name in self._tables)

    def _take_record(self, line: bytes, name: str) -> bool:
        """Whether it is a sound record of this table, and the first with its id."""
        if line[-_SUM_LENGTH:] != _SUM % zlib.crc32(line[:-_SUM_LENGTH], self._seeds[name]):
            return False
        try:
            ((key, record),) = self._loads(b"{%b}" % line).items()
            del record["sum"]
        except (ValueError, TypeError, KeyError):  # a sum that was made to fit
            return False
        if key in self._tables[name]:
            self._twice.add((name, key))  # which one is meant, nobody knows: neither is shown
            return False
        self._tables[name][key] = record
        return True


def _named(line: bytes) -> str:
    """The id at the start of a line, for a person: ` (fp4-all-the-way-5d589f)`."""
    key = line.lstrip()[1:].partition(b'":')[0] if line.lstrip().startswith(b'"') else b""
    return f" ({clean(key[:80].decode(errors='replace'))})" if key else ""
