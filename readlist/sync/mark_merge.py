"""The merge of marks: what this machine changed since the last sync, and what the branch has, to one mark a paper.

Only marks that may differ are looked at: those that changed here, and those whose lines differ between the last common
state and the branch. The other lines of the branch are copied as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from readlist.store.marks import FIELDS
from readlist.sync import incoming, layout
from readlist.sync.branch import BranchFiles
from readlist.sync.keys import Classes, KeyMap
from readlist.sync.local import Record
from readlist.sync.marks import MarkRegisters, join_marks, observe_mark, project_mark, restrict

_Registers = dict[str, MarkRegisters]


class MarkMerge(NamedTuple):
    """The result: files to commit, records of marks.json that change, and how many marks the branch has otherwise."""

    files: dict[str, bytes]
    records: dict[str, dict[str, Any] | None]
    sent: int
    damaged: int


class Versions(NamedTuple):
    """The commits that are merged: that of the last sync, and the tip of the branch."""

    base: str
    tip: str


class KeyNames(NamedTuple):
    """How the keys of this library and those of the branch name one paper.

    `observed` are the classes of keys as this machine sees them, `joined` those together with the other machines'.
    `rekeyed` are the keys whose class is another one since the last sync.
    """

    keys: KeyMap
    observed: Classes
    joined: Classes
    rekeyed: Collection[str] = ()


class LocalMarks(NamedTuple):
    """The marks of this library by key; `changed` are the keys that may differ from the last sync, None for all."""

    records: Mapping[str, Record]
    changed: Collection[str] | None


class Published(NamedTuple):
    """Where the marks are in the branch, and which of their fields, None for all.

    Where only some are `shared`, as in a lab, the records here stay as they are.
    """

    directory: str = "marks/"
    shared: Collection[str] | None = None


class MarkMerger:
    """Merges the marks of this library with those of the branch."""

    def __init__(  # noqa: PLR0913, PLR0917 -- the state of both sides
        self,
        files: BranchFiles,
        versions: Versions,
        names: KeyNames,
        local: LocalMarks,
        published: Published,
        digits: int,
    ) -> None:
        self._files = files
        self._versions = versions
        self._names = names
        self._records, self._changed = local
        self._directory, self._shared = published
        self._digits = digits
        self._local_keys_by_shared = names.keys.inverse()
        self._damaged = 0

    def merge(self, now: int) -> MarkMerge:
        """Merge as of `now`, in seconds since 1970."""
        paths = self._find_paths()
        self._files.load((self._versions.base, paths), (self._versions.tip, paths))
        keys = self._find_keys(paths)
        if keys is not None:
            more = {self._path(key) for key in keys} - paths
            self._files.load((self._versions.base, more), (self._versions.tip, more))
            paths |= more
        seen = self._read(self._versions.base, paths, keys, self._names.observed)
        theirs = self._read(self._versions.tip, paths, keys, self._names.joined, counts_damage=True)
        here = self._observe(seen, keys, now)
        both = dict(theirs)
        for key, registers in here.items():
            both[key] = join_marks(registers, both[key]) if key in both else registers
        sent = sum(registers != theirs.get(key) for key, registers in both.items())
        files = self._write(both, paths, keys)
        records = {} if self._shared is not None else self._project(both, keys)
        return MarkMerge(files, records, sent, self._damaged)

    def _path(self, key: str) -> str:
        return f"{self._directory}{layout.shard(key, self._digits)}"

    def _find_paths(self) -> set[str]:
        base, tip = self._versions
        if self._changed is None:
            trees = (self._files.tree(base), self._files.tree(tip))
            return {path for tree in trees for path in tree if path.startswith(self._directory)}
        changed = {self._path(self._branch_key(key)) for key in self._changed}
        return changed | self._files.differing(base, tip, self._directory)

    def _branch_key(self, key: str) -> str:
        """Return the own key in the branch of a paper here, which may be one of a class of keys."""
        return self._names.keys.own.get(key, key)

    def _find_keys(self, paths: Iterable[str]) -> set[str] | None:
        """Return the keys in the branch to look at, with all others of their classes; None for all."""
        if self._changed is None:
            return None
        keys = {self._branch_key(key) for key in self._changed}
        for path in paths:
            base, tip = (layout.split_lines(self._files.read(commit, path)) for commit in self._versions)
            keys |= {key for key in base.keys() | tip.keys() if base.get(key) != tip.get(key)}
        keys |= set(self._names.rekeyed)
        return {member for key in keys for member in self._names.joined.members(key)}

    def _read(
        self,
        commit: str,
        paths: Iterable[str],
        keys: Collection[str] | None,
        classes: Classes,
        *,
        counts_damage: bool = False,
    ) -> _Registers:
        """Return the registers of these keys by the canonical key of their class."""
        found: _Registers = {}
        for path in paths:
            blob = self._files.read(commit, path)
            records, damaged = layout.read_lines("marks", blob if keys is None else _select(blob, keys))
            for key, value in records.items():
                registers, invalid = incoming.check_mark(value) if incoming.check_key(key) else ({}, 1)
                damaged += invalid
                if self._shared is not None:
                    registers = restrict(registers, self._shared)
                if registers:
                    shared = classes.find(key)
                    found[shared] = join_marks(found[shared], registers) if shared in found else registers
            self._damaged += damaged if counts_damage else 0
        return found

    def _observe(self, seen: _Registers, keys: Collection[str] | None, now: int) -> _Registers:
        """Return what this machine knows of these keys."""
        here: _Registers = {}
        observed = set()
        for key, raw_key in self._local_keys(keys):
            before = self._names.observed.find(raw_key)
            registers = observe_mark(self._records[key], seen.get(before), now)
            if self._shared is not None:
                registers = restrict(registers, self._shared)
            observed.add(before)
            self._add(here, raw_key, registers)
        for before in seen.keys() - observed:  # a mark that is missing here says nothing
            self._add(here, before, seen[before])
        return here

    def _add(self, here: _Registers, key: str, registers: MarkRegisters) -> None:
        key = self._names.joined.find(key)
        if registers:
            here[key] = join_marks(here[key], registers) if key in here else registers

    def _local_keys(self, keys: Collection[str] | None) -> Iterable[tuple[str, str]]:
        """Return the keys of the marks here to look at, each with its name in the branch."""
        if not self._names.keys.own:
            found = self._records if keys is None else (key for key in keys if key in self._records)
            return [(key, key) for key in found if incoming.check_key(key)]
        pairs = ((key, self._branch_key(key)) for key in self._records)
        return [pair for pair in pairs if incoming.check_key(pair[1]) and (keys is None or pair[1] in keys)]

    def _write(self, both: _Registers, paths: Iterable[str], keys: Collection[str] | None) -> dict[str, bytes]:
        """Return the files that differ from those of the branch."""
        by_path: dict[str, dict[str, MarkRegisters | None]] = {path: {} for path in paths}
        for key, registers in both.items():
            by_path.setdefault(self._path(key), {})[key] = registers
        for key in keys or ():
            if key not in both:
                by_path[self._path(key)].setdefault(key, None)  # another key of its class is canonical
        files = {}
        for path, changed in by_path.items():
            before = self._files.read(self._versions.tip, path)
            after = (
                layout.write_lines("marks", {key: value for key, value in changed.items() if value})
                if keys is None
                else layout.replace_lines("marks", before, changed)
            )
            if after != before:
                files[path] = after
        return files

    def _project(self, both: _Registers, keys: Collection[str] | None) -> dict[str, dict[str, Any] | None]:
        """Return the records that are different from those here, None for one of a paper merged into another."""
        changed: dict[str, dict[str, Any] | None] = {}
        for key, registers in both.items():
            here, after = self._local_keys_by_shared.get(key, key), project_mark(registers)
            before = self._records.get(here)
            if before is not None:
                after |= {name: value for name, value in before.items() if name not in FIELDS}  # of a newer version
            if before != after and (after or before is not None):
                changed[here] = after
        for key, raw_key in self._local_keys(keys):
            shared = self._names.joined.find(raw_key)
            if self._local_keys_by_shared.get(shared, shared) != key:
                changed[key] = None
        return changed


def _select(blob: bytes, keys: Collection[str]) -> bytes:
    """Return the lines of a file with these keys."""
    return b"".join(line for key, line in layout.split_lines(blob).items() if key in keys)
