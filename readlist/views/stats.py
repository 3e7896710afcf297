"""The page of `readlist stats`: counts, one bar per week, tags and months, the papers that are unread for longest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from readlist.models import Status
from readlist.text import clean, plural
from readlist.views.blocks import MaxLines
from readlist.views.symbols import STAR, STATUS_SYMBOLS
from readlist.views.tables import new_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from readlist.models import Stats, Week

_READ_BAR, _SKIPPED_BAR = "█", "░"
"""What a week's bar consists of, distinguishable without color."""
_SIDE_BY_SIDE_WIDTH = 72
"""Cells from which the tables of tags and months are side by side."""
_MAX_BAR = 40
_WEEK_FIGURES = 34
"""Cells that a week's date and counts take next to its bar."""
_MAX_MONTHS = 10


def stats_page(stats: Stats, width: int) -> RenderableType:
    """Return the page, at most `width` terminal cells wide."""
    return Group(*_blocks(stats, width))


def _blocks(stats: Stats, width: int) -> Iterator[RenderableType]:
    yield _summary(stats)
    yield ""
    yield _weeks_table(stats.weeks, max(1, min(_MAX_BAR, width - _WEEK_FIGURES)))
    yield ""
    yield _backlog_line(stats)
    counts = [_tags_table(stats), _months_table(stats)]
    if width >= _SIDE_BY_SIDE_WIDTH:
        both = Table.grid(padding=(0, 6, 0, 0))
        both.add_row(*counts)
        counts = [both]
    for table in counts:
        yield ""
        yield table
    if stats.longest_unread:
        yield ""
        yield _longest_unread_table(stats)


def _summary(stats: Stats) -> Text:
    parts = [plural(stats.papers, "paper")]
    parts += [f"{STATUS_SYMBOLS[status]} {stats.statuses[status]:,} {status}".strip() for status in Status]
    parts.append(f"{STAR} {stats.starred:,} starred")
    return Text("   ".join(parts))


def _weeks_table(weeks: tuple[Week, ...], bar_cells: int) -> Table:
    """Return one row per week: papers read and skipped, as a bar and in figures, and papers added."""
    table = _counts_table("week of", "", "read", "skipped", "added")
    longest = max(1, *(week.read + week.skipped for week in weeks))
    scale = min(1.0, bar_cells / longest)
    for week in weeks:
        read, total = round(week.read * scale), round((week.read + week.skipped) * scale)
        bar = Text(_READ_BAR * read, "green").append(_SKIPPED_BAR * (total - read), "dim")
        figures = (Text(f"{count:,}" if count else "–") for count in (week.read, week.skipped, week.added))
        table.add_row(Text(f"{week.monday:%m-%d}", "dim"), bar, *figures)
    return table


def _backlog_line(stats: Stats) -> Text:
    added, read, skipped = (sum(getattr(week, name) for week in stats.weeks) for name in ("added", "read", "skipped"))
    return Text(
        f"backlog: {stats.statuses[Status.UNREAD]:,} unread, {stats.growth:+,} in the last"
        f" {plural(len(stats.weeks), 'week')}: {added:,} added, {read:,} read, {skipped:,} skipped"
    )


def _tags_table(stats: Stats) -> Table:
    table = _counts_table("tag", "papers", "unread")
    for tag in stats.tags:
        table.add_row(MaxLines(Text(f"#{clean(tag.tag)}", "blue"), 1), f"{tag.papers:,}", f"{tag.unread:,}")
    return table


def _months_table(stats: Stats) -> Table:
    table = _counts_table("month", "papers", "unread")
    for month in stats.months[-_MAX_MONTHS:]:
        table.add_row(month.month, f"{month.papers:,}", f"{month.unread:,}")
    return table


def _longest_unread_table(stats: Stats) -> Table:
    table = new_table()
    table.add_column("id", justify="right")
    table.add_column("longest unread")
    for entry in stats.longest_unread:
        title = Text.assemble((f"{entry.paper.first_date or ''}  ", "dim"), clean(entry.paper.title))
        table.add_row(Text(str(entry.paper.id), "cyan"), MaxLines(title, 2))
    return table


def _counts_table(first: str, *others: str) -> Table:
    """Return a table with these headers; columns with a header after the first are right-aligned figures."""
    table = new_table()
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right" if name else "left", no_wrap=not name)
    return table
