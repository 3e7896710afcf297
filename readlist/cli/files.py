"""Files that readlist writes for other programs, in UTF-8: written whole or not at all, with the mode of the umask.

A pipe, a device or an open file descriptor (`/dev/stdout`, `/dev/fd/63` of a process substitution) is written directly.
The store has its own writer; these files are not the library's.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from readlist.errors import ReadlistError
from readlist.opening import NotRegularFile, require_regular
from readlist.temporary_files import unique_number

_STANDARD_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d{1,9})")


def duplicate_descriptor(path: Path) -> int | None:
    """Return a duplicate of the file descriptor that a path names, None for the path of a file.

    Call it before the library is opened, whose own files a number would name afterwards. Opening the path instead would
    truncate a file that the user redirected to, and fail for a socket. Raises ReadlistError where it is not open.
    """
    match = _DESCRIPTOR.fullmatch(str(path))
    number = int(match[1]) if match else _STANDARD_STREAMS.get(str(path))
    if number is None:
        return None
    if _was_closed(number):
        raise ReadlistError(f"{path}: {os.strerror(errno.EBADF)}")
    try:
        return os.dup(number)
    except OSError as error:
        raise ReadlistError(f"{path}: {error.strerror}") from error


def _was_closed(number: int) -> bool:
    """Return whether a standard stream was closed when the command began: `prepare_streams` opened the null device."""
    stream = {1: sys.stdout, 2: sys.stderr}.get(number)
    return getattr(stream, "name", "") == os.devnull


def write_descriptor(descriptor: int, path: Path, pieces: Iterable[str]) -> bool:
    """Write text to a file descriptor and close it; return False where the reader closed the pipe before the end.

    Raises ReadlistError with `path`, by which the user named it, and reason.
    """
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace", newline="") as stream:
            stream.writelines(pieces)
    except BrokenPipeError:
        return False
    except OSError as error:
        raise ReadlistError(f"{path}: {error.strerror}") from error
    return True


def write_file(path: Path, pieces: Iterable[str], *, force: bool) -> None:
    """Write a new file, or with `force` replace an existing one once the new content is complete.

    A FIFO or a character device is written to, not replaced. Raises ReadlistError with path and reason.
    """
    try:
        if _is_stream(path):
            write_descriptor(os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0)), path, pieces)
            return
        path = path.resolve()
        require_regular(path)
        if path.exists() and not force:
            raise FileExistsError  # noqa: TRY301 -- reported below, like a file that appears in the meantime
        with atomic_write(path, force=force) as temporary:
            temporary.writelines(pieces)
    except NotRegularFile as error:
        raise ReadlistError(
            f"not a regular file: {path} ({error.kind}); without -o the export goes to stdout"
        ) from error
    except FileExistsError:
        raise ReadlistError(f"file exists: {path}; --force overwrites it") from None
    except OSError as error:
        raise ReadlistError(f"{path}: {error.strerror}") from error
    except RuntimeError as error:  # a symbolic link to itself
        raise ReadlistError(str(error)) from error


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, RuntimeError):  # there is no file yet, or a symbolic link to itself
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextlib.contextmanager
def atomic_write(path: Path, *, force: bool = True) -> Iterator[TextIO]:
    """Yield a temporary file that is renamed to `path` at the end of the block.

    Without `force` an existing file is not replaced: raises FileExistsError. Bytes that were no UTF-8 are written as
    they were read (`surrogateescape`).
    """
    temporary = path.with_name(f".{unique_number()}.half")
    with temporary.open("x", encoding="utf-8", errors="surrogateescape", newline="") as file:
        try:
            yield file
            file.close()
            _rename(temporary, path, force=force)
        finally:
            temporary.unlink(missing_ok=True)


def _rename(temporary: Path, path: Path, *, force: bool) -> None:
    if not force:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            temporary.replace(path)
    else:
        temporary.replace(path)


def rewrite(path: Path, text: str) -> None:
    """Replace the content of a file and keep its mode."""
    with atomic_write(path) as temporary:
        temporary.write(text)
        with contextlib.suppress(OSError):  # a disk that refuses modes
            shutil.copymode(path, temporary.name)
