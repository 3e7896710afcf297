"""The format of a store file: tables to lines of JSON, and back.

    {"_meta":{
    "1":{"schema":7,"library":"9f2c51d07be4a836","sequence":7,"papers":13,"tables":{…},"sum":"0d1f7c52"}
    },"marks":{
    "fp4-all-the-way-5d589f":{"status":"read","status_at":"2025-02-11T08:00:00Z","sum":"a283d717"}
    ,
    "matmul-free-lm-71c0aa":{"starred":true,"starred_at":"2025-02-12T08:00:00Z","sum":"b4a9c5cb"}
    },"queries":{
    },"aliases":{
    },"synonyms":{
    }}

The whole file is JSON in TinyDB's shape {table: {ID: document}}. Each record is a line, in the order of the IDs, with
the comma on a line of its own, so that a change of one record changes one line. "sum" is the CRC-32 of the line before
it, seeded with the table's name: one flipped bit costs one record instead of the file, and a line that ended up in
another table is detected. IDs that are numbers are sorted by their value, before the others, which are sorted by their
code points. Files of older schemas are read through `migrations`.

The record of `_meta` has what is known about the file itself:

    schema      of its records
    library     the identity of the library, the same in both files
    sequence    a number that grows with every save: states are ordered by it, because a clock may be wrong
    next_id, has_marks      papers.json: the next free ID; whether there was a marks.json when it was saved
    papers      marks.json: how many papers there were, so that their loss is noticed
    synced      the commit of each remote that the file was last merged with: {"own": "5f0c…", "lab": "91ab…"}
    tables      of each table the CRC-32 and the size in bytes of its lines, both in hexadecimal digits, and how many
                records it has: {"marks":["4be9c1f6","0000000000a2",2],…}

Where `tables` is right, the file is unchanged since it was saved, and a change decodes only what it needs, see
`stored_table`. Where it is missing or wrong, because an older version or another program wrote the file, all lines are
parsed here.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from readlist.store import migrations
from readlist.store.record_lines import COMMA, END, TableSum, decode_line, heading, table_seed
from readlist.text import clean

Record = dict[str, Any]
Tables = dict[str, dict[str, Record]]
AnyTables = Mapping[str, Mapping[str, Record]]
"""Tables that were parsed, or those of `stored_table`."""

Validate = Callable[[str, str, Record], str]
"""Returns what is wrong with a record of a table, "" for nothing; `records.record_error`."""

SCHEMA = 7
"""The schema that this version writes; older ones are read and upgraded, newer ones are read as far as possible.

1: every table of a file is present. 2: tables of saved queries and renamed tags, present only where not empty.
3: every table is present; `migrations` lists the fields that were renamed. 4: `_meta` has library and sequence, and
papers.json has its papers last, so that a file that is cut short keeps where they came from. 5: table of synonyms; a
version that does not know it must not change the file, from which its repair would drop the table. 6 and 7: fields that
`migrations` lists.
"""
MAX_COUNT = 10**15
"""The largest number in `_meta`: a larger one, which another program wrote, could not be counted on from."""
META = "_meta"
META_ID = "1"

_MAX_QUOTED = 80
"""Characters of an ID in a message."""
_TRANSITIONS = {
    "start": {"table"},
    "table": {"record", "table", "end"},
    "record": {"comma", "table", "end"},
    "comma": {"record"},
    "end": set[str](),
    "unknown": {"record", "comma", "table", "end"},  # so that one fault is reported once
}
"""Which kind of line may follow which."""


class Metadata(NamedTuple):
    """What a store file says about itself; a field of a wrong type counts as absent."""

    schema: int = 1
    library: str = ""
    sequence: int = 0
    next_id: int = 1
    papers: int = 0
    has_marks: bool = False
    synced: Mapping[str, str] = {}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Metadata:
        """Return the metadata of a record of `_meta`."""
        defaults = cls()._asdict()
        known = {name: record[name] for name in defaults if _is_like(record.get(name), defaults[name])}
        return cls(**defaults | known)


class Conflict(NamedTuple):
    """Different records of one table with the same ID; none of them is among the records of the content."""

    table: str
    id: str
    versions: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a store file: its intact records, and a phrase for each fault."""

    tables: Tables
    corruption: tuple[str, ...] = ()
    schema: int = SCHEMA
    """The schema of the file; the tables are those of SCHEMA."""
    conflicts: tuple[Conflict, ...] = ()
    """Records that are there in several versions, as a merge of two files by another program leaves them."""

    @property
    def metadata(self) -> Metadata:
        """What the file says about itself, the defaults where that is corrupt."""
        return Metadata.from_record(self.tables[META].get(META_ID, {}))

    @property
    def is_newer(self) -> bool:
        """Whether a newer version of readlist wrote it."""
        return self.schema > SCHEMA

    @property
    def is_valid(self) -> bool:
        """Whether it is complete, and this version understands it."""
        return not self.corruption and not self.is_newer


