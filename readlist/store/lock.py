"""The library's lock, and who holds it.

A change holds it from before it reads until after it has saved; while it does, the lock file names the command, its
process and its machine. Reading needs no lock: only a reader that would have to rebuild the index waits for the holder,
see `Lock.wait_until_free`.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from readlist.errors import Busy, ReadlistError
from readlist.file_locks import UNSUPPORTED_ERRNOS, try_lock
from readlist.opening import NotRegularFile, open_regular
from readlist.private_files import ensure_directory, open_private
from readlist.store.atomic import os_errors_as
from readlist.text import clean

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

WRITE_TIMEOUT_SECONDS = 10.0
"""How long a command that changes the library waits for other processes."""
NOTICE_SECONDS = 1.0
"""Seconds of waiting after which a notice is printed."""
_POLL_SECONDS = 0.02
_HOLDER_BYTES = 128
"""Size of the text in the lock file. It is always written in full, so that no disk block has to be allocated."""
_OTHER_STATE = "the library is changed by a readlist process with another state directory"
_LOCKED_BYTE = 2 * _HOLDER_BYTES
"""Offset of the byte that Windows locks: those of the text stay readable."""
_MAX_MACHINE_BYTES = 40
_HOLDER = r"(.*\(process (\d+)\))\n(.*)"
"""Pattern of the text: command and process, and the machine on the next line; blank while nobody holds the lock."""


def _ignore(_: str) -> None:
    pass


class _Descriptor:
    """An open file that is closed with its owner, even where Ctrl-C hits the line that would close it."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self.number)


