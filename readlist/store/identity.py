"""The identity of a library: an ID that both of its store files have, and its state directory.

    <state>/library             {"id": "9f2c51d07be4a836", "location": "/home/me/reading"}
    <state>/former/ID/...       what belongs to another library that was at this path before

The state directory belongs to a path. A library that was moved, or is a copy, gets a new one; by its ID its former
state directory is found, and backups and history are taken over. The ID also says that a store file belongs to another
library, and that a file is missing that the other one knows of. Both are read again for each question: another program
may replace the files at any time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from readlist.opening import read_regular
from readlist.private_files import ensure_directory
from readlist.store.atomic import link_or_copy, os_errors_as, quarantine, temporary_path, write_file
from readlist.store.backups import Backups
from readlist.store.format import Metadata, parse_metadata

_FILE = "library"
_FORMER = "former"
_PARTS = ("backups", "history", "damaged")
"""The directories of a state directory that belong to the library, not to its path."""
_MAX_HEAD = 4096
"""Bytes at the start of a file that contain its metadata."""
_ID_BYTES = 8


class StateRecord(NamedTuple):
    """The library that a state directory belongs to, and the directory of its store files; "" for not known."""

    id: str = ""
    location: str = ""


class Identity:
    """The identity of the library with these two store files, papers and marks, and this state directory."""

    def __init__(self, papers: Path, marks: Path, state: Path) -> None:
        self._papers = papers
        self._marks = marks
        self._state = state
        self._new_id = ""

    def read_id(self) -> str:
        """Return the ID of the library: that of the state directory, else that of a file.

        A library without any gets a new one, which is the same each time.
        """
        known = (_read_record(self._state).id, _read_library(self._marks), _read_library(self._papers))
        if id_ := next(filter(None, known), ""):
            return id_
        self._new_id = self._new_id or os.urandom(_ID_BYTES).hex()
        return self._new_id

    def is_expected(self, path: Path) -> bool:
        """Return whether the other store file knows that this one exists."""
        if path == self._papers:
            return read_metadata(self._marks).papers > 0
        return read_metadata(self._papers).has_marks

    def is_foreign(self, path: Path) -> bool:
        """Return whether this store file belongs to another library than the state directory, or than marks.json.

        Where the state directory knows no library, and the files have two, papers.json is the foreign one.
        """
        id_ = _read_library(path)
        recorded = _read_record(self._state).id
        if recorded:
            return id_ not in {"", recorded}
        return path == self._papers and bool(id_) and _read_library(self._marks) not in {"", id_}

    def find_former_states(self) -> list[Path]:
        """Return the state directories that this library had at other paths, where it is no longer, the last one first.

        The last one is that with the newest backups: a library may have been moved more than once.
        """
        id_ = self.read_id()
        with suppress(OSError):
            others = sorted(path for path in self._state.parent.iterdir() if path != self._state)
            replaced_states = [former for path in (self._state, *others) for former in (path / _FORMER).glob("*")]
            states = [path for path in (*others, *replaced_states) if self._is_former(path, id_)]
            return sorted(states, key=self._last_sequences, reverse=True)
        return []

    def adopt_state(self) -> None:
        """Take over the backups and the history of the last former state directory; the lock is held.

        That is done where there is no state yet, and where the library returns to a path at which it was before; its
        history of that time, which lacks the last steps, is quarantined. The files get a second name, so that they stay
        where they are for a copy of the library. Raises ReadlistError where the state directory cannot be written.
        """
        is_known = bool(_read_record(self._state).id)
        if not any(map(_read_library, (self._papers, self._marks))) or (is_known and not self._was_saved_elsewhere()):
            return
        with os_errors_as("save", self._state):
            for former in self.find_former_states()[:1]:
                if is_known and self._last_sequences(former) <= self._last_sequences(self._state):
                    break
                for entry in sorted((self._state / "history").glob("*")) if is_known else ():
                    quarantine(entry, self._state / "damaged")
                for source in _files(former):
                    target = self._state / source.relative_to(former)
                    ensure_directory(target.parent)
                    if not target.exists():
                        with temporary_path(target) as temporary:
                            link_or_copy(source, temporary)
                            temporary.replace(target)

    def _was_saved_elsewhere(self) -> bool:
        """Return whether a store file is newer than all of its backups, as after the library was moved and returned."""
        return any(
            _last_sequence(self._state, path) < read_metadata(path).sequence for path in (self._marks, self._papers)
        )

    def _last_sequences(self, state: Path) -> tuple[int, int]:
        return _last_sequence(state, self._marks), _last_sequence(state, self._papers)

    def accept_library(self) -> None:
        """Assign the state directory to the library of both files; that of another library is moved to `former`.

        The lock is held. Raises ReadlistError where the state directory cannot be written.
        """
        other = _read_record(self._state).id
        if not all(map(self.is_foreign, (self._papers, self._marks))):
            return
        with os_errors_as("save", self._state):
            former = self._state / _FORMER / other
            ensure_directory(former)
            for name in (*_PARTS, _FILE):
                with suppress(FileNotFoundError):
                    (self._state / name).replace(former / name)
        self.adopt_state()

    def record(self) -> None:
        """Record in the state directory to which library it belongs; the lock is held."""
        path = self._state / _FILE
        record = StateRecord(self.read_id(), str(self._papers.parent))
        if _read_record(self._state) != record:
            write_file(path, [_encode(record)])

    def _is_former(self, state: Path, id_: str) -> bool:
        record = _read_record(state)
        if record.id != id_:
            return False
        remains = (_read_library(Path(record.location) / path.name) for path in (self._papers, self._marks))
        is_here = Path(record.location) == self._papers.parent
        return is_here or id_ not in remains


def _last_sequence(state: Path, path: Path) -> int:
    return Backups(state / "backups" / path.name).last_sequence


def read_metadata(path: Path) -> Metadata:
    """Return what a store file says about itself without reading its records, the defaults where that is not known."""
    try:
        return parse_metadata(read_regular(path, _MAX_HEAD))
    except (OSError, ValueError):  # a path with a NUL
        return Metadata()


def _read_library(path: Path) -> str:
    return read_metadata(path).library


def _read_record(state: Path) -> StateRecord:
    from orjson import JSONDecodeError, loads

    try:
        record = loads(read_regular(state / _FILE, _MAX_HEAD))
    except (OSError, JSONDecodeError):
        return StateRecord()
    values = (record.get(name) for name in StateRecord._fields) if isinstance(record, dict) else ()
    known = [value for value in values if isinstance(value, str)]
    return StateRecord(*known) if len(known) == len(StateRecord._fields) else StateRecord()


def _encode(record: StateRecord) -> bytes:
    from orjson import dumps

    return dumps(record._asdict()) + b"\n"


def _files(state: Path) -> Iterator[Path]:
    """Yield the files of a state directory that belong to the library rather than to its path."""
    for name in _PARTS:
        yield from (path for path in sorted((state / name).rglob("*")) if path.is_file() and not path.is_symlink())