def merge_with_backup(corrupt: Content, backup: Content) -> Tables:
    """Return the intact records of a corrupt file, and those of its backup that it lacks."""
    return {name: backup.tables[name] | records for name, records in corrupt.tables.items()}


def empty_content(names: Sequence[str]) -> Content:
    """Return the content of a file that does not exist yet."""
    return Content({META: {META_ID: {"schema": SCHEMA}}} | {name: {} for name in names})


def parse_header(lines: Sequence[bytes]) -> Record | None:
    """Return the record of `_meta` from the first two lines of a store file, None where it is not intact."""
    first, line = lines
    if first != heading(META, is_first=True):
        return None
    id_, record = decode_line(line, table_seed(META)) or ("", None)
    return record if id_ == META_ID else None


def table_sums(metadata: Record) -> dict[str, TableSum]:
    """Return what the record of `_meta` says about each table, nothing where that is not what is saved."""
    sums = metadata.get("tables")
    decoded = {name: TableSum.decode(value) for name, value in sums.items()} if isinstance(sums, dict) else {}
    known = {name: table_sum for name, table_sum in decoded.items() if table_sum}
    return known if len(known) == len(decoded) else {}


def parse_metadata(head: bytes) -> Metadata:
    """Return the metadata in the first bytes of a store file, the defaults where it has none that is intact."""
    record = parse_header([*head.splitlines(keepends=True), b"", b""][:2])
    return Metadata.from_record(record) if record else Metadata()


def parse(lines: Iterable[bytes], names: Sequence[str], validate: Validate | None = None) -> Content:
    """Parse the lines of a store file with these tables; a line that does not verify is left out and reported.

    Without `validate` the types of the records are not checked.
    """
    reader = _Reader((META, *names), validate)
    for number, line in enumerate(lines, 1):
        reader.feed(number, line)
    return reader.content()


