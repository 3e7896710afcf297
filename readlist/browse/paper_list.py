"""The list of papers; it reads and draws only the visible rows, so that a list of any length opens at once."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from readlist.browse.rows import row_height, row_lines
from readlist.errors import ReadlistError

if TYPE_CHECKING:
    from textual.events import Click, Resize

    from readlist.browse.backlog import Backlog
    from readlist.models import Entry


class PaperList(ScrollView, can_focus=True):
    """One row per paper, with a cursor.

    Textual's own lists, such as OptionList, need every row in advance, which takes too long with 10,000 papers.
    """

    DEFAULT_CSS = """
    PaperList { overflow-x: hidden; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"paper-list--cursor"}

    cursor: reactive[int] = reactive(0, repaint=False)
    """The position of the current paper."""

    class CursorMoved(Message):
        """Another paper is at the cursor, or the same one has changed."""

    def __init__(self, backlog: Backlog) -> None:
        super().__init__(id="papers")
        self._backlog = backlog

    def show(self, position: int = 0) -> None:
        """Show the backlog as it is now, with the cursor at a position."""
        self._update_size()
        self.set_reactive(PaperList.cursor, position)
        self.cursor = position
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.CursorMoved())

    def validate_cursor(self, position: int) -> int:
        """Return the nearest valid position."""
        return max(0, min(position, len(self._backlog) - 1))

    def watch_cursor(self) -> None:
        """Scroll to the cursor and announce that it has moved."""
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.CursorMoved())

    def move_pages(self, pages: int) -> None:
        """Move the cursor by screenfuls."""
        self.cursor += pages * max(1, self.size.height // self._row_height)

    def on_click(self, event: Click) -> None:
        """Move the cursor to the paper under the mouse."""
        position = (event.y + self.scroll_offset.y) // self._row_height
        if position < len(self._backlog):
            self.cursor = position

    def on_resize(self, _: Resize) -> None:
        """Adapt to rows of one line or two."""
        self._update_size()
        self._scroll_to_cursor()

    @property
    def _row_height(self) -> int:
        return row_height(self.size.width)

    def _update_size(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._backlog) * self._row_height)

    def _scroll_to_cursor(self) -> None:
        height = self._row_height
        if self.size.height < height:  # a narrow screen hides the list while a paper is read
            return
        self.scroll_to_region(Region(0, self.cursor * height, self.size.width, height), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the visible part."""
        position, line = divmod(y + self.scroll_offset.y, self._row_height)
        width = self.size.width
        entry = self._entry(position) if position < len(self._backlog) else None
        if entry is None:
            return Strip.blank(width, self.rich_style)
        text = row_lines(entry, width, in_lab=self._backlog.in_lab)[line]
        if position == self.cursor:
            plain = text.plain if self.has_focus else f"▌{text.plain[1:]}"
            return Strip([Segment(plain, self.get_component_rich_style("paper-list--cursor"))], width)
        return Strip(text.render(self.app.console), width).apply_style(self.rich_style)

    def _entry(self, position: int) -> Entry | None:
        """Return the entry at a position, None where it cannot be read: the application reports that error."""
        with contextlib.suppress(ReadlistError):
            return self._backlog[position]
        return None
