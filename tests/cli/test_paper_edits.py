"""Papers are put right: `readlist edit`, `merge`, and what a renamed or corrected file does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_editor import editor, own_temporary_folder
from tests.conftest import Done, Run

OnTerminal = Callable[..., Done]
Editor = Callable[[str], str]

__all__ = ["editor", "own_temporary_folder"]  # fixtures

FP4 = "FP4 All the Way: Fully Quantized Training of LLMs"


def show(run: Run, item: str) -> dict[str, object]:
    (entry,) = run("show", item, "--json").json
    assert isinstance(entry, dict)
    return entry


# edit


def test_edit_corrects_fields_and_says_which(loaded: Run) -> None:
    done = loaded("edit", "12", "--title", "FP4, 전체", "--arxiv", "https://arxiv.org/abs/2505.19115v2")
    assert (done.code, done.err) == (0, "Corrected title, arxiv: 12 FP4, 전체\n")
    entry = show(loaded, "12")
    assert (entry["title"], entry["arxiv_id"]) == ("FP4, 전체", "2505.19115")
    assert "corrected  title, arxiv" in loaded("show", "12").out or "corrected" in loaded("show", "12").out
    assert loaded("search", "전체", "--json").json[0]["id"] == 12
    loaded("undo")
    assert show(loaded, "12")["title"] == FP4


@pytest.mark.parametrize("text", ["Lovelace, Ada; Turing, Alan", "Ada Lovelace, Alan Turing"])
def test_edit_and_add_read_authors_alike(loaded: Run, text: str) -> None:
    loaded("edit", "12", "--authors", text)
    loaded("add", "--title", "On Tides", "--authors", text)
    assert show(loaded, "12")["authors"] == show(loaded, "14")["authors"] == ["Ada Lovelace", "Alan Turing"]


def test_edit_with_an_empty_value_removes_a_field(loaded: Run) -> None:
    loaded("edit", "12", "--abstract", "", "--date", "")
    entry = show(loaded, "12")
    assert (entry["abstract"], entry["digests"]) == ("", [{"date": None, "source": "003_d56214795a957d4e.txt"}])


def test_edit_reset_restores_the_fields_of_the_digest(loaded: Run) -> None:
    before = show(loaded, "12")
    assert loaded("edit", "12", "--reset").err == f"No corrections to remove: 12 {FP4}\n"
    loaded("edit", "12", "--title", "Wrong", "--authors", "A. Ada")
    assert loaded("edit", "12", "--reset").err == f"Corrections removed: 12 {FP4}\n"
    assert show(loaded, "12") == before


def test_the_fields_of_a_paper_are_corrected_in_the_editor(
    loaded: Run, on_terminal: OnTerminal, editor: Editor
) -> None:
    changes = ('s/^title: .*/title: "New: title"/', 's/"Ron Banner"/"Banner, Ron"/', "s|^doi:|doi: 10.1000/AB|")
    assert on_terminal("edit", "12", EDITOR=editor(f"sed -i '{'; '.join(changes)}' \"$1\"")).code == 0
    entry = show(loaded, "12")
    assert entry["title"] == "New: title"
    assert entry["authors"] == ["Brian Chmiel", "Maxim Fishman", "Banner, Ron", "Daniel Soudry"]
    assert entry["doi"] == "10.1000/ab"
    assert str(entry["abstract"]).startswith("We demonstrate")
    assert loaded("history").out.splitlines()[0].endswith("edit --title --authors --doi 12\t\t")


def test_an_unchanged_form_changes_nothing(loaded: Run, on_terminal: OnTerminal, editor: Editor) -> None:
    history = loaded("history").out
    for id_ in range(1, 14):
        assert on_terminal("edit", str(id_), EDITOR=editor('touch "$1"')).code == 0
    assert loaded("history").out == history


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "sed -i 's/^title/tilte/' \"$1\"",
            "unknown field: tilte; the fields are title, authors, date, url, arxiv",
        ),
        ('echo > "$1"', "the front matter between the two lines --- is missing; the paper is unchanged"),
        ('sed -i \'s/^title: .*/title: "a/\' "$1"', "the front matter is not valid YAML in line"),
        ("sed -i 's/^title: .*/title: [a, b]/' \"$1\"", "title is not text; the paper is unchanged"),
        ("sed -i 's/^title: .*/title:/' \"$1\"", "the title is empty; a paper needs one"),
        ("exit 3", "exit code 3; the paper is unchanged"),
    ],
)
def test_a_form_that_cannot_be_read_changes_nothing_and_is_kept(
    loaded: Run,
    on_terminal: OnTerminal,
    editor: Editor,
    line: str,
    message: str,
) -> None:
    before = show(loaded, "12")
    done = on_terminal("edit", "12", EDITOR=editor(line))
    assert done.code != 0
    assert message in done.out.replace("\n", " ")
    assert ("the edited text is in" in done.out) == (line != "exit 3")
    assert show(loaded, "12") == before


def test_edit_needs_one_paper(loaded: Run) -> None:
    assert loaded("edit", "12-13", "--title", "x").err == (
        "readlist: more than one paper: 12-13; write: readlist edit ID\n"
    )
    assert loaded("edit", "99", "--title", "x").code == 3
    assert loaded("edit", "12", "--title", "x", "--reset").err == "readlist: pass fields or --reset, not both\n"
    assert loaded("edit", "12").err == 'readlist: no terminal for the editor; pass the fields: --title "TEXT"\n'


def test_an_identifier_that_another_paper_has_is_reported(loaded: Run) -> None:
    loaded("edit", "3", "--arxiv", "2502.05795")
    done = loaded("edit", "12", "--arxiv", "2502.05795")
    assert done.err.splitlines()[1] == "Paper 3 has the same arXiv ID; if they are the same paper: readlist merge 3 12"
    (finding,) = loaded("doctor", "--json").json
    assert finding["message"] == "papers 3, 12 have the same arXiv ID: 2502.05795"


# merge


def test_merge_merges_two_papers_and_undo_separates_them(loaded: Run) -> None:
    loaded("note", "13", "compare")
    before = loaded("list", "--json").json
    done = loaded("merge", "13", "12")
    assert (done.code, done.err) == (0, f"Merged 13 into 12: {FP4}\n")
    assert show(loaded, "12")["note"] == "compare"
    assert len(loaded("list", "--json").json) == 12
    assert loaded("doctor").code == 0
    loaded("undo")
    assert loaded("list", "--json").json == before


def test_merge_refuses_a_paper_with_itself_and_unknown_ones(loaded: Run) -> None:
    assert loaded("merge", "12", "12").err == f"readlist: both ITEMs are the same paper: 12 {FP4}; pass two papers\n"
    assert loaded("merge", "12", "99").code == 3


def test_doctor_names_the_merge_command_for_two_papers_of_one_title(run: Run) -> None:
    digest = "2025-06-01\n\nOn Tides\n(Ada Lovelace)\nOne.\n\nOn Tides\n(Alan Turing)\nTwo.\n"
    run("load", "-", stdin=digest)
    (finding,) = run("doctor", "--json").json
    assert finding["message"] == "papers 1, 2 have the same title: On Tides"
    assert finding["remedy"] == "if they are the same paper: readlist merge 1 2"
    run("edit", "1", "--arxiv", "2502.00001")
    run("edit", "2", "--arxiv", "2502.00002")
    assert run("doctor", "--json").json == []


# Files that change


def test_a_renamed_file_is_no_second_digest(run: Run, seeds: Path, tmp_path: Path) -> None:
    directory = tmp_path / "digests"
    directory.mkdir()
    old, new = directory / "250211.txt", directory / "2025-02-11.txt"
    old.write_bytes((seeds / "000_1af87d60f0c929a1.txt").read_bytes())
    run("load", directory)
    before = run("list", "--json").json
    old.rename(new)
    assert run("load", directory).err == "Nothing new: 8 papers unchanged\n"
    new.write_text(new.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert run("update").code == 0
    assert run("list", "--json").json == before
    assert [digest["papers"] for digest in run("digests", "--json").json] == [8]
    assert run("doctor").code == 0


def test_a_renamed_file_is_a_source_under_its_new_name_only(run: Run, seeds: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "1.txt", tmp_path / "2.txt"
    old.write_bytes((seeds / "000_1af87d60f0c929a1.txt").read_bytes())
    run("load", old)
    old.rename(new)
    run("load", new)
    assert [source["location"] for source in run("sources", "--json").json] == [str(new)]
    assert run("update").code == 0
    assert run("doctor").code == 0


def test_a_copied_file_is_a_second_digest(run: Run, seeds: Path, tmp_path: Path) -> None:
    old, new = tmp_path / "1.txt", tmp_path / "2.txt"
    for path in (old, new):
        path.write_bytes((seeds / "000_1af87d60f0c929a1.txt").read_bytes())
        os.utime(path, ns=(1, 1))
    run("load", old, new)
    assert len(run("digests", "--json").json) == 2


def test_a_paper_withdrawn_from_a_digest_is_reported(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "250601.txt"
    tides, winds = "On Tides\n(Ada Lovelace)\nOne.\n", "Of Winds\n(Alan Turing)\nTwo.\n"
    path.write_text(f"2025-06-01\n\n{tides}\n{winds}", encoding="utf-8")
    run("load", path)
    path.write_text(f"2025-06-01\n\n{tides}", encoding="utf-8")
    done = run("load", path)
    assert "No longer in a digest: 2 Of Winds\n" in done.err
    assert show(run, "2")["digests"] == []
    run("undo")
    assert show(run, "2")["digests"] == [{"date": "2025-06-01", "source": "250601.txt"}]


# delete


def test_a_deleted_paper_is_in_no_list_until_it_is_restored(loaded: Run) -> None:
    loaded("note", "12", "keep")
    before = loaded("list", "--json").json
    done = loaded("delete", "12")
    assert (done.code, done.err) == (0, f"Deleted: 12 {FP4}\n")
    assert len(loaded("list", "--json").json) == 12
    assert loaded("search", "NVFP4", "--exact").out == ""
    assert [entry["id"] for entry in loaded("list", "is:deleted", "--json").json] == [12]
    assert loaded("show", "12").code == 3
    assert "readlist delete --restore 12" in loaded("read", "12").err
    assert loaded("doctor").code == 0
    assert loaded("delete", "--restore", "12").err == f"Restored: 12 {FP4}\n"
    assert loaded("list", "--json").json == before
    assert loaded("delete", "--restore", "12").err == f"No change: already in the library: 12 {FP4}\n"
    assert loaded("delete", "--restore", "99").code == 3


def test_a_deleted_paper_is_not_loaded_again(loaded: Run, seeds: Path, tmp_path: Path) -> None:
    loaded("delete", "12", "13")
    path = tmp_path / "003_d56214795a957d4e.txt"
    path.write_bytes((seeds / path.name).read_bytes())
    done = loaded("load", path)
    assert done.err == "Nothing new: 3 papers unchanged, 2 deleted papers left out\n"
    assert len(loaded("list", "--json").json) == 11
    loaded("undo", "2")
    assert len(loaded("list", "--json").json) == 13


def test_papers_that_match_a_query_are_deleted_and_restored(loaded: Run) -> None:
    assert loaded("delete", "--where", "date:2025-05-27", "--yes").code == 0
    assert len(loaded("list", "is:deleted", "--json").json) == 5
    assert loaded("delete", "--restore", "--where", "tag:quantization", "--yes").code == 0
    assert len(loaded("list", "is:deleted", "--json").json) == 4
    assert loaded("delete").err == "readlist: no papers selected; pass ITEMs or --where QUERY, not both\n"


def test_a_merged_paper_is_found_by_both_ids_and_keys(loaded: Run) -> None:
    keys = [show(loaded, item)["key"] for item in ("12", "13")]
    loaded("merge", "12", "13")
    for item in ("12", "13", *keys):
        assert show(loaded, str(item))["id"] == 12
    loaded("star", "13")
    assert show(loaded, "12")["starred"]


def digest(comment: str) -> str:
    return f"2025-02-11\n\nAlpha approach to learning\n(Ada Alpha)\nWe study things.\n{comment}\n#a\n"


def test_two_newsletters_with_files_of_one_name_keep_both_comments(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "2025-02-11.txt").write_text(digest(f"Comment {name}."), encoding="utf-8")
        run("load", tmp_path / name)
    assert show(run, "1")["comments"] == {"en": "Comment one.\n\nComment two."}
    assert [digest["source"] for digest in run("digests", "--json").json] == ["2025-02-11.txt", "two/2025-02-11.txt"]
    (tmp_path / "one" / "2025-02-11.txt").write_text(digest("Comment one, longer."), encoding="utf-8")
    run("update")
    assert show(run, "1")["comments"] == {"en": "Comment one, longer.\n\nComment two."}
    (tmp_path / "two" / "2025-02-11.txt").write_text(digest("Comment two, longer."), encoding="utf-8")
    run("update")
    assert show(run, "1")["comments"] == {"en": "Comment one, longer.\n\nComment two, longer."}


def test_a_copy_of_a_file_in_another_directory_is_the_same_digest(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "2025-02-11.txt").write_text(digest("A comment."), encoding="utf-8")
    run("load", tmp_path / "one")
    assert run("load", tmp_path / "two").err == "Nothing new: 1 paper unchanged\n"
    assert len(run("digests", "--json").json) == 1


def test_a_corrected_title_of_a_merged_paper_does_not_bring_it_back(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "250601.txt"
    text = "2025-06-01\n\nOn Tides of Learning\n(Ada Lovelace)\nOne.\n\nDelta Tides of Learning\n(Ada Lovelace)\nTwo.\n"
    path.write_text(text, encoding="utf-8")
    run("load", path)
    run("merge", "1", "2")
    path.write_text(text.replace("Delta", "Dalta"), encoding="utf-8")
    run("update")
    assert [entry["id"] for entry in run("list", "--json").json] == [1]


def test_a_url_that_is_refused_is_printed_without_its_secrets(loaded: Run) -> None:
    for args in (("edit", "1", "--url"), ("add",)):
        done = loaded(*args, "http://user:pw@h.example/x?token=SECRET")
        assert done.code == 2
        assert "pw" not in done.err
        assert "SECRET" not in done.err


def test_edit_refuses_a_list_of_authors_without_a_name(loaded: Run) -> None:
    assert loaded("edit", "1", "--authors", ",").err == "readlist: invalid authors: ,; write A. Ada, B. Bob\n"


def test_a_paper_that_is_deleted_while_its_editor_is_open_is_not_edited(
    loaded: Run, on_terminal: OnTerminal, editor: Editor
) -> None:
    deletion = '"$PYTHON" -m readlist delete 12; sed -i \'s/^title: .*/title: Other/\' "$1"'
    done = on_terminal("edit", "12", EDITOR=editor(deletion), PYTHON=sys.executable)
    assert done.code == 3
    assert "paper was deleted: 12; to restore it: readlist delete --restore 12" in done.out.replace("\r\n", " ")
