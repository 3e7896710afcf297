"""The merge of the papers here with those of a branch; pure: `library.syncing` reads, saves and sends.

The branch has a record under the own key of each paper that a machine knows, and never loses one; what is known of a
paper is the join of the records of its class of keys. A machine adds to the record of its own key only what the class
lacks, so that a merge of two papers can be undone: the other paper comes back from its own record. A merge by the user
is a pair of keys, and so is a paper that two machines have under different keys.

Here exactly one paper of a class remains. Its ID and key never change; a paper that is new here gets the ID that it has
on the machine that sent it first, where that is free.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from readlist.errors import ReadlistError
from readlist.store.matching import MAX_ID, unique_key
from readlist.store.merging import merge_records, with_slug
from readlist.sync.keys import Classes, KeyMap, observe_pairs, split_pair
from readlist.sync.paper_matching import DuplicateMatcher, Namesake, as_paper, has_conflict, map_namesakes
from readlist.sync.papers import (
    EDITS,
    SharedPaper,
    candidate_months,
    find_missing,
    join_all,
    join_papers,
    project_paper,
    separate,
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

    The papers may be those of some months only, the same ones of both states, see `merge_months`.
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


def _needs_all_papers(local: LocalPapers, base: SharedPapers, there: SharedPapers, keys: KeyMap) -> bool:
    """Return whether a merge with the papers of some months only could be wrong, so that all must be read.

    That is where pairs differ, where a paper was removed here, where one that differs has several keys, or where the
    months have no record of a paper that was here at the last sync: it may have lost its first digest since.
    """
    if local.changed is None or base.same != there.same:
        return True
    several = {key for members in Classes(there.same).groups() for key in members}
    if not several.isdisjoint(_differing_keys(base, there)):
        return True
    return any(_is_incomplete(id_, local.records.get(id_), there, keys, several) for id_ in local.changed)


def _is_incomplete(
    id_: str, record: Mapping[str, Any] | None, there: SharedPapers, keys: KeyMap, several: Collection[str]
) -> bool:
    if record is None or "merged" in record:
        return True
    own = keys.own.get(record["key"], record["key"])
    return own in several or (int(id_) < keys.next_id and own not in there.papers)


def _differing_keys(base: SharedPapers, there: SharedPapers) -> set[str]:
    return {key for key in base.papers.keys() | there.papers.keys() if base.papers.get(key) != there.papers.get(key)}


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


def merge_papers(
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

    That was merged here and never sent, because another machine was faster.
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

    def __init__(
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
        self._records: dict[str, Mapping[str, Any]] = dict(local.records)
        self._published = there.papers
        self._there = there = SharedPapers(_with_unsent(base.papers, there.papers), there.same)
        self._shared: dict[str, SharedPaper] = dict(there.papers)
        self._returning: dict[str, tuple[int, str]] = {}
        """The ID and the key here of a paper that is no longer merged into another one, by the canonical key there."""
        self._separated: set[str] = set()
        self._merged: list[tuple[str, str]] = []
        self._received: set[str] = set()
        self._own, self._namesakes = map_namesakes(
            self._records, base.papers if keys else {}, self._published, keys.own if keys else {}
        )
        self._index_keys()
        self._before = Classes(observe_pairs(self._keys_by_id, base.same, keys, now) if with_edits else base.same)
        self._classes = self._join_classes()

    def result(self) -> PaperMerge:
        """Run the merge."""
        if self._with_edits:
            self._separate_undone()
        ids = self._ids_to_merge()
        self._observe(ids)
        new = self._match_received()
        ids |= self._ids_to_merge()
        if self._with_edits:
            self._merge_duplicates()
        for id_ in ids & self._records.keys():
            self._records[id_] = project_paper(self._records[id_], self._known(id_), "")
        self._observe_merged()
        next_id = self._add_received(new)
        self._index_keys()
        return self._collect(next_id)

    # Keys

    def _index_keys(self) -> None:
        """Index the papers here by their keys in the branch."""
        self._keys_by_id = {
            id_: (self._key(record["key"]), *(self._key(other["key"]) for other in record.get("merged", ())))
            for id_, record in self._records.items()
        }
        self._ids_by_key = {key: id_ for id_, keys in self._keys_by_id.items() for key in keys}
        self._ids_by_key |= {keys[0]: id_ for id_, keys in self._keys_by_id.items()}

    def _key(self, key: str) -> str:
        return self._own.get(key, key)

    def _join_classes(self) -> Classes:
        """Return the classes of the pairs here and there.

        In a lab a pair of others never merges two papers here: such a pair is passed on, and not applied.
        """
        pairs = join_maps(self._before.pairs, self._there.same)
        if self._with_edits:
            return Classes(pairs)
        classes = Classes({})
        for pair, (version, is_one) in sorted(pairs.items()):
            ends = split_pair(pair)
            if is_one and len({id_ for end in ends for id_ in self._ids_of_class(classes, end)}) <= 1:
                classes.add(*ends, version)
        classes.pairs |= pairs
        return classes

    def _ids_of_class(self, classes: Classes, key: str) -> set[str]:
        return {self._ids_by_key[member] for member in classes.members(key) if member in self._ids_by_key}

    def _class_keys(self, id_: str, classes: Classes) -> list[str]:
        """Return the keys of a paper here: those of the classes of its own key and of those merged into it."""
        return sorted({member for key in self._keys_by_id[id_] for member in classes.members(key)})

    def _known(self, id_: str) -> SharedPaper:
        """Return all that is known of a paper here."""
        known = join_all(self._shared[key] for key in self._class_keys(id_, self._classes) if key in self._shared)
        return known or shared_paper(id_, self._records[id_], None, self._now, with_edits=self._with_edits)

    # Observe

    def _separate_undone(self) -> None:
        """Take out of papers here the ones whose merge was undone elsewhere, as far as the branch has those."""
        ids = {id_ for id_, keys in self._keys_by_id.items() if len(keys) > 1}
        ids |= {self._ids_by_key[key] for keys in self._before.groups() for key in keys if key in self._ids_by_key}
        for id_ in sorted(ids, key=int):
            own = self._classes.find(self._keys_by_id[id_][0])
            others = {self._classes.find(key) for key in self._class_keys(id_, self._before)} - {own}
            for canonical in sorted(others):
                other = join_all(self._shared[key] for key in self._classes.members(canonical) if key in self._shared)
                if other:
                    self._separate(id_, own, canonical, other)
        self._index_keys()

    def _separate(self, id_: str, own: str, canonical: str, other: SharedPaper) -> None:
        record = dict(self._records[id_])
        entries = record.pop("merged", [])
        separate_entries = [each for each in entries if self._classes.find(self._key(each["key"])) == canonical]
        kept = join_all(self._shared[key] for key in self._classes.members(own) if key in self._shared)
        record = separate(record, kept, other)
        rest = [each for each in entries if each not in separate_entries]
        self._records[id_] = record | {"merged": rest} if rest else record
        self._separated.add(id_)
        for entry in separate_entries[:1]:
            self._returning.setdefault(canonical, (entry["id"], entry["key"]))

    def _ids_to_merge(self) -> set[str]:
        """Return the IDs of the papers here that changed, or of whose class the branch has a record."""
        changed = self._local.changed
        if changed is None:
            return set(self._records)
        ids = self._records.keys() & {*changed, *self._separated}
        differing = _differing_keys(self._base, self._there) | self._paired_keys()
        ids |= {self._ids_by_key[key] for key in differing & self._ids_by_key.keys()}
        for members in self._classes.groups():
            found = {self._ids_by_key[key] for key in members if key in self._ids_by_key}
            if len(found) > 1 or not differing.isdisjoint(members):
                ids |= found
        return ids

    def _observe(self, ids: Collection[str]) -> None:
        """Add what this machine knows of papers to the records of the branch."""
        changed = self._local.changed
        looked_at = ids if changed is None else set(ids) & {*changed, *self._separated}
        for id_ in sorted(looked_at, key=int):
            record, own = self._records[id_], self._keys_by_id[id_][0]
            if not self._with_edits and "deleted_at" in record:
                continue
            papers = self._base.papers
            seen = join_all(papers[key] for key in self._class_keys(id_, self._before) if key in papers)
            observed = shared_paper(id_, record, seen, self._now, with_edits=self._with_edits)
            known = join_all(self._shared[key] for key in self._class_keys(id_, self._classes) if key in self._shared)
            missing = find_missing(observed, known) if known else observed
            if missing:
                self._shared[own] = join_papers(self._shared[own], missing) if own in self._shared else observed

    # Match

    def _match_received(self) -> list[list[str]]:
        """Pair papers of the branch that are here under another key; returns the keys of each of the others."""
        groups: dict[str, list[str]] = {}
        for key in sorted(self._there.papers):
            if not self._ids_of_class(self._classes, key):
                groups.setdefault(self._classes.find(key), []).append(key)
        ordered = sorted(
            groups.values(), key=lambda keys: (min(self._shared[key].get("id", MAX_ID) for key in keys), keys)
        )
        matcher = DuplicateMatcher(
            self._records, [self._shared[key] for keys in ordered for key in keys], self._unsent()
        )
        new = []
        for keys in ordered:
            id_ = (
                None
                if self._classes.find(keys[0]) in self._returning
                else matcher.find([self._shared[key] for key in keys])
            )
            if id_ is None or self._classes.are_separate(self._keys_by_id[id_][0], keys[0]):
                new.append(keys)
            else:
                self._classes.add(self._keys_by_id[id_][0], keys[0], FIRST_VERSION)
        return new

    def _unsent(self) -> set[str]:
        """Return the IDs of papers here of which neither the branch nor the last sync has a record."""
        changed = self._local.changed
        ids = self._records.keys() if changed is None else self._records.keys() & set(changed)
        known = self._there.papers.keys() | self._base.papers.keys()
        return {id_ for id_ in ids if known.isdisjoint(self._class_keys(id_, self._classes))}

    # Project

    def _merge_duplicates(self) -> None:
        """Merge the papers here that are of one class into the one with the lowest ID."""
        ids_by_own = {keys[0]: id_ for id_, keys in self._keys_by_id.items()}
        for members in list(self._classes.groups()):
            ids = sorted((ids_by_own[key] for key in members if key in ids_by_own), key=int)
            for other in ids[1:]:
                self._records[ids[0]] = merge_records(self._records[ids[0]], other, self._records.pop(other))
                self._merged.append((ids[0], other))
        self._index_keys()

    def _observe_merged(self) -> None:
        """Add to the branch how the comments of papers that were merged just now are divided among their digests."""
        for id_ in sorted({kept for kept, _ in self._merged} & self._records.keys(), key=int):
            own, known = self._keys_by_id[id_][0], self._known(id_)
            missing = find_missing(shared_paper(id_, self._records[id_], known, self._now), known)
            if missing:
                self._shared[own] = join_papers(self._shared[own], missing)

    def _add_received(self, new: Iterable[list[str]]) -> int:
        """Add the papers of the branch that are new here; returns the next free ID."""
        groups = list(new)
        used = {int(each["id"]) for record in self._records.values() for each in record.get("merged", ())}
        used |= set(map(int, self._records))
        taken = {record["key"] for record in self._records.values()}
        taken |= {each["key"] for record in self._records.values() for each in record.get("merged", ())}
        next_id = max(self._local.next_id, max(used, default=0) + 1)
        limit = next_id + len(groups)
        for keys in groups:
            shared = join_all(self._shared[key] for key in keys)
            if shared is None:
                continue
            returning = self._returning.get(self._classes.find(keys[0]))
            hint = returning[0] if returning else shared.get("id", 0)
            id_ = hint if 0 < hint < limit and hint not in used else next_id
            while id_ in used:
                id_ += 1
            if id_ > MAX_ID:
                raise ReadlistError(f"no free ID for a new paper: the last one is {MAX_ID}; nothing was changed")
            key = returning[1] if returning else unique_key(keys[0], as_paper(shared), taken)
            if key != keys[0] and not returning:
                self._own[key] = keys[0]
            used.add(id_)
            taken.add(key)
            next_id = max(next_id, id_ + 1)
            self._records[str(id_)] = with_slug(project_paper(None, shared, key))
            self._received.add(str(id_))
        return next_id

    # Result

    def _collect(self, next_id: int) -> PaperMerge:
        before = self._local.records
        records: dict[str, Record | None] = {
            id_: dict(record) for id_, record in self._records.items() if record != before.get(id_)
        }
        records |= {id_: None for id_ in before if id_ not in self._records}
        keys = self._key_map(next_id)
        sent = {key for key, paper in self._shared.items() if paper != self._published.get(key)}
        was_here = self._base.papers.keys()
        returned = [id_ for id_ in self._received if not was_here.isdisjoint(self._class_keys(id_, self._classes))]
        return PaperMerge(
            records=records,
            next_id=next_id,
            shared=self._shared,
            same=dict(sorted(self._classes.pairs.items())),
            keys=keys,
            received=self._received,
            updated={id_ for id_, record in records.items() if record and id_ in before},
            sent=sent,
            returned=sorted(returned, key=int),
            merged=self._merged,
            namesakes=self._namesakes,
            rekeyed=self._rekeyed(keys),
            observed=self._before.pairs,
        )

    def _key_map(self, next_id: int) -> KeyMap:
        own: dict[str, str] = {}
        canonical: dict[str, str] = {}
        merged: dict[str, str] = {}
        for id_, record in self._records.items():
            key, *others = self._keys_by_id[id_]
            if (found := self._classes.find(key)) != record["key"]:
                canonical[record["key"]] = found
            merged |= dict.fromkeys(others, key)
            for here in (record["key"], *(each["key"] for each in record.get("merged", ()))):
                if here in self._own:
                    own[here] = self._own[here]
        return KeyMap(own, canonical, merged, next_id)

    def _rekeyed(self, keys: KeyMap) -> set[str]:
        last = self._last_keys or KeyMap()
        moved = {namesake.key for namesake in self._namesakes}
        ends = self._paired_keys() | {shared for key in moved for shared in (last.to_shared(key), keys.to_shared(key))}
        return {self._classes.find(end) for end in ends}

    def _paired_keys(self) -> set[str]:
        """Return the keys of the pairs that are not the same as at the last sync, or in the branch."""
        return {
            key
            for pair, register in self._classes.pairs.items()
            if register != self._base.same.get(pair) or register != self._there.same.get(pair)
            for key in split_pair(pair)
        }
