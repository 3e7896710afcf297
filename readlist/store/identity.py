"""The identity of a library: an ID that both of its store files have, and its state directory.

    <state>/library      {"id": "9f2c51d07be4a836", "location": "/home/me/reading"}

The state directory belongs to a path. A library that was moved, or is a copy, gets a new one; by the identity its
former state directory is found, and its backups and history are taken over. The identity also says that two store files
do not belong together, and that a file is missing that the other one knows of.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.opening import read_regular
from readlist.store.atomic import ensure_directory, link_or_copy, os_errors_as, quarantine, write_file
from readlist.store.backups import Backups
from readlist.store.format import MAX_SEQUENCE
from readlist.text import plural

if TYPE_CHECKING:
    from readlist.store.format import Record

_FILE = "library"
_ADOPTED = ("backups", "history", "damaged")
_MAX_HEAD = 4096
"""Bytes at the start of a store file that contain its metadata."""
_ID_BYTES = 8
_TYPES = {"library": str, "sequence": int, "papers": int, "has_marks": bool}
"""The types of the metadata that are used here and by the doctor."""


class Identity:
    """The identity of the library with these two store files, papers and marks, and this state directory."""

    def __init__(self, papers: Path, marks: Path, state: Path) -> None:
        self._papers = papers
        self._marks = marks
        self._state = state

    @property
    def id(self) -> str:
        """The library's ID: of those that its files have the one that the state directory knows; else a new one.

        It is read each time: while `browse` runs, another program may put another library in place.
        """
        known = [id_ for path in (self._marks, self._papers) if (id_ := read_metadata(path).get("library"))]
        recorded = self._recorded_id()
        if recorded and (recorded in known or not known):
            return recorded
        return known[0] if known else self._new_id

    @cached_property
    def _new_id(self) -> str:
        return os.urandom(_ID_BYTES).hex()

    def _recorded_id(self) -> str:
        id_ = _read_record(self._state).get("id")
        return id_ if isinstance(id_, str) else ""

    def evidence(self, path: Path) -> str:
        """Return what the other store file says about this one, "" for nothing: that it exists, and how large it is."""
        if path == self._papers:
            papers = read_metadata(self._marks).get("papers")
            return f"{self._marks.name} was saved with {plural(papers, 'paper')}" if papers else ""
        return f"{self._papers.name} was saved beside it" if read_metadata(self._papers).get("has_marks") else ""

    def is_foreign(self, path: Path) -> bool:
        """Return whether this store file belongs to another library than the other one.

        Of the two it is the one whose library is not the one that the state directory knows, else papers.json.
        """
        ids = {file: read_metadata(file).get("library") for file in (self._papers, self._marks)}
        return all(ids.values()) and len(set(ids.values())) > 1 and bool(ids[path] != self.id)

    def is_of_another_library(self, metadata: Record) -> bool:
        """Return whether the content of a store file, such as a backup, says that it is of another library."""
        return metadata.get("library") not in {None, self.id}

    def former_states(self) -> list[Path]:
        """Return the state directories that this library had at other paths, where it is no longer, the last one first.

        The last one is that with the newest backups: a library may have been moved more than once.
        """
        if not self._state.parent.is_dir():
            return []
        others = sorted(path for path in self._state.parent.iterdir() if path != self._state)
        return sorted(filter(self._is_former, others), key=self._last_sequences, reverse=True)

    def _last_sequences(self, state: Path) -> tuple[int, int]:
        marks, papers = (_backups(state, path).last_sequence for path in (self._marks, self._papers))
        return marks, papers

    def _was_saved_elsewhere(self) -> bool:
        """Return whether a store file is newer than all of its backups, as after the library was moved and returned."""
        return any(
            _backups(self._state, path).last_sequence < read_metadata(path).get("sequence", 0) <= MAX_SEQUENCE
            for path in (self._marks, self._papers)
        )

    def adopt_former_state(self) -> None:
        """Take over the backups and the history of the last former state directory; the lock is held.

        That is done where there is no state yet, and where the library returns to a path at which it was before; its
        history of that time, which lacks the last steps, is quarantined. The files get a second name, so that they stay
        where they are for a copy of the library. Raises ReadlistError where the state directory cannot be written.
        """
        if not any(map(read_metadata, (self._papers, self._marks))):
            return
        is_known = (self._state / _FILE).exists()
        if is_known and not self._was_saved_elsewhere():
            return
        with os_errors_as("save", self._state):
            for former in self.former_states()[:1]:
                if is_known and self._last_sequences(former) <= self._last_sequences(self._state):
                    break
                for entry in sorted((self._state / "history").glob("*")) if is_known else ():
                    quarantine(entry, self._state / "damaged")
                for source in _files(former):
                    target = self._state / source.relative_to(former)
                    ensure_directory(target.parent)
                    if not target.exists():
                        link_or_copy(source, target)

    def record(self) -> None:
        """Record in the state directory to which library it belongs; called when a store file is saved."""
        path = self._state / _FILE
        content = _encode({"id": self.id, "location": str(self._papers.parent)})
        with os_errors_as("save", path):
            is_recorded = path.exists() and read_regular(path, _MAX_HEAD) == content
        if not is_recorded:
            write_file(path, [content])

    def _is_former(self, state: Path) -> bool:
        record = _read_record(state)
        id_, location = self.id, record.get("location")
        if record.get("id") != id_ or not isinstance(location, str):
            return False
        remains = (read_metadata(Path(location, path.name)).get("library") for path in (self._papers, self._marks))
        return id_ not in remains


def _read_record(state: Path) -> Record:
    """Return what a state directory says about its library, {} where it says nothing that can be read."""
    from orjson import loads

    try:
        record = loads(read_regular(state / _FILE, _MAX_HEAD))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _backups(state: Path, path: Path) -> Backups:
    return Backups(state / "backups" / path.name)


def read_metadata(path: Path) -> Record:
    """Return the metadata of a store file without reading its records, {} where it has none that is intact.

    Values of the wrong type are left out: validation reports them.
    """
    from orjson import loads

    try:
        opening, line, *_ = [*read_regular(path, _MAX_HEAD).splitlines(), b"", b""]
    except (OSError, ValueError):  # a path with a NUL
        return {}
    checked, _, checksum = line.rpartition(b'"sum":"')
    if opening != b'{"_meta":{' or checksum != b'%08x"}' % zlib.crc32(checked, zlib.crc32(b"_meta")):
        return {}
    try:
        record = loads(b"{%b}" % line)["1"]
    except (ValueError, TypeError, KeyError):
        return {}
    if not isinstance(record, dict):
        return {}
    return {name: value for name, value in record.items() if type(value) is _TYPES.get(name, type(value))}


def _encode(record: Record) -> bytes:
    from orjson import dumps

    return dumps(record) + b"\n"


def _files(state: Path) -> Iterator[Path]:
    """Yield the files of a state directory that belong to the library rather than to its path."""
    for name in _ADOPTED:
        yield from (path for path in sorted((state / name).rglob("*")) if path.is_file() and not path.is_symlink())
