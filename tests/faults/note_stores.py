"""Two stores of notes under the same faults: readlist, and a plain TinyDB file as the obvious alternative."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from tinydb import TinyDB, where

from readlist import edits
from readlist.errors import ReadlistError
from tests.faults.sandbox import LibrarySandbox
from tests.library_files import refs


class StoredNotes(NamedTuple):
    """The notes that can be read, by paper, and whether the store detects that it is corrupt."""

    notes: dict[int, str]
    is_corrupt: bool


class NoteStore(Protocol):
    """One note per paper in one file, used by any number of processes; `write_note` returns once it is saved."""

    file: Path

    def write_note(self, paper: int, text: str) -> None: ...

    def read(self) -> StoredNotes: ...


class ReadlistNotes:
    """Notes in a library, each written as by a command of its own."""

    def __init__(self, sandbox: LibrarySandbox, papers: int) -> None:
        self.sandbox = sandbox
        sandbox.load(papers)
        self.file = sandbox.files.marks
        self.ids = {entry.paper.key: entry.paper.id for entry in sandbox.entries()}

    def write_note(self, paper: int, text: str) -> None:
        self.sandbox.library().apply(edits.ReplaceNote(text), refs(self.sandbox.library(), [paper]))

    def read(self) -> StoredNotes:
        try:
            marks, status, _ = self.sandbox.marks()
        except ReadlistError:
            return StoredNotes({}, is_corrupt=True)
        return StoredNotes(
            {self.ids[key]: mark.note for key, mark in marks.items()}, is_corrupt=status.problem is not None
        )


class PlainTinyDBNotes:
    """Notes in a TinyDB file, opened for each operation."""

    def __init__(self, sandbox: LibrarySandbox, _papers: int) -> None:
        self.file = sandbox.root / "plain.json"

    def write_note(self, paper: int, text: str) -> None:
        with TinyDB(self.file) as database:
            database.upsert({"paper": paper, "note": text}, where("paper") == paper)

    def read(self) -> StoredNotes:
        try:
            with TinyDB(self.file) as database:
                return StoredNotes({document["paper"]: document["note"] for document in database.all()}, False)
        except (ValueError, LookupError, TypeError, AttributeError, UnicodeError):
            return StoredNotes({}, is_corrupt=True)


NOTE_STORES: dict[str, Callable[[LibrarySandbox, int], NoteStore]] = {
    "readlist": ReadlistNotes,
    "plain TinyDB": PlainTinyDBNotes,
}

for_each_note_store = pytest.mark.parametrize(
    ("store_name", "divisor"),
    [
        ("readlist", 10),
        pytest.param("readlist", 1, marks=pytest.mark.slow),
        pytest.param("plain TinyDB", 1, marks=pytest.mark.slow),
    ],
    ids=["a tenth", "all", "plain TinyDB"],
)
"""Run a test with a tenth of the faults, with all of them, and with all of them on a plain TinyDB file."""
