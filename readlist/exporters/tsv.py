"""What goes into a pipe: one tab-separated line a paper, whole text, no header, no colour.

    id  date  status  star  title  authors  tags
    12  2025-02-11  unread  *  The Curse of Depth …  Wenfang Sun, Xinyuan Song  #normalization #transformer

The star is "*" or empty. There are always seven fields: no field can hold a tab or a newline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.models import Entry, Hit
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def lines(rows: Iterable[Hit | Entry]) -> Iterator[str]:
    """One line a paper, each with its newline."""
    for row in rows:
        yield _line(row.entry if isinstance(row, Hit) else row)


def _line(entry: Entry) -> str:
    paper, mark = entry.paper, entry.mark
    fields = (
        str(paper.id),
        str(paper.date or ""),
        mark.status.value,
        "*" if mark.starred else "",
        paper.title,
        ", ".join(paper.authors),
        " ".join(f"#{tag}" for tag in entry.tags),
    )
    # Text is cleaned when it comes in; what is printable as it stands, nearly all of it, need not be cleaned again.
    return "\t".join(text if text.isprintable() else clean(text) for text in fields) + "\n"
