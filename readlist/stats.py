"""The values of reading statistics: counts of papers by day, week, month, tag and author, and the review of a year.

`search.statistics` and `search.year_review` compute them from the index; `views`, the exporters of the review and
`cli.commands.stats` show them. Frozen values, without I/O. Days, weeks and months are in local time.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.text import plural

if TYPE_CHECKING:
    from readlist.counts import TagCount
    from readlist.models import Entry, Status


class Week(NamedTuple):
    """A week from Monday on: papers whose first digest is in it, and papers read and skipped in it."""

    monday: dt.date
    added: int = 0
    read: int = 0
    skipped: int = 0


class MonthCount(NamedTuple):
    """The papers whose first digest is in a month, "2025-02", and how many of them are unread."""

    month: str
    papers: int
    unread: int


class Activity(NamedTuple):
    """What happened in a month, "2025-02", or in a year, "2025".

    `added` are papers whose first digest is in it, the others papers whose present status, star or note is of then.
    """

    period: str
    added: int = 0
    read: int = 0
    skipped: int = 0
    starred: int = 0
    noted: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened."""
        return not any(self[1:])


def sum_activity(period: str, parts: Iterable[Activity]) -> Activity:
    """Return the sums of several periods as the activity of `period`."""
    return Activity(period, *map(sum, zip((0,) * 5, *(part[1:] for part in parts), strict=True)))


class ReadingDay(NamedTuple):
    """A day on which papers were read, and how many."""

    date: dt.date
    read: int


class TagActivity(NamedTuple):
    """A tag in effect, with how many papers with it were read in a year, and how many were added in it."""

    tag: str
    read: int
    added: int


class AuthorActivity(NamedTuple):
    """An author, in the most frequent spelling, with how many of the author's papers were read in a year."""

    author: str
    read: int


class StarredPaper(NamedTuple):
    """A paper and the day of its star."""

    date: dt.date
    entry: Entry


class Stats(NamedTuple):
    """Reading statistics of some papers on the day `today`.

    `weeks` ends with the present week, `months` with the newest that has papers; `longest_unread` has the oldest first.
    `activity` has every month in which something happened, `reading_days` those of the year that ends `today`.
    """

    today: dt.date
    papers: int
    statuses: Mapping[Status, int]
    starred: int
    weeks: tuple[Week, ...] = ()
    tags: tuple[TagCount, ...] = ()
    months: tuple[MonthCount, ...] = ()
    longest_unread: tuple[Entry, ...] = ()
    activity: tuple[Activity, ...] = ()
    reading_days: tuple[ReadingDay, ...] = ()

    @property
    def growth(self) -> int:
        """Papers added in the weeks shown, less those read or skipped in them."""
        return sum(week.added - week.read - week.skipped for week in self.weeks)


class YearReview(NamedTuple):
    """A year in review; `months` are all twelve, `previous` is the year before.

    `last` is the last day of the year, or the present day. `unread` counts the papers added in the year that are unread
    today, of which `oldest_unread` has the oldest. `starred` has the papers starred in the year, in the order of the
    stars.
    """

    year: int
    last: dt.date
    months: tuple[Activity, ...]
    previous: Activity
    unread: int
    reading_days: tuple[ReadingDay, ...]
    tags: tuple[TagActivity, ...]
    authors: tuple[AuthorActivity, ...]
    starred: tuple[StarredPaper, ...]
    oldest_unread: tuple[Entry, ...]

    @property
    def title(self) -> str:
        """The title of the review."""
        return f"{self.year} in review"

    @property
    def empty_sentence(self) -> str:
        """What to show in place of a review of a year in which nothing happened."""
        return f"No digest is from {self.year}, and no paper was read, skipped, starred or noted in it."

    @property
    def begun_months(self) -> tuple[Activity, ...]:
        """The months of the year up to the present one."""
        return tuple(month for month in self.months if month.period <= self.last.isoformat()[:7])

    @property
    def total(self) -> Activity:
        """What happened in the year."""
        return sum_activity(f"{self.year:04}", self.months)

    @property
    def busiest_month(self) -> str:
        """The month in which most papers were read, the first of several; "" where none was."""
        most = max(self.months, key=lambda month: month.read)
        return most.period if most.read else ""

    @property
    def busiest_week(self) -> dt.date | None:
        """The Monday of the week in which most papers were read, the first of several; None where none was."""
        weeks = self._weeks
        return max(weeks, key=lambda monday: weeks[monday]) if weeks else None

    @property
    def _weeks(self) -> dict[dt.date, int]:
        """How many papers were read in each week of the year in which any was."""
        weeks: dict[dt.date, int] = {}
        for day in self.reading_days:
            monday = get_monday(day.date)
            weeks[monday] = weeks.get(monday, 0) + day.read
        return weeks

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the figures say: on how many days papers were read, when the most, and the year before."""
        sentences = []
        if monday := self.busiest_week:
            month, week = max(month.read for month in self.months), self._weeks[monday]
            sentences = [
                f"Papers were read on {plural(len(self.reading_days), 'day')}.",
                f"The busiest month was {self.busiest_month}, with {month:,} read.",
                f"The busiest week began on {monday}, with {week:,} read.",
            ]
        if not self.previous.is_empty:
            _, added, read, skipped, starred, noted = self.previous
            sentences.append(
                f"In {self.previous.period}: {added:,} added, {read:,} read, {skipped:,} skipped,"
                f" {starred:,} starred, {noted:,} noted."
            )
        return tuple(sentences)


def get_monday(day: dt.date) -> dt.date:
    """Return the Monday of the week of a day; the first week of the calendar has none before."""
    return day - dt.timedelta(days=day.weekday())


def get_levels(counts: Iterable[int]) -> list[int]:
    """Return the greatest count of each of at most four levels: the quartiles of the counts that occur.

    A single day with hundreds of papers marked at once then does not make all other days look the same.
    """
    distinct = sorted(set(counts))
    return sorted({distinct[max(0, len(distinct) * quarter // 4 - 1)] for quarter in range(1, 5)}) if distinct else []


def get_level(levels: Sequence[int], count: int) -> int:
    """Return the level of a count, from 1 on; 0 for none."""
    return bisect_left(levels, count) + 1 if count else 0


def format_levels(levels: Sequence[int], dash: str = "–") -> list[str]:
    """Return the counts of each level: `1`, `2–4`."""
    spans = zip((0, *levels), levels, strict=False)
    return [f"{most:,}" if most == below + 1 else f"{below + 1:,}{dash}{most:,}" for below, most in spans]


def group_by_month(papers: Iterable[StarredPaper]) -> dict[str, list[Entry]]:
    """Return the papers by the month of the star, "2025-02", in their order."""
    months: dict[str, list[Entry]] = {}
    for date, entry in papers:
        months.setdefault(date.isoformat()[:7], []).append(entry)
    return months
