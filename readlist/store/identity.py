"""The identity of a library: an ID that both of its store files have, and its state directory.

    <state>/library      {"id": "9f2c51d07be4a836", "location": "/home/me/reading"}

The state directory belongs to a path. A library that was moved, or is a copy, gets a new one; by the identity its
former state directory is found, and its backups and history are taken over. The identity also says that two store files
do not belong together, and that a file is missing that the other one knows of.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.opening import read_regular
from readlist.store.atomic import ensure_directory, link_or_copy, os_errors_as, write_file
from readlist.text import plural

if TYPE_CHECKING:
    from readlist.store.format import Record

_FILE = "library"
_ADOPTED = ("backups", "history", "damaged")
_TYPES: Mapping[str, type] = {"library": str, "papers": int, "has_marks": bool}
"""The fields of the metadata of which the identity depends, as `records` requires them."""
_MAX_HEAD = 4096
"""Bytes at the start of a store file that contain its metadata."""
_ID_BYTES = 8


class Identity:
    """The identity of the library with these two store files, papers and marks, and this state directory."""

    def __init__(self, papers: Path, marks: Path, state: Path) -> None:
        self._papers = papers
        self._marks = marks
        self._state = state

    @cached_property
    def id(self) -> str:
        """The library's ID, a new one where neither file has one."""
        known = [read_metadata(path).get("library") for path in (self._marks, self._papers)]
        return next((str(id_) for id_ in known if id_), None) or os.urandom(_ID_BYTES).hex()

    def evidence(self, path: Path) -> str:
        """Return what the other store file says about this one, "" for nothing: that it exists, and how large it is."""
        if path == self._papers:
            papers = read_metadata(self._marks).get("papers")
            return f"{self._marks.name} was saved with {plural(papers, 'paper')}" if papers else ""
        return f"{self._papers.name} was saved beside it" if read_metadata(self._papers).get("has_marks") else ""

    def is_foreign(self, path: Path) -> bool:
        """Return whether this store file belongs to another library than the other one."""
        ids = [read_metadata(file).get("library") for file in (self._papers, self._marks)]
        return path == self._papers and all(ids) and len(set(ids)) > 1

    def former_states(self) -> list[Path]:
        """Return the state directories that this library had at other paths, where it is no longer."""
        if not self._state.parent.is_dir():
            return []
        others = sorted(path for path in self._state.parent.iterdir() if path != self._state)
        return [path for path in others if self._is_former(path)]

    def adopt_former_state(self) -> None:
        """Take over the backups and the history of a former state directory, if there is none yet; the lock is held.

        The files get a second name, so that they stay where they are for a copy of the library.
        Raises ReadlistError where the state directory cannot be written.
        """
        with os_errors_as("save", self._state):
            if (self._state / _FILE).exists() or not any(map(read_metadata, (self._papers, self._marks))):
                return
            for former in self.former_states()[:1]:
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
        try:
            from orjson import loads

            record = loads(read_regular(state / _FILE, _MAX_HEAD))
            location = Path(record["location"])
        except (OSError, ValueError, TypeError, KeyError):
            return False
        remains = (read_metadata(location / path.name).get("library") for path in (self._papers, self._marks))
        return record.get("id") == self.id and self.id not in remains


def read_metadata(path: Path) -> Record:
    """Return the metadata of a store file without reading its records, {} where it has none that is intact.

    A field of the wrong type, which a full read reports, is left out.
    """
    from orjson import loads

    try:
        opening, line, *_ = [*read_regular(path, _MAX_HEAD).splitlines(), b"", b""]
    except OSError:
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
