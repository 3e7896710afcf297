"""Putting papers off: the edit behind `later`, the positions of a queue, and dates that are to come.

A paper that is put off has either a position in the queue of what to read next, or a date until which it is not
suggested. Positions are numbers that ascend from the first paper of the queue to the last one, not necessarily without
gaps, so that one paper enters or leaves the queue without a change of the others.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from readlist.dates import parse_date_line, utc_now
from readlist.errors import UsageError
from readlist.models import MAX_POSITION, Entry, Mark, PaperRef
from readlist.text import clean


class QueueEnds(NamedTuple):
    """The positions of the first and the last paper of the queue; of an empty one the last is below the first."""

    first: int = 1
    last: int = 0


class Postpone(NamedTuple):
    """Put papers off, or no longer: `later` has the position, the date, or None, of each paper by its key."""

    later: Mapping[str, int | dt.date | None]
    command: str

    @classmethod
    def append(cls, papers: Iterable[PaperRef], ends: QueueEnds) -> Postpone:
        """Put papers at the end of the queue, in this order."""
        positions = enumerate(papers, ends.last + 1)
        return cls({paper.key: min(position, MAX_POSITION) for position, paper in positions}, "later")

    @classmethod
    def prepend(cls, papers: Iterable[PaperRef], ends: QueueEnds) -> Postpone:
        """Put papers at the beginning of the queue, in this order."""
        papers = list(papers)
        first = max(ends.first - len(papers), -MAX_POSITION)
        return cls({paper.key: position for position, paper in enumerate(papers, first)}, "later --first")

    @classmethod
    def until(cls, papers: Iterable[PaperRef], date: dt.date) -> Postpone:
        """Do not suggest papers before this date."""
        return cls({paper.key: date for paper in papers}, f"later --until {date}")

    @classmethod
    def drop(cls, papers: Iterable[PaperRef]) -> Postpone:
        """Remove papers from the queue, or suggest them again."""
        return cls({paper.key: None for paper in papers}, "later --drop")

    def describe(self) -> str:
        """Return the command that does the same, without its papers."""
        return self.command

    def apply(self, entry: Entry) -> Mark:
        """Return the mark with the paper put off, or no longer."""
        mark, later = entry.mark, self.later[entry.paper.key]
        return mark if mark.later == later else replace(mark, later=later, later_at=utc_now().replace(microsecond=0))


# Dates


_IN_UNITS = re.compile(r"(?:in\s)?([0-9]{1,4})\s?(d|w|m|y|days?|weeks?|months?|years?|일|주|개월|년)(?:\s?(?:뒤|후))?")
_UNITS = {"일": "d", "주": "w", "개월": "m", "년": "y"}
_DAYS_AHEAD = {"tomorrow": 1, "내일": 1, "모레": 2}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KOREAN_WEEKDAYS = "월화수목금토일"
_MONTHS_IN_A_YEAR = 12


def parse_future_date(text: str, today: dt.date) -> dt.date | None:
    """Read a day that is to come as a user types it; None for text that is no date.

        2025-06-02      2025년 6월 2일     2 June 2025
        tomorrow        내일               모레
        3d 2w 1m 1y     "in 3 days"        3일 뒤
        monday  fri     월요일             the next one, never today
        "next week"     다음주             Monday of it; also next month, 다음달: its first day

    Raises UsageError for a day that is not after `today`.
    """
    words = " ".join(clean(text).casefold().split())
    date = parse_date_line(text.strip()) or _parse_relative(words, today)
    if date and date <= today:
        raise UsageError(f"the date is not in the future: {date}; write one after {today}")
    return date


def _parse_relative(words: str, today: dt.date) -> dt.date | None:
    days = _DAYS_AHEAD.get(words)
    if days is None and (weekday := _find_weekday(words)) is not None:
        days = (weekday - today.weekday() - 1) % 7 + 1
    if words in ("next week", "다음주", "다음 주"):
        days = 7 - today.weekday()
    if days is not None:
        return today + dt.timedelta(days)
    if words in ("next month", "다음달", "다음 달"):
        return _add_months(today.replace(day=1), 1)
    match = _IN_UNITS.fullmatch(words)
    if not match:
        return None
    count, unit = int(match[1]), _UNITS.get(match[2], match[2][0])
    try:
        if unit in "dw":
            return today + dt.timedelta(count * (7 if unit == "w" else 1))
        return _add_months(today, count * (_MONTHS_IN_A_YEAR if unit == "y" else 1))
    except (OverflowError, ValueError):
        raise UsageError(f"the date is after the year 9999: {words}; write an earlier one") from None


def _find_weekday(words: str) -> int | None:
    """Return the number of a weekday, Monday is 0; at least three letters of its English name are enough."""
    korean = words.removesuffix("요일")
    if korean != words and len(korean) == 1 and korean in _KOREAN_WEEKDAYS:
        return _KOREAN_WEEKDAYS.index(korean)
    matches = (number for number, name in enumerate(_WEEKDAYS) if len(words) > 2 and name.startswith(words))  # noqa: PLR2004
    return next(matches, None)


def _add_months(day: dt.date, count: int) -> dt.date:
    """Return the same day `count` months later, or the last day of that month where it is shorter."""
    from calendar import monthrange

    year, month = divmod(day.year * _MONTHS_IN_A_YEAR + day.month - 1 + count, _MONTHS_IN_A_YEAR)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
