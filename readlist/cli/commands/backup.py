"""What was kept, and the way back to it: backup list, backup restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.output import say, show_counts

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.models import BackupCount

app = typer.Typer(rich_markup_mode=None)
backup_app = typer.Typer(rich_markup_mode=None, help="List backups, and go back to one.")
app.add_typer(backup_app, name="backup")


@backup_app.command("list")
def list_(context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the backups, the newest first."""
    backups = open_library(context).backups()
    if not backups:
        say("there is no backup yet; every change makes one")
    show_counts(backups, _fields, _table, json=json)


@backup_app.command()
def restore(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[BACKUP]", help="As backup list shows it.", show_default=False)] = "",
) -> None:
    """Put your marks back as they are in a backup; `readlist undo` takes it back.

    Without BACKUP it is the newest that differs from what is there; papers.json stands for the newest of the papers.
    """
    restored = open_library(context).restore(name)
    if restored is None:
        say("there is no backup that differs from what is there")
        return
    backup, count = restored
    record = "paper" if backup.name.startswith("papers") else "mark"
    when = f"{backup.time.astimezone():%Y-%m-%d at %H:%M:%S}"
    what = f"{count:,} {record}{'' if count == 1 else 's'}" if count else "your names are"
    say(f"{what} put back as they were on {when} ({backup.name})")


def _fields(backup: "BackupCount") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"at": format_utc(backup.at), "name": backup.name, "records": backup.records, "size": backup.size}


def _table(backups: "Sequence[BackupCount]") -> "RenderableType":
    from readlist.views.tables import backups_table

    return backups_table(backups)
