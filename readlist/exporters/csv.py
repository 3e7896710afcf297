"""CSV for spreadsheets, as RFC 4180 defines it: a header row, then one row per paper; CR LF, UTF-8, no BOM.

Lists are joined by "; "; a "; " inside an item has a backslash before it, a backslash before that or at the end of an
item is doubled. Each comment follows a line with its language: `[ko]`; such a line in a comment gets a backslash.
Newlines inside a field stay. `loaders.own.csv` reads it back.

A field that a spreadsheet would run as a formula (it begins with = + - @, also full width or after white space, or
with a tab or CR) gets an apostrophe before it. So that this can be reversed, a field that already has apostrophes
before such a beginning gets one more: to read it back, remove one apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from readlist.dates import format_utc
from readlist.exporters.cleaning import clean_entry
from readlist.redaction import redact_digest_name
from readlist.text import clean, printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry

COLUMNS = (
    "id", "date", "status", "starred", "title", "authors", "tags", "arxiv_id", "url", "links",
    "abstract", "comments", "note", "digests", "key",
    "status_at", "starred_at", "note_at", "tags_at", "my_tags", "digest_tags", "removed_tags",
    "doi", "later", "later_at", "loaded_at",
)  # fmt: skip
_LANGUAGE_LINE = re.compile(r"^(?=\\*+\[[^\[\]\n]*+\]$)", re.MULTILINE)
_SEPARATOR_IN_ITEM = re.compile(r"(?<!\\)(\\*+); ")
_BACKSLASHES_AT_END = re.compile(r"(?<!\\)(\\++)\Z")
_FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r])")


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the header and a row an entry; write them without translating newlines (`newline=""`)."""
    yield _format_row(COLUMNS)
    for entry in entries:
        yield _format_row(escape_formula(field) for field in _fields(entry))


def escape_formula(field: str) -> str:
    """Return the field with an apostrophe before it where a spreadsheet would run it.

    >>> escape_formula("=1+1"), escape_formula("'=1+1"), escape_formula("a=1")
    ("'=1+1", "''=1+1", 'a=1')
    """
    return f"'{field}" if field and _FORMULA.match(field) else field


def _format_row(fields: Iterable[str]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(fields)
    return buffer.getvalue()


def _fields(entry: Entry) -> tuple[str, ...]:
    """Return the fields of a row, in the order of COLUMNS."""
    entry = clean_entry(entry)
    paper, mark = entry.paper, entry.mark
    comments = (f"[{clean(language)}]\n{_escape_comment(text)}" for language, text in paper.comments.items())
    return (
        str(paper.id),
        str(paper.date or ""),
        mark.status.value,
        "yes" if mark.starred else "",
        paper.title,
        _join(paper.authors),
        _join(entry.tags),
        clean(paper.arxiv_id),
        clean(paper.url),
        _join(map(clean, paper.links)),
        paper.abstract,
        "\n\n".join(comments),
        mark.note,
        _join(clean(f"{date or 'undated'} {redact_digest_name(source)}") for date, source in paper.digests),
        paper.key,
        *(format_utc(time) if time else "" for time in (mark.status_at, mark.starred_at, mark.note_at, mark.tags_at)),
        *(_join(map(printable_line, tags)) for tags in (mark.tags_added, paper.tags, mark.tags_removed)),
        clean(paper.doi),
        "" if mark.later is None else str(mark.later),
        *(format_utc(time) if time else "" for time in (mark.later_at, paper.loaded_at)),
    )


def _escape_comment(text: str) -> str:
    return _LANGUAGE_LINE.sub(r"\\", text) if "[" in text else text


def _join(items: Iterable[str]) -> str:
    return "; ".join(map(_escape_item, items))


def _escape_item(item: str) -> str:
    if ";" in item:
        item = _SEPARATOR_IN_ITEM.sub(r"\1\1\\; ", item)
    return _BACKSLASHES_AT_END.sub(r"\1\1", item) if item.endswith("\\") else item
