"""The review of a year: what was added, read, skipped, starred and noted in it, by month, tag and author.

Each number is that of a query: `first:2025`, `read:2025`, `starred:2025`, `noted:2025`, beside the query of the user.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING

from readlist.search.activity import (
    Days,
    LocalDays,
    Selection,
    count_added,
    count_marks,
    select_added,
    select_marked,
    sum_months,
)
from readlist.search.deleted_papers import finds_deleted
from readlist.search.lookups import get_entries, require_entries
from readlist.search.query.planner import plan_query
from readlist.stats import (
    Activity,
    AuthorActivity,
    ReadingDay,
    StarredPaper,
    TagActivity,
    YearReview,
    sum_activity,
)
from readlist.text import clean, fold_for_search

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from readlist.models import Entry
    from readlist.search.query.ast import Query
    from readlist.search.query.compiler import Condition

MAX_TAGS = 10
MAX_AUTHORS = 10
MIN_PAPERS_OF_AUTHOR = 2
"""Papers of an author that were read for the author to be listed: nearly everyone has one."""
MAX_OLDEST_UNREAD = 5


@finds_deleted
def review_year(connection: sqlite3.Connection, query: Query, year: int, today: dt.date) -> YearReview:
    """Review a year, from 1 to 9999, of the papers that match `query`; days after `today` are not shown as empty."""
    condition = plan_query(connection, query).condition
    days = Days(dt.date(year, 1, 1), dt.date(year, 12, 31))
    marks = count_marks(connection, condition, days)
    months = {month.period: month for month in _count_months(connection, condition, marks, days)}
    periods = [f"{year:04}-{number:02}" for number in range(1, 13)]
    return YearReview(
        year,
        min(days.last, today) if days.first <= today else days.last,
        tuple(months.get(period, Activity(period)) for period in periods),
        _sum_year(connection, condition, year - 1),
        _count_unread(connection, condition, days),
        tuple(ReadingDay(*day) for day in sorted(marks["read"].items())),
        _count_tags(connection, condition, days),
        _count_authors(get_entries(connection, _find_ids(connection, condition, select_marked("read", days), "p.id"))),
        _find_starred(connection, condition, days),
        _find_oldest_unread(connection, condition, days),
    )


def _count_months(
    connection: sqlite3.Connection, condition: Condition, marks: Mapping[str, Mapping[dt.date, int]], days: Days
) -> tuple[Activity, ...]:
    added = Counter[str]()
    for day, papers in count_added(connection, condition, days).items():
        added[day.isoformat()[:7]] += papers
    return sum_months(marks, added)


def _sum_year(connection: sqlite3.Connection, condition: Condition, year: int) -> Activity:
    if year < dt.MINYEAR:
        return Activity(f"{year:04}")
    days = Days(dt.date(year, 1, 1), dt.date(year, 12, 31))
    marks = count_marks(connection, condition, days)
    return sum_activity(f"{year:04}", _count_months(connection, condition, marks, days))


def _select_unread(days: Days) -> Selection:
    sql, values = select_added(days)
    return Selection(f"p.status = 'unread' AND {sql}", values)


def _count_unread(connection: sqlite3.Connection, condition: Condition, days: Days) -> int:
    sql, values = _select_unread(days)
    statement = f"SELECT count(*) {condition.source} AND {sql}"
    (papers,) = connection.execute(statement, (*condition.arguments, *values)).fetchone()
    return int(papers)


def _count_tags(connection: sqlite3.Connection, condition: Condition, days: Days) -> tuple[TagActivity, ...]:
    """Return the tags of the papers read or added, those of most papers read first, in their usual spelling."""
    read, added = Counter[str](), Counter[str]()
    spellings = Counter[tuple[str, str]]()
    for counter, (sql, values) in ((read, select_marked("read", days)), (added, select_added(days))):
        rows = connection.execute(
            "SELECT t.tag, t.spelling, count(*) FROM tags t"  # noqa: S608 -- compiled, with placeholders
            f" WHERE t.id IN (SELECT p.id {condition.source} AND {sql}) GROUP BY t.tag, t.spelling",
            (*condition.arguments, *values),
        )
        for tag, spelling, papers in rows:
            counter[tag] += papers
            spellings[tag, spelling] += papers
    usual = {tag: spelling for (tag, spelling), _ in reversed(spellings.most_common())}
    order = sorted(usual, key=lambda tag: (-read[tag], -added[tag], tag))
    return tuple(TagActivity(usual[tag], read[tag], added[tag]) for tag in order[:MAX_TAGS])


def _count_authors(entries: Iterable[Entry]) -> tuple[AuthorActivity, ...]:
    """Return the authors of at least MIN_PAPERS_OF_AUTHOR of these papers, those of most papers first."""
    papers, spellings = Counter[str](), Counter[tuple[str, str]]()
    for entry in entries:
        names = {fold_for_search(name): clean(name) for name in entry.paper.authors}
        papers.update(names.keys())
        spellings.update(names.items())
    usual = {folded: name for (folded, name), _ in reversed(spellings.most_common())}
    ranked = sorted(papers, key=lambda name: (-papers[name], name))[:MAX_AUTHORS]
    return tuple(AuthorActivity(usual[name], papers[name]) for name in ranked if papers[name] >= MIN_PAPERS_OF_AUTHOR)


def _find_starred(connection: sqlite3.Connection, condition: Condition, days: Days) -> tuple[StarredPaper, ...]:
    sql, values = select_marked("starred", days)
    statement = f"SELECT p.id, p.starred_at {condition.source} AND {sql} ORDER BY p.starred_at, p.id"
    times = dict(connection.execute(statement, (*condition.arguments, *values)))
    local_days = LocalDays()
    entries = require_entries(connection, list(times))
    return tuple(StarredPaper(local_days.convert(times[entry.paper.id]), entry) for entry in entries)


def _find_oldest_unread(connection: sqlite3.Connection, condition: Condition, days: Days) -> tuple[Entry, ...]:
    ids = _find_ids(connection, condition, _select_unread(days), f"p.first, p.id LIMIT {MAX_OLDEST_UNREAD}")
    return tuple(require_entries(connection, ids))


def _find_ids(connection: sqlite3.Connection, condition: Condition, selection: Selection, order: str) -> list[int]:
    statement = f"SELECT p.id {condition.source} AND {selection.sql} ORDER BY {order}"
    return [id_ for (id_,) in connection.execute(statement, (*condition.arguments, *selection.values))]
