"""Fingerprints of the store files, by which the index knows whether it is current.

A module of its own because every command asks for the fingerprints, and only those that change something import the
rest of the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import Busy, ReadlistError, StoreError
from readlist.opening import NotRegularFile, require_regular

if TYPE_CHECKING:
    import os
    from pathlib import Path


def fingerprint(path: Path) -> str:
    """Return the fingerprint of a file's present state, "" where there is no file; every save changes it.

    A broken symbolic link is no file. Raises StoreError for what is not a regular file, ReadlistError where the file
    cannot be read.
    """
    try:
        require_regular(path, may_create=True)
        return stat_fingerprint(path.stat())
    except FileNotFoundError:
        return ""
    except NotRegularFile as error:
        raise StoreError(error.describe()) from error
    except OSError as error:
        raise ReadlistError(f"cannot read {path}: {error.strerror}") from error


def stat_fingerprint(status: os.stat_result) -> str:
    """Return inode, size and modification time: at least one differs between two saves of a file."""
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}"


def replaced_meanwhile(path: Path) -> Busy:
    """Return the error of a file that is no longer in the state that was read to be changed."""
    return Busy(
        f"data file was replaced by another program during the command: {path}; nothing was changed; repeat the command"
    )
