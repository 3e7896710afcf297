"""Readings of a word: what it may stand for besides what is typed."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from readlist.search.expansion.hangul import decompose
from readlist.search.expansion.keyboard import to_hangul, to_latin
from readlist.search.expansion.readings import MAX_INITIALS_MATCHES, find_readings, unknown_word_variants
from readlist.search.expansion.vocabulary import find_known
from readlist.search.tokens import tokenize
from tests.search.expansion.vocabulary_sample import vocabulary

WORDS = """
    train training policy policies 추론 추론을 학습 강화학습 엔트로피 엔트로피를 이터레이션 데이터 grpo samba llama
    gradient proximal optimization 2
"""
ACRONYMS = {
    ("ppo", "proximal policy optimization"): 3,
    ("rl", "reinforcement learning"): 3,
    ("kl", "kullback leibler"): 1,
}


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    with vocabulary(WORDS.split(), ACRONYMS) as connection:
        yield connection


def read(connection: sqlite3.Connection, query: str) -> list[set[str]]:
    """Return the readings of each word of a query, with "*" for those that may continue."""
    found = find_readings(connection, query.split())
    assert all(variant.weight < 1 for variants in found for variant in variants)
    return [{variant.display_text + "*" * variant.is_prefix for variant in variants} for variants in found]


def read_unknown(connection: sqlite3.Connection, word: str) -> list[str]:
    return [variant.display_text for variant in unknown_word_variants(connection, word)]


# Words that papers have


def test_a_word_has_its_other_forms_and_a_korean_one_its_stem(connection: sqlite3.Connection) -> None:
    assert read(connection, "trains 학습을 추론 효율적으로") == [{"train", "training"}, {"학습*"}, set(), {"효율*"}]


def test_an_acronym_has_its_long_form(connection: sqlite3.Connection) -> None:
    assert read(connection, "PPO") == read(connection, "ＰＰＯs") == [{"proximal policy optimization*"}]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("proximal policy optimization", {0, 1, 2}),
        ("the Proximal Policy Optimization method", {1, 2, 3}),
        ("policy optimization", set()),
        ("proximal - policy optimization", set()),
        ("proximal policy-optimization", set()),
        ("optimization policy proximal", set()),
    ],
)
def test_each_of_the_adjacent_words_of_a_long_form_has_its_acronym(
    connection: sqlite3.Connection, query: str, numbers: set[int]
) -> None:
    assert {number for number, variants in enumerate(read(connection, query)) if "ppo" in variants} == numbers


def test_a_query_without_tokens_has_no_readings(connection: sqlite3.Connection) -> None:
    assert find_readings(connection, []) == []
    assert find_readings(connection, ["-", "★"]) == [[], []]


# Words that no paper has


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("dpsxmfhvl", ["엔트로피"]),
        ("Dpsxmfhvl", ["엔트로피"]),
        ("DPSXMFHVL", ["엔트로피"]),
        ("Rkdghkgkrtmq", ["강화학습"]),
        ("cnfhsdmf", ["추론을"]),
        ("ㅎㄱㅔㅐ", ["grpo"]),
        ("ㄴ므ㅠㅁ", ["samba"]),
        ("ㅣㅣ믐", ["llama"]),
        ("ㅣㅣ믐-2", ["llama 2"]),
        ("ㅎㄱㅁ야둣", ["gradient"]),
        ("ㅎㄱㅔㅐ-9", []),
        ("rkdk", []),
        ("ek", []),
        ("ㅔㅔ", []),
        ("zxcvb", []),
        ("dpsxmfhvl2", []),
        ("ㅎㄱㅔㅐx", []),
    ],
)
def test_a_word_typed_on_the_other_keyboard_is_read_only_if_it_is_known_there(
    connection: sqlite3.Connection, typed: str, expected: list[str]
) -> None:
    assert read_unknown(connection, typed) == expected


def test_a_word_one_typing_error_away_from_a_known_one_is_not_read_as_another_keyboard() -> None:
    typed = to_latin("추론")
    with vocabulary(["추론"]) as connection:
        assert read_unknown(connection, typed) == ["추론"]
    with vocabulary(["추론", f"{typed}t"]) as connection:
        assert read_unknown(connection, typed) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ㅇㅌㄹㅍ", ["엔트로피", "엔트로피를"]),
        ("ㅇㅌㄹㅇㅅ", ["이터레이션"]),
        ("ㄷㅇㅌ", ["데이터"]),
        ("ㄱㅎㅎㅅ", ["강화학습"]),
        ("ㅎㅎ", []),
        ("ㅇ", []),
    ],
)
def test_initial_consonants_are_read_as_the_words_that_begin_with_them(
    connection: sqlite3.Connection, typed: str, expected: list[str]
) -> None:
    assert read_unknown(connection, typed) == expected


def test_words_of_which_more_was_typed_come_first_and_are_limited() -> None:
    words = [f"학습{chr(0xAC00 + number)}" for number in range(2 * MAX_INITIALS_MATCHES)]
    with vocabulary([*words, "학습"]) as connection:
        variants = unknown_word_variants(connection, "ㅎㅅ")
    assert len(variants) == MAX_INITIALS_MATCHES
    assert variants[0].display_text == "학습"
    assert all(variant.weight < variants[0].weight for variant in variants[1:])


def test_an_unknown_form_of_a_known_word_is_read_as_its_forms(connection: sqlite3.Connection) -> None:
    assert read_unknown(connection, "trainings") == ["training"]
    assert unknown_word_variants(connection, "trainings")[0].kind == "form"
    assert read_unknown(connection, "엔트로피는") == ["엔트로피"]


@pytest.mark.parametrize("word", ["", "-", "★", "zzzz", "pre-training", "a" * 500, "ㅁ" * 20_000, "rk" * 9_000])
def test_most_unknown_words_have_no_reading(connection: sqlite3.Connection, word: str) -> None:
    assert read_unknown(connection, word) == []


# Guards against other keyboards, on words as they are


@pytest.fixture(scope="module")
def library_words(seeds: Path) -> Iterator[sqlite3.Connection]:
    """The vocabulary of the seeds."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(seeds.iterdir()))
    with vocabulary(tokenize(text)) as connection:
        yield connection


