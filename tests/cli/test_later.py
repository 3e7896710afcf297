"""`readlist later`: the queue, and papers that are postponed until a date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from tests.conftest import Run


def listed(run: Run) -> list[int]:
    return [entry["id"] for entry in run("later", "--json").json]


def field(run: Run, item: str, name: str) -> Any:
    return run("show", item, "--json").json[0][name]


def test_the_queue_has_the_order_in_which_papers_were_put_there(loaded: Run) -> None:
    assert loaded("later", "12").err.startswith("Queued: 12 FP4 All the Way")
    assert loaded("later", "9,3").err == "Queued 2 papers: 3 9\n"
    assert listed(loaded) == [12, 9, 3]
    assert loaded("later", "5", "--first").err.startswith("First in the queue: 5")
    assert listed(loaded) == [5, 12, 9, 3]
    loaded("later", "12")
    assert listed(loaded) == [5, 9, 3, 12]
    loaded("undo")
    assert listed(loaded) == [5, 12, 9, 3]


def test_a_paper_waits_for_the_date_after_it_or_in_until(loaded: Run) -> None:
    tomorrow = dt.date.today() + dt.timedelta(1)
    assert loaded("later", "12", "tomorrow").err.startswith(f"Postponed until {tomorrow}: 12 ")
    assert loaded("later", "9", "--until", "2999-01-01").code == 0
    loaded("later", "3")
    assert listed(loaded) == [3, 12, 9]
    assert (field(loaded, "12", "later"), field(loaded, "3", "later")) == (str(tomorrow), 1)


@pytest.mark.parametrize("number", ["100131", "271231", "20271231"])
def test_a_number_is_an_id_and_no_date(loaded: Run, number: str) -> None:
    done = loaded("later", "12", number)
    assert (done.code, listed(loaded)) == (3, [12])
    assert f"no paper has ID {number}" in done.err


@pytest.mark.parametrize("words", ["tomorow", "yesterday", "2024-13-44", "next monday", "in a week"])
def test_words_that_are_no_date_change_nothing(loaded: Run, words: str) -> None:
    result = loaded("later", "12", *words.split())
    assert result.code == 2
    assert "not an ID, arXiv ID, DOI or key: " in result.err
    assert listed(loaded) == []


def test_a_date_of_several_words_needs_no_quotes(loaded: Run) -> None:
    in_3_days = str(dt.date.today() + dt.timedelta(3))
    for words in ("in 3 days", "3 days"):
        assert loaded("later", "12", *words.split()).err.startswith(f"Postponed until {in_3_days}: 12 ")
        loaded("undo")
    assert loaded("later", "9", "2", "June", "2999").err.startswith("Postponed until 2999-06-02: 9 ")
    assert loaded("later", "9", "tomorrow", "--first").code == 2
    assert listed(loaded) == [9]
    assert loaded("later", "3", "2999", "12", "31").code == 3, "IDs, not a date"


def test_a_paper_leaves_when_it_is_dropped_read_or_skipped(loaded: Run) -> None:
    loaded("later", "3-6")
    assert loaded("later", "3", "--drop").err.startswith("No longer queued or postponed: 3 ")
    loaded("read", "4")
    loaded("skip", "5")
    assert listed(loaded) == [6]
    assert field(loaded, "4", "later") is None
    assert loaded("later", "3", "--drop").err.startswith("No change: already not queued or postponed: 3")


def test_is_later_and_later_match_what_is_put_off(loaded: Run) -> None:
    loaded("later", "12", "3")
    loaded("later", "9", "2999-01-01")
    for query in ("is:later", "later:today", "later:2d"):
        assert {e["id"] for e in loaded("list", query, "--json").json} == {3, 9, 12}
    assert loaded("list", "later:..2020", "--json").json == []
    loaded("later", "--where", "is:later", "--drop")
    assert loaded("list", "is:later", "--json").json == []


def test_without_papers_that_are_put_off_later_says_how(loaded: Run) -> None:
    assert loaded("later").err == "No papers are queued or postponed. To queue one: readlist later ID\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--first",), "no papers selected"),
        (("12", "--first", "--drop"), "exclude each other"),
        (("12", "--until", "someday"), "--until: invalid date: someday"),
        (("12", "2020-01-01"), "the date is not in the future: 2020-01-01"),
    ],
)
def test_a_wrong_call_changes_nothing_and_says_what_to_write(
    loaded: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = loaded("later", *arguments)
    assert (done.code, listed(loaded)) == (2, [])
    assert message in done.err


def test_later_survives_an_export_and_a_load(loaded: Run, own_folders: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded("later", "12", "3")
    loaded("later", "9", "2999-01-01")
    exported = {name: loaded("export", "--to", name).out for name in ("json", "csv", "html")}
    loaded("later", "--where", "is:later", "--drop", "--yes")
    for number, text in enumerate(exported.values()):
        monkeypatch.setenv("READLIST_HOME", str(own_folders / f"other{number}"))
        loaded("load", "-", stdin=text)
        titles = [entry["title"][:10] for entry in loaded("later", "--json").json]
        assert titles == ["FP4 All th", "The Curse ", "Learning t"]


def test_next_suggests_what_is_due_and_the_queue_first_and_nothing_that_waits(loaded: Run) -> None:
    loaded("later", "3", "5")
    loaded("later", "7", "tomorrow")
    loaded("later", "9", "2999-01-01")
    suggested = loaded("next", "--json").json
    assert [(entry["id"], entry["reason"]) for entry in suggested[:2]] == [(3, "queued"), (5, "queued")]
    assert {7, 9}.isdisjoint(entry["id"] for entry in suggested)
    assert [entry["id"] for entry in loaded("next", "tag:efficient-training", "--json").json] == [5]
    assert len(loaded("next", "-n", "1", "--json").json) == 1
    with time_machine.travel(dt.datetime.now() + dt.timedelta(1)):
        first = loaded("next", "--json").json[0]
        assert (first["id"], first["reason"][:15]) == (7, "postponed until")
