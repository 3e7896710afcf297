"""Which keys name one paper: pairs of keys that the branch has, and how the keys of this machine map to those there.

A key here never changes. Two keys are one paper where two machines loaded it with different authors or titles, or where
a user merged two papers. The branch has such pairs as registers, "key key": [version, is_one]; the smallest key of a
class of keys is the canonical one, under which the branch has its marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from readlist.sync.registers import Register


class Classes:
    """Classes of keys that name one paper each; `pairs` are the registers that they follow from."""

    def __init__(self, pairs: Mapping[str, Register]) -> None:
        self.pairs: dict[str, Register] = {}
        self._members: dict[str, list[str]] = {}
        self._canonical: dict[str, str] = {}
        for pair, register in sorted(pairs.items()):
            self._put(pair, register)

    def find(self, key: str) -> str:
        """Return the canonical key of the class of a key."""
        return self._canonical.get(key, key)

    def members(self, key: str) -> list[str]:
        """Return the keys of the class of a key, sorted."""
        return self._members.get(self.find(key), [key])

    def groups(self) -> Iterable[list[str]]:
        """Return the classes of more than one key."""
        return self._members.values()

    def add(self, first: str, second: str, version: int) -> None:
        """Make two keys one paper, with a pair of this version."""
        self._put(pair_name(first, second), [version, True])

    def are_separate(self, first: str, second: str) -> bool:
        """Return whether a pair says that a key of the one class and one of the other are two papers."""
        others = self.members(second)
        return any(
            pair_name(key, other) in self.pairs and not self.pairs[pair_name(key, other)][1]
            for key in self.members(first)
            for other in others
        )

    def differing_keys(self, *others: Mapping[str, Register]) -> set[str]:
        """Return the keys of the pairs that are not the same in each of the others."""
        return {
            key
            for pair, register in self.pairs.items()
            if any(register != other.get(pair) for other in others)
            for key in split_pair(pair)
        }

    def _put(self, pair: str, register: Register) -> None:
        self.pairs[pair] = register
        if not register[1]:
            return
        first, second = split_pair(pair)
        if self.find(first) != self.find(second):
            members = sorted(
                [*self._members.pop(self.find(first), [first]), *self._members.pop(self.find(second), [second])]
            )
            self._members[members[0]] = members
            self._canonical |= dict.fromkeys(members, members[0])


class KeyMap(NamedTuple):
    """How the keys of the papers here map to those of one branch, after a sync with it.

    `own`: the key of a paper here -> the key of its record there, where another paper there has its key (a namesake).
    `canonical`: the key of a paper here -> the canonical key there, where they differ; keys absent here are their own.
    `merged`: keys there of the papers that were merged here -> the key there of the paper that each was merged into.
    `next_id`: papers here with a lower ID have been synced.
    """

    own: Mapping[str, str] = {}
    canonical: Mapping[str, str] = {}
    merged: Mapping[str, str] = {}
    next_id: int = 0

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> KeyMap:
        """Return the map of a record that `to_record` made."""
        return cls(**{name: record[name] for name in cls._fields if name in record})

    def to_record(self) -> dict[str, Any]:
        """Return the map as JSON, without what is empty."""
        return {name: value for name, value in self._asdict().items() if value}

    def to_shared(self, key: str) -> str:
        """Return the canonical key there of the key of a paper here."""
        return self.canonical.get(key, key)

    def inverse(self) -> dict[str, str]:
        """Return the keys here by the canonical keys there, where they differ."""
        return {shared: key for key, shared in self.canonical.items()}


def pair_name(first: str, second: str) -> str:
    """Return the name of a pair of keys in the branch."""
    return " ".join(sorted((first, second)))


def split_pair(pair: str) -> tuple[str, str]:
    """Return the two keys of the name of a pair."""
    first, _, second = pair.partition(" ")
    return first, second
