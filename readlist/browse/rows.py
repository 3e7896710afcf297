"""A paper as a row of the list, in one line or two.

from 76 cells   symbols, date, title, tags
below           symbols and title; date and tags

In a lab `+2` after the symbols: two other persons starred the paper.
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
_MAX_STARS = 99
_STARS_CELLS = len(f" +{_MAX_STARS}")
_DATE_CELLS = 10
_TAGS_SHARE = 0.2
"""The part of a line that tags take."""


def row_height(width: int) -> int:
    """Return the number of lines of a row that is `width` cells wide."""
    return 1 if width >= _MIN_SINGLE_LINE else 2


def row_lines(entry: Entry, width: int, *, in_lab: bool = False) -> list[Text]:
    """Return the lines of the row, each exactly `width` cells wide; `in_lab` leaves place for the stars of others."""
    symbols = _symbols(entry, in_lab=in_lab)
    lines = _one_line(entry, symbols, width) if width >= _MIN_SINGLE_LINE else _two_lines(entry, symbols, width)
    for line in lines:
        if entry.mark.status in FINISHED:
            line.stylize("dim")
        line.truncate(width, overflow="crop", pad=True)
    return lines


def _one_line(entry: Entry, symbols: Text, width: int) -> list[Text]:
    tags = int(width * _TAGS_SHARE)
    title = width - 2 - symbols.cell_len - _DATE_CELLS - tags - 3 * _GAP
    gap = " " * _GAP
    date = (_fit(str(entry.paper.date or ""), _DATE_CELLS), "dim")
    parts = (symbols, gap, date, gap, _fit_title(entry, title), gap, (_fit(_join_tags(entry), tags), "blue"))
    return [Text.assemble(" ", *parts, " ")]


def _two_lines(entry: Entry, symbols: Text, width: int) -> list[Text]:
    text_width = max(1, width - 2 - symbols.cell_len - 1)
    second = Text.assemble((str(entry.paper.date or "undated"), "dim"), "  ", (_join_tags(entry), "blue"))
    second.truncate(text_width, overflow="ellipsis")
    return [
        Text.assemble(" ", symbols, " ", _fit_title(entry, text_width), " "),
        Text.assemble(" " * (symbols.cell_len + 2), second),
    ]


def _symbols(entry: Entry, *, in_lab: bool) -> Text:
    stars = f" +{min(entry.stars_of_others, _MAX_STARS)}" if entry.stars_of_others else ""
    others = ((f"{stars:{_STARS_CELLS}}", "yellow"),) if in_lab else ()
    return Text.assemble(*mark_symbols(entry.mark), *others)


def _fit_title(entry: Entry, cells: int) -> str:
    return _fit(clean(entry.paper.title), cells)


def _join_tags(entry: Entry) -> str:
    return " ".join(f"#{clean(tag)}" for tag in entry.tags)


def _fit(text: str, cells: int) -> str:
    """Return `text` in exactly so many cells, cut with "…" or padded with spaces."""
    return f"{set_cell_size(text, cells - 1)}…" if cell_len(text) > cells else set_cell_size(text, cells)
