"""Which papers of the branch are papers here under another key, and which only look like it.

The rules are those of a load, `store.matching`. Two papers that the branch has apart were compared by the machine that
sent the second one: a paper here that the branch has already matches another one by an identifier only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from readlist import text
from readlist.models import Appearance, Paper
from readlist.store.matching import PaperMatcher, unique_key
from readlist.store.paper_records import identify_url
from readlist.store.same_paper import has_conflicting_id
from readlist.sync.papers import SharedPaper, join_papers

_MAX_SEARCHED = 50
"""Papers of which the identifiers are searched for in the records here; for more, all records are indexed."""


class Namesake(NamedTuple):
    """A paper here that has the title, the first author and so the key of another paper of the branch.

    `own` is the key of its record in the branch, `other` the title of the paper that has its `key` there.
    """

    id: str
    key: str
    own: str
    title: str
    other: str


def map_namesakes(
    records: Mapping[str, Mapping[str, Any]],
    base: Mapping[str, SharedPaper],
    there: Mapping[str, SharedPaper],
    known: Mapping[str, str],
) -> tuple[dict[str, str], list[Namesake]]:
    """Return the keys in the branch of the papers here that have another one there, and the papers that are new in it.

    Those are the papers whose key another paper has in the branch, with another arXiv ID or under another key here.
    `known` are the keys of the last sync. A paper that the branch has had since the last sync, `base`, is the same one,
    also if it has another arXiv ID now: a digest may have corrected it.
    """
    ids = {record["key"]: id_ for id_, record in records.items()}
    merged = {other["key"] for record in records.values() for other in record.get("merged", ())} if known else set()
    own = {key: shared for key, shared in known.items() if key in ids or key in merged}
    found = []
    for key in sorted((there.keys() | own.values()) & ids.keys() - own.keys()):
        record = records[ids[key]]
        is_taken = key in own.values()
        if is_taken or _is_other_paper(record, there[key], base.get(key)):
            taken = {key, *own.values()}
            own[key] = _namesake_key(key, record, there, taken)
            title = there[key]["title"] if key in there else record["title"]
            found.append(Namesake(ids[key], key, own[key], record["title"], title))
    return own, found


def _is_other_paper(record: Mapping[str, Any], shared: SharedPaper, base: SharedPaper | None) -> bool:
    if shared.get("arxiv_id", "") == record.get("arxiv_id", "") or not has_conflict(record, shared):
        return False
    return base is None or join_papers(base, shared) != shared


def _namesake_key(key: str, record: Mapping[str, Any], there: Mapping[str, SharedPaper], taken: set[str]) -> str:
    """Return the key that a machine which loaded the other paper first gave to this one."""
    own = unique_key(key, as_paper(record), taken)
    while own in there and has_conflict(record, there[own]):
        taken.add(own)
        own = unique_key(key, as_paper(record), taken)
    return own


def has_conflict(record: Mapping[str, Any], shared: SharedPaper) -> bool:
    """Return whether a record here, or what sources say of a shared paper, has another arXiv ID than a shared paper."""
    return has_conflicting_id(record, as_paper(shared))


class DuplicateMatcher:
    """The papers here that papers received from a branch may be duplicates of."""

    def __init__(
        self, records: Mapping[str, Mapping[str, Any]], received: Sequence[SharedPaper], unsent: Collection[str]
    ) -> None:
        self._records = records
        self._unsent = set(unsent)
        candidates = self._unsent | _find_candidates(records, received) if received else set()
        self._others = candidates - self._unsent
        self._matcher = PaperMatcher({id_: records[id_] for id_ in sorted(candidates, key=int)}, 1)

    def find(self, received: Sequence[SharedPaper]) -> str | None:
        """Return the ID of the paper here that received records of one paper describe, None for a new paper."""
        papers = [as_paper(shared) for shared in received]
        for paper in papers:
            id_ = self._matcher.find_match(paper, text.slugify(paper.title), self._others)
            if id_ and not any(has_conflicting_id(self._records[id_], each) for each in papers):
                self._others.add(id_)
                return id_
        return None


def _find_candidates(records: Mapping[str, Mapping[str, Any]], received: Sequence[SharedPaper]) -> set[str]:
    """Return the IDs of records that may have an identifier of a received paper, without parsing every URL."""
    if len(received) > _MAX_SEARCHED:
        return set(records)
    values = {value.casefold() for shared in received for value in _identifier_texts(shared)}
    if not values:
        return set()
    pattern = re.compile("|".join(map(re.escape, sorted(values))), re.IGNORECASE)
    return {
        id_
        for id_, record in records.items()
        if "corrections" in record
        or "merged" in record
        or record.get("arxiv_id", "").casefold() in values
        or record.get("doi", "") in values
        or ((url := record.get("url")) and ("%" in url or pattern.search(url)))
    }


def _identifier_texts(shared: SharedPaper) -> set[str]:
    """Return what a URL contains, or a field is, of a paper with an identifier in common."""
    url = shared.get("url", "")
    in_url = identify_url(url)
    own = {shared.get("arxiv_id", ""), shared.get("doi", ""), *in_url}
    address = "" if any(in_url) else url.partition("://")[2].removeprefix("www.").rstrip("/")
    return {value for value in (*own, address) if value}


def as_paper(record: Mapping[str, Any]) -> Paper:
    """Return what the sources say of a paper, of a record here or a shared paper."""
    return Paper(
        title=record["title"],
        authors=tuple(record.get("authors", ())),
        arxiv_id=record.get("arxiv_id", ""),
        doi=record.get("doi", ""),
        url=record.get("url", ""),
        digests=tuple(
            Appearance(dt.date.fromisoformat(each["date"]) if each["date"] else None, each["source"])
            for each in record["digests"]
        ),
    )
