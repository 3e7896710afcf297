"""Commands on the history of changes: undo, redo, history."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.options.output import output_options
from readlist.cli.output import Form, Output, error, info, print_rows
from readlist.errors import ReadlistError
from readlist.redaction import redact_urls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from readlist.library.replay import ReversedStep
    from readlist.store.history import HistoryEntry

_COUNT = Annotated[int, typer.Argument(metavar="[N]", min=1, help="Number of commands.", show_default=False)]

_COLUMNS = ("at", "description", "undone")

app = typer.Typer(rich_markup_mode=None)


@app.command()
def undo(context: typer.Context, count: _COUNT = 1) -> None:
    """Undo the last command, or the last N commands.

    Only commands that changed the library count. Records that another program changed since are not changed and are
    named; then no further command is undone, and the exit code is 1.
    """
    _report("undone", "Nothing to undo", open_library(context).undo(count))


@app.command()
def redo(context: typer.Context, count: _COUNT = 1) -> None:
    """Redo the last undone command, or the last N."""
    _report("redone", "Nothing to redo", open_library(context).redo(count))


@app.command()
@output_options
def history(context: typer.Context, output: Output) -> None:
    """List the commands that can be undone or redone.

    The newest first; above them those that were undone.
    """
    entries = open_library(context).history()
    if not entries:
        info("Nothing to undo or redo")
    print_rows(entries, _COLUMNS, _fields if output.form is Form.JSON else _columns, _table, output)


def _report(participle: str, nothing: str, steps: "Sequence[ReversedStep]") -> None:
    for step in steps:
        (error if step.quarantined else info)(step.describe(participle))
    if not steps:
        info(nothing)
    elif not steps[-1].is_complete:
        raise typer.Exit(ReadlistError.exit_code)


def _fields(entry: "HistoryEntry") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"at": format_utc(entry.at), "description": redact_urls(entry.description), "undone": not entry.is_done}


def _columns(entry: "HistoryEntry") -> dict[str, Any]:
    return {**_fields(entry), "undone": "" if entry.is_done else "undone"}


def _table(entries: "Sequence[HistoryEntry]") -> "RenderableType":
    from readlist.views.tables import history_table

    return history_table((entry.at, entry.description, entry.is_done) for entry in entries)
