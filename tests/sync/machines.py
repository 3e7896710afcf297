"""Two or more machines of one user: a library each, with its own directories, and one remote that is a folder."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.processes import ProcessResult, run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox, State
from tests.library_files import LibraryFiles

SYNCED_TABLES = ("papers", "marks", "queries", "aliases", "synonyms")


class Machine:
    """A machine with the library in `root`; it calls itself `name` and syncs with `remote`."""

    def __init__(self, root: Path, name: str, remote: Path) -> None:
        self.sandbox = LibrarySandbox(root / name)
        self.name, self.remote = name, remote
        self.sandbox.root.mkdir(parents=True, exist_ok=True)

    @property
    def files(self) -> LibraryFiles:
        return self.sandbox.files

    @property
    def sync_directory(self) -> Path:
        """What sync remembers on this machine."""
        return self.files.state / "sync"

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a command on this machine."""
        return {**self.files.environment, "XDG_CONFIG_HOME": str(self.sandbox.root / "config")}

    def call(self, *words: str) -> ProcessResult:
        """Run readlist in a forked process, with these arguments."""

        def work() -> None:
            os.environ.update(self.environment)
            run_readlist(*words)

        return run_forked(work)

    def run(self, *words: str) -> str:
        """Run readlist like `call`, which has to succeed; returns its output."""
        result = self.call(*words)
        assert result.code == 0, (self.name, words, result)
        return result.output

    def sync(self) -> str:
        """Sync with the remote, which has to succeed; returns what was printed."""
        return self.run("sync", str(self.remote), "--name", self.name).strip()

    def load(self, numbers: range, day: int = 10) -> None:
        """Load a digest with one made-up paper per number."""
        self.run("load", str(self.sandbox.write_digest(dt.date(2025, 2, day), numbers)))

    def starred(self) -> set[int]:
        """Return the IDs of the papers with a star."""
        state = self.state()
        starred = {key for key, mark in state["marks"].items() if mark.get("starred")}
        return {int(id_) for id_, record in state["papers"].items() if record["key"] in starred}

    def start(self, *words: str, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start readlist as a user does, in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "readlist", *words],
            env={**os.environ, **self.environment, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def state(self) -> dict[str, Any]:
        """Return the tables that are synced, which must be intact, without times."""
        state = self.sandbox.state()
        return {table: state[table] for table in SYNCED_TABLES}

    def shared_state(self) -> Shared:
        """Return what all machines are to have in common: no IDs, no order of lists."""
        return describe_shared(self.state())

    def save(self, name: str) -> None:
        self.sandbox.save_snapshot(name)

    def restore(self, name: str) -> None:
        self.sandbox.restore_snapshot(name)


class Shared(NamedTuple):
    """The content of a library by which two machines are compared."""

    papers: dict[str, Any]
    marks: dict[str, Any]
    definitions: dict[str, Any]


def describe_shared(state: State) -> Shared:
    """Return what a library has in common with others, papers by their title."""
    papers = {record["key"]: record for record in state["papers"].values()}
    titles = {key: record["title"] for key, record in papers.items()}
    described = {
        titles[key]: {
            "abstract": record.get("abstract"),
            "tags": sorted(record.get("tags", [])),
            "corrections": record.get("corrections"),
            "is_deleted": record.get("is_deleted", False),
        }
        for key, record in papers.items()
    }
    marks = {titles.get(key, key): mark for key, mark in state["marks"].items() if mark}
    return Shared(described, marks, {table: state[table] for table in SYNCED_TABLES[2:]})


class Pair:
    """Two machines that have synced ten papers, a star of paper 1, a note of paper 2 and a saved query."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.remote = root / "remote"
        self.desk, self.laptop = (Machine(root, name, self.remote) for name in ("desk", "laptop"))
        self.desk.load(range(1, 11))
        for words in (("star", "1"), ("note", "2", "one"), ("query", "save", "fresh", "is:unread")):
            self.desk.run(*words)
        self.desk.sync()
        self.laptop.sync()
        for machine in (self.desk, self.laptop):
            machine.save("before")
        copy_remote(self.remote, root / "remote-before")

    def restore(self) -> None:
        """Go back to the state of the beginning."""
        for machine in (self.desk, self.laptop):
            machine.restore("before")
        copy_remote(self._root / "remote-before", self.remote)

    def add(self, name: str) -> Machine:
        """Return a third machine, with an empty library."""
        shutil.rmtree(self._root / name, ignore_errors=True)
        return Machine(self._root, name, self.remote)

    def settle(self, *others: Machine) -> Shared:
        """Sync until all machines know of everything, and return what they have in common."""
        machines = [self.desk, self.laptop, *others]
        for machine in machines * 2:
            machine.sync()
        states = [machine.shared_state() for machine in machines]
        assert all(state == states[0] for state in states), states
        for machine in machines:
            machine.sandbox.assert_index_matches_store()
        return states[0]

    def git(self, *words: str) -> str:
        """Run git in the remote; returns its output."""
        command = ["git", "-C", str(self.remote), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def copy_remote(remote: Path, copy: Path) -> None:
    """Replace `copy` by a copy of the folder `remote`."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(remote, copy, symlinks=True)
