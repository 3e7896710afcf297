"""How long a reader waits: whole processes on a terminal of 120 columns, as ratios to what nobody can go below."""

from __future__ import annotations

import contextlib
import os
import pty
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import plain
from tests.benchmarks.made_up import MadeUp, write_digests

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


@dataclass(frozen=True)
class Shelf:
    """Made-up papers, loaded into a library of its own and into a plain TinyDB file."""

    papers: list[MadeUp]
    env: dict[str, str]
    plain: Path


def shelve(papers: list[MadeUp], folder: Path) -> Shelf:
    """Load the papers, saying how long it took."""
    digests = folder / "digests"
    write_digests(papers, digests)
    env = {
        **os.environ,
        "READLIST_HOME": str(folder / "home"),
        **{f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "STATE", "CONFIG")},
        "COLUMNS": "120",
        "LINES": "40",
        "TERM": "xterm-256color",
    }
    env.pop("NO_COLOR", None)
    first = _seconds(["load", str(digests)], env)
    again = _seconds(["load", str(digests)], env)
    size = sum(path.stat().st_size for path in digests.iterdir())
    index = sum(path.stat().st_size for path in (folder / "cache").rglob("*") if path.is_file())
    print(
        f"{len(papers):,} papers: loaded in {first:.1f} s ({len(papers) / first:,.0f}/s), again in {again:.2f} s;"
        f" the index is {index / size:.1f} times the digests"
    )
    plain.shelve(papers, folder / "plain.json")
    return Shelf(papers, env, folder / "plain.json")


def table(shelf: Shelf) -> None:
    """Print a line a command: its ratio to the floor, milliseconds, and the most memory it took."""
    paper = shelf.papers[len(shelf.papers) // 2]
    rare = paper.title.split(":")[0]
    typo = "resaoning"
    readlist = [sys.executable, "-m", "readlist"]
    script = [sys.executable, str(Path(__file__).with_name("plain.py")), str(shelf.plain)]
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
        "search, Korean": [*readlist, "search", paper.korean.split()[0][:2]],
        "search, tag and status": [*readlist, "search", "attention", "tag:rl", "is:unread"],
        "plain script, rare word": [*script, rare],
        "plain script, typo": [*script, typo],
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
