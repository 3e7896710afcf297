"""From a backup back into the store: which backup is meant, and which records are different in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import NoSuchItem
from readlist.store.file import refuse_unsound
from readlist.store.format import META

if TYPE_CHECKING:
    from readlist.store.backups import Backup
    from readlist.store.file import StoreFile
    from readlist.store.format import Tables
    from readlist.store.history import Records


def from_backup(file: StoreFile, name: str) -> tuple[Backup, Records] | None:
    """The backup of this name, or the newest sound one that differs, and its records that do, None for those it lacks.

    None where none differs. Raises NoSuchItem for a name that no backup has, and StoreError where it is damaged, or the
    file is.
    """
    now = file.content()
    file.refuse_unsound(now)
    if name not in ("", file.path.name):
        backup = _named(file, name)
        content = file.content(backup.path)
        refuse_unsound(backup.path, content, "see readlist backup list for others")
        return backup, _difference(now.tables, content.tables)
    for backup, content in file.sound_backups():
        if different := _difference(now.tables, content.tables):
            return backup, different
    return None


def _named(file: StoreFile, name: str) -> Backup:
    for backup in file.backups:
        if name in (backup.name, backup.path.name):
            return backup
    raise NoSuchItem(f"no such backup: {name}; see readlist backup list")


def _difference(now: Tables, then: Tables) -> Records:
    tables = {
        name: {id_: records.get(id_) for id_ in records | now[name] if records.get(id_) != now[name].get(id_)}
        for name, records in then.items()
        if name != META
    }
    return {name: records for name, records in tables.items() if records}
