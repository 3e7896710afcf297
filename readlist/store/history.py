"""The history: what each command changed, one file per entry, so that it can be undone and redone.

    <state>/history/000012.done      a change, and its records before it
    <state>/history/000013.undone    a change that was undone, and its records with it

    3f1b6a90 {"at": "2025-02-11T08:00:00Z", "description": "read 12 15-18", "schema": 3,
              "records": {"marks": {KEY: {"status": null}}}}

Records are by table and ID, null where there was none; of a mark only the fields that the change touched, so that
undoing it does not revert what another machine changed in the others. An entry reaches the disk before the store is
changed. Dying in between leaves an entry of a change that was not saved, or one that is both done and undone:
reversing it changes nothing, and it is deleted and skipped.

Entries are a stack: undone ones are newer than done ones. Older undone entries were left by a process that died before
it deleted them, and cannot be redone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import dropwhile
from pathlib import Path
from typing import Any, NamedTuple

from readlist.dates import format_utc
from readlist.errors import ReadlistError, StoreError
from readlist.store import migrations
from readlist.store.atomic import os_errors_as, write_file
from readlist.store.format import SCHEMA

RecordSet = Mapping[str, Mapping[str, Any]]
"""Table -> ID -> record, or some fields of it; None for a record that does not exist."""

UndoRecorder = Callable[[str, RecordSet], None]
"""Called with a description and the previous records, just before the change is written to the disk."""

MAX_ENTRIES = 100
"""Entries that are kept; the oldest are deleted first."""
MAX_BYTES = 50_000_000
"""Of all entries together; the newest is kept even if it is larger."""

_DONE, _UNDONE = ".done", ".undone"
_SUM_LENGTH = 9


class HistoryEntry(NamedTuple):
    """A change that a command made, or that was undone."""

    path: Path
    at: dt.datetime
    description: str
    records: RecordSet

    @property
    def is_done(self) -> bool:
        """Whether it is in effect: saved, and not undone since."""
        return self.path.suffix == _DONE


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

    @contextlib.contextmanager
    def recording(self, is_committed: Callable[[], bool]) -> Iterator[UndoRecorder]:
        """Record a new entry; where the block fails, it stays only if `is_committed`."""
        last = max(map(_number, self._paths("")), default=0)
        with self._writing(f"{last + 1:06}{_DONE}", dt.datetime.now(dt.UTC), is_committed) as record_undo:
            yield record_undo
        self._prune()

    @contextlib.contextmanager
    def reversing(self, entry: HistoryEntry, is_committed: Callable[[], bool]) -> Iterator[UndoRecorder]:
        """Record the other side of an entry: undone where it was done, and the reverse."""
        name = entry.path.stem + (_UNDONE if entry.is_done else _DONE)
        with self._writing(name, entry.at, is_committed) as record_undo:
            yield record_undo
        with contextlib.suppress(OSError):  # the change is saved; an entry that stays is recognised by changing nothing
            entry.path.unlink()

    @contextlib.contextmanager
    def _writing(self, name: str, at: dt.datetime, is_committed: Callable[[], bool]) -> Iterator[UndoRecorder]:
        path = self._directory / name
        is_recorded = False
        with os_errors_as("change", self._directory):
            for superseded in self._superseded():
                superseded.unlink()

        def record_undo(description: str, records: RecordSet) -> None:
            from orjson import dumps

            nonlocal is_recorded
            is_recorded = True
            fields = {"at": format_utc(at), "description": description, "schema": SCHEMA, "records": records}
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
        return [*_from_first_corrupt(reversed(self._paths(_DONE))), *_from_first_corrupt(self._paths(_UNDONE))]

    def _prune(self) -> None:
        """Delete what can no longer be redone, and what is too old to be undone.

        The change is saved by now: a file that cannot be deleted is no failure, and is deleted another time.
        """
        with contextlib.suppress(OSError, ReadlistError):
            for path in self._superseded():
                path.unlink()
            size = 0
            for number, path in enumerate(reversed(self._paths(_DONE))):
                size += path.stat().st_size
                if number and (number >= MAX_ENTRIES or size > MAX_BYTES):
                    path.unlink()

    def _superseded(self) -> set[Path]:
        """Return the undone entries that are older than a done one, which was added after they had been undone."""
        newest = max(map(_number, self._paths(_DONE)), default=0)
        return {path for path in self._paths(_UNDONE) if _number(path) < newest}

    def _paths(self, suffix: str) -> list[Path]:
        with os_errors_as("read", self._directory):
            return sorted(path for path in self._directory.glob(f"*{suffix}") if path.stem.isdecimal())


def _from_first_corrupt(paths: Iterable[Path]) -> Iterator[Path]:
    return dropwhile(_is_valid, paths)


def _is_valid(path: Path) -> bool:
    try:
        _read_checked(path)
    except StoreError:
        return False
    return True


def _number(path: Path) -> int:
    return int(path.stem)


def _read(path: Path) -> HistoryEntry:
    from orjson import loads

    entry = migrations.upgrade_history_entry(loads(_read_checked(path)))
    if entry["schema"] > SCHEMA:
        raise StoreError(f"history entry has a newer schema: {path}; upgrade readlist")
    return HistoryEntry(path, dt.datetime.fromisoformat(entry["at"]), entry["description"], entry["records"])


def _read_checked(path: Path) -> bytes:
    """Return the JSON of an entry. Raises StoreError where it does not match its checksum."""
    with os_errors_as("read", path):
        content = path.read_bytes()
    checksum, text = content[:_SUM_LENGTH], content[_SUM_LENGTH:]
    if checksum != b"%08x " % zlib.crc32(text):
        raise StoreError(f"history entry is corrupt: {path}; it and the entries before it cannot be undone")
    return text
