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
from readlist.search.index.index import Index, IndexCorrupt, Progress, unseen

if TYPE_CHECKING:
    from readlist.models import Entry, Provenance
    from readlist.store import Store

_T = TypeVar("_T")
_NO_NAMES = UserDefinitions()


class Mirror:
    """The index of a store; `warn` is told in one line of each fault of the store that it meets."""

    def __init__(self, store: Store, index: Index, warn: Callable[[str], None]) -> None:
        self.index = index
        self._store = store
        self._warn = warn

    def ask(self, question: Callable[[Index], _T]) -> _T:
        """The answer of an index that is true."""
        self.make_true()
        with contextlib.suppress(IndexCorrupt):
            return question(self.index)
        self.rebuild()  # now that the error is gone: it would hold what it had opened, and with it the file
        try:
            return question(self.index)
        except IndexCorrupt as error:
            raise ReadlistError(f"the search index cannot be read: {error}") from error

    def make_true(self) -> tuple[str, str]:
        """See to it that the index is that of the store; returns the stamps of the store files that it is true to."""
        stamps = self._store.stamps()
        if self.index.is_true(stamps):
            return stamps
        with contextlib.suppress(ReadlistError), self._store.lock:
            pass  # somebody may be between the store and the index: once they are done, nothing is left to do
        stamps = self._store.stamps()
        return stamps if self.index.is_true(stamps) else self.rebuild()

    def rebuild(self) -> tuple[str, str]:
        """Build the index anew; returns the stamps of the store that it is of."""
        stamps = self._store.stamps()  # taken before the files are read: a change in between leaves a stale index
        try:
            self._build(stamps)
        except OSError:  # no place for a cache: an index for this process alone
            try:
                self.index = Index(_folder_for_now() / "index.sqlite")
                self._build(stamps)
            except OSError as error:
                raise ReadlistError(f"there is no room for a search index: {error}") from error
        return stamps

    def _build(self, stamps: tuple[str, str]) -> None:
        papers, origins, papers_damage = self._store.papers.read()
        marks, marks_damage, names = self._store.marks.read()
        entries = (edits.build_entry(paper, marks.get(paper.key), names.renamed_tags) for paper in papers)
        faults = [self._store.marks.file.loss()]
        for path, damage in zip(self._store.files, (papers_damage, marks_damage), strict=True):
            if damage:
                way_back = "only what is sound of it is shown; to mend it: readlist doctor --fix"
                faults.append(f"{path} is damaged ({damage[0]}); {way_back}")
        for fault in filter(None, faults):
            self._warn(fault)
            stamps = ("", "damaged")  # an index that is never true: each command says what is wrong
        self.index.rebuild(entries, origins, stamps, names)

    def update(
        self,
        entries: Iterable[Entry],
        origins: Provenance,
        before: tuple[str, str],
        names: UserDefinitions = _NO_NAMES,
        *,
        progress: Progress = unseen,
    ) -> None:
        """Bring the index up to the store; called under the lock, after the store was written.

        An index that cannot be updated stays stale, which the next command sees and mends. `progress` is told of the
        entries.
        """
        with contextlib.suppress(IndexCorrupt, OSError, ReadlistError):
            self.index.update(entries, origins, before, self._store.stamps(), names, progress=progress)


def _folder_for_now() -> Path:
    """A folder that goes when the process ends."""
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="readlist-")
    Path(folder).chmod(0o700)  # the umask may have taken more away
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
