"""`readlist next` and `similar`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from tests.conftest import Done, Run


def test_without_marks_next_lists_the_newest_first_and_says_so(loaded: Run) -> None:
    done = loaded("next", "--limit", "2")
    assert [line.split("\t")[0] for line in done.out.splitlines()] == ["9", "10"]
    assert done.err == "No starred, noted or read papers yet; showing the newest papers first\n"


def test_next_learns_from_a_star(loaded: Run) -> None:
    plain = loaded("next", "--json").out
    loaded("star", "12")
    done = loaded("next", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.out != plain
    first = json.loads(done.out)[0]
    assert first["score"] > 0
    assert first["reason"].startswith("similar to ")
    assert " (starred): " in first["reason"]


def test_next_takes_a_query_and_options_as_every_command_does(loaded: Run) -> None:
    loaded("star", "3")
    found = json.loads(loaded("next", "date:2025-05..", "--json").out)
    assert {one["id"] for one in found} == {9, 10, 11, 12, 13}
    assert len(json.loads(loaded("next", "--until", "2025-03", "-n", "3", "--json").out)) == 3


def test_a_pipe_gets_all_suggestions_a_line_each(loaded: Run) -> None:
    lines = loaded("next").out.splitlines()
    assert len(lines) == 13
    assert {line.count("\t") for line in lines} == {6}


def test_when_all_papers_are_read_next_says_so(loaded: Run) -> None:
    loaded("read", "1-13", "--yes")
    done = loaded("next")
    assert (done.code, done.out, done.err) == (0, "", "No unread papers match\n")


def test_in_an_empty_library_the_command_prints_how_to_add_papers(run: Run) -> None:
    assert run("next").err == "The library is empty. To add papers: readlist load PATH\n"


def test_a_terminal_shows_five_and_why(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    loaded("star", "12")
    shown = on_terminal("next", columns=100, NO_COLOR="1").out
    assert shown.count("2025-") == 5
    assert shown.count("(starred)") >= 1


def test_a_reason_is_shown_whole_on_a_narrow_terminal(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    loaded("star", "12")
    reason = json.loads(loaded("next", "-n", "1", "--json").out)[0]["reason"]
    shown = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal("next", "-n", "1", columns=44).out)
    assert "".join(reason.split()) in "".join(shown.split())


def test_similar_papers_are_other_papers(loaded: Run) -> None:
    done = loaded("similar", "12", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert found
    assert 12 not in {one["id"] for one in found}
    assert all(one["reason"].startswith("similar to ") for one in found)


def test_similar_reports_unknown_items(loaded: Run) -> None:
    done = loaded("similar", "12", "99", "-n", "1")
    assert done.code == 3
    assert len(done.out.splitlines()) == 1
    assert done.err == "readlist: no paper has ID 99\n"
