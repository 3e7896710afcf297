"""The history: what can be undone and redone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from readlist.text import clean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from rich.console import RenderableType


def history_table(steps: Iterable[tuple[dt.datetime, str, bool]]) -> RenderableType:
    """A row a step: when it was done, what it did, and whether it still is done."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for at, said, is_done in steps:
        what = Text(clean(said)) if is_done else Text(f"{clean(said)} (undone)", "dim")
        table.add_row(f"{at.astimezone():%Y-%m-%d %H:%M}", what)
    return table
