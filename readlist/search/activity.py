"""What was added, read, skipped, starred and noted on which day, counted by SQL. Called by the statistics.

A paper is added on the day of its first digest. The others are times of marks that still hold, as the query fields
`read:`, `starred:` and `noted:` understand them; their days are in local time.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.index.errors import RowDecodeError
from readlist.search.index.schema import HAS_BITS
from readlist.search.query.compiler import Condition
from readlist.search.query.days import local_midnight_utc
from readlist.stats import Activity

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


_EPOCH = dt.date(1970, 1, 1).toordinal()
_SECONDS_PER_DAY = 24 * 60 * 60


class _MarkTime(NamedTuple):
    """A column with the time of a mark, and the condition under which the mark still holds."""

    column: str
    condition: str


_MARK_TIMES = {
    "read": _MarkTime("p.status_at", "p.status = 'read'"),
    "skipped": _MarkTime("p.status_at", "p.status = 'skipped'"),
    "starred": _MarkTime("p.starred_at", "p.starred"),
    "noted": _MarkTime("p.note_at", f"p.has & {HAS_BITS['note']}"),
}
MARKS = tuple(_MARK_TIMES)


class Days(NamedTuple):
    """A period from the first to the last day, both included."""

    first: dt.date
    last: dt.date


class Selection(NamedTuple):
    """A condition on papers `p`, to be appended to another one, with its values."""

    sql: str
    values: tuple[str, ...] = ()


def select_added(days: Days) -> Selection:
    """Select the papers that were added on these days."""
    return Selection("p.first BETWEEN ? AND ?", (days.first.isoformat(), days.last.isoformat()))


def select_marked(mark: str, days: Days | None = None) -> Selection:
    """Select the papers that were marked on these days, without them at any time; `mark` is one of MARKS."""
    column, condition = _MARK_TIMES[mark]
    if days is None:
        return Selection(f"{condition} AND {column} <> ''")
    first = local_midnight_utc(days.first) or ""
    end = local_midnight_utc(days.last + dt.timedelta(days=1)) if days.last < dt.date.max else None
    sql, values = f"{condition} AND {column} >= ? AND {column} <> ''", (first,)
    return Selection(f"{sql} AND {column} < ?", (*values, end)) if end else Selection(sql, values)


def count_added(connection: sqlite3.Connection, condition: Condition, days: Days) -> Counter[dt.date]:
    """Count the papers that were added on each of these days."""
    sql, values = select_added(days)
    statement = f"SELECT p.first, count(*) {condition.source} AND {sql} GROUP BY p.first"
    rows = connection.execute(statement, (*condition.arguments, *values))
    return Counter({parse_day(day): papers for day, papers in rows})


def count_marks(
    connection: sqlite3.Connection, condition: Condition, days: Days | None = None
) -> dict[str, Counter[dt.date]]:
    """Count the papers by each of MARKS, then by day; without `days` for all time."""
    convert = LocalDays().convert
    return {mark: Counter(convert(at) for (at,) in _select_times(connection, condition, mark, days)) for mark in MARKS}


def _select_times(connection: sqlite3.Connection, condition: Condition, mark: str, days: Days | None) -> sqlite3.Cursor:
    """Select the time of a mark of each paper; to group equal times would take as long as to convert them."""
    sql, values = select_marked(mark, days)
    statement = f"SELECT {_MARK_TIMES[mark].column} {condition.source} AND {sql}"
    return connection.execute(statement, (*condition.arguments, *values))


def sum_months(marks: Mapping[str, Mapping[dt.date, int]], added: Mapping[str, int]) -> tuple[Activity, ...]:
    """Return the activity of every month in which there was any, the earliest first.

    `marks` has the numbers of papers by mark and day, `added` by month, "2025-02".
    """
    months: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for month, papers in added.items():
        months[month]["added"] = papers
    for mark, days in marks.items():
        for day, papers in days.items():
            months[day.isoformat()[:7]][mark] += papers
    return tuple(Activity(month, **months[month]) for month in sorted(months))


class LocalDays:
    """Converts UTC times of the index to local days, as `local_midnight_utc` divides them.

    The local midnight within each UTC day is computed once, so that a conversion is a comparison of two texts.
    """

    def __init__(self) -> None:
        self._days: dict[str, tuple[str, dt.date, dt.date]] = {}

    def convert(self, at: str) -> dt.date:
        """Return the local day of a time, "2025-06-01T20:00:00+00:00". Raises RowDecodeError for another text."""
        midnight, before, after = self._days.get(at[:10]) or self._divide(at[:10])
        return after if at >= midnight else before

    def _divide(self, utc_day: str) -> tuple[str, dt.date, dt.date]:
        """Return the local midnight within a UTC day, and the local days before and after it."""
        self._days[utc_day] = _divide_by_offset(utc_day) or _divide_at_midnight(utc_day)
        return self._days[utc_day]


def _divide_by_offset(utc_day: str) -> tuple[str, dt.date, dt.date] | None:
    """Divide a UTC day that has one offset from local time; None for one on which the clocks change."""
    day = parse_day(utc_day)
    start = (day.toordinal() - _EPOCH) * _SECONDS_PER_DAY
    try:
        offset, offset_at_end = (time.localtime(start + second).tm_gmtoff for second in (0, _SECONDS_PER_DAY - 1))
        if offset != offset_at_end:
            return None
        midnight = time.strftime("%H:%M:%S", time.gmtime(-offset % _SECONDS_PER_DAY))
        before = day - dt.timedelta(days=1) if offset < 0 else day
        return f"{utc_day}T{midnight}+00:00", before, before + dt.timedelta(days=1) if offset else day
    except (OverflowError, OSError, ValueError):  # the first and last days of the calendar
        return None


def _divide_at_midnight(utc_day: str) -> tuple[str, dt.date, dt.date]:
    before, after = _local_day(utc_day, dt.time.min), _local_day(utc_day, dt.time(23, 59, 59))
    return (local_midnight_utc(after) or "") if before != after else "", before, after


def _local_day(utc_day: str, at: dt.time) -> dt.date:
    day = parse_day(utc_day)
    try:
        return dt.datetime.combine(day, at, dt.UTC).astimezone().date()
    except (OverflowError, OSError, ValueError):  # the first and last days of the calendar
        return day


def parse_day(text: str) -> dt.date:
    """Return the date that the index has as text. Raises RowDecodeError for another text."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise RowDecodeError(f"no date: {text}") from error
