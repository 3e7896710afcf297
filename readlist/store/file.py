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
10. Copy the file, so that later corruption does not lose the last change.
11. On any failure the temporary file is removed; that of a killed process is removed by the next change.

Readers never lock and never write: what they have opened stays complete while a writer replaces it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from readlist.dates import utc_now
from readlist.errors import Busy, NoSuchItem, ReadlistError, StoreError
from readlist.models import BackupCount
from readlist.opening import NotRegularFile, open_regular
from readlist.store import format as file_format
from readlist.store.atomic import (
    ensure_directory,
    fsync_directory,
    os_errors_as,
    quarantine,
    temporary_files,
    temporary_path,
    write_and_fsync,
)
from readlist.store.backups import Backup, Backups
from readlist.store.fingerprint import fingerprint, stat_fingerprint
from readlist.temporary_files import remove_abandoned

if TYPE_CHECKING:
    from readlist.store.database import Database
    from readlist.store.format import Content, Tables, Validate
    from readlist.store.history import RecordSet
    from readlist.store.identity import Identity
    from readlist.store.lock import Lock

_READ_AHEAD = 1 << 20


class RepairReport(NamedTuple):
    """How a corrupt file was repaired: how many records came from it and from a backup, and where it is kept.

    `others` are the backups with the `not_restored` further records, which may have been removed on purpose.
    """

    quarantined: Path
    intact: int
    restored: int
    backup: Backup | None
    others: Sequence[Backup] = ()
    not_restored: int = 0


class BackupDifference(NamedTuple):
    """The records of a file that are different in a backup, as the backup has them, None for those that it lacks.

    The counts are those of the papers or marks that restoring it puts back, changes and removes. `backup` is None where
    an empty file was created because there is no backup.
    """

    backup: Backup | None
    records: RecordSet
    put_back: int
    changed: int
    removed: int


