"""The other keyboard layout: Korean typed as Latin letters, and Latin words typed as Hangul."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.search.expansion.hangul import compose, decompose
from readlist.search.expansion.keyboard import to_hangul, to_latin

SHIFTED = "QWERTOP"
"""Keys that type another jamo with shift."""
letters = st.characters(min_codepoint=ord("A"), max_codepoint=ord("z")).filter(str.isalpha)
whole_syllables = st.lists(
    st.tuples(
        st.sampled_from("qwertasdfgzxcvQWERT"),
        st.sampled_from(["k", "hk", "nl", "P", "m"]),
        st.sampled_from(["", "r", "rt", "T"]),
    )
).map(lambda parts: "".join(map("".join, parts)))
hangul_syllables = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))


def _lower_unless_shifted(keys: str) -> str:
    return "".join(key if key in SHIFTED else key.lower() for key in keys)


@given(st.text(letters) | whole_syllables)
def test_what_keys_type_in_hangul_was_typed_with_these_keys(keys: str) -> None:
    text = to_hangul(keys)
    if text:
        assert to_latin(text) == _lower_unless_shifted(keys)


@given(whole_syllables.filter(bool))
def test_keys_of_whole_syllables_make_hangul(keys: str) -> None:
    assert to_hangul(keys)


@given(hangul_syllables)
def test_the_keys_of_hangul_syllables_type_these_syllables(text: str) -> None:
    assert to_hangul(to_latin(text)) == text
    assert to_latin(unicodedata.normalize("NFD", text)) == to_latin(text)
    assert compose(decompose(text)) == text


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("dpsxmfhvl", "엔트로피"),
        ("rkdghkgkrtmq", "강화학습"),
        ("cnfhs", "추론"),
        ("ekt", "닷"),
        ("rkqtdl", "값이"),
        ("rkqtl", "갑시"),
        ("Rkfkrdj", "까락어"),
        ("DPSXMFHVL", "옌트로피"),
        ("ABCD", ""),
        ("dho", "왜"),
        ("", ""),
        ("r", ""),
        ("k", ""),
        ("rk k", ""),
        ("rk2", ""),
        ("gpt", "헷"),
        ("grpo", ""),
        ("rké", ""),
        ("강", ""),
    ],
)
def test_keys_make_whole_syllables_or_nothing(keys: str, expected: str) -> None:
    assert to_hangul(keys) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ㄴ므ㅠㅁ", "samba"),
        ("뭄", "ana"),
        ("ㅣㅣ믐", "llama"),
        ("ㅣㅣ믐-2", "llama-2"),
        ("ㅎㄱㅔㅐ", "grpo"),
        ("ㅎㄲㅖㅒ", "gRPO"),
        ("갷ㄴㅂ", "rogsq"),
        ("ㅅㄱ문래귿ㄱ", "transformer"),
        ("값", "rkqt"),
        ("ㄳ", "rt"),
        ("가b", ""),
        ("가é", ""),
        ("学가", ""),
        ("", ""),
    ],
)
def test_text_is_typed_with_keys_unless_it_has_a_letter_of_no_key(text: str, expected: str) -> None:
    assert to_latin(text) == expected


@pytest.mark.parametrize("text", ["ㄴ므ㅠㅁ", "ㅣㅣ믐", "가ㄳ", "ㄳ", "ㅎㄱㅔㅐ"])
def test_folded_text_has_the_same_keys(text: str) -> None:
    assert to_latin(unicodedata.normalize("NFKC", text)) == to_latin(text)
