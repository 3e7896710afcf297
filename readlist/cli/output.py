"""Everything that is printed: results on stdout, one-line messages on stderr.

Every command prints through this module, which keeps control characters of others' texts from the terminal.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from readlist.cli.pager import show_in_pager
from readlist.errors import ReadlistError
from readlist.text import make_printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from readlist.paper_columns import Column

EMPTY_HINT = "The library is empty. To add papers: readlist load PATH"
_WIDTH_IN_PIPE = 80
"""Cells of a table in a pipe or file."""
_MAX_SIZE = 10_000
"""Columns or lines beyond which $COLUMNS or $LINES is no size of a terminal."""
NO_SOURCES = "No sources. To add papers: readlist load PATH"


class Form(StrEnum):
    """A form of the output of commands that list; the values are the names of the options."""

    TABLE = "table"
    TSV = "tsv"
    JSON = "json"


class Output(NamedTuple):
    """The form that the user asked for, and for papers the columns, () for those that fit.

    `header` is for the names of the columns before tab-separated lines, `one_line` for a table of one line a paper.
    """

    form: Form
    header: bool = False
    columns: tuple[Column, ...] = ()
    one_line: bool = False


def on_terminal() -> bool:
    """Return whether stdout is a terminal, not a pipe or a file."""
    return sys.stdout.isatty()


def stdout_encoding() -> str:
    """Return the encoding in which text is written to stdout."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def info(message: str) -> None:
    """Print a message on stderr: a count, a hint, what was changed."""
    _print_message(make_printable(message))


def success(message: str, steps: int = 1) -> None:
    """Print what a command changed, on a terminal with the command that undoes its `steps` in the history."""
    if sys.stderr.isatty():
        message = make_printable(message).rstrip()
        undo = "readlist undo" if steps == 1 else f"readlist undo {steps}"
        message += f"{'' if message.endswith(('.', '?', '!', '…')) else '.'} Undo: {undo}"
    info(message)


def error(message: str) -> None:
    """Print an error message on stderr."""
    _print_message(f"readlist: {make_printable(message)}")


def _print_message(line: str) -> None:
    """Print a line on stderr; where that fails the command continues, since what it has done is done."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr)


def emit(pieces: Iterable[str]) -> None:
    """Write text to stdout; a closed pipe (`| head`) ends it without a message.

    Raises ReadlistError where it cannot be written: a full disk, a broken terminal.
    """
    try:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as failure:
        raise ReadlistError(f"cannot write to stdout: {failure.strerror}") from failure


def emit_data(pieces: Iterable[str]) -> None:
    """Write what another program will read to stdout, as `emit`, but in UTF-8 in every locale.

    JSON, BibTeX and the others are UTF-8 by definition; only a terminal shows them in its own encoding.
    """
    if isinstance(sys.stdout, io.TextIOWrapper) and not on_terminal():
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")
    emit(pieces)


def render(build: Callable[[int], RenderableType]) -> None:
    """Print the renderable that `build` returns for the width of the terminal, else for $COLUMNS or 80 cells.

    On a terminal, what is longer than the screen is printed through the pager.
    """
    from rich.console import Console

    buffer = io.StringIO()  # not stdout, to which a console writes and flushes on its own
    is_terminal = on_terminal()
    console = Console(
        file=buffer,
        force_terminal=is_terminal or None,  # None leaves it to $FORCE_COLOR
        width=None if is_terminal else int(os.environ.get("COLUMNS", _WIDTH_IN_PIPE)),
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(build(console.width))
    page = buffer.getvalue()
    if not is_terminal:
        emit(f"{line.rstrip()}\n" for line in page.splitlines())
    elif page.count("\n") < console.height or not show_in_pager(page):
        emit([page])


def print_rows(
    rows: Sequence[Any],
    columns: Sequence[str],
    fields: Callable[[Any], dict[str, Any]],
    table: Callable[[Any], RenderableType],
    output: Output,
) -> None:
    """Print rows as JSON, as a table, or as lines of tab-separated fields: those that `columns` names."""
    if output.form is Form.JSON:
        from readlist.exporters.json import dump_array

        emit_data(dump_array(map(fields, rows)))
    elif output.form is Form.TSV:
        values = ([fields(row)[name] for name in columns] for row in rows)
        emit(map(tsv_line, chain([columns] if output.header else [], values)))
    elif rows:
        render(lambda _: table(rows))


def tsv_line(fields: Iterable[object]) -> str:
    """Return a line of tab-separated fields, none of which contains a tab or a line end; None is empty."""
    return "\t".join("" if field is None else make_printable(str(field)) for field in fields) + "\n"


def prepare_streams() -> None:
    """Replace closed standard streams by the null device, and let narrow encodings print "?" for other characters.

    $COLUMNS and $LINES that are no size are unset: Rich would print nothing in 0 columns.
    Closed streams are opened in their order, so that each gets its own descriptor, and no file of ours does.
    """
    sys.stdin = sys.stdin or _open_null("r")
    sys.stdout = sys.stdout or _open_null("w")
    sys.stderr = sys.stderr or _open_null("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    for variable in ("COLUMNS", "LINES"):
        if not 0 < _parse_size(os.environ.get(variable, "")) <= _MAX_SIZE:
            os.environ.pop(variable, None)


def _parse_size(text: str) -> int:
    """Return the number in $COLUMNS or $LINES, 0 where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(sys.maxsize)) else 0


def _open_null(mode: str) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")  # type: ignore[return-value] # a text mode  # noqa: PTH123 -- stays open


def release_streams() -> None:
    """Flush the output streams now, so that the interpreter's own flush at exit finds nothing that could fail."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
