"""The papers that a query found, in an order that stands still while they are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import NoSuchItem
from readlist.models import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from readlist import edits
    from readlist.library.library import Library
    from readlist.models import Entry
    from readlist.search.query.parser import Query
    from readlist.store.history import Step

_PAGE = 64
"""Entries that are read together: a large screen of them, in 2 ms."""


class Backlog:
    """The answer to one query: its papers stay in their places until the next is asked, whatever becomes of them.

    Entries are read from the library by the page, when they are looked at, and again after every change, so that what
    another terminal does is seen. Every method raises ReadlistError; one that fails leaves everything as it was.
    """

    def __init__(self, library: Library, parse: Callable[[str], Query], text: str) -> None:
        self._library = library
        self._parse = parse
        self.ask(text)

    def ask(self, text: str) -> None:
        """Find papers: `text` is a query in readlist's language. Raises QueryError where it cannot be read."""
        listing = self._library.find_ids(self._parse(text))
        self.text, self.ids = text, listing.ids
        self._found = listing.result
        self.refresh()

    def refresh(self) -> None:
        """Look at the library again; papers that are gone from it are gone from here."""
        statuses = self._library.statuses()
        self.in_library = len(statuses)
        self.ids = tuple(id_ for id_ in self.ids if id_ in statuses)
        self._places = {id_: place for place, id_ in enumerate(self.ids)}
        self._unread = {id_ for id_ in self.ids if statuses[id_] is Status.UNREAD}
        self._pages: dict[int, dict[int, Entry]] = {}

    # Looking at them

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, place: int) -> Entry | None:
        """The entry at `place`; None for one that has just gone from the library."""
        page = place // _PAGE
        if page not in self._pages:
            entries = self._library.entries(self.ids[page * _PAGE : (page + 1) * _PAGE])
            self._pages[page] = {entry.paper.id: entry for entry in entries}
        return self._pages[page].get(self.ids[place])

    @property
    def unread(self) -> int:
        """How many of them are unread."""
        return len(self._unread)

    @property
    def told(self) -> tuple[str, ...]:
        """What the reader should know of what was found."""
        if not self.in_library:
            return ("the library is empty",)
        if not self.ids:
            near = ", ".join(self._found.did_you_mean)
            return (f"nothing found; near it: {near}" if near else "nothing found",)
        return self._found.notices

    def place_of(self, id_: int) -> int | None:
        """Where the paper of this id stands, None where it does not."""
        return self._places.get(id_)

    def next_unread(self, place: int) -> int:
        """The place of the first unread paper after `place`; where there is none, of the next one, if any."""
        after = range(place + 1, len(self))
        return next((next_ for next_ in after if self.ids[next_] in self._unread), min(place + 1, len(self) - 1))

    # Changing them

    def mark(self, id_: int, edit: edits.MarkEdit) -> None:
        """Apply an edit to the paper of this ID; it is saved when this returns."""
        self._library.apply(edit, [id_])
        self.refresh()
        if id_ not in self._places:
            raise NoSuchItem(f"{id_} is no longer in the library")

    def undo(self) -> Step | None:
        """Take back the last step of the library's history, None where there is none."""
        return self._turned(self._library.undo())

    def redo(self) -> Step | None:
        """Do again what was undone last, None where there is nothing."""
        return self._turned(self._library.redo())

    def _turned(self, steps: Sequence[Step]) -> Step | None:
        self.refresh()
        return steps[0] if steps else None

    def first_of(self, step: Step) -> int:
        """The id of the first paper here that a step marked, 0 for none."""
        marked = self._library.resolve(step.records.get("marks", {}))
        return next((id_ for id_ in marked.ids if id_ in self._places), 0)
