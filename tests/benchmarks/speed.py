"""Time and memory of whole commands, as multiples of a floor: importing Typer and printing one table.

Every row names what is measured and the program: readlist, in each of the interpreters, and a short script on TinyDB
and RapidFuzz for what that can do. All of them take turns, so that a busy machine slows all of them alike.

Findings at 100,000 papers that decided how the package works (repeat them with `python -m tests.benchmarks 100000`):

    parsing papers.json, 200 MB     0.4 s without the garbage collector, 2.3 s with it
    one TinyDB operation            20 to 40 ms, since it converts the IDs of the whole table: one operation per change
    loading one more digest         FTS5 merges 16 segments at a time; incremental merges delay 1 load in 20 by 1 s
    building the index              15 % slower with 1 MB of FTS5 postings in memory than with 32 MB
    reading result IDs              0.1 s for all of them; their entries 4 s and 300 MB
    importing filelock              11 to 17 ms of the 33 ms that `read` takes above the start, hence store/lock.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.processes import Usage, median, run_on_terminal

ROUNDS = 9
"""Measured runs of each command, all commands in turn; the median is printed."""
MAX_CHANGE_ROUNDS = 3
"""The same for commands that take seconds: a load, a renamed tag, an export of all papers."""
SLOW_SECONDS = 3.0
"""A command that takes more CPU time is run once only: the script at 100,000 papers."""
MANY_MARKS = 20_000
BARE = "a bare interpreter"
FLOOR = """
import typer
from rich.console import Console
from rich.table import Table
table = Table("id", "date", "title", "authors", "tags")
for number in range(20):
    table.add_row(str(number), "2025-02-11", "A title of a usual length of one", "Someone et al.", "#rl #reasoning")
Console().print(table)
"""
SCRIPT = "TinyDB + RapidFuzz"


class Case(NamedTuple):
    """A row of the table: the arguments of readlist, and of the script where it can do that too.

    `{number}` in an argument is the number of the round. `completes` says that a shell asks for completions.
    """

    name: str
    readlist: tuple[str, ...]
    script: tuple[str, ...] = ()
    completes: bool = False


class Program(NamedTuple):
    """What is measured: the words that start it, the variables of its environment, and its name in the table."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    is_script: bool = False


class Samples(NamedTuple):
    """What one paper of a library has, for queries and changes: ID, rare word of the title, Korean word."""

    id: str
    rare: str
    korean: str


def print_table(count: int, directory: Path, interpreters: Sequence[str], rounds: int) -> None:
    """Generate papers, load them with each of the interpreters, and print the rows."""
    samples = _generate(count, directory)
    digests, database = directory / "digests", directory / "baseline.json"
    names = [Path(python).parent.parent.name for python in interpreters] if len(interpreters) > 1 else ["readlist"]
    programs = [
        Program(name, (str(Path(python).with_name("readlist")),), _library_env(directory / f"library-{number}"))
        for number, (name, python) in enumerate(zip(names, interpreters, strict=True))
    ]
    script = Program(
        SCRIPT, (sys.executable, str(Path(__file__).with_name("tinydb_baseline.py")), str(database)), _env(), True
    )
    floors = [
        Program(name, (interpreters[-1], "-c", code), _env()) for name, code in ((BARE, "pass"), ("the floor", FLOOR))
    ]
    loads = _measure([Case("load", ("load", str(digests))), Case("load again", ("load", str(digests)))], programs, 1)
    rows = _measure([Case(name="", readlist=())], floors, rounds)
    bare, floor = (median(rows["", program.name]).cpu for program in floors)
    speeds = ", ".join(f"{count / median(loads['load', p.name]).wall:,.0f} papers/s" for p in programs)
    print(f"{count:,} papers: floor {floor * 1000:.0f} ms, {BARE} {bare * 1000:.0f} ms CPU; load {speeds}")
    print(f"  {'':28s} {'':20s} {'x floor':>8s} {'x bare':>8s} {'CPU ms':>8s} {'wall ms':>8s} {'MB':>6s}")
    _print_rows(loads, floor, bare)
    _print_rows(_measure(_queries(samples), [*programs, script], rounds), floor, bare)
    _write_digests(directory)
    _print_rows(_measure(_changes(directory), [*programs, script], min(rounds, MAX_CHANGE_ROUNDS)), floor, bare)
    if count > MANY_MARKS:
        _measure([Case("", ("read", f"1-{MANY_MARKS}"))], programs, 1)
        cases = [Case(f"{verb}, {MANY_MARKS:,} marks", (verb, samples.id)) for verb in ("unread", "read")]
        _print_rows(_measure(cases, programs, rounds), floor, bare)


