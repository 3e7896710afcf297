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
from readlist.store.atomic import TEMP_GLOB, quarantine
from readlist.temporary_files import is_in_use, remove_abandoned
from readlist.text import plural

if TYPE_CHECKING:
    from readlist.store.file import RepairReport, StoreFile


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
                yield from (directory, *sorted(path for path in directory.rglob("*") if not path.is_symlink()))

    @staticmethod
    def _fix(paths: list[Path]) -> str:
        for path in paths:
            path.chmod(_expected_mode(path))
        return f"Corrected the permissions of {', '.join(map(str, paths))}"


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
                yield from directory.glob(f".{file.path.name}{TEMP_GLOB}")
        yield from self._components.state.rglob(TEMP_GLOB)

    @staticmethod
    def _fix(paths: Sequence[Path]) -> str:
        remaining = remove_abandoned(paths)
        return f"Removed temporary files: {', '.join(str(path) for path in paths if path not in remaining)}"


class StoreFilesCheck:
    """The store files: corrupt, written by a newer version, unreadable, or missing."""

    def __init__(self, components: Components) -> None:
        self._components = components

    def run(self) -> Iterator[Finding]:
        """Yield a finding for each file with a problem."""
        papers, marks = self._components.papers, self._components.marks
        yield from _check_store_file(papers.file, partial(papers.repair, self._components.quarantine))
        yield from _check_store_file(marks.file, partial(marks.repair, self._components.quarantine))


def _check_store_file(file: StoreFile, repair: Callable[[], RepairReport | None]) -> Iterator[Finding]:
    try:
        content = file.content()
        missing, foreign = file.missing_message(), file.foreign_message()
    except ReadlistError as error:
        problem, remedy = _split(str(error))
        yield Finding(Level.ERROR, problem, remedy or "check its permissions")
        return
    if missing:
        yield Finding(Level.ERROR, *_split(missing), fix=partial(_replace_missing, file))
    elif content.is_newer:
        yield Finding(Level.ERROR, f"data file has a newer schema: {file.path}", "upgrade readlist")
    elif content.corruption:
        fix = partial(_repair, file, repair)
        yield Finding(Level.ERROR, f"data file is corrupt: {file.path}", FIX, content.corruption, fix)
    elif foreign:
        yield Finding(Level.ERROR, *_split(foreign), fix=partial(_join, file))
    elif content.sequence and content.sequence < file.backups.last_sequence:
        message = f"data file is older than its newest backup: {file.path}; another program put it there"
        yield Finding(Level.WARNING, message, f"to return to that state: readlist backup restore {file.path.name}")


def _split(message: str) -> tuple[str, str]:
    """Return the problem and the remedy of a message."""
    problem, _, remedy = message.partition("; ")
    return problem, remedy


def _repair(file: StoreFile, repair: Callable[[], RepairReport | None]) -> str:
    report = repair()
    if report is None:
        return f"Already intact: {file.path}"
    noun = _noun(file)
    parts = [f"Repaired {file.path}: {plural(report.intact, noun)} from the file"]
    if report.backup:
        parts[0] += f" and {report.restored:,} from backup {report.backup.name}"
    if report.not_restored:
        names = ", ".join(backup.name for backup in report.others)
        parts.append(f"{plural(report.not_restored, noun)} of other backups not restored: {names}")
    return "; ".join([*parts, f"the corrupt file is kept as {report.quarantined}"])


def _replace_missing(file: StoreFile) -> str:
    difference = file.replace_with_backup()
    if difference.backup is None:
        return f"Created an empty file: {file.path}; no backup was found"
    return f"Restored {file.path}: {plural(difference.put_back, _noun(file))} from backup {difference.backup.name}"


def _join(file: StoreFile) -> str:
    file.join()
    return f"Joined with this library: {file.path}"


def _noun(file: StoreFile) -> str:
    return "paper" if file.path.name == "papers.json" else "mark"


class BackupsCheck:
    """Corrupt backups; those that a newer version wrote are left alone."""

    def __init__(self, components: Components) -> None:
        self._components = components

    def run(self) -> Iterator[Finding]:
        """Yield a finding for each store file with a corrupt backup."""
        for file in (self._components.marks.file, self._components.papers.file):
            if corrupt := [backup.path for backup in file.backups if _is_corrupt(file, backup.path)]:
                fix = partial(_quarantine_all, corrupt, self._components.quarantine)
                message = f"corrupt backups of {file.path.name}"
                yield Finding(Level.WARNING, message, FIX, tuple(path.name for path in corrupt), fix)


def _is_corrupt(file: StoreFile, backup: Path) -> bool:
    try:
        return bool(file.content(backup).corruption)
    except ReadlistError:
        return True


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
