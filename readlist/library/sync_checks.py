"""The check of what a sync remembers: the clones, the commits that the store files were merged with, and namesakes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.doctor.report import FIX, Finding, Level
from readlist.errors import ReadlistError
from readlist.library.sync_directory import LAB, OWN, SyncDirectory
from readlist.store.identity import read_metadata
from readlist.sync.clone import Clone
from readlist.sync.keys import KeyMap
from readlist.sync.remotes import parse_remote

if TYPE_CHECKING:
    from readlist.store import Store


class SyncCheck:
    """What `sync` keeps in the state directory, for a library that is synced; without the network."""

    def __init__(self, store: Store, state: Path) -> None:
        self._store = store
        self._state = state

    def run(self) -> Iterator[Finding]:
        """Yield the findings of each remote."""
        for role in (OWN, LAB):
            directory = SyncDirectory(self._state, role)
            if settings := directory.read_settings():
                yield from self._check_clone(directory, settings.remote)
                yield from self._find_namesakes(directory)

    def _check_clone(self, directory: SyncDirectory, remote: str) -> Iterator[Finding]:
        path = directory.clone_path
        bases = {read_metadata(file).synced.get(directory.role, "") for file in self._store.files} - {""}
        try:
            clone = Clone(path, parse_remote(remote))
            is_damaged = path.exists() and not clone.is_intact()
            is_stale = bool(bases) and not is_damaged and not (path.exists() and all(map(clone.contains, bases)))
        except ReadlistError as error:  # git is missing
            yield Finding(Level.INFO, f"cannot check the copy of the remote: {error}", "it is needed for a sync only")
            return
        if is_damaged:
            message = "the copy of the remote is damaged; the next sync fetches it again"
            yield Finding(Level.WARNING, message, FIX, (str(path),), partial(_delete, path))
        elif is_stale:
            message = "the copy of the remote lacks the state of the last sync"
            yield Finding(Level.INFO, message, "the next sync fetches it, or merges everything: readlist sync")

    def _find_namesakes(self, directory: SyncDirectory) -> Iterator[Finding]:
        """Yield a finding for papers that have the title and the first author of another one elsewhere."""
        last = directory.read_last()
        own: Mapping[str, str] = KeyMap.from_record(last.keys).own if last else {}
        if own:
            message = "papers with title and first author of another paper, and another arXiv ID"
            remedy = "both are kept; where one has a wrong arXiv ID: readlist edit"
            yield Finding(Level.INFO, message, remedy, tuple(sorted(own)))


def _delete(path: Path) -> str:
    shutil.rmtree(path)
    return f"Deleted the damaged copy of the remote: {path}"
