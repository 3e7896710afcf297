"""What the commands show of the marks of other persons of a lab, and that nothing of it is shown without one."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_string
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from readlist.library.library import Library
from readlist.store.people import write_people
from tests.conftest import Done, Run
from tests.hostile import is_harmless
from tests.library_files import LibraryFiles

Share = Callable[..., None]


def starred(day: str = "2026-11-03") -> dict[str, Any]:
    return {"starred": True, "starred_at": f"{day}T08:00:00Z"}


NOTE = "Compare with **GRPO**\n\n다시 읽기"
PEOPLE: dict[str, dict[int, dict[str, Any]]] = {
    "kim": {
        1: starred(),
        2: starred(),
        9: starred() | {"tags_added": ["발표"], "note": NOTE, "note_at": "2026-11-20T08:00:00Z"},
    },
    "lee": {1: {"status": "reading", "status_at": "2026-11-03T08:00:00Z"}, 2: starred("2025-10-01")},
    "박": {1: {"status": "read", "status_at": "2026-01-03T12:00:00Z"}, 9: starred(), 12: {"note": "note only"}},
}  # fmt: skip


@pytest.fixture
def share(loaded: Run, own_folders: Path) -> Share:
    """Write the marks of persons by the IDs of papers, as a sync of the lab does."""
    files = LibraryFiles(own_folders)
    keys = {entry.paper.id: entry.paper.key for entry in Library(files.directories).entries(range(1, 14))}

    def write(people: dict[str, dict[int, dict[str, Any]]]) -> None:
        named = {person: {keys[id_]: mark for id_, mark in marks.items()} for person, marks in people.items()}
        write_people(files.state / "sync" / "people.json", named)

    return write


@pytest.fixture
def lab(loaded: Run, share: Share) -> Run:
    """`loaded`, where PEOPLE share their marks."""
    share(PEOPLE)
    return loaded


def ids(done: Done) -> list[int]:
    assert done.code == 0, done.err
    return [int(line.partition("\t")[0]) for line in done.out.splitlines()]


# Queries


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["by:kim"], [9, 1, 2]),
        (["by:KIM", "is:starred"], [9, 1, 2]),
        (["by:박", "is:read"], [1]),
        (["by:any", "starred:2025"], [2]),
        (["by:any", "is:starred", "--sort", "votes"], [9, 2, 1]),
        (["by:lee", "--starred"], [2]),
        (["by:kim", "--tag", "발표"], [9]),
        (["by:any", "--read", "reward"], [1]),
        (["(by:kim)", "--starred"], []),
        (["--sort", "votes", "-n", "3"], [9, 2, 1]),
    ],
)
def test_list_finds_what_others_marked(lab: Run, args: list[str], expected: list[int]) -> None:
    assert ids(lab("list", *args)) == expected


def test_search_stats_tags_and_next_take_such_a_query(lab: Run) -> None:
    assert sorted(ids(lab("search", "by:kim is:starred reasoning"))) == [1, 2, 9]
    assert lab("stats", "by:kim", "--json").json["papers"] == 3
    assert lab("tags", "by:lee is:starred").out.splitlines()[0].startswith("reasoning\t1")
    assert len(lab("next", "by:kim", "--json").json) == 3


def test_a_saved_query_can_ask_for_marks_of_others(lab: Run) -> None:
    assert lab("query", "save", "kims", "by:kim is:starred", "--sort", "votes").code == 0
    assert ids(lab("list", "@kims")) == [9, 2, 1]
    assert ids(lab("list", "@kims is:starred")) == []  # the user's own stars


def test_an_unknown_name_is_an_error_with_the_names(lab: Run) -> None:
    done = lab("list", "by:lisa")
    assert (done.code, done.out) == (2, "")
    assert (
        done.err.splitlines()[0] == "readlist: nobody else in the lab has the name lisa; use one of kim, lee, 박, any"
    )


def test_without_a_lab_by_is_an_error_that_says_how_to_join_one(loaded: Run) -> None:
    done = loaded("list", "by:kim")
    assert (done.code, done.out) == (2, "")
    assert "nobody else shares marks with this library: by:kim; about labs: readlist help sync" in done.err


def test_statistics_and_tags_stay_those_of_the_user(lab: Run) -> None:
    assert lab("stats", "--json").json["starred"] == 0
    assert "발표" not in lab("tags").out
    assert ids(lab("list", "is:starred")) == []
    assert lab("list", "id:9", "--json").json[0]["my_tags"] == []


# Tables and pages


def test_a_table_has_votes_where_another_person_starred_a_paper(lab: Run) -> None:
    lab("star", "9")
    lines = lab("list", "--table").out.splitlines()
    assert lines[0].split()[:4] == ["id", "date", "votes", "title"]
    votes = {
        int(match[1]): match[2] for line in lines if (match := re.match(r" *(\d+)  \S+ +(?:★ +)?(\d?)  [^ ]", line))
    }
    assert {id_: votes[id_] for id_ in (1, 2, 3, 9)} == {1: "1", 2: "2", 3: "", 9: "3"}
    assert "votes" not in lab("list", "id:3-8", "--table").out
    lab("star", "3")
    assert "votes" not in lab("list", "id:3-8", "--table").out  # one's own star is seen anyway


def test_votes_are_a_column_of_lines(lab: Run) -> None:
    lab("star", "9")
    done = lab("list", "id:9 OR id:2-3", "--tsv", "--columns", "id,votes")
    assert done.out == "9\t3\n2\t2\n3\t\n"


def test_show_has_a_line_and_the_notes_of_others(lab: Run) -> None:
    shown = lab("show", "1").out
    assert "\n  others  kim ★ · lee reading · 박 read 2026-01-03\n" in shown
    assert "Note" not in shown
    shown = lab("show", "9").out
    assert "\n  others  kim ★ #발표 · 박 ★\n" in shown
    assert "\n  Note by kim · 2026-11-20\n  │ Compare with **GRPO**\n  │\n  │ 다시 읽기\n" in shown
    shown = lab("show", "12").out
    assert "others" not in shown
    assert "\n  Note by 박\n  │ note only\n" in shown


def test_show_prints_others_as_json(lab: Run) -> None:
    first, third = lab("show", "1", "3", "--json").json
    assert [other["person"] for other in first["others"]] == ["kim", "lee", "박"]
    assert first["others"][0] == {
        "person": "kim",
        "status": "unread",
        "status_at": None,
        "starred": True,
        "starred_at": "2026-11-03T08:00:00Z",
        "tags": [],
        "note": "",
        "note_at": None,
    }
    assert third["others"] == []
    assert "others" not in lab("list", "id:1", "--json").json[0]


def test_what_show_prints_as_json_is_loaded_without_the_marks_of_others(lab: Run, tmp_path: Path) -> None:
    (tmp_path / "shown.json").write_text(lab("show", "9", "--json").out)
    done = lab("--home", tmp_path / "other", "load", tmp_path / "shown.json")
    assert (done.code, done.err) == (0, "1 paper added\n")
    (entry,) = lab("--home", tmp_path / "other", "list", "--json").json
    assert (entry["starred"], entry["note"], entry["my_tags"]) == (False, "", [])


def test_today_names_who_starred_a_new_paper(lab: Run) -> None:
    page = " ".join(lab("today", "--table").out.split())
    assert "#rl #reasoning · ★ kim, 박" in page
    assert page.count("★") == 1


def test_of_many_persons_today_names_three(lab: Run, share: Share) -> None:
    share({name: {12: starred()} for name in "abcde"})
    assert "· ★ a, b, c and 2 more" in " ".join(lab("today", "--table").out.split())


# Export


def sections(text: str) -> dict[str, list[str]]:
    """Return the first words of the titles by the heading, of Markdown."""
    return {
        heading: [match[1] for match in re.finditer(r"^- \*\*(\S+)", body, re.MULTILINE)]
        for heading, body in re.findall(r"^## (.*)\n((?:(?!## ).*\n?)*)", text, re.MULTILINE)
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("by:any is:starred", {"kim": ["Learning", "Exploring", "On"], "lee": ["On"], "박": ["Learning"]}),
        ("by:any starred:2025", {"lee": ["On"]}),
        ("by:kim", {"kim": ["Learning", "Exploring", "On"]}),
        ("by:kim by:박 is:starred", {"kim": ["Learning"], "박": ["Learning"]}),
        ("by:lee is:starred OR by:박 is:read", {"lee": ["On"], "박": ["Exploring"]}),
        ("(by:any is:starred) is:starred", {"kim": ["On"], "lee": ["On"]}),
        ("is:starred", {"kim": ["On"], "lee": ["On"], "Me": ["On", "The"]}),
        ("id:2-4", {"kim": ["On"], "lee": ["On"], "Me": ["On", "The"], "Nobody": ["MATH-Perturb:"]}),
        ("-(by:any is:starred) id:3-4", {"Me": ["The"], "Nobody": ["MATH-Perturb:"]}),
    ],
)
def test_an_export_lists_a_paper_under_each_person(lab: Run, query: str, expected: dict[str, list[str]]) -> None:
    lab("star", "2", "3")
    done = lab("export", "--group-by", "person", "--fields", "title", "--", query)
    assert done.code == 0
    assert sections(done.out) == expected
    assert list(sections(done.out)) == list(expected)


@pytest.mark.parametrize(("format_", "heading"), [("html", "<h2>kim</h2>"), ("text", "\nkim\n---\n")])
def test_pages_have_the_names_as_headings(lab: Run, format_: str, heading: str) -> None:
    done = lab("export", "by:any is:starred", "--group-by", "person", "--to", format_)
    assert done.code == 0
    assert heading in done.out


def test_a_page_counts_and_contains_a_paper_of_two_persons_once(lab: Run) -> None:
    page = lab("export", "by:any is:starred", "--group-by", "person", "--to", "html").out
    assert page.count("<article") == 5
    assert '<p id="count" role="status">3 papers</p>' in page
    assert page.count('"key":') == 3


def test_the_note_of_the_user_is_not_below_the_name_of_another_person(lab: Run) -> None:
    lab("note", "2", "MY OWN NOTE")
    lab("star", "2")
    for format_ in ("markdown", "html", "text", "mail"):
        page = lab("export", "by:any is:starred", "--group-by", "person", "--to", format_).out
        assert "MY OWN NOTE" not in page
    assert "MY OWN NOTE" in lab("export", "by:any is:starred").out
    page = lab("export", "id:2", "--group-by", "person").out
    assert page.count("MY OWN NOTE") == 1
    assert page.index("## Me") < page.index("MY OWN NOTE")


def test_a_mail_has_the_names_as_headings(lab: Run) -> None:
    done = lab("export", "by:any is:starred", "--group-by", "person", "--to", "mail", "--mail-to", "a@example.org")
    bodies = [part.get_content() for part in message_from_string(done.out, policy=default).iter_parts()]
    assert "\nkim\n---\n" in bodies[0]
    assert ">kim</h2>" in bodies[1]


def test_an_export_has_nothing_else_of_others(lab: Run) -> None:
    for format_ in ("markdown", "html", "text", "json", "jsonl", "csv", "bibtex", "csl"):
        done = lab("export", "--to", format_)
        assert done.code == 0
        assert not re.search(r"\bkim\b|발표|GRPO\*\*|note only", done.out), format_


def test_without_a_lab_an_export_by_person_has_the_stars_of_the_user(loaded: Run) -> None:
    loaded("star", "2")
    done = loaded("export", "id:2-3", "--group-by", "person", "--fields", "title")
    assert sections(done.out) == {"Me": ["On"], "Nobody": ["The"]}


# Strangers' texts


HOSTILE = [
    "\x1b[31mred",
    "\x1b]52;c;aGk=\x07",
    "[bold]x[/bold]",
    "<script>alert(1)</script>",
    "\u202etxt.exe",
    "a\nb",
    "## x",
    "\x9b2J",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_tags_and_notes_of_others_do_no_harm(lab: Run, share: Share, text: str) -> None:
    share({text: {9: {**starred(), "tags_added": [text], "note": text}}})
    for args in (["show", "9"], ["list", "--table"], ["today", "--table"], ["list", "by:nobody"]):
        done = lab(*args)
        assert is_harmless(done.out.replace("\n", ""))
        assert is_harmless(done.err.replace("\n", ""))
    page = lab("export", "--group-by", "person", "--to", "html").out
    assert "<script>alert" not in page
    markdown = lab("export", "id:9", "--group-by", "person").out
    assert len(re.findall(r"^## ", markdown, re.MULTILINE)) == 1
    assert is_harmless(markdown.replace("\n", ""))


# Completion


def test_the_options_that_name_orders_and_groupings_know_those_of_a_lab(loaded: Run) -> None:
    assert "person" in loaded("export", "--help").out
    assert "votes" in loaded("list", "--help").out
