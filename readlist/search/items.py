"""Items: how a command names papers: IDs, ranges such as 15-18, arXiv IDs and keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from readlist.models import PaperRef
from readlist.search.index.errors import RowDecodeError
from readlist.search.lookups import (
    find_ids_by_arxiv_id,
    find_ids_by_key,
    find_ids_in_range,
    get_refs,
    require_entries,
)
from readlist.search.tokens import replace_surrogates
from readlist.text import clean, parse_arxiv_id

if TYPE_CHECKING:
    import sqlite3

_ID_RANGE = re.compile(r"(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?")


class Resolved(NamedTuple):
    """The papers that some items name, in the order of the items, and the items that name none."""

    papers: tuple[PaperRef, ...]
    missing: tuple[str, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The IDs of the papers."""
        return tuple(paper.id for paper in self.papers)


def resolve_items(connection: sqlite3.Connection, items: Iterable[str]) -> Resolved:
    """Return the papers that `items` name.

    What is returned comes from rows with a checksum. Raises RowDecodeError where those contradict the tables that the
    items are looked up in.
    """
    items = list(items)
    by_id = get_refs(connection, list({int(item) for item in items if _is_id(item)}))
    papers: dict[PaperRef, None] = {}
    missing: list[str] = []
    for item in items:
        matches = _resolve(connection, item, by_id)
        papers.update(dict.fromkeys(matches))
        if not matches:
            missing.append(clean(item))
    return Resolved(tuple(papers), tuple(missing))


def _is_id(item: str) -> bool:
    return (match := _ID_RANGE.fullmatch(item)) is not None and match["last"] is None


def _resolve(connection: sqlite3.Connection, item: str, by_id: Mapping[int, PaperRef]) -> list[PaperRef]:
    if match := _ID_RANGE.fullmatch(item):
        first = int(match["first"])
        if match["last"] is None:
            return [by_id[first]] if first in by_id else []
        ids = find_ids_in_range(connection, first, int(match["last"]))
        refs = get_refs(connection, ids)
        if len(refs) < len(ids):
            raise RowDecodeError("papers without an entry")
        return [refs[id_] for id_ in ids]
    arxiv_id = parse_arxiv_id(item)
    ids = find_ids_by_arxiv_id(connection, arxiv_id) if arxiv_id else find_ids_by_key(connection, item)
    papers = [entry.paper for entry in require_entries(connection, ids)]
    name = replace_surrogates(arxiv_id or item)
    if any((paper.arxiv_id if arxiv_id else paper.key) != name for paper in papers):
        raise RowDecodeError(f"an ID or key leads to another paper: {clean(item)}")
    return [paper.ref for paper in papers]
