"""Counts: tags, digests, and what a load did."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from readlist.models import DigestCount, TagCount


def tags_table(tags: Sequence[TagCount]) -> RenderableType:
    """A row a tag: how many papers carry it, and how many of them are unread."""
    return _table("tag", ((clean(count.tag), count.papers, count.unread, "") for count in tags))


def digests_table(digests: Sequence[DigestCount]) -> RenderableType:
    """A row a digest, below its source: how many papers it brought, how many of them are unread, and its file."""
    by_source: dict[str, list[DigestCount]] = {}
    for count in digests:
        by_source.setdefault(count.location, []).append(count)
    return Group(*chain.from_iterable(_of_source(*item) for item in by_source.items()))


def _of_source(location: str, digests: Sequence[DigestCount]) -> Iterator[RenderableType]:
    latest = max((count.loaded_at for count in digests if count.loaded_at), default=None)
    loaded = f"  loaded {latest.astimezone():%Y-%m-%d %H:%M}" if latest else ""
    heading = Text.assemble((clean(location) or "from elsewhere", "bold"), (loaded, "dim"))
    rows = ((str(c.digest.date or "undated"), c.papers, c.unread, clean(c.digest.source)) for c in digests)
    yield from (heading, _table("digest", rows, "source"))


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
