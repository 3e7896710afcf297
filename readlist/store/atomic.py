"""Write files so that they survive a crash: a temporary file, fsync, rename, fsync of the directory.

The files of a library except the index are written through this module. No file is ever written in place: a process
that dies while writing leaves the old file or the new one, and what was reported as saved is on the disk.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path

from readlist.dates import utc_now
from readlist.errors import ReadlistError, StoreError
from readlist.opening import NotRegularFile, open_regular
from readlist.temporary_files import create_in_use, remove_abandoned, unique_number

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
TEMP_GLOB = ".*.new"
"""Pattern of the temporary files that `temporary_path` names."""
_CHUNK_SIZE = 1 << 20


def write_file(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a whole file, or nothing; it is on the disk afterwards. Raises ReadlistError with path and reason."""
    with os_errors_as("save", path):
        ensure_directory(path.parent)
        with temporary_path(path) as temporary:
            write_and_fsync(temporary, chunks)
            temporary.replace(path)
        fsync_directory(path.parent)


def ensure_directory(directory: Path) -> None:
    """Create a directory and its parents, private to its owner under any umask; an existing one is left alone.

    It is on the disk afterwards: a directory that is lost in a power failure takes its files with it.
    """
    if directory.is_dir():
        return
    ensure_directory(directory.parent)
    directory.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
    set_mode(directory, DIRECTORY_MODE)
    with contextlib.suppress(PermissionError):  # a parent may be writable without being readable
        fsync_directory(directory.parent)


def open_private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, under any umask; an `opener` for `open`."""
    handle = open_regular(path, flags, FILE_MODE)
    set_mode(Path(path), FILE_MODE)  # the umask may have removed more
    return handle


def set_mode(path: Path, mode: int) -> None:
    """Set the mode of a file, where the file system has modes: a disk that refuses it can be used all the same."""
    with contextlib.suppress(OSError):
        path.chmod(mode)


@contextmanager
def os_errors_as(action: str, path: Path) -> Iterator[None]:
    """Turn an OSError of the block into a ReadlistError: `cannot <action> <path>: <reason>`.

    Raises StoreError where there is something else than a regular file: `not a regular file: <path> (FIFO)`.
    """
    try:
        yield
    except NotRegularFile as error:
        message = f"not a regular file: {error.filename} ({error.kind}); move it elsewhere and repeat the command"
        raise StoreError(message) from error
    except OSError as error:
        raise ReadlistError(f"cannot {action} {path}: {error.strerror or error}") from error


@contextmanager
def temporary_path(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` for the file that will replace it; on failure that file is removed.

    Temporary files of processes that died are removed first. What `write_and_fsync` writes there is in use until the
    block ends: a process with another lock, that of another state directory, does not remove it.
    """
    remove_abandoned(temporary_files(target))
    temporary = target.with_name(f".{target.name}.{unique_number()}.new")
    _in_use[temporary] = None
    try:
        yield temporary
    except BaseException:
        with contextlib.suppress(OSError):  # the first failure is the one to report
            temporary.unlink()
        raise
    finally:
        if (handle := _in_use.pop(temporary)) is not None:
            os.close(handle)


def temporary_files(target: Path) -> Iterator[Path]:
    """Return the temporary files that are to replace a file, abandoned ones too."""
    return target.parent.glob(f".{target.name}{TEMP_GLOB}")


_in_use: dict[Path, int | None] = {}
"""The descriptors whose locks show that the temporary files of this process are in use, None before they exist."""


def write_and_fsync(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file that does not exist yet, and wait until its content is on the disk."""
    handle = create_in_use(path, FILE_MODE)
    try:
        set_mode(path, FILE_MODE)  # the umask may have removed more
        for chunk in chunks:
            rest = memoryview(chunk)
            while rest:
                rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
        if path in _in_use and sys.platform != "win32":  # where an open file cannot be renamed
            _in_use[path] = os.dup(handle)
    finally:
        os.close(handle)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file to a path that does not exist yet, without waiting for the disk."""
    with os.fdopen(open_regular(source), "rb") as original, open(target, "xb", opener=open_private) as copy:
        while chunk := original.read(_CHUNK_SIZE):
            copy.write(chunk)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; copy it where the disk has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        with os.fdopen(open_regular(source), "rb") as original:
            write_and_fsync(target, iter(lambda: original.read(_CHUNK_SIZE), b""))


def quarantine(path: Path, directory: Path, *, move: bool = True) -> Path:
    """Keep a corrupt file in `directory`, as `marks.json-20261121T134512Z`; returns its path there.

    It is on the disk there afterwards. Unless it is to `move`, it also stays where it is.
    """
    stem = f"{path.name}-{timestamp_name(utc_now())}"
    with os_errors_as("keep", directory / stem):
        ensure_directory(directory)
        target = _unused_path(directory, stem)
        if move:
            path.replace(target)
        else:
            link_or_copy(Path(os.path.realpath(path)), target)
        fsync_directory(directory)
    return target


def _unused_path(directory: Path, stem: str) -> Path:
    """Return a path at which there is nothing yet: a clock that stands still must not overwrite what is kept."""
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    return next(path for name in names if not os.path.lexists(path := directory / name))


def timestamp_name(time: dt.datetime) -> str:
    """Return a time as part of a file name, in UTC and in whole seconds: `20261121T134512Z`."""
    return f"{time.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


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
