"""Cleaning, folding, keys, arXiv ids and links."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readlist import text
from readlist.search.tokens import tokenize
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
@example("\u3164")
@example("\u200d\ufe0f")
def test_a_text_is_blank_where_cleaning_leaves_nothing(raw: str) -> None:
    assert text.is_blank(raw) == (text.clean(raw) == "")


def test_cleaning_never_changes_the_characters_of_plain_text() -> None:
    characters = [
        chr(code) for code in range(sys.maxunicode + 1) if text.is_plain(chr(code)) and chr(code) not in " \n"
    ]
    assert set(map(chr, range(0x21, 0x7F))) <= set(characters)
    joined = "".join(characters)
    assert text.clean(joined) == joined
    assert all(map(str.isprintable, characters))
    reversed_pairs = joined[::-1]  # no pair is composed, in either order
    assert text.clean(reversed_pairs) == reversed_pairs


@given(ANY_TEXT)
@example("\u06ff\u200c\u06ff\U00098666")
def test_a_cleaned_message_is_one_line_that_this_python_calls_printable_but_for_joiners(raw: str) -> None:
    message = text.clean_message(raw)
    assert text.clean_message(message) == message
    assert re.sub(text._CONTEXTUAL, "", message).isprintable()
    assert text.clean(message) == message


@pytest.mark.parametrize("name", ["\u06a9\u062a\u0627\u0628\u200c\u0647\u0627", "\U0001f469\u200d\U0001f4bb"])
def test_a_joiner_in_a_name_stays_in_a_message(name: str) -> None:
    message = f"fatal: '/home/a/{name}.git' does not appear to be a git repository"
    assert text.clean_message(message) == message


@pytest.mark.parametrize(
    "noise", ["\U00098666", "\ue000", "\U0010fffd", "\ufdd0", "\udcff", "\ufffd\U00098666\udcff\ufffd"]
)
def test_noise_in_a_message_is_one_replacement_character(noise: str) -> None:
    assert text.clean_message(f"fatal: bad length: {noise}\x1b[2J 길이\n") == "fatal: bad length: \ufffd[2J 길이"


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


LEGITIMATE = [
    "می\u200cروم",
    "LLM\u200cها",
    "۱۰\u200cساله",
    "क\u094d\u200dष",
    "र\u200d\u094d",
    "👩\u200d🔬",
    "❤\ufe0f\u200d🔥",
    "👩🏽\u200d🚀",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "葛\U000e0100",
    "\u1820\u180b",
    "0\ufe00",
    "1\ufe0f\u20e3",
]


@pytest.mark.parametrize("word", LEGITIMATE)
def test_invisible_characters_that_have_a_meaning_are_kept(word: str) -> None:
    assert text.clean(f"On {word} and more") == f"On {word} and more"
    assert text.printable_line(word) == text.make_printable(word) == text.clean_markdown(word) == word
    assert is_visible(word)


@pytest.mark.parametrize(
    "raw",
    [
        *("pa{}per", "{}paper", "paper{}", "paper {}", "{} paper"),
        *("pap{0}{0}er", "1{}2", "a{}", "a-{}b"),
    ],
)
@pytest.mark.parametrize("invisible", ["\u200c", "\u200d", "\ufe00", "\U000e0041", "\U000e0100", "\u200b", "\u180b"])
def test_isolated_invisible_characters_are_dropped(raw: str, invisible: str) -> None:
    assert text.clean(raw.format(invisible)) == text.clean(raw.format(""))


def test_a_byte_that_is_not_utf_8_is_not_dropped_in_silence() -> None:
    assert text.clean("na\udcefve") == text.make_printable("na\udcefve") == text.clean_markdown("na\udcefve")
    assert text.clean("na\udcefve") == "na\ufffdve"


JOINED = st.text(
    st.sampled_from(
        "\u200c\u200d\u200b\ufe00\ufe0e\ufe0f\u180b\U000e0100\U000e0067\U000e007f\u034f\u3164\u202e\xad"
        "aK\u212a=\u0338\u0323\u0301मक्षیر가가葛0 ❤👩🔬🏴🏽é-#"
    ),
    max_size=20,
)


@given(JOINED)
def test_cleaning_text_with_joiners_is_stable(raw: str) -> None:
    cleaned = text.clean(raw)
    assert text.clean(cleaned) == cleaned
    assert is_visible(cleaned)
    line = text.printable_line(raw)
    assert text.printable_line(line) == line
    assert len(text.mask_unprintable(raw)) == len(raw)
    assert is_visible(text.mask_unprintable(raw))


def clean_before_joiners(raw: str) -> str:
    """Return what `clean` returned until joiners were kept: all format characters and selectors were dropped."""
    raw = "".join(c for c in raw.replace("\t", " ") if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    fillers = str.maketrans("\u2800\u3164\uffa0", "   ", "\u034f\u115f\u1160\u17b4\u17b5")
    raw = re.sub("[\u180b-\u180d\u180f\ufe00-\ufe0d\U000e0100-\U000e01ef]", "", raw.translate(fillers))
    return " ".join(unicodedata.normalize("NFC", raw).split())


@given(JOINED | ANY_TEXT.filter(lambda raw: not re.search("[\ud800-\udfff\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", raw)))
@example(" ".join(LEGITIMATE))
def test_the_key_of_a_title_is_what_it_was_before_joiners_were_kept(title: str) -> None:
    before, now = clean_before_joiners(title), text.clean(title)
    assert text.paper_key(now, now) == text.paper_key(before, before)
    assert text.split_words(now) == text.split_words(before)
    assert text.fold(now) == text.fold(before)
    assert text.fold_tag(text.clean(now)) == text.fold_tag(before)
    assert tokenize(now) == tokenize(before)


def test_joiners_in_a_link_are_encoded_and_in_an_id_ignored() -> None:
    assert text.extract_links("https://fa.example.org/wiki/می\u200cروم") == (
        "https://fa.example.org/wiki/می%E2%80%8Cروم",
    )
    assert text.parse_arxiv_id("2502.06781\u200b") == "2502.06781"


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
