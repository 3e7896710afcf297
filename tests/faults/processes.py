"""Processes that are cheap enough to die by the thousand: copies of this one."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from readlist.cli import main
from readlist.cli.registry import COMMANDS

for _needed in (
    *(f"readlist.cli.commands.{command.module}" for command in COMMANDS.values()),
    "readlist.cli.run",
    "readlist.store.database",
):
    import_module(_needed)  # once, not in every copy

BUG = 70
"""The exit code of a process that ended with a traceback."""


class Ended(NamedTuple):
    """How a process ended, its exit code or minus its signal, and what it printed to stdout and stderr."""

    code: int
    said: str


class Child:
    """A process that does `work` in a copy of this one."""

    def __init__(self, work: Callable[[], object]) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            _live(work, writing)
        os.close(writing)
        self.output = os.fdopen(reading, "rb")

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.output.closed:
            os.kill(self.pid, signal.SIGKILL)
            self.end()

    def end(self) -> Ended:
        """Wait for its end."""
        with self.output:
            said = self.output.read().decode(errors="replace")
        _, status = os.waitpid(self.pid, 0)
        return Ended(os.waitstatus_to_exitcode(status), said)

    def kill(self) -> list[str]:
        """Kill it, and return the whole lines that it had printed."""
        os.kill(self.pid, signal.SIGKILL)
        return [line.rstrip("\n") for line in self.end().said.splitlines(keepends=True) if line.endswith("\n")]


def ended(work: Callable[[], object]) -> Ended:
    """How a process ends that does `work`."""
    return Child(work).end()


def command(*words: str | Path) -> None:
    """Run readlist with these words, as a person does."""
    sys.argv = ["readlist", *map(str, words)]
    main()


def say(line: str) -> None:
    """Print a line at once."""
    os.write(1, f"{line}\n".encode())


def _live(work: Callable[[], object], output: int) -> None:
    code = BUG
    gc.freeze()  # what this process has is not to be looked through in every copy
    try:
        for stream in (1, 2):
            os.dup2(output, stream)
        sys.stdin = io.TextIOWrapper(io.BytesIO())
        sys.stdout, sys.stderr = (open(stream, "w", encoding="utf-8", closefd=False) for stream in (1, 2))  # noqa: SIM115
        try:
            work()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        except BaseException:  # noqa: BLE001 -- the parent is told
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
