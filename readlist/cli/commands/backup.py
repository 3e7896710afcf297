"""Commands on backups: backup, backup restore."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.options.items import YES
from readlist.cli.options.output import output_options
from readlist.cli.output import Output, info, print_rows, success
from readlist.cli.questions import can_ask, confirm
from readlist.dates import to_local
from readlist.errors import ReadlistError, UsageError
from readlist.text import plural

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.counts import BackupCount
    from readlist.reports import RestoreReport

_NOUNS = {
    "marks": ("mark", "saved query, tag name or synonym group", "saved queries, tag names or synonym groups"),
    "papers": ("paper", "source", "sources"),
}
"""What a store file contains: its records, and one or several of its other records."""

_COLUMNS = ("at", "name", "records", "size")

app = typer.Typer(rich_markup_mode=None)


@app.command("backup")
@output_options
def list_(context: typer.Context, output: Output) -> None:
    """List the backups, the newest first."""
    backups = open_library(context).backups()
    if not backups:
        info("No backups. Each change of marks or papers creates one")
    print_rows(backups, _COLUMNS, _fields, _table, output)


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
    is_usable = bool(preview.name)  # otherwise the file is missing or another library's, and nothing can be lost
    if is_usable:
        if not any((preview.restored, preview.changed, preview.removed, preview.definitions)):
            info(f"{preview.name} does not differ from the current state")
            return
        _confirm(preview, yes=yes)
    restored = library.restore(preview.name or name)
    if restored and restored.name:
        report = success if is_usable else info  # only a change of a usable file can be undone
        report(f"Restored {_describe_backup(restored)}: {_describe_changes(restored)}")
    elif restored:
        info("No valid backup: created an empty file")


def _describe_backup(report: "RestoreReport") -> str:
    return f"{report.name} of {to_local(report.at):%Y-%m-%d %H:%M:%S}" if report.at else report.name


def _describe_changes(report: "RestoreReport", *, is_preview: bool = False) -> str:
    """Return what is different: `3 marks restored, 1 changed; 2 sources changed`, or `restore 3 marks, change 1; …`."""
    noun, one, several = _NOUNS["papers" if report.name.startswith("papers") else "marks"]
    counts = ((report.restored, "restore", "restored"), (report.changed, "change", "changed"))
    parts: list[str] = []
    for count, verb, participle in (*counts, (report.removed, "remove", "removed")):
        if count:
            objects = f"{count:,}" if parts else plural(count, noun)
            parts.append(f"{verb} {objects}" if is_preview else f"{objects} {participle}")
    changes = [", ".join(parts)] if parts else []
    if report.definitions:
        objects = plural(report.definitions, one, several)
        changes.append(f"change {objects}" if is_preview else f"{objects} changed")
    return "; ".join(changes) or f"no {noun}s, {several}"


def _confirm(preview: "RestoreReport", *, yes: bool) -> None:
    """Ask before an intact file is changed. Raises UsageError where nobody can answer, ReadlistError for no."""
    if yes:
        return
    info(f"Backup {_describe_backup(preview)} would {_describe_changes(preview, is_preview=True)}")
    if not can_ask():
        raise UsageError("confirmation needed: the data file is intact; nothing was changed; add --yes")
    if not confirm("Restore it?"):
        raise ReadlistError("nothing was changed")


def _fields(backup: "BackupCount") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"at": format_utc(backup.at), "name": backup.name, "records": backup.records, "size": backup.size}


def _table(backups: "Sequence[BackupCount]") -> "RenderableType":
    from readlist.views.tables import backups_table

    return backups_table(backups)
