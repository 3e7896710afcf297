"""What a person sees: renderables and plain text on stdout, one-line messages on stderr."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from readlist.errors import ReadlistError
from readlist.text import make_printable

if TYPE_CHECKING:
    from rich.console import RenderableType


HOW_TO_BEGIN = "the library is empty; load digests with: readlist load FOLDER"


def on_terminal() -> bool:
    """Whether stdout is a terminal, and not a pipe or a file."""
    return sys.stdout.isatty()


def say(message: str) -> None:
    """Tell the reader something that is not what they asked for: a count, a hint, what is now so."""
    _tell(make_printable(message))


def say_done(message: str) -> None:
    """Tell the reader what is now so, and a person at a terminal how to take it back."""
    say(f"{message} · undo: readlist undo" if sys.stderr.isatty() else message)


def fail(message: str) -> None:
    """Tell the reader why it did not work."""
    _tell(f"readlist: {make_printable(message)}")


def _tell(line: str) -> None:
    """A line on stderr; where it cannot be written the command goes on, for what it has done is done."""
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr)


def write(pieces: Iterable[str]) -> None:
    """Write text to stdout; a reader who has seen enough (`| head`) ends it quietly.

    Raises ReadlistError where it cannot be written: a full disk, a broken terminal.
    """
    try:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        raise ReadlistError(f"cannot write to stdout: {error.strerror}") from error


def show(build: Callable[[int], RenderableType]) -> None:
    """Print what `build` makes for the width of the terminal, in cells; 80 where there is none."""
    from rich.console import Console

    screen = io.StringIO()  # not stdout, to which a console writes and flushes on its own
    terminal = on_terminal() or None  # None leaves it to $FORCE_COLOR
    console = Console(file=screen, force_terminal=terminal, markup=False, emoji=False, highlight=False)
    console.print(build(console.width))
    page = screen.getvalue()
    write([page] if on_terminal() else (f"{line.rstrip()}\n" for line in page.splitlines()))


def show_counts(
    counts: Sequence[Any],
    fields: Callable[[Any], dict[str, Any]],
    table: Callable[[Any], RenderableType],
    *,
    json: bool,
) -> None:
    """Print counts: as a table on a terminal, else their fields, as JSON or a line of them each."""
    if json:
        from readlist.exporters.json import dump_array

        write(dump_array(map(fields, counts)))
    elif on_terminal():
        if counts:
            show(lambda _: table(counts))
    else:
        write(row(fields(c).values()) for c in counts)


def row(fields: Iterable[object]) -> str:
    """A line of fields with tabs between them: none holds a tab or a line end, None is empty."""
    return "\t".join("" if field is None else make_printable(str(field)) for field in fields) + "\n"


def prepare_streams() -> None:
    """Let no stream be the end of a command: a closed one is empty, a narrow encoding prints "?" for what it lacks.

    Those that are closed are opened in their order, so that each gets its own number, and no file of ours does.
    """
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or _nowhere("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _nowhere(mode: str) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")  # type: ignore[return-value] # noqa: PTH123 -- for good


def release_streams() -> None:
    """Flush them now, and keep the interpreter's own flush at exit from complaining of a closed pipe or a full disk."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
