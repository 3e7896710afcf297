"""The packages of readlist[feeds], which a plain installation does not have."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from readlist.errors import ReadlistError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def needed() -> Iterator[None]:
    """Around the import of such a package: where it is missing, say how to get it."""
    try:
        yield
    except ImportError:
        raise ReadlistError('feeds and web pages need more packages: pip install "readlist[feeds]"') from None
