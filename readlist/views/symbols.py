"""The symbols and styles of a paper's status, star, note and later, in tables, in statistics and in `browse`."""

from __future__ import annotations

from readlist.models import Mark, Status

STAR = "★"
NOTE = "✎"
LATER = "◷"
STATUS_SYMBOLS = {Status.UNREAD: " ", Status.READING: "▸", Status.READ: "✓", Status.SKIPPED: "–"}
"""One cell each, distinguishable without color; unread, the usual status, is blank."""
STATUS_STYLES = {Status.UNREAD: "", Status.READING: "yellow", Status.READ: "green", Status.SKIPPED: ""}
FINISHED = frozenset({Status.READ, Status.SKIPPED})
"""Statuses of papers that need no more attention; lists dim them."""


def describe_symbols() -> str:
    """Return the legend: every symbol with its word."""
    statuses = (f"{symbol} {status}" for status, symbol in STATUS_SYMBOLS.items() if symbol.strip())
    marks = (f"{STAR} starred", f"{NOTE} note", f"{LATER} queued or postponed")
    return f"Symbols: {', '.join((*statuses, *marks))}; an unread paper has none"


def mark_symbols(mark: Mark) -> tuple[tuple[str, str], ...]:
    """Return (symbol, style) of status, star, note and later, one cell each; " " for what a paper does not have."""
    return (
        (STATUS_SYMBOLS[mark.status], STATUS_STYLES[mark.status]),
        (STAR if mark.starred else " ", "yellow"),
        (NOTE if mark.note else " ", "yellow"),
        (LATER if mark.later is not None else " ", "cyan"),
    )
