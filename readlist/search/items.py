"""Items: ids, ranges such as 15-18, arXiv ids and keys, as a person names papers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from readlist.text import clean, parse_arxiv_id

if TYPE_CHECKING:
    from readlist.search.index.index import Index

_RANGE = re.compile(r"(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?")


class Resolved(NamedTuple):
    """Which papers some items stand for, in the order they were named, and the items that stand for none."""

    ids: tuple[int, ...]
    missing: tuple[str, ...]


def resolve(index: Index, items: Iterable[str]) -> Resolved:
    """Which papers are meant."""
    ids: dict[int, None] = {}
    missing: list[str] = []
    for item in items:
        found = _ids_of(index, item)
        ids.update(dict.fromkeys(found))
        if not found:
            missing.append(clean(item))
    return Resolved(tuple(ids), tuple(missing))


def _ids_of(index: Index, item: str) -> list[int]:
    if match := _RANGE.fullmatch(item):
        first = int(match["first"])
        return index.ids_between(first, int(match["last"] or first))
    if arxiv := parse_arxiv_id(item):
        return index.by_arxiv(arxiv)
    return index.by_key(item)
