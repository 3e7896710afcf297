"""Mirror: the index as a mirror of the store, made true before it is asked.

Where it is missing, stale or damaged it is built anew from the store, without a word. A change is written to the store
under the library's lock and only then to the index: dying in between leaves a stale index, never a false one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from readlist import edits
from readlist.errors import ReadlistError
from readlist.models import UserDefinitions
from readlist.search.index.index import Index, IndexCorrupt, Progress, no_progress

if TYPE_CHECKING:
    from readlist.models import Entry, Provenance
    from readlist.store import Store

_T = TypeVar("_T")
_NO_DEFINITIONS = UserDefinitions()


class IndexSync:
    """The index of a store; `warn` is told in one line of each fault of the store that it meets."""

    def __init__(self, store: Store, index: Index, warn: Callable[[str], None]) -> None:
        self.index = index
        self._store = store
        self._warn = warn

    def ask(self, question: Callable[[Index], _T]) -> _T:
        """The answer of an index that is true."""
        self.ensure_current()
        with contextlib.suppress(IndexCorrupt):
            return question(self.index)
        self.rebuild()  # now that the error is gone: it would hold what it had opened, and with it the file
        try:
            return question(self.index)
        except IndexCorrupt as error:
            raise ReadlistError(f"the search index cannot be read: {error}") from error

    def ensure_current(self) -> tuple[str, str]:
        """Make sure that the index is current; returns the fingerprints of the store files."""
        fingerprints = self._store.fingerprints()
        if self.index.is_current(fingerprints):
            return fingerprints
        with contextlib.suppress(ReadlistError), self._store.lock:
            pass  # somebody may be between the store and the index: once they are done, nothing is left to do
        fingerprints = self._store.fingerprints()
        return fingerprints if self.index.is_current(fingerprints) else self.rebuild()

    def rebuild(self) -> tuple[str, str]:
        """Build the index anew; returns the fingerprints of the store that it is of."""
        fingerprints = self._store.fingerprints()  # before the files are read
        try:
            self._build(fingerprints)
        except OSError:  # no place for a cache: an index for this process alone
            try:
                self.index = Index(_temporary_directory() / "index.sqlite")
                self._build(fingerprints)
            except OSError as error:
                raise ReadlistError(f"there is no room for a search index: {error}") from error
        return fingerprints

    def _build(self, fingerprints: tuple[str, str]) -> None:
        papers, origins, papers_damage = self._store.papers.read()
        marks, marks_damage, definitions = self._store.marks.read()
        entries = (edits.build_entry(paper, marks.get(paper.key), definitions.renamed_tags) for paper in papers)
        faults = [self._store.marks.file.missing_file_message()]
        for path, damage in zip(self._store.files, (papers_damage, marks_damage), strict=True):
            if damage:
                way_back = "only what is sound of it is shown; to mend it: readlist doctor --fix"
                faults.append(f"{path} is damaged ({damage[0]}); {way_back}")
        for fault in filter(None, faults):
            self._warn(fault)
            fingerprints = ("", "damaged")  # an index that is never true: each command says what is wrong
        self.index.rebuild(entries, origins, fingerprints, definitions)

    def update(
        self,
        entries: Iterable[Entry],
        origins: Provenance,
        before: tuple[str, str],
        definitions: UserDefinitions = _NO_DEFINITIONS,
        *,
        progress: Progress = no_progress,
    ) -> None:
        """Bring the index up to the store; called under the lock, after the store was written.

        An index that cannot be updated stays stale, which the next command sees and mends. `progress` is told of the
        entries.
        """
        with contextlib.suppress(IndexCorrupt, OSError, ReadlistError):
            self.index.update(entries, origins, before, self._store.fingerprints(), definitions, progress=progress)


def _temporary_directory() -> Path:
    """A folder that goes when the process ends."""
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="readlist-")
    Path(folder).chmod(0o700)  # the umask may have taken more away
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
