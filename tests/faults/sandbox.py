"""A library that a test may break: made-up papers, the content of its store, and a snapshot to go back to."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from pathlib import Path
from typing import Any

from readlist.edits import build_entry
from readlist.library.library import Library
from readlist.models import Entry
from readlist.search.query.parser import parse
from readlist.store import Store
from readlist.store import format as file_format
from readlist.store.definitions import TABLES
from readlist.store.lock import Lock
from readlist.store.marks import MarksSnapshot, MarkStore
from tests.library_files import LibraryFiles

State = dict[str, dict[str, Any]]
"""The tables of the store without times and without the next ID, which an undo does not revert."""

TODAY = dt.date(2025, 6, 1)
_TABLES_BY_FILE = {"papers.json": ("papers", "documents", "sources"), "marks.json": ("marks", *TABLES)}
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


def build_digest(day: dt.date, numbers: range) -> str:
    """Return the text of a digest with one made-up paper per number."""
    return f"{day}\n" + "".join(map(_build_paper, numbers))


def _build_paper(number: int) -> str:
    first, second = _WORDS[number % 10], _WORDS[number // 10 % 10]
    tags = " ".join(f"#{tag}" for tag in digest_tags(number))
    return (
        f"{first.title()} {second} number {number}\n(Ada Lovelace, Author {number % 7})\n"
        f"We study {first} and {second} in experiment {number}.\n{second} 학습을 다룹니다.\n"
        f"It is about {second} models ({second[0].upper()}M).\n{tags}\n"
    )


def digest_tags(number: int) -> tuple[str, str]:
    """Return the tags that the digests give to a made-up paper."""
    return _WORDS[number % 10], f"{_WORDS[number // 10 % 10]}x"


class LibrarySandbox:
    """A library below `root`, with the digests that it loads and a snapshot beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root / "library"
        self.digests = root / "digests"
        self.files = LibraryFiles(self.root)
        self._snapshots = root / "snapshots"

    def library(self) -> Library:
        """Return a new Library object, as every command creates one."""
        return Library(self.files.directories)

    def lock(self, timeout: float = 10.0) -> Lock:
        return Lock(self.files.state / "lock", timeout)

    def write_digest(self, day: dt.date, numbers: range) -> Path:
        self.digests.mkdir(parents=True, exist_ok=True)
        path = self.digests / f"{day}.txt"
        path.write_text(build_digest(day, numbers), encoding="utf-8")
        return path

    def load(self, count: int) -> None:
        """Load made-up papers with the IDs from 1 to `count`."""
        report = self.library().load([str(self.write_digest(dt.date(2025, 2, 11), range(1, count + 1)))])
        assert len(report.added) == count

    # Content

    def state(self) -> State:
        """Return the content of the store files, which must be valid, using only the parser of the file format."""
        tables: State = {}
        for name, names in _TABLES_BY_FILE.items():
            path = self.files.data / name
            content = file_format.empty_content(names)
            if path.exists():
                content = file_format.parse(path.read_bytes().splitlines(True), names)
            assert content.is_valid
            tables |= {table: _without_times(content.tables[table]) for table in names}
        return tables

    def store(self) -> Store:
        return Store(self.files.data, self.files.state)

    def mark_store(self) -> MarkStore:
        return self.store().marks

    def marks(self) -> MarksSnapshot:
        return self.mark_store().read()

    def entries(self) -> list[Entry]:
        """Return the entries of the store in the order of their IDs, without asking the index."""
        papers = self.store().papers.read().papers
        marks, _, definitions = self.marks()
        return [build_entry(paper, marks.get(paper.key), definitions.renamed_tags) for paper in papers]

    def assert_index_matches_store(self) -> None:
        """Assert that queries for all papers, and for all deleted ones, return the content of the store."""
        library = self.library()
        queries = [parse(text, TODAY) for text in ("", "is:deleted")]
        entries = [hit.entry for query in queries for hit in library.find(query).hits]
        assert sorted(entries, key=lambda entry: entry.paper.id) == self.entries()

    def list_temporary_files(self) -> list[Path]:
        """Return the files that exist only while a process writes."""
        files = [path for root in self.files.directories for path in root.rglob("*") if path.is_file()]
        return [path for path in files if path.name.endswith((".new", "-journal"))]

    # Snapshot

    def save_snapshot(self, name: str = "snapshot") -> None:
        """Save all files; as hard links, because the index knows the store files by their inodes."""
        shutil.rmtree(self._snapshots / name, ignore_errors=True)
        shutil.copytree(self.root, self._snapshots / name, copy_function=_link_or_copy_index)

    def restore_snapshot(self, name: str = "snapshot") -> None:
        """Go back to the files of a snapshot."""
        shutil.rmtree(self.root)
        shutil.copytree(self._snapshots / name, self.root, copy_function=_link_or_copy_index)


def _link_or_copy_index(source: str, target: str) -> None:
    if source.endswith("index.sqlite"):  # the only file that is written in place
        shutil.copy2(source, target)
    else:
        os.link(source, target)


def _without_times(records: dict[str, Any]) -> dict[str, Any]:
    return {id_: _without_times_of_record(record) for id_, record in records.items()}


def _without_times_of_record(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without times; of a deletion it stays that there was one."""
    values = {name: value for name, value in record.items() if not name.endswith("_at")}
    if "corrections" in values:
        values["corrections"] = {name: each["value"] for name, each in values["corrections"].items()}
    return values | ({"is_deleted": True} if "deleted_at" in record else {})
