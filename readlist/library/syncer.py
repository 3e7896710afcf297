"""Syncer: one sync with one remote: fetch, merge under the library's lock, save, push; again where another was faster.

The network is used without the lock. Under the lock the merge is committed as an object, then saved through a
transaction, in the same write as the commit that it was merged with, then pushed: a process that dies anywhere leaves
the old or the new state, and the next sync completes it.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readlist.dates import utc_now
from readlist.errors import Busy, ReadlistError, StoreError, SyncRefused
from readlist.library.sync_directory import LAB, LastSync, Settings, SyncDirectory
from readlist.library.transaction import SyncedRecords, transaction
from readlist.store.fingerprint import fingerprint
from readlist.store.identity import read_metadata
from readlist.store.lock import Lock
from readlist.store.marks import MARKS
from readlist.store.papers import PAPERS
from readlist.store.people import read_people as read_people_file
from readlist.store.people import write_people
from readlist.sync.branch import BranchFiles
from readlist.sync.clone import Clone
from readlist.sync.failures import LostRace
from readlist.sync.keys import KeyMap
from readlist.sync.lab import People, find_own_files, read_people
from readlist.sync.local import LocalLibrary
from readlist.sync.merge import PAPERS as PAPERS_DIRECTORY
from readlist.sync.merge import SAME, SOURCES, Bases, Member, Merge, Merger, require_library
from readlist.sync.report import SyncReport, describe_counts
from readlist.text import clean, plural

if TYPE_CHECKING:
    from readlist.library.index_sync import IndexSync
    from readlist.library.library import Progress
    from readlist.library.replay import PapersByKey
    from readlist.models import Paper
    from readlist.store import Store
    from readlist.store.format import Metadata

MAX_ATTEMPTS = 8
"""How often a sync is repeated because another machine changed the remote meanwhile."""
_FIRST_PAUSE_SECONDS = 0.05
_DAY_SECONDS = 86_400
_LOCK_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a library that a sync works on."""

    store: Store
    index: IndexSync
    state: Path
    find_papers: PapersByKey


