"""A library to be broken: its folders, what its store holds, and whether its index says the same."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path
from typing import Any

from readlist.edits import build_entry
from readlist.library.library import Folders, Library
from readlist.models import Entry
from readlist.search.query.parser import parse
from readlist.store import format as file_format
from readlist.store.definitions import TABLES
from readlist.store.lock import Lock
from readlist.store.marks import HeldMarks, MarkStore
from readlist.store.papers import PaperStore

State = dict[str, dict[str, Any]]
"""The tables of the store without their times, and without the next id, which an undo does not take back."""

TODAY = dt.date(2025, 6, 1)
_STORED = {"papers.json": ("papers", "documents", "sources"), "marks.json": ("marks", *TABLES)}
_WORDS = [
    "reward",
    "policy",
    "latent",
    "sparse",
    "token",
    "scaling",
    "diffusion",
    "attention",
    "retrieval",
    "alignment",
]


def digest(day: dt.date, numbers: range) -> str:
    """A digest with made-up papers, which differ by their numbers."""
    return f"{day}\n" + "".join(map(_paper, numbers))


def _paper(number: int) -> str:
    first, second = _WORDS[number % 10], _WORDS[number // 10 % 10]
    tags = " ".join(f"#{tag}" for tag in tags_of(number))
    return (
        f"{first.title()} {second} number {number}\n(Ada Lovelace, Author {number % 7})\n"
        f"We study {first} and {second} in experiment {number}.\n{second} 학습을 다룹니다.\n"
        f"It is about {second}.\n{tags}\n"
    )


def tags_of(number: int) -> tuple[str, str]:
    """The tags that the digests give to a made-up paper."""
    return _WORDS[number % 10], f"{_WORDS[number // 10 % 10]}x"


class Home:
    """The folders of a library below `root`, as environment variables and for `Library`."""

    def __init__(self, root: Path) -> None:
        self.root = root / "library"
        self.digests = root / "digests"
        self.kept = root / "kept"
        self.environment = {"READLIST_HOME": str(self.root / "home")} | {
            f"XDG_{name.upper()}_HOME": str(self.root / name) for name in ("state", "cache")
        }

    @property
    def folders(self) -> Folders:
        """The folders that the command line finds in this environment."""
        from readlist.cli.context import find_directories

        return find_directories(str(self.root / "home"))

    @property
    def marks_file(self) -> Path:
        return self.folders.data / "marks.json"

    @property
    def index_file(self) -> Path:
        return self.folders.cache / "index.sqlite"

    def library(self) -> Library:
        """A fresh one, as every command has it."""
        return Library(self.folders)

    def lock(self, timeout: float = 10.0) -> Lock:
        return Lock(self.folders.state / "lock", timeout)

    def write_digest(self, day: dt.date, numbers: range) -> Path:
        self.digests.mkdir(parents=True, exist_ok=True)
        path = self.digests / f"{day}.txt"
        path.write_text(digest(day, numbers), encoding="utf-8")
        return path

    def load(self, count: int) -> None:
        """Load made-up papers with the ids from 1 to `count`."""
        report = self.library().load([str(self.write_digest(dt.date(2025, 2, 11), range(1, count + 1)))])
        assert len(report.added) == count

    # What there is

    def state(self) -> State:
        """What the store holds, read without any code of ours but the layout; it must be sound."""
        tables: State = {}
        for name, names in _STORED.items():
            path = self.folders.data / name
            content = file_format.parse(path.read_bytes().splitlines(True), names, TABLES) if path.exists() else None
            assert content is None or content.damage == ()
            held = content.tables if content else file_format.empty(names).tables
            tables |= {table: _timeless(held[table]) for table in names}
        return tables

    def mark_store(self) -> MarkStore:
        return MarkStore(self.marks_file, self.lock(), self.folders.state / "backups")

    def marks(self) -> HeldMarks:
        return self.mark_store().read()

    def entries(self) -> list[Entry]:
        """The entries that the store holds, in the order of their ids."""
        papers = (
            PaperStore(self.folders.data / "papers.json", self.lock(), self.folders.state / "backups").read().papers
        )
        marks, _, names = self.marks()
        return [build_entry(paper, marks.get(paper.key), names.renamed_tags) for paper in papers]

    def assert_index_is_of_the_store(self) -> None:
        """What a reader is shown is what the store holds."""
        shown = [hit.entry for hit in self.library().find(parse("", TODAY), ranked=False).hits]
        assert sorted(shown, key=lambda entry: entry.paper.id) == self.entries()

    def left_over(self) -> list[Path]:
        """Files that only somebody at work has."""
        files = [path for folder in self.folders for path in folder.rglob("*") if path.is_file()]
        return [path for path in files if path.name.endswith((".new", "-journal"))]

    # There and back

    def keep(self) -> None:
        """Keep what there is, to come back to it: the very files, for the index knows the store's by their inodes."""
        shutil.copytree(self.root, self.kept, copy_function=_same_file)

    def restore(self) -> None:
        """Be as when it was kept."""
        shutil.rmtree(self.root)
        shutil.copytree(self.kept, self.root, copy_function=_same_file)


def _same_file(path: str, copy: str) -> None:
    if path.endswith("index.sqlite"):  # the one file that is written into
        shutil.copy2(path, copy)
    else:
        os.link(path, copy)


def _timeless(records: dict[str, Any]) -> dict[str, Any]:
    return {
        id_: {name: value for name, value in record.items() if not name.endswith("_at")}
        for id_, record in records.items()
    }
