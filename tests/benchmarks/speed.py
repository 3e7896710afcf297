"""How long a reader waits: whole processes on a terminal of 120 columns, as ratios to what nobody can go below."""

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
"""Counted runs of each command, all commands in turn; the median is quoted."""
SLOW = 3.0
"""Seconds after which a command is run once only: the plain script at 100,000 papers."""

FLOOR = """
import typer
from rich.console import Console
from rich.table import Table
table = Table("id", "date", "title", "authors", "tags")
for number in range(20):
    table.add_row(str(number), "2025-02-11", "A title of a usual length of one", "Someone et al.", "#rl #reasoning")
Console().print(table)
"""


class Shelf(NamedTuple):
    """A library and a plain TinyDB file of the same papers, the environment that finds the one, and a paper of them."""

    env: dict[str, str]
    plain: Path
    title: str
    korean: str


def shelve(count: int, folder: Path) -> Shelf:
    """Make up papers and load them, saying how long it took.

    They are made by a process of their own: the memory of this one is counted with that of each command it starts.
    """
    made = [sys.executable, "-m", "tests.benchmarks.made_up", str(count), str(folder)]
    title, korean = subprocess.run(made, check=True, capture_output=True, text=True).stdout.splitlines()
    digests = folder / "digests"
    env = {
        **os.environ,
        "READLIST_HOME": str(folder / "home"),
        **{f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "STATE", "CONFIG")},
        "COLUMNS": "120",
        "LINES": "40",
        "TERM": "xterm-256color",
    }
    for name in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    first = _seconds(["load", str(digests)], env)
    again = _seconds(["load", str(digests)], env)
    size = sum(path.stat().st_size for path in digests.iterdir())
    index = sum(path.stat().st_size for path in (folder / "cache").rglob("*") if path.is_file())
    print(
        f"{count:,} papers: loaded in {first:.1f} s ({count / first:,.0f}/s), again in {again:.2f} s;"
        f" the index is {index / size:.1f} times the digests"
    )
    return Shelf(env, folder / "plain.json", title, korean)


def table(shelf: Shelf) -> None:
    """Print a line a command: its ratio to the floor, milliseconds, and the most memory it took."""
    rare = shelf.title.split(":")[0]
    typo = "resaoning"
    readlist = [sys.executable, "-m", "readlist"]
    plain = [sys.executable, str(Path(__file__).with_name("plain.py")), str(shelf.plain)]
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
        "search, Korean": [*readlist, "search", shelf.korean[:2]],
        "search, tag and status": [*readlist, "search", "attention", "tag:rl", "is:unread"],
        "next": [*readlist, "next"],
        "similar": [*readlist, "similar", "1"],
        "stats": [*readlist, "stats"],
        "plain script, rare word": [*plain, rare],
        "plain script, typo": [*plain, typo],
    }
    seconds, memory = _measure(commands, shelf.env)
    floor = statistics.median(seconds["floor"])
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        print(f"  {name:24s} {middle / floor:6.2f} x floor  {middle * 1000:7.0f} ms  {memory[name]:5.0f} MB")


def _measure(commands: dict[str, list[str]], env: dict[str, str]) -> tuple[dict[str, list[float]], dict[str, float]]:
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0.0)
    for round_ in range(ROUNDS + 1):
        for name, command in commands.items():
            if round_ and seconds[name] and seconds[name][0] > SLOW:
                continue
            taken, used = _run_on_terminal(command, env)
            memory[name] = max(memory[name], used)
            if round_ or taken > SLOW:  # the first round warms up
                seconds[name].append(taken)
    return seconds, memory


def _run_on_terminal(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak MB of one whole process."""
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
        raise SystemExit(f"{command} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def _seconds(args: list[str], env: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "readlist", *args], env=env, check=True, capture_output=True)
    return time.perf_counter() - start
