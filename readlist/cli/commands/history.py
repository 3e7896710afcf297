"""Commands on the history of changes: undo, redo, history."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.options.items import YES
from readlist.cli.options.output import ROW_LIMIT, output_options, report_limit
from readlist.cli.output import Form, Output, error, info, print_rows
from readlist.cli.questions import can_ask, confirm
from readlist.errors import ReadlistError
from readlist.redaction import redact_urls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from readlist.library.library import Library
    from readlist.library.replay import ReversedStep
    from readlist.store.history import HistoryEntry

_COUNT = Annotated[int, typer.Argument(metavar="[N]", min=1, help="Number of commands.", show_default=False)]

_COLUMNS = ("at", "description", "undone", "unattended")

app = typer.Typer(rich_markup_mode=None)


@app.command()
def undo(
    context: typer.Context,
    count: _COUNT = 1,
    mine: Annotated[bool, typer.Option("--mine", help="Undo your own commands only, not what cron loaded.")] = False,
    yes: YES = False,
) -> None:
    """Undo the last command, or the last N commands.

    Only commands that changed the library count. Records that another program changed since are not changed and are
    named; then no further command is undone, and the exit code is 1. A load, update or fetch that ran without a
    terminal, as in cron, is unattended: on a terminal, undo asks before it undoes one, and --mine ignores it.
    """
    library = open_library(context)
    confirmed = None
    if not mine and not yes and can_ask():
        confirmed = list(islice(library.undoable(), count))
        _confirm_unattended(library, confirmed)
    _report("undone", _nothing_to_undo(library, mine=mine), library.undo(count, mine=mine, confirmed=confirmed))


@app.command()
def redo(context: typer.Context, count: _COUNT = 1) -> None:
    """Redo the last undone command, or the last N."""
    _report("redone", "Nothing to redo", open_library(context).redo(count))


@app.command()
@output_options
def history(context: typer.Context, limit: ROW_LIMIT = None, *, output: Output) -> None:
    """List the commands that can be undone or redone.

    The newest first; above them those that were undone.
    """
    entries = open_library(context).history()
    if not entries:
        info("Nothing to undo or redo")
    print_rows(entries[: limit or None], _COLUMNS, _fields if output.form is Form.JSON else _columns, _table, output)
    report_limit(limit, len(entries), "command", output)


def _confirm_unattended(library: "Library", last: "Sequence[HistoryEntry]") -> None:
    """Ask before commands are undone that the user has not seen. Raises ReadlistError where the user declines."""
    unattended = [entry for entry in last if entry.is_unattended]
    if not unattended:
        return
    own = next((entry for entry in library.undoable() if not entry.is_unattended), None)
    subject = "The last command" if len(last) == 1 else f"One of the last {len(last)} commands"
    for entry in unattended:
        info(f"{subject} is: {_describe_unattended(entry)}")
    if own:
        info(f"To undo your own last command, {redact_urls(own.description)}: readlist undo --mine")
    if not confirm("Undo it?" if len(last) == 1 else f"Undo all {len(last)}?"):
        raise ReadlistError("nothing was undone")


def _describe_unattended(entry: "HistoryEntry") -> str:
    """Return the command and when it ran: `update (2025-02-11 07:00, unattended): 13 papers added`."""
    command, colon, counts = redact_urls(entry.description).rpartition(": ")
    time = f"({entry.at.astimezone():%Y-%m-%d %H:%M}, unattended)"
    return f"{command} {time}: {counts}" if colon else f"{counts} {time}"


def _nothing_to_undo(library: "Library", *, mine: bool) -> str:
    all_unattended = mine and any(library.undoable())
    return "Nothing to undo: all commands were unattended" if all_unattended else "Nothing to undo"


def _report(participle: str, nothing: str, steps: "Sequence[ReversedStep]") -> None:
    for step in steps:
        (error if step.is_failure else info)(step.describe(participle))
    if not steps:
        info(nothing)
    elif not steps[-1].is_complete:
        raise typer.Exit(ReadlistError.exit_code)


def _fields(entry: "HistoryEntry") -> dict[str, Any]:
    from readlist.dates import format_utc

    return {
        "at": format_utc(entry.at),
        "description": redact_urls(entry.description),
        "undone": not entry.is_done,
        "unattended": entry.is_unattended,
    }


def _columns(entry: "HistoryEntry") -> dict[str, Any]:
    states = {"undone": not entry.is_done, "unattended": entry.is_unattended}
    return {**_fields(entry), **{name: name if is_set else "" for name, is_set in states.items()}}


def _table(entries: "Sequence[HistoryEntry]") -> "RenderableType":
    from readlist.views.tables import history_table

    return history_table((entry.at, entry.description, entry.is_done, entry.is_unattended) for entry in entries)
