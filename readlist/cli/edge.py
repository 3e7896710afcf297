"""Where a command is run, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import sys

import typer
from typer.exceptions import TyperException

from readlist.cli.app import app
from readlist.cli.home import Session
from readlist.cli.output import fail, prepare_streams, release_stdout
from readlist.errors import QueryError, ReadlistError, StoreError


def run() -> int:
    """Run the command in sys.argv; returns the exit code."""
    prepare_streams()
    session = Session()
    try:
        code = int(app(prog_name="readlist", standalone_mode=False, obj=session) or 0)
    except ReadlistError as error:
        fail(str(error))
        if isinstance(error, QueryError):
            _point_at(error)
        code = error.exit_code
    except TyperException as error:
        fail(f"{error.format_message().rstrip('.')}. See readlist {_command_of(error)}--help.")
        code = error.exit_code
    except typer.Abort:
        fail("stopped; nothing was changed")
        code = 130
    if code != StoreError.exit_code:  # that error has said it, with the way back
        for damage in session.damage:
            fail(damage)
    release_stdout()
    return code or (StoreError.exit_code if session.damage else 0)


def _command_of(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path.split(maxsplit=1)[1:] if context else []
    return "".join(f"{name} " for name in path)


def _point_at(error: QueryError) -> None:
    """Show the query with a caret under the column; a window of it where it is long."""
    from rich.cells import cell_len

    start = max(0, error.column - 40)
    shown = error.query[start : start + 70].replace("\n", " ")
    print(f"  {shown}\n  {' ' * cell_len(shown[: error.column - start])}^", file=sys.stderr)
