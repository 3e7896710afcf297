"""The merge of a library with the branch of a remote, under the library's lock: read, merge, commit, save.

The merge is committed as an object, then saved through a transaction, in the same write as the commit that it was
merged with: a process that dies anywhere leaves the old or the new state, and the next sync completes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from readlist.dates import utc_now
from readlist.errors import StoreError
from readlist.library.sync_directory import LastSync
from readlist.library.transaction import SyncedRecords, transaction
from readlist.store.identity import read_metadata
from readlist.store.marks import MARKS
from readlist.store.papers import PAPERS
from readlist.store.people import read_people, write_people
from readlist.sync.branch import PAPERS as PAPERS_DIRECTORY
from readlist.sync.branch import SAME, SOURCES, Bases
from readlist.sync.keys import KeyMap
from readlist.sync.lab import People, collect_people
from readlist.sync.local import LocalLibrary
from readlist.sync.merge import Merge, Merger
from readlist.sync.report import SyncTally, describe_counts
from readlist.text import clean, plural

if TYPE_CHECKING:
    from readlist.library.library import Progress
    from readlist.library.syncer import LibraryParts, SyncTarget
    from readlist.models import Paper
    from readlist.store.format import Metadata

_DAY_SECONDS = 86_400


class LibraryMerge:
    """A merge with the branch at `tip`; `tally` counts what it sends and receives."""

    def __init__(self, parts: LibraryParts, target: SyncTarget, tip: str, tally: SyncTally) -> None:
        self._parts = parts
        self._directory = target.directory
        self._name = target.settings.name
        self._member = target.member
        self._clone = target.clone
        self._files = target.files
        self._tip = tip
        self._tally = tally
        self._role = target.directory.role

    def save(self, progress: Progress) -> str:
        """Merge and save; return the commit to push, or the tip where there is nothing to send."""
        parts = self._parts
        parts.store.lock.description = "sync"
        with parts.store.lock:
            with transaction(parts.store, parts.index, "sync", partial(progress, "indexing"), is_sync=True) as change:
                bases = self._known_bases(Bases(*(self._base(read_metadata(path)) for path in parts.store.files)))
                local = self._describe_local(change.records, change.next_id, bases)
                merged = self._merger(local, bases).merge()
                commit = self._commit(merged)
                self._warn_of_clocks(bases.marks)
                self._count(bases, merged)
                bases = Bases(commit if self._is_paper_base(merged, bases) else bases.papers, commit)
                change.put_synced(self._synced_records(merged, bases), self._find_marked(merged))
            self._clone.set_refs({f"{self._role}-papers": bases.papers, f"{self._role}-marks": bases.marks})
            if self._member:  # before the sync is recorded as complete
                self._save_people(collect_people(self._files, commit, self._member.name, merged.keys))
            # Not those of the present files, which another program may have replaced since.
            fingerprints = change.fingerprints[:2]
            self._directory.record_last(
                LastSync(commit, bases, fingerprints, merged.keys.to_record(), utc_now()), parts.store.files
            )
        return commit

    def preview(self) -> None:
        """Count what would be sent and received. Raises StoreError where a store file is corrupt, missing or newer."""
        store = self._parts.store
        papers, marks = (file.read_content() for file in (store.papers.file, store.marks.file))
        store.papers.file.require_usable(papers)
        store.marks.file.require_usable(marks)
        tables = {**papers.tables, **marks.tables}
        bases = self._known_bases(Bases(self._base(papers.metadata), self._base(marks.metadata)))
        next_id = max([papers.metadata.next_id, *(int(id_) + 1 for id_ in papers.tables[PAPERS])])
        local = self._describe_local(tables.__getitem__, lambda: next_id, bases)
        self._tip = self._known_commit(self._tip)
        self._count(bases, self._merger(local, bases).merge())

    def _save_people(self, people: People) -> None:
        """Save the marks of the others in a lab, and count those that are new or different."""
        path = self._parts.store.people_file
        try:
            before = read_people(path)
        except StoreError:  # it is written again
            before = {}
        write_people(path, people)
        for person in people.keys() | before.keys():
            one, other = people.get(person, {}), before.get(person, {})
            self._tally.received["others"] += sum(one.get(key) != other.get(key) for key in one.keys() | other.keys())

    def _base(self, metadata: Metadata) -> str:
        """Return the commit that a store file was last merged with."""
        return metadata.synced.get(self._role, "")

    def _is_new(self, bases: Bases) -> bool:
        """Return whether this library was never synced with the remote; a repaired file has lost its base."""
        return not bases.marks and self._directory.read_last() is None

    def _merger(self, local: LocalLibrary, bases: Bases) -> Merger:
        return Merger(self._files, local, bases, self._tip, _now(), self._member)

    def _known_bases(self, bases: Bases) -> Bases:
        """Return the bases without those that the clone lacks: then everything here is merged afresh."""
        return Bases(*(commit if commit == self._tip else self._known_commit(commit) for commit in bases))

    def _known_commit(self, commit: str) -> str:
        return commit if commit and self._clone.contains(commit) else ""

    def _describe_local(
        self, records: Callable[[str], Mapping[str, Any]], next_id: Callable[[], int], bases: Bases
    ) -> LocalLibrary:
        last = self._directory.read_last()
        papers, marks = self._parts.store.files
        changed_papers = changed_marks = keys = None
        if last and bases.papers == last.bases.papers:
            changed_papers = self._directory.find_changed(papers, last, 0)
            keys = KeyMap.from_record(last.keys)
        if last and bases.marks == last.bases.marks:
            changed_marks = self._directory.find_changed(marks, last, 1)
        return LocalLibrary(records, next_id, changed_marks=changed_marks, changed_papers=changed_papers, keys=keys)

    def _commit(self, merged: Merge) -> str:
        if not merged.files:
            return self._tip
        counts = describe_counts(merged.sent) or "merged"
        return self._clone.commit(merged.files, self._tip, self._name, f"{self._name}: {counts}", _now())

    def _is_paper_base(self, merged: Merge, bases: Bases) -> bool:
        """Return whether papers.json has to record the new commit: where that has other papers than its base."""
        if not merged.has_papers:
            return False
        prefixes = (PAPERS_DIRECTORY, SAME, SOURCES)
        is_changed = any(path.startswith(prefixes) for path in merged.files) or PAPERS in merged.records
        return is_changed or any(self._files.differing(bases.papers, self._tip, prefix) for prefix in prefixes)

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

    def _warn_of_clocks(self, base: str) -> None:
        """Add a message about each machine whose clock was more than a day ahead."""
        if self._tip in {"", base}:
            return
        for author, at in self._clone.commits_between(base, self._tip):
            if (ahead := at - _now()) > _DAY_SECONDS:
                days = plural(round(ahead / _DAY_SECONDS), "day")
                message = f"the clock of {clean(author)} is {days} ahead; where both changed the same, its change won"
                self._tally.add_message(f"{message}: correct the clock, and repeat the change that lost")

    def _count(self, bases: Bases, merged: Merge) -> None:
        self._tally.is_first = self._tally.is_first or self._is_new(bases)
        self._tally.add(merged.sent, merged.received, merged.messages)


def _now() -> int:
    return int(utc_now().timestamp())
