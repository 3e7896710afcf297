"""The table of queued and postponed papers: place in the queue or date, ID and title."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import TYPE_CHECKING

from rich.text import Text

from readlist.text import clean
from readlist.views.blocks import MaxLines
from readlist.views.tables import new_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from readlist.models import Entry


def postponed_table(entries: Iterable[Entry], today: dt.date) -> RenderableType:
    """Return one row per paper: its place in the queue, counted from 1, or its date, "due" on or after it."""
    table = new_table()
    table.add_column("when", justify="right", no_wrap=True)
    table.add_column("id", justify="right", no_wrap=True)
    table.add_column("title", overflow="fold")
    places = count(1)
    for entry in entries:
        later = entry.mark.later
        when = f"{next(places)}." if isinstance(later, int) else "due" if later and later <= today else str(later)
        title = MaxLines(Text(clean(entry.paper.title)), 2)
        table.add_row(when, Text(str(entry.paper.id), style="cyan"), title)
    return table
