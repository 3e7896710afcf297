"""Opening of files by path, which must be regular ones: the one check for everything that readlist opens.

A FIFO blocks whoever opens it, a device may be endless or act when it is opened, a directory or a loop of symbolic
links is none of ours. `store`, `search`, `loaders` and `cli` open the paths that a user or another program can have
replaced through this module. It raises errors of the operating system only; callers turn them into messages.
"""

from __future__ import annotations

import errno
import os
import stat

_FLAGS = (
    getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)
_NOT_REGULAR_ERRNOS = frozenset({errno.EISDIR, errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.EOPNOTSUPP})
"""What opening a directory, a loop of symbolic links, a FIFO without a reader, a device or a socket raises."""
_KINDS = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
    stat.S_IFDIR: "directory",
}


class NotRegularFile(OSError):
    """There is something at a path that is not a regular file; `kind` says what: `FIFO`, `symbolic link loop`.

    An OSError, so that code that copes with a file that cannot be opened copes with this too; `str` and `strerror` are
    `not a regular file (FIFO)`.
    """

    def __init__(self, path: str | os.PathLike[str], kind: str) -> None:
        super().__init__(errno.EINVAL, f"not a regular file ({kind})", os.fspath(path))
        self.kind = kind

    def __str__(self) -> str:
        """Return the text without the error number and the path."""
        return str(self.strerror)

    def describe(self) -> str:
        """Return the text with the path, and what to do."""
        return f"not a regular file: {self.filename} ({self.kind}); move it elsewhere and repeat the command"


def open_regular(path: str | os.PathLike[str], flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Open a regular file without blocking, with the flags of `os.open`; return the file descriptor.

    Symbolic links are followed. Can be the `opener` of `open`. The kind is checked before, since opening a device may
    have an effect, and on the open file, since the path may be replaced in between.

    Raises:
        NotRegularFile: there is something else, or a symbolic link to nothing or to itself.
        OSError: the file cannot be opened; FileNotFoundError without O_CREAT where there is nothing at all.
    """
    require_regular(path, may_create=bool(flags & os.O_CREAT) and not flags & os.O_EXCL)
    try:
        handle = os.open(path, flags | _FLAGS, mode)
    except OSError as error:
        if error.errno in _NOT_REGULAR_ERRNOS:
            raise NotRegularFile(path, _describe(path) or "unknown") from error
        raise
    try:
        _require(path, os.fstat(handle).st_mode)
    except BaseException:
        os.close(handle)
        raise
    return handle


def require_regular(path: str | os.PathLike[str], *, may_create: bool = False) -> None:
    """Check what is at a path without opening it, for a library that opens by path itself.

    Nothing at all is no error here. A broken symbolic link is none either where the file `may_create` its target.
    Raises NotRegularFile, and OSError where the path cannot be examined.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 -- fails like every other call of this module
    except FileNotFoundError:
        if not may_create and os.path.islink(path):  # noqa: PTH114 -- a path may be a str here
            raise NotRegularFile(path, "broken symbolic link") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotRegularFile(path, "symbolic link loop") from error
        raise
    else:
        _require(path, mode)


def read_regular(path: str | os.PathLike[str], limit: int = -1) -> bytes:
    """Return the content of a regular file, at most `limit` bytes of it if that is not negative.

    Raises like `open_regular`.
    """
    with open(open_regular(path), "rb") as file:
        return file.read(limit)


def _describe(path: str | os.PathLike[str]) -> str:
    """Return what is at a path, "" for a regular file and for nothing."""
    try:
        require_regular(path)
    except NotRegularFile as error:
        return error.kind
    except OSError:
        return ""
    return ""


def _require(path: str | os.PathLike[str], mode: int) -> None:
    """Raise NotRegularFile unless this is the mode of a regular file."""
    if not stat.S_ISREG(mode):
        raise NotRegularFile(path, _KINDS.get(stat.S_IFMT(mode), "special file"))
