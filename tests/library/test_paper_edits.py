"""Papers are corrected, merged, deleted and filled; each is one step of the history, and survives a reload."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from readlist import edits
from readlist.cli.context import find_directories
from readlist.errors import UsageError
from readlist.library.library import Library
from readlist.models import Appearance, Entry, Paper, Status
from readlist.paper_edits import (
    DeletePapers,
    EditPaper,
    FillPapers,
    MergePapers,
    PaperEdit,
    RestorePapers,
    merge_marks,
)
from readlist.store.format import META, META_ID
from tests.library_files import refs

DIGEST = """2025-02-11

On Tides
(Ada Lovelace)
Tides rise and fall.
조수에 대한 논문.
A paper on tides.
#tides

Of Winds
(Alan Turing)
Winds blow.
"""
SECOND = """2025-02-12

On Tidal Waves
(Ada Lovelace, Grace Hopper)
Waves rise and fall.
파도에 대한 논문.
#waves
"""


@pytest.fixture
def library(own_folders: Path, tmp_path: Path) -> Library:
    library = Library(find_directories(str(own_folders / "home")))
    (tmp_path / "first.txt").write_text(DIGEST, encoding="utf-8")
    (tmp_path / "second.txt").write_text(SECOND, encoding="utf-8")
    library.load([str(tmp_path / "first.txt"), str(tmp_path / "second.txt")])
    return library


def stored(library: Library, id_: int) -> Paper:
    (paper,) = (paper for paper in library._store.papers.read().papers if paper.id == id_)
    return paper


def entry(library: Library, id_: int) -> Entry:
    (found,) = library.entries([id_])
    return found


def reload(library: Library, tmp_path: Path) -> None:
    """Load both digests again, as if they had changed."""
    for name, text in (("first.txt", DIGEST), ("second.txt", SECOND)):
        (tmp_path / name).write_text(f"{text}\n", encoding="utf-8")
    library.load([str(tmp_path / "first.txt"), str(tmp_path / "second.txt")])


def correct(library: Library, id_: int, *, resets: bool = False, **texts: str) -> None:
    library.apply(EditPaper.parse(texts, resets=resets), refs(library, [id_]))


# Corrections


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("title", " On  High Tides ", "On High Tides"),
        ("authors", "Lovelace, Ada; Turing, Alan", ("Lovelace, Ada", "Turing, Alan")),
        ("authors", "Ada Lovelace, Alan Turing", ("Ada Lovelace", "Alan Turing")),
        ("url", "https://example.org/tides", "https://example.org/tides"),
        ("arxiv_id", "arXiv:2502.06781v2", "2502.06781"),
        ("doi", "https://doi.org/10.1000/AB", "10.1000/ab"),
        ("abstract", "One.\n\nTwo.", "One.\n\nTwo."),
        ("abstract", "", ""),
    ],
)
def test_a_corrected_field_has_the_new_value_after_a_reload_and_the_old_one_after_undo(
    library: Library, tmp_path: Path, field: str, text: str, value: object
) -> None:
    before = getattr(entry(library, 1).paper, field)
    library.apply(EditPaper.parse({field: text}), refs(library, [1]))
    assert getattr(entry(library, 1).paper, field) == value == getattr(stored(library, 1), field)
    reload(library, tmp_path)
    assert getattr(entry(library, 1).paper, field) == value
    library.undo(2)
    assert getattr(entry(library, 1).paper, field) == before
    library.redo(1)
    assert getattr(entry(library, 1).paper, field) == value


def test_a_corrected_date_is_that_of_the_newest_digest(library: Library) -> None:
    correct(library, 1, date="2025-03-01")
    assert str(entry(library, 1).paper.date) == "2025-03-01"
    assert str(entry(library, 2).paper.date) == "2025-02-11"
    correct(library, 1, date="")
    assert entry(library, 1).paper.date is None


def test_all_corrections_are_removed_by_a_reset(library: Library) -> None:
    before = stored(library, 1)
    correct(library, 1, title="Other", url="https://example.org/")
    correct(library, 1, resets=True)
    assert stored(library, 1) == before
    assert [step.description for step in library.history()][:2] == ["edit --reset 1", "edit --title --url 1"]


def test_a_correction_to_the_present_value_changes_nothing(library: Library) -> None:
    history = library.history()
    correct(library, 1, title="On Tides", authors="Ada Lovelace", date="2025-02-11")
    assert library.history() == history


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("title", " ", "the title is empty"),
        ("title", "x" * 501, "title is too long: 501 characters; the maximum is 500"),
        ("authors", "x" * 201, "author is too long"),
        ("date", "tomorrowish", "invalid date: tomorrowish; write 2025-02-11"),
        ("url", "javascript:alert(1)", "invalid URL: javascript:alert"),
        ("arxiv_id", "250", "invalid arXiv ID: 250; write 2502.06781"),
        ("doi", "none", "invalid DOI: none; write 10.1000/182"),
        ("doi", "10.48550/arXiv.2502.06781", "arXiv assigned it; set the arXiv ID to 2502.06781"),
        ("abstract", "x" * 20_001, "abstract is too long"),
    ],
)
def test_an_invalid_value_is_refused(field: str, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        EditPaper.parse({field: text})


def test_a_paper_is_found_and_matched_by_its_corrected_title(library: Library, tmp_path: Path) -> None:
    correct(library, 2, title="Of Storms")
    (tmp_path / "third.txt").write_text("2025-02-13\n\nOf Storms\n(Alan Turing)\nStorms.\n", encoding="utf-8")
    report = library.load([str(tmp_path / "third.txt")])
    assert [paper.id for paper in report.repeated] == [2]


# Merging


def test_two_merged_papers_are_one_with_the_digests_comments_tags_and_ids_of_both(library: Library) -> None:
    correct(library, 3, arxiv_id="2502.00001")
    library.apply(MergePapers(), refs(library, [3, 1]))
    paper = entry(library, 1).paper
    assert [(str(digest.date), digest.source) for digest in paper.digests] == [
        ("2025-02-11", "first.txt"),
        ("2025-02-12", "second.txt"),
    ]
    assert paper.title == "On Tides"
    assert paper.comments["ko"] == "조수에 대한 논문.\n\n파도에 대한 논문."
    assert paper.tags == ("tides", "waves")
    assert paper.arxiv_id == "2502.00001"
    assert library.entries([3]) == []
    library.undo()
    assert entry(library, 1).paper.tags == ("tides",)
    assert entry(library, 3).paper.title == "On Tidal Waves"


def test_a_digest_that_is_loaded_again_does_not_bring_a_merged_paper_back(library: Library, tmp_path: Path) -> None:
    library.apply(MergePapers(), refs(library, [1, 3]))
    before = stored(library, 1)
    reload(library, tmp_path)
    assert stored(library, 1) == before
    assert len(list(library._store.papers.read().papers)) == 2


def test_the_marks_of_merged_papers_are_one_mark(library: Library) -> None:
    library.apply(edits.SetStatus(Status.READ), refs(library, [3]))
    library.apply(edits.SetStar(True), refs(library, [1]))
    library.apply(edits.AppendNote("high"), refs(library, [1]))
    library.apply(edits.AppendNote("low"), refs(library, [3]))
    library.apply(edits.EditTags.parse(add=["sea"]), refs(library, [3]))
    before = library.entries([1, 3])
    library.apply(MergePapers(), refs(library, [1, 3]))
    mark = entry(library, 1).mark
    assert (mark.status, mark.starred, mark.note, mark.tags_added) == (Status.READ, True, "high\n\nlow", ("sea",))
    library.undo()
    assert library.entries([1, 3]) == before
    library.redo()
    assert entry(library, 1).mark == mark


def test_a_mark_merged_with_an_empty_one_is_the_mark() -> None:
    from tests.exporters.test_exporters import FULL

    mark = FULL.mark
    empty = edits.build_entry(Paper("x", key="other"), None).mark
    assert merge_marks(mark, empty) == mark


def test_an_identifier_in_place_of_a_title_is_replaced_by_the_title_of_the_merged_paper(
    library: Library, tmp_path: Path
) -> None:
    stub = Paper("arXiv:2502.00009", arxiv_id="2502.00009", digests=(Appearance(dt.date(2025, 2, 13), ""),))
    titled = Paper("On Icebergs", ("Ada Lovelace",), digests=(Appearance(dt.date(2025, 2, 14), "ice.txt"),))
    library.apply(edits.LoadPapers([stub, titled], (), (), "load"))
    library.apply(MergePapers(), refs(library, [4, 5]))
    paper = entry(library, 4).paper
    assert (paper.title, paper.authors, paper.arxiv_id) == ("On Icebergs", ("Ada Lovelace",), "2502.00009")


def test_a_paper_is_deleted_after_a_merge_only_where_both_were(library: Library) -> None:
    both = refs(library, [1, 3])
    library.apply(DeletePapers(), both[:1])
    library.apply(MergePapers(), both)
    assert stored(library, 1).deleted_at is None
    library.undo(2)
    library.apply(DeletePapers(), both)
    library.apply(MergePapers(), both)
    assert stored(library, 1).deleted_at is not None


def test_a_paper_is_not_merged_with_itself(library: Library) -> None:
    with pytest.raises(UsageError, match="both ITEMs are the same paper: 1 On Tides"):
        library.apply(MergePapers(), [*refs(library, [1]), *refs(library, [1])])


def test_the_id_of_a_merged_paper_is_not_given_again(library: Library, tmp_path: Path) -> None:
    with library._store.papers.file.transaction() as database:  # as an older version left it
        metadata = dict(database.records(META).raw()[META_ID])
        del metadata["next_id"]
        database.records(META).upsert_all({META_ID: metadata})
    library.apply(MergePapers(), refs(library, [1, 3]))
    (tmp_path / "third.txt").write_text("2025-02-13\n\nOf Storms\n(Alan Turing)\nStorms.\n", encoding="utf-8")
    assert [paper.id for paper in library.load([str(tmp_path / "third.txt")]).added] == [4]


# Deleting


def test_a_deleted_paper_is_not_added_by_a_load_and_is_restored_with_its_mark(library: Library, tmp_path: Path) -> None:
    library.apply(edits.AppendNote("keep"), refs(library, [1]))
    before = entry(library, 1)
    (paper,) = refs(library, [1])
    library.apply(DeletePapers(), [paper])
    assert stored(library, 1).deleted_at is not None
    reload(library, tmp_path)
    assert stored(library, 1).deleted_at is not None
    assert len(list(library._store.papers.read().papers)) == 3
    library.apply(RestorePapers(), [paper])
    assert entry(library, 1) == before
    assert [step.description for step in library.history()][:2] == [
        "delete --restore 1",
        "load first.txt second.txt: no new papers",
    ]


def test_a_deletion_is_undone(library: Library) -> None:
    before = library.entries([1, 2, 3])
    library.apply(DeletePapers(), refs(library, [1, 2]))
    library.undo()
    assert library.entries([1, 2, 3]) == before


# Filling


def test_only_empty_fields_are_filled(library: Library) -> None:
    fields = {"arxiv_id": "2502.00002", "abstract": "Another.", "doi": "10.1000/1", "title": "Another"}
    before = stored(library, 1)
    library.apply(FillPapers({before.key: fields}, "fetch"))
    paper = stored(library, 1)
    assert (paper.arxiv_id, paper.doi) == ("2502.00002", "10.1000/1")
    assert (paper.abstract, paper.title) == ("Tides rise and fall.", "On Tides")
    assert library.history()[0].description == "fetch 1"
    library.undo()
    assert stored(library, 1) == before


@pytest.mark.parametrize("edit", [DeletePapers(), EditPaper.parse({"title": "Other"}), FillPapers({}, "fetch")])
def test_an_edit_of_no_paper_leaves_no_entry_in_the_history(library: Library, edit: PaperEdit) -> None:
    history = library.history()
    library.apply(edit, [])
    assert library.history() == history
