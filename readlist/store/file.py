"""Store files: the one safe way to write them, and the only code that opens one for writing.

TinyDB's own storage writes in place, and loses data when it is killed, when the disk is full and when two processes
write (`tests/faults` shows it). Here a change takes these steps:

 1. Take the library's lock, which ends with its process, so that nobody changes the file that is to be replaced.
 2. Read the file again and verify it. A corrupt or newer file is never overwritten: that would make the loss final.
 3. Change the tables in memory. An exception, Ctrl-C or a change of nothing ends here: the file is not touched.
 4. Write all of it to a temporary file (0600): what cannot be serialised, or does not fit on the disk, leaves the old
    file intact.
 5. In the same directory, symlinks followed: a rename is atomic within one file system only, and a link stays a link.
 6. fsync it: a rename that reaches the disk before the content leaves an empty file after a power failure.
 7. Keep the old file as a backup, see `backups`; it was verified in step 2.
 8. os.replace: the old file or the new one, never anything in between. No other program may have saved meanwhile.
 9. fsync the directory. Only now is the change saved.
10. Copy an irreplaceable file, so that later corruption does not lose the last change.
11. On any failure the temporary file is removed; that of a killed process is removed by the next change.

Readers never lock and never write: what they have opened stays complete while a writer replaces it.
"""

from __future__ import annotations

import gc
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from readlist.errors import Busy, NoSuchItem, ReadlistError, StoreError
from readlist.models import BackupCount
from readlist.store import format as file_format
from readlist.store.atomic import (
    ensure_directory,
    fsync_directory,
    os_errors_as,
    quarantine,
    temporary_path,
    write_and_fsync,
)
from readlist.store.backups import Backup, Backups
from readlist.store.fingerprint import fingerprint, stat_fingerprint

if TYPE_CHECKING:
    from readlist.store.database import Database
    from readlist.store.format import Content, Tables
    from readlist.store.history import RecordSet
    from readlist.store.lock import Lock

_READ_AHEAD = 1 << 20


class RepairReport(NamedTuple):
    """How a corrupt file was repaired: how many records came from it and from a backup, and where it is kept."""

    quarantined: Path
    intact: int
    restored: int
    backup: Backup | None


