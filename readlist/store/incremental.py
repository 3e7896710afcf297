"""Incremental backups: the records in which a saved state of a store file differs from the one that it replaced.

A large file costs as much to copy as to save, so its last state is kept as the difference from the state before, which
is a full backup:

    {"_meta":{
    "1":{"schema":7,"library":"9f2c51d07be4a836","sequence":13,…}
    4be9c1f6 {"base":{"papers":["a283d717","0000000c3f10",100000],…},"records":{"papers":{"100001":{…},"12":null}}}

The first two lines are those of the state itself. "base" is what the full backup says about its tables: only that very
state is the base. "records" are by table and ID, null for a deleted one. The last line begins with its CRC-32. Read as
a store file it is corrupt, so that nobody takes it for a whole library. Called by `file` alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from orjson import dumps, loads

from readlist.store import format as file_format
from readlist.store import migrations
from readlist.store.format import META, META_ID, SCHEMA, Content
from readlist.store.record_lines import as_json
from readlist.store.stored_table import StoredTable, with_changes
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.store.format import AnyTables, Record, Tables
    from readlist.store.records import RecordValidator

_MAX_RECORDS = 2000
"""A change of more records, such as a large load, is copied."""
_MAX_SHARE = 8
"""A difference that is larger than this part of the file is not worth a second file to be restored."""
_HEADER_LINES = 2


def encode_difference(head: bytes, tables: AnyTables, size: int) -> bytes | None:
    """Return the incremental backup of a state with these tables, whose file has this `head` and size in bytes.

    Its base is the state of which the tables were opened. None where a copy is the better backup.
    """
    base = tables[META][META_ID].get("tables")
    stored = {name: table for name, table in tables.items() if isinstance(table, StoredTable)}
    if not base or stored.keys() != tables.keys() - {META}:
        return None
    records = {name: table.changes for name, table in stored.items() if table.changes}
    if sum(map(len, records.values())) > _MAX_RECORDS:
        return None
    text = dumps({"base": base, "records": records}, as_json)
    if len(text) * _MAX_SHARE > size:
        return None
    return b"%b%08x %b\n" % (head, zlib.crc32(text), text)


def apply_difference(text: bytes, base: Content, names: Sequence[str], validate: RecordValidator | None) -> Content:
    """Return the content of an incremental backup: that of its base, with the records that differ.

    `names` are those of the tables, `validate` has validated the records of the base. Where `base` is another state,
    or one of both is corrupt, the content is corrupt.
    """
    lines = text.splitlines(keepends=True)
    metadata = file_format.parse_header([*lines, b"", b""][:_HEADER_LINES]) or {}
    schema = metadata.get("schema")
    empty = {META: {META_ID: metadata}} | {name: {} for name in names}
    if type(schema) is not int:
        return Content(empty, ("line 2",))
    difference = _decode(lines[-1]) if len(lines) == _HEADER_LINES + 1 else None
    if difference is None:
        return Content(empty, ("line 3",), schema)
    records, base_sums = difference
    if not base.is_valid or base.tables[META][META_ID].get("tables") != base_sums:
        return Content(empty, ("the backup that it is based on is missing or corrupt",), schema)
    changes = migrations.upgrade_tables(records, schema)
    if not changes.keys() <= set(names):
        return Content(empty, ("line 3",), schema)
    if validate:  # a restored paper may have the key of one that was deleted by the same change
        validate.forget_papers(changes.get("papers", {}))
    errors = tuple(_find_errors({META: {META_ID: metadata}, **changes}, validate)) if schema <= SCHEMA else ()
    present = {META: {META_ID: metadata | {"schema": SCHEMA}}} | {name: base.tables[name] for name in names}
    changed = {name: dict(with_changes(present[name], records)) for name, records in changes.items()}
    return Content({**present, **changed}, errors, schema)


def is_based_on(text: bytes, metadata: Record) -> bool:
    """Return whether the full backup with this metadata is the base of an incremental backup."""
    difference = _decode(text.splitlines(keepends=True)[-1]) if text else None
    return difference is not None and metadata.get("tables") == difference[1]


def _decode(line: bytes) -> tuple[Tables, object] | None:
    """Return the records and what is known of the base, None for a corrupt line."""
    text = line[:-1].partition(b" ")[2]
    if line != b"%08x %b\n" % (zlib.crc32(text), text):
        return None
    match loads(text):
        case {"base": dict(base), "records": dict(records)} if all(map(_is_table, records.values())):
            return records, base
        case _:  # a checksum that was computed for another shape
            return None


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(record is None or isinstance(record, dict) for record in value.values())


def _find_errors(tables: Mapping[str, Mapping[str, Any]], validate: RecordValidator | None) -> Iterator[str]:
    for name, records in tables.items():
        for id_, record in records.items():
            if validate and record is not None and (error := validate(name, id_, record)):
                yield clean(f"{name} {id_}: {error}")
