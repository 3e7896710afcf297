"""Syncer: one sync with one remote: fetch, merge, push; again where another machine was faster.

The network is used without the library's lock. `sync_merge` merges and saves under it: it is imported only where the
remote or the library changed.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.dates import utc_now
from readlist.errors import Busy, ReadlistError, StoreError, SyncRefused
from readlist.library.sync_directory import LAB, Settings, SyncDirectory
from readlist.store.fingerprint import fingerprint
from readlist.store.lock import Lock
from readlist.sync.branch import BranchFiles, Member, read_format
from readlist.sync.clone import Clone
from readlist.sync.failures import LostRace
from readlist.sync.report import SyncReport, SyncTally

if TYPE_CHECKING:
    from readlist.library.index_sync import IndexSync
    from readlist.library.library import Progress
    from readlist.library.replay import PapersByKey
    from readlist.library.sync_merge import LibraryMerge
    from readlist.store import Store

MAX_ATTEMPTS = 8
"""How often a sync is repeated because another machine changed the remote meanwhile."""
_FIRST_PAUSE_SECONDS = 0.05
_LOCK_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class LibraryParts:
    """The parts of a library that a sync works on."""

    store: Store
    index: IndexSync
    state: Path
    find_papers: PapersByKey


@dataclass(frozen=True, slots=True)
class SyncTarget:
    """What a library is synced with: the clone of a remote, its files, and what is remembered and was chosen of it.

    `member` is the user as a member of a lab, None for a remote of the user's own.
    """

    directory: SyncDirectory
    settings: Settings
    clone: Clone
    files: BranchFiles
    member: Member | None


class Syncer:
    """Syncs a library with one remote through its clone."""

    def __init__(self, parts: LibraryParts, directory: SyncDirectory, settings: Settings, clone: Clone) -> None:
        self._parts = parts
        self._directory = directory
        self._settings = settings
        self._clone = clone
        self._member = Member(settings.name, settings.shared) if directory.role == LAB else None
        self._files = BranchFiles(clone)
        self._tally = SyncTally()

    def run(self, progress: Progress) -> SyncReport:
        """Sync. Raises Busy where another sync runs, or where others kept changing the remote."""
        with self._lock():
            self._clone.open()
            with self._clone_errors(), self._known_remote():
                self._exchange(progress)
        return self._tally.report(str(self._clone.remote))

    def _exchange(self, progress: Progress) -> None:
        for attempt in range(MAX_ATTEMPTS):
            progress("fetching", 0, 0)
            tip = self._clone.fetch()
            self._remember(tip)
            if self._is_unchanged(tip):
                return
            progress("merging", 0, 0)
            commit = self._merge_with(tip).save(progress)
            if commit == tip:
                return
            progress("sending", 0, 0)
            try:
                self._clone.push(commit)
            except LostRace:
                _pause(attempt)
                continue
            self._clone.set_ref("remote", commit)
            self._clone.repack_if_needed()
            return
        raise Busy(
            "other machines kept changing the remote; what they sent is merged and saved here, yours is not sent yet; "
            "run the sync again"
        )

    def preview(self, *, is_offline: bool = False, is_new: bool = False) -> SyncReport:
        """Return what a sync would send and receive, without a change; offline, only what it would send.

        `is_new` says that the remote does not exist yet.
        """
        with self._lock():
            self._clone.open()
            with self._clone_errors(), self._known_remote():
                tip = "" if is_new else self._clone.ref("remote") if is_offline else self._clone.fetch()
                self._merge_with(tip).preview()
        return self._tally.report(str(self._clone.remote))

    @contextlib.contextmanager
    def _clone_errors(self) -> Iterator[None]:
        """Raise StoreError instead of another error where the clone is damaged: git names the remote, or an object."""
        try:
            yield
        except (Busy, SyncRefused):
            raise
        except ReadlistError as error:
            is_damaged = False
            with contextlib.suppress(ReadlistError):
                is_damaged = not self._clone.is_intact()
            if not is_damaged:
                raise
            raise StoreError(
                f"the copy of the remote is damaged: {self._clone.directory}; to repair it: readlist doctor --fix"
            ) from error

    @contextlib.contextmanager
    def _known_remote(self) -> Iterator[None]:
        """Keep what is known of the remembered remote, which `--status` shows, where another one is only looked at."""
        if self._directory.read_settings() in (None, self._settings):
            yield
            return
        known = self._clone.ref("remote")
        try:
            yield
        finally:
            if self._directory.read_settings() != self._settings:
                self._clone.set_ref("remote", known)

    def _remember(self, tip: str) -> None:
        """Remember the remote from now on. Raises SyncRefused where it contains something else than a library."""
        known = self._directory.read_settings()
        if known != self._settings:
            if tip:
                read_format(self._files, tip, is_lab=self._member is not None)
            if self._member and known is None:
                self._warn_of_namesake(tip)
            self._directory.write_settings(self._settings)

    def _warn_of_namesake(self, tip: str) -> None:
        """Add a message where somebody shares marks under the user's name in the lab already."""
        from readlist.sync.lab import find_own_files

        name = self._settings.name
        if find_own_files(self._files, tip, name):
            message = f"{name} shares marks there already; if that is not you, on this or another of your machines"
            self._tally.add_message(f"{message}: readlist sync --leave, then join under another name")

    def _lock(self) -> Lock:
        lock = Lock(self._directory.lock_path, _LOCK_TIMEOUT_SECONDS)
        lock.description = "sync"
        return lock

    def _is_unchanged(self, tip: str) -> bool:
        """Return whether neither the remote nor the library changed since the last sync."""
        last = self._directory.read_last()
        if last is None or (last.commit, last.fingerprints) != (tip, self._fingerprints()):
            return False
        return self._member is None or self._has_people()

    def _has_people(self) -> bool:
        """Return whether the marks of the others in a lab are saved and intact."""
        from readlist.store.people import read_people

        path = self._parts.store.people_file
        with contextlib.suppress(StoreError):
            read_people(path)
            return path.exists()
        return False

    def _fingerprints(self) -> tuple[str, ...]:
        return tuple(map(fingerprint, self._parts.store.files))

    def withdraw(self) -> None:
        """Delete the marks of the user from the branch of a lab; its history keeps them. Raises like `run`."""
        from readlist.sync.lab import find_own_files

        with self._lock():
            self._clone.open()
            for attempt in range(MAX_ATTEMPTS):
                tip = self._clone.fetch()
                own = find_own_files(self._files, tip, self._settings.name)
                if not own:
                    return
                name = self._settings.name
                try:
                    self._clone.push(
                        self._clone.commit(dict.fromkeys(own), tip, name, f"{name}: left", int(utc_now().timestamp()))
                    )
                except LostRace:
                    _pause(attempt)
                    continue
                return
        raise Busy("other machines kept changing the lab; your marks are still there; try again")

    def _merge_with(self, tip: str) -> LibraryMerge:
        from readlist.library.sync_merge import LibraryMerge

        target = SyncTarget(self._directory, self._settings, self._clone, self._files, self._member)
        return LibraryMerge(self._parts, target, tip, self._tally)


def _pause(attempt: int) -> None:
    """Wait for a random time, the longer the more attempts failed."""
    time.sleep(random.random() * _FIRST_PAUSE_SECONDS * 2**attempt)  # noqa: S311 -- no secret
