"""What a person sees: renderables and plain text on stdout, one-line messages on stderr."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType


def on_terminal() -> bool:
    """Whether stdout is a terminal, and not a pipe or a file."""
    return sys.stdout.isatty()


def say(message: str) -> None:
    """Tell the reader something that is not what they asked for: a count, a hint, what is now so."""
    print(message, file=sys.stderr)


def fail(message: str) -> None:
    """Tell the reader why it did not work."""
    print(f"readlist: {message}", file=sys.stderr)


def write(pieces: Iterable[str]) -> None:
    """Write text to stdout; a reader who has seen enough (`| head`) ends it quietly."""
    with contextlib.suppress(BrokenPipeError):
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()


def show(build: Callable[[int], RenderableType]) -> None:
    """Print what `build` makes for the width of the terminal, in cells; 80 where there is none."""
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=False)
    with contextlib.suppress(BrokenPipeError):
        console.print(build(console.width))


def tolerate_narrow_encodings() -> None:
    """Print "?" for a character that the terminal's encoding lacks, instead of dying of it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def silence_closed_pipe() -> None:
    """Flush stdout now, and keep the interpreter's own flush at exit from complaining of a closed pipe."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
