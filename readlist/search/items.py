"""Items: how a command names papers: IDs, ranges such as 15-18, arXiv IDs, DOIs and keys.

The ID and the key of a paper that was merged into another one name that one. A deleted paper is not among the papers
that items name, but listed beside them, so that it can be restored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.models import Paper, PaperRef
from readlist.search.index.errors import RowDecodeError
from readlist.search.lookups import (
    find_ids_by_identifier,
    find_ids_by_key,
    find_ids_in_range,
    find_merged_ids,
    get_deleted,
    get_refs,
    require_entries,
)
from readlist.search.query.identifiers import parse_identifier
from readlist.search.tokens import replace_surrogates
from readlist.text import clean

if TYPE_CHECKING:
    import sqlite3

_ID_RANGE = r"(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?"


class Resolved(NamedTuple):
    """The papers that some items name, in the order of the items, and the items that name none.

    `deleted` has the items that name papers which the user deleted, with these papers: they are missing, or ranges.
    """

    papers: tuple[PaperRef, ...]
    missing: tuple[str, ...]
    deleted: Mapping[str, tuple[PaperRef, ...]] = {}

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
    by_id = _papers_by_id(connection, list({int(item) for item in items if _is_id(item)}))
    papers: dict[PaperRef, None] = {}
    missing: list[str] = []
    unclear: list[str] = []
    for item in items:
        matches = _resolve(connection, item, by_id)
        papers.update(dict.fromkeys(matches))
        if not matches:
            missing.append(item)
        if not matches or (re.fullmatch(_ID_RANGE, item) and not _is_id(item)):
            unclear.append(item)
    deleted = _deleted_by_item(connection, unclear) if unclear else {}
    return Resolved(tuple(papers), tuple(map(clean, missing)), {clean(item): refs for item, refs in deleted.items()})


def _is_id(item: str) -> bool:
    return (match := re.fullmatch(_ID_RANGE, item)) is not None and match["last"] is None


def _papers_by_id(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, PaperRef]:
    """Return the papers that have these IDs, or into which papers with these IDs were merged, by these IDs."""
    refs = get_refs(connection, ids)
    if len(refs) == len(ids):
        return refs
    merged = find_merged_ids(connection, [id_ for id_ in ids if id_ not in refs])
    entries = require_entries(connection, list(merged.values()))
    for id_, entry in zip(merged, entries, strict=True):
        if not any(other.id == id_ for other in entry.paper.merged):
            raise RowDecodeError(f"an ID leads to another paper: {id_}")
        refs[id_] = entry.paper.ref
    return refs


def _resolve(connection: sqlite3.Connection, item: str, by_id: Mapping[int, PaperRef]) -> list[PaperRef]:
    if match := re.fullmatch(_ID_RANGE, item):
        first = int(match["first"])
        if match["last"] is None:
            return [by_id[first]] if first in by_id else []
        ids = find_ids_in_range(connection, first, int(match["last"]))
        refs = get_refs(connection, ids)
        if len(refs) < len(ids):
            raise RowDecodeError("papers without an entry")
        return [refs[id_] for id_ in ids]
    identifier = parse_identifier(item)
    ids = find_ids_by_identifier(connection, *identifier) if identifier else find_ids_by_key(connection, item)
    papers = [entry.paper for entry in require_entries(connection, ids)]
    if not all(_is_named(paper, item) for paper in papers):
        raise RowDecodeError(f"an ID or key leads to another paper: {clean(item)}")
    return [paper.ref for paper in papers]


def _is_named(paper: Paper, item: str) -> bool:
    """Return whether an item that is neither an ID nor a range names this paper."""
    if identifier := parse_identifier(item):
        return replace_surrogates(identifier.value) == (paper.arxiv_id if identifier.field == "arxiv" else paper.doi)
    return replace_surrogates(item) in {paper.key, *(other.key for other in paper.merged)}


def _deleted_by_item(connection: sqlite3.Connection, items: Iterable[str]) -> dict[str, tuple[PaperRef, ...]]:
    """Return the deleted papers that each of `items` names, without the items that name none."""
    named: dict[str, dict[PaperRef, None]] = {}
    papers = [entry.paper for entry in get_deleted(connection)]
    for paper in papers:
        others = [str(other.id) for other in paper.merged] + [other.key for other in paper.merged]
        for name in filter(None, (str(paper.id), paper.key, paper.arxiv_id, paper.doi, *others)):
            named.setdefault(name, {})[paper.ref] = None
    found = ((item, _find_deleted(item, papers, named)) for item in (items if papers else ()))
    return {item: refs for item, refs in found if refs}


def _find_deleted(
    item: str, papers: Sequence[Paper], named: Mapping[str, Mapping[PaperRef, None]]
) -> tuple[PaperRef, ...]:
    """Return the deleted papers that an item names; no ID, key, arXiv ID or DOI is a name of another kind."""
    if match := re.fullmatch(_ID_RANGE, item):
        first, last = int(match["first"]), match["last"]
        if last is not None:
            return tuple(paper.ref for paper in papers if first <= paper.id <= int(last))
        return tuple(named.get(str(first), ()))
    identifier = parse_identifier(item)
    return tuple(named.get(identifier.value if identifier else item, ()))
