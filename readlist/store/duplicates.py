"""Loaded papers and the known ones that they are duplicates of: which are compared, and what the merge changed.

Called by `papers`; `matching` decides which paper an incoming one is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from readlist.models import Paper
from readlist.reports import MergeResult
from readlist.store import paper_records
from readlist.store.identity_codes import incoming_codes
from readlist.store.matching import PaperMatcher
from readlist.store.packed_records import unpacked

FindCandidates: TypeAlias = Callable[[Collection[int]], Collection[int] | None]
"""Returns the IDs of the papers that have one of these identity codes, None where that is not known."""
_MOST_SELECTED = 0.2
"""Incoming papers as a share of the known ones, above which reading all is faster than looking for candidates."""


def match(
    records: Mapping[str, Mapping[str, Any]],
    papers: Sequence[Paper],
    next_id: int,
    reloaded: Collection[str],
    find_candidates: FindCandidates | None = None,
) -> tuple[PaperMatcher, list[str]]:
    """Match papers with these records, in the order of their IDs; returns the ID of each as well.

    `reloaded` are the names of files that were loaded before and are read again. With `find_candidates` only the
    records that it returns are read, which gives the same result.
    """
    known = _select_candidates(records, papers, reloaded, find_candidates)
    matcher = PaperMatcher(known, next_id, reloaded)
    return matcher, matcher.add_all(papers)


def _select_candidates(
    records: Mapping[str, Mapping[str, Any]],
    papers: Sequence[Paper],
    reloaded: Collection[str],
    find_candidates: FindCandidates | None,
) -> Mapping[str, Mapping[str, Any]]:
    """Return the records that one of these papers may match, in the order of their IDs, or all records."""
    if find_candidates is None or len(papers) > len(records) * _MOST_SELECTED:
        return records
    ids = find_candidates(incoming_codes(papers, reloaded))
    return records if ids is None else {str(id_): records[str(id_)] for id_ in sorted(ids) if str(id_) in records}


def loaded_papers(matcher: PaperMatcher, ids: Sequence[str], numbers: Iterable[int]) -> dict[int, Paper]:
    """Return what the papers with these numbers are in the library."""
    records = {number: unpacked(matcher.merged_records[ids[number]]) for number in numbers}
    decoded = {number: paper_records.decode(ids[number], record) for number, record in records.items()}
    return {number: paper for number, paper in decoded.items() if paper}


def merge_result(matcher: PaperMatcher, changed: Mapping[str, Mapping[str, Any]]) -> MergeResult:
    """Return what a merge did; `changed` are the records that are new or different."""
    kinds: dict[str, list[str]] = {"added": [], "updated": [], "repeated": [], "unchanged": [], "withdrawn": []}
    withdrawn = set(matcher.withdrawn)
    known = {id_: record for id_, record in matcher.merged_records.items() if matcher.before(id_)}
    deleted = {id_ for id_, record in known.items() if "deleted_at" in record}
    for id_, record in changed.items():
        if id_ not in deleted:
            kinds["withdrawn" if id_ in withdrawn else _kind(matcher.before(id_), record)].append(id_)
    return MergeResult(
        added=paper_records.decode_all(changed, kinds["added"]),
        updated=paper_records.decode_all(changed, kinds["updated"]),
        repeated=paper_records.decode_all(changed, kinds["repeated"]),
        withdrawn=paper_records.decode_all(changed, kinds["withdrawn"]),
        unchanged=len(matcher.merged_records.keys() - changed.keys() - deleted) + len(kinds["unchanged"]),
        deleted=len(deleted),
    )


def _kind(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before is None:
        return "added"
    if {**before, "digests": after["digests"]} != after:
        return "updated"
    if len(before["digests"]) < len(after["digests"]):
        return "repeated"
    return "unchanged" if _appearances(before) == _appearances(after) else "updated"


def _appearances(record: Mapping[str, Any]) -> list[tuple[str | None, str, Mapping[str, str]]]:
    return [(each["date"], each["source"], each.get("comments", {})) for each in record["digests"]]
