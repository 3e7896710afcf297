"""Time and memory of whole commands on a terminal of 120 columns, as multiples of a floor: typer and one rich table.

Findings at 100,000 papers that decided how the package works (repeat them with `python -m tests.benchmarks 100000`):

    parsing papers.json, 200 MB     0.4 s without the garbage collector, 2.3 s with it
    one TinyDB operation            20 to 40 ms, since it converts the IDs of the whole table: one operation per change
    loading one more digest         FTS5 merges 16 segments at a time; incremental merges delay 1 load in 20 by 1 s
    building the index              15 % slower with 1 MB of FTS5 postings in memory than with 32 MB
    reading result IDs              0.1 s for all of them; their entries 4 s and 300 MB
    importing filelock              11 to 17 ms of the 33 ms that `read` takes above the start, hence store/lock.py
"""

from __future__ import annotations

import contextlib
import os
import pty
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROUNDS = 7
"""Measured runs of each command, all commands in turn; the median is printed."""
SLOW_SECONDS = 3.0
"""A command that takes longer is run once only: the baseline at 100,000 papers."""

FLOOR = """
import typer
from rich.console import Console
from rich.table import Table
table = Table("id", "date", "title", "authors", "tags")
for number in range(20):
    table.add_row(str(number), "2025-02-11", "A title of a usual length of one", "Someone et al.", "#rl #reasoning")
Console().print(table)
"""


class BenchmarkLibrary(NamedTuple):
    """A library and a TinyDB file of the same papers; `env` leads to it, `title` and `korean` are from one paper."""

    env: dict[str, str]
    baseline: Path
    title: str
    korean: str


def create_library(count: int, directory: Path) -> BenchmarkLibrary:
    """Generate papers, load them and print how long it took.

    Another process generates them: the memory of this one is counted with that of each command that it starts.
    """
    generate = [sys.executable, "-m", "tests.benchmarks.synthetic_papers", str(count), str(directory)]
    title, korean = subprocess.run(generate, check=True, capture_output=True, text=True).stdout.splitlines()
    digests = directory / "digests"
    env = {
        **os.environ,
        "READLIST_HOME": str(directory / "home"),
        **{f"XDG_{kind}_HOME": str(directory / kind.lower()) for kind in ("CACHE", "STATE", "CONFIG")},
        "COLUMNS": "120",
        "LINES": "40",
        "TERM": "xterm-256color",
    }
    for name in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    first = _measure_seconds(["load", str(digests)], env)
    again = _measure_seconds(["load", str(digests)], env)
    size = sum(path.stat().st_size for path in digests.iterdir())
    index = sum(path.stat().st_size for path in (directory / "cache").rglob("*") if path.is_file())
    print(
        f"{count:,} papers: loaded in {first:.1f} s ({count / first:,.0f}/s), again in {again:.2f} s;"
        f" the index is {index / size:.1f} times the digests"
    )
    return BenchmarkLibrary(env, directory / "baseline.json", title, korean)


def print_table(library: BenchmarkLibrary) -> None:
    """Print one line per command: its ratio to the floor, milliseconds, and its peak memory."""
    rare = library.title.split(":")[0]
    typo = "resaoning"
    readlist = [sys.executable, "-m", "readlist"]
    baseline = [sys.executable, str(Path(__file__).with_name("tinydb_baseline.py")), str(library.baseline)]
    commands = {
        "floor": [sys.executable, "-c", FLOOR],
        "--help": [*readlist, "--help"],
        "list": [*readlist, "list"],
        "show": [*readlist, "show", "1"],
        "read": [*readlist, "read", "1"],
        "unread": [*readlist, "unread", "1"],
        "search, rare word": [*readlist, "search", rare],
        "search, common word": [*readlist, "search", "reasoning"],
        "search, two words": [*readlist, "search", "reward", "policy"],
        "search, typo": [*readlist, "search", typo],
        "search, Korean": [*readlist, "search", library.korean[:2]],
        "search, tag and status": [*readlist, "search", "attention", "tag:rl", "is:unread"],
        "next": [*readlist, "next"],
        "similar": [*readlist, "similar", "1"],
        "stats": [*readlist, "stats"],
        "baseline, rare word": [*baseline, rare],
        "baseline, typo": [*baseline, typo],
    }
    seconds, memory = _measure(commands, library.env)
    floor = statistics.median(seconds["floor"])
    for name, runs in seconds.items():
        median = statistics.median(runs)
        print(f"  {name:24s} {median / floor:6.2f} x floor  {median * 1000:7.0f} ms  {memory[name]:5.0f} MB")


def _measure(commands: dict[str, list[str]], env: dict[str, str]) -> tuple[dict[str, list[float]], dict[str, float]]:
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0.0)
    for round_ in range(ROUNDS + 1):
        for name, command in commands.items():
            if round_ and seconds[name] and seconds[name][0] > SLOW_SECONDS:
                continue
            duration, peak = _run_on_terminal(command, env)
            memory[name] = max(memory[name], peak)
            if round_ or duration > SLOW_SECONDS:  # the first round warms up
                seconds[name].append(duration)
    return seconds, memory


def _run_on_terminal(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Run a command; returns its seconds and its peak memory in MB."""
    screen, terminal = pty.openpty()
    start = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=terminal, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    os.close(terminal)
    with contextlib.suppress(OSError):  # EIO: the last writer has gone
        while os.read(screen, 65536):
            pass
    os.close(screen)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"exit code {process.returncode}: {command}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def _measure_seconds(args: list[str], env: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "readlist", *args], env=env, check=True, capture_output=True)
    return time.perf_counter() - start
