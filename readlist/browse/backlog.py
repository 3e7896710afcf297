"""The papers that a query found, in an order that does not change while they are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import NoSuchItem
from readlist.models import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from readlist import edits
    from readlist.library.library import Library
    from readlist.library.replay import ReversedStep
    from readlist.models import Entry
    from readlist.search.query.ast import Query

_PAGE = 64
"""Entries that are read at once: those of a large screen."""


class Backlog:
    """The result of one query: its papers keep their positions until the next search, also when they no longer match.

    `text` is the query, `ids` are its papers, `library_size` counts the papers of the whole library. Entries are read
    by the page when they are accessed, and again after every edit, so that changes by other processes become visible.

    Every method may raise ReadlistError; the backlog is unchanged then.
    """

    def __init__(self, library: Library, parse: Callable[[str], Query], text: str) -> None:
        self._library = library
        self._parse = parse
        self.search(text)

    def set_lock_timeout(self, seconds: float) -> None:
        """Set how long a method waits for other processes before it raises Busy."""
        self._library.set_lock_timeout(seconds)

    def search(self, text: str) -> None:
        """Replace the papers by those that a query finds. Raises QueryError where it is not valid."""
        listing = self._library.find_ids(self._parse(text))
        self.text, self.ids = text, listing.ids
        self._result = listing.result
        self.refresh()

    def refresh(self) -> None:
        """Read the library again; papers that it no longer has are removed."""
        statuses = self._library.statuses()
        self.library_size = len(statuses)
        self.ids = tuple(id_ for id_ in self.ids if id_ in statuses)
        self._positions = {id_: position for position, id_ in enumerate(self.ids)}
        self._unread = {id_ for id_ in self.ids if statuses[id_] is Status.UNREAD}
        self._pages: dict[int, dict[int, Entry]] = {}

    # Access

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, position: int) -> Entry | None:
        """Return the entry at a position, None for one that another process has just removed."""
        page = position // _PAGE
        if page not in self._pages:
            entries = self._library.entries(self.ids[page * _PAGE : (page + 1) * _PAGE])
            self._pages[page] = {entry.paper.id: entry for entry in entries}
        return self._pages[page].get(self.ids[position])

    @property
    def unread(self) -> int:
        """The number of unread papers."""
        return len(self._unread)

    @property
    def notices(self) -> tuple[str, ...]:
        """Messages about the result: why it is empty, which words of the query were replaced."""
        if not self.library_size:
            return ("The library is empty. To add papers: readlist load PATH",)
        if not self.ids:
            suggestions = ", ".join(self._result.did_you_mean)
            return (f"No papers match. Did you mean: {suggestions}?" if suggestions else "No papers match.",)
        return self._result.notices

    def find_position(self, id_: int) -> int | None:
        """Return the position of the paper with this ID, None where it is not here."""
        return self._positions.get(id_)

    def next_unread(self, position: int) -> int:
        """Return the position of the next unread paper; without one, the next position, at most the last."""
        following = range(position + 1, len(self))
        return next((i for i in following if self.ids[i] in self._unread), min(position + 1, len(self) - 1))

    # Edits

    def apply(self, edit: edits.MarkEdit, id_: int) -> None:
        """Apply an edit to the paper with this ID and save it. Raises NoSuchItem where the paper was removed."""
        self._library.apply(edit, [id_])
        self.refresh()
        if id_ not in self._positions:
            raise NoSuchItem(f"no paper has ID {id_}: it was removed from the library")

    def undo(self) -> ReversedStep | None:
        """Undo the last command; return it, None where there is none."""
        return self._refresh_after(self._library.undo())

    def redo(self) -> ReversedStep | None:
        """Redo the last undone command; return it, None where there is none."""
        return self._refresh_after(self._library.redo())

    def _refresh_after(self, steps: Sequence[ReversedStep]) -> ReversedStep | None:
        self.refresh()
        return steps[0] if steps else None

    def first_marked_id(self, step: ReversedStep) -> int:
        """Return the ID of the first paper here whose mark a command changed, 0 for none."""
        marked = self._library.resolve(step.entry.records.get("marks", {}))
        return next((id_ for id_ in marked.ids if id_ in self._positions), 0)