class StoreFile:
    """A JSON file of the library with these tables; the one named like the file holds what the file is for.

    `state` is the library's state directory, in which the backups are.
    """

    def __init__(self, path: Path, lock: Lock, state: Path, identity: Identity, tables: Sequence[str]) -> None:
        self.path = path
        self.backups = Backups(state / "backups" / path.name)
        self._lock = lock
        self._identity = identity
        self._tables = tables
        self._main_table = path.stem

    def read(self) -> Database:
        """Read the intact records as they are now; a missing file is empty. Neither locks nor writes."""
        from readlist.store.database import Database

        content = self.content()
        return Database(content.tables, content.corruption)

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Lock the file and read it; what the block changes is saved once, at its end, all or nothing.

        The types of the records are not checked: that would take as long as the change. The library is not changed
        while its index says that a record is corrupt, see `library.transaction`.

        Raises StoreError when the file is corrupt, missing or newer, Busy when the lock cannot be had, ReadlistError
        with path and reason when it cannot be read or saved.
        """
        from readlist.store.database import Database

        with self._lock, _gc_paused():
            with os_errors_as("save", self.path):
                remove_abandoned(temporary_files(Path(os.path.realpath(self.path))))
            content, before = self._read(self.path, validate=None)
            self.require_intact(content)
            if missing := self.missing_message():
                raise StoreError(missing)
            database = Database(content.tables)
            yield database
            if database.memory.is_changed:
                self._save(database.memory.tables, before, content.sequence)

    def content(self, backup: Path | None = None) -> Content:
        """Read and validate the content of the file, or of one of its backups."""
        from readlist.store.records import record_error

        return self._read(backup or self.path, record_error)[0]

    def require_intact(self, content: Content) -> None:
        """Raise StoreError for content of this file that must not be overwritten."""
        require_intact(self.path, content, "to repair it: readlist doctor --fix")

    def require_usable(self) -> None:
        """Raise StoreError where the file is missing, corrupt, newer, or another library's."""
        if message := self.missing_message() or self.foreign_message():
            raise StoreError(message)
        self.require_intact(self.content())

    def missing_message(self) -> str:
        """Return that the file is missing and how to recover it, "" where it exists or never did.

        Creating an empty file would rotate its backups until none has the lost records.
        """
        with os_errors_as("read", self.path):
            if self.path.exists():
                return ""
            link = f" (a link to {self.path.readlink()})" if self.path.is_symlink() else ""
        backup = next(self.valid_backups(), None)
        if not (link or backup or self._identity.evidence(self.path)):
            return ""
        return f"data file is missing: {self.path}{link}; {self._recovery_of_missing(backup and backup[0])}"

    def _recovery_of_missing(self, backup: Backup | None) -> str:
        if backup:
            time = f"{backup.time.astimezone():%Y-%m-%d %H:%M}"
            return (
                f"to restore it as of {time}: readlist doctor --fix; "
                f"to start without it, delete its backups: {self.backups.directory}"
            )
        if former := self._identity.former_states():
            return f"the library was moved, and its backups are in {former[0]}; to restore it: readlist doctor --fix"
        evidence = self._identity.evidence(self.path)
        known = f"{evidence}; " if evidence else ""
        return f"{known}put it back from a copy of your own; to start without it: readlist doctor --fix"

    def foreign_message(self) -> str:
        """Return that the file belongs to another library than the other store file, "" where it does not."""
        if not self._identity.is_foreign(self.path):
            return ""
        return (
            f"data file belongs to another library: {self.path}; to return to the library's own: "
            f"readlist backup restore {self.path.name}; to use this one from now on: readlist doctor --fix"
        )

    def replace_with_backup(self, name: str = "") -> BackupDifference:
        """Replace a file that is missing or foreign by a backup; without one, create an empty file.

        `name` is that of a backup, "" means the newest valid one. Raises like `diff_with_backup`.
        """
        with self._lock, _gc_paused():
            self._identity.adopt_former_state()
            self._require_directory_of_link()
            now, before = self._read(self.path, validate=None)
            self.require_intact(replace(now, corruption=()) if not before else now)
            backup, content = self._find_valid_backup(name)
            self._save(content.tables, before, max(now.sequence, content.sequence))
        return self._compare(backup, now.tables, content.tables)

    def _find_valid_backup(self, name: str) -> tuple[Backup | None, Content]:
        if name in {"", self.path.name}:
            return next(self.valid_backups(), (None, file_format.empty_content(self._tables)))
        backup = self._find_backup(name)
        content = self.content(backup.path)
        require_intact(backup.path, content, "to list the backups: readlist backup")
        return backup, content

    def _require_directory_of_link(self) -> None:
        """Raise StoreError for a link into a directory that is missing: its disk may be disconnected."""
        target = Path(os.path.realpath(self.path))
        if self.path.is_symlink() and not target.parent.is_dir():
            raise StoreError(
                f"directory is missing: {target.parent}, to which {self.path} is a link; "
                "connect its disk, or delete the link, then: readlist doctor --fix"
            )

    def join(self) -> None:
        """Let the file belong to this library, whatever library it came from."""
        with self._lock, _gc_paused():
            content, before = self._read(self.path, validate=None)
            self.require_intact(content)
            self._save(content.tables, before, content.sequence)

    def repair(self, directory: Path, revise: Callable[[Tables, Content], None] | None = None) -> RepairReport | None:
        """Repair a corrupt file and quarantine it in `directory`; None where it is intact.

        Its intact records stay, and those that it lacks come from the newest valid backup. `revise` may change the
        tables before they are saved; it is also given the content of the corrupt file. The backups that the repair
        depends on, or that have further records, are pinned. Raises StoreError for a newer file.
        """
        with self._lock, _gc_paused():
            from readlist.store.records import record_error

            content, before = self._read(self.path, record_error)
            if not content.corruption:
                return None
            self.require_intact(replace(content, corruption=()))
            backup, known = next(self.valid_backups(), (None, file_format.empty_content(self._tables)))
            quarantined = quarantine(self.path, directory, move=False)
            tables = file_format.merge_with_backup(content, known)
            if revise:
                revise(tables, content)
            backup, others, not_restored = self._pin_backups(backup, tables)
            self._save(tables, before, content.sequence, is_valid=False)
        intact, total = (len(records[self._main_table]) for records in (content.tables, tables))
        return RepairReport(quarantined, intact, total - intact, backup, others, not_restored)

    def _pin_backups(self, used: Backup | None, tables: Tables) -> tuple[Backup | None, list[Backup], int]:
        """Pin the backup that a repair uses, and those with records that are in none of `tables`.

        Returns it, the others, and the number of those records.
        """
        missing: set[str] = set()
        others: list[Backup] = []
        for backup, content in list(self.valid_backups()):
            further = content.tables[self._main_table].keys() - tables[self._main_table].keys()
            if further:
                others.append(self.backups.pin(backup))
                missing |= further
        return used and self.backups.pin(used), others, len(missing)

    def count_backups(self) -> Iterator[BackupCount]:
        """Iterate over the backups with the number of their records, the newest first."""
        for backup in self.backups:
            with suppress(ReadlistError, FileNotFoundError):  # one that was rotated away meanwhile
                content = self.content(backup.path)
                records = len(content.tables[self._main_table]) if content.is_valid else None
                yield BackupCount(backup.name, backup.time, records, backup.path.stat().st_size)

    def valid_backups(self) -> Iterator[tuple[Backup, Content]]:
        """Iterate over the backups that are complete and not newer, the newest first."""
        for backup in self.backups:
            with suppress(ReadlistError):  # one that cannot be read does not count
                content = self.content(backup.path)
                if content.is_valid:
                    yield backup, content

    def diff_with_backup(self, name: str) -> BackupDifference | None:
        """Return how a backup differs from the file.

        It is the backup of this name, or, for "" and for the file's own name, the newest valid one that differs; None
        where none differs. Raises NoSuchItem for an unknown name, StoreError where the backup or the file is corrupt.
        """
        now = self.content()
        self.require_intact(now)
        if name not in {"", self.path.name}:
            backup, content = self._find_valid_backup(name)
            return self._compare(backup, now.tables, content.tables)
        differences = (self._compare(backup, now.tables, content.tables) for backup, content in self.valid_backups())
        return next((difference for difference in differences if difference.records), None)

    def _compare(self, backup: Backup | None, now: Tables, then: Tables) -> BackupDifference:
        records = {
            name: {key: table.get(key) for key in table | now[name] if table.get(key) != now[name].get(key)}
            for name, table in then.items()
            if name != file_format.META
        }
        main = records[self._main_table]
        put_back = len(main.keys() - now[self._main_table].keys())
        removed = sum(record is None for record in main.values())
        differing = {name: table for name, table in records.items() if table}
        return BackupDifference(backup, differing, put_back, len(main) - put_back - removed, removed)

    def _find_backup(self, name: str) -> Backup:
        for backup in self.backups:
            if name in (backup.name, backup.path.name):
                return backup
        raise NoSuchItem(f"no such backup: {name}; to list them: readlist backup")

    def _read(self, path: Path, validate: Validate | None) -> tuple[Content, str]:
        """Read a file; returns its content and its fingerprint."""
        with os_errors_as("read", path), _gc_paused():
            try:
                handle = open_regular(path)
            except NotRegularFile:
                if path.is_symlink() and not path.exists():  # reported as missing
                    return file_format.empty_content(self._tables), ""
                raise
            except FileNotFoundError:
                return file_format.empty_content(self._tables), ""
            with os.fdopen(handle, "rb", buffering=_READ_AHEAD) as file:
                read_fingerprint = stat_fingerprint(os.fstat(handle))
                return file_format.parse(file, self._tables, validate), read_fingerprint

    def _save(self, tables: Tables, before: str, sequence: int, *, is_valid: bool = True) -> None:
        """Save the tables in place of a file with this fingerprint and sequence.

        `is_valid` says that the file to be replaced is worth a backup.
        """
        target = Path(os.path.realpath(self.path))
        with os_errors_as("save", self.path):
            ensure_directory(target.parent)
            replaced = self.backups.sequence_of(target, sequence) if before else sequence
            sequence = max(replaced, self.backups.last_sequence) + 1
            known = tables[file_format.META].get(file_format.META_ID, {})
            metadata = {"schema": file_format.SCHEMA, "library": self._identity.id, "sequence": sequence}
            tables = {**tables, file_format.META: {file_format.META_ID: {**known, **metadata}}}
            with temporary_path(target) as temporary:
                write_and_fsync(temporary, file_format.serialize(tables))
                if fingerprint(target) != before:
                    raise Busy(
                        f"changed by another program while readlist was writing: {self.path}; "
                        "nothing was changed, try again"
                    )
                if is_valid and before:
                    self.backups.add_link(target, replaced)
                _set_modification_time(temporary, sequence)
                temporary.replace(target)
            fsync_directory(target.parent)
            self.backups.add_copy(target, sequence)


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


def _set_modification_time(path: Path, sequence: int) -> None:
    """Set the modification time to this second, and its microseconds to the sequence of the save.

    So two states of a file differ in it although the clock stands still, or the file system's advances in long steps.
    """
    now = int(utc_now().timestamp())
    with suppress(OSError):  # a disk that refuses times: size and inode have to differ
        os.utime(path, ns=(time := now * 10**9 + sequence % 10**6 * 1000, time))


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