class Syncer:
    """Syncs a library with one remote through its clone."""

    def __init__(self, parts: Parts, directory: SyncDirectory, settings: Settings, clone: Clone) -> None:
        self._parts = parts
        self._directory = directory
        self._settings = settings
        self._clone = clone
        self._role = directory.role
        self._member = Member(settings.name, settings.shared) if self._role == LAB else None
        self._files = BranchFiles(clone)
        self._sent: Counter[str] = Counter()
        self._received: Counter[str] = Counter()
        self._messages: dict[str, None] = {}
        self._is_first = False

    def run(self, progress: Progress) -> SyncReport:
        """Sync. Raises Busy where another sync runs, or where others kept changing the remote."""
        with self._lock():
            self._clone.open()
            with self._clone_errors():
                self._exchange(progress)
        return self._report()

    def _exchange(self, progress: Progress) -> None:
        for attempt in range(MAX_ATTEMPTS):
            progress("fetching", 0, 0)
            tip = self._clone.fetch()
            self._remember(tip)
            if self._is_unchanged(tip):
                return
            progress("merging", 0, 0)
            commit = self._merge(tip, progress)
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

    def _remember(self, tip: str) -> None:
        """Remember the remote from now on. Raises SyncRefused where it contains something else than a library."""
        known = self._directory.read_settings()
        if known != self._settings:
            require_library(self._files, tip)
            name = self._settings.name
            if self._member and known is None and find_own_files(self._files, tip, name):
                message = f"{name} shares marks there already; if that is not you, on this or another of your machines"
                self._messages[f"{message}: readlist sync --leave, then join under another name"] = None
            self._directory.write_settings(self._settings)

    def preview(self, *, is_offline: bool = False, is_new: bool = False) -> SyncReport:
        """Return what a sync would send and receive, without a change; offline, only what it would send.

        `is_new` says that the remote does not exist yet.
        """
        with self._lock():
            self._clone.open()
            tip = "" if is_new else self._clone.ref("remote") if is_offline else self._clone.fetch()
            store = self._parts.store
            papers, marks = (file.read_content() for file in (store.papers.file, store.marks.file))
            store.papers.file.require_usable(papers)
            store.marks.file.require_usable(marks)
            tables = {**papers.tables, **marks.tables}
            bases = self._known(Bases(self._base(papers.metadata), self._base(marks.metadata)), tip)
            next_id = max([papers.metadata.next_id, *(int(id_) + 1 for id_ in papers.tables[PAPERS])])
            local = self._describe_local(tables.__getitem__, lambda: next_id, bases)
            self._collect(self._merger(local, bases, self._known_commit(tip)).merge())
        return self._report(is_first=self._is_new(bases))

    def _lock(self) -> Lock:
        lock = Lock(self._directory.lock_path, _LOCK_TIMEOUT_SECONDS)
        lock.description = "sync"
        return lock

    def _is_unchanged(self, tip: str) -> bool:
        """Return whether neither the remote nor the library changed since the last sync."""
        last = self._directory.read_last()
        is_complete = self._member is None or self._parts.store.people_file.exists()
        return last is not None and is_complete and (last.commit, last.fingerprints) == (tip, self._fingerprints())

    def _fingerprints(self) -> tuple[str, ...]:
        return tuple(map(fingerprint, self._parts.store.files))

    def _merge(self, tip: str, progress: Progress) -> str:
        """Merge and save; return the commit to push, or the tip where there is nothing to send."""
        parts = self._parts
        parts.store.lock.description = "sync"
        with parts.store.lock:
            with transaction(parts.store, parts.index, "sync", partial(progress, "indexing"), is_sync=True) as change:
                bases = self._known(Bases(*(self._base(read_metadata(path)) for path in parts.store.files)), tip)
                self._is_first = self._is_first or self._is_new(bases)
                local = self._describe_local(change.records, change.next_id, bases)
                merged = self._merger(local, bases, tip).merge()
                commit = self._commit(merged, tip)
                self._warn_of_clocks(bases.marks, tip)
                self._collect(merged)
                bases = Bases(commit if self._is_paper_base(merged, bases, tip) else bases.papers, commit)
                change.put_synced(self._synced_records(merged, bases), self._find_marked(merged))
            self._clone.set_refs({f"{self._role}-papers": bases.papers, f"{self._role}-marks": bases.marks})
            last = LastSync(commit, bases, self._fingerprints(), merged.keys.to_record(), utc_now())
            self._directory.record_last(last, parts.store.files)
            if self._member:
                self._save_people(read_people(self._files, commit, self._member.name, merged.keys))
        return commit

    def _save_people(self, people: People) -> None:
        """Save the marks of the others in a lab, and count those that are new or different."""
        path = self._parts.store.people_file
        try:
            before = read_people_file(path)
        except StoreError:  # it is written again
            before = {}
        write_people(path, people)
        for person in people.keys() | before.keys():
            one, other = people.get(person, {}), before.get(person, {})
            self._received["others"] += sum(one.get(key) != other.get(key) for key in one.keys() | other.keys())

    def withdraw(self) -> None:
        """Delete the marks of the user from the branch of a lab; its history keeps them. Raises like `run`."""
        with self._lock():
            self._clone.open()
            for attempt in range(MAX_ATTEMPTS):
                tip = self._clone.fetch()
                own = find_own_files(self._files, tip, self._settings.name)
                if not own:
                    return
                name = self._settings.name
                try:
                    self._clone.push(self._clone.commit(dict.fromkeys(own), tip, name, f"{name}: left", _now()))
                except LostRace:
                    _pause(attempt)
                    continue
                return
        raise Busy("other machines kept changing the lab")

    def _base(self, metadata: Metadata) -> str:
        """Return the commit that a store file was last merged with."""
        return metadata.synced.get(self._role, "")

    def _is_new(self, bases: Bases) -> bool:
        """Return whether this library was never synced with the remote; a repaired file has lost its base."""
        return not bases.marks and self._directory.read_last() is None

    def _merger(self, local: LocalLibrary, bases: Bases, tip: str) -> Merger:
        return Merger(self._files, local, bases, tip, _now(), self._member)

    def _known(self, bases: Bases, tip: str) -> Bases:
        """Return the bases without those that the clone lacks: then everything here is merged afresh."""
        return Bases(*(commit if commit == tip else self._known_commit(commit) for commit in bases))

    def _known_commit(self, commit: str) -> str:
        return commit if commit and self._clone.contains(commit) else ""

    def _describe_local(
        self, records: Callable[[str], Mapping[str, Any]], next_id: Callable[[], int], bases: Bases
    ) -> LocalLibrary:
        last = self._directory.read_last()
        papers, marks = self._parts.store.files
        changed_papers = changed_marks = None
        if last and bases.papers == last.bases.papers:
            changed_papers = self._directory.find_changed(papers, last.fingerprints[0])
        if last and bases.marks == last.bases.marks:
            changed_marks = self._directory.find_changed(marks, last.fingerprints[1])
        return LocalLibrary(
            records,
            next_id,
            changed_marks=changed_marks,
            changed_papers=changed_papers,
            keys=KeyMap.from_record(last.keys) if last and changed_papers is not None else None,
        )

    def _commit(self, merged: Merge, tip: str) -> str:
        if not merged.files:
            return tip
        counts = describe_counts(merged.sent) or "merged"
        return self._clone.commit(merged.files, tip, self._settings.name, f"{self._settings.name}: {counts}", _now())

    def _is_paper_base(self, merged: Merge, bases: Bases, tip: str) -> bool:
        """Return whether papers.json has to record the new commit: where that has other papers than its base."""
        if not merged.has_papers:
            return False
        prefixes = (PAPERS_DIRECTORY, SAME, SOURCES)
        is_changed = any(path.startswith(prefixes) for path in merged.files) or PAPERS in merged.records
        return is_changed or any(self._files.differing(bases.papers, tip, prefix) for prefix in prefixes)

    def _synced_records(self, merged: Merge, bases: Bases) -> SyncedRecords:
        received = describe_counts(merged.received)
        commits = {PAPERS: {self._role: bases.papers}} if merged.has_papers else {}
        return SyncedRecords(
            merged.records,
            {**commits, MARKS: {self._role: bases.marks}},
            merged.next_id,
            f"sync: received {received}" if received else "sync",
        )

    def _find_marked(self, merged: Merge) -> Iterable[Paper]:
        keys = merged.records.get(MARKS, {})
        return self._parts.find_papers(keys) if keys else ()

    def _warn_of_clocks(self, base: str, tip: str) -> None:
        """Add a message about each machine whose clock was more than a day ahead."""
        if not tip or tip == base:
            return
        for author, at in self._clone.commits_between(base, tip):
            if (ahead := at - _now()) > _DAY_SECONDS:
                days = plural(ahead // _DAY_SECONDS, "day")
                message = f"the clock of {clean(author)} is {days} ahead; where both changed the same, its change won"
                self._messages[f"{message}: correct the clock, and repeat the change that lost"] = None

    def _collect(self, merged: Merge) -> None:
        """Add up what the attempts of one sync sent and received; what is sent is merged again in each."""
        for kind, count in merged.sent.items():
            self._sent[kind] = max(self._sent[kind], count)
        self._received.update(merged.received)
        self._messages |= dict.fromkeys(merged.messages)

    def _report(self, *, is_first: bool | None = None) -> SyncReport:
        first = self._is_first if is_first is None else is_first
        sent, received = dict(+self._sent), dict(+self._received)
        return SyncReport(str(self._clone.remote), sent, received, first, tuple(self._messages))


def _pause(attempt: int) -> None:
    """Wait for a random time, the longer the more attempts failed."""
    time.sleep(random.random() * _FIRST_PAUSE_SECONDS * 2**attempt)  # noqa: S311 -- no secret


def _now() -> int:
    return int(utc_now().timestamp())
