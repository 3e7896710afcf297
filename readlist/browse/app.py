"""The application: which keys do what now, and the keys that belong to no other module."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.events import Event, Key

from readlist.browse.input_methods import TypedKey, split_keys, without_caps_lock
from readlist.browse.keys import BOUND_KEYS, COMMANDS, HELP, KEY_NAMES, KEYS
from readlist.browse.marking import Marking
from readlist.browse.movement import Movement
from readlist.browse.screens import KeysScreen, NoteScreen
from readlist.errors import ReadlistError
from readlist.urls import pdf_url, reading_url

if TYPE_CHECKING:
    from textual.binding import BindingType


class Browser(Movement, Marking):
    """A full-screen view of a backlog, operated by keys."""

    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    # Keys

    async def on_event(self, event: Event) -> None:
        """Handle an event; a key of another layout is the Latin key in the same place, except where text is typed."""
        if isinstance(event, Key) and not event.is_forwarded and not self._is_typing:
            for typed in split_keys(event.character or "") or (TypedKey(event.key, ""),):
                await self._press(typed, event)
        else:
            await super().on_event(event)

    async def _press(self, typed: TypedKey, event: Key) -> None:
        """Handle one of the keys behind an event: a key before it may have opened an editor, whose text it is then."""
        if self._is_typing:
            await super().on_event(Key(typed.text, typed.text) if typed.text else event)
            return
        key = without_caps_lock(KEY_NAMES.get(typed.character, typed.character), BOUND_KEYS)
        if key not in {"z", "Z"}:
            self._announced_step = None
        await super().on_event(Key(key, event.character))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Return whether a key is a command now, and not text of a query, a note or tags."""
        if len(self.screen_stack) > 1:
            return action not in COMMANDS
        return action not in COMMANDS or action in {"leave", "suspend_process"} or not self._is_typing

    # Other commands

    def action_open(self) -> None:
        """Open the paper in the user's web browser."""
        if entry := self._current_entry():
            with self._showing_errors():
                self._programs.open_url(reading_url(entry.paper))

    def action_open_pdf(self) -> None:
        """Open the PDF of the paper in the user's web browser."""
        if entry := self._current_entry():
            with self._showing_errors():
                if not (url := pdf_url(entry.paper)):
                    raise ReadlistError("no PDF is known; o opens the page of the paper")
                self._programs.open_url(url)

    def action_show_keys(self) -> None:
        """Show the list of keys."""
        self.push_screen(KeysScreen(HELP))

    def action_finish(self) -> None:
        """Quit."""
        self.exit()

    async def action_quit(self) -> None:
        """Quit from anywhere, after saving the note that is being edited."""
        if isinstance(self.screen, NoteScreen):
            await self.screen.action_save()
        if self.draft is None or not self.draft.has_changes:
            self.exit()
