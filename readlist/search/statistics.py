"""Statistics of a selection of papers: counts by status, week, month, tag and digest, computed by SQL."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.counts import DigestCount, SourceCount, TagCount
from readlist.models import Appearance, Status
from readlist.search.activity import Days, count_added, count_marks, sum_months
from readlist.search.definitions import read_provenance
from readlist.search.deleted_papers import finds_deleted
from readlist.search.index.decoding import decoder, parse_date, parse_time, require_text
from readlist.search.index.definition_rows import decode_source
from readlist.search.lookups import require_entries
from readlist.search.query.compiler import MATCH_ALL, Condition
from readlist.search.query.planner import plan_query
from readlist.sources import Provenance, TrackedSource
from readlist.stats import MonthCount, ReadingDay, Stats, Week, get_monday

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.ast import Query

WEEKS = 12
"""Weeks that the statistics cover: a quarter of a year."""
MONTHS = 12
READING_DAYS = 364
"""Days before today that the calendar of reading days covers: 53 columns of weeks on every weekday."""
MAX_TAGS = 10
MAX_LONGEST_UNREAD = 5

_DIGESTS = """
    SELECT a.date, a.source, count(*), sum(p.status = 'unread'), ifnull(d.location, ''), ifnull(d.loaded_at, '')
    FROM appearances a JOIN papers p USING (id)
    LEFT JOIN (SELECT name, location, max(loaded_at) AS loaded_at FROM documents GROUP BY name) d ON d.name = a.source
    WHERE a.source <> '' GROUP BY a.date, a.source ORDER BY a.date DESC, a.source
