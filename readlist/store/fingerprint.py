"""The identity of a store file's present state, by which an index knows whether it is still true.

A module of its own because every command asks for it, and only those that change something need the rest of the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import ReadlistError

if TYPE_CHECKING:
    import os
    from pathlib import Path


def stamp(path: Path) -> str:
    """The identity of a file's present state, "" where there is none: every save makes another one.

    Raises ReadlistError where we may not look.
    """
    try:
        return identity(path.stat())
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ReadlistError(f"cannot look at {path}: {error.strerror}") from error


def identity(found: os.stat_result) -> str:
    """Inode, size and time of the last change: what differs between two saves of one file."""
    return f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}"
