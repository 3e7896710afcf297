"""How the reader is getting on: what is unread, what the last weeks brought and saw done, by SQL alone."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter

from readlist.models import MonthCount, Stats, Status, Week
from readlist.search.query.ast import Query
from readlist.search.query.compiler import Condition, moment
from readlist.search.query.planner import plan
from readlist.search.results import entries_of, tags_of

WEEKS = 12
"""Weeks that are looked back on: a quarter of a year, and half a screen."""
MONTHS = 12
TAGS = 10
LONGEST = 5


def stats(db: sqlite3.Connection, query: Query, today: dt.date) -> Stats:
    """How the reader is getting on with the papers that answer `query`."""
    condition = plan(db, query).condition
    counted = _rows(db, "p.status, count(*), sum(p.starred)", condition, "GROUP BY p.status")
    statuses = {Status(status): papers for status, papers, _ in counted}
    return Stats(
        sum(statuses.values()),
        {status: statuses.get(status, 0) for status in Status},
        sum(starred for _, _, starred in counted),
        _weeks(db, condition, today),
        tuple(tags_of(db, query)[:TAGS]),
        _months(db, condition),
        tuple(entries_of(db, _longest_unread(db, condition))),
    )


def _rows(
    db: sqlite3.Connection, columns: str, condition: Condition, rest: str, *values: str
) -> list[tuple[str, int, int]]:
    sql = f"SELECT {columns} {condition.source} {rest}"
    return db.execute(sql, (*condition.arguments, *values)).fetchall()


def _weeks(db: sqlite3.Connection, condition: Condition, today: dt.date) -> tuple[Week, ...]:
    this = today - dt.timedelta(days=today.weekday())
    mondays = [this - dt.timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    added = Counter[dt.date]()
    since = "AND p.added >= ? GROUP BY p.added"
    for day, papers, _ in _rows(db, "p.added, count(*), 0", condition, since, mondays[0].isoformat()):
        added[_monday(dt.date.fromisoformat(day))] += papers
    done = Counter[tuple[dt.date, str]]()
    since = "AND p.status IN ('read', 'skipped') AND p.status_at >= ? GROUP BY 1, p.status"
    columns = "substr(p.status_at, 1, 16), count(*), p.status"  # to the minute: many are often marked at once
    for minute, papers, status in _rows(db, columns, condition, since, moment(mondays[0]) or ""):
        done[_monday(dt.datetime.fromisoformat(f"{minute}+00:00").astimezone().date()), str(status)] += papers
    return tuple(Week(day, added[day], done[day, "read"], done[day, "skipped"]) for day in mondays)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _months(db: sqlite3.Connection, condition: Condition) -> tuple[MonthCount, ...]:
    columns = "substr(p.added, 1, 7), count(*), sum(p.status = 'unread')"
    rest = f"AND p.added <> '' GROUP BY 1 ORDER BY 1 DESC LIMIT {MONTHS}"
    return tuple(reversed([MonthCount(*row) for row in _rows(db, columns, condition, rest)]))


def _longest_unread(db: sqlite3.Connection, condition: Condition) -> list[int]:
    rest = f"AND p.status = 'unread' AND p.added <> '' ORDER BY p.added, p.id LIMIT {LONGEST}"
    return [row[1] for row in _rows(db, "p.added, p.id, 0", condition, rest)]
