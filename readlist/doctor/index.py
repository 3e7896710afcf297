"""The check of the search index."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from readlist.doctor.report import FIX, Components, Finding, Level, LibrarySnapshot
from readlist.errors import StoreError
from readlist.search.index.integrity import integrity_error
from readlist.search.index.reader import is_current
from readlist.search.index.writer import IndexContents
from readlist.store.fingerprint import fingerprint
from readlist.store.people import read_marks


class IndexCheck:
    """An index that is stale or corrupt; staleness is found by comparing it with the store files."""

    def __init__(self, components: Components, snapshot: LibrarySnapshot, rebuild: Callable[[], object]) -> None:
        self._components = components
        self._snapshot = snapshot
        self._rebuild = rebuild

    def run(self) -> Iterator[Finding]:
        """Yield what is wrong with it, and with the marks of others that it is built from.

        That is nothing where the store has problems of its own, or is empty.
        """
        components, snapshot = self._components, self._snapshot
        if not snapshot.is_intact:
            return
        files = components.papers.file.path, components.marks.file.path, components.people_file
        papers, marks, people = map(fingerprint, files)
        if not papers and not marks:
            return
        try:
            marks_of_others = read_marks(components.people_file)
        except StoreError as failure:
            marks_of_others = {}
            problem, _, remedy = str(failure).partition("; ")
            yield Finding(Level.WARNING, problem, remedy)
        contents = IndexContents(snapshot.entries, snapshot.provenance, snapshot.definitions, people=marks_of_others)
        if not is_current(components.index, (papers, marks, people)):
            message = "the search index is not current"
            yield Finding(Level.INFO, message, "nothing to do: the next command rebuilds it", fix=self._fix)
        elif error := integrity_error(components.index, contents):
            yield Finding(Level.WARNING, f"the search index is corrupt: {error}", FIX, fix=self._fix)

    def _fix(self) -> str:
        self._rebuild()
        return "Rebuilt the search index"
