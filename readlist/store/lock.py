"""The library's lock."""

from __future__ import annotations

import errno
import sys
import time
from io import FileIO
from typing import TYPE_CHECKING

from readlist.errors import Busy
from readlist.store.atomic import make_folder, private, told

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_POLL = 0.02
"""Seconds between two tries to get the lock."""


class Lock:
    """The library's lock, held by one process at a time; taking it again while it is held costs nothing.

    It is the system's own lock on an open file, so that it ends with the process, killed or not. Not filelock: its
    import takes 11 to 17 ms of the 33 that a changing command may take above the bare start (116 ms against 83).

    Raises Busy when another process has held it for `timeout` seconds. Not made to be shared by threads.
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
            return self  # noqa: TRY300 -- Ctrl-C on the way out must still release it
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
        give_up = time.monotonic() + self._timeout
        with told("lock", self._path):
            make_folder(self._path.parent)
            self._file = FileIO(self._path, "a", opener=private)
            while not _locked(self._file):
                if time.monotonic() >= give_up:
                    raise Busy(
                        f"another readlist is changing this library (waited {self._timeout:g} s); "
                        "nothing was changed, try again"
                    )
                time.sleep(_POLL)

    def _release(self) -> None:
        if self._depth == 0 and self._file is not None:
            self._file.close()
            self._file = None


def _locked(file: FileIO) -> bool:
    """Try to lock an open file; False when another process has it."""
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
