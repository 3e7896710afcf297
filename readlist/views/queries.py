"""Names that the reader gave: saved queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from readlist.models import SavedQuery


def queries_table(queries: Iterable[SavedQuery]) -> RenderableType:
    """A row a query: how it is called, and what it is."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for query in queries:
        table.add_row(Text(f"@{clean(query.name)}"), Text(clean(query.text)))
    return table
