"""System calls that fail, and system calls at which a process dies."""

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
        *("open", "write", "fsync", "link", "replace", "rename", "unlink", "rmdir", "mkdir", "chmod", "utime"),
        *("stat", "lstat", "scandir", "listdir"),
    ),
    io: ("open",),
    fcntl: ("flock",),
}
_NEED_ROOM = {"open", "write", "fsync", "link", "replace", "rename", "mkdir"}
DEAD = 99
"""The exit code of a process that died at a call."""


class Fault:
    """The `at`-th system call on a file below `root` fails with `number`; without a number the process dies at it.

    With `for_ever` all the later ones that need room on the disk fail too. To be armed in a process of its own: it
    stays.
    """

    def __init__(self, root: Path, at: int, number: int | None = None, *, for_ever: bool = False) -> None:
        self._root, self._at, self._number, self._for_ever = str(root), at, number, for_ever
        self._shared = mmap.mmap(-1, 8)

    @property
    def count(self) -> int:
        """Calls so far, in any process that has this fault."""
        return int(struct.unpack("q", self._shared[:8])[0])

    @property
    def was_reached(self) -> bool:
        return self.count >= self._at

    def before(self, work: Callable[[], object]) -> Callable[[], object]:
        """Do `work` with the fault."""

        def faulty() -> object:
            for module, names in _CALLS.items():
                for name in names:
                    setattr(module, name, self._armed(name, getattr(module, name)))
            return work()

        return faulty

    def _armed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def armed(*args: Any, **options: Any) -> Any:
            if self._concerns(args[0] if args else "."):
                self._shared[:8] = struct.pack("q", self.count + 1)
                if self.count == self._at or (self._for_ever and self.was_reached and name in _NEED_ROOM):
                    self._strike(name, call, args)
            return call(*args, **options)

        return armed

    def _concerns(self, path: object) -> bool:
        """Everything below the root, and files that are open already."""
        return isinstance(path, int | io.FileIO) or os.fsdecode(os.fspath(path)).startswith(self._root)  # type: ignore[call-overload]

    def _strike(self, name: str, call: Callable[..., Any], args: Any) -> NoReturn:
        if self._number is not None:
            raise OSError(self._number, os.strerror(self._number))
        if name == "write":  # half of it reaches the file
            call(args[0], bytes(args[1])[: len(args[1]) // 2])
        os._exit(DEAD)
