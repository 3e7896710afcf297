"""The store: what a library contains, and how it is written to the disk; the only package that imports TinyDB.

    papers marks          the two store files as Paper, Mark and definitions
    records               the types of their records, and how they are validated
    identity              which files and which state directory belong to one library
    matching              deduplication: which known paper a loaded one is
    identity_codes duplicates      with which of the known papers loaded ones are compared, and what they change
    people                the marks of the other persons of a lab
    provenance definitions migrations      parts of the store files, and their older schemas
    history backups incremental retention recovery     how changes are undone and lost files recovered
    file format database atomic lock fingerprint      reading and writing a file safely
    stored_table stored_lines serialization record_lines checksums      changing a file without parsing all of it
    valid_lines           checking a file and its backups, without all of it in memory

`library` is the only caller, and `doctor`, which checks and repairs. Nothing here knows the index.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.store.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from readlist.store.history import History
    from readlist.store.identity import Identity
    from readlist.store.lock import Lock
    from readlist.store.marks import MarkStore
    from readlist.store.papers import PaperStore


class Store:
    """The store of a library: its files in `data`, its lock, backups and history in `state`.

    `notify` is called with a line about each long wait for the lock.

    Its parts are created, and their modules imported, when they are first used: no command that reads needs one.
    """

    def __init__(self, data: Path, state: Path, notify: Callable[[str], None] | None = None) -> None:
        self.files = (data / "papers.json", data / "marks.json")
        self.people_file = state / "sync" / "people.json"
        """The marks of the other persons of a lab, see `people`; there is none without a lab."""
        self._state = state
        self._notify = notify
        self.is_unattended = False
        """Whether the history records new entries as those of a command that cron runs."""

    @cached_property
    def lock(self) -> Lock:
        """The lock that is held during a change."""
        from readlist.store.lock import Lock

        lock = Lock(self._state / "lock", shared_files=self.files)
        if self._notify:
            lock.notify = self._notify
        return lock

    @cached_property
    def identity(self) -> Identity:
        """Which library the files and the state directory belong to."""
        from readlist.store.identity import Identity

        return Identity(*self.files, self._state)

    @cached_property
    def papers(self) -> PaperStore:
        """The papers, and where they came from."""
        from readlist.store.papers import PaperStore

        return PaperStore(self.files[0], self.lock, self._state, self.identity)

    @cached_property
    def marks(self) -> MarkStore:
        """The marks, saved queries, tag aliases and synonyms."""
        from readlist.store.marks import MarkStore

        return MarkStore(self.files[1], self.lock, self._state, self.identity)

    @cached_property
    def history(self) -> History:
        """What each command changed."""
        from readlist.store.history import History

        return History(self._state / "history")

    def fingerprints(self) -> tuple[str, str, str]:
        """Return the fingerprints of the two files, and of the others' marks, in their present state."""
        papers, marks = self.files
        return fingerprint(papers), fingerprint(marks), fingerprint(self.people_file)
