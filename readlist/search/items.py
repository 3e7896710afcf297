"""Items: how a command names papers: IDs, ranges such as 15-18, arXiv IDs and keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.lookups import find_ids_by_arxiv_id, find_ids_by_key, find_ids_in_range
from readlist.text import clean, parse_arxiv_id

if TYPE_CHECKING:
    import sqlite3

_ID_RANGE = re.compile(r"(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?")


class Resolved(NamedTuple):
    """The IDs of the papers that some items name, in the order of the items, and the items that name none."""

    ids: tuple[int, ...]
    missing: tuple[str, ...]


def resolve_items(connection: sqlite3.Connection, items: Iterable[str]) -> Resolved:
    """Return the papers that `items` name."""
    ids: dict[int, None] = {}
    missing: list[str] = []
    for item in items:
        matches = _resolve(connection, item)
        ids.update(dict.fromkeys(matches))
        if not matches:
            missing.append(clean(item))
    return Resolved(tuple(ids), tuple(missing))


def _resolve(connection: sqlite3.Connection, item: str) -> list[int]:
    if match := _ID_RANGE.fullmatch(item):
        first = int(match["first"])
        return find_ids_in_range(connection, first, int(match["last"] or first))
    if arxiv_id := parse_arxiv_id(item):
        return find_ids_by_arxiv_id(connection, arxiv_id)
    return find_ids_by_key(connection, item)
