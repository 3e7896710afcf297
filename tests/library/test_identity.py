"""Which files, backups and histories belong to a library that is moved, or that is mixed up with another one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from readlist import edits
from readlist.errors import StoreError
from readlist.library.library import Directories, Library
from tests.library_files import refs


def open_library(root: Path, name: str) -> Library:
    return Library(Directories(root / name, root / "state" / name, root / "cache" / name))


@pytest.fixture
def library(tmp_path: Path, seeds: Path) -> Library:
    library = open_library(tmp_path, "a")
    library.load([str(seeds)])
    add_note(library, 3, "first")
    return library


def add_note(library: Library, id_: int, text: str) -> None:
    library.apply(edits.AppendNote(text), refs(library, [id_]))


def notes(library: Library) -> list[str]:
    return [note for entry in library.entries(range(1, 14)) if (note := entry.mark.note)]


def move(root: Path, old: str, new: str) -> Library:
    (root / old).rename(root / new)
    return open_library(root, new)


def repair(library: Library) -> list[str]:
    return list(library.doctor().repair())


@pytest.mark.parametrize("names", [("a", "b", "c"), ("a", "c", "b"), ("c", "a", "b")])
def test_a_library_that_was_moved_twice_has_the_backups_and_the_history_of_its_last_path(
    library: Library, tmp_path: Path, names: tuple[str, str, str]
) -> None:
    first, second, third = names
    if first != "a":
        library = move(tmp_path, "a", first)
        add_note(library, 4, "fourth")
    add_note(move(tmp_path, first, second), 5, "fifth")
    library = move(tmp_path, second, third)
    before = notes(library)
    (tmp_path / third / "marks.json").unlink()
    repair(library)
    assert notes(open_library(tmp_path, third)) == before
    assert [step.entry.description for step in open_library(tmp_path, third).undo()] == ["note 5"]


def test_a_library_that_returns_to_its_first_path_has_the_history_of_the_other_one(
    library: Library, tmp_path: Path
) -> None:
    other = move(tmp_path, "a", "b")
    add_note(other, 5, "fifth")
    library = move(tmp_path, "b", "a")
    add_note(library, 6, "sixth")
    assert [step.entry.description for step in library.undo(3)] == ["note 6", "note 5", "note 3"]


def another_library(root: Path, seeds: Path) -> Library:
    other = open_library(root, "other")
    other.load([str(seeds)])
    add_note(other, 7, "of another library")
    return other


@pytest.mark.parametrize("name", ["papers.json", "marks.json"])
def test_of_two_files_that_do_not_belong_together_the_foreign_one_is_named(
    library: Library, tmp_path: Path, seeds: Path, name: str
) -> None:
    another_library(tmp_path, seeds)
    shutil.copy(tmp_path / "other" / name, tmp_path / "a" / name)
    library = open_library(tmp_path, "a")
    with pytest.raises(StoreError, match=rf"belongs to another library: \S+{name}; .* backup restore {name};"):
        add_note(library, 4, "fourth")
    library.restore(name)
    assert notes(open_library(tmp_path, "a")) == ["first"]


def test_a_repair_takes_no_marks_from_the_backup_of_a_library_that_was_at_the_same_path(
    library: Library, tmp_path: Path, seeds: Path
) -> None:
    (tmp_path / "a").rename(tmp_path / "removed")
    another_library(tmp_path, seeds)
    (tmp_path / "other").rename(tmp_path / "a")
    repair(open_library(tmp_path, "a"))
    add_note(open_library(tmp_path, "a"), 9, "also of another library")
    shutil.rmtree(tmp_path / "a")
    library = move(tmp_path, "removed", "a")
    repair(library)
    marks = tmp_path / "a" / "marks.json"
    marks.write_bytes(marks.read_bytes()[:150])
    repair(library)
    assert notes(open_library(tmp_path, "a")) == ["first"]


def test_a_process_that_runs_while_the_library_is_replaced_changes_nothing_until_the_new_one_is_accepted(
    library: Library, tmp_path: Path, seeds: Path
) -> None:
    another_library(tmp_path, seeds)
    for name in ("papers.json", "marks.json"):
        shutil.copy(tmp_path / "other" / name, tmp_path / "a" / name)
    with pytest.raises(StoreError, match="belongs to another library"):
        add_note(library, 8, "before it")
    repair(open_library(tmp_path, "a"))
    add_note(library, 8, "after it")
    add_note(open_library(tmp_path, "a"), 9, "and by a new process")
    assert notes(library) == ["of another library", "after it", "and by a new process"]
