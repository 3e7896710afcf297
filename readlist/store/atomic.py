"""Write files so that they survive a crash: a temporary file, fsync, rename, fsync of the directory.

The files of a library except the index are written through this module. No file is ever written in place: a process
that dies while writing leaves the old file or the new one, and what was reported as saved is on the disk.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from readlist.dates import utc_now
from readlist.errors import ReadlistError, StoreError
from readlist.opening import NotRegularFile, open_regular
from readlist.private_files import FILE_MODE, ensure_directory, fsync_directory, make_private
from readlist.store.fingerprint import replaced_meanwhile
from readlist.temporary_files import create_in_use, remove_abandoned, unique_number

TEMP_GLOB = ".*.new"
"""Pattern of the temporary files that `temporary_path` names."""
_CHUNK_SIZE = 1 << 20
_WRITEBACK_SIZE = 1 << 23


class FileRange(NamedTuple):
    """A part of an open file, which is written as it is; `checksum` is its CRC-32."""

    path: Path
    descriptor: int
    start: int
    length: int
    checksum: int

    def read(self) -> bytes:
        """Return its bytes. Raises Busy where the file became shorter meanwhile, ReadlistError."""
        return b"".join(self.read_from(0))

    def read_from(self, offset: int) -> Iterator[bytes]:
        """Yield its bytes from an offset. Raises Busy where the file became shorter meanwhile, ReadlistError."""
        while offset < self.length:
            with os_errors_as("read", self.path):
                text = os.pread(self.descriptor, min(self.length - offset, _CHUNK_SIZE), self.start + offset)
            if not text:
                raise replaced_meanwhile(self.path)
            yield text
            offset += len(text)


def write_file(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a whole file, or nothing; it is on the disk afterwards. Raises ReadlistError with path and reason."""
    with os_errors_as("save", path):
        ensure_directory(path.parent)
        with temporary_path(path) as temporary:
            write_and_fsync(temporary, chunks)
            temporary.replace(path)
        fsync_directory(path.parent)


@contextmanager
def os_errors_as(action: str, path: Path) -> Iterator[None]:
    """Turn an OSError of the block into a ReadlistError: `cannot <action> <path>: <reason>`.

    Raises StoreError where there is something else than a regular file: `not a regular file: <path> (FIFO)`.
    """
    try:
        yield
    except NotRegularFile as error:
        raise StoreError(error.describe()) from error
    except OSError as error:
        raise ReadlistError(f"cannot {action} {path}: {error.strerror or error}") from error


@contextmanager
def temporary_path(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` for the file that will replace it; on failure that file is removed.

    Temporary files of processes that died are removed first. What the functions below write there is in use until
    the block ends: a process with another lock, that of another state directory, does not remove it.
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


def write_and_fsync(path: Path, chunks: Iterable[bytes | FileRange], head: Callable[[], bytes] | None = None) -> None:
    """Write a file that does not exist yet, and wait until its content is on the disk.

    `head` returns, after the last chunk, the bytes that replace the first ones.
    """
    with _create(path) as handle:
        _write(handle, _written_back(handle, chunks))
        if head:
            os.lseek(handle, 0, os.SEEK_SET)
            _write(handle, [head()])
        os.fsync(handle)


def _written_back(handle: int, chunks: Iterable[bytes | FileRange]) -> Iterator[bytes | FileRange]:
    """Yield what is to be written, and let the disk begin with what has been: `fsync` then has less to wait for.

    The system writes what is said not to be needed any more. Such pages leave the cache only if they are on the disk
    by then, which those that were just written are not.
    """
    start = 0
    for chunk in chunks:
        yield chunk
        if sys.platform == "linux" and (size := os.lseek(handle, 0, os.SEEK_CUR) - start) >= _WRITEBACK_SIZE:
            with contextlib.suppress(OSError):
                os.posix_fadvise(handle, start, size, os.POSIX_FADV_DONTNEED)
            start += size


def write_without_fsync(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file that does not exist yet, without waiting for the disk."""
    with _create(path) as handle:
        _write(handle, chunks)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file to a path that does not exist yet, without waiting for the disk.

    Not by `copy_file_range`, with which some file systems let both share their blocks: a bad one would damage both.
    """
    with os.fdopen(open_regular(source), "rb", buffering=0) as original:
        write_without_fsync(target, iter(lambda: original.read(_CHUNK_SIZE), b""))


def _copy_in_kernel(handle: int, part: FileRange) -> int:
    """Copy as many bytes of a file as the system itself can, and return their number.

    By `sendfile`, which copies them on every file system: the file that is replaced becomes a backup of the new one.
    """
    copied = 0
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a file system that cannot, or a full disk: writing says which
            while count := os.sendfile(handle, part.descriptor, part.start + copied, part.length - copied):
                copied += count
    return copied


@contextmanager
def _create(path: Path) -> Iterator[int]:
    """Create a file and yield its descriptor; that of a `temporary_path` is in use until it has been renamed."""
    handle = create_in_use(path, FILE_MODE)
    try:
        make_private(handle)
        yield handle
        if path in _in_use and sys.platform != "win32":  # where an open file cannot be renamed
            _in_use[path] = os.dup(handle)
    finally:
        os.close(handle)


def _write(handle: int, chunks: Iterable[bytes | FileRange]) -> None:
    for chunk in chunks:
        if isinstance(chunk, FileRange):
            _write(handle, chunk.read_from(_copy_in_kernel(handle, chunk)))
            continue
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(handle, rest) :]


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
