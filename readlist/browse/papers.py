"""The list of papers: a line of the screen is made when it is drawn, so that a list of any length opens at once."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from readlist.browse.rows import row, row_height
from readlist.errors import ReadlistError

if TYPE_CHECKING:
    from textual.events import Click, Resize

    from readlist.browse.backlog import Backlog
    from readlist.models import Entry


class Papers(ScrollView, can_focus=True):
    """A row a paper, with a cursor.

    Textual's own lists want every row beforehand: OptionList takes forty times as long to open with 10,000 as with 10.
    """

    DEFAULT_CSS = """
    Papers { overflow-x: hidden; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"papers--cursor"}

    cursor: reactive[int] = reactive(0, repaint=False)
    """The place of the paper that is looked at."""

    class Moved(Message):
        """Another paper is looked at."""

    def __init__(self, backlog: Backlog) -> None:
        super().__init__(id="papers")
        self._backlog = backlog

    def show(self, place: int = 0) -> None:
        """Show the backlog as it is now, with the cursor at `place`."""
        self._fit()
        self.set_reactive(Papers.cursor, place)
        self.cursor = place
        self._reveal()
        self.refresh()
        self.post_message(self.Moved())

    def validate_cursor(self, place: int) -> int:
        """The nearest place that there is."""
        return max(0, min(place, len(self._backlog) - 1))

    def watch_cursor(self) -> None:
        """Bring the cursor into view and tell of it."""
        self._reveal()
        self.refresh()
        self.post_message(self.Moved())

    def move_pages(self, by: int) -> None:
        """Move the cursor by so many screenfuls."""
        self.cursor += by * max(1, self.size.height // self._row_height)

    def on_click(self, event: Click) -> None:
        """Look at the paper under the mouse."""
        place = (event.y + self.scroll_offset.y) // self._row_height
        if place < len(self._backlog):
            self.cursor = place

    def on_resize(self, _: Resize) -> None:
        """Rows may have become one line, or two."""
        self._fit()
        self._reveal()

    @property
    def _row_height(self) -> int:
        return row_height(self.size.width)

    def _fit(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._backlog) * self._row_height)

    def _reveal(self) -> None:
        height = self._row_height
        if self.size.height < height:  # hidden, while a paper is read
            return
        self.scroll_to_region(Region(0, self.cursor * height, self.size.width, height), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """Line `y` of what is seen."""
        place, line = divmod(y + self.scroll_offset.y, self._row_height)
        width = self.size.width
        entry = self._entry(place) if place < len(self._backlog) else None
        if entry is None:
            return Strip.blank(width, self.rich_style)
        text = row(entry, width)[line]
        if place == self.cursor:
            plain = text.plain if self.has_focus else f"▌{text.plain[1:]}"
            return Strip([Segment(plain, self.get_component_rich_style("papers--cursor"))], width)
        return Strip(text.render(self.app.console), width).apply_style(self.rich_style)

    def _entry(self, place: int) -> Entry | None:
        """The entry at `place`; what keeps it from being read is told by whoever asks for it next."""
        with contextlib.suppress(ReadlistError):
            return self._backlog[place]
        return None
