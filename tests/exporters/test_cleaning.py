"""Entries with clean texts."""

from __future__ import annotations

import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readlist.exporters.cleaning import clean_entry
from readlist.exporters.html_text import escape
from readlist.models import Entry, Mark, Paper
from readlist.text import clean, clean_lines, clean_markdown, printable_line

TEXT = st.one_of(
    st.text(alphabet=st.characters(codec=None), max_size=20),
    st.text(alphabet="aé—가 \n\t\x1b\u200b\u0301", max_size=12),
    st.sampled_from(["A title", "한국어 제목", "First paragraph.\n\nSecond “café”.", ""]),
)
CLEAN = Entry(
    Paper("Title", authors=("Émile", "김철수"), abstract="One.\n\nTwo — three.", comments={"ko": "한\n국어", "en": ""}),
    Mark("k"),
    ("nlp", "한국어"),
)


@given(TEXT, st.lists(TEXT, max_size=2), TEXT, TEXT, TEXT, st.lists(TEXT, max_size=2))
@example("a\nb", [], "", "", "", [])
@example(" a", ["b "], "c\n\n\nd", "\ne", "", ["f\n"])
@example("a", [], "b \nc", "d\n e", "", [])
def test_each_text_of_a_clean_entry_is_cleaned(  # noqa: PLR0913, PLR0917 -- the fields
    title: str, authors: list[str], abstract: str, comment: str, note: str, tags: list[str]
) -> None:
    paper = Paper(title, authors=tuple(authors), abstract=abstract, comments={"en": comment}, links=("\x1b",), key="k")
    cleaned = clean_entry(Entry(paper, Mark("k", note=note), tuple(tags)))
    assert cleaned.paper == paper._replace(
        title=clean(title),
        authors=tuple(map(clean, authors)),
        abstract=clean_lines(abstract),
        comments={"en": clean_lines(comment)},
    )
    assert cleaned.mark == Mark("k", note=clean_markdown(note))
    assert cleaned.tags == tuple(map(printable_line, tags))


def test_an_entry_that_is_clean_is_returned_as_it_is() -> None:
    assert clean_entry(CLEAN) is CLEAN
    bare = Entry(Paper("Title"), Mark("k"), ())
    assert clean_entry(bare) is bare


@pytest.mark.parametrize("text", ["", "a", "&amp; <b> \"x\" 'y' &&<<", "한국어 <", "\x1b&"])
def test_escaped_text_is_that_of_the_standard_library(text: str) -> None:
    assert escape(text) == html.escape(text)
