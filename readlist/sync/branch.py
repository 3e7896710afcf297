"""The files of the branch at one commit or several, read from the clone when they are needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from readlist.errors import SyncRefused
from readlist.sync.layout import Format, parse_format

FORMAT_PATH, SAME, SOURCES, PAPERS, PEOPLE = "format", "same", "sources", "papers/", "people/"
"""Files and directories of the branch."""
ALIASES = "aliases"
DEFINITIONS = ("queries", ALIASES, "synonyms")


class Bases(NamedTuple):
    """The commits that papers.json and marks.json were last merged with, "" for none."""

    papers: str = ""
    marks: str = ""


class Member(NamedTuple):
    """A person in a lab, and which fields of their marks the others may read: "status", "star", "tags", "note"."""

    name: str
    shared: tuple[str, ...]

    @property
    def directory(self) -> str:
        """The directory of their marks in the branch."""
        return f"{PEOPLE}{self.name}/marks/"


class Objects(Protocol):
    """Reads the objects of a clone; see `clone.Clone`."""

    def tree(self, commit: str, /) -> Mapping[str, str]:
        """Return the ID of each file of a commit, by its path."""
        ...

    def blobs(self, ids: Iterable[str], /) -> Mapping[str, bytes]:
        """Return the contents of these files."""
        ...


class BranchFiles:
    """The files of the branch at any commit; "" is the commit of an empty branch. What is read once stays in memory."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._trees: dict[str, Mapping[str, str]] = {"": {}}
        self._blobs: dict[str, bytes] = {}

    def tree(self, commit: str) -> Mapping[str, str]:
        """Return the object ID of each file, by its path."""
        if commit not in self._trees:
            self._trees[commit] = self._objects.tree(commit)
        return self._trees[commit]

    def load(self, *wanted: tuple[str, Iterable[str]]) -> None:
        """Read files of several commits at once: pairs of a commit and paths, which need not exist."""
        trees = ((self.tree(commit), paths) for commit, paths in wanted)
        ids = {tree[path] for tree, paths in trees for path in paths if path in tree} - self._blobs.keys()
        if ids:
            self._blobs |= self._objects.blobs(sorted(ids))

    def read(self, commit: str, path: str) -> bytes:
        """Return the content of a file, b"" where it does not exist."""
        id_ = self.tree(commit).get(path)
        if id_ is None:
            return b""
        if id_ not in self._blobs:
            self.load((commit, [path]))
        return self._blobs[id_]

    def differing(self, first: str, second: str, prefix: str) -> set[str]:
        """Return the paths with this prefix that differ between two commits."""
        one, other = self.tree(first), self.tree(second)
        return {
            path for path in one.keys() | other.keys() if path.startswith(prefix) and one.get(path) != other.get(path)
        }


def read_format(files: BranchFiles, tip: str, *, is_lab: bool) -> Format:
    """Return the format of a branch that is not empty, and of a lab or not, as expected.

    Raises SyncRefused for another branch, StoreError for a damaged or a newer format.
    """
    if FORMAT_PATH not in files.tree(tip):
        raise SyncRefused("the branch readlist of the remote contains something else; nothing was changed")
    branch = parse_format(files.read(tip, FORMAT_PATH))
    if branch.is_lab and not is_lab:
        raise SyncRefused(
            "the remote is a lab; nothing was sent; to join it: readlist sync --lab REMOTE --as PERSON; for your own "
            "machines pass another remote"
        )
    if is_lab and not branch.is_lab:
        raise SyncRefused(
            "the remote is not a lab, but of one user's machines; nothing was sent; pass another remote for the lab"
        )
    return branch
