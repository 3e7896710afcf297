"""What stands beside and above the list: the paper, the editor of its note, a line of input, the keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.table import Table
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from readlist.errors import ReadlistError
from readlist.views.paper import paper_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console, ConsoleOptions, RenderResult
    from textual.app import ComposeResult
    from textual.events import Click, Key

    from readlist.browse.draft import Draft
    from readlist.models import Entry


class _Page:
    """The page of a paper, in whatever width it is given."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield paper_page(self._entry, options.max_width, brief=True)


class PaperPane(VerticalScroll, can_focus=True):
    """The paper that is looked at, whole."""

    def compose(self) -> ComposeResult:
        """One page."""
        yield Static(markup=False)

    def show(self, entry: Entry | None, *, from_the_top: bool) -> None:
        """Show a paper, or none; another paper is shown from its top."""
        self.query_one(Static).update(_Page(entry) if entry else "")
        if from_the_top:
            self.scroll_home(animate=False)


class SearchLine(Input):
    """Where a query is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "to what was found", key_display="enter"),
        Binding("escape", "app.leave", "back to what was there", key_display="esc"),
    ]


class NoteScreen(ModalScreen[None]):
    """An editor for a note, below the paper; it is left by saving only, so that nothing that was typed is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+s", "save", priority=True)]

    def __init__(self, draft: Draft, saved: Callable[[], None]) -> None:
        super().__init__()
        self._draft = draft
        self._saved = saved

    def compose(self) -> ComposeResult:
        """The editor, with its key in its frame."""
        editor = TextArea(self._draft.text, tab_behavior="indent")
        editor.border_title = f"note on {self._draft.id}"
        editor.border_subtitle = "esc saves"
        yield editor

    def on_mount(self) -> None:
        """Write on where the note ends."""
        editor = self.query_one(TextArea)
        editor.move_cursor(editor.document.end)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep what is typed as it is typed."""
        self._draft.text = event.text_area.text

    async def action_save(self) -> None:
        """Save and close; what cannot be saved stays."""
        editor = self.query_one(TextArea)
        typed = asyncio.Event()
        editor.call_later(typed.set)
        await typed.wait()  # what was typed before this key may still be on its way into the text
        self._draft.text = editor.text
        changed = self._draft.unsaved
        try:
            self._draft.save()
        except ReadlistError as error:
            self.notify(str(error), severity="error", markup=False, timeout=10)
            if editor.text != self._draft.text:
                editor.text = self._draft.text
        else:
            self.dismiss()
            if changed:
                self._saved()


class TagScreen(ModalScreen[None]):
    """A line of input for tags; `apply` is given what was typed and raises ReadlistError where that is no tag."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", priority=True)]

    def __init__(self, id_: int, apply: Callable[[Sequence[str]], None]) -> None:
        super().__init__()
        self._paper = id_
        self._apply = apply

    def compose(self) -> ComposeResult:
        """The line, with what may be typed in its frame."""
        line = Input(placeholder="+to-teach -scaling rl")
        line.border_title = f"tags of {self._paper}"
        line.border_subtitle = "+ adds, - takes off, a bare tag does the other · enter saves · esc leaves"
        yield line

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tag, and close."""
        try:
            self._apply(event.value.split())
        except ReadlistError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.dismiss()


class KeysScreen(ModalScreen[None]):
    """Every key, until another is pressed."""

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """A row a key."""
        table = Table.grid(padding=(0, 3, 0, 0))
        for key, what in self._keys:
            table.add_row(Text(key, "bold"), Text(what))
        sheet = Static(table)
        sheet.border_title = "keys"
        yield sheet

    def on_key(self, event: Key) -> None:
        """Close."""
        event.stop()
        self.dismiss()

    def on_click(self, _: Click) -> None:
        """Close."""
        self.dismiss()
