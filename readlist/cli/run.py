"""Where a command is run, and the one place where errors become a line and an exit code."""

from __future__ import annotations

import typer
from typer.exceptions import TyperException

from readlist.cli.app import app
from readlist.cli.context import Session
from readlist.cli.output import fail, prepare_streams, release_streams, say
from readlist.errors import QueryError, ReadlistError, StoreError

BUG = 70
"""Exit code of a bug: EX_SOFTWARE of sysexits.h."""
STOPPED = 130
"""Exit code of Ctrl-C, which typer gives too."""


def run() -> int:
    """Run the command in sys.argv; returns the exit code."""
    prepare_streams()
    session = Session()
    code = _run(session)
    if code != StoreError.exit_code:  # that error has said it, with the way back
        for damage in session.damage:
            fail(damage)
    release_streams()
    return code or (StoreError.exit_code if session.damage else 0)


def _run(session: Session) -> int:
    try:
        code = int(app(prog_name="readlist", standalone_mode=False, obj=session) or 0)
    except ReadlistError as error:
        fail(str(error))
        if isinstance(error, QueryError):
            _point_at(error)
        code = error.exit_code
    except TyperException as error:
        fail(f"{_in_one_line(error.format_message())}. See readlist {_command_of(error)}--help.")
        code = error.exit_code
    except typer.Abort:  # of a question, which comes before the change
        say("")  # the cursor still stands behind the question
        fail("stopped; nothing was changed")
        code = STOPPED
    except OSError as error:
        fail(": ".join(map(str, filter(None, (error.filename, error.strerror or error)))))
        code = ReadlistError.exit_code
    except Exception as error:  # noqa: BLE001 -- what nobody expected is a bug, which is said in one line too
        _tell_of_bug(error, debug=session.debug)
        code = BUG
    else:
        if code == STOPPED:
            fail("stopped")
    return code


def _tell_of_bug(error: Exception, *, debug: bool) -> None:
    from readlist.cli.crash import named, trace

    if debug:
        for line in trace(error):
            say(line)
    else:
        fail(f"a bug: {named(error)}; run it again as readlist --debug … for the traceback")


def _in_one_line(message: str) -> str:
    return " ".join(message.split()).rstrip(".")


def _command_of(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path.split(maxsplit=1)[1:] if context else []
    return "".join(f"{name} " for name in path)


def _point_at(error: QueryError) -> None:
    """Show the query with a caret under the column; a window of it where it is long."""
    from rich.cells import cell_len

    start = max(0, error.column - 40)
    shown = "".join(c if c.isprintable() else " " for c in error.query[start : start + 70])
    say(f"  {shown}")
    say(f"  {' ' * cell_len(shown[: error.column - start])}^")
