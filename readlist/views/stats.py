"""The page of `readlist stats`: counts, activity by week or month, reading days, tags, the longest unread papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from readlist.models import Status
from readlist.stats import Activity, sum_activity
from readlist.text import clean, plural
from readlist.views.bars import UNICODE, Glyphs, bar_legend, choose_scale, draw_bar
from readlist.views.blocks import MaxLines
from readlist.views.calendar import reading_calendar
from readlist.views.tables import new_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import RenderableType

    from readlist.models import Entry
    from readlist.stats import Stats

_SIDE_BY_SIDE_WIDTH = 100
"""Cells from which the tags are beside the activity."""
_TAGS_CELLS = 40
_MAX_BAR = 40
_FIGURES_CELLS = 34
"""Cells that the name of a period and its counts take next to its bar."""
_WEEKLY_DAYS = 26 * 7
"""Days since the first activity up to which it is shown by week: half a year."""
_MAX_MONTHS = 12
_EARLIER = "earlier"
_MIN_GAP = 2
"""Periods without activity from which a sign of the gap replaces them."""


def stats_page(stats: Stats, width: int, glyphs: Glyphs = UNICODE) -> RenderableType:
    """Return the page, at most `width` terminal cells wide."""
    return Group(*_blocks(stats, width, glyphs))


def _blocks(stats: Stats, width: int, glyphs: Glyphs) -> Iterator[RenderableType]:
    yield join_parts(_summary(stats, glyphs), width)
    yield _recent_line(stats)
    is_wide = width >= _SIDE_BY_SIDE_WIDTH and bool(stats.tags)
    blocks: list[RenderableType] = []
    if stats.activity:
        bar = width - _FIGURES_CELLS - (_TAGS_CELLS if is_wide else 0)
        blocks.append(_activity_table(stats, max(1, min(_MAX_BAR, bar)), glyphs))
    if stats.tags:
        blocks.append(_tags_table(stats))
    if is_wide and len(blocks) > 1:
        both = Table.grid(padding=(0, 4, 0, 0))
        both.add_row(*blocks)
        blocks = [both]
    if stats.reading_days:
        first = stats.today - dt.timedelta(days=364)
        blocks.insert(1, reading_calendar(stats.reading_days, first, stats.today, width, glyphs))
    if stats.longest_unread:
        blocks.append(papers_table("longest unread", ((e.paper.first_date, e) for e in stats.longest_unread)))
    for block in blocks:
        yield ""
        yield block


def _summary(stats: Stats, glyphs: Glyphs) -> Iterator[str]:
    yield plural(stats.papers, "paper")
    named = [*((stats.statuses[status], str(status)) for status in Status), (stats.starred, "starred")]
    for symbol, (count, name) in zip(glyphs.symbols, named, strict=True):
        yield f"{symbol} {count:,} {name}".strip()


def join_parts(parts: Iterable[str], width: int) -> Text:
    """Return the parts on as many lines as they take, none of them broken where it fits."""
    lines: list[str] = []
    for part in parts:
        if lines and cell_len(joined := f"{lines[-1]}   {part}") <= width:
            lines[-1] = joined
        else:
            lines.append(part)
    return Text("\n".join(lines))


def _recent_line(stats: Stats) -> Text:
    """Return what happened in the weeks of the statistics, as a sentence."""
    weeks = plural(len(stats.weeks), "week")
    added, read, skipped = (sum(getattr(week, name) for week in stats.weeks) for name in ("added", "read", "skipped"))
    if added or read or skipped:
        change = f"backlog {stats.growth:+,}" if stats.growth else "backlog unchanged"
        return Text(f"last {weeks}: {added:,} added, {read:,} read, {skipped:,} skipped, {change}")
    return Text(f"No digest is from the last {weeks}, and no paper was read or skipped in them.")


# Activity


def _activity_table(stats: Stats, bar_cells: int, glyphs: Glyphs) -> Table:
    """Return one row per week, where everything happened in half a year, else per month with activity."""
    first = (stats.today - dt.timedelta(days=_WEEKLY_DAYS)).isoformat()[:7]
    if stats.activity[0].period >= first and any(any(week[1:]) for week in stats.weeks):
        weeks = [Activity(f"{week.monday:%m-%d}", *week[1:]) for week in stats.weeks]
        earlier = _subtract(sum_activity(_EARLIER, stats.activity), weeks)
        return activity_table("week of", weeks, bar_cells, glyphs, earlier=earlier)
    months = stats.activity[-_MAX_MONTHS:]
    earlier = sum_activity(_EARLIER, stats.activity[:-_MAX_MONTHS])
    return activity_table("month", list(_fill_months(months)), bar_cells, glyphs, earlier=earlier)


def _subtract(total: Activity, parts: Iterable[Activity]) -> Activity:
    rest = sum_activity("", parts)
    return Activity(total.period, *(whole - part for whole, part in zip(total[1:], rest[1:], strict=True)))


def _fill_months(months: Sequence[Activity]) -> Iterator[Activity]:
    """Yield the months, and those without activity between them."""
    known = {month.period: month for month in months}
    first, last = (int(period[:4]) * 12 + int(period[5:]) - 1 for period in (min(known), max(known)))
    for number in range(first, last + 1):
        period = f"{number // 12:04}-{number % 12 + 1:02}"
        yield known.get(period, Activity(period))


def _shorten(periods: Iterable[Activity], gap: str) -> Iterator[Activity]:
    """Yield the periods from the first with activity on, and `gap` in place of several without any."""
    has_begun = False
    for is_empty, group in groupby(periods, lambda period: period.is_empty):
        run = list(group)
        if is_empty and len(run) >= _MIN_GAP and has_begun:
            yield Activity(gap)
        elif has_begun or not is_empty:
            yield from run
        has_begun = True


def activity_table(  # noqa: PLR0913 -- the options of a table
    name: str,
    periods: Sequence[Activity],
    bar_cells: int,
    glyphs: Glyphs,
    *,
    earlier: Activity | None = None,
    has_marks: bool = False,
) -> Table:
    """Return one row per period: papers read and skipped, as a bar and in figures, and added.

    The first periods without activity are left out, and several later ones are one row. `earlier` is the sum of what
    was before, which has no bar; `has_marks` adds the papers starred and noted.
    """
    names = ("read", "skipped", "added", *(("starred", "noted") if has_marks else ()))
    longest = max(period.read + period.skipped for period in periods)
    scale = choose_scale(longest, bar_cells)
    table = counts_table(name, *names, bar=bar_legend(bar_cells if longest else 0, glyphs))
    if earlier and not earlier.is_empty:
        table.add_row(Text(earlier.period, "dim"), "", *_figures(earlier, names, glyphs))
    for period in _shorten(periods, glyphs.gap):
        figures = _figures(period, names, glyphs) if period.period != glyphs.gap else []
        table.add_row(Text(period.period, "dim"), draw_bar(period.read, period.skipped, scale, glyphs), *figures)
    return table


def _figures(activity: Activity, names: Sequence[str], glyphs: Glyphs) -> list[Text]:
    return [Text(f"{count:,}" if (count := getattr(activity, name)) else glyphs.zero) for name in names]


def _tags_table(stats: Stats) -> Table:
    table = counts_table("tag", "papers", "unread")
    for tag in stats.tags:
        table.add_row(MaxLines(tag_text(tag.tag), 1), f"{tag.papers:,}", f"{tag.unread:,}")
    return table


def tag_text(tag: str) -> Text:
    """Return a tag with its "#"."""
    return Text(f"#{clean(tag)}", "blue")


def papers_table(header: str, papers: Iterable[tuple[dt.date | None, Entry]]) -> Table:
    """Return one row per paper: its ID, the day and its title."""
    table = new_table()
    table.add_column("id", justify="right", no_wrap=True)
    table.add_column(header)
    for day, entry in papers:
        title = Text.assemble((f"{day or ''}  ", "dim"), clean(entry.paper.title))
        table.add_row(Text(str(entry.paper.id), "cyan"), MaxLines(title, 2))
    return table


def counts_table(first: str, *others: str, bar: Text | None = None) -> Table:
    """Return a table with these headers, whose other columns are right-aligned figures.

    `bar` is the header of a column of bars after the first column, None for none.
    """
    table = new_table()
    table.add_column(first)
    if bar is not None:
        table.add_column(bar, no_wrap=True)
    for name in others:
        table.add_column(name, justify="right")
    return table