class _Reader:
    """Takes one line after the other and checks which kinds may follow each other."""

    def __init__(self, names: Sequence[str], validate: Validate | None) -> None:
        self._validate = validate
        self._names = names
        in_file = (*names, *(old for old, new in migrations.RENAMED_TABLES.items() if new in names))
        self._tables: Tables = {name: {} for name in in_file}
        self._seeds = {name: table_seed(name) for name in in_file}
        self._headings = {heading(name, is_first=name == META): name for name in in_file}
        self._opened: list[str] = []
        self._versions: dict[tuple[str, str], list[Record]] = {}
        self._corruption: list[str] = []
        self._previous = "start"

    def feed(self, number: int, line: bytes) -> None:
        if line.startswith(b'"') and self._opened:
            kind = "record" if self._add_record(line, self._opened[-1]) else "unknown"
        elif line == COMMA:
            kind = "comma"
        else:
            kind = self._structure(line)
        if kind == "unknown":
            self._salvage(line)
        if kind not in _TRANSITIONS[self._previous]:
            self._corruption.append(f"line {number}{_record_id(line)}")
        self._previous = kind

    def content(self) -> Content:
        for name, key in self._versions:
            self._tables[name].pop(key, None)
        schema = self._schema()
        is_complete = self._previous == "end" and self._has_expected_tables(schema) and META_ID in self._tables[META]
        if not is_complete and not self._corruption:
            self._corruption.append("the file is truncated" if self._opened else "the file is empty")
        tables = migrations.upgrade_tables(self._tables, schema)
        if schema < SCHEMA and META_ID in tables[META]:
            tables[META] = {META_ID: tables[META][META_ID] | {"schema": SCHEMA}}
        tables = {name: tables[name] for name in self._names}
        if self._validate:
            errors = list(_remove_invalid(tables, self._validate))
            self._corruption += errors if schema <= SCHEMA else []
        return Content(tables, tuple(self._corruption), schema, self._conflicts())

    def _schema(self) -> int:
        """Return the schema of the file: the current one where `_meta` has no number, which is corruption."""
        if META_ID not in self._tables[META]:
            return 1
        schema = self._tables[META][META_ID].get("schema")
        if type(schema) is int and schema > 0:  # not a bool
            return schema
        del self._tables[META][META_ID]
        self._corruption.append(f"{META} {META_ID}: schema: Expected a number from 1")
        return SCHEMA

    def _has_expected_tables(self, schema: int) -> bool:
        expected = self._names
        if schema < SCHEMA:
            since = migrations.REQUIRED_SINCE
            required = {name for name in self._names if schema >= since.get(name, 1)}
            expected = [name for name in self._tables if name in self._opened or name in required]
        return sorted(self._opened) == sorted(expected)

    def _conflicts(self) -> tuple[Conflict, ...]:
        return tuple(
            Conflict(name, key, tuple(different))
            for (name, key), versions in self._versions.items()
            if len(different := {_canonical(version): version for version in versions}.values()) > 1
        )

    def _structure(self, line: bytes) -> str:
        if name := self._headings.get(line):
            self._opened.append(name)
            return "table"
        return "end" if line == END else "unknown"

    def _salvage(self, line: bytes) -> None:
        """Take an intact record from a line that is malformed, or that follows a lost table heading."""
        bare = line.strip(b" \t\r\n,") + b"\n"
        if bare.startswith(b'"'):
            any(self._add_record(bare, name) for name in self._tables)

    def _add_record(self, line: bytes, name: str) -> bool:
        """Add a record to a table; returns whether it is intact and the first with its ID."""
        decoded = decode_line(line, self._seeds[name])
        if decoded is None:
            return False
        key, record = decoded
        if key in self._tables[name]:
            versions = self._versions.setdefault((name, key), [self._tables[name][key]])
            versions.append(record)  # it is unknown which one is right: neither is used
            return False
        self._tables[name][key] = record
        return True


def _is_like(value: object, default: object) -> bool:
    """Return whether a value has the type of a default, and is no number out of range."""
    return type(value) is type(default) and (not isinstance(value, int) or 0 <= value <= MAX_COUNT)


def _remove_invalid(tables: Tables, validate: Validate) -> Iterator[str]:
    """Remove the records that `validate` rejects; yield a phrase for each."""
    for table, records in tables.items():
        for id_, record in list(records.items()):
            if error := validate(table, id_, record):
                del records[id_]
                yield clean(f"{table} {id_[:_MAX_QUOTED]}: {error}")


def _canonical(record: Mapping[str, Any]) -> bytes:
    from orjson import OPT_SORT_KEYS, dumps

    return dumps(record, option=OPT_SORT_KEYS)


def record_sum(record: Mapping[str, Any] | None) -> str | None:
    """Return a checksum of the values of a record, independent of the order of its fields; None for None."""
    if record is not None and not isinstance(record, dict):
        from readlist.store.packed_records import PackedRecord  # only a large load has such records

        if isinstance(record, PackedRecord):
            return record.checksum
    return None if record is None else f"{zlib.crc32(_canonical(record)):08x}"


def _record_id(line: bytes) -> str:
    """Return the ID at the start of a line, for a message: ` (record fp4-all-the-way-5d589f)`."""
    key = line.lstrip()[1:].partition(b'":')[0] if line.lstrip().startswith(b'"') else b""
    return f" (record {clean(key[:_MAX_QUOTED].decode(errors='replace'))})" if key else ""
