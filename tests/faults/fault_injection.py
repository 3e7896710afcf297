"""System calls that fail, and system calls at which the process dies."""

from __future__ import annotations

import fcntl
import io
import mmap
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

_CALLS = {
    os: (
        *(
            "open",
            "write",
            "fsync",
            "link",
            "replace",
            "rename",
            "unlink",
            "rmdir",
            "mkdir",
            "chmod",
            "fchmod",
            "utime",
        ),
        *("stat", "lstat", "scandir", "listdir"),
        *("pread", "sendfile"),
    ),
    io: ("open",),
    fcntl: ("flock",),
}
_NEED_SPACE = {"open", "write", "sendfile", "fsync", "link", "replace", "rename", "mkdir"}
DEATH_CODE = 99
"""The exit code of a process that died at an injected fault."""


class CallFault:
    """Makes the `at`-th system call on a file below `root` fail with `errno`, or the process die at it without one.

    If `is_persistent`, all later calls that need space on the disk fail too. The patched functions are not restored:
    only for a forked process.
    """

    def __init__(self, root: Path, at: int, errno: int | None = None, *, is_persistent: bool = False) -> None:
        self._root, self._at, self._errno, self._is_persistent = str(root), at, errno, is_persistent
        self._shared = mmap.mmap(-1, 8)

    @property
    def count(self) -> int:
        """The number of calls so far, in all processes that share this fault."""
        return int(struct.unpack("q", self._shared[:8])[0])

    @property
    def was_reached(self) -> bool:
        return self.count >= self._at

    def inject_into(self, work: Callable[[], object]) -> Callable[[], object]:
        """Return a function that patches the system calls and then does `work`."""

        def patched() -> object:
            for module, names in _CALLS.items():
                for name in names:
                    setattr(module, name, self._wrap(name, getattr(module, name)))
            return work()

        return patched

    def _wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            if self._applies_to(args[0] if args else "."):
                self._shared[:8] = struct.pack("q", self.count + 1)
                if self.count == self._at or (self._is_persistent and self.was_reached and name in _NEED_SPACE):
                    self._fail(name, call, args)
            return call(*args, **options)

        return counted

    def _applies_to(self, path: object) -> bool:
        """Return whether a path is below the root; an open file always counts."""
        return isinstance(path, int | io.FileIO) or os.fsdecode(os.fspath(path)).startswith(self._root)  # type: ignore[call-overload] # any argument of a patched call

    def _fail(self, name: str, call: Callable[..., Any], args: Any) -> NoReturn:
        if self._errno is not None:
            raise OSError(self._errno, os.strerror(self._errno))
        if name == "write":  # half of the data reaches the file
            call(args[0], bytes(args[1])[: len(args[1]) // 2])
        os._exit(DEATH_CODE)
