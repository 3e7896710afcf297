"""Recovery of a store file: repair of a corrupt one, replacement by a backup, and what restoring a backup changes.

All of it goes through `StoreFile.save`, so that what was there before is a backup, except a corrupt file, which is
quarantined. Called by `papers`, `marks` and `doctor`; each function that writes takes the library's lock.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from readlist.counts import BackupCount
from readlist.errors import NoSuchItem, ReadlistError, StoreError
from readlist.store import format as file_format
from readlist.store.atomic import quarantine
from readlist.store.backups import Backup
from readlist.store.file import REPAIR, StoreFile, find_content_problem, gc_paused

if TYPE_CHECKING:
    from readlist.store.format import Content, Tables
    from readlist.store.history import RecordSet


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
    merged: int = 0
    """Records that are from the versions in conflict, as another program left them."""


class BackupDifference(NamedTuple):
    """The records of a file that are different in a backup, as the backup has them, None for those that it lacks.

    The counts are those of the papers or marks that restoring it restores, changes and removes, and of the other
    records that differ. `backup` is None where an empty file was created because there is no backup.
    """

    backup: Backup | None
    records: RecordSet
    restored: int
    changed: int
    removed: int
    others: int


def repair(file: StoreFile, directory: Path, revise: Callable[[Tables, Content], int]) -> RepairReport | None:
    """Repair a corrupt file and quarantine it in `directory`; None where it is intact.

    Its intact records stay, and those that it lacks come from the newest valid backup. `revise` may change the tables
    before they are saved; it is also given the content of the corrupt file, and returns how many records it took from
    the versions in conflict there. The backups that the repair depends on, or that have further records, are pinned.
    Raises StoreError for a newer file.
    """
    from readlist.store.records import RecordValidator

    with file.lock, gc_paused():
        file.identity.adopt_state()
        content = file.read_state(RecordValidator())
        if not content.corruption:
            return None
        _require_valid(file.path, replace(content, corruption=()), "")
        backup, known = next(file.iter_valid_backups(), (None, file_format.empty_content(file.tables)))
        quarantined = quarantine(file.path, directory, move=False)
        tables = file_format.merge_with_backup(content, known)
        merged = revise(tables, content)
        # What the file lost must not count as removed here.
        tables[file_format.META].get(file_format.META_ID, {}).pop("synced", None)
        others, not_restored = _pin_others(file, tables)
        if backup:
            backup = file.backups.pin(backup)
        file.save(tables, content.metadata.sequence, is_valid=False)
    intact, total = (len(records[file.main_table]) for records in (content.tables, tables))
    return RepairReport(quarantined, intact, total - intact - merged, backup, others, not_restored, merged)


def _pin_others(file: StoreFile, tables: Tables) -> tuple[list[Backup], int]:
    """Pin the backups with records that neither `tables` nor a newer backup has; return them, and their number."""
    missing: set[str] = set()
    others: list[Backup] = []
    for backup, content in file.iter_valid_backups():
        further = content.tables[file.main_table].keys() - tables[file.main_table].keys() - missing
        if further:
            others.append(file.backups.pin(backup))
            missing |= further
    return others, len(missing)


def replace_with_backup(file: StoreFile, name: str = "") -> BackupDifference:
    """Replace a file that is missing or foreign by a backup; without one, create an empty file.

    `name` is that of a backup, "" means the newest valid one. Raises like `diff_with_backup`, and NoSuchItem where a
    foreign file has no backup.
    """
    with file.lock, gc_paused():
        file.identity.adopt_state()
        _require_directory(file.path)
        now = file.read_state(validate=None)
        if file.read_fingerprint:
            _require_valid(file.path, now, REPAIR)
        backup, content = _find_valid_backup(file, name)
        if backup is None and file.read_fingerprint:
            raise NoSuchItem(f"no backup of this library's {file.path.name}; nothing was changed")
        file.save(content.tables, max(now.metadata.sequence, content.metadata.sequence))
    return _compare(file, backup, now.tables, content.tables)


def assign_library(file: StoreFile) -> None:
    """Let a foreign file belong to this library. Raises StoreError where it is corrupt or newer."""
    with file.lock, gc_paused():
        content = file.read_state(validate=None)
        _require_valid(file.path, content, REPAIR)
        file.save(content.tables, content.metadata.sequence)


def diff_with_backup(file: StoreFile, name: str) -> BackupDifference | None:
    """Return how a backup differs from the file.

    It is the backup of this name, or, for "" and for the file's own name, the newest valid one that differs; None where
    none differs. Raises NoSuchItem for an unknown name, StoreError where the backup or the file is corrupt.
    """
    now = file.read_content()
    file.require_usable(now)
    if name not in {"", file.path.name}:
        backup, content = _find_valid_backup(file, name)
        return _compare(file, backup, now.tables, content.tables)
    differences = (_compare(file, backup, now.tables, content.tables) for backup, content in file.iter_valid_backups())
    return next((difference for difference in differences if difference.records), None)


def count_backups(file: StoreFile) -> Iterator[BackupCount]:
    """Iterate over the backups of a file with the number of their records, the newest first."""
    for backup in file.backups:
        with suppress(ReadlistError, FileNotFoundError):  # one that was rotated away meanwhile
            content = file.read_content(backup.path)
            records = len(content.tables[file.main_table]) if content.is_valid else None
            yield BackupCount(backup.name, backup.time, records, backup.path.stat().st_size)


def _find_valid_backup(file: StoreFile, name: str) -> tuple[Backup | None, Content]:
    if name in {"", file.path.name}:
        return next(file.iter_valid_backups(), (None, file_format.empty_content(file.tables)))
    backup = file.backups.find(name)
    if backup is None:
        raise NoSuchItem(f"no such backup: {name}; to list them: readlist backup")
    content = file.read_content(backup.path)
    _require_valid(backup.path, content, "to list the backups: readlist backup")
    return backup, content


def _compare(file: StoreFile, backup: Backup | None, now: Tables, then: Tables) -> BackupDifference:
    differing = {
        name: {key: table.get(key) for key in table | now[name] if table.get(key) != now[name].get(key)}
        for name, table in then.items()
        if name != file_format.META
    }
    main = differing[file.main_table]
    restored = len(main.keys() - now[file.main_table].keys())
    removed = sum(record is None for record in main.values())
    others = sum(map(len, differing.values())) - len(main)
    records = {name: table for name, table in differing.items() if table}
    return BackupDifference(backup, records, restored, len(main) - restored - removed, removed, others)


def _require_valid(path: Path, content: Content, remedy: str) -> None:
    """Raise StoreError for content that is corrupt, or written by a newer version, before anything is changed."""
    if problem := find_content_problem(path, content, remedy):
        raise StoreError(problem.describe("nothing was changed"))


def _require_directory(path: Path) -> None:
    """Raise StoreError where the directory of a file that existed is missing: its disk may be disconnected.

    Files that are created in its place would be hidden when the disk is connected again.
    """
    target = Path(os.path.realpath(path))  # not resolve(), which raises at a loop
    if not target.parent.is_dir():
        link = f" (target of the symbolic link {path})" if path.is_symlink() else ""
        raise StoreError(
            f"directory is missing: {target.parent}{link}; mount its disk, or create the directory and run: "
            "readlist doctor --fix"
        )
