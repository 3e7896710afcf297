"""The marks of the other persons of a lab in a library: how the index follows their file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readlist.edits import SetStar
from readlist.errors import QueryError
from readlist.library import index_sync
from readlist.library.library import Library
from readlist.store.people import remove_people, write_people
from tests.conftest import Run
from tests.library_files import LibraryFiles, refs

STAR = {"starred": True, "starred_at": "2026-01-03T08:00:00Z"}


def people_file(files: LibraryFiles) -> Path:
    return files.state / "sync" / "people.json"


def share(files: LibraryFiles, **people: dict[int, dict[str, Any]]) -> None:
    """Write the marks of persons by the IDs of papers, as a sync of the lab does."""
    library = Library(files.directories)
    keys = {entry.paper.id: entry.paper.key for entry in library.entries(range(1, 14))}
    write_people(
        people_file(files),
        {person: {keys[id_]: record for id_, record in marks.items()} for person, marks in people.items()},
    )


def test_the_names_are_known_as_soon_as_the_file_is_there(loaded: Run, files: LibraryFiles) -> None:
    library = Library(files.directories)
    assert library.people() == []
    share(files, lee={1: STAR}, kim={})
    assert library.people() == ["kim", "lee"]
    remove_people(people_file(files))
    assert library.people() == []


def test_new_marks_of_others_do_not_rebuild_the_index(
    loaded: Run, files: LibraryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    share(files, lee={1: STAR})
    library = Library(files.directories)
    monkeypatch.setattr(index_sync.IndexSync, "rebuild", lambda _: pytest.fail("rebuilt"))
    assert library.people() == ["lee"]
    share(files, lee={1: STAR}, kim={2: STAR})
    assert [entry.votes for entry in library.entries([1, 2, 3])] == [1, 1, 0]


def test_a_rebuild_and_later_changes_keep_the_marks_of_others(loaded: Run, files: LibraryFiles) -> None:
    share(files, lee={1: STAR})
    files.index.unlink()
    library = Library(files.directories)
    assert library.people() == ["lee"]
    library.apply(SetStar(starred=True), refs(library, [1]))
    assert [entry.votes for entry in library.entries([1])] == [2]
    assert loaded("doctor").code == 0


def test_a_corrupt_file_is_a_notice_and_a_finding_of_the_doctor(loaded: Run, files: LibraryFiles) -> None:
    share(files, lee={1: STAR})
    people_file(files).write_bytes(b"<<<<<<< HEAD\n")
    done = loaded("list", "id:1")
    problem = f"the file with the marks of others is corrupt: {people_file(files)}"
    assert (done.code, done.err) == (0, f"{problem}; to write it again: readlist sync\n")
    assert loaded("list", "id:1").err == ""  # the index is current without them
    done = loaded("doctor")
    assert problem in done.out + done.err
    share(files, lee={1: STAR})
    assert Library(files.directories).people() == ["lee"]


def test_a_query_for_a_source_cannot_ask_for_marks_of_others(loaded: Run, files: LibraryFiles, seeds: Path) -> None:
    share(files, lee={1: STAR})
    done = loaded("load", seeds, "--only", "by:lee")
    assert done.code == QueryError.exit_code
    assert "nobody else shares marks with this library: by:lee" in done.err
