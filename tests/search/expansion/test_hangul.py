"""Jamo, patterns of initial consonants, forms of verbs, and the stems of Korean words."""

from __future__ import annotations

import sqlite3
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.search.expansion.hangul import (
    compose,
    decompose,
    initial_consonants_pattern,
    split_particle,
    stems,
)

NOUNS = """
    회의 거리 평가 차이 온도 경로 결과 목적 이해 제한 재평가 비디오 파라미터 에너지 디스플레이 디자인 도메인 무제한
    오메가 아레나 코사인 모바일 앞으로 그대로 그러나 하지만 것으로 GRPO grpo를 ㄱㄴㄷ 모 의
""".split()  # noqa: SIM905 -- shorter than a list
syllables = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


@pytest.mark.parametrize(
    ("text", "jamo"),
    [
        ("값이", "ㄱㅏㅂㅅㅇㅣ"),
        ("왜", "ㅇㅗㅐ"),
        ("까", "ㄲㅏ"),
        ("ㄳㅘ", "ㄱㅅㅗㅏ"),
        ("a 가", "a ㄱㅏ"),
        ("é", "é"),
        ("", ""),
    ],
)
def test_syllables_are_decomposed_to_the_jamo_that_are_typed(text: str, jamo: str) -> None:
    assert decompose(text) == jamo
    assert decompose(unicodedata.normalize("NFD", text)) == jamo
    assert decompose(unicodedata.normalize("NFKC", text)) == jamo


@pytest.mark.parametrize("jamo", ["ㄱ", "ㅏ", "ㄱㅏㄴㅂ", "ㄱㅏㅏ", "ㄱㅏ ", "가", "ㅇㅗㅏㅏ"])
def test_jamo_that_are_not_whole_syllables_are_not_composed(jamo: str) -> None:
    assert not compose(jamo)


@given(st.text(syllables))
def test_composing_reverses_decomposing(text: str) -> None:
    assert compose(decompose(text)) == text


def _matches(word: str, consonants: str) -> bool:
    with sqlite3.connect(":memory:") as connection:
        return bool(connection.execute("SELECT ? GLOB ?", (word, initial_consonants_pattern(consonants))).fetchone()[0])


@pytest.mark.parametrize(
    ("word", "consonants", "expected"),
    [
        ("엔트로피", "ㅇㅌㄹㅍ", True),
        ("엔트로피", "ㅇㅌ", True),
        ("엔트로피는", "ㅇㅌㄹㅍ", True),
        ("엔트로피", "ㅌㄹㅍ", False),
        ("엔트로피", "ㅇㅌㄹㅁ", False),
        ("박사", "ㅄ", True),
        ("곡선", "ㄳ", True),
        ("꿈꾸다", "ㄲㄲ", True),
        ("공간", "ㄲㄱ", False),
        ("힣힣", "ㅎㅎ", True),
        ("가가", "ㄱㄱ", True),
    ],
)
def test_initial_consonants_match_words_that_start_with_them(word: str, consonants: str, expected: bool) -> None:
    assert _matches(word, consonants) is expected
    assert _matches(word, unicodedata.normalize("NFKC", consonants)) is expected


@pytest.mark.parametrize("text", ["", "ㅇ", "ㅏㅏ", "ㅇㅏ", "이ㅌ", "ㅇㅌa", "ㅇ ㅌ", "ㅘ", "entropy", "*?", "ㅇㅌ*"])
def test_text_that_is_not_two_initial_consonants_has_no_pattern(text: str) -> None:
    assert not initial_consonants_pattern(text)


@given(st.text(syllables, min_size=2, max_size=6))
def test_a_word_matches_its_own_initial_consonants(word: str) -> None:
    initials = "".join(decompose(syllable)[0] for syllable in word)
    assert _matches(word, initials)


@pytest.mark.parametrize(
    ("words", "stem"),
    [
        (
            "추론의 추론은 추론이 추론을 추론에 추론과 추론으로 추론도 추론만 추론까지 추론보다 추론처럼 추론이나",
            "추론",
        ),
        (
            "추론에서 추론에서는 추론에서의 추론으로의 추론으로부터 추론이라는 추론이다 추론입니다 추론이네요 추론인",
            "추론",
        ),
        (
            "추론하는 추론한 추론할 추론하고 추론해서 추론했다 추론하기 추론하기에는 추론되는 추론시켜 추론합니다",
            "추론",
        ),
        (
            "데이터가 데이터는 데이터를 데이터와 데이터로 데이터로는 데이터랑 데이터라는 데이터입니다 데이터네요",
            "데이터",
        ),
        ("모델들 모델들이 모델들에게 모델들에게는 모델로 모델로부터의 모델마다 모델만이 모델일", "모델"),
        ("효율적 효율적인 효율적으로 효율적이다 효율적이라는 효율의", "효율"),
        ("최적화 최적화하는 최적화된 최적화를 최적화시키는", "최적화"),
        ("중요한 중요하다는 중요함을 중요하지 중요했습니다", "중요"),
        ("자연스러운 자연스럽게 자연스럽습니다", "자연"),
        ("흥미로운 흥미롭네요", "흥미"),
        ("충분히 충분한 충분하게", "충분"),
        ("정확도 정확도를 정확도가 정확도의", "정확도"),
        ("이미지 이미지의 이미지도 이미지만 이미지로", "이미지"),
        ("전문가 전문가의 전문가가 전문가들이", "전문가"),
        ("평가 평가가 평가의 평가하는", "평가"),
        ("실험결과 실험결과를", "실험결과"),
        ("온라인 온라인에서", "온라인"),
        ("스타일 스타일의 스타일로", "스타일"),
        ("목적 목적으로 목적의", "목적"),
        ("언어이해 언어이해를", "언어이해"),
        ("민주주의 민주주의를", "민주주의"),
        ("우주의 우주를", "우주"),
        ("매크로 매크로를", "매크로"),
        ("연결과 연결로", "연결"),
    ],
)
def test_the_likeliest_stem_is_the_word_without_its_particle_or_light_verb(words: str, stem: str) -> None:
    assert {word: split_particle(word) for word in words.split()} == dict.fromkeys(words.split(), stem)


@pytest.mark.parametrize("word", NOUNS)
def test_a_word_whose_last_syllable_belongs_to_it_stays(word: str) -> None:
    assert split_particle(word) == word


def test_all_possible_stems_are_returned_with_the_word_itself() -> None:
    assert stems("효율적으로") == ("효율", "효율적", "효율적으로")
    assert stems("정확도") == ("정확도", "정확")
    assert stems("모델들에게는") == ("모델", "모델들", "모델들에게", "모델들에게는")
    assert stems("텍스트") == ("텍스트",)


@given(st.text(syllables | st.sampled_from("하되는한을를의에서로으적인들도이가"), max_size=8) | st.text(max_size=4))
def test_every_stem_is_the_start_of_the_word_and_has_two_syllables(word: str) -> None:
    found = stems(word)
    assert word in found
    assert len(set(found)) == len(found)
    assert all(word.startswith(stem) and (stem == word or len(stem) >= 2) for stem in found)
    assert split_particle(word) == found[0]
