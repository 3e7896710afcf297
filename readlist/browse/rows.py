"""A paper as a row of the list, in one line or two.

from 76 cells   symbols, date, title, tags
below           symbols and title; date and tags
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from readlist.text import clean
from readlist.views.symbols import FINISHED, mark_symbols

if TYPE_CHECKING:
    from readlist.models import Entry

_MIN_SINGLE_LINE = 76
_GAP = 2
_SYMBOL_CELLS = 4
_DATE_CELLS = 10
_TAGS_SHARE = 0.2
"""The part of a line that tags take."""


def row_height(width: int) -> int:
    """Return the number of lines of a row that is `width` cells wide."""
    return 1 if width >= _MIN_SINGLE_LINE else 2


def row_lines(entry: Entry, width: int) -> list[Text]:
    """Return the lines of the row, each exactly `width` cells wide."""
    lines = _one_line(entry, width) if width >= _MIN_SINGLE_LINE else _two_lines(entry, width)
    for line in lines:
        if entry.mark.status in FINISHED:
            line.stylize("dim")
        line.truncate(width, overflow="crop", pad=True)
    return lines


def _one_line(entry: Entry, width: int) -> list[Text]:
    tags = int(width * _TAGS_SHARE)
    title = width - 2 - _SYMBOL_CELLS - _DATE_CELLS - tags - 3 * _GAP
    gap = " " * _GAP
    date = (_fit(str(entry.paper.date or ""), _DATE_CELLS), "dim")
    parts = (_symbols(entry), gap, date, gap, _fit_title(entry, title), gap, (_fit(_join_tags(entry), tags), "blue"))
    return [Text.assemble(" ", *parts, " ")]


def _two_lines(entry: Entry, width: int) -> list[Text]:
    text_width = max(1, width - 2 - _SYMBOL_CELLS - 1)
    second = Text.assemble((str(entry.paper.date or "undated"), "dim"), "  ", (_join_tags(entry), "blue"))
    second.truncate(text_width, overflow="ellipsis")
    return [
        Text.assemble(" ", _symbols(entry), " ", _fit_title(entry, text_width), " "),
        Text.assemble(" " * (_SYMBOL_CELLS + 2), second),
    ]


def _symbols(entry: Entry) -> Text:
    return Text.assemble(*mark_symbols(entry.mark))


def _fit_title(entry: Entry, cells: int) -> str:
    return _fit(clean(entry.paper.title), cells)


def _join_tags(entry: Entry) -> str:
    return " ".join(f"#{clean(tag)}" for tag in entry.tags)


def _fit(text: str, cells: int) -> str:
    """Return `text` in exactly so many cells, cut with "…" or padded with spaces."""
    return f"{set_cell_size(text, cells - 1)}…" if cell_len(text) > cells else set_cell_size(text, cells)
