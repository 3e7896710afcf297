"""Tokens, and the variants that a word of a query is expanded to."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readlist.search.expansion.exact import exact_variants
from readlist.search.expansion.fuzzy import closest_words, fuzzy_variants
from readlist.search.index import schema, word_lists
from readlist.search.scripts import LOOK_ALIKES
from readlist.search.tokens import BARRIER, column_text, column_tokens, join_compounds, split_column, tokenize

WORDS = """
    reasoning reason grpo group rope properties property μnit unit deepseek deep seek pretraining diffusion diffuse
    강화학습 강화학습을 학습 학습이 데이터 데이터셋 추론 강화 lora model
""".split()  # noqa: SIM905 -- a list of 26 would take as many lines


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.create_tables(connection)
        connection.executemany(schema.COUNT_WORD, ((word, 1) for word in WORDS))
        word_lists.insert(connection, sorted(WORDS))
        yield connection


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
    assert tokenize(text) == expected


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
    assert join_compounds(text) == expected


parts = st.lists(st.text() | st.text("aB1가각éŁæʼ'|+#-_/. \n").map(lambda text: text * 3), max_size=3)


@given(parts)
@example(["x" * 8_001, "a|b"])
def test_python_and_fts5_agree_on_every_token(parts: list[str]) -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.create_tables(connection)
        connection.execute("CREATE VIRTUAL TABLE positions USING fts5vocab (words, instance)")
        connection.execute(schema.INSERT_TEXT, (1, column_text(parts), "", "", "", "", ""))
        stored = [term for (term,) in connection.execute("SELECT term FROM positions ORDER BY offset")]
    assert stored == column_tokens(parts) == split_column(column_text(parts))
    assert set(stored) - {BARRIER} == {form for text in parts for form in (*tokenize(text), *join_compounds(text))}


def _fuzzy(connection: sqlite3.Connection, word: str) -> list[str]:
    return [variant.display_text + "*" * variant.is_prefix for variant in fuzzy_variants(connection, word)]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("reason", ["reason", "reason*"]),
        ("reasoning", ["reasoning"]),
        ("pre-training", ["pre training", "pre training*", "pretraining"]),
        ("unit", ["unit", "μnit"]),
        ("munit", ["munit", "munit*", "μnit"]),
        ("학습", ["학습", "학습*", "강화학습", "강화학습을"]),
        ("rl", ["rl"]),
        ("(", []),
    ],
)
def test_exact_variants_are_the_word_longer_words_that_papers_have_and_other_spellings(
    connection: sqlite3.Connection, word: str, expected: list[str]
) -> None:
    assert [variant.display_text + "*" * variant.is_prefix for variant in exact_variants(connection, word)] == expected


def test_two_adjacent_words_may_be_one_compound(connection: sqlite3.Connection) -> None:
    assert "deepseek" in [variant.display_text for variant in exact_variants(connection, "deep", after="seek")]
    assert "deepseek" in [variant.display_text for variant in exact_variants(connection, "seek", before="deep")]


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("resoning", "reasoning"),
        ("difusion", "diffusion"),
        ("zeasoning", "reasoning"),
        ("easoning", "reasoning"),
        ("erasoning", "reasoning"),
        ("zeasonin", "reasoning"),
        ("grop", "grpo"),
        ("pre-traning", "pretraining"),
        ("데이타", "데이터*"),
        ("강화학슴", "강화학습*"),
        ("학습은", "학습*"),
        ("deepseek", "deep seek"),
        ("grpo를", "grpo"),
    ],
)
def test_a_misspelled_word_is_corrected(connection: sqlite3.Connection, word: str, first: str) -> None:
    assert _fuzzy(connection, word)[0] == first


@pytest.mark.parametrize("word", ["rope", "lara", "(", "", "x" * 41])
def test_a_short_or_strange_word_is_not_corrected(connection: sqlite3.Connection, word: str) -> None:
    assert fuzzy_variants(connection, word, alone=True) == ()


def test_a_short_word_beside_others_is_corrected(connection: sqlite3.Connection) -> None:
    assert _fuzzy(connection, "lara") == ["lora"]


def test_the_closest_words_are_suggested(connection: sqlite3.Connection) -> None:
    assert closest_words(connection, "propertees")[0] == "properties"
    assert closest_words(connection, "zz") == []


def test_each_look_alike_is_one_letter_with_its_spellings() -> None:
    assert len(LOOK_ALIKES) == 40
    assert LOOK_ALIKES["μ"] == ("u", "mu")
    assert all(len(letter) == 1 and not letter.isascii() for letter in LOOK_ALIKES)
