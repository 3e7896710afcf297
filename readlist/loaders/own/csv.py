"""CSV: the table of `export --to csv`, see `exporters.csv`. A spreadsheet may have saved it again.

Columns are found by their names: a version that has more of them puts them at the end. An apostrophe before a formula,
and backslashes that distinguish a "; " in an item from the one between two items, are removed.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.csv_rows import iter_rows
from readlist.loaders.own.fields import EntryCollector

if TYPE_CHECKING:
    from readlist.loaders.base import Source

_REQUIRED = frozenset({"id", "status", "title", "authors", "tags", "digests", "key"})
_MAX_HEADER = 1_000
_LISTS = ("authors", "tags", "links", "my_tags", "digest_tags", "removed_tags")
_FORMULA = re.compile(r"''*+(?:\s*+[=+\-@＝＋－＠]|[\t\r])")
_SEPARATOR = re.compile(r"(?<!\\)(\\*+); ")
_ESCAPED = re.compile(r"(?<!\\)(\\++)(; |\Z)")
_LANGUAGE_LINE = re.compile(r"\[([^\[\]\n]{1,20})\]")
_ESCAPED_LANGUAGE_LINE = re.compile(r"\\+\[[^\[\]\n]*+\]")


def detect(text: str) -> bool:
    """Return whether the first line has the columns of an export."""
    _, header = next(iter_rows(text[:_MAX_HEADER], lambda *_: None), (0, []))
    return set(map(str.strip, header)) >= _REQUIRED


def parse(source: Source) -> ParseResult:
    """Return the papers and marks of the rows; a row that is cut short is reported."""
    log, entries = ProblemLog(source.name), EntryCollector(source.name)
    rows = iter_rows(source.text, log.report)
    _, header = next(rows, (0, []))
    columns = [name.strip() for name in header]
    for line, cells in rows:
        if len(cells) >= len(columns):
            row = dict(zip(columns, map(_remove_apostrophe, cells), strict=False))
            entries.add(_to_fields(row), partial(log.report, line))
        elif any(cells):
            log.report(line, f"a row of {len(cells)} cells instead of {len(columns)}; ignored")
    return ParseResult(tuple(entries.papers), tuple(log.problems), entries.marks)


def _to_fields(row: dict[str, str]) -> dict[str, Any]:
    """Return the cells of a row as the fields of a JSON entry."""
    fields: dict[str, Any] = {name: cell.replace("\r\n", "\n") for name, cell in row.items()}
    fields |= {name: _split_list(row[name]) for name in _LISTS if name in row}
    return fields | {
        "starred": row.get("starred", "").strip().lower() in ("yes", "true", "1"),
        "comments": _split_comments(row.get("comments", "").replace("\r\n", "\n")),
        "digests": [_to_digest(item) for item in _split_list(row.get("digests", ""))],
    }


def _to_digest(item: str) -> dict[str, str | None]:
    date, _, source = item.partition(" ")
    return {"date": None if date == "undated" else date, "source": source}


def _remove_apostrophe(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def _split_list(cell: str) -> list[str]:
    items, start = [], 0
    for separator in _SEPARATOR.finditer(cell):
        if len(separator[1]) % 2 == 0:
            items.append(cell[start : separator.end() - 2])
            start = separator.end()
    items.append(cell[start:])
    return [_ESCAPED.sub(lambda match: match[1][: len(match[1]) // 2] + match[2], item) for item in items if item]


def _split_comments(cell: str) -> dict[str, str]:
    comments: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in cell.split("\n"):
        if language := _LANGUAGE_LINE.fullmatch(line):
            lines = comments.setdefault(language[1], [])
        else:
            lines.append(line[1:] if _ESCAPED_LANGUAGE_LINE.fullmatch(line) else line)
    return {language: "\n".join(text) for language, text in comments.items()}
