"""The symbols and styles of a paper's status and star, in tables, in statistics and in `browse`."""

from __future__ import annotations

from readlist.models import Status

STAR = "★"
STATUS_SYMBOLS = {Status.UNREAD: " ", Status.READING: "▸", Status.READ: "✓", Status.SKIPPED: "–"}
"""One cell each, distinguishable without color; unread, the usual status, is blank."""
STATUS_STYLES = {Status.UNREAD: "", Status.READING: "yellow", Status.READ: "green", Status.SKIPPED: ""}
FINISHED = frozenset({Status.READ, Status.SKIPPED})
"""Statuses of papers that need no more attention; lists dim them."""
