"""Commands on backups: backup, backup restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.options.output import JSON
from readlist.cli.output import info, print_rows, success
from readlist.text import plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.models import BackupCount

app = typer.Typer(rich_markup_mode=None)


@app.command("backup")
def list_(context: typer.Context, json: JSON = False) -> None:
    """List the backups, the newest first."""
    backups = open_library(context).backups()
    if not backups:
        info("No backups. Each change of marks or papers creates one")
    print_rows(backups, _fields, _table, json=json)


@app.command("backup restore")
def restore(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="[BACKUP]", help="A name from readlist backup.", show_default=False)
    ] = "",
) -> None:
    """Restore marks or papers from a backup.

    Without BACKUP: the newest backup of the marks that differs from the current state. BACKUP may also be papers.json,
    for the newest backup of the papers that differs. To undo: readlist undo.
    """
    restored = open_library(context).restore(name)
    if restored is None:
        info("No backup differs from the current state")
        return
    backup, count = restored
    record = "paper" if backup.name.startswith("papers") else "mark"
    what = plural(count, record) if count else "saved queries and tag names"
    success(f"Restored {what} from {backup.time.astimezone():%Y-%m-%d %H:%M:%S} ({backup.name})")


def _fields(backup: "BackupCount") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"at": format_utc(backup.at), "name": backup.name, "records": backup.records, "size": backup.size}


def _table(backups: "Sequence[BackupCount]") -> "RenderableType":
    from readlist.views.tables import backups_table

    return backups_table(backups)
