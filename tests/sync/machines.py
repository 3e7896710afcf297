"""Two or more machines of one user: a library each, with its own directories, and one remote that is a folder."""

from __future__ import annotations

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

    def sync(self, *words: str) -> str:
        """Sync, which has to succeed; returns what was printed."""
        return self.run("sync", *(words or (str(self.remote), "--name", self.name)))

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


def copy_remote(remote: Path, copy: Path) -> None:
    """Replace `copy` by a copy of the folder `remote`."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(remote, copy, symlinks=True)
