"""The paper at the cursor of the list, comments first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Static

from readlist.views.paper import brief_page

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from textual.app import ComposeResult

    from readlist.models import Entry


class _Page:
    """The page of a paper, in any width."""

    def __init__(self, entry: Entry, language: str, *, all_authors: bool) -> None:
        self._entry = entry
        self._language = language
        self._all_authors = all_authors

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield brief_page(self._entry, options.max_width, language=self._language, all_authors=self._all_authors)


class PaperPane(VerticalScroll, can_focus=True):
    """The paper at the cursor, which can be scrolled; `language` is that of the comment that comes first."""

    def __init__(self, language: str, *, id: str) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._comment_language = language

    def compose(self) -> ComposeResult:
        """Create the page."""
        yield Static(markup=False)

    def show(self, entry: Entry | None, *, from_top: bool, all_authors: bool) -> None:
        """Show a paper, or none; `from_top` scrolls to its first line."""
        page = _Page(entry, self._comment_language, all_authors=all_authors) if entry else ""
        self.query_one(Static).update(page)
        if from_top:
            self.scroll_home(animate=False)

    def scroll_lines(self, lines: int) -> None:
        """Scroll down, or up where `lines` is negative."""
        self.scroll_relative(y=lines, animate=False)

    def scroll_pages(self, pages: int) -> None:
        """Scroll by screenfuls, of which one line stays visible."""
        self.scroll_lines(pages * max(1, self.size.height - 1))
