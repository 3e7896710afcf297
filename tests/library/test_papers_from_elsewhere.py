"""Papers of another machine with other IDs, and numbers at their limits: none is there twice, no save is corrupt."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readlist import edits
from readlist.errors import ReadlistError, StoreError
from readlist.library.library import Directories, Library
from readlist.models import Status
from readlist.store import format as file_format
from readlist.store.marks import TABLES as MARKS_TABLES
from readlist.store.papers import TABLES as PAPERS_TABLES
from tests.library_files import refs
from tests.store_bytes import serialize


def open_library(root: Path, name: str = "a") -> Library:
    return Library(Directories(root / name, root / "state" / name, root / "cache" / name))


@pytest.fixture
def library(tmp_path: Path, seeds: Path) -> Library:
    library = open_library(tmp_path)
    library.load([str(min(seeds.iterdir()))])
    return library


def keys(library: Library) -> list[str]:
    return [paper.key for paper in library.resolve(["1-999999999"]).papers]


def rewrite(path: Path, change: Callable[[file_format.Tables], Any]) -> None:
    """Change a store file as another program that knows its format."""
    names = PAPERS_TABLES if path.name == "papers.json" else MARKS_TABLES
    tables = file_format.parse(path.read_bytes().splitlines(keepends=True), names).tables
    change(tables)
    path.write_bytes(serialize(tables))


def findings(library: Library) -> list[str]:
    return [finding.message for finding in library.doctor().diagnose()]


def test_redo_does_not_add_a_paper_that_another_machine_added_under_another_id(
    library: Library, tmp_path: Path, seeds: Path
) -> None:
    library.load([str(seeds)])
    library.undo()
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    other = open_library(tmp_path, "b")
    other.load([str(seeds)])
    shutil.copy(tmp_path / "b" / "papers.json", tmp_path / "a" / "papers.json")
    (step,) = library.redo()
    assert not step.is_complete
    assert "9 Learning to Reason without External Rewards" in step.describe("redone")
    assert keys(library) == keys(other)
    assert len(set(keys(library))) == len(keys(library)) == 13


def test_a_key_that_two_papers_have_is_corruption_of_the_second(library: Library, tmp_path: Path) -> None:
    papers = tmp_path / "a" / "papers.json"
    rewrite(papers, lambda tables: tables["papers"].update({"20": tables["papers"]["3"]}))
    library = open_library(tmp_path)
    with pytest.raises(StoreError, match="papers 20: it has the key of paper 3"):
        library.apply(edits.SetStar(True), refs(library, [3]))
    assert any("8 papers from the file" in line for line in library.doctor().repair())
    library.apply(edits.SetStar(True), refs(library, [3]))
    assert findings(library) == []


@pytest.mark.parametrize("sequence", [1 << 53, (1 << 53) - 1, 10**15, 10**18])
def test_a_save_over_a_file_with_a_huge_sequence_is_valid(library: Library, tmp_path: Path, sequence: int) -> None:
    rewrite(tmp_path / "a" / "marks.json", lambda tables: tables["_meta"]["1"].update(sequence=sequence))
    library = open_library(tmp_path)
    if findings(library):
        list(library.doctor().repair())
    for id_ in (3, 4):
        library.apply(edits.AppendNote("saved"), refs(library, [id_]))
    assert findings(open_library(tmp_path)) == []


def test_a_load_without_a_free_id_changes_nothing(library: Library, tmp_path: Path, seeds: Path) -> None:
    rewrite(tmp_path / "a" / "papers.json", lambda tables: tables["_meta"]["1"].update(next_id=999_999_998))
    library = open_library(tmp_path)
    with pytest.raises(ReadlistError, match="no free ID for a new paper"):
        library.load([str(seeds)])
    assert len(keys(library)) == 8
    assert findings(library) == []


def test_both_notes_of_a_merge_conflict_are_in_the_repaired_file(library: Library, tmp_path: Path) -> None:
    marks = tmp_path / "a" / "marks.json"
    library.apply(edits.SetStatus(Status.READ), refs(library, [3]))
    library.apply(edits.AppendNote("ours"), refs(library, [3]))
    ours = marks.read_bytes().splitlines()
    library.undo(2)
    library.apply(edits.AppendNote("theirs"), refs(library, [3]))
    theirs = marks.read_bytes().splitlines()
    line = next(number for number, text in enumerate(ours) if b"ours" in text)
    sides = [b"<<<<<<< HEAD", ours[line], b"=======", theirs[line], b">>>>>>> other"]
    marks.write_bytes(b"\n".join([*ours[:line], *sides, *ours[line + 1 :], b""]))
    shutil.rmtree(tmp_path / "state")
    library = open_library(tmp_path)
    assert any("1 mark from both sides of a conflict" in text for text in library.doctor().repair())
    (entry,) = library.entries([3])
    assert set(entry.mark.note.split("\n\n")) == {"ours", "theirs"}
    assert entry.mark.status is Status.READ
    assert findings(library) == []
