"""A library that other programs change too: a sync tool during a command, a process with another state directory."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readlist import edits
from readlist.library.library import Directories, Library
from readlist.store.file import StoreFile
from tests.library_files import refs

_WRITER = """
import sys
from pathlib import Path
from readlist import edits
from readlist.errors import Busy
from readlist.library.library import Directories, Library

data, state, id_ = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
library = Library(Directories(data, state, state / "cache"))
for number in range(40):
    try:
        library.apply(edits.AppendNote(f"n{number}"), library.resolve([id_]).papers)
        print(f"n{number}")
    except Busy:
        pass
"""


def open_library(root: Path, state: str = "state", data: str = "data") -> Library:
    return Library(Directories(root / data, root / state, root / state / "cache"))


@pytest.fixture
def library(tmp_path: Path, seeds: Path) -> Library:
    library = open_library(tmp_path)
    library.load([str(seeds)])
    return library


def add_note(library: Library, id_: int, text: str) -> None:
    library.apply(edits.AppendNote(text), refs(library, [id_]))


def note(library: Library, id_: int) -> str:
    return library.entries([id_])[0].mark.note


def replace(path: Path, content: bytes) -> None:
    """Replace a file as a sync tool does."""
    temporary = path.with_name(".sync")
    temporary.write_bytes(content)
    temporary.replace(path)


def test_two_state_directories_lose_no_acknowledged_note(library: Library, tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, tmp_path / "data", tmp_path / f"state{id_}", id_],
            stdout=subprocess.PIPE,
            text=True,
        )
        for id_ in ("3", "4")
    ]
    acknowledged = [writer.communicate(timeout=60)[0].split() for writer in writers]
    assert all(acknowledged)
    assert [note(library, 3).split(), note(library, 4).split()] == acknowledged


@pytest.fixture
def synced_after_papers(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put marks.json of another machine, with a note on paper 5, in place just after papers.json was saved."""
    shutil.copytree(tmp_path / "data", tmp_path / "other")
    add_note(open_library(tmp_path, "other-state", "other"), 5, "theirs")
    theirs = (tmp_path / "other" / "marks.json").read_bytes()
    save = StoreFile.save

    def save_and_sync(file: StoreFile, *args: object, **options: object) -> None:
        save(file, *args, **options)  # type: ignore[arg-type]  # passed on unchanged
        if file.path.name == "papers.json":
            replace(tmp_path / "data" / "marks.json", theirs)

    monkeypatch.setattr(StoreFile, "save", save_and_sync)


@pytest.mark.usefixtures("synced_after_papers")
def test_the_index_is_not_taken_for_that_of_a_file_which_arrived_during_the_change(
    library: Library, tmp_path: Path, seeds: Path
) -> None:
    assert library.untrack(str(seeds))
    assert note(open_library(tmp_path), 5) == "theirs"


@pytest.mark.usefixtures("synced_after_papers")
def test_a_load_whose_papers_are_saved_does_not_fail(library: Library, tmp_path: Path) -> None:
    (tmp_path / "ebb.txt").write_text("2025-06-02\nEbb\n(Ada Lovelace)\n", encoding="utf-8")
    assert len(library.load([str(tmp_path / "ebb.txt")]).added) == 1
    assert note(open_library(tmp_path), 5) == "theirs"


def test_the_state_that_a_sync_tool_replaces_by_an_older_one_is_kept_and_named(tmp_path: Path, seeds: Path) -> None:
    lines: list[str] = []
    directories = Directories(tmp_path / "data", tmp_path / "state", tmp_path / "cache")
    library = Library(directories, notify=lines.append)
    library.load([str(seeds)])
    marks = tmp_path / "data" / "marks.json"
    shutil.copy2(marks, tmp_path / "older")
    add_note(library, 3, "acknowledged")
    assert lines == []
    shutil.copy2(tmp_path / "older", tmp_path / "data" / ".sync")
    (tmp_path / "data" / ".sync").replace(marks)
    for starred in (True, False):
        for id_ in range(1, 10):
            library.apply(edits.SetStar(starred), refs(library, [id_]))
    (line,) = lines
    assert line.startswith(f"Another program replaced {marks} by an older state")
    library.restore(line.rpartition(" ")[2])  # its name before it was pinned
    assert note(library, 3) == "acknowledged"
