"""A paper as a row of the list.

from 76 cells   one line: signs, date, title, tags
below           two: signs and title; date and tags
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from readlist.text import clean
from readlist.views.symbols import FINISHED, STAR, STATUS_STYLES, STATUS_SYMBOLS

if TYPE_CHECKING:
    from readlist.models import Entry

_ONE_LINE = 76
_GAP = 2
_SIGNS = 2
_DATE = 10
_TAGS_SHARE = 0.2
"""Of a line, for tags."""


def row_height(width: int) -> int:
    """Lines of a row that is `width` cells wide."""
    return 1 if width >= _ONE_LINE else 2


def row(entry: Entry, width: int) -> list[Text]:
    """The lines of the row, each `width` cells."""
    lines = _one_line(entry, width) if width >= _ONE_LINE else _two_lines(entry, width)
    for line in lines:
        if entry.mark.status in FINISHED:
            line.stylize("dim")
        line.truncate(width, overflow="crop", pad=True)
    return lines


def _one_line(entry: Entry, width: int) -> list[Text]:
    tags = int(width * _TAGS_SHARE)
    title = width - 2 - _SIGNS - _DATE - tags - 3 * _GAP
    gap = " " * _GAP
    date = (_fitted(str(entry.paper.date or ""), _DATE), "dim")
    parts = (_signs(entry), gap, date, gap, _title(entry, title), gap, (_fitted(_tags(entry), tags), "blue"))
    return [Text.assemble(" ", *parts, " ")]


def _two_lines(entry: Entry, width: int) -> list[Text]:
    rest = max(1, width - 2 - _SIGNS - 1)
    below = Text.assemble((str(entry.paper.date or "undated"), "dim"), "  ", (_tags(entry), "blue"))
    below.truncate(rest, overflow="ellipsis")
    return [
        Text.assemble(" ", _signs(entry), " ", _title(entry, rest), " "),
        Text.assemble(" " * (_SIGNS + 2), below),
    ]


def _signs(entry: Entry) -> Text:
    status = entry.mark.status
    return Text.assemble(
        (STATUS_SYMBOLS[status], STATUS_STYLES[status]), (STAR if entry.mark.starred else " ", "yellow")
    )


def _title(entry: Entry, cells: int) -> str:
    return _fitted(clean(entry.paper.title), cells)


def _tags(entry: Entry) -> str:
    return " ".join(f"#{clean(tag)}" for tag in entry.tags)


def _fitted(text: str, cells: int) -> str:
    """`text` in exactly so many cells, "…" for what is cut."""
    return f"{set_cell_size(text, cells - 1)}…" if cell_len(text) > cells else set_cell_size(text, cells)
