"""The one safe way to write a store file, and the only code that opens one for writing.

Stock TinyDB writes in place. Measured: 15 of 200 kills left the file unreadable, a full disk always destroyed it, and
two processes lost 895 of 2,000 acknowledged inserts. So a change goes this way:

 1. Take the library's lock, an OS lock: it ends with its process, and nobody changes what we are about to replace.
 2. Read the file anew and verify it. A damaged or newer file is never written over: that would make the loss final.
 3. Change the tables in memory. An exception, Ctrl-C or a change of nothing ends here: the file is not touched.
 4. Write all of it to a new file (0600), never into the old one: what cannot be serialised, or no longer fits on the
    disk, leaves the old file as it was.
 5. In the same folder, symlinks followed: a rename is atomic within one file system only, and a link stays a link.
 6. fsync it: a rename that reaches the disk before the bytes do leaves an empty file after a power loss.
 7. Keep the old file as backup; it was verified in step 2.
 8. os.replace: the old file or the new one, never anything between. No other program may have saved meanwhile.
 9. fsync the folder. Measured without: 29 of 48 acknowledged writes were lost at power loss. Only now is it saved.
10. Whatever fails, the new file is removed; what a killed process left behind is removed by the next change.

Readers never lock and never write: what they have opened stays whole while a writer replaces it.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.errors import Busy, ReadlistError, StoreError
from readlist.store import layout
from readlist.store.stamps import identity, stamp

if TYPE_CHECKING:
    from types import TracebackType

    from readlist.store.database import Database

_FILE_MODE = 0o600
_FOLDER_MODE = 0o700
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_READ_AHEAD = 1 << 20
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
        with _told("lock", self._path):
            make_folder(self._path.parent)
            self._file = FileIO(self._path, "a", opener=_private)
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


class StoreFile:
    """One JSON file of the library with the tables `tables`.

    `precious` says that its backup must not be left out where the backups lie on another disk: it is copied then.
    """

    def __init__(self, path: Path, lock: Lock, backups: Path, tables: Sequence[str], *, precious: bool) -> None:
        self.path = path
        self._lock = lock
        self._backup = backups / f"{path.name}.last"
        self._tables = tables
        self._precious = precious

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """The sound records as they are now; a missing file is empty. Neither locks nor writes."""
        from readlist.store.database import Database

        content, _ = self._read()
        yield Database(content.tables, content.damage)

    @contextmanager
    def changing(self) -> Iterator[Database]:
        """The records under the lock; what the block changed in them is saved once, at its end, all or nothing.

        Raises StoreError when the file is damaged or newer, Busy when it cannot be had, ReadlistError with path and
        reason when it cannot be read or saved.
        """
        from readlist.store.database import Database

        with self._lock, _without_collector():
            content, before = self._read()
            self._refuse(content)
            database = Database(content.tables)
            yield database
            if database.buffer.changed:
                self._save(layout.pieces(database.buffer.tables), before)

    def _read(self) -> tuple[layout.Content, str]:
        with _told("read", self.path), _without_collector():
            try:
                found = self.path.stat()  # before opening, which waits for ever on a pipe
            except FileNotFoundError:
                return layout.empty(self._tables), ""
            if not stat.S_ISREG(found.st_mode):
                raise StoreError(f"{self.path} is not a regular file")
            with self.path.open("rb", buffering=_READ_AHEAD) as file:
                seen = identity(os.fstat(file.fileno()))
                return layout.parse(file, self._tables), seen

    def _refuse(self, content: layout.Content) -> None:
        if content.schema > layout.SCHEMA:
            raise StoreError(
                f"{self.path} was written by a newer readlist (schema {content.schema}, this one knows "
                f"{layout.SCHEMA}); nothing was changed: upgrade readlist"
            )
        if content.damage:
            more = f" and {len(content.damage) - 1} more" if len(content.damage) > 1 else ""
            way_back = f"; the last sound copy is {self._backup}" if self._backup.exists() else ""
            raise StoreError(f"{self.path} is damaged: {content.damage[0]}{more}; nothing was changed{way_back}")

    def _save(self, pieces: Iterable[bytes], before: str) -> None:
        target = Path(os.path.realpath(self.path))
        with _told("save", self.path):
            make_folder(target.parent)
            with _new_name(target) as new:
                _write(new, pieces)
                if stamp(target) != before:
                    raise Busy(f"another program has just changed {self.path}; nothing was changed, try again")
                self._keep(target)
                new.replace(target)
            _sync_folder(target.parent)

    def _keep(self, target: Path) -> None:
        """Keep the file as backup by giving it a second name, which costs nothing, and no later save writes into it.

        A disk without hard links, or another disk: marks are copied. papers.json may have 250 MB and can be loaded
        again: it goes without.
        """
        if not target.exists() or (self._backup.exists() and self._backup.samefile(target)):
            return
        make_folder(self._backup.parent)
        with _new_name(self._backup) as new:
            try:
                os.link(target, new)
            except OSError:
                if not self._precious:
                    return
                _write(new, [target.read_bytes()])
            new.replace(self._backup)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, its owner's only under any umask; one that exists is left alone."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    folder.chmod(_FOLDER_MODE)


def _private(path: str, flags: int) -> int:
    handle = os.open(path, flags, _FILE_MODE)
    Path(path).chmod(_FILE_MODE)  # the umask may have taken more away
    return handle


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


@contextmanager
def _told(action: str, path: Path) -> Iterator[None]:
    """Say what could not be done with which file and why, in one line."""
    try:
        yield
    except OSError as error:
        raise ReadlistError(f"cannot {action} {path}: {error.strerror or error}") from error


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let the garbage collector rest: 200 MB of papers are parsed in 0.4 s without it, in 2.3 s with it."""
    on = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if on:
            gc.enable()


@contextmanager
def _new_name(target: Path) -> Iterator[Path]:
    """A name beside `target` for the file that is to replace it; on any failure what stands there is removed."""
    for left in target.parent.glob(f".{target.name}.*.new"):
        left.unlink(missing_ok=True)
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        yield new
    except BaseException:
        with contextlib.suppress(OSError):  # the failure itself is what must be told
            new.unlink()
        raise


def _write(new: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that does not exist yet, to the disk."""
    handle = os.open(new, _NEW, _FILE_MODE)
    try:
        new.chmod(_FILE_MODE)  # the umask may have taken more away
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    """Bring a rename to the disk; Windows knows no such call, and a few network disks refuse it."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
