"""The layout of the application, and what is displayed; the keys, and all changes of papers, are in other modules."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from textual.app import App, ComposeResult
from textual.constants import DEFAULT_THEME
from textual.containers import Container
from textual.widgets import Footer

from readlist.browse.paper_list import PaperList
from readlist.browse.paper_pane import PaperPane
from readlist.browse.query_bar import QueryBar
from readlist.browse.screens import NoteScreen
from readlist.browse.theme import TERMINAL_THEME
from readlist.errors import Busy, ReadlistError
from readlist.text import plural

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.widget import Widget

    from readlist.browse.backlog import Backlog
    from readlist.models import Entry, PaperRef
    from readlist.paper_edits import EditPaper


LOCK_TIMEOUT_SECONDS = 0.1
"""How long the screen may stand still because another process holds the lock."""
_RETRY_SECONDS = 1.0
_MAX_QUERY = 24
"""Characters of the query that is shown beside an invalid one."""
PENDING = "busy: {} not saved yet; another process holds the lock; retrying"


class Programs(NamedTuple):
    """The user's own programs, which `cli` finds and starts; both functions may raise ReadlistError.

    `open_url` opens a URL in the web browser and returns at once. `edit_paper` lets the user correct the fields of a
    paper in an editor on this terminal, and returns the corrections.
    """

    open_url: Callable[[str], None]
    edit_paper: Callable[[Entry], EditPaper]


class Display(App[None]):
    """A full-screen view of a backlog: the bar, the list, the paper at the cursor of the list, and the footer."""

    CSS_PATH = "browse.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- App declares it as a plain list
        (0, "-narrow"),
        (110, "-wide"),
    ]

    def __init__(self, backlog: Backlog, programs: Programs, language: str = "") -> None:
        use_terminal_theme = DEFAULT_THEME == "textual-dark"  # $TEXTUAL_THEME does not select another
        super().__init__(ansi_color=use_terminal_theme or None)  # set later, NO_COLOR would give black on black
        self.register_theme(TERMINAL_THEME)
        if use_terminal_theme:
            self.theme = TERMINAL_THEME.name
        self._backlog = backlog
        self._programs = programs
        self._language = language
        self._displayed_key = ""
        self._shows_all_authors = False
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
            yield PaperPane(self._language, id="paper")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin at the first unread paper."""
        self._handle_signals()
        self._backlog.set_lock_timeout(LOCK_TIMEOUT_SECONDS)
        self.set_interval(_RETRY_SECONDS, self._retry)
        self.app_resume_signal.subscribe(self, self._resume)
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
        self.call_later(self._exit_with_draft)

    async def _exit_with_draft(self) -> None:
        """Exit when the draft has all that was typed: an editor that is closed no longer passes its text on."""
        if isinstance(self.screen, NoteScreen):
            await self.screen.update_draft()
        self.exit()

    def _resume(self, _: App[None]) -> None:
        """Draw the whole screen again, which another program had, and read what it changed in the library."""
        self.refresh(layout=True)
        self._reload()

    # Widgets

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
    def _is_typing(self) -> bool:
        """Whether keys are text of a query, a note or tags, or close the list of keys, and are no commands."""
        return len(self.screen_stack) > 1 or self.focused is self._bar.input

    @property
    def _is_reading(self) -> bool:
        return self.focused is self._pane

    def _focus(self, widget: Widget) -> None:
        """Move the focus at once: the next key may already be waiting."""
        self._bar.input.display = widget is self._bar.input
        self.screen_stack[0].set_focus(widget)

    def on_descendant_focus(self) -> None:
        """Show what the focus needs: a narrow screen only the paper while it is read, the bar its input."""
        screen = self.screen_stack[0]
        screen.set_class(self._is_reading, "-reading")
        self._bar.show_input(screen.focused is self._bar.input)

    # Papers

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
        """Read the library again: another process may have changed it. Where it is locked, `_retry` does so."""
        key = self._current_key
        with self._showing_errors():
            self._backlog.refresh_unless_busy()
        self._show(key)

    def _retry(self) -> None:
        """Save the edits that wait, unless the lock is still held, and show what they changed."""
        if not self._backlog.needs_retry:
            return
        key = self._current_key
        with self._showing_errors():
            for failure in self._backlog.retry():
                self._show_error(failure)
        self._show(key)

    def on_paper_list_cursor_moved(self) -> None:
        """Show the paper at the cursor."""
        entry = self._current_entry()
        key = entry.paper.key if entry else ""
        is_other = key != self._displayed_key
        self._shows_all_authors = self._shows_all_authors and not is_other
        self._pane.show(entry, from_top=is_other, all_authors=self._shows_all_authors)
        self._displayed_key = key

    def on_app_focus(self) -> None:
        """Reload when the user returns from another window."""
        self._reload()

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

    # Messages

    def _update_bar(self, error: str = "") -> None:
        backlog = self._backlog
        count = f"{backlog.unread:,} of {len(backlog):,} unread" if len(backlog) else ""
        if error:  # the query in the input is not that of the list
            query = backlog.text or "all papers"
            query = query if len(query) <= _MAX_QUERY else f"{query[: _MAX_QUERY - 1]}…"
            count = " · ".join(filter(None, (f"still {query}", count)))
        pending = [PENDING.format(plural(len(backlog.pending), "change"))] if backlog.pending else []
        notices = [*pending, *backlog.notices]
        self._bar.update(
            backlog.text, backlog.describe_view(), count, error or " · ".join(notices), is_error=bool(error)
        )

    @contextlib.contextmanager
    def _showing_errors(self) -> Iterator[None]:
        """Show a ReadlistError of the block to the user."""
        try:
            yield
        except ReadlistError as error:
            self._show_error(error)

    def _show_error(self, error: ReadlistError) -> None:
        text = f"busy: {error}" if isinstance(error, Busy) else str(error)
        self.notify(text, severity="error", markup=False, timeout=10)
