"""Doctor: runs the checks of a library in order, and their repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from readlist.doctor import contents, files
from readlist.doctor.index import IndexCheck
from readlist.doctor.report import Check, Components, Finding, LibrarySnapshot
from readlist.edits import build_entry
from readlist.errors import ReadlistError
from readlist.store import recovery
from readlist.store.file import gc_paused
from readlist.store.identity import read_metadata

if TYPE_CHECKING:
    from readlist.models import BackupCount


class Doctor:
    """The checks of a library's components, and `others`; `rebuild` rebuilds the index."""

    def __init__(self, components: Components, rebuild: Callable[[], object], others: Sequence[Check] = ()) -> None:
        self._components = components
        self._rebuild = rebuild
        self._others = others
        self.snapshot = LibrarySnapshot()
        """The content of the library at the last `diagnose` or `repair`."""

    def diagnose(self) -> list[Finding]:
        """Return all findings, those of the store first.

        What looks wrong while another process writes is examined again once it has finished.
        """
        findings = self._run_checks()
        if findings:
            with suppress(ReadlistError), self._components.lock:  # a lock that cannot be had is no finding
                return self._run_checks()
        return findings

    def _run_checks(self) -> list[Finding]:
        with gc_paused():
            return [finding for check in self._checks() for finding in check.run()]

    def repair(self) -> Iterator[str]:
        """Repair what can be repaired, and yield a line about each repair.

        Each check runs after the repairs of those before it. Papers that a repair could not restore are accepted as
        lost by the next repair only. Raises ReadlistError for what cannot be saved.
        """
        is_repaired = False
        with self._components.lock:
            self._components.papers.file.identity.adopt_state()
            for check in self._checks():
                if is_repaired and isinstance(check, contents.MissingPapersCheck):
                    continue
                for finding in list(check.run()):
                    if finding.fix:
                        yield finding.fix()
                        is_repaired = is_repaired or isinstance(check, files.StoreFilesCheck)

    def backups(self) -> list[BackupCount]:
        """Return the backups of the marks, the newest first."""
        return list(recovery.count_backups(self._components.marks.file))

    def _checks(self) -> Iterator[Check]:
        """Yield the checks in the order in which one component depends on another."""
        components = self._components
        known = files.StoreContents()
        yield files.PermissionsCheck(components)
        yield files.TemporaryFilesCheck(components)
        yield files.StoreFilesCheck(components, known)
        yield files.BackupsCheck(components)
        yield files.PinnedBackupsCheck(components)
        yield files.HistoryCheck(components)
        self.snapshot = self._read(known)
        yield IndexCheck(components, self.snapshot, self._rebuild)
        yield contents.MissingPapersCheck(self.snapshot, components.marks.set_paper_count)
        yield contents.OrphanedMarksCheck(self.snapshot)
        yield contents.MissingSourcesCheck(self.snapshot)
        yield contents.DuplicatesCheck(self.snapshot)
        yield contents.TagSpellingsCheck(self.snapshot)
        yield from self._others

    def _read(self, known: files.StoreContents) -> LibrarySnapshot:
        components = self._components
        try:
            papers, provenance, papers_status = components.papers.read(
                with_codes=True, content=known.take(components.papers.file)
            )
            marks, marks_status, definitions = components.marks.read(known.take(components.marks.file))
        except ReadlistError:  # reported by StoreFilesCheck
            return LibrarySnapshot()
        entries = [build_entry(paper, marks.get(paper.key), definitions.renamed_tags) for paper in papers]
        is_intact = papers_status.problem is None and marks_status.problem is None
        known_papers = read_metadata(self._components.marks.file.path).papers
        return LibrarySnapshot(entries, marks, provenance, definitions, known_papers, is_intact)
