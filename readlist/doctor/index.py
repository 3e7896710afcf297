"""The check of the search index."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from readlist.doctor.report import FIX, Components, Finding, Level, LibrarySnapshot
from readlist.search.index.integrity import integrity_error
from readlist.search.index.reader import is_current
from readlist.search.index.writer import IndexContents
from readlist.store.fingerprint import fingerprint


class IndexCheck:
    """An index that is stale or corrupt; staleness is found by comparing it with the store files."""

    def __init__(self, components: Components, snapshot: LibrarySnapshot, rebuild: Callable[[], object]) -> None:
        self._components = components
        self._snapshot = snapshot
        self._rebuild = rebuild

    def run(self) -> Iterator[Finding]:
        """Yield at most one finding; none where the store has problems of its own, or is empty."""
        components, snapshot = self._components, self._snapshot
        if not snapshot.is_intact:
            return
        fingerprints = fingerprint(components.papers.file.path), fingerprint(components.marks.file.path)
        if not any(fingerprints):
            return
        contents = IndexContents(snapshot.entries, snapshot.provenance, snapshot.definitions)
        if not is_current(components.index, fingerprints):
            message = "the search index is not current"
            yield Finding(Level.INFO, message, "nothing to do: the next command rebuilds it", fix=self._fix)
        elif error := integrity_error(components.index, contents):
            yield Finding(Level.WARNING, f"the search index is corrupt: {error}", FIX, fix=self._fix)

    def _fix(self) -> str:
        self._rebuild()
        return "Rebuilt the search index"
