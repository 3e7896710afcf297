"""Other forms of English words, by the Porter stemmer of FTS5."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.search.expansion.word_forms import MAX_FORMS, stem_words, word_form_variants
from tests.search.expansion.vocabulary_sample import vocabulary

FAMILIES = [
    "train trains trained training",
    "quantize quantized quantizing quantization",
    "tokenize tokenizer tokenizers tokenization",
    "policy policies",
    "infer infers inferred",
    "model models modeling",
    "size sizes sizing",
    "utilize utilization",
    "analyze analyzes",
    "hope hoping",
]
"""Words with the same stem."""
ENDINGS = "ed ing ion ive ism ize ate ance ence able al ement er ant ent izer ized".split()  # noqa: SIM905 -- shorter
OTHER_WORDS = "optimal trail trainable2 quantity polite informal modal sensor analysis hop 학습 학습을 c++ μnit"


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    with vocabulary(" ".join([*FAMILIES, OTHER_WORDS, "run runs running"]).split()) as connection:
        yield connection


@pytest.mark.parametrize("family", FAMILIES)
def test_each_word_has_all_others_with_its_stem_as_forms(connection: sqlite3.Connection, family: str) -> None:
    words = family.split()
    forms = word_form_variants(connection, words)
    assert {word: {variant.display_text for variant in forms[word]} for word in words} == {
        word: {*words} - {word} for word in words
    }
    assert all(variant.weight < 1 and variant.kind == "form" for word in words for variant in forms[word])


@pytest.mark.parametrize("word", ["quantizes", "policys", "modelled", "sized"])
def test_a_word_that_no_paper_has_has_forms(connection: sqlite3.Connection, word: str) -> None:
    assert word_form_variants(connection, [word])[word]


@pytest.mark.parametrize("word", ["grpo", "polite", "analysis", "zzzz", "informal"])
def test_a_word_whose_stem_no_other_word_has_has_no_forms(connection: sqlite3.Connection, word: str) -> None:
    assert word_form_variants(connection, [word]) == {word: []}


@pytest.mark.parametrize("word", ["", "run", "학습", "c++", "μnit", "gpt4", "pre-train", "naïve", "a b"])
def test_a_short_word_or_one_of_other_characters_is_not_looked_up(connection: sqlite3.Connection, word: str) -> None:
    assert word_form_variants(connection, [word]) == {}


def test_forms_are_limited_to_those_in_most_papers() -> None:
    words = [f"connect{ending}{plural}" for ending in ENDINGS for plural in ("", "s")]
    with vocabulary(words) as connection:
        connection.execute("UPDATE vocabulary SET papers = 9 WHERE word = 'connection'")
        forms = word_form_variants(connection, ["connect"])["connect"]
    assert len(forms) == MAX_FORMS
    assert forms[0].display_text == "connection"


def test_many_words_are_stemmed_at_once_and_repeatedly(connection: sqlite3.Connection) -> None:
    assert stem_words(connection, ["training", "policies", "training"]) == {"training": "train", "policies": "polici"}
    assert stem_words(connection, ["trains"]) == {"trains": "train"}
    assert stem_words(connection, []) == {}


def test_words_with_the_same_stem_that_share_few_letters_are_no_forms(connection: sqlite3.Connection) -> None:
    stems = stem_words(connection, ["optimization", "optimal"])
    assert stems["optimization"] == stems["optimal"]
    assert word_form_variants(connection, ["optimization"]) == {"optimization": []}


letters = "aeioublyszntrdghmfcv"


@given(st.lists(st.text(letters, min_size=4, max_size=12), min_size=1), st.sampled_from(
    ["", "s", "es", "ed", "ing", "ation", "ization", "ibility", "ational", "fulness", "y", "ies", "eed", "bly", "ate"]
))  # fmt: skip
def test_all_forms_have_the_stem_of_the_word(connection: sqlite3.Connection, starts: list[str], end: str) -> None:
    words = list(dict.fromkeys([*starts, *(start + end for start in starts)]))
    stems = stem_words(connection, words)
    with vocabulary(words) as library:
        forms = word_form_variants(library, words)
    for word in words:
        found = {variant.display_text for variant in forms[word]}
        assert found <= {other for other in words if stems[other] == stems[word]} - {word}
