"""The history: what each command changed, one file per entry, so that it can be undone and redone.

    <state>/history/000012.done      a change, and its records before it
    <state>/history/000013.undone    a change that was undone, and its records with it
    <state>/history/000014.synced    what a sync changed, and the records before it: listed, and never undone

    3f1b6a90 {"at": "2025-02-11T08:00:00Z", "description": "read 12 15-18", "schema": 4,
              "records": {"marks": {KEY: {"status": null}}}, "sums": {"marks": {KEY: "0f6d1b42"}}}

"unattended": true is that of a command that cron ran; other entries have no such field.

Records are by table and ID, null where there was none; of a mark only the fields that the change touched. "sums" has a
checksum of each record as the change left it, of a mark of the same fields: undoing changes only what is still that.
The number of an entry says which of two is newer; the time is only shown. An entry reaches the disk before the store is
changed. Dying in between leaves an entry of a change that was not saved, which has no effect and is quarantined when it
is to be reversed, or one that is both done and undone.

Entries are a stack: undone ones are newer than done ones. One that is undone although newer ones stay done gets the
number after theirs, and further undone ones make room. Older undone entries were left by a process that died before it
deleted them, and cannot be redone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import dropwhile
from pathlib import Path
from typing import Any, NamedTuple

from readlist.dates import format_utc, utc_now
from readlist.errors import ReadlistError, StoreError
from readlist.opening import read_regular
from readlist.store import migrations
from readlist.store.atomic import os_errors_as, quarantine, write_file
from readlist.store.format import SCHEMA

RecordSet = Mapping[str, Mapping[str, Any]]
"""Table -> ID -> record, or some fields of it; None for a record that does not exist."""

RecordSums = Mapping[str, Mapping[str, str | None]]
"""Table -> ID -> `format.record_sum` of the record."""

UndoRecorder = Callable[[str, RecordSet, RecordSums], None]
"""Called with a description, the previous records and the sums, just before the change is written to the disk."""

MAX_ENTRIES = 100
"""Entries that are kept, of commands and of syncs each; the oldest are deleted first."""
MAX_BYTES = 50_000_000
"""Of all entries of commands, and of all of syncs; the newest is kept even if it is larger."""

_DONE, _UNDONE, _SYNCED = ".done", ".undone", ".synced"
_SUM_LENGTH = 9


class HistoryEntry(NamedTuple):
    """A change that a command made, or that was undone."""

    path: Path
    at: dt.datetime
    description: str
    records: RecordSet
    sums: RecordSums
    is_unattended: bool = False
    """Whether a command made it that cron ran, such as `update`."""

    @property
    def is_done(self) -> bool:
        """Whether it is in effect: saved, and not undone since."""
        return self.path.suffix != _UNDONE


class _NewEntry(NamedTuple):
    """The file name of an entry that is to be written, and what is known of it before the change is."""

    name: str
    at: dt.datetime
    is_unattended: bool


class History:
    """The entries in a directory, which change only under the library's lock.

    Raises StoreError for a corrupt entry, ReadlistError where the directory cannot be read or written.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def done(self) -> Iterator[HistoryEntry]:
        """Iterate over what can be undone, the newest first."""
        return map(_read, reversed(self._paths(_DONE)))

    def undone(self) -> Iterator[HistoryEntry]:
        """Iterate over what can be redone, the last one undone first."""
        superseded = self._superseded()
        return map(_read, [path for path in self._paths(_UNDONE) if path not in superseded])

    def synced(self) -> Iterator[HistoryEntry]:
        """Iterate over what syncs changed, the newest first."""
        return map(_read, reversed(self._paths(_SYNCED)))

    def synced_since(self, entry: HistoryEntry) -> Iterator[HistoryEntry]:
        """Iterate over what syncs changed after this entry was recorded."""
        return (synced for synced in self.synced() if _number(synced.path) > _number(entry.path))

    def listed(self) -> list[HistoryEntry]:
        """Return all entries: the undone ones, the next to be redone last, then the others, the newest first."""
        others = sorted([*self._paths(_DONE), *self._paths(_SYNCED)], key=_number, reverse=True)
        return [*reversed(list(self.undone())), *map(_read, others)]

    @contextlib.contextmanager
    def recording(
        self, is_committed: Callable[[], bool], *, is_unattended: bool = False, is_sync: bool = False
    ) -> Iterator[UndoRecorder]:
        """Record a new entry; where the block fails, it stays only if `is_committed`."""
        last = max(map(_number, self._paths("")), default=0)
        new = _NewEntry(f"{last + 1:06}{_SYNCED if is_sync else _DONE}", utc_now(), is_unattended)
        with self._writing(new, is_committed) as record_undo:
            yield record_undo
        self._prune()

    @contextlib.contextmanager
    def reversing(self, entry: HistoryEntry, is_committed: Callable[[], bool]) -> Iterator[UndoRecorder]:
        """Record the other side of an entry: undone where it was done, and the reverse."""
        number = self._make_room(entry) if entry.is_done else _number(entry.path)
        new = _NewEntry(f"{number:06}{_UNDONE if entry.is_done else _DONE}", entry.at, entry.is_unattended)
        with self._writing(new, is_committed) as record_undo:
            yield record_undo
        with contextlib.suppress(OSError):  # the change is saved; an entry that stays has no effect
            if (self._directory / new.name).exists():  # also of a process that died
                entry.path.unlink()

    def _make_room(self, entry: HistoryEntry) -> int:
        """Return the number for an entry once it is undone, below those of all undone ones: they are redone after it.

        The entry is not the newest done one where those after it stay; then the undone ones are renumbered, from the
        highest on, so that their order is the same wherever a process dies.
        """
        newest = max(map(_number, self._paths(_DONE)))
        if _number(entry.path) == newest:
            return newest
        with os_errors_as("change", self._directory):
            for path in reversed(self._paths(_UNDONE)):
                if _number(path) > newest:
                    path.rename(path.with_stem(f"{_number(path) + 1:06}"))
        return newest + 1

    @staticmethod
    def contains(entry: HistoryEntry) -> bool:
        """Return whether an entry is there, on the side where it was read. Raises ReadlistError."""
        with os_errors_as("read", entry.path):
            return entry.path.exists()

    def quarantine(self, entry: HistoryEntry) -> Path:
        """Quarantine an entry that can no longer be reversed; returns its path there."""
        return quarantine(entry.path, self._directory.parent / "damaged")

    @contextlib.contextmanager
    def _writing(self, new: _NewEntry, is_committed: Callable[[], bool]) -> Iterator[UndoRecorder]:
        path = self._directory / new.name
        is_recorded = False
        with os_errors_as("change", self._directory):
            for superseded in self._superseded():
                superseded.unlink()

        def record_undo(description: str, records: RecordSet, sums: RecordSums) -> None:
            from orjson import dumps

            nonlocal is_recorded
            is_recorded = True
            change = {"description": description, "records": records, "sums": sums}
            fields = {"at": format_utc(new.at), "schema": SCHEMA, **change}
            if new.is_unattended:
                fields["unattended"] = True
            text = dumps(fields)
            write_file(path, [b"%08x " % zlib.crc32(text), text])

        try:
            yield record_undo
        except BaseException:
            if is_recorded and not is_committed():
                with contextlib.suppress(OSError):  # the first failure is the one to report
                    path.unlink(missing_ok=True)
            raise

    def unreachable(self) -> list[Path]:
        """Return the entries that cannot be undone or redone: corrupt ones, and those behind one."""
        unreadable = (path for path in self._paths(_SYNCED) if not _is_valid(path))
        done, undone = reversed(self._paths(_DONE)), self._paths(_UNDONE)
        return [*_from_first_corrupt(done), *_from_first_corrupt(undone), *unreadable]

    def _prune(self) -> None:
        """Delete what can no longer be redone, and what is too old to be undone.

        The change is saved by now: a file that cannot be deleted is no failure, and is deleted another time.
        """
        with contextlib.suppress(OSError, ReadlistError):
            for path in self._superseded():
                path.unlink()
            for suffix in (_DONE, _SYNCED):
                size = 0
                for number, path in enumerate(reversed(self._paths(suffix))):
                    size += path.stat().st_size
                    if number and (number >= MAX_ENTRIES or size > MAX_BYTES):
                        path.unlink()

    def _superseded(self) -> set[Path]:
        """Return the undone entries that are older than a done one, which was added after they had been undone."""
        newest = max(map(_number, self._paths(_DONE)), default=0)
        return {path for path in self._paths(_UNDONE) if _number(path) < newest}

    def _paths(self, suffix: str) -> list[Path]:
        with os_errors_as("read", self._directory), contextlib.suppress(FileNotFoundError):
            paths = (path for path in self._directory.iterdir() if path.name.endswith(suffix))
            return sorted((path for path in paths if path.stem.isdecimal()), key=lambda path: path.name)
        return []


