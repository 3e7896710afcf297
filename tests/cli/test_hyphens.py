"""Words that begin with a hyphen: attached values of short options, excluded words, and the text of a note."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Run

ALL = list(range(1, 14))
RL = [1, 2, 9, 10, 11, 13]


def ids(run: Run, *args: str) -> list[int]:
    done = run("list", "--json", *args)
    assert done.code == 0, done.err
    return sorted(entry["id"] for entry in done.json)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["-trl"], RL),
        (["-tRL"], RL),
        (["-t=rl"], RL),
        (["-t", "rl"], RL),
        (["-tsynthetic-data"], [7, 11]),
        (["-trl", "-tsynthetic-data"], [11]),
        (["-alevine"], [9]),
        (["-aLevine"], [9]),
        (["-aSergey Levine"], [9]),
        (["-a=levine"], [9]),
        (["-n5"], [9, 10, 11, 12, 13]),
        (["-n=5"], [9, 10, 11, 12, 13]),
        (["-n", "5"], [9, 10, 11, 12, 13]),
        (["-trl", "-n2"], [9, 10]),
        (["reward", "-trl", "--unread"], [1, 2, 9, 11, 13]),
        (["--tag", "-trl"], []),
    ],
)
def test_a_short_option_may_have_its_value_attached(loaded: Run, args: list[str], expected: list[int]) -> None:
    assert ids(loaded, *args) == expected


@pytest.mark.parametrize(
    ("args", "same"),
    [
        (["-tag:rl"], ["NOT tag:rl"]),
        (["-author:levine"], ["NOT author:levine"]),
        (["-title:reasoning"], ["NOT title:reasoning"]),
        (["reasoning", "-training"], ["reasoning NOT training"]),
        (["reasoning", "-tasks"], ["reasoning NOT tasks"]),
        (["reasoning", "-approach"], ["reasoning NOT approach"]),
        (["-novel"], ["NOT novel"]),
        (["-(rl OR reward)"], ["NOT (rl OR reward)"]),
        (['-"reward model"'], ['NOT "reward model"']),
        (["reasoning -training"], ["reasoning NOT training"]),
    ],
)
def test_any_other_word_after_a_hyphen_is_excluded(loaded: Run, args: list[str], same: list[str]) -> None:
    expected = ids(loaded, *same)
    assert expected != ALL
    done = loaded("list", "--json", *args)
    assert (sorted(entry["id"] for entry in done.json), done.err) == (expected, "")


def test_an_excluded_word_that_could_be_an_option_and_is_in_no_paper_is_reported(loaded: Run) -> None:
    done = loaded("list", "-trlx")
    assert (done.code, done.out.count("\n")) == (0, 13)
    assert done.err == "no paper contains the excluded word: trlx; for the option, write: --tag rlx\n"
    assert loaded("list", "-xylophone").err == ""


@pytest.mark.parametrize("command", ["search", "list", "next", "tags", "stats", "export"])
def test_every_command_that_takes_a_query_accepts_attached_values(loaded: Run, command: str) -> None:
    assert loaded(command, "-trl").out == loaded(command, "--tag", "rl").out != loaded(command).out


def test_an_own_tag_can_be_attached_as_soon_as_it_exists(loaded: Run) -> None:
    loaded("tag", "12", "-ato-teach", "-r=quantization")
    assert ids(loaded, "-tto-teach") == [12]


@pytest.mark.parametrize("name", ["X.md", "./X", "=X.md"])
def test_export_writes_the_attached_file(
    loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = loaded("export", "tag:rl", f"-o{name}")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("Exported 6 papers to ")
    assert len(list(tmp_path.glob("X*"))) == 1


def test_a_file_name_that_could_be_an_excluded_word_is_an_error(
    loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = list(tmp_path.iterdir())
    done = loaded("export", "-oresults")
    message = "readlist: ambiguous: -oresults; write -o results for the file, or NOT oresults for the word\n"
    assert (done.code, done.out, done.err) == (2, "", message)
    assert loaded("export", "-optimization").out == loaded("export", "NOT optimization").out
    assert loaded("export", "-o-").out == loaded("export").out
    assert list(tmp_path.iterdir()) == before


# The text of a note


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["- bullet"], "- bullet"),
        (["-x"], "-x"),
        (["--- rule"], "--- rule"),
        (["--unknown is text"], "--unknown is text"),
        (["-h is not an option here"], "-h is not an option here"),
        (["a", "-b", "--c"], "a -b --c"),
        (["--", "--show"], "--show"),
        (["--", "- bullet"], "- bullet"),
        (["17"], "17"),
        (["3 reasons"], "3 reasons"),
        (["see", "12"], "see 12"),
    ],
)
def test_words_after_the_item_are_text(loaded: Run, words: list[str], text: str) -> None:
    assert loaded("note", "9", *words).code == 0
    assert loaded("note", "9", "--show").out == f"{text}\n"
    assert loaded("note", "--show", "9").out == f"{text}\n"


@pytest.mark.parametrize("words", [["12", "15", "hello"], ["12", "9-13", "hello"], ["12", "#15", "hello", "again"]])
def test_a_second_item_before_the_text_is_an_error(loaded: Run, words: list[str]) -> None:
    done = loaded("note", *words)
    assert done.code == 2
    assert done.err == (
        f'readlist: a note belongs to one paper: {" ".join(words[:2])}; write: readlist note ITEM "TEXT"\n'
    )
    assert loaded("note", "12", "--show").out == ""


def test_options_of_note_are_options_before_and_after_the_item(loaded: Run) -> None:
    loaded("note", "9", "text")
    assert loaded("note", "9", "--clear").err.startswith("Note removed: 9 ")
    assert loaded("note", "9", "--help").out.startswith("Usage: readlist note")
    assert loaded("note", "9", "text", "--show").code == 2
    assert loaded("note", "--unknown", "9", "text").code == 2
