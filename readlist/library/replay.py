"""Replay records of the history and of backups: undo, redo, restore."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from readlist.edits import RestoreBackup
from readlist.errors import Busy
from readlist.library.transaction import transaction
from readlist.redaction import redact_urls
from readlist.reports import RestoreReport
from readlist.store.history import HistoryEntry
from readlist.text import list_some

if TYPE_CHECKING:
    from readlist.library.index_sync import IndexSync
    from readlist.models import Paper
    from readlist.store import Store
    from readlist.store.history import RecordSet
    from readlist.store.marks import MarkStore
    from readlist.store.papers import PaperStore
    from readlist.store.recovery import BackupDifference

PapersByKey = Callable[[Iterable[str]], list["Paper"]]
"""Returns the papers of these keys that are in the library."""


class ReversedStep(NamedTuple):
    """A history entry that was to be undone or redone, and what was not reversed: another program changed it since.

    `quarantined` is where an entry is kept of which nothing could be reversed, None where something was. `blocked_by`
    is the number of later commands that stay done, where one of them kept this one from being undone. `is_synced` says
    that a sync changed what was not reversed.
    """

    entry: HistoryEntry
    not_reversed: tuple[str, ...] = ()
    quarantined: Path | None = None
    blocked_by: int = 0
    is_synced: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether all of it was reversed."""
        return not self.not_reversed and self.quarantined is None

    @property
    def is_failure(self) -> bool:
        """Whether nothing of it was reversed."""
        return self.quarantined is not None or bool(self.blocked_by)

    def describe(self, participle: str) -> str:
        """Return a line about it; `participle` is "undone" or "redone"."""
        description = redact_urls(self.entry.description)
        names = list_some(self.not_reversed)
        if self.blocked_by:
            remedy = f"to undo the later commands as well: readlist undo {self.blocked_by + 1}"
            return f"cannot undo: {description}; changed again since: {names}; {remedy}"
        changed_by = "a sync" if self.is_synced else "another program"
        if self.quarantined is None:
            rest = f"; not changed, because {changed_by} changed it: {names}" if names else ""
            return f"{participle.capitalize()}: {description}{rest}"
        verb = participle.replace("done", "do")
        reason = "a data file does not contain this change; to check: readlist doctor"
        if names or self.is_synced:
            reason = ": ".join(filter(None, (f"{changed_by} changed it", names)))
        return f"cannot {verb}: {description}; {reason}; the entry is quarantined as {self.quarantined}"


def undo_or_redo(
    store: Store, index: IndexSync, entries: Callable[[], Iterable[HistoryEntry]], count: int, find: PapersByKey
) -> list[ReversedStep]:
    """Undo or redo the first `count` of these history entries, one transaction each; returns what became of them.

    `entries` is called under the lock. It ends with the first one that is not reversed completely, because another
    program changed something.
    """
    steps: list[ReversedStep] = []
    with store.lock:
        for entry in islice(entries(), count):
            steps.append(_reverse(store, index, entry, find))
            if not steps[-1].is_complete:
                break
    return steps


def undo_confirmed(
    store: Store, index: IndexSync, confirmed: Sequence[HistoryEntry], find: PapersByKey
) -> list[ReversedStep]:
    """Undo these entries, like `undo_or_redo`. Raises Busy where they are not the newest done ones any more."""

    def list_newest() -> list[HistoryEntry]:
        newest = list(islice(store.history.done(), len(confirmed)))
        if [entry.path for entry in newest] != [entry.path for entry in confirmed]:
            raise Busy("another command changed the library meanwhile; nothing was undone; repeat the command")
        return newest

    return undo_or_redo(store, index, list_newest, len(confirmed), find)


def undo_attended(store: Store, index: IndexSync, count: int, find: PapersByKey) -> list[ReversedStep]:
    """Undo the newest `count` entries that are not of unattended commands, whose entries stay done.

    It ends with the first one that is not undone completely; one that would change what a later command left is not
    changed at all.
    """
    steps: list[ReversedStep] = []
    later: list[HistoryEntry] = []
    with store.lock:
        for entry in store.history.done():
            if entry.is_unattended:
                later.append(entry)
            elif len(steps) < count:
                steps.append(_reverse(store, index, entry, find, later))
            if len(steps) == count or not all(step.is_complete for step in steps):
                break
    return steps


def _reverse(
    store: Store, index: IndexSync, entry: HistoryEntry, find: PapersByKey, later: Sequence[HistoryEntry] = ()
) -> ReversedStep:
    """Reverse an entry, of which `later` are newer ones that stay done."""
    marked = find(entry.records.get("marks", {}))
    with transaction(store, index, entry.description, reverses=entry) as change:
        change.reverse(entry, marked, later)
    if change.is_refused:
        return ReversedStep(entry, change.not_reversed, blocked_by=len(later))
    is_synced = _is_synced(store, entry, change.not_put or ({} if change.previous else entry.records))
    step = ReversedStep(entry, change.not_reversed, is_synced=is_synced)
    if change.previous or not store.history.contains(entry):
        return step
    return step._replace(quarantined=store.history.quarantine(entry))


def _is_synced(store: Store, entry: HistoryEntry, not_put: RecordSet) -> bool:
    """Return whether a sync since an entry changed one of the records that were not put back."""
    changed = {(table, id_) for table, records in not_put.items() for id_ in records}
    return bool(changed) and any(
        (table, id_) in changed
        for synced in store.history.synced_since(entry)
        for table, records in synced.records.items()
        for id_ in records
    )


def preview_restore(store: Store, name: str) -> RestoreReport | None:
    """Return what restoring a backup would do, None where none differs; see `Library.restore`."""
    restored = _restored_store(store, name)
    if _is_replaceable(restored):
        return RestoreReport()
    difference = restored.diff_with_backup(name)
    return _report(difference) if difference and difference.records else None


def restore(store: Store, name: str, apply: Callable[[RestoreBackup], object]) -> RestoreReport | None:
    """Restore a backup: as an edit, or in place of a file that is missing or foreign; see `Library.restore`."""
    from readlist.store import recovery

    restored = _restored_store(store, name)
    with store.lock:
        if _is_replaceable(restored):
            return _report(recovery.replace_with_backup(restored.file, name))
        difference = restored.diff_with_backup(name)
        if difference is None or difference.backup is None or not difference.records:
            return None
        apply(RestoreBackup(difference.backup.name, difference.records))
    return _report(difference)


def _is_replaceable(restored: PaperStore | MarkStore) -> bool:
    """Return whether a backup replaces the whole file, because it is missing or another library's."""
    problem = restored.file.find_problem(restored.file.read_content())
    return problem is not None and problem.kind in {"missing", "foreign"}


def _restored_store(store: Store, name: str) -> PaperStore | MarkStore:
    return store.papers if name.startswith(store.files[0].name) else store.marks


def _report(difference: BackupDifference) -> RestoreReport:
    backup = difference.backup
    return RestoreReport(
        name=backup.name if backup else "",
        at=backup and backup.time,
        restored=difference.restored,
        changed=difference.changed,
        removed=difference.removed,
        definitions=difference.others,
    )
