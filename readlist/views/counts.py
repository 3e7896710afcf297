"""Counts: tags, digests, and what a load did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import RenderableType

    from readlist.models import DigestCount, TagCount


def tags_table(tags: Sequence[TagCount]) -> RenderableType:
    """A row a tag: how many papers carry it, and how many of them are unread."""
    return _table("tag", ((clean(count.tag), count.papers, count.unread, "") for count in tags))


def digests_table(digests: Sequence[DigestCount]) -> RenderableType:
    """A row a digest: how many papers it brought, how many of them are unread, and its file."""
    rows = ((str(c.digest.date or "undated"), c.papers, c.unread, clean(c.digest.source)) for c in digests)
    return _table("digest", rows, "source")


def _table(first: str, rows: Iterable[tuple[str, int, int, str]], last: str = "") -> RenderableType:
    """Name, papers, unread and, where `last` is its heading, one more column; nothing unread stands back."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(first, overflow="fold")
    table.add_column("papers", justify="right", no_wrap=True)
    table.add_column("unread", justify="right", no_wrap=True)
    if last:
        table.add_column(last, style="dim", overflow="fold")
    for name, papers, unread, more in rows:
        cells = [Text(name), Text(f"{papers:,}"), Text(f"{unread:,}" if unread else "–")]
        table.add_row(*cells, *([Text(more)] if last else []), style="" if unread else "dim")
    return table
