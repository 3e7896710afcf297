"""A program on a terminal of its own, whose keys a test presses."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_SECONDS = 20
"""What a busy machine may take until a program answers."""


class Terminal:
    """The screen and the keyboard of a running program."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def press(self, keys: str) -> None:
        """Type text; a control character is a key with Ctrl."""
        os.write(self._descriptor, keys.encode())

    def read_until(self, end: str) -> str:
        """Return what is printed from now on, up to `end`."""
        shown = b""
        while end.encode() not in shown:
            assert select.select([self._descriptor], [], [], _SECONDS)[0], shown.decode("utf-8", "replace")
            shown += os.read(self._descriptor, 65536)
        return shown.decode("utf-8", "replace")

    def close(self) -> str:
        """Wait until the program ends; return what it prints."""
        shown = b""
        with contextlib.suppress(OSError):  # EIO: the last writer has gone
            while select.select([self._descriptor], [], [], _SECONDS)[0] and (
                piece := os.read(self._descriptor, 65536)
            ):
                shown += piece
        return shown.decode("utf-8", "replace")


@contextlib.contextmanager
def run_on_terminal(argv: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a program on a terminal of 100x30 that is its controlling one, so that it may also open /dev/tty."""
    screen, terminal = pty.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    with subprocess.Popen(
        argv,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, **environment},
        cwd=folder,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 -- job control needs the terminal
    ) as process:
        os.close(terminal)
        try:
            yield Terminal(screen)
        finally:
            process.kill()
            os.close(screen)
