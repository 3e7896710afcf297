"""Six processes that run every kind of change at once: each note that is no longer there was taken back by a command.

Each command runs in a forked process, which logs the notes in marks.json whenever it has saved a file, still under the
lock. The model then replays the log: it knows the notes after each save, what each command may do to them, and which
change the next undo, redo and restore must put back.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from readlist.store import format as file_format
from readlist.store.file import StoreFile
from readlist.store.marks import TABLES as MARKS_TABLES
from readlist.store.papers import TABLES as PAPERS_TABLES
from readlist.store.records import record_error
from readlist.text import slugify
from tests.faults.conftest import ReportCounts
from tests.faults.processes import ForkedProcess, run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox

PROCESSES = 6
PAPERS = 12
DOCUMENTED_CODES = {0, 1, 3, 5}
"""Without 2 and 4: no command here has wrong arguments, and no file may be corrupt."""
MAX_UNDO = 100
WEIGHTS = {"note": 30, "clear": 4, "mark": 10, "tag": 4, "load": 6, "undo": 14, "redo": 8, "doctor": 6, "restore": 5}
"""How often each kind of command is run."""

Notes = dict[str, str]
"""The note of each paper by its key."""
Difference = dict[str, tuple[str, str]]
"""Key -> note before and after."""


class Command(NamedTuple):
    """A command that has ended."""

    id: str
    words: list[str]
    code: int
    output: str

    @property
    def name(self) -> str:
        return " ".join(self.words[:2]) if self.words[0] == "backup" else self.words[0]


def read_notes(path: Path) -> Notes:
    """Return the notes in marks.json or in a backup of it."""
    lines = path.read_bytes().splitlines(keepends=True)
    marks = file_format.parse(lines, MARKS_TABLES).tables["marks"]
    return {key: mark["note"] for key, mark in marks.items() if mark.get("note")}


# The processes


def log_saves(sandbox: LibrarySandbox, log: Path, id_: str) -> None:
    """Let this process log each save of a store file, with the notes that marks.json then has."""
    save = StoreFile.save

    def save_and_log(file: StoreFile, *args: Any, **options: Any) -> None:
        save(file, *args, **options)
        sequence = file.read_content().metadata.sequence
        entry = {"id": id_, "file": file.path.name, "sequence": sequence, "notes": read_notes(sandbox.files.marks)}
        with log.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry) + "\n")

    StoreFile.save = save_and_log  # type: ignore[method-assign,assignment]  # in this process only


def choose_words(sandbox: LibrarySandbox, rng: random.Random, id_: str) -> list[str]:
    """Return a command at random, with arguments."""
    item = str(rng.randrange(1, PAPERS + 3))
    (kind,) = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))
    words = {
        "note": ["note", item, f"word-{id_}"],
        "clear": ["note", item, "--clear"],
        "mark": [rng.choice(["read", "unread", "star", "unstar", "skip"]), item],
        "tag": ["tag", item, "--add", f"tag{rng.randrange(5)}"],
        "doctor": ["doctor", "--fix"],
    }.get(kind, [kind])
    if kind == "load":
        words.append(str(write_digest(sandbox, rng.randrange(200))))
    if kind == "restore":
        backups = [f"marks.json/{path.name}" for path in sandbox.files.backups("marks.json")[-6:]]
        words = ["backup", "restore", "--yes", rng.choice(["marks.json", "papers.json", *backups])]
    return words


def write_digest(sandbox: LibrarySandbox, number: int) -> Path:
    """Write a digest of two papers, the same each time for the same number."""
    first = 100 + number
    return sandbox.write_digest(dt.date(2025, 3, 1) + dt.timedelta(days=number), range(first, first + 2))


def run_commands(sandbox: LibrarySandbox, directory: Path, number: int, seconds: float) -> None:
    """Run commands at random for so many seconds, each in a process of its own; log each with its output."""
    rng, end, count = random.Random(number), time.monotonic() + seconds, 0

    def work(words: list[str], id_: str) -> None:
        log_saves(sandbox, directory / "saves", id_)
        run_readlist(*words)

    with (directory / f"commands-{number}").open("w", encoding="utf-8") as log:
        while time.monotonic() < end:
            count += 1
            id_ = f"{number}-{count}"
            words = choose_words(sandbox, rng, id_)
            result = run_forked(partial(work, words, id_))
            log.write(json.dumps([id_, words, result.code, result.output]) + "\n")
            log.flush()


def read_lines(path: Path) -> Iterator[Any]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())


def assert_files_are_valid(sandbox: LibrarySandbox) -> None:
    for path, tables in ((sandbox.files.papers, PAPERS_TABLES), (sandbox.files.marks, MARKS_TABLES)):
        content = file_format.parse(path.read_bytes().splitlines(keepends=True), tables, record_error)
        assert content.corruption == ()


# The model


class Model:
    """Replays the saves; `unexplained` has each one that its command does not explain."""

    def __init__(self, commands: dict[str, Command], states: dict[int, Notes]) -> None:
        self._commands = commands
        self._states = states
        self._notes = states[max(states)]
        self._done: list[Difference] = []
        self._undone: list[Difference] = []
        self.saved_notes: set[str] = set()
        self.taken_back = Counter[str]()
        self.unexplained: list[object] = []

    def replay(self, saves: list[dict[str, Any]]) -> None:
        """Replay all saves; those of one command are one change."""
        changes: list[list[dict[str, Any]]] = []
        for save in saves:
            if changes and changes[-1][0]["id"] == save["id"]:
                changes[-1].append(save)
            else:
                changes.append([save])
        for change in changes:
            self._apply(self._commands[change[0]["id"]], change)

    def _apply(self, command: Command, saves: list[dict[str, Any]]) -> None:
        before, after = self._notes, saves[-1]["notes"]
        keys = before.keys() | after.keys()
        difference = {
            key: (before.get(key, ""), after.get(key, "")) for key in keys if before.get(key) != after.get(key)
        }
        if not self._explains(command, difference, after):
            self.unexplained.append((command, difference))
        self._notes = after
        self._states |= {save["sequence"]: save["notes"] for save in saves if save["file"] == "marks.json"}
        lost = [word for old, new in difference.values() for word in old.split("\n\n") if word not in new.split("\n\n")]
        self.taken_back[command.name] += len(lost)

    def _explains(self, command: Command, difference: Difference, after: Notes) -> bool:
        """Return whether a command that was saved may make this difference to the notes."""
        if command.code != 0:
            return False  # it said that it failed
        if command.name == "undo":
            return self._reverses(self._done, self._undone, difference)
        if command.name == "redo":
            return self._reverses(self._undone, self._done, difference)
        self._done.append(difference)
        del self._done[:-MAX_UNDO]
        self._undone.clear()
        if command.name == "note":
            return self._is_note(command, difference)
        if command.name == "backup restore" and "marks.json/" in command.output:
            restored = re.search(r"marks\.json/(\d+)", command.output)
            return restored is not None and self._states.get(int(restored[1])) == after
        return difference == {}

    @staticmethod
    def _reverses(taken: list[Difference], kept: list[Difference], difference: Difference) -> bool:
        if not taken:
            return False
        expected = {key: (after, before) for key, (before, after) in taken.pop().items()}
        kept.append(expected)
        return difference == expected

    def _is_note(self, command: Command, difference: Difference) -> bool:
        _, item, text = command.words
        paper = re.search(r": (\d+) (.*)$", command.output, re.MULTILINE)
        if paper is None or paper[1] != item or len(difference) != 1:
            return False
        ((key, (before, after)),) = difference.items()
        if not key.startswith(slugify(paper[2])):
            return False
        if text == "--clear":
            return after == ""
        self.saved_notes.add(command.id)
        return after == (f"{before}\n\n{text}" if before else text)


@pytest.mark.parametrize("seconds", [3, pytest.param(600, marks=pytest.mark.slow)])
def test_each_note_that_six_processes_lose_was_taken_back_by_one_of_their_commands(
    sandbox: LibrarySandbox, report_counts: ReportCounts, seconds: float
) -> None:
    seconds = float(os.environ.get("SIX_PROCESSES_SECONDS", seconds))
    sandbox.load(PAPERS)
    for words in ("note 1 first", "star 2"):
        assert run_forked(partial(run_readlist, *words.split())).code == 0
    states = {int(path.name[:6]): read_notes(path) for path in sandbox.files.backups("marks.json")}
    directory = sandbox.root.parent
    work = partial(run_commands, sandbox, directory)
    processes = [ForkedProcess(partial(work, number, seconds)) for number in range(PROCESSES)]
    looks, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        assert_files_are_valid(sandbox)
        looks += 1
        time.sleep(0.05)
    assert [process.wait().code for process in processes] == [0] * PROCESSES
    assert_files_are_valid(sandbox)

    logs = [line for number in range(PROCESSES) for line in read_lines(directory / f"commands-{number}")]
    commands = {id_: Command(id_, words, code, output) for id_, words, code, output in logs}
    model = Model(commands, states)
    saves = list(read_lines(directory / "saves"))
    model.replay(saves)
    crashed = [
        command for command in commands.values() if "Traceback" in command.output or "internal" in command.output
    ]
    wrong_codes = [command for command in commands.values() if command.code not in DOCUMENTED_CODES]
    acknowledged = {
        command.id
        for command in commands.values()
        if command.name == "note" and "word-" in command.words[2] and command.code == 0
    }
    report_counts(
        "six processes",
        seconds=seconds,
        commands=len(commands),
        saves=len(saves),
        looks=looks,
        busy=sum(command.code == 5 for command in commands.values()),
        acknowledged_notes=len(acknowledged),
        **{f"taken_back_by_{name.replace(' ', '_')}": count for name, count in model.taken_back.items() if count},
        unexplained=len(model.unexplained) + len(acknowledged - model.saved_notes),
        tracebacks=len(crashed),
        wrong_exit_codes=len(wrong_codes),
    )
    assert crashed == []
    assert wrong_codes == []
    assert model.unexplained[:3] == []
    assert acknowledged == model.saved_notes
    assert read_notes(sandbox.files.marks) == saves[-1]["notes"]
    for file in ("papers.json", "marks.json"):
        sequences = [save["sequence"] for save in saves if save["file"] == file]
        assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    sandbox.assert_index_matches_store()
