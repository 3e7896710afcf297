"""An invocation of every command that succeeds in a library with the seeds; a new command is added here.

Only browse is missing: it needs a terminal, and has tests of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

SEEDS = str(Path(__file__).resolve().parents[1] / "seeds")

CALLS: Mapping[str, tuple[str, ...]] = {
    "load": ("-",),
    "add": ("10.1000/182", "--title", "조수 — On Tides II", "--authors", "Ada Lovelace; 김철수", "--tag", "내것"),
    "update": (),
    "fetch": ("id:999",),
    "sources": (),
    "sources forget": (SEEDS,),
    "digests": (),
    "today": (),
    "search": ("추론",),
    "list": (),
    "show": ("1-13",),
    "open": ("--print", "12"),
    "next": (),
    "similar": ("12",),
    "tags": (),
    "stats": (),
    "words": (),
    "words add": ("사전학습", "=", "프리트레이닝"),
    "words delete": ("ebb",),
    "read": ("12",),
    "unread": ("9",),
    "reading": ("12",),
    "skip": ("12",),
    "star": ("12",),
    "unstar": ("9",),
    "later": ("12", "tomorrow"),
    "note": ("12", "비교 ★ compare"),
    "tag": ("12", "--add", "내것"),
    "tags rename": ("rl", "추론"),
    "edit": ("12", "--title", "FP4, ganz 전체"),
    "merge": ("12", "13"),
    "delete": ("12",),
    "export": (),
    "query": (),
    "query save": ("안읽음", "is:unread 추론"),
    "query show": ("fresh",),
    "query delete": ("fresh",),
    "sync": ("--dry-run", "./papers.git"),
    "undo": (),
    "redo": (),
    "history": (),
    "doctor": (),
    "backup": (),
    "backup restore": ("--yes",),
    "config": (),
    "completion": ("bash",),
    "help": ("query",),
}
"""Command -> its arguments; a command that reads stdin gets DIGEST."""

DIGEST = """2025년 6월 1일
조수에 대하여: On Tides — “ebb” & flow ★
(Ada Lovelace, 김철수)
Tides rise and fall.
조수에 대한 논문.
On tides.
#tides
"""

PREPARED = (
    ("query", "save", "fresh", "is:unread"),
    ("words", "add", "썰물 = ebb"),
    ("read", "9"),
    ("star", "9"),
    ("note", "9", "메모 — “note”"),
    ("skip", "11"),
    ("undo",),
)
"""Commands run before, so that there is something to undo, to redo and to restore."""


def call(command: str) -> tuple[str, ...]:
    """Return the command and its arguments, word by word."""
    return (*command.split(), *CALLS[command])


def matrix(columns: int) -> list[object]:
    """Return (command, column) for all commands; the suite runs each command in one column, `-m slow` the rest."""
    return [
        pytest.param(command, column, marks=[] if (row - column) % columns == 0 else [pytest.mark.slow])
        for row, command in enumerate(CALLS)
        for column in range(columns)
    ]
