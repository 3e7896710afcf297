"""Records of odd shape behind a right checksum, as a person, another program or a newer version may write them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from readlist.store import format as file_format
from readlist.store.definitions import TABLES as DEFINITIONS
from readlist.store.format import Tables
from readlist.store.papers import TABLES as PAPERS_TABLES
from tests.store_bytes import serialize

NAMES = {"papers.json": PAPERS_TABLES, "marks.json": ("marks", *DEFINITIONS)}
PAPER = "5"
MARKED = "9"
"""The ID of the paper that has a mark with every field."""
MISSING = object()
"""In place of a value: the field is not there."""
LATE, EARLY, NAIVE = "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2025-02-11T08:00:00"
_APPEARANCE = {"date": "2025-02-11", "source": "x.txt", "hashes": ["1f0a"]}


def nest(depth: int) -> Any:
    """Return lists inside lists."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@dataclass(frozen=True)
class Shape:
    """One odd record: in which file and table, its ID, and what `change` makes of the tables of the intact file.

    `id` is None where the change has no record of its own; `raw` replaces the record by text that is no object.
    """

    name: str
    file: str
    table: str
    id: str | None
    change: Callable[[Tables], None]
    raw: str = ""

    def write(self, path: Path) -> bytes:
        """Write the file with this shape in place of the intact one, which stays as it is; returns its bytes."""
        tables = file_format.parse(path.read_bytes().splitlines(keepends=True), NAMES[self.file]).tables
        self.change(tables)
        data = serialize(tables)
        if self.raw:
            data = self._with_raw_line(data)
        path.unlink()  # the backups and the snapshot may be further names of it
        path.write_bytes(data)
        path.chmod(0o600)
        return data

    def _with_raw_line(self, data: bytes) -> bytes:
        start = f'"{self.id}":'.encode()
        text = start + self.raw.encode() + b","
        line = text + b'"sum":"%08x"}\n' % zlib.crc32(text, zlib.crc32(self.table.encode()))
        heading = f'"{self.table}":{{\n'.encode()
        before, found, after = data.partition(heading)
        lines = after.splitlines(keepends=True)
        number = next(number for number, known in enumerate(lines) if known.startswith(start))
        lines[number] = line
        return before + found + b"".join(lines)


def _field(table: str, id_: str, field: str, value: object) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        record = tables[table][id_]
        tables[table][id_] = {name: old for name, old in record.items() if name != field}
        if value is not MISSING:
            tables[table][id_][field] = value

    return change


def _move(table: str, id_: str, other: str) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table][other] = tables[table].pop(id_)

    return change


def _put(table: str, id_: str, record: dict[str, Any]) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        tables[table][id_] = record

    return change


def _nothing(_tables: Tables) -> None:
    pass


FILE_OF = {table: file for file, tables in NAMES.items() for table in tables} | {"_meta": "marks.json"}
_Values = dict[str, tuple[object, ...]]

_DATES: tuple[object, ...] = (5, "9999-12-31", "0001-01-01", "2025-02-30", "soon", [])
_PAPER_FIELDS: _Values = {
    "title": (5, None, "", ["x"], {}, MISSING),
    "key": (7, "", None, MISSING),
    "digests": (
        *([], {}, None, "x", [5], [{}], [_APPEARANCE, None], MISSING),
        *([_APPEARANCE | {"date": value}] for value in _DATES),
        *([_APPEARANCE | {"source": value}] for value in (5, None)),
        *([_APPEARANCE | {"hashes": value}] for value in ("x", [5], None)),
    ),
    "authors": ("Ada", [5], [None], {}, [["Ada"]]),
    "abstract": (5, ["x"], None),
    "comments": ([], "x", {"en": 5}, {"en": None}, nest(100)),
    "tags": ([None], "rl", {"rl": 1}, [["rl"]], 10**18),
    "links": (5, [5], {"": ""}),
    "arxiv_id": (2502.06781, [], None),
    "url": (5, [], {}),
    "slug": (5, None),
}
_MARK_FIELDS: _Values = {
    "status": ("paused", 5, None, "", ["read"]),
    "status_at": ("yesterday", "2025-02-11", "2025-02-11t08:00:00z", 5, NAIVE, LATE, EARLY, None, {}),
    "starred": ("yes", 1, None, []),
    "starred_at": ({}, "", LATE),
    "tags_added": ("x", [None], [5], {}, nest(3)),
    "tags_removed": ({}, None, [True]),
    "tags_at": ("x", NAIVE),
    "note": (5, ["x"], None, {"text": "x"}),
    "note_at": ("x", 1739260800),
}
_DOCUMENT_FIELDS: _Values = {
    "loaded_at": (MISSING, "x", 5, NAIVE, EARLY),
    "name": (5, None),
    "version": ({}, 1),
    "papers": (-1, "x", 1.5, 10**18),
    "problems": ([], 2**63, True),
}
_QUERY_FIELDS: _Values = {"query": ("", 5, MISSING, ["is:read"]), "at": (MISSING, "x", LATE)}
_ALIAS_FIELDS: _Values = {"tag": (MISSING, "", 5, ["a"]), "at": ("x", None)}
_SYNONYMS_FIELDS: _Values = {
    "words": (MISSING, "ab", [], ["a"], ["a", ""], ["a", 5], [None, None], {"a": "b"}),
    "at": (MISSING, "x", NAIVE),
}
_META_FIELDS: _Values = {
    "schema": ("x", 0, -1, None, True, 4.5, [], MISSING),
    "sequence": (-1, "x", 10**18, 1.5, None, []),
    "library": (5, "", None, ["x"], {}),
}
_PAPERS_META_FIELDS: _Values = {
    "next_id": ("x", -1, 10**18, 10**12, None, 1.5),
    "has_marks": ("no", 1, None, []),
}
_MARKS_META_FIELDS: _Values = {"papers": ("x", -1, 10**18, None, [13], "13")}
_PAPER_IDS = ("x", "0", "-1", "05", "5.5", "1000000000", "", "５", "\x1b[31m5", "5" * 300)
_RAW = ("null", "[]", "[1,2]", '"text"', "7", "true")


