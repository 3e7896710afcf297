"""Doctor: runs the checks of a library in order, and their repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from readlist.doctor import contents, files
from readlist.doctor.index import IndexCheck
from readlist.doctor.reading import LibraryReader
from readlist.doctor.report import Check, Components, Finding, LibrarySnapshot
from readlist.errors import ReadlistError
from readlist.store.file import gc_paused

if TYPE_CHECKING:
    import datetime as dt


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

    def count_backups(self) -> tuple[int, dt.datetime | None]:
        """Return how many backups both data files have, and when the newest one was saved, None without any."""
        backups = [list(file.backups) for file in (self._components.marks.file, self._components.papers.file)]
        newest = max((of_file[0].time for of_file in backups if of_file), default=None)
        return sum(map(len, backups)), newest

    def _checks(self) -> Iterator[Check]:
        """Yield the checks in the order in which one component depends on another."""
        components = self._components
        reader = LibraryReader(components)
        yield files.PermissionsCheck(components)
        yield files.TemporaryFilesCheck(components)
        yield files.StoreFilesCheck(components, reader)
        yield files.BackupsCheck(components, reader)
        yield files.PinnedBackupsCheck(components, reader)
        yield files.HistoryCheck(components)
        self.snapshot = reader.read()
        yield IndexCheck(self.snapshot, self._rebuild)
        yield contents.MissingPapersCheck(self.snapshot, components.marks.set_paper_count)
        yield contents.OrphanedMarksCheck(self.snapshot)
        yield contents.MissingSourcesCheck(self.snapshot)
        yield contents.DuplicatesCheck(self.snapshot)
        yield contents.TagSpellingsCheck(self.snapshot)
        yield from self._others
