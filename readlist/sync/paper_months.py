"""Which months of a branch a merge of papers reads: those that differ, and all of them only where that is needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from readlist.sync.keys import Classes, KeyMap
from readlist.sync.paper_merge import LocalPapers, PaperMerge, SharedPapers, differing_keys, merge_papers
from readlist.sync.papers import candidate_months


def merge_months(  # noqa: PLR0913 -- as merge_papers
    local: LocalPapers,
    differing: Collection[str],
    read: Callable[[Collection[str] | None], tuple[SharedPapers, SharedPapers]],
    keys: KeyMap | None,
    now: int,
    *,
    with_edits: bool = True,
) -> PaperMerge:
    """Merge like `merge_papers`, and read as few months as that allows.

    `differing` are the months whose papers are not the same in both states. `read` returns the papers of these months,
    of all for None, in the last common state and in the branch.
    """
    if keys and local.changed is not None:
        changed = [local.records[id_] for id_ in local.changed if id_ in local.records]
        base, there = read(set(differing).union(*map(candidate_months, changed)))
        if not _needs_all_papers(local, base, there, keys):
            merge = merge_papers(local, base, there, keys, now, with_edits=with_edits)
            if merge.same == there.same:
                return merge
    base, there = read(None)
    return merge_papers(local, base, there, keys, now, with_edits=with_edits)


def _needs_all_papers(local: LocalPapers, base: SharedPapers, there: SharedPapers, keys: KeyMap) -> bool:
    """Return whether a merge with the papers of some months only could be wrong, so that all must be read.

    That is where pairs differ, where a paper was removed here, where one that differs has several keys, or where the
    months have no record of a paper that was here at the last sync: it may have lost its first digest since.
    """
    if local.changed is None or base.same != there.same:
        return True
    several = {key for members in Classes(there.same).groups() for key in members}
    if not several.isdisjoint(differing_keys(base, there)):
        return True
    return any(_is_incomplete(id_, local.records.get(id_), there, keys, several) for id_ in local.changed)


def _is_incomplete(
    id_: str, record: Mapping[str, Any] | None, there: SharedPapers, keys: KeyMap, several: Collection[str]
) -> bool:
    if record is None or "merged" in record:
        return True
    own = keys.own.get(record["key"], record["key"])
    return own in several or (int(id_) < keys.next_id and own not in there.papers)
