"""Who keeps a reader's notes, under the same faults: readlist, and a plain TinyDB file as anyone would write it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from tinydb import TinyDB, where

from readlist import edits
from readlist.errors import ReadlistError
from tests.faults.home import Home


class Kept(NamedTuple):
    """The notes that a reader is shown, by paper, and whether it is noticed that something is wrong with them."""

    notes: dict[int, str]
    noticed: bool


class Keeper(Protocol):
    """Keeps a note a paper in one file, for any number of processes; `note` comes back once it is saved."""

    file: Path

    def note(self, paper: int, text: str) -> None: ...

    def kept(self) -> Kept: ...


class Readlist:
    """readlist, each note being a command of its own."""

    def __init__(self, home: Home, papers: int) -> None:
        self.home = home
        home.load(papers)
        self.file = home.marks_file
        self.ids = {entry.paper.key: entry.paper.id for entry in home.entries()}

    def note(self, paper: int, text: str) -> None:
        self.home.library().apply(edits.ReplaceNote(text), [paper])

    def kept(self) -> Kept:
        try:
            marks, damage, _ = self.home.marks()
        except ReadlistError:
            return Kept({}, noticed=True)
        return Kept({self.ids[key]: mark.note for key, mark in marks.items()}, noticed=bool(damage))


class PlainTinyDB:
    """A TinyDB file, opened once a process."""

    def __init__(self, home: Home, _papers: int) -> None:
        self.file = home.root / "plain.json"

    def note(self, paper: int, text: str) -> None:
        with TinyDB(self.file) as db:
            db.upsert({"paper": paper, "note": text}, where("paper") == paper)

    def kept(self) -> Kept:
        try:
            with TinyDB(self.file) as db:
                return Kept({one["paper"]: one["note"] for one in db.all()}, noticed=False)
        except (ValueError, LookupError, TypeError, AttributeError, UnicodeError):
            return Kept({}, noticed=True)


KEEPERS: dict[str, Callable[[Home, int], Keeper]] = {"readlist": Readlist, "plain TinyDB": PlainTinyDB}

under_the_same_faults = pytest.mark.parametrize(
    ("who", "part"),
    [
        ("readlist", 10),
        pytest.param("readlist", 1, marks=pytest.mark.slow),
        pytest.param("plain TinyDB", 1, marks=pytest.mark.slow),
    ],
    ids=["a tenth", "all", "plain TinyDB"],
)
"""For a test of `who` keeps a reader's notes; the comparison is made with all of the faults."""