class StoreFile:
    """A JSON file of the library with these tables; the first one holds the records that the file is for.

    An `irreplaceable` file cannot be loaded again: more backups of it are kept, and they are copied where the disk has
    no hard links.
    """

    def __init__(self, path: Path, lock: Lock, backups: Path, tables: Sequence[str], *, irreplaceable: bool) -> None:
        self.path = path
        self.backups = Backups(backups / path.name, irreplaceable=irreplaceable)
        self._lock = lock
        self._irreplaceable = irreplaceable
        self._tables = tables

    def read(self) -> Database:
        """Read the intact records as they are now; a missing file is empty. Neither locks nor writes."""
        from readlist.store.database import Database

        content = self.content()
        return Database(content.tables, content.corruption)

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Lock the file and read it; what the block changes is saved once, at its end, all or nothing.

        Raises StoreError when the file is corrupt, missing or newer, Busy when the lock cannot be had, ReadlistError
        with path and reason when it cannot be read or saved.
        """
        from readlist.store.database import Database

        with self._lock, _gc_paused():
            content, before = self._read(self.path)
            self.require_intact(content)
            if missing := self.missing_file_message():
                raise StoreError(missing)
            database = Database(content.tables)
            yield database
            if database.memory.is_changed:
                self._save(database.memory.tables, before)

    def content(self, backup: Path | None = None) -> Content:
        """Read the content of the file, or of one of its backups."""
        return self._read(backup or self.path)[0]

    def require_intact(self, content: Content) -> None:
        """Raise StoreError for content of this file that must not be overwritten."""
        require_intact(self.path, content, "to repair it: readlist doctor --fix")

    def missing_file_message(self) -> str:
        """Return how to recover an irreplaceable file that is missing although it has backups, "" otherwise.

        Creating an empty file would rotate its backups until none has the lost records.
        """
        if not self._irreplaceable:
            return ""
        with os_errors_as("read", self.path):
            if self.path.exists() or (newest := next(self.valid_backups(), None)) is None:
                return ""
        time = f"{newest[0].time.astimezone():%Y-%m-%d %H:%M}"
        return (
            f"data file is missing: {self.path}; to restore it as of {time}: readlist backup restore; "
            f"to start without it, delete its backups: {newest[0].path.parent}"
        )

    def recreate_empty(self) -> None:
        """Create an empty file in place of a missing one that has backups, so that it can be restored."""
        with self._lock:
            if self.missing_file_message():
                self._save(file_format.empty_content(self._tables).tables, "")

    def repair(self, directory: Path, revise: Callable[[Tables], None] | None = None) -> RepairReport | None:
        """Repair a corrupt file and quarantine it in `directory`; None where it is intact.

        Its intact records stay, and those that it lacks come from the newest valid backup. `revise` may change the
        tables before they are saved. Raises StoreError for a newer file.
        """
        with self._lock, _gc_paused():
            content, before = self._read(self.path)
            if not content.corruption:
                return None
            self.require_intact(replace(content, corruption=()))
            backup, known = next(self.valid_backups(), (None, file_format.empty_content(self._tables)))
            quarantined = quarantine(self.path, directory, move=False)
            tables = file_format.merge_with_backup(content, known)
            if revise:
                revise(tables)
            self._save(tables, before, is_valid=False)
        intact, total = (len(records[self._tables[0]]) for records in (content.tables, tables))
        return RepairReport(quarantined, intact, total - intact, backup)

    def count_backups(self) -> Iterator[BackupCount]:
        """Iterate over the backups with the number of their records, the newest first."""
        for backup in self.backups:
            with suppress(ReadlistError, FileNotFoundError):  # one that was rotated away meanwhile
                content = self.content(backup.path)
                records = len(content.tables[self._tables[0]]) if content.is_valid else None
                yield BackupCount(backup.name, backup.time, records, backup.path.stat().st_size)

    def valid_backups(self) -> Iterator[tuple[Backup, Content]]:
        """Iterate over the backups that are complete and not newer, the newest first."""
        for backup in self.backups:
            with suppress(ReadlistError):  # one that cannot be read does not count
                content = self.content(backup.path)
                if content.is_valid:
                    yield backup, content

    def diff_with_backup(self, name: str) -> tuple[Backup, RecordSet] | None:
        """Return a backup and its records that differ from the file's, None for those that it lacks.

        It is the backup of this name, or, for "" and for the file's own name, the newest valid one that differs; None
        where none differs. Raises NoSuchItem for an unknown name, StoreError where the backup or the file is corrupt.
        """
        now = self.content()
        self.require_intact(now)
        if name not in ("", self.path.name):
            backup = self._find_backup(name)
            content = self.content(backup.path)
            require_intact(backup.path, content, "to list the backups: readlist backup")
            return backup, _diff(now.tables, content.tables)
        for backup, content in self.valid_backups():
            if records := _diff(now.tables, content.tables):
                return backup, records
        return None

    def _find_backup(self, name: str) -> Backup:
        for backup in self.backups:
            if name in (backup.name, backup.path.name):
                return backup
        raise NoSuchItem(f"no such backup: {name}; to list them: readlist backup")

    def _read(self, path: Path) -> tuple[Content, str]:
        """Read a file; returns its content and its fingerprint."""
        with os_errors_as("read", path), _gc_paused():
            try:
                status = path.stat()  # before opening, which blocks indefinitely on a FIFO
            except FileNotFoundError:
                return file_format.empty_content(self._tables), ""
            if not stat.S_ISREG(status.st_mode):
                raise StoreError(f"not a regular file: {path}")
            with path.open("rb", buffering=_READ_AHEAD) as file:
                read_fingerprint = stat_fingerprint(os.fstat(file.fileno()))
                return file_format.parse(file, self._tables), read_fingerprint

    def _save(self, tables: Tables, before: str, *, is_valid: bool = True) -> None:
        """Save the tables; `is_valid` says that the file to be replaced is worth a backup."""
        target = Path(os.path.realpath(self.path))
        with os_errors_as("save", self.path):
            ensure_directory(target.parent)
            with temporary_path(target) as temporary:
                write_and_fsync(temporary, file_format.serialize(tables))
                if fingerprint(target) != before:
                    raise Busy(
                        f"changed by another program while readlist was writing: {self.path}; "
                        "nothing was changed, try again"
                    )
                if is_valid and before:
                    self.backups.add_link(target)
                _touch_now(temporary)
                temporary.replace(target)
            fsync_directory(target.parent)
            self.backups.add_copy(target)


def require_intact(path: Path, content: Content, recovery_hint: str) -> None:
    """Raise StoreError for content that is corrupt, or written by a newer version, before anything is changed."""
    if content.is_newer:
        raise StoreError(
            f"data file has a newer schema: {path} (schema {content.schema}, supported: {file_format.SCHEMA}); "
            "nothing was changed; upgrade readlist"
        )
    if content.corruption:
        more = f" and {len(content.corruption) - 1} more" if len(content.corruption) > 1 else ""
        raise StoreError(
            f"data file is corrupt: {path}: {content.corruption[0]}{more}; nothing was changed; {recovery_hint}"
        )


def _diff(now: Tables, then: Tables) -> RecordSet:
    tables = {
        name: {key: records.get(key) for key in records | now[name] if records.get(key) != now[name].get(key)}
        for name, records in then.items()
        if name != file_format.META
    }
    return {name: records for name, records in tables.items() if records}


def _touch_now(path: Path) -> None:
    """Set the modification time: the clock of many file systems advances in steps longer than a save takes."""
    now = time.time_ns()
    os.utime(path, ns=(now, now))


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Pause the garbage collector, which would look at every record while 100,000 of them are parsed."""
    was_enabled = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_enabled:
            gc.enable()