_PARTS = (
    "al an ar at con de di en er ex for gen gra in in ing ion le ma mer mi ne no o ob or par per po pre pro qu ra re"
)
_ENDINGS = " s ed er ing ion ism ity ly ment ness or able al"


def _unknown_words(connection: sqlite3.Connection, number: int) -> list[str]:
    """Make up words that look English or Korean and are not in the vocabulary."""
    rng = random.Random(13)
    parts, endings = _PARTS.split(), _ENDINGS.split(" ")
    korean = [word for word in _read_vocabulary(connection) if re.fullmatch("[가-힣]{2,}", word)]
    words: dict[str, None] = {}
    while len(words) < number:
        if len(words) % 5 == 0:
            first, second = rng.sample(korean, 2)
            word = first[: rng.randint(1, 2)] + second[-rng.randint(1, 2) :]
        else:
            word = "".join(rng.choices(parts, k=rng.randint(1, 3))) + rng.choice(endings)
        if not find_known(connection, [word]):
            words[word] = None
    return list(words)


def _misspellings(connection: sqlite3.Connection, number: int) -> list[str]:
    """Return known words with a letter or a jamo missing, added, replaced or transposed."""
    rng = random.Random(13)
    known = sorted(word for word in _read_vocabulary(connection) if len(word) >= 4 and word.isalpha())
    words: list[str] = []
    while len(words) < number:
        word = rng.choice(known)
        at = rng.randrange(len(word) - 1)
        letter = rng.choice(known)[0]
        changed = rng.choice(
            [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :],
             word[:at] + word[at + 1] + word[at] + word[at + 2 :]]
        )  # fmt: skip
        if not find_known(connection, [changed]):
            words.append(changed)
    return words


def _read_vocabulary(connection: sqlite3.Connection) -> list[str]:
    return [word for (word,) in connection.execute("SELECT word FROM vocabulary ORDER BY word")]


def _misread(connection: sqlite3.Connection, words: list[str]) -> list[str]:
    """Return the words that are taken for another keyboard."""
    return [
        word for word in words if any(variant.kind == "reading" for variant in unknown_word_variants(connection, word))
    ]


def test_no_unknown_word_and_no_misspelling_is_taken_for_another_keyboard(library_words: sqlite3.Connection) -> None:
    assert _misread(library_words, _unknown_words(library_words, 500)) == []
    assert _misread(library_words, _misspellings(library_words, 200)) == []


@pytest.mark.slow
def test_none_of_5000_unknown_words_and_2000_misspellings_is_taken_for_another_keyboard(
    library_words: sqlite3.Connection,
) -> None:
    assert _misread(library_words, _unknown_words(library_words, 5_000)) == []
    assert _misread(library_words, _misspellings(library_words, 2_000)) == []


def test_known_words_typed_on_the_other_keyboard_are_read(library_words: sqlite3.Connection) -> None:
    korean = [word for word in _read_vocabulary(library_words) if re.fullmatch("[가-힣]{3,}", word)]
    missed = [word for word in korean if read_unknown(library_words, to_latin(word)) != [word]]
    assert len(korean) > 100
    assert not missed
    english = [word for word in _read_vocabulary(library_words) if re.fullmatch("[a-z]{4,}", word)]
    typed = {word: to_hangul(word) or _as_jamo(word) for word in english}
    assert [word for word in english if read_unknown(library_words, typed[word]) != [word]] == []


def _as_jamo(keys: str) -> str:
    """Return what these keys type in the Korean layout, jamo that make no syllable as they are."""
    return "".join(
        decompose(to_hangul(key + "k"))[0] if to_hangul(key + "k") else decompose(to_hangul("r" + key))[1:]
        for key in keys
    )
