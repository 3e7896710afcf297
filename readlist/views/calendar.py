"""The calendar of reading days: a column a week, a row a weekday, a shade for how many papers were read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from readlist.stats import format_levels, get_level, get_levels, get_monday
from readlist.text import plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.stats import ReadingDay
    from readlist.views.bars import Glyphs

_WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LABEL_CELLS = 4
_MAX_CELLS_PER_WEEK = 2
_DAYS_PER_WEEK = 7


def reading_calendar(
    days: Sequence[ReadingDay], first: dt.date, last: dt.date, width: int, glyphs: Glyphs
) -> RenderableType:
    """Return the calendar from the `first` to the `last` day; where `width` is too small, its last weeks."""
    counts = {day.date: day.read for day in days}
    levels = get_levels(counts.values())
    mondays = _mondays(first, last)
    cells = min(_MAX_CELLS_PER_WEEK, max(1, (width - _LABEL_CELLS) // len(mondays)))
    mondays = mondays[-max(1, (width - _LABEL_CELLS) // cells) :]
    first = max(first, mondays[0])
    read = sum(papers for day, papers in counts.items() if first <= day <= last)
    total = f"{plural(read, 'paper')} read on {plural(sum(first <= day <= last for day in counts), 'day')}"
    return Group(
        Text.assemble(total, (f", {first} to {last}", "dim")),
        Text(" " * _LABEL_CELLS + _month_line(mondays, first, last, cells), "dim"),
        *_weekday_lines(mondays, first, last, cells, _Shades(counts, levels, glyphs)),
        _legend(levels, glyphs),
    )


class _Shades:
    """The shade of each day."""

    def __init__(self, counts: Mapping[dt.date, int], levels: Sequence[int], glyphs: Glyphs) -> None:
        self._counts, self._levels, self._glyphs = counts, levels, glyphs

    def __getitem__(self, day: dt.date) -> tuple[str, str]:
        """Return the character of a day and its style."""
        level = get_level(self._levels, self._counts.get(day, 0))
        return self._glyphs.levels[level], "green" if level else "dim"


def _mondays(first: dt.date, last: dt.date) -> list[dt.date]:
    monday = get_monday(first)
    weeks = (get_monday(last) - monday).days // _DAYS_PER_WEEK + 1
    return [monday + dt.timedelta(weeks=week) for week in range(weeks)]


def _month_line(mondays: Sequence[dt.date], first: dt.date, last: dt.date, cells: int) -> str:
    """Return the names of the months, each above the first week that begins in it, if there is room for it."""
    line = ""
    for number, monday in enumerate(mondays):
        day, start = min(max(monday, first), last), number * cells
        name = _MONTHS[day.month - 1]
        if day.day <= _DAYS_PER_WEEK and len(line) <= start <= len(mondays) * cells - len(name):
            line = f"{line.ljust(start)}{name} "
    return line.rstrip()


def _weekday_lines(
    mondays: Sequence[dt.date], first: dt.date, last: dt.date, cells: int, shades: _Shades
) -> Iterator[Text]:
    for number, name in enumerate(_WEEKDAYS):
        line = Text.assemble((name.ljust(_LABEL_CELLS), "dim"))
        for monday in mondays:
            is_shown = (first - monday).days <= number <= (last - monday).days
            character, style = shades[monday + dt.timedelta(days=number)] if is_shown else (" ", "")
            line.append(character.ljust(cells), style)
        line.rstrip()
        yield line


def _legend(levels: Sequence[int], glyphs: Glyphs) -> Text:
    legend = Text.assemble(" " * _LABEL_CELLS, (f"{glyphs.levels[0]} 0", "dim"))
    for character, span in zip(glyphs.levels[1:], format_levels(levels, glyphs.dash), strict=False):
        legend.append("   ").append(character, "green").append(f" {span}", "dim")
    return legend.append("  read a day", "dim")
