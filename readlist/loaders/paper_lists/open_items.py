r"""Items of a list that have a title, and the link to the paper on one of the lines below.

    - **On Tides** \
      *Ada Lovelace, Alan Turing* \
      ICLR 2025. [[Paper](https://arxiv.org/abs/2501.00001)]

An item without a link is open until a line below it has one, or until its text ends. `parser` adds the lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readlist.loaders.identifiers import is_paper_link
from readlist.loaders.paper_lists.inline import find_links
from readlist.loaders.paper_lists.items import ListedPaper, add_lines, choose_own_link, is_bold_title, parse_item
from readlist.loaders.paper_lists.lines import LineMark

if TYPE_CHECKING:
    from collections.abc import Callable

    from readlist.loaders.paper_lists.lines import MarkdownLine

BLOCK_INDENT = -1
"""The indentation of a title without a list mark: every line up to the next blank one is below it."""
_MAX_LINES = 20
"""Lines between a title and its link; below more of them an item is no title of a paper."""
_MIN_TITLE_WORDS = 3
_TITLE_MARKS = '*_"“['
"""Characters with which an item begins whose title is marked; any other one is a title only if nothing is beside it."""


@dataclass(slots=True)
class OpenItem:
    """A line with a title, the indentation of its item, and the lines below it so far."""

    line: MarkdownLine
    indent: int
    below: list[MarkdownLine] = field(default_factory=list)

    def complete(self, line: MarkdownLine) -> ListedPaper | None:
        """Return the paper whose link is in this line below the title, None where it has no title or no link."""
        is_item_below_heading = self.line.mark is LineMark.HEADING and line.mark is LineMark.ITEM
        url = "" if is_item_below_heading else _find_own_link(line)
        paper = parse_item(f"{self.line.text} [paper]({url})") if url else None
        is_sentence = paper and paper.comment and not paper.authors and self.line.text[0] not in _TITLE_MARKS
        if paper is None or is_sentence:
            return None
        add_lines(paper, [below.text for below in (*self.below, line)])
        return paper

    def looks_like_paper(self) -> bool:
        """Return whether the item is a title in bold, of several words or with lines below."""
        is_long_enough = len(self.line.text.split()) >= _MIN_TITLE_WORDS or bool(self.below)
        return is_long_enough and is_bold_title(self.line.text)


class OpenItems:
    """The open items that contain the current line, the innermost one last; `report` receives those without a link."""

    def __init__(self, report: Callable[[OpenItem], None]) -> None:
        self._items: list[OpenItem] = []
        self._report = report

    def add(self, item: OpenItem) -> None:
        """Add an item that is below the others."""
        self._items.append(item)

    def add_below(self, line: MarkdownLine) -> None:
        """Add a line of text to the innermost item."""
        if self._items:
            self._items[-1].below.append(line)
            self._drop_long_items()

    def find_parent(self, line: MarkdownLine) -> OpenItem | None:
        """Return the innermost item that a line is below, None for none.

        Items within it that end here are lines of its text.
        """
        while self._items and self._items[-1].indent >= line.indent:
            item = self._items.pop()
            if self._items:
                self._items[-1].below += (item.line, *item.below)
                self._drop_long_items()
            else:
                self._report(item)
        return self._items[-1] if self._items else None

    def end_blocks(self) -> None:
        """End the titles without a list mark, which a blank line does."""
        if self._items and self._items[0].indent == BLOCK_INDENT:
            self.clear()

    def clear(self, *, contain_paper: bool = False) -> None:
        """End all items; those that `contain_paper` are names of groups of papers."""
        if self._items and not contain_paper:
            self._report(self._items[0])
        self._items.clear()

    def _drop_long_items(self) -> None:
        if len(self._items[-1].below) > _MAX_LINES:
            self._items.clear()


def _find_own_link(line: MarkdownLine) -> str:
    """Return the link to the paper in a line that names no paper itself, "" where there is none."""
    if line.is_code or (line.mark is LineMark.ITEM and parse_item(line.text)):
        return ""
    links = find_links(line.text)
    own = choose_own_link([link for link in links if link.is_label])
    names_paper = any(is_paper_link(link.url) and not link.is_label for link in links)
    return own.url if own and not names_paper else ""
