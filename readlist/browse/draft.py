"""The note of a paper while it is edited, apart from the editor, so that it can be saved when the terminal closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist import edits
from readlist.errors import NoSuchItem, ReadlistError

if TYPE_CHECKING:
    from readlist.browse.backlog import Backlog
    from readlist.models import Entry


class NoteDraft:
    """The note of `paper` as the user edits it; `text` is its current text."""

    def __init__(self, backlog: Backlog, entry: Entry) -> None:
        self._backlog = backlog
        self._saved_text = entry.mark.note
        self.paper = entry.paper.ref
        pending = backlog.pending_note(self.paper.key)
        self.text = self._saved_text if pending is None else pending

    @property
    def has_changes(self) -> bool:
        """Whether `text` differs from the note in the library."""
        return self.text != self._saved_text

    def save(self) -> None:
        """Save the note if it has changes.

        Where another process holds the lock, it is saved later. Raises ReadlistError where it cannot be saved. If
        another process has changed the note since it was read, `text` then contains both versions, which a second call
        saves.
        """
        if not self.has_changes:
            return
        self._backlog.refresh_unless_busy()
        position = self._backlog.find_position(self.paper.key)
        entry = self._backlog[position] if position is not None else None
        if entry is None:
            paper = f"{self.paper.id} ({self.paper.key})"
            raise NoSuchItem(f"paper is no longer in the library: {paper}; nothing was changed")
        if entry.mark.note != self._saved_text:
            self._saved_text = entry.mark.note
            self.text = f"{self.text}\n\n{self._saved_text}"
            raise ReadlistError(
                "the note was changed by another command: the editor contains both versions; edit and save again"
            )
        self._backlog.apply_or_queue(edits.ReplaceNote(self.text, self._saved_text), entry.paper.ref)
        self._saved_text = self.text
