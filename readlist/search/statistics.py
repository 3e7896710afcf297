"""Statistics of a selection of papers: counts by status, week, month, tag and digest, computed by SQL."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from readlist.models import (
    DigestCount,
    MonthCount,
    Provenance,
    SourceCount,
    Stats,
    Status,
    TagCount,
    TrackedSource,
    Week,
)
from readlist.search.deleted_papers import finds_deleted
from readlist.search.index.rows import decode_digest_count, decode_source
from readlist.search.lookups import read_provenance, require_entries
from readlist.search.query.compiler import MATCH_ALL, Condition, local_midnight_utc
from readlist.search.query.planner import plan_query

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.ast import Query

WEEKS = 12
"""Weeks that the statistics cover: a quarter of a year."""
MONTHS = 12
MAX_TAGS = 10
MAX_LONGEST_UNREAD = 5

_DIGESTS = """
    SELECT a.date, a.source, count(*), sum(p.status = 'unread'), ifnull(d.location, ''), ifnull(d.loaded_at, '')
    FROM appearances a JOIN papers p USING (id)
    LEFT JOIN (SELECT name, location, max(loaded_at) AS loaded_at FROM documents GROUP BY name) d ON d.name = a.source
    WHERE a.source <> '' GROUP BY a.date, a.source ORDER BY a.date DESC, a.source
"""
"""A paper that was added by hand has an appearance without a source, which is no digest."""


@finds_deleted
def compute_stats(connection: sqlite3.Connection, query: Query, today: dt.date) -> Stats:
    """Compute the statistics of the papers that match `query`; the weeks end with that of `today`."""
    condition = plan_query(connection, query).condition
    by_status = _rows(connection, "p.status, count(*), sum(p.starred)", condition, "GROUP BY p.status")
    statuses = {Status(status): papers for status, papers, _ in by_status}
    return Stats(
        sum(statuses.values()),
        {status: statuses.get(status, 0) for status in Status},
        sum(starred for _, _, starred in by_status),
        _count_weeks(connection, condition, today),
        tuple(count_tags(connection, query)[:MAX_TAGS]),
        _count_months(connection, condition),
        tuple(require_entries(connection, _find_longest_unread(connection, condition))),
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
    return [_with_source(decode_digest_count(*row), sources) for row in connection.execute(_DIGESTS)]


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


def _rows(
    connection: sqlite3.Connection, columns: str, condition: Condition, rest: str, *values: str
) -> list[tuple[str, int, int]]:
    sql = f"SELECT {columns} {condition.source} {rest}"
    return connection.execute(sql, (*condition.arguments, *values)).fetchall()


def _count_weeks(connection: sqlite3.Connection, condition: Condition, today: dt.date) -> tuple[Week, ...]:
    this_monday = _monday(today)
    mondays = [this_monday - dt.timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    added = Counter[dt.date]()
    since = "AND p.first >= ? GROUP BY p.first"
    for day, papers, _ in _rows(connection, "p.first, count(*), 0", condition, since, mondays[0].isoformat()):
        added[_monday(dt.date.fromisoformat(day))] += papers
    finished = Counter[tuple[dt.date, str]]()
    since = "AND p.status IN ('read', 'skipped') AND p.status_at >= ? GROUP BY 1, p.status"
    columns = "substr(p.status_at, 1, 16), count(*), p.status"  # to the minute: many are often marked at once
    for minute, papers, status in _rows(connection, columns, condition, since, local_midnight_utc(mondays[0]) or ""):
        finished[_monday(dt.datetime.fromisoformat(f"{minute}+00:00").astimezone().date()), str(status)] += papers
    return tuple(Week(day, added[day], finished[day, "read"], finished[day, "skipped"]) for day in mondays)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _count_months(connection: sqlite3.Connection, condition: Condition) -> tuple[MonthCount, ...]:
    columns = "substr(p.first, 1, 7), count(*), sum(p.status = 'unread')"
    rest = f"AND p.first <> '' GROUP BY 1 ORDER BY 1 DESC LIMIT {MONTHS}"
    return tuple(reversed([MonthCount(*row) for row in _rows(connection, columns, condition, rest)]))


def _find_longest_unread(connection: sqlite3.Connection, condition: Condition) -> list[int]:
    rest = f"AND p.status = 'unread' AND p.first <> '' ORDER BY p.first, p.id LIMIT {MAX_LONGEST_UNREAD}"
    return [row[1] for row in _rows(connection, "p.first, p.id, 0", condition, rest)]
