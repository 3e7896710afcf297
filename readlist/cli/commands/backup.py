"""Commands on backups: backup, backup restore."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.options.items import YES
from readlist.cli.options.output import JSON
from readlist.cli.output import info, print_rows, success
from readlist.errors import ReadlistError, UsageError
from readlist.text import plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.models import BackupCount, RestoreReport

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
    yes: YES = False,
) -> None:
    """Restore marks or papers from a backup.

    Without BACKUP: the newest backup of the marks that differs from the current state. BACKUP may also be papers.json,
    for the newest backup of the papers that differs. Asks for confirmation where the data file is intact. To undo:
    readlist undo.
    """
    library = open_library(context)
    preview = library.preview_restore(name)
    if preview is None:
        info("No backup differs from the current state")
        return
    if preview.name:
        _confirm(_describe(preview), yes=yes)
    restored = library.restore(preview.name or name)
    if restored and restored.at:
        success(f"Restored from {restored.at.astimezone():%Y-%m-%d %H:%M:%S} ({restored.name}): {_describe(restored)}")
    elif restored:
        info("No valid backup; started with an empty file")


def _describe(report: "RestoreReport") -> str:
    noun = "paper" if report.name.startswith("papers") else "mark"
    counts = ((report.restored, "restored"), (report.changed, "changed"), (report.removed, "removed"))
    parts = [f"{plural(count, noun)} {participle}" for count, participle in counts if count]
    return ", ".join(parts) or "saved queries, tag names or sources"


def _confirm(changes: str, *, yes: bool) -> None:
    """Ask before an intact file is changed. Raises UsageError where nobody can answer, ReadlistError for no."""
    if yes:
        return
    info(f"Restoring this backup: {changes}")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("confirmation needed: the data file is intact; nothing was changed; add --yes")
    if not typer.confirm("Restore it?", err=True):
        raise ReadlistError("nothing was changed")


def _fields(backup: "BackupCount") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"at": format_utc(backup.at), "name": backup.name, "records": backup.records, "size": backup.size}


def _table(backups: "Sequence[BackupCount]") -> "RenderableType":
    from readlist.views.tables import backups_table

    return backups_table(backups)
