"""Every command in a call that works in a library of the seeds; a new command has to be put here.

Only browse is not among them: it needs a terminal to be driven, and has tests of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

CALLS: Mapping[str, tuple[str, ...]] = {
    "load": ("-",),
    "update": (),
    "digests": (),
    "search": ("추론",),
    "list": (),
    "show": ("1-13",),
    "open": ("--print", "12"),
    "next": (),
    "similar": ("12",),
    "read": ("12",),
    "unread": ("9",),
    "reading": ("12",),
    "skip": ("12",),
    "star": ("12",),
    "unstar": ("9",),
    "note": ("12", "비교 ★ compare"),
    "tag": ("12", "--add", "내것"),
    "tags": (),
    "tags rename": ("rl", "추론"),
    "query": ("save", "안읽음", "is:unread 추론"),
    "stats": (),
    "undo": (),
    "redo": (),
    "history": (),
    "export": (),
    "doctor": (),
    "backup": ("list",),
    "completion": ("bash",),
    "help": ("query",),
}
"""Command -> its arguments; a call that reads stdin is given DIGEST."""

DIGEST = """2025년 6월 1일
조수에 대하여: On Tides — “ebb” & flow ★
(Ada Lovelace, 김철수)
Tides rise and fall.
조수에 대한 논문.
On tides.
#tides
"""

PREPARED = (("read", "9"), ("star", "9"), ("note", "9", "메모 — “note”"), ("skip", "11"), ("undo",))
"""What has been done in the library before: there is something to undo, to redo and to take back."""


def call(command: str) -> tuple[str, ...]:
    """The command and its arguments, word by word."""
    return (*command.split(), *CALLS[command])


def matrix(columns: int) -> list[object]:
    """(command, column) for all of both; the suite tries each command in one column, `-m slow` the rest."""
    return [
        pytest.param(command, column, marks=[] if (row - column) % columns == 0 else [pytest.mark.slow])
        for row, command in enumerate(CALLS)
        for column in range(columns)
    ]