def _from_first_corrupt(paths: Iterable[Path]) -> Iterator[Path]:
    return dropwhile(_is_valid, paths)


def _is_valid(path: Path) -> bool:
    try:
        _parse(path)
    except StoreError:
        return False
    return True


def _number(path: Path) -> int:
    return int(path.stem)


def _read(path: Path) -> HistoryEntry:
    """Read an entry. Raises StoreError for a corrupt or newer one."""
    entry = _parse(path)
    if _is_newer(entry):
        raise StoreError(f"history entry has a newer schema: {path}; upgrade readlist")
    sums = entry.get("sums", {})
    at, is_unattended = dt.datetime.fromisoformat(entry["at"]), entry.get("unattended", False)
    return HistoryEntry(path, at, entry["description"], entry["records"], sums, is_unattended)


def _parse(path: Path) -> dict[str, Any]:
    """Parse an entry, and validate it unless it is newer. Raises StoreError for a corrupt one."""
    from orjson import loads

    from readlist.store.records import fields_error, history_entry_error

    try:
        entry = migrations.upgrade_history_entry(loads(_read_checked(path)))
    except (ValueError, KeyError, TypeError, AttributeError) as failure:
        raise _corrupt(path) from failure
    if _is_newer(entry):
        return entry
    if history_entry_error(entry):
        raise _corrupt(path)
    tables = entry["records"].items()
    records = ((table, id_, record) for table, records in tables for id_, record in records.items())
    records = (record for record in records if record[-1] is not None)
    if any(fields_error(*record) for record in records):
        raise _corrupt(path)
    return entry


def _is_newer(entry: dict[str, Any]) -> bool:
    """Return whether a newer version of readlist wrote an entry: then its other fields may have any shape."""
    return type(entry["schema"]) is int and entry["schema"] > SCHEMA


def _read_checked(path: Path) -> bytes:
    """Return the JSON of an entry. Raises StoreError where it does not match its checksum."""
    with os_errors_as("read", path):
        content = read_regular(path)
    checksum, text = content[:_SUM_LENGTH], content[_SUM_LENGTH:]
    if checksum != b"%08x " % zlib.crc32(text):
        raise _corrupt(path)
    return text


def _corrupt(path: Path) -> StoreError:
    return StoreError(
        f"history entry is corrupt: {path}; it and the entries before it cannot be undone; "
        "to quarantine it: readlist doctor --fix"
    )