def _of_fields(file: str, table: str, id_: str, fields: _Values) -> Iterator[Shape]:
    for field, values in fields.items():
        yield from (_of_value(file, table, id_, field, value) for value in values)


def _of_value(file: str, table: str, id_: str, field: str, value: object) -> Shape:
    shown = "missing" if value is MISSING else str(value)[:40]
    return Shape(f"{file}-{table}-{field}-{shown}", file, table, id_, _field(table, id_, field, value))


def _of_raw(table: str, id_: str) -> Iterator[Shape]:
    return (Shape(f"{table}-raw-{raw}", FILE_OF[table], table, id_, _nothing, raw) for raw in _RAW)


def damaged_shapes(keys: dict[str, str]) -> list[Shape]:
    """Return the shapes that are damage of one record.

    `keys` has the ID of one record of each table whose IDs the tests do not choose.
    """
    mark, document, source = keys["marks"], keys["documents"], keys["sources"]
    query, alias, synonyms = keys["queries"], keys["aliases"], keys["synonyms"]
    return [
        *chain.from_iterable(
            (
                _of_fields("papers.json", "papers", PAPER, _PAPER_FIELDS),
                _of_fields("papers.json", "documents", document, _DOCUMENT_FIELDS),
                _of_fields("papers.json", "sources", source, {"private": ("yes", 1, None)}),
                _of_fields("papers.json", "_meta", "1", _META_FIELDS | _PAPERS_META_FIELDS),
                _of_fields("marks.json", "marks", mark, _MARK_FIELDS),
                _of_fields("marks.json", "queries", query, _QUERY_FIELDS),
                _of_fields("marks.json", "aliases", alias, _ALIAS_FIELDS),
                _of_fields("marks.json", "synonyms", synonyms, _SYNONYMS_FIELDS),
                _of_fields("marks.json", "_meta", "1", _META_FIELDS | _MARKS_META_FIELDS),
                _of_raw("papers", PAPER),
                _of_raw("marks", mark),
            )
        ),
        *(
            Shape(f"papers-ID-{id_[:9]!r}", "papers.json", "papers", id_, _move("papers", PAPER, id_))
            for id_ in _PAPER_IDS
        ),
        Shape("papers-empty", "papers.json", "papers", PAPER, _put("papers", PAPER, {})),
        Shape("documents-empty", "papers.json", "documents", document, _put("documents", document, {})),
        Shape("queries-empty", "marks.json", "queries", query, _put("queries", query, {})),
        Shape("meta-second", "marks.json", "_meta", "2", _put("_meta", "2", {"x": 1})),
        Shape("unknown-table", "marks.json", "moods", None, lambda tables: tables.update(moods={"a": {"b": 1}})),
        Shape("unknown-table-of-papers", "papers.json", "x", None, lambda tables: tables.update(x={})),
    ]


_UNKNOWN_VALUES: tuple[Any, ...] = (5, None, {"a": [1.5, None]}, 2**63, nest(200))
_TIME = "2025-02-11T08:00:00Z"


