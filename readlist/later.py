"""Queued and postponed papers: the edit behind `later`, the positions of the queue, and dates in the future.

A queued paper has a position in the queue of papers to read next, a postponed one a date until which it is not
suggested; no paper has both. Positions are numbers that ascend from the first paper of the queue to the last one, not
necessarily without gaps, so that one paper enters or leaves the queue without a change of the others.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from readlist.dates import parse_date_line, utc_now
from readlist.errors import UsageError
from readlist.models import MAX_POSITION, Entry, Mark, PaperRef
from readlist.periods import find_weekday, subtract_period
from readlist.text import clean


class QueueEnds(NamedTuple):
    """The positions of the first and the last paper of the queue; of an empty one the last is below the first."""

    first: int = 1
    last: int = 0


class Postpone(NamedTuple):
    """Queue, postpone or release papers: `later` has the position, the date, or None, of each paper by its key."""

    later: Mapping[str, int | dt.date | None]
    command: str

    @classmethod
    def append(cls, papers: Iterable[PaperRef], ends: QueueEnds) -> Postpone:
        """Add papers to the end of the queue, in this order."""
        positions = enumerate(papers, ends.last + 1)
        return cls({paper.key: min(position, MAX_POSITION) for position, paper in positions}, "later")

    @classmethod
    def prepend(cls, papers: Iterable[PaperRef], ends: QueueEnds) -> Postpone:
        """Add papers to the beginning of the queue, in this order."""
        papers = list(papers)
        first = max(ends.first - len(papers), -MAX_POSITION)
        return cls({paper.key: position for position, paper in enumerate(papers, first)}, "later --first")

    @classmethod
    def until(cls, papers: Iterable[PaperRef], date: dt.date) -> Postpone:
        """Postpone papers until this date: they are not suggested before it."""
        return cls({paper.key: date for paper in papers}, f"later --until {date}")

    @classmethod
    def drop(cls, papers: Iterable[PaperRef]) -> Postpone:
        """Remove papers from the queue, or their date."""
        return cls({paper.key: None for paper in papers}, "later --drop")

    def describe(self) -> str:
        """Return the command that does the same, without its papers."""
        return self.command

    def apply(self, entry: Entry) -> Mark:
        """Return the mark with the position, the date or neither."""
        mark, later = entry.mark, self.later[entry.paper.key]
        return mark if mark.later == later else mark._replace(later=later, later_at=utc_now().replace(microsecond=0))


# Dates


_IN_UNITS = re.compile(r"(?:in\s)?([0-9]{1,4})\s?(d|w|m|y|days?|weeks?|months?|years?|일|주|개월|년)(?:\s?(?:뒤|후))?")
_DAYS_AHEAD = {"tomorrow": 1, "내일": 1, "모레": 2}


def parse_future_date(text: str, today: dt.date) -> dt.date | None:
    """Parse a future day as a user types it; None for text that is not a date.

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
    if days is None and (weekday := find_weekday(words)) is not None:
        days = (weekday - today.weekday() - 1) % 7 + 1
    if words in ("next week", "다음주", "다음 주"):
        days = 7 - today.weekday()
    if days is not None:
        return today + dt.timedelta(days)
    if words in ("next month", "다음달", "다음 달"):
        return subtract_period(today.replace(day=1), -1, "m")
    match = _IN_UNITS.fullmatch(words)
    if not match:
        return None
    unit = match[2][0] if match[2].isascii() else match[2]
    try:
        return subtract_period(today, -int(match[1]), unit)
    except (OverflowError, ValueError):
        raise UsageError(f"the date is after the year 9999: {words}; write an earlier one") from None
