"""Screens over the main one: the editor of a note, the inputs for tags and for a day, the list of keys."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from readlist.edits import EditTags
from readlist.errors import ReadlistError, UsageError
from readlist.later import Postpone, parse_future_date
from readlist.text import clean, clean_markdown, fold_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult
    from textual.events import Click, Key

    from readlist.browse.draft import NoteDraft
    from readlist.later import QueueEnds
    from readlist.models import Entry, PaperRef


class NoteScreen(ModalScreen[None]):
    """An editor for a note, below the paper; `saved` is called when a changed note was saved.

    Every way to leave it saves, so that no text is lost.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+s", "save", priority=True)]

    def __init__(self, draft: NoteDraft, saved: Callable[[], None]) -> None:
        super().__init__()
        self._draft = draft
        self._saved = saved
        self._unedited = ("", "")

    def compose(self) -> ComposeResult:
        """Create the editor, with its key in its border."""
        editor = TextArea(clean_markdown(self._draft.text), tab_behavior="indent")
        self._keep_unedited(editor)
        editor.border_title = f"note on paper {self._draft.paper.id}"
        editor.border_subtitle = "esc saves"
        yield editor

    def on_mount(self) -> None:
        """Place the cursor at the end of the note."""
        editor = self.query_one(TextArea)
        editor.move_cursor(editor.document.end)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Copy the text to the draft, which is saved also when the terminal is closed."""
        self._copy_to_draft(event.text_area)

    def _keep_unedited(self, editor: TextArea) -> None:
        """Remember the text of the draft and how the editor shows it: without control characters."""
        self._unedited = (editor.text, self._draft.text)

    def _copy_to_draft(self, editor: TextArea) -> None:
        shown, text = self._unedited
        self._draft.text = text if editor.text == shown else editor.text

    async def update_draft(self) -> None:
        """Copy all that was typed to the draft, also the keys that are still in the editor's queue."""
        editor = self.query_one(TextArea)
        is_typed = asyncio.Event()
        if editor.call_later(is_typed.set):
            await is_typed.wait()
        self._copy_to_draft(editor)

    async def action_save(self) -> None:
        """Save and close; stay open where the note cannot be saved."""
        await self.update_draft()
        editor = self.query_one(TextArea)
        had_changes = self._draft.has_changes
        try:
            self._draft.save()
        except ReadlistError as error:
            self.notify(str(error), severity="error", markup=False, timeout=10)
            if self._draft.text not in (editor.text, self._unedited[1]):
                editor.text = clean_markdown(self._draft.text)
                self._keep_unedited(editor)
        else:
            self.dismiss()
            if had_changes:
                self._saved()


class TagScreen(ModalScreen[None]):
    """A line of input for tags; `apply` is called with the edit and may raise ReadlistError."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", priority=True)]

    def __init__(self, entry: Entry, apply: Callable[[EditTags], None]) -> None:
        super().__init__()
        self._entry = entry
        self._apply = apply

    def compose(self) -> ComposeResult:
        """Create the line, with its syntax in its border."""
        line = Input(placeholder="+to-teach -scaling rl")
        line.border_title = f"tags of paper {self._entry.paper.id}"
        line.border_subtitle = "+tag adds, -tag removes, tag toggles · enter saves · esc cancels"
        yield line

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply the edit and close; stay open where it is not valid."""
        words = event.value.split()
        try:
            if words:
                self._apply(parse_tag_changes(words, self._entry.tags))
        except ReadlistError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.dismiss()


def parse_tag_changes(words: Sequence[str], tags: Sequence[str]) -> EditTags:
    """Parse `+tag` (add), `-tag` (remove) and `tag` (toggle) for a paper with these tags.

    Raises UsageError for an invalid tag.

    >>> parse_tag_changes(["+c++", "-rl", "reasoning"], ["rl", "reasoning"]).describe()
    'tag --add c++ --remove rl --remove reasoning'
    """
    present = {fold_tag(tag) for tag in tags}
    add: list[str] = []
    remove: list[str] = []
    for word in words:
        if word.startswith("-") or fold_tag(word) in present:
            remove.append(word.lstrip("-"))
        else:
            add.append(word.removeprefix("+"))
    return EditTags.parse(add=add, remove=remove)


class LaterScreen(ModalScreen[None]):
    """A line of input for the day until which a paper is postponed; `apply` may raise ReadlistError."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", priority=True)]

    def __init__(
        self, paper: PaperRef, queue_ends: Callable[[], QueueEnds], apply: Callable[[PaperRef, Postpone], None]
    ) -> None:
        super().__init__()
        self._paper = paper
        self._queue_ends = queue_ends
        self._apply = apply

    def compose(self) -> ComposeResult:
        """Create the line, with its syntax in its border."""
        line = Input(placeholder="first in the queue")
        line.border_title = f"postpone paper {self._paper.id} until"
        line.border_subtitle = "tomorrow, monday, 3d, 2w, 2025-06-02 · empty: first · no: drop · esc cancels"
        yield line

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Apply the edit and close; stay open where the date is not valid."""
        try:
            self._apply(self._paper, self._parse(event.value.strip()))
        except ReadlistError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.dismiss()

    def _parse(self, text: str) -> Postpone:
        """Return the edit that the user typed. Raises UsageError for text that is no day in the future."""
        if not text:
            return Postpone.prepend([self._paper], self._queue_ends())
        if text.casefold() in {"no", "drop", "-"}:
            return Postpone.drop([self._paper])
        if date := parse_future_date(text, dt.date.today()):
            return Postpone.until([self._paper], date)
        raise UsageError(f"invalid date: {clean(text)}; write tomorrow, monday, 3d, 2w, 2025-06-02")


class KeysScreen(ModalScreen[None]):
    """The list of keys, until a key is pressed."""

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Create a row for each (keys, description)."""
        table = Table.grid(padding=(0, 3, 0, 0))
        for keys, description in self._keys:
            table.add_row(Text(keys, "bold"), Text(description))
        sheet = Static(table)
        sheet.border_title = "keys"
        yield sheet

    def on_key(self, event: Key) -> None:
        """Close, without executing the key."""
        event.stop()
        self.dismiss()

    def on_click(self, _: Click) -> None:
        """Close."""
        self.dismiss()