class Lock:
    """The library's lock: exclusive between processes, re-entrant within one.

    It is the operating system's lock on an open file, so that it ends with the process, even a killed one. The package
    filelock is not used: importing it takes as long as a third of a whole command.

    The directories of `shared_files` are locked too, where that is possible: these files may also be changed by a
    process with another state directory, and so with another lock file.

    `timeout` is in seconds; it limits each wait, and with `limits_total` all waits of this process together.
    `description` is what the lock file calls the command that holds it. `notify` is called with one line when a wait
    takes longer than NOTICE_SECONDS.

    Raises Busy when another process has held it for `timeout` seconds, ReadlistError where the file system has no
    locks. Not thread-safe.
    """

    def __init__(
        self, path: Path, timeout: float = WRITE_TIMEOUT_SECONDS, *, shared_files: Iterable[Path] = ()
    ) -> None:
        self._path = path
        self._shared_files = tuple(shared_files)
        self._directories: list[_Descriptor] = []
        self.timeout = timeout
        self.limits_total = False
        self.notify: Callable[[str], None] = _ignore
        self._file: _Descriptor | None = None
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
        if not self._depth and self._file is not None:
            self._write_text(self._file.number, "")
        self._release()

    def wait_until_free(self, is_done: Callable[[], bool], timeout: float) -> None:
        """Wait while another process holds the lock and `is_done` returns False; neither locks nor writes.

        Returns at once where the lock cannot be examined. Raises Busy after `timeout` seconds.
        """
        self._wait(lambda: not self.is_held_elsewhere() or is_done(), timeout)

    def wait(self, is_done: Callable[[], bool], timeout: float, reason: str) -> None:
        """Wait for something else than the lock, with this `reason` in the notice. Raises Busy like the lock."""
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
            return not try_lock(handle, shared=True, offset=_LOCKED_BYTE)
        except OSError:
            return False
        finally:
            os.close(handle)

    def holder(self) -> str:
        """Return the command that holds the lock and its process: `load seeds (process 1234)`; "" where unknown.

        A process that died, or that is on another machine, does not count: the lock may be another program's.
        """
        try:
            handle = open_regular(self._path)
        except OSError:
            return ""
        try:
            text = os.read(handle, _HOLDER_BYTES).decode(errors="replace")
        except OSError:  # Windows, where a lock prevents reading
            text = ""
        finally:
            os.close(handle)
        match = re.match(_HOLDER, text)
        is_known = match and match[3].rstrip() == _machine() and _is_alive(int(match[2]))
        return clean(match[1]).strip() if match and is_known else ""

    def _acquire(self) -> None:
        with os_errors_as("lock", self._path):
            ensure_directory(self._path.parent)
            self._file = _Descriptor(self._open())
            handle = self._file.number
            self._wait(lambda: self._try_acquire(handle), self.timeout)
        self._lock_directories()
        self._write_holder(handle)

    def _lock_directories(self) -> None:
        """Lock the directories of the shared files, all processes in the same order.

        One that does not exist yet, or that cannot be locked, such as on NFS, is left out: then a save still notices
        nearly every change of another process, see `StoreFile`.
        """
        if sys.platform == "win32":
            return
        for directory in sorted({os.path.dirname(os.path.realpath(path)) for path in self._shared_files}):  # noqa: PTH120 -- realpath returns text
            try:
                handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except OSError:
                continue
            self._directories.append(_Descriptor(handle))
            self._wait(partial(_try_lock_directory, handle), self.timeout, _OTHER_STATE)

    def _open(self) -> int:
        try:
            return open_private(str(self._path), os.O_RDWR | os.O_CREAT)
        except NotRegularFile as error:
            raise ReadlistError(error.describe()) from error  # no StoreError, which is about the data files

    def _try_acquire(self, handle: int) -> bool:
        try:
            return try_lock(handle, offset=_LOCKED_BYTE)
        except OSError as error:
            if error.errno not in UNSUPPORTED_ERRNOS:
                raise
            raise ReadlistError(
                f"the file system does not support locks: {self._path}; nothing was changed; "
                "set XDG_STATE_HOME to a directory on a local disk"
            ) from error

    def _wait(self, is_done: Callable[[], bool], timeout: float, reason: str = "") -> None:
        """Wait until `is_done`, at most `timeout` seconds, of which earlier waits are a part with `limits_total`."""
        start = time.monotonic()
        before = self._waited if self.limits_total else 0.0
        is_notified = before >= NOTICE_SECONDS
        while not is_done():
            self._waited = before + time.monotonic() - start
            if self._waited >= timeout:
                what = reason or self._describe_lock()
                raise Busy(f"{what} (waited {self._waited:.0f} s); nothing was changed; repeat the command")
            if not is_notified and self._waited >= NOTICE_SECONDS:
                is_notified = True
                self.notify(f"Waiting: {reason or self._describe_lock()}")
            time.sleep(_POLL_SECONDS)

    def _describe_lock(self) -> str:
        holder = self.holder()
        owner = f"another readlist process: {holder}" if holder else "another process"
        return f"the library is locked by {owner}"

    def _write_holder(self, handle: int) -> None:
        """Write into the lock file who holds it."""
        suffix = f" (process {os.getpid()})\n{_machine()}"
        description = clean(self.description).encode(errors="replace")[: _HOLDER_BYTES - len(suffix.encode()) - 1]
        self._write_text(handle, description.decode(errors="ignore") + suffix)

    @staticmethod
    def _write_text(handle: int, text: str) -> None:
        """Write the text of the lock file, without waiting for the disk; a full disk is no failure."""
        with contextlib.suppress(OSError):
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, text.encode().ljust(_HOLDER_BYTES - 1) + b"\n")

    def _release(self) -> None:
        if self._depth == 0:
            self._directories.clear()
            self._file = None


def _machine() -> str:
    """Return the name of this machine, cut so that the text of the lock file has room for it."""
    name = os.environ.get("COMPUTERNAME", "") if sys.platform == "win32" else os.uname().nodename
    return clean(name).encode()[:_MAX_MACHINE_BYTES].decode(errors="ignore")


def _is_alive(process: int) -> bool:
    """Return whether a process of this machine exists; True where that cannot be known."""
    if sys.platform == "win32":  # where signal 0 is Ctrl-C
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it belongs to another user
        return True
    return True


def _try_lock_directory(handle: int) -> bool:
    """Lock an open directory; returns False when another process holds the lock, True where it cannot be locked."""
    try:
        return try_lock(handle)
    except OSError:
        return True
