"""The screen, and what each key does."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.constants import DEFAULT_THEME
from textual.containers import Container, Horizontal
from textual.widgets import Footer, Input, Static

from readlist import edits
from readlist.browse.draft import Draft
from readlist.browse.keys import COMMANDS, HELP, KEYS
from readlist.browse.panes import KeysScreen, NoteScreen, PaperPane, SearchLine, TagScreen
from readlist.browse.papers import Papers
from readlist.browse.themes import OWN_THEME
from readlist.errors import ReadlistError
from readlist.models import Status
from readlist.text import fold_tag
from readlist.urls import reading_url

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from readlist.browse.backlog import Backlog
    from readlist.models import Entry
    from readlist.store.history import HistoryEntry

_PAUSE = 0.12
"""Seconds without a key after which what was typed is searched for."""


class Browser(App[None]):
    """A full-screen reader of a backlog; marks are saved as they are made."""

    CSS_PATH = "browse.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 -- so it is declared by App
        (0, "-narrow"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]

    def __init__(self, backlog: Backlog, open_address: Callable[[str], None]) -> None:
        own = DEFAULT_THEME == "textual-dark"  # the reader has asked for no other by $TEXTUAL_THEME
        super().__init__(ansi_color=own or None)  # at once: NO_COLOR would make it black on black
        self.register_theme(OWN_THEME)
        if own:
            self.theme = OWN_THEME.name
        self._backlog = backlog
        self._open_address = open_address
        self._shown = 0
        self.draft: Draft | None = None
        self._before_search = ("", 0)
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """The bar, the list and the paper, the main keys."""
        with Horizontal(id="bar"):
            yield Static(id="query", markup=False)
            yield SearchLine(id="search", compact=True, placeholder="words, tag:rl, is:unread …")
            yield Static(id="count", markup=False)
        yield Static(id="told", markup=False)
        with Container(id="panes"):
            yield Papers(self._backlog)
            yield PaperPane(id="paper")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin with the first unread paper."""
        self._papers.focus()
        self._papers.show(self._backlog.next_unread(-1))
        self._tell()

    # Showing

    @property
    def _papers(self) -> Papers:
        return self.screen_stack[0].query_one(Papers)

    @property
    def _pane(self) -> PaperPane:
        return self.screen_stack[0].query_one(PaperPane)

    def _looked_at(self) -> int:
        """The id of the paper that is looked at, 0 for none."""
        return self._backlog.ids[self._papers.cursor] if len(self._backlog) else 0

    def _show(self, id_: int) -> None:
        """Show what is now so, with the cursor at the paper of this id, if there is one."""
        place = self._backlog.place_of(id_)
        self._papers.show(self._papers.cursor if place is None else place)
        self._tell()

    def _look_again(self) -> None:
        """See what another terminal may have changed."""
        id_ = self._looked_at()
        with self._telling():
            self._backlog.refresh()
        self._show(id_)

    def _tell(self, error: str = "") -> None:
        backlog, screen = self._backlog, self.screen_stack[0]
        screen.query_one("#query", Static).update(backlog.text or "all papers")
        count = f"{backlog.unread:,} of {len(backlog):,} unread" if len(backlog) else ""
        screen.query_one("#count", Static).update(count)
        told = screen.query_one("#told", Static)
        told.update(error or " · ".join(backlog.told))
        told.set_class(bool(error), "error")

    def on_papers_moved(self) -> None:
        """Show the paper that is looked at now."""
        entry = self._entry()
        id_ = entry.paper.id if entry else 0
        self._pane.show(entry, from_the_top=id_ != self._shown)
        self._shown = id_

    def on_app_focus(self) -> None:
        """The reader has been elsewhere."""
        self._look_again()

    def _entry(self) -> Entry | None:
        try:
            return self._backlog[self._papers.cursor] if len(self._backlog) else None
        except ReadlistError as error:
            self._fail(error)
            return None

    def _fail(self, error: ReadlistError) -> None:
        self.notify(str(error), severity="error", markup=False, timeout=10)

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Show the reader why it did not work."""
        try:
            yield
        except ReadlistError as error:
            self._fail(error)

    # Moving

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Whether a key is a command: not while a query, a note or tags are typed, but for those that end it."""
        if len(self.screen_stack) > 1:
            return action not in COMMANDS
        return action not in COMMANDS or action == "leave" or self.focused is not self._search

    @property
    def _is_reading(self) -> bool:
        return self.focused is self._pane

    def action_line(self, by: int) -> None:
        """Go up or down: by a line in the paper, by a paper in the list."""
        if self._is_reading:
            self._pane.scroll_relative(y=by, animate=False)
        else:
            self._papers.cursor += by

    def action_page(self, by: int) -> None:
        """Go up or down by a screenful."""
        if self._is_reading:
            self.action_turn_page(by)
        else:
            self._papers.move_pages(by)

    def action_end(self, by: int) -> None:
        """Go to the top or the end."""
        if self._is_reading:
            self._pane.scroll_to(y=0 if by < 0 else self._pane.max_scroll_y, animate=False)
        else:
            self._papers.cursor = 0 if by < 0 else len(self._backlog) - 1

    def action_paper(self, by: int) -> None:
        """Look at the paper before or after."""
        self._papers.cursor += by

    def action_turn_page(self, by: int) -> None:
        """Scroll the paper by a screenful."""
        self._pane.scroll_relative(y=by * max(1, self._pane.size.height - 1), animate=False)

    def action_switch(self) -> None:
        """Go to the paper, or back to the list."""
        self._focus(self._papers if self._is_reading else self._pane)

    def action_leave(self) -> None:
        """Go back: from the search to what was there before it, from the paper to the list."""
        if self.focused is self._search:
            text, id_ = self._before_search
            self._ask(text)
            self._show(id_)
        self._focus(self._papers)

    def _focus(self, pane: Widget) -> None:
        """Go to a pane at once: the next key may be there already."""
        self._search.display = pane is self._search
        self.screen_stack[0].set_focus(pane)

    def on_descendant_focus(self) -> None:
        """A narrow screen shows the paper alone while it is read; a search ends where something else is done."""
        screen = self.screen_stack[0]
        screen.set_class(self._is_reading, "-reading")
        searching = screen.focused is self._search
        self._search.display = searching
        screen.query_one("#query").display = not searching

    # Marking

    def action_set_status(self, verb: str, on: bool) -> None:
        """Set the status, and go `on` to the next unread paper."""
        place = self._papers.cursor
        new = Status.SKIPPED if verb == "skip" else Status(verb)
        if self._mark(edits.SetStatus(new)) and on:
            self._papers.cursor = self._backlog.next_unread(place)

    def action_star(self) -> None:
        """Star, or take the star off."""
        if entry := self._entry():
            starred = not entry.mark.starred
            self._mark(edits.SetStar(starred))

    def _mark(self, edit: edits.MarkEdit) -> bool:
        """Make a change to the paper that is looked at; returns whether it is saved."""
        saved = False
        if id_ := self._looked_at():
            with self._telling():
                self._backlog.mark(id_, edit)
                saved = True
            self._show(id_)
        return saved

    def action_undo(self) -> None:
        """Take back the last change, and go to its paper."""
        self._turn(self._backlog.undo, "undone")

    def action_redo(self) -> None:
        """Do it again."""
        self._turn(self._backlog.redo, "done again")

    def _turn(self, turn: Callable[[], HistoryEntry | None], done: str) -> None:
        id_ = self._looked_at()
        with self._telling():
            step = turn()
            self._show(self._backlog.first_of(step) if step else id_)
            self.notify(f"{done}: {step.description}" if step else "there is nothing to be " + done, markup=False)

    # Note and tags

    async def action_note(self) -> None:
        """Edit the note as it is now."""
        self._look_again()
        if entry := self._entry():
            self.draft = Draft(self._backlog, entry)
            await self._type_in(NoteScreen(self.draft, self._show_note))

    def _show_note(self) -> None:
        self._show(self._looked_at())
        self.on_papers_moved()
        self._pane.call_after_refresh(self._pane.scroll_end, animate=False)

    async def _type_in(self, screen: NoteScreen | TagScreen) -> None:
        """Put a screen to type in on this one; the next key is already typed there."""
        await self.push_screen(screen)
        screen.set_focus(screen.query_one("TextArea, Input"))

    async def action_tag(self) -> None:
        """Add tags and take them off."""
        if entry := self._entry():
            await self._type_in(TagScreen(entry.paper.id, self._tagging(entry)))

    def _tagging(self, entry: Entry) -> Callable[[Sequence[str]], None]:
        carried = {fold_tag(tag) for tag in entry.tags}

        def apply(words: Sequence[str]) -> None:
            remove = [word.lstrip("-") for word in words if _takes_off(word, carried)]
            add = [word[word.startswith("+") :] for word in words if not _takes_off(word, carried)]
            if words:
                self._backlog.mark(entry.paper.id, edits.EditTags.parse(add=add, remove=remove))
                self._show(entry.paper.id)

        return apply

    def action_open(self) -> None:
        """Open the paper in the reader's own browser."""
        if entry := self._entry():
            with self._telling():
                self._open_address(reading_url(entry.paper))

    # Searching

    @property
    def _search(self) -> Input:
        return self.screen_stack[0].query_one("#search", Input)

    def action_search(self) -> None:
        """Type another query, or change this one."""
        self._before_search = (self._backlog.text, self._looked_at())
        self._search.value = self._backlog.text
        self._focus(self._search)

    @on(Input.Changed, "#search")
    def search_soon(self, event: Input.Changed) -> None:
        """Search once the reader pauses."""
        if self._pause:
            self._pause.stop()
        if event.value != self._backlog.text and self.focused is self._search:
            self._pause = self.set_timer(_PAUSE, lambda: self._ask(event.value))

    @on(Input.Submitted, "#search")
    def search_now(self, event: Input.Submitted) -> None:
        """Go to what was found."""
        if self._ask(event.value):
            self._focus(self._papers)

    def _ask(self, text: str) -> bool:
        """Show what a query finds; one that cannot be read leaves what is there."""
        if self._pause:
            self._pause.stop()
        if text == self._backlog.text:
            self._tell()
            return True
        try:
            self._backlog.ask(text)
        except ReadlistError as error:
            self._tell(str(error))
            return False
        self._papers.show(0)
        self._tell()
        return True

    # The rest

    def action_keys(self) -> None:
        """Show every key."""
        self.push_screen(KeysScreen(HELP))

    def action_finish(self) -> None:
        """Leave."""
        self.exit()

    async def action_quit(self) -> None:
        """Leave, once what was typed is saved."""
        if isinstance(self.screen, NoteScreen):
            await self.screen.action_save()
        if self.draft is None or not self.draft.unsaved:
            self.exit()


def _takes_off(word: str, carried: set[str]) -> bool:
    """Whether a word of the line of tags takes a tag off: `-rl`, or `rl` where the paper has it."""
    return word.startswith("-") or fold_tag(word) in carried
