"""The paper at the cursor of the list, as `readlist show` lays it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Static

from readlist.views.paper import paper_page

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from textual.app import ComposeResult

    from readlist.models import Entry


class _Page:
    """The page of a paper, in any width."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield paper_page(self._entry, options.max_width, brief=True)


class PaperPane(VerticalScroll, can_focus=True):
    """The paper at the cursor, which can be scrolled."""

    def compose(self) -> ComposeResult:
        """Create the page."""
        yield Static(markup=False)

    def show(self, entry: Entry | None, *, from_top: bool) -> None:
        """Show a paper, or none; `from_top` scrolls to its first line."""
        self.query_one(Static).update(_Page(entry) if entry else "")
        if from_top:
            self.scroll_home(animate=False)

    def scroll_lines(self, lines: int) -> None:
        """Scroll down, or up where `lines` is negative."""
        self.scroll_relative(y=lines, animate=False)

    def scroll_pages(self, pages: int) -> None:
        """Scroll by screenfuls, of which one line stays visible."""
        self.scroll_lines(pages * max(1, self.size.height - 1))
