"""A note while it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist import edits
from readlist.errors import NoSuchItem, ReadlistError

if TYPE_CHECKING:
    from readlist.browse.backlog import Backlog
    from readlist.models import Entry


class Draft:
    """What the note of a paper is to be; `text` is what has been typed so far."""

    def __init__(self, backlog: Backlog, entry: Entry) -> None:
        self._backlog = backlog
        self._before = entry.mark.note
        self.id = entry.paper.id
        self.text = self._before

    @property
    def unsaved(self) -> bool:
        """Whether something was typed that is not in the library."""
        return self.text != self._before

    def save(self) -> None:
        """Save it, if there is anything to save.

        Raises ReadlistError where it cannot be saved. Where another terminal has written to the note meanwhile, `text`
        is then both, to be made one and saved again.
        """
        if not self.unsaved:
            return
        self._backlog.refresh()
        place = self._backlog.place_of(self.id)
        entry = self._backlog[place] if place is not None else None
        if place is None or entry is None:
            raise NoSuchItem(f"{self.id} is no longer in the library")
        if entry.mark.note != self._before:
            self._before = entry.mark.note
            self.text = f"{self.text}\n\n{self._before}"
            raise ReadlistError("the note was changed elsewhere meanwhile; here are both")
        self._backlog.mark(self.id, edits.ReplaceNote(self.text, self._before))
        self._before = self.text
