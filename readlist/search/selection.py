"""Selection: the papers that a compiled condition selects, counted or as IDs; called by the rest of `search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.search.lookups import count_all
from readlist.search.query.compiler import MATCH_ALL, Condition

if TYPE_CHECKING:
    import sqlite3

_NEWEST_FIRST = "ORDER BY p.date DESC, p.id"


def count_papers(connection: sqlite3.Connection, condition: Condition) -> int:
    """Count the papers that a condition selects."""
    if condition == MATCH_ALL:
        return count_all(connection)
    if condition.token:
        from readlist.search.expansion.vocabulary import count_papers_with

        return count_papers_with(connection, condition.token)
    (total,) = connection.execute(f"SELECT count(*) {condition.shortest_source}", condition.arguments).fetchone()
    return int(total)


def find_newest_ids(connection: sqlite3.Connection, condition: Condition, limit: int | None) -> list[int]:
    """Return the IDs of the papers that a condition selects, the newest digest first; at most `limit`."""
    return select_ids(connection, condition, _NEWEST_FIRST, limit)


def select_ids(connection: sqlite3.Connection, condition: Condition, order: str, limit: int | None) -> list[int]:
    """Return the IDs of the papers `p` that a condition selects, in the order of an ORDER BY; at most `limit`."""
    sql = f"SELECT p.id {condition.source} {order} LIMIT ?"
    return fetch_ids(connection, sql, *condition.arguments, -1 if limit is None else limit)


def fetch_ids(connection: sqlite3.Connection, sql: str, *values: str | int) -> list[int]:
    """Return the IDs that a statement selects."""
    return [id_ for (id_,) in connection.execute(sql, values)]