def harmless_shapes(keys: dict[str, str]) -> list[Shape]:
    """Return shapes that are unusual but right: every command works as without them."""
    tables = {"papers": PAPER, "_meta": "1", **keys}
    shapes = [
        Shape(
            f"{table}-unknown-{str(value)[:20]}",
            FILE_OF.get(table, "marks.json"),
            table,
            id_,
            _field(table, id_, "mood", value),
        )
        for table, id_ in tables.items()
        for value in _UNKNOWN_VALUES
    ]
    mark = keys["marks"]

    def add(name: str, table: str, id_: str, record: dict[str, Any]) -> None:
        shapes.append(Shape(name, FILE_OF[table], table, id_, _put(table, id_, record)))

    def change(table: str, id_: str, field: str, *values: object) -> None:
        shapes.extend(_of_fields(FILE_OF[table], table, id_, {field: values}))

    for name in ("", "\x1b[31m", "no-such-paper-000000", "a\nb", "\u202ex"):
        add(f"mark-of-{name!r}", "marks", name, {"status": "read", "status_at": _TIME})
    for name in ("", "a b", "-x", "\x1b]0;x\x07", "\n"):
        add(f"query-named-{name!r}", "queries", name, {"query": "is:read", "at": _TIME})
        add(f"alias-named-{name!r}", "aliases", name, {"tag": "x", "at": _TIME})
        add(f"synonyms-named-{name!r}", "synonyms", name, {"words": ["x", "y"], "at": _TIME})
        add(f"source-at-{name!r}", "sources", name, {})
        add(f"document-at-{name!r}", "documents", name, {"loaded_at": _TIME})
    for location in ("a\0b", "http://[", "http://localhost:1/\0", "https://", "file:///etc/passwd", "x" * 5000):
        add(f"source-at-{location[:20]!r}", "sources", location, {})
        add(f"document-at-{location[:20]!r}", "documents", location, {"loaded_at": _TIME, "papers": 10**15})
    change("marks", mark, "status_at", MISSING, "0002-01-01T00:00:00+23:59", "9998-12-31T23:59:59-23:59")
    change(
        "marks",
        mark,
        "status_at",
        "2025-02-11 08:00:00.123456789+00:00",
        "2025-02-11T08:00:00-00:00",
    )
    change("marks", mark, "starred_at", MISSING)
    change("marks", mark, "note_at", MISSING)
    change("marks", mark, "tags_at", MISSING)
    change("marks", mark, "note", "", "\x1b[31m", "a\0b", "x" * 20_000)
    change("marks", mark, "tags_added", [], [""], ["\x1b[31m", "a b", "#", "a\nb"], ["rl"] * 100)
    change("marks", mark, "tags_removed", ["rl", "RL", ""])
    change("papers", PAPER, "title", " ", "\x1b[31mred", "a\nb", "\0", "x" * 5000, "\u202ex")
    change("papers", PAPER, "key", " ", "\x1b[31m", "5", "2502.06781", "a\nb")
    change("papers", PAPER, "authors", [], [""], ["\n"])
    change("papers", PAPER, "tags", [], [""], ["#", "a b", "\x1b"])
    change("papers", PAPER, "comments", {}, {"": ""}, {"\x1b": "\x1b"})
    change("papers", PAPER, "links", [""], ["\0"], ["http://["], ["javascript:alert(1)"])
    change("papers", PAPER, "url", "", "javascript:alert(1)", "http://[", "https://\0", "x")
    change("papers", PAPER, "arxiv_id", "", "x", "\x1b")
    change("papers", PAPER, "slug", "", "x")
    change("papers", PAPER, "digests", [_APPEARANCE | {"date": None}], [_APPEARANCE] * 3)
    change("papers", PAPER, "digests", [_APPEARANCE | {"source": "\x1b", "hashes": []}])
    change("papers", PAPER, "digests", [_APPEARANCE | {"date": "0002-01-01"}], [_APPEARANCE | {"date": "9998-12-31"}])
    change("queries", keys["queries"], "query", "title:(", '"', "\x1b", "@fresh", " ")
    change("aliases", keys["aliases"], "tag", " ", keys["aliases"], "\x1b", "a b")
    change("synonyms", keys["synonyms"], "words", ["\x1b[31m", "a\nb"], [" ", " "], ["a"] * 100, ["x" * 20_000, "★"])
    change("_meta", "1", "papers", 10**9)
    shapes.append(Shape("aliases-in-a-circle", "marks.json", "aliases", "a", _circle))
    shapes.append(Shape("two-papers-of-one-key", "papers.json", "papers", PAPER, _double_key))
    shapes.extend(
        _of_fields(
            "papers.json", "_meta", "1", {"next_id": (0, 3, MISSING), "sequence": (2**53,), "library": (MISSING,)}
        )
    )
    return shapes


def _circle(tables: Tables) -> None:
    tables["aliases"] |= {"a": {"tag": "b", "at": _TIME}, "b": {"tag": "a", "at": _TIME}}


def _double_key(tables: Tables) -> None:
    tables["papers"][PAPER] = {**tables["papers"][PAPER], "key": tables["papers"]["6"]["key"]}