"""
"""A paper that was added by hand has an appearance without a source, which is no digest."""


class _StatusInMonth(NamedTuple):
    """The papers of one status whose first digest is of one month, "" for none, and how many of them are starred."""

    month: str
    status: str
    papers: int
    starred: int


@finds_deleted
def compute_stats(connection: sqlite3.Connection, query: Query, today: dt.date) -> Stats:
    """Compute the statistics of the papers that match `query`; the weeks end with that of `today`."""
    condition = plan_query(connection, query).condition
    rows = _count_months(connection, condition)
    marks, months = count_marks(connection, condition), _sum_months(rows)
    return Stats(
        today,
        sum(row.papers for row in rows),
        {status: sum(row.papers for row in rows if row.status == status) for status in Status},
        sum(row.starred for row in rows),
        _count_weeks(connection, condition, marks, today),
        tuple(count_tags(connection, query)[:MAX_TAGS]),
        months[-MONTHS:],
        tuple(require_entries(connection, _find_longest_unread(connection, condition))),
        sum_months(marks, {row.month: row.papers for row in months}),
        _reading_days(marks["read"], today),
    )


@finds_deleted
def count_tags(connection: sqlite3.Connection, query: Query) -> list[TagCount]:
    """Count the tags in effect of the papers that match `query`, the most frequent first, in their usual spelling."""
    condition = plan_query(connection, query).condition
    where = "1" if condition == MATCH_ALL else f"p.id IN (SELECT p.id {condition.source})"
    rows = connection.execute(
        "SELECT t.tag, t.spelling, count(*) AS papers, sum(p.status = 'unread')"  # noqa: S608 -- compiled, with placeholders
        f" FROM tags t JOIN papers p USING (id) WHERE {where}"
        " GROUP BY t.tag, t.spelling ORDER BY t.tag, papers DESC, t.spelling",
        condition.arguments,
    )
    counts: dict[str, TagCount] = {}
    for tag, spelling, papers, unread in rows:
        before = counts.get(tag, TagCount(spelling, 0, 0))
        counts[tag] = TagCount(before.tag, before.papers + papers, before.unread + unread)
    return sorted(counts.values(), key=lambda count: (-count.papers, count.tag.casefold()))


def count_digests(connection: sqlite3.Connection) -> list[DigestCount]:
    """Count the papers of every digest, the newest digest first."""
    sources = [decode_source(*row) for row in connection.execute("SELECT * FROM sources")]
    return [_with_source(_decode_digest_count(*row), sources) for row in connection.execute(_DIGESTS)]


@decoder
def _decode_digest_count(date: str, source: str, *counts: Any) -> DigestCount:
    """Decode a row of _DIGESTS, with the location and time of its document."""
    papers, unread, location, loaded_at = counts
    digest = Appearance(parse_date(date), require_text(source))
    return DigestCount(digest, papers, unread, require_text(location), parse_time(loaded_at))


def count_sources(connection: sqlite3.Connection) -> list[SourceCount]:
    """Count the papers of every tracked source, in the order of their locations."""
    provenance = read_provenance(connection)
    return [_count_source(source, provenance) for source in sorted(filter(None, provenance.sources.values()))]


def _count_source(source: TrackedSource, provenance: Provenance) -> SourceCount:
    documents = [item for item in provenance.documents.values() if item and source.contains(item.location)]
    is_file = source.location in provenance.documents
    kind = "URL" if "://" in source.location else "file" if is_file else "directory"
    loaded_at = max((document.loaded_at for document in documents), default=None)
    return SourceCount(source.location, kind, sum(document.papers for document in documents), loaded_at, source.only)


def _with_source(count: DigestCount, sources: Sequence[TrackedSource]) -> DigestCount:
    """Replace the location of the document by that of the tracked source that contains it, "" for none."""
    return count._replace(location=next((it.location for it in sources if it.contains(count.location)), ""))


def _count_months(connection: sqlite3.Connection, condition: Condition) -> list[_StatusInMonth]:
    columns = "substr(p.first, 1, 7), p.status, count(*), sum(p.starred)"
    statement = f"SELECT {columns} {condition.source} GROUP BY 1, 2"
    return [_StatusInMonth(*row) for row in connection.execute(statement, condition.arguments)]


def _sum_months(rows: Iterable[_StatusInMonth]) -> tuple[MonthCount, ...]:
    papers, unread = Counter[str](), Counter[str]()
    for row in rows:
        papers[row.month] += row.papers
        unread[row.month] += row.papers if row.status == Status.UNREAD else 0
    return tuple(MonthCount(month, papers[month], unread[month]) for month in sorted(filter(None, papers)))


def _count_weeks(
    connection: sqlite3.Connection,
    condition: Condition,
    marks: Mapping[str, Mapping[dt.date, int]],
    today: dt.date,
) -> tuple[Week, ...]:
    mondays = [get_monday(today) - dt.timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    sunday = dt.date.fromordinal(min(mondays[-1].toordinal() + 6, dt.date.max.toordinal()))
    added = count_added(connection, condition, Days(mondays[0], sunday))
    weeks = {monday: Counter[str]() for monday in mondays}
    for what, days in (("added", added), ("read", marks["read"]), ("skipped", marks["skipped"])):
        for day, papers in days.items():
            if day >= mondays[0] and (monday := get_monday(day)) in weeks:
                weeks[monday][what] += papers
    return tuple(Week(monday, *(week[what] for what in Week._fields[1:])) for monday, week in weeks.items())


def _reading_days(read: Mapping[dt.date, int], today: dt.date) -> tuple[ReadingDay, ...]:
    first = today - dt.timedelta(days=READING_DAYS)
    return tuple(ReadingDay(*day) for day in sorted(read.items()) if first <= day[0] <= today)


def _find_longest_unread(connection: sqlite3.Connection, condition: Condition) -> list[int]:
    rest = f"AND p.status = 'unread' AND p.first <> '' ORDER BY p.first, p.id LIMIT {MAX_LONGEST_UNREAD}"
    return [id_ for (id_,) in connection.execute(f"SELECT p.id {condition.source} {rest}", condition.arguments)]
