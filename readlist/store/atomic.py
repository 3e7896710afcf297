"""How bytes reach the disk and stay there; what every file of a library is written with.

A file is never written into: a new one takes its place. Whoever dies at it leaves the old one or the new one, and what
was said to be saved is on the disk.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from readlist.errors import ReadlistError

FILE_MODE = 0o600
FOLDER_MODE = 0o700
LEFTOVERS = ".*.new"
"""How the name ends of a new file that has not taken its place."""
_PIECE = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_file(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a whole file, or nothing; it is on the disk afterwards. Raises ReadlistError with path and reason."""
    with told("save", path):
        make_folder(path.parent)
        with new_name(path) as new:
            write_new(new, pieces)
            new.replace(path)
        sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, its owner's only under any umask; one that exists is left alone.

    It is on the disk afterwards: a folder that a power loss takes away takes its files along, however well they lie.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    folder.chmod(FOLDER_MODE)
    with contextlib.suppress(PermissionError):  # one may make a folder where one may not look
        sync_folder(folder.parent)


def private(path: str, flags: int) -> int:
    """An opener for `open`: the file is its owner's only under any umask."""
    handle = os.open(path, flags, FILE_MODE)
    Path(path).chmod(FILE_MODE)  # the umask may have taken more away
    return handle


@contextmanager
def told(action: str, path: Path) -> Iterator[None]:
    """Say what could not be done with which file and why, in one line."""
    try:
        yield
    except OSError as error:
        raise ReadlistError(f"cannot {action} {path}: {error.strerror or error}") from error


@contextmanager
def new_name(target: Path) -> Iterator[Path]:
    """A name beside `target` for the file that is to replace it; on any failure what stands there is removed."""
    for left in target.parent.glob(f".{target.name}{LEFTOVERS}"):
        left.unlink(missing_ok=True)
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        yield new
    except BaseException:
        with contextlib.suppress(OSError):  # the failure itself is what must be told
            new.unlink()
        raise


def write_new(new: Path, pieces: Iterable[bytes]) -> None:
    """Write a file that does not exist yet, to the disk."""
    handle = os.open(new, _NEW, FILE_MODE)
    try:
        new.chmod(FILE_MODE)  # the umask may have taken more away
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_file(source: Path, new: Path) -> None:
    """Copy a file to a name that does not exist yet, without waiting for the disk."""
    with source.open("rb") as old, open(new, "xb", opener=private) as copy:
        while piece := old.read(_PIECE):
            copy.write(piece)


def link_or_copy(source: Path, new: Path, *, copy: bool) -> bool:
    """Give a file a second name; where the disk knows no links it is copied, to the disk, if `copy`. Whether it is."""
    try:
        os.link(source, new)
    except OSError:
        if not copy:
            return False
        with source.open("rb") as old:
            write_new(new, iter(lambda: old.read(_PIECE), b""))
    return True


def set_aside(path: Path, folder: Path, *, move: bool = True) -> Path:
    """Keep a file that is not sound in `folder`, as `marks.json-20261121T134512.123456Z`; returns where it is.

    It is on the disk there afterwards, and stays in its place as well unless it is to `move`.
    """
    aside = folder / f"{path.name}-{time_name(dt.datetime.now(dt.UTC))}"
    with told("keep", aside):
        make_folder(folder)
        if move:
            path.replace(aside)
        else:
            link_or_copy(Path(os.path.realpath(path)), aside, copy=True)
        sync_folder(folder)
    return aside


def time_name(at: dt.datetime) -> str:
    """A time as part of a file's name, in UTC: `20261121T134512.123456Z`; names sort by time."""
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%S.%fZ}"


def sync_folder(folder: Path) -> None:
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
