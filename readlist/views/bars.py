"""Bars and shades of text cells for `readlist stats`, distinguishable without color, in Unicode or in ASCII."""

from __future__ import annotations

from typing import NamedTuple

from rich.text import Text

from readlist.models import Status
from readlist.views.symbols import STAR, STATUS_SYMBOLS


class Glyphs(NamedTuple):
    """The characters of a chart: the parts of a bar, the levels of a calendar, a zero, a gap and the status symbols.

    `levels` begins with the one for nothing.
    """

    read: str
    skipped: str
    levels: tuple[str, ...]
    zero: str
    gap: str
    dash: str
    symbols: tuple[str, ...]


_SYMBOLS = (*(STATUS_SYMBOLS[status] for status in Status), STAR)
UNICODE = Glyphs("█", "░", ("·", "░", "▒", "▓", "█"), "–", "⋮", "–", _SYMBOLS)
ASCII = Glyphs("#", "=", (".", "-", "+", "*", "#"), "-", ":", "-", ("",) * len(_SYMBOLS))


def choose_glyphs(encoding: str) -> Glyphs:
    """Return UNICODE where a terminal of this encoding has all of its characters, else ASCII."""
    try:
        "".join(map("".join, UNICODE)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def draw_bar(read: int, skipped: int, scale: float, glyphs: Glyphs) -> Text:
    """Return a bar of `scale` cells a paper; what is not zero has at least one cell."""
    cells = [max(1, round(count * scale)) if count else 0 for count in (read, skipped)]
    return Text.assemble((glyphs.read * cells[0], "green"), (glyphs.skipped * cells[1], "dim"))


def choose_scale(longest: int, cells: int) -> float:
    """Return the cells a paper with which the bar of `longest` papers fits: one, where the width allows it."""
    return min(1.0, (cells - 1) / longest) if longest > cells else 1.0


def bar_legend(cells: int, glyphs: Glyphs) -> Text:
    """Return what the parts of a bar are, in at most so many cells; empty where it does not fit."""
    legend = Text.assemble((glyphs.read, "green"), " read  ", glyphs.skipped, " skipped")
    return legend if legend.cell_len <= cells else Text()
