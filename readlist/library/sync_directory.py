"""What a sync remembers on this machine, in the state directory. Without it the next sync looks at everything again.

    <state>/sync/own.git    the clone of the remote
    <state>/sync/own.json   {"remote": URL, "name": …, "last": {"commit": …, "bases": […], "keys": {…}, …}}
    <state>/sync/own-papers.json, own-marks.json    second names of the store files as the last sync left them
    <state>/sync/lab.*      the same of a lab
    <state>/sync/lock       held during a sync

The second names, copies where there are no hard links, are compared line by line with the present files, so that a
sync looks only at what changed. They are used only while their fingerprints are those that were recorded: another
program may have written into the file.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from readlist.dates import format_utc
from readlist.errors import ReadlistError
from readlist.opening import open_regular, read_regular
from readlist.private_files import ensure_directory
from readlist.store.atomic import link_or_copy, os_errors_as, temporary_path, write_file
from readlist.store.fingerprint import fingerprint
from readlist.sync.branch import Bases

OWN, LAB = "own", "lab"
"""The roles of a remote: the machines of one user, and a group."""
_METADATA = b'"1":{"schema"'
"""How the line of the metadata of a store file begins."""


class LastSync(NamedTuple):
    """The state after the last sync: the commit, and of both store files the commits that they were merged with.

    `fingerprints` are those of the files, `keys` the keys here that differ from the shared ones. `copies` are the
    fingerprints of the second names, "" for one that could not be made.
    """

    commit: str
    bases: Bases
    fingerprints: tuple[str, ...]
    keys: Mapping[str, str]
    at: dt.datetime
    copies: tuple[str, ...] = ("", "")


class Settings(NamedTuple):
    """What the user chose: the remote, and the name of this machine or, in a lab, of the person and what is shared."""

    remote: str
    name: str = ""
    shared: tuple[str, ...] = ()


class SyncDirectory:
    """What is remembered of one remote, by its `role`: "own" or "lab"."""

    def __init__(self, state: Path, role: str) -> None:
        self._directory = state / "sync"
        self.role = role

    @property
    def lock_path(self) -> Path:
        """The file that is locked during a sync."""
        return self._directory / "lock"

    @property
    def clone_path(self) -> Path:
        """The directory of the clone."""
        return self._directory / f"{self.role}.git"

    def read_settings(self) -> Settings | None:
        """Return what the user chose, None where no remote is remembered."""
        record = self._read_record()
        if not isinstance(record.get("remote"), str):
            return None
        shared = record.get("shared") or ()
        return Settings(record["remote"], str(record.get("name", "")), tuple(map(str, shared)))

    def write_settings(self, settings: Settings) -> None:
        """Remember what the user chose. Raises ReadlistError."""
        known = self.read_settings()
        if known == settings:
            return
        record = self._read_record()
        if known is None or (known.remote, known.shared) != (settings.remote, settings.shared):
            record.pop("last", None)  # all of it is looked at again
        self._write_record(record | settings._asdict())

    def forget(self) -> bool:
        """Forget the remote, its clone stays; returns whether there was one. Raises ReadlistError."""
        path = self._directory / f"{self.role}.json"
        with os_errors_as("delete", path):
            is_known = path.exists()
            path.unlink(missing_ok=True)
        return is_known

    def delete_copies(self) -> None:
        """Delete the clone and the second names, so that nothing that others sent stays here. Raises ReadlistError."""
        with os_errors_as("delete", self.clone_path), suppress(FileNotFoundError):
            shutil.rmtree(self.clone_path)
        for path in self._directory.glob(f"{self.role}-*.json"):
            with os_errors_as("delete", path):
                path.unlink(missing_ok=True)

    def read_last(self) -> LastSync | None:
        """Return the state after the last sync, None where it is not known."""
        last: Any = self._read_record().get("last")
        try:
            bases, fingerprints = Bases(*last["bases"]), tuple(last["fingerprints"])
            at, copies = dt.datetime.fromisoformat(last["at"]), tuple(last["copies"])
            return LastSync(last["commit"], bases, fingerprints, dict(last["keys"]), at, copies)
        except (KeyError, TypeError, ValueError):
            return None

    def record_last(self, last: LastSync, files: Sequence[Path]) -> None:
        """Remember the state after a sync, and give the store files their second names."""
        copies = list(map(self._link, files, last.fingerprints))
        record = last._asdict() | {"bases": list(last.bases), "at": format_utc(last.at), "copies": copies}
        self._write_record(self._read_record() | {"last": record})

    def _link(self, path: Path, expected: str) -> str:
        """Give a file a second name; return the fingerprint of that, "" where it is not the file that is expected.

        It is a copy where the disk has no hard links, or the file is on another one.
        """
        linked = self._linked(path)
        with suppress(OSError, ReadlistError):  # then the next sync reads everything
            if not (linked.exists() and linked.samefile(path)):
                ensure_directory(self._directory)
                with temporary_path(linked) as temporary:
                    link_or_copy(path.resolve(), temporary)
                    temporary.replace(linked)
            if fingerprint(path) == expected:
                return fingerprint(linked)
        return ""

    def _linked(self, path: Path) -> Path:
        return self._directory / f"{self.role}-{path.name}"

    def find_changed(self, path: Path, last: LastSync, number: int) -> set[str] | None:
        """Return the IDs of the records of a store file that differ from those after the last sync, of all tables.

        `number` is that of the file in `last`. None where it is not known what differs.
        """
        linked, copy = self._linked(path), last.copies[number]
        if fingerprint(path) == last.fingerprints[number]:
            return set()
        if not copy or fingerprint(linked) != copy:
            return None
        try:
            return _parse_ids(_read_lines(linked) ^ _read_lines(path))
        except OSError:
            return None

    def _read_record(self) -> dict[str, Any]:
        from orjson import JSONDecodeError, loads

        try:
            record = loads(read_regular(self._directory / f"{self.role}.json"))
        except (OSError, JSONDecodeError):
            return {}
        return record if isinstance(record, dict) else {}

    def _write_record(self, record: Mapping[str, Any]) -> None:
        from orjson import dumps

        write_file(self._directory / f"{self.role}.json", [dumps(record), b"\n"])


def _read_lines(path: Path) -> set[bytes]:
    import os

    with os.fdopen(open_regular(path), "rb", buffering=1 << 20) as file:
        return {line for line in file if line.startswith(b'"') and not line.startswith(_METADATA)}


def _parse_ids(lines: Iterable[bytes]) -> set[str]:
    from orjson import JSONDecodeError, loads

    ids: set[str] = set()
    for line in lines:
        with suppress(JSONDecodeError):  # of a file that another program wrote: it is not used then
            ids |= loads(b"{%b}" % line).keys()
    return ids
