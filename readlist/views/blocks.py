"""Blocks of text that Rich does not have: a limited number of lines, and a bar at the left side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


MAX_TEXT_CELLS = 88
"""Terminal cells of a line of text; longer lines are hard to read."""


class MaxLines:
    """Text of at most `limit` lines in any width; a longer one is cut and ends with "…"."""

    def __init__(self, text: Text, limit: int) -> None:
        self._text = text
        self._limit = limit

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        lines = self._text.wrap(console, width, overflow="fold")
        if len(lines) > self._limit:
            last = lines[self._limit - 1]
            last.rstrip()
            last.truncate(max(0, width - 1))
            last.append("…")
        yield from lines[: self._limit]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._text)


class OneLine:
    """Text of one line in any width; a longer one is cut, also in a word, and ends with "…"."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = self._text.copy()
        if line.cell_len > options.max_width:
            line.truncate(max(0, options.max_width - 1))
            line.rstrip()
            line.append("…")
        yield line

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._text)


class SideBar:
    """Text with a vertical bar before each line, to set it apart from the text around it."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._text.wrap(console, max(1, options.max_width - 2), overflow="fold"):
            yield Text.assemble(("│ ", "yellow"), line)
