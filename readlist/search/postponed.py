"""Queued and postponed papers: those in the queue to read next, and those that are not suggested before a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.search.lookups import require_entries

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3

    from readlist.later import QueueEnds
    from readlist.models import Entry
    from readlist.search.query.compiler import Condition

_IN_ORDER = "ORDER BY typeof(p.later) <> 'text' OR p.later > ?, typeof(p.later), p.later, p.later_at, p.id"
"""Papers whose date has come, the queue by its positions, the papers with a later date; the earliest first."""


def find_waiting(connection: sqlite3.Connection, condition: Condition, today: dt.date) -> list[Entry]:
    """Return the entries of the due and the queued papers that a condition selects: due ones, then the queue."""
    is_waiting = "p.later IS NOT NULL AND (typeof(p.later) = 'integer' OR p.later <= ?)"
    where = f"({condition.where}) AND {is_waiting}"
    waiting = condition._replace(where=where, values=(*condition.values, today.isoformat()))
    sql = f"SELECT p.id {waiting.source} {_IN_ORDER}"
    rows = connection.execute(sql, (*waiting.arguments, today.isoformat()))
    return require_entries(connection, [id_ for (id_,) in rows])


def get_postponed(connection: sqlite3.Connection, today: dt.date) -> list[Entry]:
    """Return the entries of all queued and postponed papers: due ones, the queue, those with a date after `today`."""
    rows = connection.execute(f"SELECT p.id FROM papers p WHERE p.later IS NOT NULL {_IN_ORDER}", (today.isoformat(),))  # noqa: S608 -- constants
    return require_entries(connection, [id_ for (id_,) in rows])


def get_queue_ends(connection: sqlite3.Connection) -> QueueEnds:
    """Return the positions of the first and the last paper of the queue."""
    from readlist.later import QueueEnds  # not for the commands that only read

    sql = "SELECT min(later), max(later) FROM papers WHERE later IS NOT NULL AND typeof(later) = 'integer'"
    first, last = connection.execute(sql).fetchone()
    return QueueEnds() if first is None else QueueEnds(first, last)
