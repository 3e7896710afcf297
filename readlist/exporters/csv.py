"""CSV for spreadsheets, as RFC 4180 defines it: a header row, then one row per paper; CR LF, UTF-8, no BOM.

Lists are joined by "; ". Each comment follows a line with its language: `[ko]`. Newlines inside a field stay.

A field that a spreadsheet would run as a formula (it begins with = + - @, also full width or after white space, or
with a tab or CR) gets an apostrophe before it. So that this can be reversed, a field that already has apostrophes
before such a beginning gets one more: to read it back, remove one apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from readlist.redaction import redact_digest_name
from readlist.text import clean, clean_lines, clean_markdown, printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry

COLUMNS = (
    "id", "date", "status", "starred", "title", "authors", "tags", "arxiv_id", "url", "links",
    "abstract", "comments", "note", "digests", "key",
)  # fmt: skip
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
    return f"'{field}" if _FORMULA.match(field) else field


def _format_row(fields: Iterable[str]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(fields)
    return buffer.getvalue()


def _fields(entry: Entry) -> tuple[str, ...]:
    """Return the fields of a row, in the order of COLUMNS."""
    paper, mark = entry.paper, entry.mark
    comments = (f"[{clean(language)}]\n{clean_lines(text)}" for language, text in paper.comments.items())
    return (
        str(paper.id),
        str(paper.date or ""),
        mark.status.value,
        "yes" if mark.starred else "",
        clean(paper.title),
        _join(paper.authors),
        "; ".join(map(printable_line, entry.tags)),
        clean(paper.arxiv_id),
        clean(paper.url),
        _join(paper.links),
        clean_lines(paper.abstract),
        "\n\n".join(comments),
        clean_markdown(mark.note),
        _join(f"{date or 'undated'} {redact_digest_name(source)}" for date, source in paper.digests),
        paper.key,
    )


def _join(items: Iterable[str]) -> str:
    return "; ".join(clean(item) for item in items)
