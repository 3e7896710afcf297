"""Commands that take back: undo, redo, history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from readlist.cli.context import open_library
from readlist.cli.output import say, show_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from readlist.store.history import HistoryEntry

COUNT = Annotated[int, typer.Argument(metavar="[N]", min=1, help="How many steps.", show_default=False)]

app = typer.Typer(rich_markup_mode=None)


@app.command()
def undo(context: typer.Context, count: COUNT = 1) -> None:
    """Take back the last command that changed something, or the last N."""
    _say_what_was("undone", open_library(context).undo(count))


@app.command()
def redo(context: typer.Context, count: COUNT = 1) -> None:
    """Do again what was undone last."""
    _say_what_was("redone", open_library(context).redo(count))


@app.command()
def history(context: typer.Context, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List what can be undone, the newest first, and above it what can be redone."""
    steps = open_library(context).history()
    if not steps:
        say("nothing was changed yet")
    show_counts(steps, _fields, _table, json=json)


def _say_what_was(turned: str, steps: Sequence[HistoryEntry]) -> None:
    for step in steps:
        say(f"{turned}: {step.description}")
    if not steps:
        say(f"nothing can be {turned}")


def _fields(step: HistoryEntry) -> dict[str, Any]:
    from readlist.dates import format_utc

    return {"at": format_utc(step.at), "description": step.description, "undone": not step.is_done}


def _table(steps: Sequence[HistoryEntry]) -> RenderableType:
    from readlist.views.tables import history_table

    return history_table((step.at, step.description, step.is_done) for step in steps)
