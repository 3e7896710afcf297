"""IndexSync: keeps the search index current with the store. Every read and every update of the index goes through it.

A missing, stale or corrupt index is rebuilt from the store silently. A change is written to the store under the
library's lock and only then to the index: a process that dies in between leaves a stale index, which the fingerprints
of the store files reveal, never a wrong one. It must not write to the store.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from readlist.edits import build_entry
from readlist.errors import ReadlistError
from readlist.search.index.errors import IndexFailure
from readlist.search.index.reader import Connection, Fingerprints, is_current, read_transaction

if TYPE_CHECKING:
    from readlist.search.index.writer import IndexContents, IndexProgress
    from readlist.store import Store

_T = TypeVar("_T")
_NEVER_CURRENT = ("", "corrupt store")
"""Fingerprints for the index of a corrupt store: every command rebuilds it and warns again."""


class IndexSync:
    """The index of a store, in the file `path`; `warn` is called with one line for each problem of the store."""

    def __init__(self, store: Store, path: Path, warn: Callable[[str], None]) -> None:
        self.path = path
        self._store = store
        self._warn = warn

    # Read

    def read(self, function: Callable[[Connection], _T]) -> _T:
        """Run `function` in one read transaction on a current index; rebuild a corrupt index once and run it again."""
        self.ensure_current()
        with contextlib.suppress(IndexFailure), read_transaction(self.path) as connection:
            return function(connection)
        self.rebuild()  # not in an except block: the traceback would keep the corrupt file open
        try:
            return self.read_unchecked(function)
        except IndexFailure as error:
            raise ReadlistError(f"cannot read the search index: {error}") from error

    def read_unchecked(self, function: Callable[[Connection], _T]) -> _T:
        """Run `function` on the index even if it is stale. Raises IndexFailure where there is none or it is corrupt."""
        with read_transaction(self.path) as connection:
            return function(connection)

    # Freshness

    def ensure_current(self) -> Fingerprints:
        """Rebuild the index unless it is current; return the fingerprints of the store files that it is built from."""
        fingerprints = self._store.fingerprints()
        if is_current(self.path, fingerprints):
            return fingerprints
        with contextlib.suppress(ReadlistError), self._store.lock:
            pass  # another process may be between its store and its index update: afterwards the index is current
        fingerprints = self._store.fingerprints()
        return fingerprints if is_current(self.path, fingerprints) else self.rebuild()

    def rebuild(self) -> Fingerprints:
        """Build the index from the store; return the fingerprints of the store files. Raises ReadlistError."""
        fingerprints = self._store.fingerprints()  # before the files are read: a change in between leaves a stale index
        try:
            self._build(fingerprints)
        except OSError:  # the cache directory is not writable or full: an index for this process only
            try:
                self.path = _temporary_directory() / self.path.name
                self._build(fingerprints)
            except OSError as error:
                raise ReadlistError(f"cannot create the search index: {error}") from error
        return fingerprints

    def _build(self, fingerprints: Fingerprints) -> None:
        from readlist.search.index.writer import IndexContents, build

        papers, provenance, papers_corruption = self._store.papers.read()
        marks, marks_corruption, definitions = self._store.marks.read()
        entries = (build_entry(paper, marks.get(paper.key), definitions.renamed_tags) for paper in papers)
        for problem in self._store_problems(papers_corruption, marks_corruption):
            self._warn(problem)
            fingerprints = _NEVER_CURRENT
        build(self.path, IndexContents(entries, provenance, definitions), fingerprints)

    def _store_problems(self, *corruptions: tuple[str, ...]) -> Iterator[str]:
        if missing := self._store.marks.file.missing_file_message():
            yield missing
        for path, corruption in zip(self._store.files, corruptions, strict=True):
            if corruption:
                effect = "only its intact records are shown; to repair it: readlist doctor --fix"
                yield f"data file is corrupt: {path}: {corruption[0]}; {effect}"

    # Update

    def update(self, changes: IndexContents, before: Fingerprints, *, progress: IndexProgress) -> None:
        """Update the index by what changed in the store since `before`; called under the lock, after the store's write.

        An index that cannot be updated stays stale, and the next command rebuilds it. `progress` counts the entries.
        """
        from readlist.search.index.writer import update

        with contextlib.suppress(IndexFailure, OSError, ReadlistError):
            update(self.path, changes, before, self._store.fingerprints(), progress=progress)


def _temporary_directory() -> Path:
    """Create a directory that is removed when the process ends."""
    import atexit
    import shutil
    import tempfile

    directory = tempfile.mkdtemp(prefix="readlist-")
    Path(directory).chmod(0o700)  # the umask may have removed more
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Path(directory)
