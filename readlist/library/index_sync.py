"""IndexSync: keeps the search index current with the store. Every read and every update of the index goes through it.

A missing, stale or corrupt index is rebuilt from the store silently. A change is written to the store under the
library's lock and only then to the index: a process that dies in between leaves a stale index, which the fingerprints
of the store files reveal, never a wrong one. It must not write to the store.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from readlist.errors import Busy, ReadlistError
from readlist.search.index.errors import IndexFailure, IndexLocked
from readlist.search.index.reader import (
    PRIVATE_NAME,
    Connection,
    Fingerprints,
    is_current,
    is_locked,
    matches_fingerprints,
    read_people_fingerprint,
    read_transaction,
    supports_locks,
)

if TYPE_CHECKING:
    from readlist.search.index.people_rows import People
    from readlist.search.index.writer import IndexContents, IndexProgress
    from readlist.store import Store

_T = TypeVar("_T")
READ_TIMEOUT_SECONDS = 600.0
"""How long a command that reads waits for a change of another process."""
_LOCK_CHECK_SECONDS = 0.5
"""How long SQLite waits before a locked index is waited for here, with a line for the user."""
_READ_ATTEMPTS = 10
"""Reads that find the index locked by another program although it was not just before; the next one raises Busy."""
_NEVER_CURRENT = ("", "corrupt store", "")
"""Fingerprints for the index of a corrupt store: every command rebuilds it and warns again."""
_EFFECT = {
    "missing": "",
    "foreign": "",
    "newer": "only what this version understands is shown",
    "corrupt": "only intact records are shown",
}
"""What each kind of problem means for a command that reads."""


class IndexSync:
    """The index of a store, in the file `path`.

    `warn` is called with one line for each problem of the store, `notify` with one about what delays the command, which
    waits at most `lock_timeout` seconds for other processes.
    """

    def __init__(
        self,
        store: Store,
        path: Path,
        warn: Callable[[str], None],
        notify: Callable[[str], None],
        lock_timeout: float = READ_TIMEOUT_SECONDS,
    ) -> None:
        self.path = path
        self.lock_timeout = lock_timeout
        self._store = store
        self._warn = warn
        self._notify = notify
        self._private_fingerprints: Fingerprints | None = None
        self._problems: dict[Fingerprints, tuple[str, ...]] = {}

    # Read

    def read(self, function: Callable[[Connection], _T]) -> _T:
        """Run `function` in one read transaction on a current index; rebuild a corrupt index once and run it again.

        Raises Busy where the index is locked, or stale and the library locked, for longer than `lock_timeout`.
        """
        for _ in range(_READ_ATTEMPTS):
            self.ensure_current()
            try:
                return self.read_unchecked(function)
            except IndexLocked:  # just now: it was not, or `ensure_current` would have waited
                continue
            except IndexFailure:
                break
        else:
            message = f"the search index is locked by another program: {self.path}; nothing was changed"
            raise Busy(f"{message}; repeat the command")
        self.rebuild()  # not in an except block: the traceback would keep the corrupt file open
        try:
            return self.read_unchecked(function)
        except IndexFailure as error:
            raise ReadlistError(f"cannot read the search index: {error}") from error

    def read_unchecked(self, function: Callable[[Connection], _T]) -> _T:
        """Run `function` on the index even if it is stale. Raises IndexFailure where there is none or it is corrupt."""
        with read_transaction(self.path, _LOCK_CHECK_SECONDS) as connection:
            return function(connection)

    def find_candidates(self, codes: Collection[int], fingerprints: Fingerprints) -> list[int] | None:
        """Return the IDs of the papers that have one of these identity codes; the lock is held.

        None where the index is not that of the store files with these fingerprints, or cannot be read.
        """
        from readlist.search.lookups import find_ids_by_codes

        def find(connection: Connection) -> list[int] | None:
            if self._private_fingerprints is None and not matches_fingerprints(connection, self.path, fingerprints):
                return None
            return find_ids_by_codes(connection, codes)

        try:
            return self.read_unchecked(find)
        except IndexFailure:
            return None

    # Freshness

    def ensure_current(self) -> Fingerprints:
        """Rebuild the index unless it is current; return the fingerprints of the store files that it is built from.

        While another process changes the library or the index, it is waited for: afterwards the index is current.
        Raises Busy after `lock_timeout` seconds.
        """
        fingerprints = self._store.fingerprints()
        if self._is_current(fingerprints):
            return fingerprints
        lock = self._store.lock
        lock.wait_until_free(lambda: self._is_current(self._store.fingerprints()), self.lock_timeout)
        if is_locked(self.path):
            if not supports_locks(self.path):
                return self.rebuild()
            reason = f"the search index is locked by another program: {self.path}"
            lock.wait(lambda: not is_locked(self.path), self.lock_timeout, reason)
        fingerprints = self._store.fingerprints()
        if self._is_current(fingerprints) or self._update_people(fingerprints):
            return fingerprints
        return self.rebuild()

    def _is_current(self, fingerprints: Fingerprints) -> bool:
        return fingerprints == self._private_fingerprints or is_current(self.path, fingerprints)

    def _update_people(self, after: Fingerprints) -> bool:
        """Replace the marks of other persons in an index where nothing else is stale; return whether it is current."""
        people = read_people_fingerprint(self.path)
        if people in {None, after[-1]} or self._private_fingerprints is not None:
            return False
        from readlist.search.index.writer import IndexContents, update

        try:
            update(self.path, IndexContents(people=self._read_people()), (*after[:-1], people), after)
        except (IndexFailure, OSError):
            return False
        return True

    def _read_people(self) -> People:
        """Return the marks of other persons; none, with a notice, where they cannot be read: no data of the user's."""
        if not self._store.people_file.exists():
            return {}
        from readlist.store.people import read_marks

        try:
            return read_marks(self._store.people_file)
        except ReadlistError as error:
            self._notify(str(error))
            return {}

    def rebuild(self) -> Fingerprints:
        """Build the index from the store; return the fingerprints of the store files. Raises ReadlistError."""
        fingerprints = self._store.fingerprints()  # before the files are read: a change in between leaves a stale index
        if self._private_fingerprints is not None:
            return self._rebuild_privately()
        try:
            if supports_locks(self.path):
                self._build(fingerprints)
        except OSError:  # the cache directory is not writable or full
            return self._rebuild_privately("it is a directory" if self.path.is_dir() else "")
        if not supports_locks(self.path):  # known only now where there was no index
            return self._rebuild_privately("its file system does not support locks")
        return fingerprints

    def _rebuild_privately(self, reason: str = "") -> Fingerprints:
        """Build an index for this process only; a `reason` that lasts is printed."""
        if reason:
            self._notify(f"Rebuilding the search index for this command: cannot use {self.path}: {reason}")
        fingerprints = self._store.fingerprints()
        try:
            if self._private_fingerprints is None:
                self.path = _temporary_directory() / PRIVATE_NAME
            self._build(fingerprints, is_private=True)
        except OSError as error:
            raise ReadlistError(f"cannot create the search index: {error}") from error
        self._private_fingerprints = fingerprints
        return fingerprints

    def _build(self, fingerprints: Fingerprints, *, is_private: bool = False) -> None:
        from readlist.edits import build_entry
        from readlist.search.index.writer import IndexContents, build

        papers, provenance, papers_status = self._store.papers.read(with_codes=True)
        marks, marks_status, definitions = self._store.marks.read()
        entries = (build_entry(paper, marks.get(paper.key), definitions.renamed_tags) for paper in papers)
        statuses = (papers_status, marks_status)
        problems = [status.problem.describe(_EFFECT[status.problem.kind]) for status in statuses if status.problem]
        self._problems[fingerprints] = tuple(problems)
        for problem in problems:
            self._warn(problem)
        for path, status in zip(self._store.files, statuses, strict=True):
            if backup := status.newer_backup:
                remedy = f"to restore the newer state: readlist backup restore {backup.name}"
                self._notify(f"Another program replaced {path} by an older state; {remedy}")
        contents = IndexContents(entries, provenance, definitions, people=self._read_people())
        build(self.path, contents, _NEVER_CURRENT if problems else fingerprints, is_private=is_private)

    @property
    def has_problems(self) -> bool:
        """Whether an index that this process built reported problems of the store files."""
        return any(self._problems.values())

    def problems(self, fingerprints: Fingerprints) -> tuple[str, ...]:
        """Return the problems of the store files with these fingerprints, with which nothing may be changed.

        They are known where the index is not current without being built.
        """
        return self._problems.get(fingerprints, ())

    # Update

    def update(
        self, changes: IndexContents, before: Fingerprints, after: Fingerprints, *, progress: IndexProgress
    ) -> None:
        """Update the index by what this process changed in the store between `before` and `after`; the lock is held.

        An index that cannot be updated stays stale, and the next command rebuilds it. `progress` counts the entries.
        """
        from readlist.search.index.writer import update

        with contextlib.suppress(IndexFailure, OSError, ReadlistError):
            update(self.path, changes, before, after, progress=progress)


def _temporary_directory() -> Path:
    """Create a directory that is removed when the process ends."""
    import atexit
    import shutil
    import tempfile

    directory = tempfile.mkdtemp(prefix="readlist-")
    with contextlib.suppress(OSError):
        Path(directory).chmod(0o700)  # the umask may have removed more
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Path(directory)
