"""`readlist words`: the user's own synonyms are added, listed and deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_startup import heavy_packages_loaded_by
from tests.conftest import Done, Run
from tests.search.index_file import contents


@pytest.fixture
def with_words(loaded: Run) -> Run:
    loaded("words", "add", "사전학습 = 프리트레이닝 = pretraining")
    loaded("words", "add", "knowledge distillation = KD")
    return loaded


@pytest.mark.parametrize(
    "args",
    [["사전학습", "=", "지식", "증류", "=", "kd"], ["사전학습 = 지식 증류 = kd"], ["사전학습=지식", "증류=", "kd"]],
)
def test_words_and_phrases_are_given_as_several_arguments_or_as_one(run: Run, args: list[str]) -> None:
    done = run("words", "add", *args)
    assert (done.code, done.out, done.err) == (0, "", "Added: 사전학습 = 지식 증류 = kd\n")


def test_added_words_that_join_a_group_are_reported_with_the_whole_group(with_words: Run) -> None:
    assert with_words("words", "add", "pre-training = Pretraining").err == (
        "Added: 사전학습 = 프리트레이닝 = pretraining = pre-training\n"
    )
    before = len(with_words("history", "--json").json)
    done = with_words("words", "add", "사전학습 = pretraining")
    assert (done.code, done.err) == (0, "No change: already synonyms: 사전학습 = pretraining\n")
    assert len(with_words("history", "--json").json) == before


def test_in_a_pipe_a_group_is_a_line_that_words_add_reads(with_words: Run) -> None:
    listed = with_words("words", "list")
    assert (listed.code, listed.err) == (0, "")
    lines = listed.out.splitlines()
    assert lines == ["knowledge distillation = KD", "사전학습 = 프리트레이닝 = pretraining"]
    assert with_words("undo", "2").code == 0
    assert with_words("words").out == ""
    for line in lines:
        assert with_words("words", "add", line).code == 0
    assert with_words("words").out.splitlines() == lines


def test_groups_are_json_with_the_time_of_their_last_change(with_words: Run) -> None:
    groups = with_words("words", "--json").json
    assert [group["words"] for group in groups] == [
        ["knowledge distillation", "KD"],
        ["사전학습", "프리트레이닝", "pretraining"],
    ]
    assert [list(group) for group in groups] == [["words", "at"]] * 2


def test_on_a_terminal_groups_are_a_table_and_a_change_names_undo(
    with_words: Run, on_terminal: Callable[..., Done]
) -> None:
    lines = on_terminal("words", TERM="dumb").out.splitlines()
    assert [line.split() for line in lines] == [
        ["word", "synonyms"],
        ["knowledge", "distillation", "KD"],
        ["사전학습", "프리트레이닝", "=", "pretraining"],
    ]
    assert on_terminal("words", "add", "a", "=", "b").out.splitlines() == ["Added: a = b. Undo: readlist undo"]


def test_a_deleted_word_is_reported_with_those_that_remain(with_words: Run) -> None:
    assert with_words("words", "delete", "Pretraining").err == (
        "Deleted: Pretraining; still synonyms: 사전학습 = 프리트레이닝\n"
    )
    assert with_words("words", "delete", "knowledge", "distillation").err == (
        "Deleted: knowledge distillation; no synonym is left in its group\n"
    )
    assert with_words("words").out == "사전학습 = 프리트레이닝\n"
    assert with_words("undo", "2").err == (
        "Undone: words delete knowledge distillation\nUndone: words delete Pretraining\n"
    )
    assert with_words("words").out.count("\n") == 2


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["delete", "KL"], 3, "no synonyms of: KL; words with synonyms: KD, knowledge distillation, pretraining, "),
        (["add", "a"], 2, "synonyms need two different words: a; write: readlist words add WORD = WORD\n"),
        (["add", "a", "=", "=", "b"], 2, "empty word; write: "),
        (["add"], 2, "missing argument: WORD = WORD"),
        (["delete"], 2, "missing argument: WORD"),
        (["rename", "a", "b"], 2, "no such command: words rename"),
    ],
)
def test_what_cannot_be_added_or_deleted_is_an_error(with_words: Run, args: list[str], code: int, message: str) -> None:
    before = with_words("words", "--json").out
    done = with_words("words", *args)
    assert (done.code, done.out, done.err.startswith(f"readlist: {message}")) == (code, "", True), done
    assert with_words("words", "--json").out == before


def test_without_synonyms_the_command_that_adds_some_is_named(run: Run) -> None:
    done = run("words")
    assert (done.code, done.out) == (0, "")
    assert done.err == "No synonyms. To add some: readlist words add WORD = WORD\n"
    assert run("words", "--json").json == []


def test_the_index_after_each_change_equals_a_rebuilt_one(loaded: Run, own_folders: Path) -> None:
    (index,) = (own_folders / "cache").rglob("index.sqlite")
    for words in ("add b = c", "add a = b", "add x = y", "add y = a", "delete a", "delete x", "delete y"):
        assert loaded("words", *words.split()).code == 0
        changed = contents(index)
        index.unlink()
        loaded("list")
        assert contents(index) == changed, words
        assert loaded("doctor").code == 0


def test_synonyms_are_listed_without_opening_the_store(with_words: Run) -> None:
    assert not heavy_packages_loaded_by("words") & {"tinydb", "dateutil", "rich"}


def test_a_library_without_papers_may_have_synonyms(run: Run, seeds: Path) -> None:
    run("words", "add", "a = b")
    run("load", seeds)
    assert run("words").out == "a = b\n"
    assert run("doctor").code == 0
