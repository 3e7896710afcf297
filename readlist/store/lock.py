"""The library's lock, and who holds it.

A change holds it from before it reads until after it has saved; while it does, the lock file names the command and its
process. Reading needs no lock: only a reader that would have to rebuild the index waits for the holder, see
`Lock.wait_until_free`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable
from io import FileIO
from typing import TYPE_CHECKING

from readlist.errors import Busy, ReadlistError
from readlist.opening import open_regular
from readlist.store.atomic import ensure_directory, open_private, os_errors_as
from readlist.text import clean

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

WRITE_TIMEOUT_SECONDS = 10.0
"""How long a change waits for another one."""
NOTICE_SECONDS = 1.0
"""Seconds of waiting after which the user is told what for."""
_POLL_SECONDS = 0.02
_HELD_ERRNOS = frozenset({errno.EACCES, errno.EAGAIN})
_UNSUPPORTED_ERRNOS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What a file system without locks returns, such as some NFS and FUSE mounts."""
_HOLDER_BYTES = 128
"""Size of the text in the lock file. It is always written in full, so that no disk block has to be allocated."""
_UNKNOWN_HOLDER = "another readlist process"


def _ignore(_: str) -> None:
    pass


class Lock:
    """The library's lock: exclusive between processes, re-entrant within one.

    It is the operating system's lock on an open file, so that it ends with the process, even a killed one. The package
    filelock is not used: importing it takes as long as a third of a whole command.

    `timeout` is in seconds; `description` is what the lock file calls the command that holds it. `notify` is called
    with one line when a wait takes longer than NOTICE_SECONDS.

    Raises Busy when another process has held it for `timeout` seconds, ReadlistError where the file system has no
    locks. Not thread-safe.
    """

    def __init__(self, path: Path, timeout: float = WRITE_TIMEOUT_SECONDS) -> None:
        self._path = path
        self.timeout = timeout
        self.notify: Callable[[str], None] = _ignore
        self._file: FileIO | None = None
        """The open lock file: an object, so that it is closed even where Ctrl-C hits the line that would close it."""
        self._depth = 0
        self._waited = 0.0
        self.description = "readlist"

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

    def wait_until_free(self, is_done: Callable[[], bool], timeout: float) -> None:
        """Wait while another process holds the lock and `is_done` returns False; neither locks nor writes.

        Returns at once where the lock cannot be examined. Raises Busy after `timeout` seconds.
        """
        self._wait(lambda: not self.is_held_elsewhere() or is_done(), timeout)

    def wait(self, is_done: Callable[[], bool], timeout: float, reason: str) -> None:
        """Wait for something else than the lock, for which the user is told the `reason`. Raises Busy like the lock."""
        self._wait(is_done, timeout, reason)

    def is_held_elsewhere(self) -> bool:
        """Return whether another process holds the lock; False where that cannot be known."""
        if self._depth:
            return False
        try:
            handle = open_regular(self._path)
        except OSError:
            return False
        try:
            return not _try_lock(handle, shared=True)
        except OSError:
            return False
        finally:
            os.close(handle)

    def holder(self) -> str:
        """Return the command that holds the lock and its process: `load seeds (process 1234)`."""
        try:
            handle = open_regular(self._path)
        except OSError:
            return _UNKNOWN_HOLDER
        try:
            text = os.read(handle, _HOLDER_BYTES).decode(errors="replace")
        except OSError:  # Windows, where a lock prevents reading
            text = ""
        finally:
            os.close(handle)
        return clean(text.partition("\n")[0]).strip() or _UNKNOWN_HOLDER

    def _acquire(self) -> None:
        with os_errors_as("lock", self._path):
            ensure_directory(self._path.parent)
            self._file = FileIO(open_private(str(self._path), os.O_RDWR | os.O_CREAT), "r+")
            handle = self._file.fileno()
            self._wait(lambda: self._try_acquire(handle), self.timeout)
        self._waited = 0.0
        self._write_holder(handle)

    def _try_acquire(self, handle: int) -> bool:
        try:
            return _try_lock(handle)
        except OSError as error:
            if error.errno not in _UNSUPPORTED_ERRNOS:
                raise
            raise ReadlistError(
                f"the file system does not support locks: {self._path}; nothing was changed; "
                "set XDG_STATE_HOME to a directory on a local disk"
            ) from error

    def _wait(self, is_done: Callable[[], bool], timeout: float, reason: str = "") -> None:
        """Wait until `is_done`; the time since the lock was last acquired counts, so that no command waits twice."""
        start = time.monotonic() - self._waited
        is_notified = self._waited >= NOTICE_SECONDS
        while not is_done():
            self._waited = time.monotonic() - start
            if self._waited >= timeout:
                what = reason or f"the library is locked by another readlist process: {self.holder()}"
                self._waited = 0.0
                raise Busy(f"{what}: waited {timeout:g} s; nothing was changed; try again")
            if not is_notified and self._waited >= NOTICE_SECONDS:
                is_notified = True
                self.notify(
                    f"Waiting: {reason}" if reason else f"Waiting for another readlist process: {self.holder()}"
                )
            time.sleep(_POLL_SECONDS)

    def _write_holder(self, handle: int) -> None:
        """Write into the lock file who holds it, without waiting for the disk; a full disk is no failure."""
        suffix = f" (process {os.getpid()})"
        description = clean(self.description).encode(errors="replace")[: _HOLDER_BYTES - len(suffix) - 1]
        text = description.decode(errors="ignore").encode() + suffix.encode()
        with contextlib.suppress(OSError):
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, text.ljust(_HOLDER_BYTES - 1) + b"\n")

    def _release(self) -> None:
        if self._depth == 0 and self._file is not None:
            file, self._file = self._file, None
            file.close()


def _try_lock(handle: int, *, shared: bool = False) -> bool:
    """Lock an open file; returns False when another process holds the lock. Raises OSError."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(handle, 2 * _HOLDER_BYTES, os.SEEK_SET)  # the bytes before stay readable
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _HELD_ERRNOS:
            raise
        return False
    return True
