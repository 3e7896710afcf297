"""The library's lock."""

from __future__ import annotations

import errno
import sys
import time
from io import FileIO
from typing import TYPE_CHECKING

from readlist.errors import Busy
from readlist.store.atomic import ensure_directory, open_private, os_errors_as

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_POLL_SECONDS = 0.02


class Lock:
    """The library's lock: exclusive between processes, re-entrant within one.

    It is the operating system's lock on an open file, so that it ends with the process, even a killed one. The package
    filelock is not used: importing it takes as long as a third of a whole command.

    Raises Busy when another process has held it for `timeout` seconds. Not thread-safe.
    """

    def __init__(self, path: Path, timeout: float = 10.0) -> None:
        self._path = path
        self._timeout = timeout
        self._file: FileIO | None = None
        self._depth = 0

    def __enter__(self) -> Lock:
        depth = self._depth
        try:
            if not depth:
                self._acquire()
            self._depth = depth + 1
            return self  # noqa: TRY300 -- Ctrl-C after this line must still release it
        except BaseException:
            self._depth = depth
            self._release()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        self._release()

    def _acquire(self) -> None:
        deadline = time.monotonic() + self._timeout
        with os_errors_as("lock", self._path):
            ensure_directory(self._path.parent)
            self._file = FileIO(self._path, "a", opener=open_private)
            while not _try_lock(self._file):
                if time.monotonic() >= deadline:
                    raise Busy(
                        f"the library is locked by another readlist process: waited {self._timeout:g} s; "
                        "nothing was changed; try again"
                    )
                time.sleep(_POLL_SECONDS)

    def _release(self) -> None:
        if self._depth == 0 and self._file is not None:
            self._file.close()
            self._file = None


def _try_lock(file: FileIO) -> bool:
    """Lock an open file; returns False when another process holds the lock."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise
        return False
    return True