def _queries(samples: Samples) -> list[Case]:
    """Return the cases that answer within a moment; `read` and `unread` in turn, so that each changes something."""
    searches = {
        "rare word": (samples.rare,),
        "common word": ("reasoning",),
        "two words": ("reward", "policy"),
        "typo": ("resaoning",),
        "Korean": (samples.korean,),
        "tag and status": ("attention", "tag:rl", "is:unread"),
        "partly remembered": ("reward", "policy", "zebra", "unicorn", "attention"),
    }
    return [
        Case("--version", ("--version",)),
        Case("--help", ("--help",)),
        Case("completion", ("readlist list tag:r", "r", "9"), completes=True),
        Case("list", ("list",), ("list",)),
        Case("show", ("show", samples.id), ("show", samples.id)),
        *(
            Case(f"search, {kind}", ("search", *words), ("search", *(word for word in words if ":" not in word)))
            for kind, words in searches.items()
        ),
        Case("read", ("read", samples.id), ("read", samples.id)),
        Case("unread", ("unread", samples.id), ("unread", samples.id)),
        Case("next", ("next",)),
        Case("similar", ("similar", samples.id)),
        Case("stats", ("stats",)),
    ]


def _changes(directory: Path) -> list[Case]:
    """Return the cases that concern many papers, or that change papers.json."""
    digest = str(directory / "one-more-{number}.txt")
    return [
        Case("one more digest", ("load", digest), ("add", digest)),
        Case("its undo", ("undo",)),
        Case("tags rename", ("tags", "rename", "rl", "reinforcement"), ("rename", "rl", "reinforcement")),
        Case("its undo ", ("undo",), ("rename", "reinforcement", "rl")),
        Case("export as HTML", ("export", "--output", str(directory / "all.html"), "--force")),
        Case("doctor", ("doctor",)),
    ]


def _write_digests(directory: Path) -> None:
    from tests.benchmarks.synthetic_papers import generate_papers

    paper = generate_papers(1)[0]
    for number in range(MAX_CHANGE_ROUNDS + 1):
        text = f"2031년 1월 {number + 1}일\n{paper}\n".replace(paper.title, f"One more paper, number {number}")
        (directory / f"one-more-{number}.txt").write_text(text, encoding="utf-8")


def _generate(count: int, directory: Path) -> Samples:
    """Write digests and the file of the script.

    Another process does it: the memory of this one is counted with that of each command that it starts.
    """
    generate = [sys.executable, "-m", "tests.benchmarks.synthetic_papers", str(count), str(directory)]
    title, korean = subprocess.run(generate, check=True, capture_output=True, text=True).stdout.splitlines()
    return Samples(str(count // 2), title.split(":")[0], korean[:2])


def _env() -> dict[str, str]:
    """Return the environment of every command; compiled modules are kept, as for an installed program."""
    env = {**os.environ, "COLUMNS": "120", "LINES": "40", "TERM": "xterm-256color"}
    for name in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    return env


def _library_env(home: Path) -> dict[str, str]:
    """Return the environment of a library of its own."""
    directories = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "STATE", "CONFIG")}
    return _env() | {"READLIST_HOME": str(home / "data")} | directories


def _measure(cases: Sequence[Case], programs: Sequence[Program], rounds: int) -> dict[tuple[str, str], list[Usage]]:
    """Run every case with every program in turn; the first of several rounds only warms up."""
    measured: dict[tuple[str, str], list[Usage]] = {}
    for round_ in range(rounds + (rounds > 1)):
        for case in cases:
            for program in programs:
                arguments = case.script if program.is_script else case.readlist
                if program.is_script and not arguments:
                    continue
                usages = measured.setdefault((case.name, program.name), [])
                if usages and usages[0].cpu > SLOW_SECONDS and program.is_script:
                    continue
                env = {**program.env, **({"_READLIST_COMPLETE": "bash"} if case.completes else {})}
                command = [*program.command, *(word.format(number=round_) for word in arguments)]
                usage = run_on_terminal(command, env)
                if round_ or rounds == 1 or usage.cpu > SLOW_SECONDS:
                    usages.append(usage)
    return measured


def _print_rows(measured: Mapping[tuple[str, str], Sequence[Usage]], floor: float, bare: float) -> None:
    previous = ""
    for (case, program), usages in measured.items():
        cpu, wall, memory = median(usages)
        ratios = f"{cpu / floor:8.2f} {cpu / bare:8.1f}"
        print(
            f"  {case if case != previous else '':28s} {program:20.20s} {ratios} {cpu * 1000:8.0f} {wall * 1000:8.0f}"
            f" {memory:6.0f}",
            flush=True,
        )
        previous = case
