"""Tab-separated values, which commands write into a pipe: one line per paper, whole text, no color.

    id  date  status  star  title  authors  tags
    12  2025-02-11  unread  *  The Curse of Depth …  Wenfang Sun, Xinyuan Song  #normalization #transformer

These are the columns unless the caller passes others. No field contains a tab or a newline; times are in UTC.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from readlist.models import Entry
from readlist.paper_columns import find_columns
from readlist.query_results import Hit
from readlist.text import printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from readlist.paper_columns import Column, Value

DEFAULT_COLUMNS = ("id", "date", "status", "star", "title", "authors", "tags")


def export(rows: Iterable[Hit | Entry], columns: Sequence[Column] = (), *, header: bool = False) -> Iterator[str]:
    """Yield one line per paper, with its newline; a `header` line before them has the names of the columns."""
    columns = columns or find_columns(DEFAULT_COLUMNS)
    if header:
        yield "\t".join(column.name for column in columns) + "\n"
    values = [column.value for column in columns]
    for row in rows:
        hit = row if isinstance(row, Hit) else Hit(row)
        yield "\t".join([_format_field(value(hit)) for value in values]) + "\n"


def _format_field(value: Value) -> str:
    if not isinstance(value, str):
        if isinstance(value, dt.datetime):
            from readlist.dates import format_utc

            return format_utc(value)
        return "" if value is None else str(value)
    # Loaders clean text already; `printable_line` is slow, and few texts need it here.
    return value if value.isprintable() else printable_line(value)
