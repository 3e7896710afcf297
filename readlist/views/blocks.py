"""Blocks of wrapped text that rich has not: one that ends with "…" after some lines, one with a bar at its left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.measure import Measurement
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult


class Clamped:
    """Text of `lines` lines at most, in whatever width its table gives it; what is cut is shown by "…"."""

    def __init__(self, text: Text, lines: int) -> None:
        self._text = text
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        lines = self._text.wrap(console, width, overflow="fold")
        if len(lines) > self._lines:
            last = lines[self._lines - 1]
            last.rstrip()
            last.truncate(max(0, width - 1))
            last.append("…")
        yield from lines[: self._lines]

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._text)


class Barred:
    """Text with a bar before each of its lines, which sets it apart from what is around it."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._text.wrap(console, max(1, options.max_width - 2), overflow="fold"):
            yield Text.assemble(("│ ", "yellow"), line)
