"""The doctor: what may be wrong with a library, each with what mends it. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from readlist import edits
from readlist.doctor import contents, files
from readlist.doctor.report import FIX, Finding, Held, Level, Parts
from readlist.errors import ReadlistError
from readlist.models import Provenance
from readlist.search.index.integrity import integrity_error
from readlist.search.index.reader import is_current
from readlist.search.index.writer import IndexContents
from readlist.store.fingerprint import stamp

if TYPE_CHECKING:
    from readlist.models import BackupCount

_NOTHING = Held([], {}, Provenance(), is_sound=False)


class Doctor:
    """Examines the parts of a library, and mends them; `rebuild` builds the index anew."""

    def __init__(self, parts: Parts, rebuild: Callable[[], object]) -> None:
        self._parts = parts
        self._rebuild = rebuild
        self.held = _NOTHING
        """What the library held when it was examined last."""

    def examine(self) -> list[Finding]:
        """All there is to be said, the store first."""
        return [finding for check in self._checks() for finding in check()]

    def mend(self) -> Iterator[str]:
        """Mend what can be mended, and tell each thing that was done. Raises ReadlistError for what cannot be saved."""
        with self._parts.lock:
            for check in self._checks():
                for finding in list(check()):
                    if finding.fix:
                        yield finding.fix()

    def backups(self) -> list[BackupCount]:
        """What is in each backup of the marks, the newest first."""
        return list(self._parts.marks.file.count_backups())

    def _checks(self) -> Iterator[Callable[[], Iterator[Finding]]]:
        """In the order in which one thing rests on the other."""
        for check in (files.modes, files.leftovers, files.store_files, files.backups, files.history):
            yield partial(check, self._parts)
        self.held = self._read()
        yield self._index
        for look in (contents.marks_without_a_paper, contents.sources, contents.namesakes, contents.spellings):
            yield partial(look, self.held)

    def _read(self) -> Held:
        try:
            papers, origins, papers_damage = self._parts.papers.read()
            marks, marks_damage, names = self._parts.marks.read()
        except ReadlistError:  # which `store_files` has told of
            return _NOTHING
        entries = [edits.build_entry(paper, marks.get(paper.key), names.renamed_tags) for paper in papers]
        return Held(entries, marks, origins, not papers_damage and not marks_damage, names)

    def _index(self) -> Iterator[Finding]:
        stamps = stamp(self._parts.papers.file.path), stamp(self._parts.marks.file.path)
        if not self.held.is_sound or not any(stamps):
            return
        contents = IndexContents(self.held.entries, definitions=self.held.names)
        if not is_current(self._parts.index, stamps):
            what = "the search index is not that of the store"
            yield Finding(Level.INFO, what, "the next command builds it anew", fix=self._build_index)
        elif fault := integrity_error(self._parts.index, contents):
            yield Finding(Level.MEND, f"the search index is damaged: {fault}", FIX, fix=self._build_index)

    def _build_index(self) -> str:
        self._rebuild()
        return "the search index was built anew"
