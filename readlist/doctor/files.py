"""Checks of the files of a library: permissions, temporary files, store files, backups, history."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.doctor.report import FIX, Components, Finding, Level
from readlist.errors import ReadlistError
from readlist.private_files import DIRECTORY_MODE, FILE_MODE
from readlist.store import recovery
from readlist.store.atomic import TEMP_GLOB, quarantine, temporary_files
from readlist.temporary_files import is_in_use, remove_abandoned
from readlist.text import plural

if TYPE_CHECKING:
    from readlist.doctor.reading import LibraryReader
    from readlist.store.file import FileStatus, StoreFile
    from readlist.store.recovery import RepairReport


class PermissionsCheck:
    """Files and directories that others may read, or that their owner may not.

    The directory of the store files is left out: a user may have chosen one that has other files too.
    """

    def __init__(self, components: Components) -> None:
        self._components = components

    def run(self) -> Iterator[Finding]:
        """Yield one finding for all files with a wrong mode."""
        if sys.platform == "win32":
            return
        if wrong := list(filter(_has_wrong_mode, self._library_paths())):
            message = "wrong file permissions"
            yield Finding(Level.WARNING, message, FIX, tuple(map(str, wrong)), partial(self._fix, wrong))

    def _library_paths(self) -> Iterator[Path]:
        components = self._components
        stores = (components.papers.file.path, components.marks.file.path)
        yield from (path for path in stores if path.is_file())
        for directory in (components.state, components.cache):
            if directory.is_dir():
                paths = (path for path in directory.rglob("*") if not path.is_symlink() and not _is_in_repository(path))
                yield from (directory, *sorted(paths))

    @staticmethod
    def _fix(paths: list[Path]) -> str:
        for path in paths:
            path.chmod(_expected_mode(path))
        return f"Corrected the permissions of {', '.join(map(str, paths))}"


def _is_in_repository(path: Path) -> bool:
    """Return whether a file is in the git repository of a sync: git has its own modes, in a directory of ours."""
    return any(parent.suffix == ".git" for parent in path.parents)


def _has_wrong_mode(path: Path) -> bool:
    try:
        return stat.S_IMODE(path.stat().st_mode) != _expected_mode(path)
    except FileNotFoundError:  # another process has just removed it
        return False


def _expected_mode(path: Path) -> int:
    return DIRECTORY_MODE if path.is_dir() else FILE_MODE


class TemporaryFilesCheck:
    """Temporary files of killed processes, which no process uses."""

    def __init__(self, components: Components) -> None:
        self._components = components

    def run(self) -> Iterator[Finding]:
        """Yield one finding for all of them."""
        stale = tuple(path for path in self._temporary_files() if is_in_use(path) is False)
        if stale:
            message = "temporary files of a killed process"
            yield Finding(Level.WARNING, message, FIX, tuple(map(str, stale)), partial(self._fix, stale))

    def _temporary_files(self) -> Iterator[Path]:
        files = (self._components.papers.file, self._components.marks.file)
        for directory in sorted({Path(os.path.realpath(file.path)).parent for file in files}):
            for file in files:
                yield from temporary_files(directory / file.path.name)
        yield from self._components.state.rglob(TEMP_GLOB)

    @staticmethod
    def _fix(paths: Sequence[Path]) -> str:
        remaining = remove_abandoned(paths)
        return f"Removed temporary files: {', '.join(str(path) for path in paths if path not in remaining)}"


class StoreFilesCheck:
    """The store files: corrupt, written by a newer version, unreadable, or missing."""

    def __init__(self, components: Components, reader: LibraryReader) -> None:
        self._components = components
        self._reader = reader

    def run(self) -> Iterator[Finding]:
        """Yield a finding for each file with a problem."""
        papers, marks = self._components.papers, self._components.marks
        statuses = self._reader.read().statuses
        for file, repair in ((papers.file, papers.repair), (marks.file, marks.repair)):
            yield from _check_store_file(file, statuses[file.path], partial(repair, self._components.quarantine))


def _check_store_file(
    file: StoreFile, status: FileStatus | ReadlistError, repair: Callable[[], RepairReport | None]
) -> Iterator[Finding]:
    if isinstance(status, ReadlistError):
        message, _, remedy = str(status).partition("; ")
        yield Finding(Level.ERROR, message, remedy or "check its permissions")
        return
    problem, newer_backup = status
    if problem:
        fixes = {
            "missing": partial(_replace_missing, file),
            "corrupt": partial(_repair, file, repair),
            "foreign": partial(_keep_foreign, file),
        }
        yield Finding(Level.ERROR, problem.message, problem.remedy, problem.details, fixes.get(problem.kind))
    elif newer_backup:
        message = f"data file is older than its newest backup: {file.path} (newest: {newer_backup.name})"
        yield Finding(Level.WARNING, message, f"to restore that backup: readlist backup restore {newer_backup.name}")


def _repair(file: StoreFile, repair: Callable[[], RepairReport | None]) -> str:
    report = repair()
    if report is None:
        return f"Already intact: {file.path}"
    noun = _noun(file)
    sources = [f"{plural(report.intact, noun)} from the file"]
    if report.backup and report.restored:
        sources.append(f"{report.restored:,} from backup {report.backup.name}")
    if report.merged:
        sources.append(f"{plural(report.merged, noun)} from both sides of a conflict")
    parts = [f"Repaired {file.path}: {', '.join(sources)}"]
    if report.not_restored:
        names = ", ".join(backup.name for backup in report.others)
        verb = "is" if report.not_restored == 1 else "are"
        parts.append(f"{plural(report.not_restored, noun)} {verb} only in other backups: {names}")
    return "; ".join([*parts, f"the corrupt file is quarantined as {report.quarantined}"])


def _replace_missing(file: StoreFile) -> str:
    difference = recovery.replace_with_backup(file)
    if difference.backup is None:
        return f"Created an empty file: {file.path}; no backup was found"
    return f"Restored {file.path}: {plural(difference.restored, _noun(file))} from backup {difference.backup.name}"


def _keep_foreign(file: StoreFile) -> str:
    """Assign the file to this library, or, where both files are of another one, the state directory to that."""
    file.identity.accept_library()
    recovery.assign_library(file)
    return f"Assigned to this library: {file.path}"


def _noun(file: StoreFile) -> str:
    return "paper" if file.path.name == "papers.json" else "mark"


class PinnedBackupsCheck:
    """Records that only a pinned backup has: a repair, or another program that replaced a file, did not keep them.

    Of a file with problems it is not known which records are lost before it is repaired.
    """

    def __init__(self, components: Components, reader: LibraryReader) -> None:
        self._components = components
        self._reader = reader

    def run(self) -> Iterator[Finding]:
        """Yield a finding for each pinned backup with such records."""
        statuses = self._reader.read().statuses
        for file in (self._components.papers.file, self._components.marks.file):
            status = statuses[file.path]
            if isinstance(status, ReadlistError) or status.problem:
                continue
            pinned = [backup for backup in file.backups if backup.is_pinned]
            present = self._reader.read_ids(file) if pinned else set()
            for backup in pinned:
                if missing := self._reader.read_ids(file, backup.path) - present:
                    count, verb = plural(len(missing), _noun(file)), "is" if len(missing) == 1 else "are"
                    message = f"{count} {verb} only in a pinned backup: {backup.name}"
                    remedy = f"to restore it: readlist backup restore {backup.name}; to dismiss this, delete the backup"
                    yield Finding(Level.INFO, message, remedy)


class BackupsCheck:
    """Corrupt backups; those that a newer version wrote are left alone."""

    def __init__(self, components: Components, reader: LibraryReader) -> None:
        self._components = components
        self._reader = reader

    def run(self) -> Iterator[Finding]:
        """Yield a finding for each store file with a corrupt backup."""
        for file in (self._components.marks.file, self._components.papers.file):
            if corrupt := [backup.path for backup in file.backups if self._reader.is_corrupt(file, backup.path)]:
                fix = partial(_quarantine_all, corrupt, self._components.quarantine)
                message = f"corrupt backups of {file.path.name}"
                yield Finding(Level.WARNING, message, FIX, tuple(path.name for path in corrupt), fix)


class HistoryCheck:
    """History entries that cannot be undone or redone, because they or one in front of them are corrupt."""

    def __init__(self, components: Components) -> None:
        self._components = components

    def run(self) -> Iterator[Finding]:
        """Yield one finding for all of them."""
        try:
            unreachable = self._components.history.unreachable()
        except ReadlistError as error:
            yield Finding(Level.WARNING, str(error), "check its permissions")
            return
        if unreachable:
            fix = partial(_quarantine_all, unreachable, self._components.quarantine)
            count = plural(len(unreachable), "change")
            message = f"corrupt history entry: {count} cannot be undone or redone"
            yield Finding(Level.WARNING, message, FIX, tuple(path.name for path in unreachable), fix)


def _quarantine_all(paths: list[Path], directory: Path) -> str:
    return f"Quarantined: {', '.join(str(quarantine(path, directory)) for path in paths)}"
