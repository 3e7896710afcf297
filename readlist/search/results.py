"""Results of a query, and of a query without words alone: the papers that it selects, in an order.

`library` calls find and find_ids with a connection. A query with words, or that nothing matches, is answered by
`ranked_results`, which is imported for it: listing papers needs no module about words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.models import NEWEST, RELEVANCE, Order
from readlist.query_results import Hit, ResultIds, SearchResult
from readlist.search.deleted_papers import finds_deleted
from readlist.search.lookups import require_entries
from readlist.search.orders import find_sorted_ids
from readlist.search.query.ast import iter_texts
from readlist.search.query.compiler import compile_filters
from readlist.search.selection import count_papers

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.ast import Query


@finds_deleted
def find(
    connection: sqlite3.Connection, query: Query, *, limit: int | None, order: Order = NEWEST, exact: bool = False
) -> SearchResult:
    """Find the papers that match `query`, in this order; at most `limit`.

    By relevance, the best come first, and after those that have all words the nearest matches; else only those with all
    words are found. If `exact`, words match as they are typed, without corrections, readings and nearest matches.
    """
    if not any(iter_texts(query)):
        condition = compile_filters(query)
        if ids := find_sorted_ids(connection, condition, order, limit):
            return SearchResult(tuple(map(Hit, require_entries(connection, ids))), count_papers(connection, condition))
    from readlist.search.ranked_results import find_ranked

    return find_ranked(connection, query, limit=limit, order=order, exact=exact)


@finds_deleted
def find_ids(connection: sqlite3.Connection, query: Query, order: Order = RELEVANCE) -> ResultIds:
    """Find all papers that match `query`, in this order; by relevance the newest first where it has no words.

    Far cheaper than all entries, in time and memory: its callers read the entries that they show.
    """
    from readlist.search.ranked_results import find_all_ids

    return find_all_ids(connection, query, order)
