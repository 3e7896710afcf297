"""Files and directories that only their owner can read, under any umask. Used by `store` and `search`."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

from readlist.opening import open_regular

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700


def ensure_directory(directory: Path) -> None:
    """Create a directory and its parents, private to its owner under any umask; an existing one is left alone.

    It is on the disk afterwards: a directory that is lost in a power failure takes its files with it.
    """
    if directory.is_dir():
        return
    ensure_directory(directory.parent)
    directory.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
    with contextlib.suppress(OSError):  # the umask may have removed more; not every disk has modes
        directory.chmod(DIRECTORY_MODE)
    with contextlib.suppress(PermissionError):  # a parent may be writable without being readable
        fsync_directory(directory.parent)


def open_private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, under any umask; an `opener` for `open`."""
    handle = open_regular(path, flags, FILE_MODE)
    make_private(handle)
    return handle


def make_private(handle: int) -> None:
    """Let only the owner read an open file, under any umask, where the file system has modes."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # a disk that refuses modes can be used all the same
            os.fchmod(handle, FILE_MODE)


def fsync_directory(directory: Path) -> None:
    """Bring a rename to the disk; Windows has no such call, and a few network file systems refuse it."""
    if sys.platform == "win32":
        return
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
