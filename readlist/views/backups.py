"""The backups that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from readlist.models import BackupCount


def backups_table(backups: Sequence[BackupCount]) -> RenderableType:
    """A row a backup: when it was saved, what is in it, its size, and the name by which it is restored."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("saved", no_wrap=True)
    table.add_column("holds", justify="right", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("name", style="dim", overflow="fold")
    for backup in backups:
        what = backup.name.partition(".")[0]
        holds = Text("damaged", "red") if backup.records is None else Text(f"{backup.records:,} {what}")
        table.add_row(f"{backup.at.astimezone():%Y-%m-%d %H:%M:%S}", holds, decimal(backup.size), backup.name)
    return table
