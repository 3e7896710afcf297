"""The backups of a store file: earlier states of it, more of them the more recent they are.

    <state>/backups/marks.json/20261121T134512.123456Z      the state saved at that time, in UTC; names sort by time

The file that a change replaces was read and verified before, and gets a second name here: a hard link, which costs
nothing, since no save ever writes into a file. An irreplaceable file is also copied as soon as it is saved, so that
corruption of it does not take even the last change. The copy is not forced to the disk, which would take as long as the
save; the link takes its place when the file is replaced.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from readlist.store.atomic import copy_file, ensure_directory, link_or_copy, temporary_path, timestamp_name
from readlist.store.retention import IRREPLACEABLE, REPLACEABLE, retained


class Backup(NamedTuple):
    """An earlier state of a store file, and when it was saved."""

    path: Path
    time: dt.datetime

    @property
    def name(self) -> str:
        """The name that a user types: `marks.json/20261121T134512.123456Z`."""
        return f"{self.path.parent.name}/{self.path.name}"


class Backups:
    """The backups of one store file, in a directory of their own; they change only under the library's lock."""

    def __init__(self, directory: Path, *, irreplaceable: bool) -> None:
        self._directory = directory
        self._irreplaceable = irreplaceable

    def __iter__(self) -> Iterator[Backup]:
        """Iterate over all of them, the newest first."""
        names = sorted((path.name for path in self._directory.glob("[0-9]*Z")), reverse=True)
        return (Backup(self._directory / name, time) for name in names if (time := _parse_name(name)))

    def add_link(self, target: Path) -> None:
        """Keep a verified file that is about to be replaced.

        On a disk without hard links, or on another disk, an irreplaceable file is copied and any other is not kept.
        """
        path = self._directory / timestamp_name(self._saved_at(target))
        if path.exists() and path.samefile(target):  # a change died before it replaced the file
            return
        ensure_directory(self._directory)
        with temporary_path(self._directory / "backup") as temporary:
            if link_or_copy(target, temporary, copy=self._irreplaceable):
                temporary.replace(path)
        self._rotate()

    def add_copy(self, target: Path) -> None:
        """Copy an irreplaceable file that has just been saved; a full disk is no error, because the file is saved."""
        if not self._irreplaceable:
            return
        with contextlib.suppress(OSError):
            ensure_directory(self._directory)
            with temporary_path(self._directory / "backup") as temporary:
                copy_file(target, temporary)
                temporary.replace(self._directory / timestamp_name(self._saved_at(target)))

    def _saved_at(self, target: Path) -> dt.datetime:
        """Return when a file was saved; now, where another program gave it a time before the newest backup's."""
        now = dt.datetime.now(dt.UTC)
        saved = dt.datetime.fromtimestamp(min(max(target.stat().st_mtime, 0), now.timestamp()), dt.UTC)
        newest = max((backup.time for backup in self if backup.time <= now), default=saved)
        return saved if saved >= newest else now

    def _rotate(self) -> None:
        backups = list(self)
        policy = IRREPLACEABLE if self._irreplaceable else REPLACEABLE
        retained_times = retained((backup.time for backup in backups), dt.datetime.now(dt.UTC), policy)
        for backup in backups:
            if backup.time not in retained_times:
                backup.path.unlink()


def _parse_name(name: str) -> dt.datetime | None:
    """Return the time in a backup's file name, None for a file that is not a backup."""
    try:
        return dt.datetime.fromisoformat(name)
    except ValueError:
        return None
