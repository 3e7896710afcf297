"""A progress bar, or lines, on the terminal for operations that take long."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from readlist.cli.output import info

if TYPE_CHECKING:
    from readlist.library.library import Progress

_UPDATE_SECONDS = 0.1
"""Seconds between two updates of the bar, each of which costs as much as a paper."""
DELAY_SECONDS = 0.5
"""Seconds before the bar appears; a person waits so long without wondering."""


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Yield a function to report progress to.

    It shows a bar on stderr, if that is a terminal that can erase it and the operation takes longer than DELAY_SECONDS.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM", "") in {"", "dumb"}:  # where a bar cannot be erased
        yield lambda activity, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Bar(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("")
    due = time.monotonic() + DELAY_SECONDS

    def report(activity: str, done: int, total: int) -> None:
        nonlocal due
        if time.monotonic() < due:
            return
        due = time.monotonic() + _UPDATE_SECONDS
        bar.start()
        bar.update(task, description=activity, completed=done, total=total or None)

    try:
        yield report
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def activity_lines(*, is_enabled: bool = True) -> Iterator[Progress]:
    """Yield a function to report progress to.

    It prints an activity on stderr, if that is a terminal, once it takes longer than DELAY_SECONDS. For operations that
    wait for other programs: these may ask for a passphrase on the terminal, and a bar would overwrite the question.
    """
    if not is_enabled or not sys.stderr.isatty():
        yield lambda activity, done, total: None
        return
    from threading import Timer

    current = ""
    timer = Timer(0, lambda: None)

    def report(activity: str, done: int, total: int) -> None:
        nonlocal current, timer
        if activity == current:
            return
        current = activity
        timer.cancel()
        timer = Timer(DELAY_SECONDS, info, (f"{activity[:1].upper()}{activity[1:]}…",))
        timer.daemon = True
        timer.start()

    try:
        yield report
    finally:
        timer.cancel()
