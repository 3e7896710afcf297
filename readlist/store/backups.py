"""The backups of a store file: earlier states of it, more of them the more recent they are.

    <state>/backups/marks.json/000012-20261121T134512Z          the state with sequence 12, and its time in UTC
    <state>/backups/marks.json/000009-20261120T081503Z-pinned   a pinned one: it is never deleted
    <state>/backups/papers.json/000013-20261122T081503Z-incremental-000012   the difference from the full backup 000012

The sequence alone says which of two states is newer: it grows with every save, independently of the clock. A state that
another program put in place, an older one for example, gets the next free sequence when it is replaced, and the state
that was there before it is pinned. A repair pins the backups that it depends on. Backups without a sequence are those
of earlier versions of readlist, and older than all others.

The file that a change replaces was read and verified before, and gets a second name here: a hard link, which costs
nothing, since no save ever writes into a file. It is also copied as soon as it is saved, so that corruption of it does
not take even the last change; of a large file only the difference from the state before is kept, see `incremental`. The
copy is not forced to the disk, which would take as long as the save; the link takes its place when the file is
replaced. An incremental backup stays as long as the full one that it is based on.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from readlist.dates import utc_now
from readlist.private_files import ensure_directory
from readlist.store.atomic import (
    copy_file,
    link_or_copy,
    os_errors_as,
    temporary_path,
    timestamp_name,
    write_without_fsync,
)
from readlist.store.format import MAX_COUNT
from readlist.store.retention import retained

_PINNED = "-pinned"
_NAME = re.compile(
    r"(?P<state>(?:(?P<sequence>\d{6,18})-)?(?P<time>\d{8}T\d{6}(?:\.\d{6})?Z))"
    r"(?:-incremental-(?P<base>\d{6,18}))?(?P<pinned>-pinned)?"
)


class Backup(NamedTuple):
    """An earlier state of a store file; `time` is when it was saved by the clock of that moment.

    `base` is the sequence of the full backup that an incremental one is based on, None for a full one.
    """

    path: Path
    sequence: int
    time: dt.datetime
    is_pinned: bool = False
    base: int | None = None

    @property
    def name(self) -> str:
        """The name that a user types: `marks.json/000012-20261121T134512Z`."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def full_path(self) -> Path:
        """The path of the full backup of the same state."""
        return self.path.with_name(self.path.name.replace(_incremental_suffix(self.base), ""))


