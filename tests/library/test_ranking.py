"""Ranking of given papers by what the user likes."""

from __future__ import annotations

from pathlib import Path

from readlist import edits
from readlist.library.library import Library
from tests.library_files import LibraryFiles, refs


def test_given_papers_are_ranked_by_their_date_until_the_user_stars_one(tmp_path: Path, seeds: Path) -> None:
    library = Library(LibraryFiles(tmp_path).directories)
    library.load([str(seeds)])
    plain = library.rank([1, 2, 5, 13])
    assert not plain.learned
    assert [one.entry.paper.id for one in plain.papers] == [13, 1, 2, 5]
    library.apply(edits.SetStar(True), refs(library, [3, 12]))
    ranked = library.rank([1, 2, 5, 13])
    assert ranked.learned
    assert {one.entry.paper.id for one in ranked.papers} == {1, 2, 5, 13}
    assert ranked.papers[0].entry.paper.id == 5
    assert "(starred)" in ranked.papers[0].reason
