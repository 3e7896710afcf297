"""Processes of readlist that die by kill -9: at a call of git, or at a call that changes a file.

    environment = death.environment(directory)      PATH and PYTHONPATH with what kills the process

The process is a real one, `python -m readlist`; a `sitecustomize` on its path counts the calls of the system that
change a file below a directory, and a `git` in front of the real one counts those of git, also of the git that serves a
folder. Only the process of readlist is killed, as by the user; `torn` kills git with it, in the middle of its work.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
_AT, _BELOW, _LOG, _PID = "DEATH_AT", "DEATH_BELOW", "DEATH_LOG", "DEATH_PID"
_CHANGING_CALLS = ("write", "fsync", "replace", "rename", "link", "unlink", "mkdir", "utime", "rmdir")
_GIT = """#!/bin/sh
echo "$*" >> {log}
number=$(wc -l < {log})
if [ "$number" != {number} ]; then exec {git} "$@"; fi
case {moment} in
before) kill -9 "$DEATH_PID"; exit 1;;
after) {git} "$@"; kill -9 "$DEATH_PID"; exit 1;;
torn) {git} "$@" <&0 & child=$!; sleep {seconds}; kill -9 "$DEATH_PID" $child;;
esac
"""


class Death(NamedTuple):
    """The call at which a process dies: the `number`-th call of git, or the `number`-th one that changes a file.

    `moment` is "before", "after" or "torn" (`seconds` after git was started) for git, "call" for one that changes a
    file. With the number 0 nobody dies, and the calls are only logged.
    """

    moment: str
    number: int
    seconds: float = 0.0

    def environment(self, directory: Path, below: Path) -> dict[str, str]:
        """Create what kills the process in `directory`, and return its variables; `below` are the files that count."""
        directory.mkdir(parents=True)
        log, program = directory / "calls", directory / "git"
        log.touch()
        (directory / "sitecustomize.py").write_text("from tests.sync.deaths import install\n\ninstall()\n")
        variables = {
            "PYTHONPATH": f"{directory}{os.pathsep}{ROOT}",
            _BELOW: str(below),
            _LOG: str(log) if self.moment == "call" else "",
            _AT: str(self.number),
        }
        if self.moment != "call":
            program.write_text(
                _GIT.format(
                    log=log, number=self.number, git=shutil.which("git"), moment=self.moment, seconds=self.seconds
                )
            )
            program.chmod(0o755)
            variables["PATH"] = f"{directory}{os.pathsep}{os.environ['PATH']}"
        return variables


def read_calls(directory: Path) -> list[str]:
    """Return the calls that were logged there, in order."""
    return (directory / "calls").read_text().splitlines()


def install() -> None:
    """Count the calls that change a file, in the process that imports this, and die at one of them."""
    os.environ[_PID] = str(os.getpid())
    if log := os.environ.get(_LOG):
        count = _Count(os.environ[_BELOW], int(os.environ[_AT]), log)
        for name in _CHANGING_CALLS:
            setattr(os, name, count.wrap(name, getattr(os, name)))


class _Count:
    def __init__(self, below: str, at: int, log: str) -> None:
        self._below, self._at = below, at
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND)
        self._write = os.write
        self._count = 0

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            path = _find_path(args[0])
            if path.startswith(self._below):
                self._count += 1
                self._write(self._log, f"{name} {path.removeprefix(self._below)}\n".encode())
                if self._count == self._at:
                    os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **options)

        return counted


def _find_path(argument: Any) -> str:
    """Return the path of a path or of an open file; "" for a pipe."""
    if not isinstance(argument, int):
        return os.fsdecode(argument)
    try:
        return os.readlink(f"/proc/self/fd/{argument}")  # noqa: PTH115 -- pathlib calls the functions that are counted
    except OSError:
        return ""