class Backups:
    """The backups of one store file, in a directory of their own; they change only under the library's lock."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __iter__(self) -> Iterator[Backup]:
        """Iterate over all of them, the newest first; none of a directory that the user may not read.

        Raises ReadlistError where it cannot be read for another reason.
        """
        names: list[str] = []
        absent = FileNotFoundError, NotADirectoryError, PermissionError  # no backup that could be used
        with os_errors_as("read", self.directory), contextlib.suppress(*absent):
            names = os.listdir(self.directory)  # noqa: PTH208 -- `Path.iterdir` takes longer: a change asks twenty times
        backups = filter(None, (_parse(self.directory, name) for name in names))
        return iter(sorted(backups, key=_order, reverse=True))

    @property
    def last_sequence(self) -> int:
        """The sequence of the newest backup, 0 without any."""
        return next((backup.sequence for backup in self), 0)

    def sequence_of(self, target: Path, sequence: int) -> int:
        """Return the sequence under which a file is kept whose metadata says `sequence`.

        It is that one, unless newer backups or another state have it: then another program put the file in place.
        """
        newest = self.last_sequence
        return sequence if sequence > newest or self._find_state(target, sequence) else newest + 1

    def add_link(self, target: Path, sequence: int, *, is_successor: bool = True) -> None:
        """Keep a verified file that is about to be replaced, under the sequence that `sequence_of` returned.

        Where it is not the successor of the newest backup, because another program replaced that state, that is pinned.
        """
        known = self._find_state(target, sequence)
        if not is_successor and (newest := next(iter(self), None)):
            self.pin(newest)
        if known and known.path.samefile(target):  # a change died before it replaced the file, or a user linked it
            return
        ensure_directory(self.directory)
        with temporary_path(self.directory / "backup") as temporary:
            link_or_copy(target, temporary)
            temporary.replace(known.full_path if known else self._new_path(target, sequence))
        self._rotate()

    def find(self, name: str) -> Backup | None:
        """Return the backup of this name, which may be without its directory, or be older than a pin.

        That of an incremental backup may also be older than the full one of the same state.
        """
        directory, _, name = name.rpartition("/")
        match = _NAME.fullmatch(name)
        if match is None or directory not in {"", self.directory.name}:
            return None
        same_state = [backup for backup in self if backup.path.name.startswith(match["state"])]
        return next((backup for backup in same_state if backup.path.name == name), next(iter(same_state), None))

    def find_bases(self, path: Path) -> list[Path]:
        """Return the full backups with the sequence of an incremental one's base, none for a full one.

        There are several where a library that had been copied took the place of the other one. Where there is none, it
        is a path at which there is nothing.
        """
        backup = _parse(path.parent, path.name)
        if backup is None or backup.base is None:
            return []
        bases = [full.path for full in self if full.base is None and full.sequence == backup.base]
        return bases or [self.directory / f"{backup.base:06}"]

    def _find_state(self, target: Path, sequence: int) -> Backup | None:
        """Return the backup of this state of the file."""
        candidates = (backup for backup in self if backup.sequence == sequence)
        return next((backup for backup in candidates if _is_same_state(backup.path, target)), None)

    def add_copy(self, target: Path, sequence: int) -> None:
        """Copy a file that has just been saved; a full disk is no error, because the file is saved."""
        with contextlib.suppress(OSError):
            ensure_directory(self.directory)
            with temporary_path(self.directory / "backup") as temporary:
                copy_file(target, temporary)
                _copy_modification_time(target, temporary)
                temporary.replace(self._new_path(target, sequence))
            self._remove_superseded()

    def add_incremental(self, target: Path, sequence: int, base: Backup, difference: bytes) -> bool:
        """Keep the difference of a file that has just been saved from a full backup; returns whether that succeeded."""
        try:
            with temporary_path(self.directory / "backup") as temporary:
                write_without_fsync(temporary, [difference])
                _copy_modification_time(target, temporary)
                path = self._new_path(target, sequence)
                temporary.replace(path.with_name(path.name + _incremental_suffix(base.sequence)))
            self._remove_superseded()
        except OSError:
            return False
        return True

    def _remove_superseded(self) -> None:
        """Remove the incremental backups of states that have a full one.

        Not before the file of that state has been replaced: until then the full one may be a second name of that file.
        """
        for backup in self:
            if backup.base is not None and backup.full_path.exists():
                backup.path.unlink()

    def pin(self, backup: Backup) -> Backup:
        """Let a backup never be deleted; returns it under its new name."""
        if backup.is_pinned:
            return backup
        path = backup.path.with_name(f"{backup.path.name}{_PINNED}")
        backup.path.replace(path)
        return backup._replace(path=path, is_pinned=True)

    def _new_path(self, target: Path, sequence: int) -> Path:
        return self.directory / f"{sequence:06}-{timestamp_name(_saved_at(target))}"

    def _rotate(self) -> None:
        pinned_bases = {backup.base for backup in self if backup.is_pinned}
        full = [backup for backup in self if backup.base is None]
        backups = [backup for backup in full if not backup.is_pinned and backup.sequence not in pinned_bases]
        stay = retained(backups, lambda backup: backup.time, lambda backup: backup.path.stat().st_size)
        for backup in backups:
            if backup not in stay:
                backup.path.unlink()
        bases = {backup.sequence for backup in self if backup.base is None}
        for backup in self:
            if backup.base is not None and backup.base not in bases and not backup.is_pinned:
                backup.path.unlink()


def _incremental_suffix(base: int | None) -> str:
    return "" if base is None else f"-incremental-{base:06}"


def _order(backup: Backup) -> tuple[int, dt.datetime, bool]:
    """Return by what backups are sorted: of two of one state the incremental one is the older one."""
    return backup.sequence, backup.time, backup.base is None


def _saved_at(target: Path) -> dt.datetime:
    """Return when a file was saved; now, where another program gave it a time that is not in the past."""
    now = utc_now()
    return dt.datetime.fromtimestamp(min(max(target.stat().st_mtime, 0), now.timestamp()), dt.UTC)


def _is_same_state(backup: Path, target: Path) -> bool:
    """Return whether a backup is of this state of the file, by the modification time, which no save repeats.

    The size of a copy that did not reach the disk before a power failure is a different one.
    """
    return backup.stat().st_mtime_ns == target.stat().st_mtime_ns


def _copy_modification_time(source: Path, target: Path) -> None:
    time = source.stat().st_mtime_ns
    with contextlib.suppress(OSError):  # a disk that refuses times: the state is then kept twice
        os.utime(target, ns=(time, time))


def _parse(directory: Path, name: str) -> Backup | None:
    """Return the backup of this name in a directory, None for a file that is none."""
    match = _NAME.fullmatch(name)
    if not match:
        return None
    try:
        time = dt.datetime.fromisoformat(match["time"])
    except ValueError:
        return None
    sequence, base = int(match["sequence"] or 0), int(match["base"]) if match["base"] else None
    return Backup(directory / name, sequence, time, bool(match["pinned"]), base) if sequence <= MAX_COUNT else None
