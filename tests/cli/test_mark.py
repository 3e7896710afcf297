"""Commands that change marks."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.conftest import Run

TITLE = "FP4 All the Way: Fully Quantized Training of LLMs"


def of(run: Run, item: str) -> dict[str, object]:
    (entry,) = run("show", item, "--json").json
    assert isinstance(entry, dict)
    return entry


@pytest.mark.parametrize(
    ("command", "status"), [("read", "read"), ("reading", "reading"), ("skip", "skipped"), ("unread", "unread")]
)
def test_a_status_is_set_and_reported_in_one_line(loaded: Run, command: str, status: str) -> None:
    loaded("skip" if command != "skip" else "read", "12")
    done = loaded(command, "12")
    assert done.code == 0
    assert done.out == ""
    assert len(done.err.splitlines()) == 1
    assert done.err == f"Marked as {status}: 12 {TITLE}\n"
    assert of(loaded, "12")["status"] == status
    assert str(of(loaded, "12")["status_at"]).endswith("Z")


@pytest.fixture
def in_seoul() -> Iterator[None]:
    """A machine whose local time is nine hours ahead of UTC, at 00:30 on 2025-06-12."""
    with time_machine.travel(dt.datetime(2025, 6, 12, 0, 30, tzinfo=ZoneInfo("Asia/Seoul")), tick=False):
        yield


@pytest.mark.parametrize(
    ("command", "field"),
    [("read", "status_at"), ("reading", "status_at"), ("skip", "status_at"), ("star", "starred_at")],
)
@pytest.mark.parametrize(
    ("day", "at"),
    [
        ("2025-02-11", "2025-02-11T03:00:00Z"),
        ("yesterday", "2025-06-11T03:00:00Z"),
        ("어제", "2025-06-11T03:00:00Z"),
        ("2 weeks ago", "2025-05-29T03:00:00Z"),
        ("today", "2025-06-11T15:30:00Z"),
    ],
)
@pytest.mark.usefixtures("in_seoul")
def test_a_change_is_dated_at_noon_of_a_day_in_local_time(
    loaded: Run, command: str, field: str, day: str, at: str
) -> None:
    assert loaded(command, "12", "--on", day).code == 0
    marks = json.loads((Path(os.environ["READLIST_HOME"]) / "marks.json").read_bytes())["marks"]
    assert [mark[field] for mark in marks.values()] == [at]


@pytest.mark.usefixtures("in_seoul")
def test_a_dated_change_is_found_on_its_day_described_and_undone(loaded: Run) -> None:
    assert loaded("read", "12", "--on", "2025-02-11").err == f"Marked as read on 2025-02-11: 12 {TITLE}\n"
    assert loaded("star", "2-4", "--on", "어제").err == "Starred 3 papers on 2025-06-11: 2-4\n"
    assert [entry["id"] for entry in loaded("list", "read:2025-02-11", "--json").json] == [12]
    assert [entry["id"] for entry in loaded("list", "starred:yesterday", "--json").json] == [2, 3, 4]
    descriptions = [entry["description"] for entry in loaded("history", "--json").json]
    assert descriptions[:2] == ["star --on 2025-06-11 2-4", "read --on 2025-02-11 12"]
    assert loaded("undo", "2").code == 0
    assert loaded("list", "read:2025 OR starred:2025", "--json").json == []


@pytest.mark.usefixtures("in_seoul")
def test_a_paper_that_has_the_status_gets_another_day(loaded: Run) -> None:
    loaded("read", "12")
    assert loaded("read", "12", "--on", "2025-02-11").err == f"Marked as read on 2025-02-11: 12 {TITLE}\n"
    assert loaded("read", "12", "--on", "2025-02-11").err == f"No change: already read on 2025-02-11: 12 {TITLE}\n"
    assert loaded("read", "12").err == f"No change: already read: 12 {TITLE}\n"
    assert [entry["id"] for entry in loaded("list", "read:2025-02-11", "--json").json] == [12]
    assert loaded("undo").err == "Undone: read --on 2025-02-11 12\n"
    assert [entry["id"] for entry in loaded("list", "read:today", "--json").json] == [12]


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("7d", "not a single day: 7d"),
        ("2025-02", "not a single day: 2025-02"),
        ("soon", "not a single day: soon"),
        ("2025-02-30", "no such date: 2025-02-30"),
        ("2025-06-13", "a day in the future: 2025-06-13"),
        ("내일", "a day in the future: 2025-06-13"),
        ("0025-02-11", "before 1900: 0025-02-11"),
    ],
)
@pytest.mark.usefixtures("in_seoul")
def test_a_day_that_nothing_can_be_dated_is_an_error(loaded: Run, day: str, problem: str) -> None:
    done = loaded("read", "12", "--on", day)
    assert (done.code, done.err.startswith(f"readlist: --on: {problem}; write ")) == (2, True)
    assert loaded("list", "--read", "--json").json == []


@pytest.mark.parametrize("command", ["unread", "unstar"])
def test_what_takes_something_back_is_not_dated(loaded: Run, command: str) -> None:
    assert loaded(command, "12", "--on", "yesterday").code == 2


def test_many_papers_are_one_line(loaded: Run) -> None:
    assert loaded("read", "12", "2-4").err == "Marked 4 papers as read: 2-4 12\n"
    assert loaded("read", "2-4").err == "No change: 3 papers are already read\n"


def test_an_unknown_item_does_not_keep_the_others_from_being_marked(loaded: Run) -> None:
    done = loaded("read", "99", "12")
    assert done.code == 3
    assert done.err.splitlines()[-1] == "readlist: no paper has ID 99"
    assert of(loaded, "12")["status"] == "read"


def test_where_marks_the_papers_that_match(loaded: Run) -> None:
    done = loaded("read", "--where", "tag:synthetic-data")
    assert done.code == 0
    assert done.err == "2 papers match\nMarked 2 papers as read: 7 11\n"
    assert [e["id"] for e in loaded("list", "--read", "--json").json] == [11, 7]


def test_where_asks_above_ten_and_changes_nothing_without_an_answer(loaded: Run) -> None:
    done = loaded("read", "--where", "is:unread")
    message = "13 papers match\nreadlist: confirmation needed: 13 papers; nothing was changed; add --yes\n"
    assert (done.code, done.err) == (2, message)
    assert loaded("list", "--read", "--json").json == []
    assert loaded("read", "--where", "is:unread", "--yes").code == 0
    assert len(loaded("list", "--read", "--json").json) == 13


@pytest.mark.parametrize("query", ["", "  "])
def test_an_empty_where_is_an_error(loaded: Run, query: str) -> None:
    done = loaded("read", "--where", query, "--yes")
    assert done.code == 2
    assert loaded("list", "--read", "--json").json == []


def test_where_with_a_corrected_word_asks_and_never_changes_a_nearest_match(loaded: Run) -> None:
    guessed = loaded("read", "--where", "quantizd")
    assert guessed.code == 2
    assert 'No match for "quantizd"; showing results for "quantized"' in guessed.err
    partly = loaded("read", "--where", "quantized banana", "--yes")
    assert (partly.code, partly.err) == (0, "No papers match\n")
    assert loaded("list", "--read", "--json").json == []
    assert loaded("read", "--where", "quantizd", "--yes").code == 0
    assert [entry["id"] for entry in loaded("list", "--read", "--json").json] == [12]


@pytest.mark.parametrize("args", [[], ["12", "--where", "is:unread"]])
def test_items_and_where_exclude_each_other(loaded: Run, args: list[str]) -> None:
    assert loaded("read", *args).code == 2


def test_star_and_unstar(loaded: Run) -> None:
    loaded("star", "12")
    assert of(loaded, "12")["starred"] is True
    assert loaded("unstar", "12").err == f"Removed the star: 12 {TITLE}\n"
    assert of(loaded, "12")["starred"] is False


def test_a_note_grows_by_paragraphs_and_is_found(loaded: Run) -> None:
    loaded("note", "12", "compare", "with MXFP4")
    loaded("note", "12", "-", stdin="zwölf Boxkämpfer\n")
    assert loaded("note", "12", "--show").out == "compare with MXFP4\n\nzwölf Boxkämpfer\n"
    assert [e["id"] for e in loaded("search", "Boxkämpfer", "--json").json] == [12]
    assert loaded("note", "12", "--clear").code == 0
    assert loaded("note", "12", "--show").out == ""
    assert loaded("search", "Boxkämpfer", "--json").json == []


def test_a_note_too_long_is_refused_and_the_old_one_stays(loaded: Run) -> None:
    loaded("note", "12", "short")
    done = loaded("note", "12", "x" * 10_000)
    assert done.code == 2
    assert "10,000" in done.err
    assert of(loaded, "12")["note"] == "short"


def test_own_tags_are_added_removed_and_found(loaded: Run) -> None:
    assert loaded("tag", "12", "--add", "#to-teach", "--remove", "Quantization").code == 0
    entry = of(loaded, "12")
    assert (entry["tags"], entry["my_tags"]) == (["to-teach"], ["to-teach"])
    assert [e["id"] for e in loaded("list", "tag:TO_TEACH", "--json").json] == [12]
    assert loaded("list", "tag:quantization", "--json").json == []
    loaded("tag", "12", "--add", "quantization", "--remove", "to-teach")
    assert of(loaded, "12")["tags"] == ["quantization"]


@pytest.mark.parametrize("tag", ["", "two words", "x" * 65])
def test_an_invalid_tag_is_an_error(loaded: Run, tag: str) -> None:
    assert loaded("tag", "12", "--add", tag).code == 2


def test_store_files_are_private(loaded: Run, own_folders: Path) -> None:
    loaded("note", "12", "mine")
    home = own_folders / "home"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in home.iterdir()} == {
        "marks.json": 0o600,
        "papers.json": 0o600,
    }


def test_an_empty_list_of_papers_on_stdin_is_reported(loaded: Run) -> None:
    for command in ("show", "open", "similar", "read"):
        done = loaded(command, "-", stdin="")
        assert (done.code, done.out, done.err) == (0, "", "No papers on stdin\n")
    done = loaded("note", "-", "x", stdin="")
    assert (done.code, done.err) == (2, "readlist: no paper on stdin; write: readlist note ID\n")


@pytest.mark.parametrize(
    ("items", "ids"),
    [
        (["9,10"], [9, 10]),
        (["#9"], [9]),
        (["18-9"], [9, 10, 11, 12, 13]),
        (["#9,3-1,"], [1, 2, 3, 9]),
    ],
)
def test_ids_are_accepted_as_people_write_them(loaded: Run, items: list[str], ids: list[int]) -> None:
    assert sorted(entry["id"] for entry in loaded("show", *items, "--json").json) == ids


@pytest.mark.parametrize(
    ("args", "stdin"),
    [
        (("read", "1-13"), ""),
        (("star", *map(str, range(1, 12))), ""),
        (("skip", "-"), "\n".join(map(str, range(1, 14)))),
        (("tag", "1-13", "--add", "x"), ""),
        (("delete", "1-13"), ""),
    ],
)
def test_a_change_of_more_than_ten_papers_needs_a_confirmation(loaded: Run, args: tuple[str, ...], stdin: str) -> None:
    before = loaded("list", "--json").json
    count = 11 if args[0] == "star" else 13
    done = loaded(*args, stdin=stdin)
    assert (done.code, done.err) == (
        2,
        f"readlist: confirmation needed: {count} papers; nothing was changed; add --yes\n",
    )
    assert loaded("list", "--json").json == before
    assert loaded(*args, "--yes", stdin=stdin).code == 0


def test_restoring_more_than_ten_papers_needs_a_confirmation(loaded: Run) -> None:
    loaded("delete", "1-13", "--yes")
    assert loaded("delete", "--restore", "1-13").code == 2
    assert loaded("delete", "--restore", "1-13", "--yes").code == 0
    assert len(loaded("list", "--json").json) == 13


def test_a_byte_order_mark_before_the_first_id_on_stdin_is_ignored(loaded: Run) -> None:
    assert loaded("read", "-", stdin="\ufeff9\n10\n").err == "Marked 2 papers as read: 9-10\n"


def test_where_without_matches_changes_nothing(loaded: Run) -> None:
    done = loaded("read", "--where", "tag:rl is:read")
    assert (done.code, done.err) == (0, "No papers match\n")


def test_there_may_be_no_note_to_remove(loaded: Run) -> None:
    done = loaded("note", "12", "--clear")
    assert done.err == "No note to remove: 12 FP4 All the Way: Fully Quantized Training of LLMs\n"
    loaded("note", "12", "hello")
    assert loaded("note", "12", "--clear").err.startswith("Note removed: 12 ")


def test_many_items_are_resolved_at_once_and_those_that_name_no_paper_are_counted(
    loaded: Run,
) -> None:
    items = "".join(f"{number}\n" for number in range(1, 50_001))
    start = time.perf_counter()
    done = loaded("read", "-", "--yes", stdin=items)
    assert time.perf_counter() - start < 5  # 0.5 on an idle machine; minutes when the complaint was quadratic
    assert done.code == 3
    assert done.err.splitlines()[-1] == "readlist: no paper has ID 14, 15, 16, 17, 18 and 49,982 more"


def test_a_complaint_names_five_items_of_each_kind(loaded: Run) -> None:
    done = loaded("read", *(f"k-{number:06}" for number in range(6)), "900")
    keys = "k-000000, k-000001, k-000002, k-000003, k-000004 and 1 more"
    assert done.err.splitlines()[-1] == (
        f"readlist: no paper has ID 900; no paper has the arXiv ID, DOI or key: {keys}"
    )


@pytest.mark.parametrize("command", ["read", "skip", "star", "later", "tag"])
@pytest.mark.parametrize("word", ["yesterday", "tag:rl", "--add"])
def test_a_word_that_can_name_no_paper_changes_nothing(loaded: Run, command: str, word: str) -> None:
    before = loaded("list", "--json").out
    arguments = ("--add", "x") if command == "tag" else ()
    done = loaded(command, "12", word.removeprefix("--"), *arguments)
    assert (done.code, loaded("list", "--json").out) == (2, before)
    assert f"not an ID, arXiv ID, DOI or key: {word.removeprefix('--')}; nothing was changed" in done.err
