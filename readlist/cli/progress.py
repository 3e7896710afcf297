"""A progress bar, on a terminal, for work that takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readlist.library import Progress

PATIENCE = 0.5
"""Seconds that a person waits without wondering; no bar before."""


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Progress to report to; a bar on stderr where that is a terminal and the work takes longer than PATIENCE."""
    if not sys.stderr.isatty():
        yield lambda doing, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    bar = Bar(console=Console(stderr=True), transient=True)
    task = bar.add_task("")
    began = time.monotonic()

    def report(doing: str, done: int, total: int) -> None:
        if not bar.live.is_started and time.monotonic() - began > PATIENCE:
            bar.start()
        bar.update(task, description=doing, completed=done, total=total or None)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()
