"""Conditions on columns of dates and times: days in local time, times in UTC, both as texts."""

from __future__ import annotations

import datetime as dt


def local_midnight_utc(day: dt.date | None) -> str | None:
    """Return the UTC time at which `day` begins in local time, in the format of the index."""
    if day is None:
        return None
    try:
        midnight = dt.datetime.combine(day, dt.time()).astimezone()
        return midnight.astimezone(dt.UTC).isoformat()
    except (OverflowError, OSError, ValueError):  # the first and last days of the calendar, and years before 1970
        return f"{day.isoformat()}T00:00:00+00:00"


def select_times(column: str, first: dt.date | None, last: dt.date | None) -> tuple[str, tuple[str, ...]]:
    """Return the condition, and its values, that a column of times is between two local days, both included."""
    end = last + dt.timedelta(days=1) if last and last < dt.date.max else None
    return _between(column, local_midnight_utc(first), "< ?", local_midnight_utc(end))


def select_dates(column: str, first: dt.date | None, last: dt.date | None) -> tuple[str, tuple[str, ...]]:
    """Return the condition, and its values, that a column of dates is between two days, both included."""
    return _between(column, first.isoformat() if first else None, "<= ?", last.isoformat() if last else None)


def _between(column: str, first: str | None, end: str, last: str | None) -> tuple[str, tuple[str, ...]]:
    bounds = [(sql, value) for sql, value in ((">= ?", first), (end, last)) if value]
    sql = " AND ".join([f"{column} <> ''", *(f"{column} {sql}" for sql, _ in bounds)])
    return f"({sql})", tuple(value for _, value in bounds)
