"""What is said of a bug: where it is, and never what a note or a title says.

The message of an exception may quote the value that it stumbled over (`KeyError: 'what the reader wrote'`), and so may
the variables of a frame: neither is shown. The places in the code and the kinds of the exceptions are.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path


def named(error: BaseException) -> str:
    """The kind of an exception and where in the program it was raised: `KeyError in index.py, line 12`."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def trace(error: BaseException) -> Iterator[str]:
    """The lines of the traceback, with that of each exception that led to it before."""
    chain = list(_chain(error))
    for link in reversed(chain):
        yield "Traceback (most recent call last):"
        for entry in traceback.format_tb(link.__traceback__):
            yield from entry.splitlines()
        yield f"{type(link).__module__}.{type(link).__qualname__}: its message may quote your texts and is not shown"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
