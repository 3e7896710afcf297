"""Queries of deleted papers: what requires `is:deleted` is answered from an index of the deleted papers alone.

So no other query needs a condition that leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from readlist.search.lookups import get_deleted
from readlist.search.query.ast import FieldEquals, Query, all_of, conjuncts

if TYPE_CHECKING:
    import sqlite3

_P = ParamSpec("_P")
_T = TypeVar("_T")

_IS_DELETED = FieldEquals("is", "deleted")


def finds_deleted(
    function: Callable[Concatenate[sqlite3.Connection, Query, _P], _T],
) -> Callable[Concatenate[sqlite3.Connection, Query, _P], _T]:
    """Let `function`, which answers a query, answer one that requires `is:deleted` from the deleted papers."""

    @wraps(function)
    def answer(connection: sqlite3.Connection, query: Query, /, *args: _P.args, **options: _P.kwargs) -> _T:
        parts = conjuncts(query)
        if _IS_DELETED not in parts:
            return function(connection, query, *args, **options)
        from readlist.search.definitions import read_definitions
        from readlist.search.temporary import index_entries

        others = all_of(part for part in parts if part != _IS_DELETED)
        with index_entries(get_deleted(connection), read_definitions(connection)) as deleted:
            return function(deleted, others, *args, **options)

    return answer
