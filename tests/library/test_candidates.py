"""A load, `add` and `fetch` compare papers with those that the index finds by their identity codes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from readlist.cli.context import find_directories
from readlist.library.index_sync import IndexSync
from readlist.library.library import Library
from readlist.models import Appearance, Paper
from readlist.paper_edits import DeletePapers, MergePapers
from readlist.search.index.errors import IndexCorrupt
from readlist.store import duplicates
from readlist.store.matching import PaperMatcher
from tests.library_files import refs

DIGEST = "2025-03-01\n{}\n(Ada Lovelace)\nA view of it.\n"


@pytest.fixture
def library(own_folders: Path, seeds: Path) -> Library:
    library = Library(find_directories(str(own_folders / "home")))
    library.load([str(seeds)])
    return library


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The IDs of the records with which each load compares its papers."""
    calls: list[list[str]] = []

    def match(records: Mapping[str, Mapping[str, Any]], *rest: Any) -> PaperMatcher:
        calls.append(list(records))
        return PaperMatcher(records, *rest)

    monkeypatch.setattr(duplicates, "PaperMatcher", match)
    return calls


def load(library: Library, path: Path, title: str) -> None:
    path.write_text(DIGEST.format(title), encoding="utf-8")
    library.load([str(path)])


def test_a_digest_is_compared_with_the_papers_that_it_may_have_in_common(
    library: Library, compared: list[list[str]], tmp_path: Path
) -> None:
    title = library.entries([3])[0].paper.title
    load(library, tmp_path / "new.txt", "A paper that nobody has")
    load(library, tmp_path / "known.txt", title)
    assert compared == [[], ["3"]]


def test_all_papers_of_a_file_that_is_read_again_are_compared(
    library: Library, compared: list[list[str]], tmp_path: Path
) -> None:
    load(library, tmp_path / "new.txt", "A paper that nobody has")
    load(library, tmp_path / "new.txt", "A paper that none of us has")
    assert compared == [[], ["14"]]


def test_a_deleted_paper_and_a_merged_one_are_compared(
    library: Library, compared: list[list[str]], tmp_path: Path
) -> None:
    deleted, merged = (entry.paper.title for entry in library.entries([3, 5]))
    library.apply(DeletePapers(), refs(library, [3]))
    library.apply(MergePapers(), refs(library, [4, 5]))
    load(library, tmp_path / "deleted.txt", deleted)
    load(library, tmp_path / "merged.txt", merged)
    assert compared == [["3"], ["4"]]


def test_without_an_index_that_can_be_read_all_papers_are_compared(
    library: Library, compared: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise IndexCorrupt("malformed")

    with monkeypatch.context() as patch:
        patch.setattr(IndexSync, "read_unchecked", fail)
        assert library._index.find_candidates({1}, ("", "", "")) is None
    assert library._index.find_candidates({1}, ("another", "state", "")) is None
    monkeypatch.setattr(IndexSync, "find_candidates", lambda *_args, **_options: None)
    load(library, tmp_path / "new.txt", "A paper that nobody has")
    assert compared == [[str(id_) for id_ in range(1, 14)]]


def test_a_paper_that_undo_removed_is_no_candidate(library: Library, compared: list[list[str]], tmp_path: Path) -> None:
    load(library, tmp_path / "new.txt", "A paper that nobody has")
    library.undo()
    load(library, tmp_path / "again.txt", "A paper that nobody has")
    assert compared == [[], []]


def test_the_known_papers_of_a_library_are_found(library: Library) -> None:
    title, authors = (library.entries([3])[0].paper.title, library.entries([3])[0].paper.authors)
    papers = [Paper(name, authors, digests=(Appearance(None, ""),)) for name in (title, "A paper that nobody has")]
    assert [paper and paper.id for paper in library.find_known(papers)] == [3, None]
