"""The table of tracked sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from readlist.models import SourceCount


def sources_table(sources: Sequence[SourceCount]) -> RenderableType:
    """Return a table with a row a source: kind, number of papers, time of the last load, location."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("kind", no_wrap=True)
    table.add_column("papers", justify="right", no_wrap=True)
    table.add_column("loaded", style="dim", no_wrap=True)
    table.add_column("source", overflow="fold")
    for source in sources:
        loaded = f"{source.loaded_at.astimezone():%Y-%m-%d %H:%M}" if source.loaded_at else ""
        table.add_row(source.kind, f"{source.papers:,}", loaded, Text(clean(source.location)))
    return table
