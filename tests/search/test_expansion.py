"""Tokens, and the words that a typed word may mean."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readlist.search.expansion import as_typed, mended, near_words
from readlist.search.index import schema
from readlist.search.tokens import BARRIER, column, indexed, joined, tokens

WORDS = """
    reasoning reason grpo group rope properties property μnit unit deepseek deep seek pretraining diffusion diffuse
    강화학습 강화학습을 학습 학습이 데이터 데이터셋 추론 강화 lora model
""".split()  # noqa: SIM905 -- a list of 26 would take as many lines


@pytest.fixture(scope="module")
def db() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        schema.create(made)
        made.executemany(schema.COUNT_WORD, ((*schema.vocabulary_key(word), 1) for word in WORDS))
        yield made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pre-Training of LLMs", ["pre", "training", "of", "llms"]),
        ("C++ and C#, not MoE++ nor a#b", ["c++", "and", "c#", "not", "moe", "nor", "a", "b"]),
        ("Gödel’s ﬁrst", ["godel", "s", "first"]),
        ("KL penalty의 효과", ["kl", "penalty", "의", "효과"]),
        ("강화학습을", ["강화학습을"]),
        ("snake_case GPT-3.5", ["snake", "case", "gpt", "3", "5"]),
        ("x" * 8_001, ["x" * 8_000, "x"]),
        ("| + # ()", []),
        ("a|b", ["a", "b"]),
        ("", []),
    ],
)
def test_tokens_are_runs_of_folded_letters_and_digits(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pre-Training, AI/HPC, don't, object_detection", ["pretraining", "aihpc", "dont", "objectdetection"]),
        ("state-of-the-art", ["stateoftheart"]),
        ("https://github.com/a/b-c", []),
        ("a-b-c-d-e-f-g-h", []),
        ("x" * 40 + "-" + "y" * 40, []),
        ("비-자동회귀", []),
        ("pre-training을", ["pretraining"]),
        ("- / '", []),
    ],
)
def test_compounds_have_a_joined_form(text: str, expected: list[str]) -> None:
    assert joined(text) == expected


parts = st.lists(st.text() | st.text("aB1가각é'|+#-_/. \n").map(lambda text: text * 3), max_size=3)


@given(parts)
@example(["x" * 8_001, "a|b"])
def test_python_and_fts5_agree_on_every_token(parts: list[str]) -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        schema.create(made)
        made.execute("CREATE VIRTUAL TABLE places USING fts5vocab (words, instance)")
        made.execute(schema.INSERT_TEXT, (1, indexed(parts), "", "", "", "", ""))
        held = [term for (term,) in made.execute("SELECT term FROM places ORDER BY offset")]
    assert held == column(parts)
    assert set(held) - {BARRIER} == {form for text in parts for form in (*tokens(text), *joined(text))}


def _meanings(db: sqlite3.Connection, word: str) -> list[str]:
    return [variant.shown + "*" * variant.prefix for variant in mended(db, word)]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("reasoning", ["reasoning", "reasoning*"]),
        ("pre-training", ["pre training", "pre training*", "pretraining", "pretraining*"]),
        ("unit", ["unit", "unit*", "μnit"]),
        ("munit", ["munit", "munit*", "μnit"]),
        ("학습", ["학습", "학습*", "강화학습", "강화학습을"]),
        ("rl", ["rl"]),
        ("(", []),
    ],
)
def test_a_word_means_itself_its_beginnings_and_its_other_spellings(
    db: sqlite3.Connection, word: str, expected: list[str]
) -> None:
    assert [variant.shown + "*" * variant.prefix for variant in as_typed(db, word)] == expected


def test_two_words_typed_apart_may_be_one(db: sqlite3.Connection) -> None:
    assert "deepseek" in [variant.shown for variant in as_typed(db, "deep", after="seek")]
    assert "deepseek" in [variant.shown for variant in as_typed(db, "seek", before="deep")]


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("resoning", "reasoning"),
        ("difusion", "diffusion"),
        ("grop", "grpo"),
        ("pre-traning", "pretraining"),
        ("데이타", "데이터*"),
        ("강화학슴", "강화학습*"),
        ("학습은", "학습*"),
        ("deepseek", "deep seek"),
        ("grpo를", "grpo"),
    ],
)
def test_a_misspelt_word_is_mended(db: sqlite3.Connection, word: str, first: str) -> None:
    assert _meanings(db, word)[0] == first


@pytest.mark.parametrize("word", ["rope", "lara", "(", "", "x" * 41])
def test_a_short_or_strange_word_is_not_turned_into_another(db: sqlite3.Connection, word: str) -> None:
    assert mended(db, word, alone=True) == ()


def test_a_short_word_beside_others_may_be_another(db: sqlite3.Connection) -> None:
    assert _meanings(db, "lara") == ["lora"]


def test_the_nearest_words_are_named(db: sqlite3.Connection) -> None:
    assert near_words(db, "propertees")[0] == "properties"
    assert near_words(db, "zz") == []


def test_look_alikes_are_each_one_letter_with_its_spellings() -> None:
    assert len(schema.LOOK_ALIKES) == 40
    assert schema.LOOK_ALIKES["μ"] == ("u", "mu")
    assert all(len(letter) == 1 and not letter.isascii() for letter in schema.LOOK_ALIKES)
