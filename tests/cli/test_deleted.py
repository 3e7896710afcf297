"""Deleted papers on the command line: what shows them, and what says that they were deleted."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from readlist.store import Store
from tests.conftest import Run
from tests.library_files import LibraryFiles


@pytest.fixture
def deleted(loaded: Run, own_folders: Path) -> Run:
    """A library whose papers 3 and 4 were deleted."""
    files = LibraryFiles(own_folders)
    store = Store(files.data, files.state)
    with store.papers.transaction() as papers:
        papers.set_deleted([3, 4], dt.datetime(2025, 3, 1, tzinfo=dt.UTC))
    return loaded


@pytest.mark.parametrize("command", ["list", "search", "export"])
def test_is_deleted_lists_deleted_papers_alone(deleted: Run, command: str) -> None:
    form = ["--to", "json"] if command == "export" else ["--json"]
    assert sorted(entry["id"] for entry in deleted(command, "is:deleted", *form).json) == [3, 4]
    assert {entry["id"] for entry in deleted(command, "date:2025", *form).json}.isdisjoint({3, 4})


def test_counts_are_of_the_deleted_papers_if_the_query_requires_them(deleted: Run) -> None:
    assert deleted("stats", "is:deleted", "--json").json["papers"] == 2
    assert deleted("stats", "--json").json["papers"] == 11
    assert deleted("tags", "is:deleted", "--json").code == 0


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (["3"], "readlist: paper 3 was deleted; to restore it: readlist delete --restore 3"),
        (
            ["4", "3", "99"],
            "readlist: papers 3, 4 were deleted; to restore them: readlist delete --restore 3-4; no paper has ID 99",
        ),
    ],
)
def test_an_item_that_names_a_deleted_paper_says_how_to_restore_it(
    deleted: Run, items: list[str], message: str
) -> None:
    done = deleted("show", *items)
    assert (done.code, done.err.strip()) == (3, message)
