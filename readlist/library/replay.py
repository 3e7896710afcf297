"""Replay records of the history and of backups: undo, redo, restore."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from readlist.edits import RestoreBackup
from readlist.library.transaction import transaction

if TYPE_CHECKING:
    from readlist.library.index_sync import IndexSync
    from readlist.models import Paper
    from readlist.store import Store
    from readlist.store.backups import Backup
    from readlist.store.history import HistoryEntry

PapersByKey = Callable[[Iterable[str]], list["Paper"]]
"""Returns the papers of these keys that are in the library."""


def undo_or_redo(
    store: Store, index: IndexSync, entries: Callable[[], Iterable[HistoryEntry]], count: int, find: PapersByKey
) -> list[HistoryEntry]:
    """Undo or redo the first `count` of these history entries, one transaction each; returns them.

    An entry of a change that was not saved, because its process died, changes nothing and does not count.
    """
    replayed: list[HistoryEntry] = []
    with store.lock:
        for entry in entries():
            if len(replayed) == count:
                break
            marked = find(entry.records.get("marks", {}))
            with transaction(store, index, entry.description, reverses=entry) as change:
                change.replay(entry.records, marked)
            if change.previous:
                replayed.append(entry)
    return replayed


def restore(store: Store, name: str, apply: Callable[[RestoreBackup], object]) -> tuple[Backup, int] | None:
    """Find a backup and apply it as an edit; see `Library.restore`."""
    restored = store.papers if name.startswith("papers.json") else store.marks
    with store.lock:
        difference = restored.diff_with_backup(name)
        if difference is None:
            return None
        backup, records = difference
        restored.file.recreate_empty()
        apply(RestoreBackup(backup.name, records))
    return backup, len(records.get(restored.file.path.stem, {}))
