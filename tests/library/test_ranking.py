"""Ranking of given papers by what the user likes: the new ones of a day."""

from __future__ import annotations

from pathlib import Path

from readlist import edits
from readlist.library.library import Library
from readlist.search.query.ast import And
from tests.library_files import LibraryFiles, refs


def test_new_papers_are_in_the_order_of_their_ids_until_the_user_stars_one(tmp_path: Path, seeds: Path) -> None:
    library = Library(LibraryFiles(tmp_path).directories)
    library.load([str(seeds)])
    new = library.today(And(), limit=None).new
    assert [one.entry.paper.id for one in new] == [9, 10, 11, 12, 13]
    library.apply(edits.SetStar(True), refs(library, [5]))
    ranked = library.today(And(), limit=None).new
    assert {one.entry.paper.id for one in ranked} == {9, 10, 11, 12, 13}
    assert ranked[0].entry.paper.id == 12
    assert "(starred)" in ranked[0].reason
    assert [one.entry.paper.id for one in library.today(And(), limit=1).new] == [12]
