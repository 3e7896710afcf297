"""Tab-separated values, which commands write into a pipe: one line per paper, whole text, no header, no color.

    id  date  status  star  title  authors  tags
    12  2025-02-11  unread  *  The Curse of Depth …  Wenfang Sun, Xinyuan Song  #normalization #transformer

The star is "*" or empty. There are always seven fields: no field contains a tab or a newline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.models import Entry, Hit
from readlist.text import printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def export(rows: Iterable[Hit | Entry]) -> Iterator[str]:
    """Yield one line per paper, with its newline."""
    for row in rows:
        yield _format_line(row.entry if isinstance(row, Hit) else row)


def _format_line(entry: Entry) -> str:
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
    # Loaders clean text already; `printable_line` is slow, and few texts need it here.
    return "\t".join(text if text.isprintable() else printable_line(text) for text in fields) + "\n"
