"""TinyDB, and only here: what is kept of a library, and how it gets onto the disk."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.store.fingerprint import stamp

if TYPE_CHECKING:
    from readlist.store.history import History
    from readlist.store.lock import Lock
    from readlist.store.marks import MarkStore
    from readlist.store.papers import PaperStore


class Store:
    """The store of a library: its files in `data`, its lock, backups and history in `state`.

    Its parts are made when they are asked for: no command that reads needs one.
    """

    def __init__(self, data: Path, state: Path) -> None:
        self.files = (data / "papers.json", data / "marks.json")
        self._state = state

    @cached_property
    def lock(self) -> Lock:
        """What whoever changes something holds."""
        from readlist.store.lock import Lock

        return Lock(self._state / "lock")

    @cached_property
    def papers(self) -> PaperStore:
        """What the digests say."""
        from readlist.store.papers import PaperStore

        return PaperStore(self.files[0], self.lock, self._state / "backups")

    @cached_property
    def marks(self) -> MarkStore:
        """What the reader did."""
        from readlist.store.marks import MarkStore

        return MarkStore(self.files[1], self.lock, self._state / "backups")

    @cached_property
    def history(self) -> History:
        """What each command changed."""
        from readlist.store.history import History

        return History(self._state / "history")

    def stamps(self) -> tuple[str, str]:
        """The identities of the two files in their present state."""
        papers, marks = self.files
        return stamp(papers), stamp(marks)
