"""The top of the screen: the query and the counts, a notice below, and the input for another query."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.timer import Timer

_TYPING_PAUSE = 0.12
"""Seconds without a key after which the typed query is searched for."""


class SearchInput(Input):
    """The line in which a query is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "go to the results", key_display="enter"),
        Binding("escape", "app.leave", "previous query", key_display="esc"),
    ]


class QueryBar(Vertical):
    """The query, or the input for it, with counts and a notice; it calls `search` with a query while it is typed."""

    def __init__(self, search: Callable[[str], object]) -> None:
        super().__init__(id="query-bar")
        self._search = search
        self._query = ""
        self._timer: Timer | None = None
        self.input = SearchInput(id="search", compact=True, placeholder="words, tag:rl, is:unread …")

    def compose(self) -> ComposeResult:
        """Lay out query, input and counts in a line, and the notice below."""
        with Horizontal():
            yield Static(id="query", markup=False)
            yield self.input
            yield Static(id="count", markup=False)
        yield Static(id="notice", markup=False)

    def update(self, query: str, view: str, count: str, notice: str, *, is_error: bool) -> None:
        """Show the query of the papers in the list, how they are filtered and sorted, counts and a message."""
        self._query = query
        self.query_one("#query", Static).update(" · ".join(filter(None, (query or "all papers", view))))
        self.query_one("#count", Static).update(count)
        line = self.query_one("#notice", Static)
        line.update(notice)
        line.set_class(is_error, "error")

    def show_input(self, is_shown: bool) -> None:
        """Show the input in place of the query, or the query again."""
        self.input.display = is_shown
        self.query_one("#query").display = not is_shown

    @on(Input.Changed)
    def search_after_pause(self, event: Input.Changed) -> None:
        """Search once the user pauses."""
        self.cancel_search()
        if event.value != self._query and self.screen.focused is self.input:
            self._timer = self.set_timer(_TYPING_PAUSE, lambda: self._search(event.value))

    def cancel_search(self) -> None:
        """Forget what was typed but not yet searched for."""
        if self._timer:
            self._timer.stop()
