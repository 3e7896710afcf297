"""How it is going, as a page: counts, a bar a week, tags and months, what has waited longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from readlist.models import Status
from readlist.text import clean
from readlist.views.blocks import Clamped
from readlist.views.fragments import SIGNS, STAR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from readlist.models import Stats, Week

READ, SKIPPED, ADDED = "█", "░", "·"
"""What bars are made of: it can be told apart without colours."""
_SIDE_BY_SIDE = 72
"""Columns from which tags and months stand beside each other."""
_MAX_BAR = 40
_FIGURES = 34
"""Cells that a week's date and counts take beside its bar."""
_MONTHS = 10
"""Months that a terminal shows: as many as tags."""


def stats_page(stats: Stats, width: int) -> RenderableType:
    """The page, in `width` terminal cells at most."""
    return Group(*_blocks(stats, width))


def _blocks(stats: Stats, width: int) -> Iterator[RenderableType]:
    yield _summary(stats)
    yield ""
    yield _weeks(stats.weeks, max(1, min(_MAX_BAR, width - _FIGURES)))
    yield ""
    yield _backlog(stats)
    counts = [_tags(stats), _months(stats)]
    if width >= _SIDE_BY_SIDE:
        both = Table.grid(padding=(0, 6, 0, 0))
        both.add_row(*counts)
        counts = [both]
    for table in counts:
        yield ""
        yield table
    if stats.longest_unread:
        yield ""
        yield _longest(stats)


def _summary(stats: Stats) -> Text:
    parts = [f"{stats.papers:,} paper{'s' * (stats.papers != 1)}"]
    parts += [f"{SIGNS[status]} {stats.statuses[status]:,} {status}".strip() for status in Status]
    parts.append(f"{STAR} {stats.starred:,} starred")
    return Text("   ".join(parts))


def _weeks(weeks: tuple[Week, ...], cells: int) -> Table:
    """A row a week: how many papers were read and skipped, as a bar and in figures, and how many came."""
    table = _table("week of", *(("", "read", "skipped", "added")))
    most = max(1, *(week.read + week.skipped for week in weeks))
    scale = min(1.0, cells / most)
    for week in weeks:
        read, done = round(week.read * scale), round((week.read + week.skipped) * scale)
        bar = Text(READ * read, "green").append(SKIPPED * (done - read), "dim")
        figures = (Text(f"{count:,}" if count else "–") for count in (week.read, week.skipped, week.added))
        table.add_row(Text(f"{week.monday:%m-%d}", "dim"), bar, *figures)
    return table


def _backlog(stats: Stats) -> Text:
    came, read, skipped = (sum(getattr(week, name) for week in stats.weeks) for name in ("added", "read", "skipped"))
    return Text(
        f"backlog: {stats.statuses[Status.UNREAD]:,} unread; in {len(stats.weeks)} weeks {came:,} came,"
        f" {read:,} were read, {skipped:,} skipped: {stats.growth:+,}"
    )


def _tags(stats: Stats) -> Table:
    table = _table("tag", "papers", "unread")
    for tag in stats.tags:
        table.add_row(Clamped(Text(f"#{clean(tag.tag)}", "blue"), 1), f"{tag.papers:,}", f"{tag.unread:,}")
    return table


def _months(stats: Stats) -> Table:
    table = _table("month", "papers", "unread")
    for month in stats.months[-_MONTHS:]:
        table.add_row(month.month, f"{month.papers:,}", f"{month.unread:,}")
    return table


def _longest(stats: Stats) -> Table:
    table = _table("id", "longest unread")
    table.columns[0].justify, table.columns[1].justify = "right", "left"
    for entry in stats.longest_unread:
        since = min((seen.date for seen in entry.paper.digests if seen.date), default="")
        title = Text.assemble((f"{since}  ", "dim"), clean(entry.paper.title))
        table.add_row(Text(str(entry.paper.id), "cyan"), Clamped(title, 2))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right" if name else "left", no_wrap=not name)
    return table
