"""A progress bar, on a terminal, for work that takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readlist.library.library import Progress

_BETWEEN = 0.1
"""Seconds between two looks at how far it is: each costs as much as a paper."""
PATIENCE = 0.5
"""Seconds that a person waits without wondering; no bar before."""


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Progress to report to; a bar on stderr where that is a terminal and the work takes longer than PATIENCE."""
    if not sys.stderr.isatty():
        yield lambda doing, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Bar(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("")
    due = time.monotonic() + PATIENCE

    def report(doing: str, done: int, total: int) -> None:
        nonlocal due
        if time.monotonic() < due:
            return
        due = time.monotonic() + _BETWEEN
        bar.start()
        bar.update(task, description=doing, completed=done, total=total or None)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()
