"""CSV for spreadsheets: a header row, then a row a paper, as RFC 4180 has it (lines end in CR LF, UTF-8, no BOM).

Lists are joined by "; ". A comments has a line with its language before it: `[ko]`. Newlines inside a field stay.

A field that a spreadsheet would run as a formula (it begins with = + - @, also full width or after white space, or
with a tab or CR) gets an apostrophe before it; so that this can be undone, a field that has apostrophes before such a
beginning gets one more. To read a field back, drop the first apostrophe of those.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from readlist.text import clean, clean_lines, clean_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry

COLUMNS = (
    "id", "date", "status", "starred", "title", "authors", "tags", "arxiv_id", "url", "links",
    "abstract", "comments", "note", "digests", "key",
)  # fmt: skip
_FORMULA = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r])")


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """The header, then each entry's row; write the pieces without translating newlines (`newline=""`)."""
    yield _row(COLUMNS)
    for entry in entries:
        yield _row(inert(field) for field in _fields(entry))


def inert(field: str) -> str:
    """The field as no spreadsheet runs it.

    >>> inert("=1+1"), inert("'=1+1"), inert("a=1")
    ("'=1+1", "''=1+1", 'a=1')
    """
    return f"'{field}" if _FORMULA.match(field) else field


def _row(fields: Iterable[str]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(fields)
    return buffer.getvalue()


def _fields(entry: Entry) -> tuple[str, ...]:
    paper, mark = entry.paper, entry.mark
    comments = (f"[{clean(language)}]\n{clean_lines(text)}" for language, text in paper.comments.items())
    return (
        str(paper.id),
        str(paper.date or ""),
        mark.status.value,
        "yes" if mark.starred else "",
        clean(paper.title),
        _list(paper.authors),
        _list(entry.tags),
        clean(paper.arxiv_id),
        clean(paper.url),
        _list(paper.links),
        clean_lines(paper.abstract),
        "\n\n".join(comments),
        clean_markdown(mark.note),
        _list(f"{seen.date or 'undated'} {seen.source}" for seen in paper.digests),
        paper.key,
    )


def _list(items: Iterable[str]) -> str:
    return "; ".join(clean(item) for item in items)
