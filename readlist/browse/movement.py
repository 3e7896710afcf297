"""Keys that move the cursor, scroll the paper, and switch between list, paper and query."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.widgets import Input

from readlist.browse.display import Display


class Movement(Display):
    """The display with the actions that change what is shown, and nothing in the library."""

    _before_search = ("", "")
    """The query and the key of the current paper before the search."""

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

    def action_toggle_authors(self) -> None:
        """Show all authors of the paper, or the first ones."""
        self._shows_all_authors = not self._shows_all_authors
        self.on_paper_list_cursor_moved()

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

    def action_leave(self) -> None:
        """Leave the search, restoring the previous query and paper, or leave the paper."""
        if self.focused is self._bar.input:
            text, key = self._before_search
            self._search(text)
            self._show(key)
        self._focus(self._list)

    def action_next_filter(self) -> None:
        """Show only the unread papers of the query, then only the starred ones, and so on; at last all again."""
        self._change_view(self._backlog.use_next_filter)

    def action_next_order(self) -> None:
        """Sort by the next order: date, loaded, …."""
        self._change_view(self._backlog.use_next_order)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._change_view(self._backlog.reverse)

    def _change_view(self, change: Callable[[], None]) -> None:
        """Change which papers of the query are shown, or in which order; stay at the paper if it is still there."""
        key = self._current_key
        with self._showing_errors():
            change()
        position = self._backlog.find_position(key)
        self._list.show(self._backlog.next_unread(-1) if position is None else position)
        self._update_bar()
