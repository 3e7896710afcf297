"""Temporary files beside the file that they will replace: those in use are distinguished from abandoned ones.

The process that writes one holds the operating system's lock on it, which ends with the process. Only files that can be
locked are removed: neither a process ID, which is another process on another machine, nor an age, which a wrong clock
changes, shows that nobody writes a file. Used by `store` and `search`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from readlist.file_locks import try_lock
from readlist.opening import open_regular

_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def unique_number() -> str:
    """Return digits for the name of a temporary file that no other process uses, on any machine."""
    return f"{os.getpid()}{int.from_bytes(os.urandom(4), 'big'):010}"


def create_in_use(path: Path, mode: int) -> int:
    """Create a file, and show that it is in use until the descriptor, which is returned, is closed. Raises OSError."""
    while True:
        handle = os.open(path, _CREATE, mode)
        if _lock(handle, wait=True) is not True or os.fstat(handle).st_nlink:
            return handle
        os.close(handle)  # `remove_abandoned` of another process came before the lock


def remove_abandoned(paths: Iterable[Path]) -> list[Path]:
    """Remove the files that no process uses; return those that stay.

    Where the file system has no locks all of them stay.
    """
    return [path for path in paths if not _remove_abandoned(path)]


def is_in_use(path: Path) -> bool | None:
    """Return whether a process writes a temporary file; None where that cannot be known."""
    if sys.platform == "win32":
        return None
    try:
        handle = open_regular(path)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        is_locked = _lock(handle)
        return None if is_locked is None else not is_locked
    finally:
        os.close(handle)


def _remove_abandoned(path: Path) -> bool:
    try:
        if sys.platform == "win32":
            path.unlink(missing_ok=True)
            return True
        handle = open_regular(path)
        try:
            if _lock(handle):
                path.unlink(missing_ok=True)
                return True
        finally:
            os.close(handle)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _lock(handle: int, *, wait: bool = False) -> bool | None:
    """Lock an open file; return False where another process has locked it, None where it cannot be locked."""
    if sys.platform == "win32":  # where a file that is open cannot be removed
        return None
    try:
        return try_lock(handle, wait=wait)
    except OSError:
        return None
