"""Library.apply: every edit is one transaction, and one that fails or changes nothing leaves no trace."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from readlist import definition_edits, edits
from readlist.cli.context import find_directories
from readlist.errors import NoSuchItem, ReadlistError, StoreError, UsageError
from readlist.library.library import Library
from readlist.models import RELEVANCE, Appearance, Entry, Mark, Paper, Status
from readlist.search.query.parser import parse
from tests.library_files import refs, replace_papers
from tests.search.index_file import contents

TODAY = dt.date(2025, 6, 1)


@pytest.fixture
def library(own_folders: Path, seeds: Path) -> Library:
    library = Library(find_directories(str(own_folders / "home")))
    library.load([str(seeds)])
    return library


def files(library: Library) -> dict[Path, tuple[bytes, int]]:
    """Every file of the store with its content and modification time."""
    paths = [path for directory in library.directories[:2] for path in directory.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths if path.name != "lock"}


def descriptions(library: Library) -> list[str]:
    return [entry.description for entry in library.history()]


@pytest.mark.parametrize(
    ("edit", "ids", "description"),
    [
        (edits.SetStatus(Status.READ), [1, 2, 3, 9], "read 1-3 9"),
        (edits.SetStatus(Status.SKIPPED), [4], "skip 4"),
        (edits.SetStar(True), [12], "star 12"),
        (edits.AppendNote("compare with MXFP4"), [12], "note 12"),
        (edits.ReplaceNote("new"), [12], "note 12"),
        (edits.EditTags.parse(add=["to-try"], remove=["rl"]), [12, 13], "tag --add to-try --remove rl 12-13"),
        (definition_edits.SaveQuery.parse("@Fresh", "is:unread"), [], "query save fresh"),
        (definition_edits.RenameTag.parse("rl", "RLHF"), [], "tags rename rl RLHF"),
        (definition_edits.AddSynonyms.parse("사전학습=Pretraining"), [], "words add 사전학습 = Pretraining"),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "apply") else "",
)
def test_an_edit_is_one_entry_of_the_history_and_can_be_undone_and_redone(
    library: Library, edit: edits.Edit, ids: list[int], description: str
) -> None:
    everything = range(1, 14)
    before = (library.entries(everything), library.definitions())
    library.apply(edit, refs(library, ids))
    after = (library.entries(everything), library.definitions())
    assert descriptions(library) == [description, "load seeds: 13 papers added"]
    assert after != before
    assert [step.entry.description for step in library.undo()] == [description]
    assert (library.entries(everything), library.definitions()) == before
    assert [step.entry.description for step in library.redo()] == [description]
    assert (library.entries(everything), library.definitions()) == after


def test_apply_returns_the_entries_that_differ(library: Library) -> None:
    library.apply(edits.SetStar(True), refs(library, [3]))
    applied = library.apply(edits.SetStar(True), refs(library, [1, 2, 3]))
    assert [entry.paper.id for entry in applied.entries] == [1, 2]
    assert list(applied.entries) == library.entries([1, 2])


@pytest.mark.parametrize(
    ("edit", "ids"),
    [
        (edits.SetStatus(Status.UNREAD), [1, 2]),
        (edits.ReplaceNote(""), [1]),
        (edits.SetStar(True), []),
        (edits.UntrackSource("/no/such/source"), []),
        (edits.LoadPapers((), (), (), "load nothing"), []),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_edit_that_changes_nothing_writes_nothing(library: Library, edit: edits.Edit, ids: list[int]) -> None:
    before = files(library)
    library.apply(edit, refs(library, ids))
    assert files(library) == before


class _Failing:
    """An edit that fails at the second paper."""

    def __init__(self, error: BaseException) -> None:
        self._error = error
        self._calls = 0

    def describe(self) -> str:
        return "fail"

    def apply(self, entry: Entry, /) -> Mark:
        self._calls += 1
        if self._calls == 2:
            raise self._error
        return Mark(entry.paper.key, starred=True)


@pytest.mark.parametrize("error", [UsageError("too long"), KeyboardInterrupt(), ZeroDivisionError()])
def test_an_edit_that_fails_changes_neither_store_nor_history_nor_index(library: Library, error: BaseException) -> None:
    before, entries = files(library), library.entries(range(1, 14))
    with pytest.raises(type(error)):
        library.apply(_Failing(error), refs(library, [1, 2, 3]))
    assert files(library) == before
    assert library.entries(range(1, 14)) == entries
    library.apply(edits.SetStar(True), refs(library, [1]))  # and the lock is free


def test_an_edit_updates_the_index_without_a_rebuild(library: Library) -> None:
    inode = (library.directories.cache / "index.sqlite").stat().st_ino
    library.apply(edits.AppendNote("quokka"), refs(library, [12]))
    found = library.find(parse("quokka", TODAY), order=RELEVANCE)
    assert [hit.entry.paper.id for hit in found.hits] == [12]
    assert (library.directories.cache / "index.sqlite").stat().st_ino == inode


def test_papers_are_loaded_by_the_same_path(library: Library) -> None:
    paper = Paper("Tides", ("Ada Lovelace",), digests=(Appearance(TODAY, "mine.txt"),))
    library.apply(edits.LoadPapers((paper,), (), (), "load mine"))
    assert descriptions(library)[0] == "load mine: 1 paper added"
    assert library.entries([14])[0].paper.title == "Tides"
    library.undo()
    assert library.entries([14]) == []


def test_a_note_that_another_command_changed_is_not_overwritten(library: Library) -> None:
    library.apply(edits.ReplaceNote("theirs"), refs(library, [12]))
    with pytest.raises(ReadlistError, match="was changed by another command"):
        library.apply(edits.ReplaceNote("mine", expected=""), refs(library, [12]))
    assert library.entries([12])[0].mark.note == "theirs"


class _StarAfter(edits.SetStar):
    """Adds the star; before the lock is taken, another process changes the library."""

    def describe(self) -> str:
        other = Library(find_directories(os.environ["READLIST_HOME"]))
        known = other.entries([12])[0].paper
        paper = Paper(known.title, known.authors, tags=("new-tag",), digests=(Appearance(TODAY, "other.txt"),))
        other.apply(edits.LoadPapers((paper,), (), (), "load other"))
        return super().describe()


def test_an_edit_applies_to_the_papers_as_they_are_under_the_lock(library: Library) -> None:
    library.apply(_StarAfter(True), refs(library, [12]))
    (entry,) = library.entries([12])
    assert entry.mark.starred
    assert "new-tag" in entry.tags, "the index has what the other process loaded"


def test_a_corrupt_store_file_is_not_overwritten_by_any_edit(library: Library) -> None:
    library.apply(edits.SetStar(True), refs(library, [1]))
    marks = library.directories.data / "marks.json"
    marks.write_bytes(marks.read_bytes()[:-3])
    content = marks.read_bytes()
    for edit in (edits.SetStar(True), definition_edits.SaveQuery.parse("fresh", "is:unread")):
        with pytest.raises(StoreError, match=r"is corrupt: .*: the file is truncated"):
            library.apply(edit, refs(library, [2]))
    assert marks.read_bytes() == content


# A paper is its key


def test_an_edit_changes_the_paper_with_that_key_where_another_one_has_its_id_by_now(
    library: Library, seeds: Path, tmp_path: Path
) -> None:
    papers = refs(library, [3, 12])
    replace_papers(library, seeds, tmp_path / "other")
    assert not {paper.key for paper in papers} & {paper.key for paper in refs(library, [3, 12])}
    changed = library.apply(edits.SetStar(True), papers).entries
    assert [entry.paper.key for entry in changed] == [paper.key for paper in papers]
    assert [entry.paper.id for entry in changed] == [8, 4]
    assert [entry.mark.starred for entry in library.entries([8, 4, 3, 12])] == [True, True, False, False]
    library.undo()
    assert not any(entry.mark.starred for entry in library.entries(range(1, 14)))


def test_an_edit_of_a_paper_that_was_removed_changes_nothing(library: Library, seeds: Path, tmp_path: Path) -> None:
    papers = refs(library, [12, 3])
    replace_papers(library, seeds, tmp_path / "other", only_newest=True)
    before = files(library)
    with pytest.raises(NoSuchItem, match=rf"no longer in the library: 3 \({papers[1].key}\); nothing was changed"):
        library.apply(edits.SetStar(True), papers)
    assert files(library) == before


def test_an_edit_changes_nothing_while_a_record_of_any_paper_is_corrupt(library: Library) -> None:
    papers, path = refs(library, [3, 4]), library.directories.data / "papers.json"
    title = library.entries([3])[0].paper.title.encode()
    path.write_bytes(path.read_bytes().replace(title, title[:-1] + b"X"))
    for chosen in (papers, papers[1:]):
        with pytest.raises(StoreError, match=r"is corrupt: .*line"):
            library.apply(edits.SetStar(True), chosen)
    assert not library.entries([4])[0].mark.starred


def test_undoing_a_load_removes_its_papers_from_the_index_without_a_rebuild(library: Library, tmp_path: Path) -> None:
    index = library.directories.cache / "index.sqlite"
    library.apply(edits.AppendNote("quokka"), refs(library, [12]))
    before = contents(index)
    digest = tmp_path / "digest.txt"
    digest.write_text("2025-03-01\nA quokka of reasoning\n(Ada Lovelace)\nWombats.\n#quokka\n", encoding="utf-8")
    known = library.entries([3])[0].paper
    again = Paper(known.title, known.authors, digests=(Appearance(TODAY, "again.txt"),))
    library.load([str(digest)])
    library.apply(edits.LoadPapers((again,), (), (), "load again"))
    inode = index.stat().st_ino
    assert len(library.undo(2)) == 2
    assert library.entries([14]) == []
    assert [hit.entry.paper.id for hit in library.find(parse("quokka", TODAY), order=RELEVANCE).hits] == [12]
    assert index.stat().st_ino == inode
    del before["metadata"]
    assert {name: rows for name, rows in contents(index).items() if name in before} == before
    library.redo(2)
    assert [paper.id for paper in refs(library, [14])] == [14]
    assert index.stat().st_ino == inode
