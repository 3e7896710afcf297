"""Reports of internal errors, without any text of the user's.

The message of an exception may quote the value that caused it (`KeyError: 'text of a note'`), and so may the variables
of a frame: neither is printed. The places in the code and the types of the exceptions are.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path


def describe(error: BaseException) -> str:
    """Return the type of an exception and where it was raised: `KeyError in index.py, line 12`."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def redacted_traceback(error: BaseException) -> Iterator[str]:
    """Yield the lines of the traceback, preceded by those of the exceptions that led to it, without messages."""
    for link in reversed(list(_iter_chain(error))):
        yield "Traceback (most recent call last):"
        for entry in traceback.format_tb(link.__traceback__):
            yield from entry.splitlines()
        yield f"{type(link).__module__}.{type(link).__qualname__}: message omitted, since it may quote your texts"


def _iter_chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
