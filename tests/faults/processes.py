"""Forked copies of this process: they start in no time, so that thousands of them can be killed."""

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
from pkgutil import walk_packages
from types import TracebackType
from typing import NamedTuple

import readlist.cli.commands
import readlist.library
import readlist.search
import readlist.store
import readlist.sync
from readlist.cli import main

for _package in (readlist.cli.commands, readlist.library, readlist.search, readlist.store, readlist.sync):
    for _module in walk_packages(_package.__path__, f"{_package.__name__}."):
        import_module(_module.name)  # here, so that the forked processes need not
import_module("readlist.cli.run")

INTERNAL_ERROR = 70
"""The exit code of a process that ended with a traceback."""


class ProcessResult(NamedTuple):
    """A process's exit code, or minus the signal that ended it, and its output on stdout and stderr."""

    code: int
    output: str


class ForkedProcess:
    """A forked process that does `work`."""

    def __init__(self, work: Callable[[], object]) -> None:
        read_end, write_end = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(read_end)
            _run_child(work, write_end)
        os.close(write_end)
        self.output = os.fdopen(read_end, "rb")

    def __enter__(self) -> ForkedProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.output.closed:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    def wait(self) -> ProcessResult:
        """Wait until it ends."""
        with self.output:
            output = self.output.read().decode(errors="replace")
        _, status = os.waitpid(self.pid, 0)
        return ProcessResult(os.waitstatus_to_exitcode(status), output)

    def kill(self) -> list[str]:
        """Kill it; returns the complete lines that it had printed."""
        os.kill(self.pid, signal.SIGKILL)
        return [line.rstrip("\n") for line in self.wait().output.splitlines(keepends=True) if line.endswith("\n")]


def run_forked(work: Callable[[], object]) -> ProcessResult:
    """Do `work` in a forked process and wait until it ends."""
    return ForkedProcess(work).wait()


def run_readlist(*words: str | Path) -> None:
    """Run readlist with these arguments, in this process."""
    sys.argv = ["readlist", *map(str, words)]
    main()


def print_line(line: str) -> None:
    """Print a line without buffering."""
    os.write(1, f"{line}\n".encode())


def _run_child(work: Callable[[], object], output: int) -> None:
    code = INTERNAL_ERROR
    gc.freeze()  # otherwise every child collects the objects of this process
    try:
        for stream in (1, 2):
            os.dup2(output, stream)
        sys.stdin = io.TextIOWrapper(io.BytesIO())
        sys.stdout, sys.stderr = (open(stream, "w", encoding="utf-8", closefd=False) for stream in (1, 2))  # noqa: SIM115 -- open until the process ends
        try:
            work()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        except BaseException:  # noqa: BLE001 -- the parent sees the traceback in the output
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
