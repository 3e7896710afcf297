"""Measure whole processes: CPU seconds, wall-clock seconds and peak memory, on a terminal of 120 columns."""

from __future__ import annotations

import contextlib
import os
import pty
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Usage(NamedTuple):
    """What one process took: CPU seconds (user and system), wall-clock seconds, peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def run_on_terminal(command: Sequence[str], env: Mapping[str, str]) -> Usage:
    """Run a command that prints to a terminal; raises SystemExit where it fails."""
    screen, terminal = pty.openpty()
    start = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=terminal, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    os.close(terminal)
    with contextlib.suppress(OSError):  # EIO: the last writer has gone
        while os.read(screen, 65536):
            pass
    os.close(screen)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"exit code {process.returncode}: {command}")
    return Usage(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def median(usages: Sequence[Usage]) -> Usage:
    """Return the median seconds of each kind, and the highest memory."""
    cpu, wall = (statistics.median(values) for values in list(zip(*usages, strict=True))[:2])
    return Usage(cpu, wall, max(usage.memory for usage in usages))
