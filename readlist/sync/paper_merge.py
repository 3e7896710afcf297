"""The merge of the papers here with those of a branch; pure: `library.syncer` reads, saves and sends.

The branch has a record under the own key of each paper that a machine knows, and never loses one; what is known of a
paper is the join of the records of its class of keys. A machine adds to the record of its own key only what the class
lacks, so that a merge of two papers can be undone: the other paper comes back from its own record. A merge by the user
is a pair of keys, and so is a paper that two machines have under different keys.

Here exactly one paper of a class remains. Its ID and key never change; a paper that is new here gets the ID that it has
on the machine that sent it first, where that is free.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.store.matching import MAX_ID, unique_key
from readlist.store.merging import merge_records, with_slug
from readlist.sync.keys import Classes, KeyMap
from readlist.sync.paper_index import PaperIndex, apply_pairs, observe_pairs
from readlist.sync.paper_matching import DuplicateMatcher, Namesake, as_paper, has_conflict, map_namesakes
from readlist.sync.paper_separation import separate_undone
from readlist.sync.papers import (
    EDITS,
    SharedPaper,
    find_missing,
    join_all,
    join_papers,
    project_paper,
    shared_paper,
)
from readlist.sync.registers import FIRST_VERSION, join_maps

if TYPE_CHECKING:
    from readlist.store.format import Record
    from readlist.sync.registers import Register


class LocalPapers(NamedTuple):
    """The papers here.

    `records` are all of papers.json, by ID. `changed` are the IDs that were added, changed or removed since the last
    sync, None to look at all: on a first sync, and where the last common state is not in the history of the branch.
    """

    records: Mapping[str, Mapping[str, Any]]
    next_id: int
    changed: Collection[str] | None = None


class SharedPapers(NamedTuple):
    """Papers of a state of the branch, validated, by key, and its pairs of keys (all of them).

    The papers may be those of some months only, the same ones of both states, see `paper_months`.
    """

    papers: Mapping[str, SharedPaper]
    same: Mapping[str, Register]


class PaperMerge(NamedTuple):
    """What a merge of papers results in.

    `records` are those that differ here, by ID, None for one that was merged into another. `shared` are the papers to
    be in the branch, by key, of all that was looked at; `sent` the keys of those that differ there. `same` are all
    pairs. `received` are the IDs of papers that are new here, `updated` of others that changed, `returned` of received
    ones that were here at the last sync; `merged` the IDs of papers that became one, (kept, other). `rekeyed` are the
    canonical keys whose class changed, or that another paper here has now: their marks are to be merged in full.
    """

    records: dict[str, Record | None]
    next_id: int
    shared: dict[str, SharedPaper]
    same: dict[str, Register]
    keys: KeyMap
    received: set[str]
    updated: set[str]
    sent: set[str]
    returned: list[str]
    merged: list[tuple[str, str]]
    namesakes: list[Namesake]
    rekeyed: set[str]
    observed: dict[str, Register]
    """The pairs of the last sync with the merges by the user since, before those of other machines."""


def differing_keys(base: SharedPapers, there: SharedPapers) -> set[str]:
    """Return the keys of the papers that are not the same in two states of the branch."""
    return {key for key in base.papers.keys() | there.papers.keys() if base.papers.get(key) != there.papers.get(key)}


def merge_papers(  # noqa: PLR0913 -- the two sides, and what they have in common
    local: LocalPapers,
    base: SharedPapers,
    there: SharedPapers,
    keys: KeyMap | None,
    now: int,
    *,
    with_edits: bool = True,
) -> PaperMerge:
    """Merge the papers here with those of the branch, `there`; `base` and `keys` are of the last sync with it.

    `now` is in seconds UTC. Without `with_edits`, in a lab, corrections, deletions and merges by the user are neither
    sent nor received, and deleted papers are not sent. Raises ReadlistError where no ID is left for a new paper.
    """
    if not with_edits:
        base, there = _without_edits(base), _without_edits(there)
    return _Merge(local, base, there, keys, now, with_edits=with_edits).result()


def _without_edits(state: SharedPapers) -> SharedPapers:
    papers = {
        key: {name: value for name, value in paper.items() if name not in EDITS}
        if not paper.keys().isdisjoint(EDITS)
        else paper
        for key, paper in state.papers.items()
    }
    return SharedPapers(papers, state.same)


def _with_unsent(base: Mapping[str, SharedPaper], there: Mapping[str, SharedPaper]) -> dict[str, SharedPaper]:
    """Return the papers of the branch with what only the last common state has.

    That was merged here and never sent, because another machine was faster; or the branch was rewound since.
    """
    known = dict(there)
    for key, paper in base.items():
        if key not in there:
            known[key] = paper
        elif paper != there[key]:
            sources = {name: value for name, value in paper.items() if name not in EDITS}
            if not has_conflict(sources, there[key]):
                known[key] = join_papers(paper, there[key])
    return known


class _Merge:
    """One merge; `result` runs its steps in order."""

    def __init__(  # noqa: PLR0913 -- as merge_papers
        self,
        local: LocalPapers,
        base: SharedPapers,
        there: SharedPapers,
        keys: KeyMap | None,
        now: int,
        *,
        with_edits: bool,
    ) -> None:
        self._local, self._base, self._now, self._with_edits = local, base, now, with_edits
        self._last_keys = keys
        self._published = there.papers
        own, self._namesakes = map_namesakes(
            local.records, base.papers if keys else {}, there.papers, keys.own if keys else {}
        )
        self._index = PaperIndex(local.records, own)
        self._there = there = SharedPapers(_with_unsent(base.papers, there.papers), there.same)
        self._shared: dict[str, SharedPaper] = dict(there.papers)
        self._differing = differing_keys(base, there)
        self._observed = {namesake.id for namesake in self._namesakes} | set(local.changed or ())
        """The IDs of the papers that changed here since the last sync, or that this merge renamed or separated."""
        self._returning: dict[str, tuple[int, str]] = {}
        """The ID and the key here of a paper that is no longer merged into another one, by the canonical key there."""
        self._merged: list[tuple[str, str]] = []
        self._received: set[str] = set()
        self._before = Classes(observe_pairs(self._index, base.same, keys, now) if with_edits else base.same)
        pairs = join_maps(self._before.pairs, there.same)
        self._classes = Classes(pairs) if with_edits else apply_pairs(pairs, self._index)

    def result(self) -> PaperMerge:
        """Run the merge."""
        if self._with_edits:
            self._returning, separated = separate_undone(self._index, self._before, self._classes, self._shared)
            self._observed |= separated
        self._observe()
        new = self._match_received()
        if self._with_edits:
            self._merge_duplicates()
        for id_ in self._ids_to_merge():
            record = self._index.records[id_]
            projected = project_paper(record, self._known(id_), record["key"])
            if projected != record:
                self._index.put(id_, projected)
        self._observe_merged()
        next_id = self._add_received(new)
        return self._collect(next_id)

    def _join_shared(self, keys: Iterable[str]) -> SharedPaper | None:
        return join_all(self._shared[key] for key in keys if key in self._shared)

    def _known(self, id_: str) -> SharedPaper:
        """Return all that is known of a paper here."""
        known = self._join_shared(self._index.class_keys(id_, self._classes))
        return known or shared_paper(id_, self._index.records[id_], None, self._now, with_edits=self._with_edits)

    # Observe

    def _ids_to_merge(self) -> set[str]:
        """Return the IDs of the papers here that changed, whose records in the branch differ, or whose class does."""
        if self._local.changed is None:
            return set(self._index.records)
        differing = self._differing | self._classes.differing_keys(self._base.same, self._there.same)
        ids = (self._observed & self._index.records.keys()) | self._index.find_all(differing)
        for members in self._classes.groups():
            if not differing.isdisjoint(members):
                ids |= self._index.find_all(members)
        return ids

    def _observe(self) -> None:
        """Add what this machine knows of papers to the records of the branch."""
        records, seen = self._index.records, self._base.papers
        ids = set(records) if self._local.changed is None else self._observed & records.keys()
        for id_ in sorted(ids, key=int):
            if not self._with_edits and "deleted_at" in records[id_]:
                continue
            before = join_all(seen[key] for key in self._index.class_keys(id_, self._before) if key in seen)
            observed = shared_paper(id_, records[id_], before, self._now, with_edits=self._with_edits)
            self._share(id_, observed, self._join_shared(self._index.class_keys(id_, self._classes)))

    def _share(self, id_: str, observed: SharedPaper, known: SharedPaper | None) -> None:
        """Add to the record of the own key of a paper here what its class lacks."""
        own = self._index.keys(id_)[0]
        missing = find_missing(observed, known) if known else observed
        if missing:
            self._shared[own] = join_papers(self._shared[own], missing) if own in self._shared else observed

    def _observe_merged(self) -> None:
        """Add to the branch how the comments of papers that were merged just now are divided among their digests."""
        for id_ in sorted({kept for kept, _ in self._merged}, key=int):
            known = self._known(id_)
            self._share(id_, shared_paper(id_, self._index.records[id_], known, self._now), known)

    # Match

    def _match_received(self) -> list[list[str]]:
        """Pair papers of the branch that are here under another key; returns the keys of each of the others."""
        groups: dict[str, list[str]] = {}
        for key in sorted(self._shared):
            if not self._index.find_all(self._classes.members(key)):
                groups.setdefault(self._classes.find(key), []).append(key)
        received = [(keys, [self._shared[key] for key in keys]) for keys in groups.values()]
        received.sort(key=lambda group: (min(paper.get("id", MAX_ID) for paper in group[1]), group[0]))
        matcher = DuplicateMatcher(
            self._index.records, [paper for _, papers in received for paper in papers], self._unsent()
        )
        new = []
        for keys, papers in received:
            id_ = None if self._classes.find(keys[0]) in self._returning else matcher.find(papers)
            own = self._index.keys(id_)[0] if id_ else ""
            if not own or self._classes.are_separate(own, keys[0]):
                new.append(keys)
            else:
                self._classes.add(own, keys[0], FIRST_VERSION)
        return new

    def _unsent(self) -> set[str]:
        """Return the IDs of papers here of which neither the branch nor the last sync has a record."""
        records = self._index.records
        ids = records.keys() if self._local.changed is None else records.keys() & set(self._local.changed)
        known = self._there.papers.keys() | self._base.papers.keys()
        return {id_ for id_ in ids if known.isdisjoint(self._index.class_keys(id_, self._classes))}

    # Project

    def _merge_duplicates(self) -> None:
        """Merge the papers here that are of one class into the one with the lowest ID."""
        records = self._index.records
        for members in list(self._classes.groups()):
            kept, *others = sorted(self._index.find_owners(members), key=int) or [""]
            for other in others:
                merged = merge_records(records[kept], other, records[other])
                self._index.remove(other)
                self._index.put(kept, merged)
                self._merged.append((kept, other))

    def _add_received(self, groups: Collection[list[str]]) -> int:
        """Add the papers of the branch that are new here; returns the next free ID."""
        next_id = self._local.next_id
        limit = next_id + sum(map(len, groups))
        for keys, hint, known_key in self._order_by_claim([(keys, *self._propose(keys, limit)) for keys in groups]):
            shared = self._join_shared(keys) or {}
            id_ = self._index.find_free_id(hint, next_id)
            key = known_key or unique_key(keys[0], as_paper(shared), self._index)
            if key != keys[0] and not known_key:
                self._index.own[key] = keys[0]
            self._index.put(str(id_), with_slug(project_paper(None, shared, key)))
            self._received.add(str(id_))
            next_id = max(next_id, id_ + 1)
        return next_id

    def _order_by_claim(self, proposed: list[tuple[list[str], int, str]]) -> list[tuple[list[str], int, str]]:
        """Return papers with their proposed IDs, first those that get theirs: any other one could take it.

        Papers of two machines may propose the same ID; one that was here before has it first.
        """
        claimed: set[int] = set()
        first: list[tuple[list[str], int, str]] = []
        others: list[tuple[list[str], int, str]] = []
        for paper in sorted(proposed, key=lambda each: not each[2]):
            is_free = paper[1] not in claimed and not self._index.is_used(paper[1])
            (first if is_free else others).append(paper)
            claimed.add(paper[1])
        return first + others

    def _propose(self, keys: list[str], limit: int) -> tuple[int, str]:
        """Return the ID that a new paper is to have, 0 for any, and its key here, "" for that of the branch."""
        if returning := self._returning.get(self._classes.find(keys[0])):
            return returning
        hint = min((hint for key in keys if (hint := self._shared[key].get("id"))), default=0)
        return (hint if hint < limit else 0), ""

    # Result

    def _collect(self, next_id: int) -> PaperMerge:
        before, after = self._local.records, self._index.records
        records: dict[str, Record | None] = {
            id_: dict(after[id_]) if id_ in after else None
            for id_ in sorted(self._index.touched, key=int)
            if after.get(id_) != before.get(id_)
        }
        keys = self._index.key_map(self._classes, next_id)
        was_here = self._base.papers.keys()
        separated = {key for _, key in self._returning.values()}
        returned = [
            id_
            for id_ in self._received
            if after[id_]["key"] not in separated
            and not was_here.isdisjoint(self._index.class_keys(id_, self._classes))
        ]
        return PaperMerge(
            records=records,
            next_id=next_id,
            shared=self._shared,
            same=dict(sorted(self._classes.pairs.items())),
            keys=keys,
            received=self._received,
            updated={id_ for id_, record in records.items() if record and id_ in before},
            sent={key for key, paper in self._shared.items() if paper != self._published.get(key)},
            returned=sorted(returned, key=int),
            merged=self._merged,
            namesakes=self._namesakes,
            rekeyed=self._rekeyed(keys),
            observed=self._before.pairs,
        )

    def _rekeyed(self, keys: KeyMap) -> set[str]:
        last = self._last_keys or KeyMap()
        moved = {namesake.key for namesake in self._namesakes}
        ends = self._classes.differing_keys(self._base.same, self._there.same) | {
            shared for key in moved for shared in (last.to_shared(key), keys.to_shared(key))
        }
        return {self._classes.find(end) for end in ends}
