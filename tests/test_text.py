"""Cleaning, folding, keys, arXiv ids and links."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist import text
from tests.hostile import is_harmless, is_visible

ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=60)


@given(ANY_TEXT)
def test_cleaned_text_is_one_printable_line_and_stays_as_it_is(raw: str) -> None:
    cleaned = text.clean(raw)
    assert text.clean(cleaned) == cleaned
    assert is_visible(cleaned)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()


@given(ANY_TEXT)
def test_cleaned_lines_hold_nothing_but_printable_characters_and_newlines(raw: str) -> None:
    cleaned = text.clean_lines(raw)
    assert text.clean_lines(cleaned) == cleaned
    assert is_visible(cleaned)


@given(ANY_TEXT)
def test_cleaned_markdown_has_no_command_for_a_terminal(raw: str) -> None:
    cleaned = text.clean_markdown(raw)
    assert text.clean_markdown(cleaned) == cleaned
    assert is_harmless(cleaned.replace("\t", ""))


@given(st.text("가각힣ㄱ한글 aZ’é가\t"))
def test_composed_and_decomposed_text_fold_alike(raw: str) -> None:
    assert text.fold(unicodedata.normalize("NFD", raw)) == text.fold(raw)


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(raw: str) -> None:
    assert text.fold(text.fold(raw)) == text.fold(raw)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  two\t words \r\n", "two words"),
        ("two  words", "two words"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\u202eb\u200bc\ufeffd", "abcd"),
        (unicodedata.normalize("NFD", "강화학습"), "강화학습"),
        ("ᄀ\u200bᅡ", "가"),
        ("one\u2028two", "one two"),
    ],
)
def test_clean(raw: str, cleaned: str) -> None:
    assert text.clean(raw) == cleaned


MARKDOWN = "    code first\n- a\n\t- b  \n\n\n\n    code  "


def test_markdown_keeps_its_indentation() -> None:
    assert text.clean_markdown(MARKDOWN) == MARKDOWN
    assert text.normalize_note(f"\ufeff{MARKDOWN}\n".replace("\n", "\r\n")) == MARKDOWN
    assert text.normalize_note(" \n\t\n") == ""


@pytest.mark.parametrize(
    ("tag", "other", "same"),
    [
        ("object_detection", "Object-Detection", True),
        ("#rl", "RL", True),
        ("c++", "c#", False),
        ("c++", "c", False),
        ("a-b", "ab", False),
    ],
)
def test_tags_fold_case_and_hyphens_and_nothing_else(tag: str, other: str, same: bool) -> None:
    assert (text.fold_tag(tag) == text.fold_tag(other)) is same


def test_a_key_comes_from_title_and_first_author_alone() -> None:
    key = text.paper_key("The  Curse of Depth", "Wenfang Sun")
    assert key == text.paper_key("the curse of depth", "WENFANG SUN")
    assert key != text.paper_key("The Curse of Depth", "Xinyuan Song")
    assert len(text.paper_key("word " * 100, "").rpartition("-")[0]) <= 60
    assert text.paper_key("강화학습 추론", "").startswith("강화학습-추론-")


@given(ANY_TEXT, ANY_TEXT)
def test_equal_folded_titles_have_equal_slugs(one: str, other: str) -> None:
    assert text.slugify(one) == text.slugify(text.fold(one))
    assert (text.fold(one) != text.fold(other)) or text.slugify(one) == text.slugify(other)


@pytest.mark.parametrize(
    ("given_", "id_"),
    [
        ("2502.06781", "2502.06781"),
        ("arXiv:2502.06781v3", "2502.06781"),
        ("https://arxiv.org/pdf/2502.06781v2.pdf", "2502.06781"),
        ("http://arxiv.org/abs/cs/0112017", "cs/0112017"),
        ("https://huggingface.co/papers/2502.06781", "2502.06781"),
        ("see 2502.06781", ""),
        ("https://example.org/2502.06781", ""),
        ("12", ""),
    ],
)
def test_arxiv_id(given_: str, id_: str) -> None:
    assert text.parse_arxiv_id(given_) == id_


def test_mentioned_arxiv_ids_are_those_of_links() -> None:
    comment = "생각나네요 (https://arxiv.org/abs/2310.15389, https://arxiv.org/abs/2404.07965v2). GSM8K 1234.56789"
    assert text.find_arxiv_ids(comment) == ("2310.15389", "2404.07965")
