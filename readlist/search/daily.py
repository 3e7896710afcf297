"""What `today` shows: new papers, due and queued papers, and undecided ones of the days before.

`library` calls find_daily with a connection. Only unread papers that are not queued or postponed are listed as new or
earlier, since the list has the papers that the user has not decided on.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from readlist.search.lookups import get_entries
from readlist.search.postponed import find_waiting
from readlist.search.query.ast import DateRange, FieldEquals, NewPapers, Not, Query, all_of
from readlist.search.query.planner import plan_query
from readlist.search.recommend.suggestions import rank_ids
from readlist.search.selection import count_papers, find_newest_ids
from readlist.suggestions import DailyPapers, Suggestion

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.compiler import Condition

EARLIER_DAYS = 7
"""Days, today included, whose undecided papers are listed; older papers are for `next`."""
MAX_EARLIER = 3
"""Papers of the days before that are listed; `list` has all of them."""
MAX_RANKED = 200
"""New papers that are ranked, the newest; the others follow them. Nobody decides on more at once one by one."""
_UNDECIDED = (FieldEquals("is", "unread"), Not(FieldEquals("is", "later")))


def find_daily(
    connection: sqlite3.Connection, query: Query, since: int | None, today: dt.date, limit: int | None
) -> DailyPapers:
    """Find the papers of a day that match `query`; at most `limit` new ones, and MAX_EARLIER of the days before.

    `since` is the last ID that is not new, None for a user who has seen nothing. Where nothing is new, the papers of
    the newest digest are listed instead.
    """
    new = NewPapers(or_newest_digest=True, since=since)
    week = DateRange("date", today - dt.timedelta(EARLIER_DAYS - 1), None)
    all_new = _compile(connection, query, new)
    undecided = _compile(connection, query, new, *_UNDECIDED)
    waiting = find_waiting(connection, _compile(connection, query), today)
    left = _compile(connection, query, Not(new), week, *_UNDECIDED)
    return DailyPapers(
        new=_rank_new(connection, undecided, limit),
        total=count_papers(connection, all_new),
        undecided=count_papers(connection, undecided),
        is_new=bool(count_papers(connection, _compile(connection, query, NewPapers(since=since)))),
        due=tuple(entry for entry in waiting if isinstance(entry.mark.later, dt.date)),
        queued=tuple(entry for entry in waiting if isinstance(entry.mark.later, int)),
        earlier=rank_ids(connection, find_newest_ids(connection, left, MAX_RANKED)).papers[:MAX_EARLIER],
        earlier_total=count_papers(connection, left),
        last_id=_find_last_id(connection),
    )


def _rank_new(connection: sqlite3.Connection, condition: Condition, limit: int | None) -> tuple[Suggestion, ...]:
    ids = find_newest_ids(connection, condition, None if limit is None else max(limit, MAX_RANKED))
    others = get_entries(connection, ids[MAX_RANKED:])
    return (*rank_ids(connection, ids[:MAX_RANKED]).papers, *map(Suggestion, others))[:limit]


def _compile(connection: sqlite3.Connection, *parts: Query) -> Condition:
    return plan_query(connection, all_of(parts)).condition


def _find_last_id(connection: sqlite3.Connection) -> int:
    sql = "SELECT max((SELECT ifnull(max(id), 0) FROM papers), (SELECT ifnull(max(id), 0) FROM deleted))"
    (last_id,) = connection.execute(sql).fetchone()
    return int(last_id)
