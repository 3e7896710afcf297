"""A substitute for `sync.clone.Clone` whose remote is an object in memory: no git, no disk, no network.

Its `Hooks` are told where a sync is, so that a test can let it die there, be offline, or let other machines sync
meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from readlist.errors import ReadlistError
from readlist.sync.failures import LostRace
from readlist.sync.layout import is_own_path
from readlist.sync.remotes import Remote


class Commit(NamedTuple):
    """A commit: its files by path, its parent, "" for none, who made it and when, in seconds."""

    tree: Mapping[str, str]
    parent: str
    author: str
    at: int


@dataclass
class MemoryRemote:
    """The objects of all clones, and the tip of the branch that they share."""

    tip: str = ""
    commits: dict[str, Commit] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)

    def ancestors(self, commit: str) -> list[str]:
        """Return a commit and those before it, the newest first."""
        found = []
        while commit:
            found.append(commit)
            commit = self.commits[commit].parent
        return found

    def difference(self, before: str) -> dict[str, list[bytes]]:
        """Return the lines that the tip and another commit have apart, by path."""
        trees = [self.commits[commit].tree for commit in (before, self.tip)]
        return {
            path: sorted(one ^ other)
            for path in sorted(trees[0].keys() | trees[1].keys())
            for one, other in [[set(self.blobs.get(tree.get(path, ""), b"").splitlines()) for tree in trees]]
            if one != other
        }


class Hooks(Protocol):
    """What happens around a sync."""

    def reach(self, step: str, commit: str, /) -> None:
        """Note that a sync reached a step, with the commit that it is about. May raise, as if the process died."""
        ...

    def is_offline(self) -> bool:
        """Return whether the remote cannot be reached now."""
        ...

    def interlude(self) -> None:
        """Let other machines use the remote."""
        ...


class MemoryClone:
    """The clone of one machine: it has only the commits that it fetched or made."""

    def __init__(self, memory: MemoryRemote, hooks: Hooks) -> None:
        self.remote = Remote("/memory")
        self._memory = memory
        self._hooks = hooks
        self._known: set[str] = set()
        self._refs: dict[str, str] = {}

    def forget(self) -> None:
        """Delete the clone."""
        self._known.clear()
        self._refs.clear()

    def open(self) -> None:
        """Do nothing: there is no directory."""

    def create_remote(self) -> bool:
        return False

    def fetch(self) -> str:
        self._require_network()
        tip = self._memory.tip
        if tip not in self._known:
            self._known.update(self._memory.ancestors(tip))
        self._refs["remote"] = tip
        self._hooks.reach("fetched", tip)
        self._hooks.interlude()
        return tip

    def push(self, commit: str) -> None:
        self._hooks.interlude()
        self._require_network()
        self._hooks.reach("before push", commit)
        assert commit in self._known
        if self._memory.tip not in (commit, self._memory.commits[commit].parent):
            raise LostRace
        self._memory.tip = commit
        self._hooks.reach("pushed", commit)

    def ref(self, name: str) -> str:
        return self._refs.get(name, "")

    def set_ref(self, name: str, commit: str) -> None:
        self.set_refs({name: commit})

    def set_refs(self, commits: Mapping[str, str]) -> None:
        self._hooks.reach("saved", self.ref("new"))
        assert all(commit in self._known for commit in commits.values() if commit)
        self._refs |= commits

    def is_intact(self) -> bool:
        return True

    def contains(self, commit: str) -> bool:
        return commit in self._known

    def tree(self, commit: str) -> Mapping[str, str]:
        if not commit:
            return {}
        assert commit in self._known
        return self._memory.commits[commit].tree

    def blobs(self, ids: Iterable[str]) -> dict[str, bytes]:
        return {id_: self._memory.blobs[id_] for id_ in ids}

    def commit(self, files: Mapping[str, bytes | None], parent: str, author: str, _message: str, at: int) -> str:
        tree = dict(self.tree(parent))
        for path, content in files.items():
            assert is_own_path(path), path
            if content is None:
                tree.pop(path)
            else:
                tree[path] = hashlib.sha1(content).hexdigest()
                self._memory.blobs[tree[path]] = content
        commit = hashlib.sha1(repr((sorted(tree.items()), parent, author, at)).encode()).hexdigest()
        self._memory.commits[commit] = Commit(tree, parent, author, at)
        self._known.add(commit)
        self._refs["new"] = commit
        self._hooks.reach("committed", commit)
        return commit

    def commits_between(self, base: str, tip: str) -> list[tuple[str, int]]:
        before = set(self._memory.ancestors(base))
        commits = (self._memory.commits[each] for each in self._memory.ancestors(tip) if each not in before)
        return [(commit.author, commit.at) for commit in commits]

    def repack_if_needed(self) -> None:
        """Do nothing: there are no packs."""

    def _require_network(self) -> None:
        if self._hooks.is_offline():
            raise ReadlistError("cannot reach the remote: offline")
