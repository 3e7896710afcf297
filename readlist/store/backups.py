"""The backups of a store file: earlier states of it, more of them the more recent they are.

    <state>/backups/marks.json/000012-20261121T134512Z          the state with sequence 12, and its time in UTC
    <state>/backups/marks.json/000009-20261120T081503Z-pinned   a pinned one: it is never deleted

The sequence alone says which of two states is newer: it grows with every save, independently of the clock. A state that
another program put in place, an older one for example, gets the next free sequence when it is replaced, and the state
that was there before it is pinned. A repair pins the backups that it depends on. Backups without a sequence are those
of earlier versions of readlist, and older than all others.

The file that a change replaces was read and verified before, and gets a second name here: a hard link, which costs
nothing, since no save ever writes into a file. It is also copied as soon as it is saved, so that corruption of it does
not take even the last change. The copy is not forced to the disk, which would take as long as the save; the link takes
its place when the file is replaced.
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
from readlist.store.atomic import copy_file, link_or_copy, os_errors_as, temporary_path, timestamp_name
from readlist.store.format import MAX_COUNT
from readlist.store.retention import retained

_PINNED = "-pinned"
_NAME = re.compile(r"(?:(?P<sequence>\d{6,18})-)?(?P<time>\d{8}T\d{6}(?:\.\d{6})?Z)(?P<pinned>-pinned)?")


class Backup(NamedTuple):
    """An earlier state of a store file; `time` is when it was saved by the clock of that moment."""

    path: Path
    sequence: int
    time: dt.datetime
    is_pinned: bool = False

    @property
    def name(self) -> str:
        """The name that a user types: `marks.json/000012-20261121T134512Z`."""
        return f"{self.path.parent.name}/{self.path.name}"


class Backups:
    """The backups of one store file, in a directory of their own; they change only under the library's lock."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __iter__(self) -> Iterator[Backup]:
        """Iterate over all of them, the newest first. Raises ReadlistError where the directory cannot be read."""
        with os_errors_as("read", self.directory):
            parsed = list(filter(None, map(_parse, self.directory.glob("[0-9]*Z*"))))
        return iter(sorted(parsed, key=lambda backup: (backup.sequence, backup.time), reverse=True))

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
        if known and known.path.samefile(target):  # a change died before it replaced the file
            return
        if not is_successor and (newest := next(iter(self), None)):
            self.pin(newest)
        ensure_directory(self.directory)
        with temporary_path(self.directory / "backup") as temporary:
            link_or_copy(target, temporary)
            temporary.replace(known.path if known else self._new_path(target, sequence))
        self._rotate()

    def find(self, name: str) -> Backup | None:
        """Return the backup of this name, which may be without its directory, or be older than a pin."""
        name = f"{self.directory.name}/{name}" if "/" not in name else name
        return next((backup for backup in self if name in {backup.name, backup.name.removesuffix(_PINNED)}), None)

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
        backups = [backup for backup in self if not backup.is_pinned]
        stay = retained(backups, lambda backup: backup.time, lambda backup: backup.path.stat().st_size)
        for backup in backups:
            if backup not in stay:
                backup.path.unlink()


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


def _parse(path: Path) -> Backup | None:
    """Return the backup at this path, None for a file that is none."""
    match = _NAME.fullmatch(path.name)
    if not match:
        return None
    try:
        time = dt.datetime.fromisoformat(match["time"])
    except ValueError:
        return None
    sequence = int(match["sequence"] or 0)
    return Backup(path, sequence, time, bool(match["pinned"])) if sequence <= MAX_COUNT else None
