"""Orders in which papers are listed: the names of `--sort`, and the papers of a condition in one of these orders.

`results` ranks by relevance; the other orders are here. A paper without the value that is sorted by, such as one that
was never read, comes last in both directions; equal papers come with the newest digest first.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from readlist.errors import UsageError
from readlist.models import Order
from readlist.search.lookups import get_first_authors, get_titles
from readlist.search.selection import find_newest_ids, select_ids
from readlist.text import clean, fold

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.compiler import Condition

_TIE = "p.date DESC, p.id"
_TIMES: Mapping[str, str] = {
    "date": "p.date",
    "loaded": "p.loaded_at",
    "read": "iif(p.status = 'read', p.status_at, '')",
    "starred": "iif(p.starred, p.starred_at, '')",
    "noted": "p.note_at",
}
"""The column of each order that has the latest time first."""
_NAMES = ("title", "author")
"""Orders from A to Z."""
_VOTES = "(p.starred + (SELECT count(*) FROM others o WHERE o.key = p.key AND o.starred))"
"""How many persons of the lab starred a paper, the user included."""
ORDERS = ("relevance", *_TIMES, *_NAMES, "votes", "random")
"""The names of all orders."""


def parse_order(text: str) -> Order:
    """Read an order as a user types it: `date`, `-title`. Raises UsageError for an unknown one."""
    name = clean(text).casefold().strip()
    order = Order(name.removeprefix("-"), name.startswith("-"))
    if order.name in ORDERS:
        return order
    raise UsageError(
        f"unknown sort order: {clean(text) or '(empty)'}; use one of: {', '.join(ORDERS)}; -date reverses an order"
    )


def find_sorted_ids(connection: sqlite3.Connection, condition: Condition, order: Order, limit: int | None) -> list[int]:
    """Return the IDs of the papers that a condition selects, in this order; at most `limit`.

    By relevance, which a condition does not know, the newest digest is first.
    """
    if order.name in _NAMES:
        return _sort_by_name(connection, find_newest_ids(connection, condition, None), order)[:limit]
    if order.name == "random":
        return select_ids(connection, condition, "ORDER BY random()", limit)
    direction = "ASC" if order.is_reversed else "DESC"
    if order.name == "votes":
        votes = f"ifnull(nullif({_VOTES}, 0), {sys.maxsize})" if order.is_reversed else f"{_VOTES} DESC"
        return select_ids(connection, condition, f"ORDER BY {votes}, {_TIE}", limit)
    column = _TIMES.get(order.name, _TIMES["date"])
    if column == _TIMES["date"] and not order.is_reversed:
        return find_newest_ids(connection, condition, limit)
    return select_ids(connection, condition, f"ORDER BY {column} = '', {column} {direction}, {_TIE}", limit)


def _sort_by_name(connection: sqlite3.Connection, ids: list[int], order: Order) -> list[int]:
    """Sort by title or first author; neither is a column, since few lists are sorted by them."""
    keys: dict[int, tuple[str, ...]]
    if order.name == "title":
        keys = {id_: (fold(title),) for id_, title in get_titles(connection, ids).items()}
    else:
        keys = {id_: _author_key(author) for id_, author in get_first_authors(connection, ids).items()}
    named = [id_ for id_ in ids if any(keys[id_])]
    unnamed = [id_ for id_ in ids if not any(keys[id_])]
    return [*sorted(named, key=lambda id_: keys[id_], reverse=order.is_reversed), *unnamed]


def _author_key(author: str) -> tuple[str, ...]:
    """Return what a name is sorted by: the last name, then the others, folded."""
    family, comma, given = fold(author).partition(",")
    words = family.split()
    return (family, given) if comma else (" ".join(words[-1:]), " ".join(words[:-1]))
