"""The papers here by their keys in a branch, during a merge, and which of them the user merged or separated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from readlist.errors import ReadlistError
from readlist.store.matching import MAX_ID
from readlist.sync.keys import Classes, KeyMap, pair_name, split_pair
from readlist.sync.registers import FIRST_VERSION, next_version

if TYPE_CHECKING:
    from readlist.sync.registers import Register


class PaperIndex:
    """The papers here, by ID and by key; `own` are the keys in the branch of those that have another one there.

    `put` and `remove` change the papers of the index only; `touched` are their IDs.
    """

    def __init__(self, records: Mapping[str, Mapping[str, Any]], own: Mapping[str, str]) -> None:
        self.records = dict(records)
        self.own = dict(own)
        self.touched: set[str] = set()
        self.with_merged: set[str] = set()
        """The IDs of the papers that others were merged into."""
        self._merged_ids: set[int] = set()
        self._ids: dict[str, str] = {}
        for id_, record in records.items():
            self._ids[self.own.get(record["key"], record["key"])] = id_
            if "merged" in record:
                self._add_merged(id_)
        for id_ in self.with_merged:
            self._add_keys(id_)

    def keys(self, id_: str) -> tuple[str, ...]:
        """Return the keys in the branch of a paper here: its own, then those of the papers merged into it."""
        record = self.records[id_]
        return (self.branch_key(record["key"]), *(self.branch_key(each["key"]) for each in record.get("merged", ())))

    def branch_key(self, key: str) -> str:
        """Return the key in the branch of the key of a paper here."""
        return self.own.get(key, key)

    def get(self, key: str) -> str | None:
        """Return the ID of the paper here that has a key of the branch, as its own or of a paper merged into it."""
        return self._ids.get(key)

    def find_all(self, keys: Iterable[str]) -> set[str]:
        """Return the IDs of the papers here that have one of these keys of the branch."""
        return {self._ids[key] for key in keys if key in self._ids}

    def find_owners(self, keys: Iterable[str]) -> set[str]:
        """Return the IDs of the papers here whose own key is one of these."""
        return {self._ids[key] for key in keys if key in self._ids and self.keys(self._ids[key])[0] == key}

    def class_keys(self, id_: str, classes: Classes) -> list[str]:
        """Return the keys of the classes that a paper here is of, sorted."""
        return sorted({member for key in self.keys(id_) for member in classes.members(key)})

    def is_used(self, id_: int) -> bool:
        """Return whether a paper here has an ID, or one that was merged into it; 0 is no ID, and counts as used."""
        return not id_ or str(id_) in self.records or id_ in self._merged_ids

    def find_free_id(self, hint: int, next_id: int) -> int:
        """Return `hint`, the ID of a paper elsewhere, where it is free here, else the first free ID from `next_id`.

        Raises ReadlistError where no ID is left.
        """
        if not self.is_used(hint):
            return hint
        while self.is_used(next_id):
            next_id += 1
        if next_id > MAX_ID:
            raise ReadlistError(f"no free ID for a new paper: the last one is {MAX_ID}; nothing was changed")
        return next_id

    def key_map(self, classes: Classes, next_id: int) -> KeyMap:
        """Return how the keys here map to those of the branch."""
        ids = self.with_merged | self.find_all(key for keys in classes.groups() for key in keys)
        ids |= self.find_all(self.own.values())
        canonical = {self.records[id_]["key"]: classes.find(self.keys(id_)[0]) for id_ in sorted(ids, key=int)}
        merged = {key: keys[0] for keys in map(self.keys, self.with_merged) for key in keys[1:]}
        return KeyMap(self.own, {key: there for key, there in canonical.items() if key != there}, merged, next_id)

    def __contains__(self, key: object) -> bool:
        """Return whether a paper here, or one merged into it, has a key of this machine."""
        return key in self._ids or key in self.own

    def put(self, id_: str, record: Mapping[str, Any]) -> None:
        """Add or replace a paper."""
        if id_ in self.records:
            self.remove(id_)
        self.touched.add(id_)
        self.records[id_] = record
        if "merged" in record:
            self._add_merged(id_)
        self._add_keys(id_)

    def remove(self, id_: str) -> None:
        """Remove a paper."""
        self.touched.add(id_)
        for key in self.keys(id_):
            if self._ids.get(key) == id_:
                del self._ids[key]
        self._merged_ids -= {each["id"] for each in self.records[id_].get("merged", ())}
        del self.records[id_]
        self.with_merged.discard(id_)

    def _add_merged(self, id_: str) -> None:
        self.with_merged.add(id_)
        self._merged_ids |= {each["id"] for each in self.records[id_]["merged"]}

    def _add_keys(self, id_: str) -> None:
        own, *merged = self.keys(id_)
        self._ids[own] = id_
        for key in merged:
            self._ids.setdefault(key, id_)


def apply_pairs(pairs: Mapping[str, Register], index: PaperIndex) -> Classes:
    """Return the classes of a lab, in which a pair never merges two papers here: it is passed on, and not applied."""
    classes = Classes({})
    for pair, (version, is_one) in sorted(pairs.items()):
        first, second = split_pair(pair)
        if is_one and len(index.find_all([*classes.members(first), *classes.members(second)])) <= 1:
            classes.add(first, second, version)
    classes.pairs |= pairs
    return classes


def observe_pairs(
    index: PaperIndex, same: Mapping[str, Register], seen: KeyMap | None, now: int
) -> dict[str, Register]:
    """Return the pairs of the last sync, `same`, with the merges and the undone merges of the user since.

    `seen` is the map of the last sync, None for none: then a merge here gets FIRST_VERSION, so that decisions of others
    remain.
    """
    pairs = dict(same)
    known = seen.merged if seen else {}
    classes = Classes(same)
    for key, kept in _new_merges(index, known):
        pair = pair_name(key, kept)
        is_separate = classes.find(key) != classes.find(kept)
        if not seen and is_separate and pair not in pairs:
            pairs[pair] = [FIRST_VERSION, True]
            classes.add(key, kept, FIRST_VERSION)
        elif seen and (key not in known or is_separate):
            pairs[pair] = [next_version(None, _version(pairs, pair), now), True]
            classes.add(key, kept, now)
    for key, kept in sorted(known.items()):
        first, second = index.get(key), index.get(kept)
        if first and second and first != second:
            pairs |= _separate(pairs, index.keys(first), index.keys(second), now)
    return pairs


def _new_merges(index: PaperIndex, known: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the merged papers that are not as at the last sync, as (key, key of the kept one); new ones first."""
    merged = {key: keys[0] for keys in map(index.keys, index.with_merged) for key in keys[1:]}
    return sorted(
        ((key, kept) for key, kept in merged.items() if known.get(key) != kept),
        key=lambda item: (item[0] in known, item),
    )


def _version(pairs: Mapping[str, Register], pair: str) -> int:
    version: int = pairs[pair][0] if pair in pairs else -1
    return version


def _separate(
    pairs: Mapping[str, Register], first: Iterable[str], second: Iterable[str], now: int
) -> dict[str, Register]:
    """Return the pairs that are no longer true where these two sets of keys are two papers: the newest of each path."""
    classes = Classes({})
    sides = (tuple(first), tuple(second))
    for side in sides:
        for key in side[1:]:
            classes.add(side[0], key, FIRST_VERSION)
    removed = {}
    for pair, (version, is_one) in sorted(pairs.items(), key=lambda item: (item[1][0], item[0])):
        if not is_one:
            continue
        ends = {classes.find(key) for key in split_pair(pair)}
        if ends == {classes.find(side[0]) for side in sides}:
            removed[pair] = [next_version(None, version, now), False]
        else:
            classes.add(*split_pair(pair), version)
    return removed
