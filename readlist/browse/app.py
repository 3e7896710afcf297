"""The application: its layout, and what each key does."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.constants import DEFAULT_THEME
from textual.containers import Container
from textual.widgets import Footer, Input

from readlist import edits
from readlist.browse.draft import NoteDraft
from readlist.browse.keys import COMMANDS, HELP, KEYS
from readlist.browse.paper_list import PaperList
from readlist.browse.paper_pane import PaperPane
from readlist.browse.query_bar import QueryBar
from readlist.browse.screens import KeysScreen, NoteScreen, TagScreen
from readlist.browse.theme import TERMINAL_THEME
from readlist.errors import Busy, ReadlistError
from readlist.models import Status
from readlist.text import plural
from readlist.urls import pdf_url, reading_url

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.widget import Widget

    from readlist.browse.backlog import Backlog
    from readlist.library.replay import ReversedStep
    from readlist.models import Entry, PaperRef


LOCK_TIMEOUT_SECONDS = 0.1
"""How long the screen may stand still because another process holds the lock."""
_RETRY_SECONDS = 1.0
PENDING = "{} not saved yet: the library is locked by another readlist process"


class Browser(App[None]):
    """A full-screen view of a backlog; every mark is saved at once.

    `draft` is the note that was edited last; it and the pending edits of the backlog must be saved after the
    application has ended.
    """

    CSS_PATH = "browse.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- App declares it as a plain list
        (0, "-narrow"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    def __init__(self, backlog: Backlog, open_url: Callable[[str], None]) -> None:
        use_terminal_theme = DEFAULT_THEME == "textual-dark"  # $TEXTUAL_THEME does not select another
        super().__init__(ansi_color=use_terminal_theme or None)  # set later, NO_COLOR would give black on black
        self.register_theme(TERMINAL_THEME)
        if use_terminal_theme:
            self.theme = TERMINAL_THEME.name
        self._backlog = backlog
        self._open_url = open_url
        self._displayed_key = ""
        self._before_search = ("", "")  # query and key of the current paper
        self.draft: NoteDraft | None = None
        self.ended_by = 0
        """The number of the signal that ended the application, 0 for none."""

    def get_driver_class(self) -> type[Driver]:
        """Return the driver for this system, ours for a Unix terminal."""
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        from readlist.browse.driver import TerminalDriver

        return TerminalDriver

    def compose(self) -> ComposeResult:
        """Lay out the bar, the list and the paper, and the footer with the main keys."""
        yield QueryBar(self._search)
        with Container(id="panes"):
            yield PaperList(self._backlog)
            yield PaperPane(id="paper")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin at the first unread paper."""
        self._handle_signals()
        self._backlog.set_lock_timeout(LOCK_TIMEOUT_SECONDS)
        self.set_interval(_RETRY_SECONDS, self._retry)
        self._list.focus()
        self._list.show(self._backlog.next_unread(-1))
        self._update_bar()

    def _handle_signals(self) -> None:
        """Let signals end the application, so that it restores the terminal, instead of raising somewhere in it."""
        loop = asyncio.get_running_loop()
        for number in filter(None, (getattr(signal, "SIGHUP", None), signal.SIGTERM)):
            with contextlib.suppress(NotImplementedError, RuntimeError):  # Windows; a loop in another thread
                loop.add_signal_handler(number, self._end, number)

    def _end(self, number: int) -> None:
        self.ended_by = number
        self.exit()

    # Display

    @property
    def _bar(self) -> QueryBar:
        return self.screen_stack[0].query_one(QueryBar)

    @property
    def _list(self) -> PaperList:
        return self.screen_stack[0].query_one(PaperList)

    @property
    def _pane(self) -> PaperPane:
        return self.screen_stack[0].query_one(PaperPane)

    @property
    def _current_paper(self) -> PaperRef | None:
        """The paper at the cursor, None where there is none."""
        return self._backlog.papers[self._list.cursor] if len(self._backlog) else None

    @property
    def _current_key(self) -> str:
        """The key of the paper at the cursor, "" for none."""
        return paper.key if (paper := self._current_paper) else ""

    def _current_entry(self) -> Entry | None:
        """Return the entry at the cursor, None where there is none; an error is shown."""
        try:
            return self._backlog[self._list.cursor] if len(self._backlog) else None
        except ReadlistError as error:
            self._show_error(error)
            return None

    def _show(self, key: str) -> None:
        """Show the backlog as it is now, with the cursor at the paper with this key if it is there."""
        position = self._backlog.find_position(key)
        self._list.show(self._list.cursor if position is None else position)
        self._update_bar()

    def _reload(self) -> None:
        """Read the library again: another process may have changed it."""
        key = self._current_key
        with self._showing_errors():
            self._backlog.refresh()
        self._show(key)

    def _update_bar(self, error: str = "") -> None:
        backlog = self._backlog
        count = f"{backlog.unread:,} of {len(backlog):,} unread" if len(backlog) else ""
        pending = [PENDING.format(plural(len(backlog.pending), "change"))] if backlog.pending else []
        notices = [*pending, *backlog.notices]
        self._bar.update(backlog.text, count, error or " · ".join(notices), is_error=bool(error))

    @contextlib.contextmanager
    def _showing_errors(self) -> Iterator[None]:
        """Show a ReadlistError of the block to the user."""
        try:
            yield
        except ReadlistError as error:
            self._show_error(error)

    def _show_error(self, error: ReadlistError) -> None:
        self.notify(str(error), severity="error", markup=False, timeout=10)

    def on_paper_list_cursor_moved(self) -> None:
        """Show the paper at the cursor."""
        entry = self._current_entry()
        key = entry.paper.key if entry else ""
        self._pane.show(entry, from_top=key != self._displayed_key)
        self._displayed_key = key

    def on_app_focus(self) -> None:
        """Reload when the user returns from another window."""
        self._reload()

    # Navigation

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Return whether a key is a command now, and not text of a query, a note or tags."""
        if len(self.screen_stack) > 1:
            return action not in COMMANDS
        return action not in COMMANDS or action == "leave" or self.focused is not self._bar.input

    @property
    def _is_reading(self) -> bool:
        return self.focused is self._pane

    def action_move(self, by: int) -> None:
        """Move by a paper in the list, scroll by a line in the paper."""
        if self._is_reading:
            self._pane.scroll_lines(by)
        else:
            self._list.cursor += by

    def action_move_page(self, by: int) -> None:
        """Move or scroll by a screenful."""
        if self._is_reading:
            self._pane.scroll_pages(by)
        else:
            self._list.move_pages(by)

    def action_move_to_end(self, by: int) -> None:
        """Move or scroll to the beginning where `by` is negative, else to the end."""
        if self._is_reading:
            self._pane.scroll_to(y=0 if by < 0 else self._pane.max_scroll_y, animate=False)
        else:
            self._list.cursor = 0 if by < 0 else len(self._backlog) - 1

    def action_move_paper(self, by: int) -> None:
        """Move to the previous or next paper, also while one is read."""
        self._list.cursor += by

    def action_scroll_page(self, by: int) -> None:
        """Scroll the paper by a screenful, also from the list."""
        self._pane.scroll_pages(by)

    def action_switch_pane(self) -> None:
        """Switch the focus between the list and the paper."""
        self._focus(self._list if self._is_reading else self._pane)

    def action_leave(self) -> None:
        """Leave the search, restoring the previous query and paper, or leave the paper."""
        if self.focused is self._bar.input:
            text, key = self._before_search
            self._search(text)
            self._show(key)
        self._focus(self._list)

    def _focus(self, widget: Widget) -> None:
        """Move the focus at once: the next key may already be waiting."""
        self._bar.input.display = widget is self._bar.input
        self.screen_stack[0].set_focus(widget)

    def on_descendant_focus(self) -> None:
        """Show what the focus needs: a narrow screen only the paper while it is read, the bar its input."""
        screen = self.screen_stack[0]
        screen.set_class(self._is_reading, "-reading")
        self._bar.show_input(screen.focused is self._bar.input)

    # Marks

    def action_set_status(self, status: str, advance: bool) -> None:
        """Set the status, and move to the next unread paper if `advance` says so."""
        position = self._list.cursor
        if self._apply(edits.SetStatus(Status(status))) and advance:
            self._list.cursor = self._backlog.next_unread(position)

    def action_toggle_star(self) -> None:
        """Add or remove the star."""
        if entry := self._current_entry():
            self._apply(edits.SetStar(not entry.mark.starred))

    def _apply(self, edit: edits.MarkEdit) -> bool:
        """Apply an edit to the current paper; return whether it is saved, or will be."""
        is_saved = False
        if paper := self._current_paper:
            with self._showing_errors():
                self._backlog.apply_or_queue(edit, paper)
                is_saved = True
            self._show(paper.key)
        return is_saved

    def _retry(self) -> None:
        """Save the edits that wait, unless the lock is still held, and show what they changed."""
        if not self._backlog.needs_retry:
            return
        key = self._current_key
        with self._showing_errors():
            for failure in self._backlog.retry():
                self._show_error(failure)
        self._show(key)

    def action_undo(self) -> None:
        """Undo the last command, and move to its paper."""
        self._replay(self._backlog.undo, "undone", "Nothing to undo")

    def action_redo(self) -> None:
        """Redo the last undone command, and move to its paper."""
        self._replay(self._backlog.redo, "redone", "Nothing to redo")

    def _replay(self, replay: Callable[[], ReversedStep | None], participle: str, nothing: str) -> None:
        key = self._current_key
        with self._showing_errors():
            if pending := self._backlog.pending:
                raise Busy(PENDING.format(plural(len(pending), "change")))
            step = replay()
            self._show(self._backlog.first_marked_key(step) if step else key)
            self.notify(step.describe(participle) if step else nothing, markup=False)

    # Note and tags

    async def action_edit_note(self) -> None:
        """Edit the note, as it is in the library now."""
        self._reload()
        if entry := self._current_entry():
            self.draft = NoteDraft(self._backlog, entry)
            await self._push_editor(NoteScreen(self.draft, self._show_note))

    def _show_note(self) -> None:
        self._show(self._current_key)
        self.on_paper_list_cursor_moved()
        self._pane.call_after_refresh(self._pane.scroll_end, animate=False)

    async def action_edit_tags(self) -> None:
        """Edit the tags."""
        if entry := self._current_entry():
            await self._push_editor(TagScreen(entry, lambda edit: self._apply_tags(entry.paper.ref, edit)))

    def _apply_tags(self, paper: PaperRef, edit: edits.EditTags) -> None:
        self._backlog.apply_or_queue(edit, paper)
        self._show(paper.key)

    async def _push_editor(self, screen: NoteScreen | TagScreen) -> None:
        """Show a screen with an editor and focus it at once: the next key is already text."""
        await self.push_screen(screen)
        screen.set_focus(screen.query_one("TextArea, Input"))

    # Search

    def action_search(self) -> None:
        """Edit the query."""
        self._before_search = (self._backlog.text, self._current_key)
        self._bar.input.value = self._backlog.text
        self._focus(self._bar.input)

    @on(Input.Submitted, "#search")
    def finish_search(self, event: Input.Submitted) -> None:
        """Move to the results; an invalid query stays in the input."""
        if self._search(event.value):
            self._focus(self._list)

    def _search(self, text: str) -> bool:
        """Show the papers that a query finds; return False, and keep the list, where it is not valid."""
        self._bar.cancel_search()
        if text != self._backlog.text:
            try:
                self._backlog.search(text)
            except ReadlistError as error:
                self._update_bar(str(error))
                return False
            self._list.show(0)
        self._update_bar()
        return True

    # Other commands

    def action_open(self) -> None:
        """Open the paper in the user's web browser."""
        if entry := self._current_entry():
            with self._showing_errors():
                self._open_url(reading_url(entry.paper))

    def action_open_pdf(self) -> None:
        """Open the PDF of the paper in the user's web browser."""
        if entry := self._current_entry():
            with self._showing_errors():
                if not (url := pdf_url(entry.paper)):
                    raise ReadlistError("no PDF is known; o opens the page of the paper")
                self._open_url(url)

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
