"""A load of a file looks at the documents alone that it may have to do with, and decides as with all of them."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest

from readlist.library.library import Directories, Library
from readlist.library.loading import document_keys
from readlist.search.index.definition_rows import decode_document

DIGEST = "2025-02-{0:02}\nOn Tides {0}\n(Ada Lovelace, Alan Turing)\nTides rise and fall.\n"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library with ten digests of one directory, `2025/01.txt` to `2025/10.txt`."""
    (tmp_path / "2025").mkdir()
    for day in range(1, 11):
        (tmp_path / f"2025/{day:02}.txt").write_text(DIGEST.format(day))
    library = Library(Directories(tmp_path / "data", tmp_path / "state", tmp_path / "cache"), lambda _: None)
    library.load([str(tmp_path / "2025")])
    return library


def test_of_ten_known_documents_none_is_decoded_for_a_new_file(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = Mock(wraps=decode_document)
    monkeypatch.setattr("readlist.search.definitions.decode_document", decode)
    (tmp_path / "new.txt").write_text(DIGEST.format(20))
    assert len(library.load([str(tmp_path / "new.txt")]).added) == 1
    decode.assert_not_called()


def test_a_known_file_is_not_read_again_by_its_own_path(tmp_path: Path, library: Library) -> None:
    report = library.load([str(tmp_path / "2025/03.txt")])
    assert (report.unchanged, report.added) == (1, [])


def test_a_renamed_file_is_known_by_its_size_and_time(tmp_path: Path, library: Library) -> None:
    moved = (tmp_path / "2025/03.txt").rename(tmp_path / "third.txt")
    report = library.load([str(moved)])
    assert (report.unchanged, report.added) == (1, [])


def test_another_file_of_a_known_name_gets_its_directory_in_front(tmp_path: Path, library: Library) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/03.txt").write_text(DIGEST.format(21))
    (paper,) = library.load([str(tmp_path / "other/03.txt")]).added
    assert [digest.source for digest in paper.digests] == ["other/03.txt"]
    (tmp_path / "third/other").mkdir(parents=True)
    (tmp_path / "third/other/03.txt").write_text(DIGEST.format(22))
    (paper,) = library.load([str(tmp_path / "third/other/03.txt")]).added
    assert [digest.source for digest in paper.digests] == ["third/other/03.txt"]


def test_what_cannot_be_read_has_no_name_to_look_for(tmp_path: Path) -> None:
    """Else the time to load a missing path grew with the square of its depth."""
    missing, deep = str(tmp_path / "missing.txt"), "a/" * 1_000 + "b"
    assert document_keys([missing]) == {missing}
    assert document_keys([deep]) is None
