"""Decoding of rows of the index: what is not valid raises RowDecodeError, which counts as corruption."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

from readlist.search.index.errors import RowDecodeError

_T = TypeVar("_T")
_CACHED_TIMES = 1_024
"""Dates and times that are kept decoded: the papers of a digest, and those of a load, have them in common."""


def decoder(decode: Callable[..., _T]) -> Callable[..., _T]:
    """Make `decode` raise RowDecodeError where the values of a row are not valid."""

    @wraps(decode)
    def decode_row(*values: Any) -> _T:
        try:
            return decode(*values)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise RowDecodeError(f"{type(error).__name__}: {error}") from error

    return decode_row


def require_text(value: object) -> str:
    """Return a value that is a text. Raises TypeError for another one."""
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


@lru_cache(maxsize=_CACHED_TIMES)
def parse_time(text: str | None) -> dt.datetime | None:
    """Return an ISO time, None for an empty one. Raises ValueError for one that is not valid."""
    return dt.datetime.fromisoformat(text) if text else None


@lru_cache(maxsize=_CACHED_TIMES)
def parse_date(text: str | None) -> dt.date | None:
    """Return an ISO date, None for an empty one. Raises ValueError for one that is not valid."""
    return dt.date.fromisoformat(text) if text else None
