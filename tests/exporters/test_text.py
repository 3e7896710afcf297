"""Plain text: whole output, line breaks by the columns of a terminal, and harmless characters only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from readlist.exporters.text import WIDTH, measure, wrap
from readlist.text import clean
from tests.exporters.test_exporters import BARE, FULL, HOSTILE, export_text, paper_with
from tests.hostile import is_visible


def test_text_output() -> None:
    abstract = BARE._replace(paper=BARE.paper._replace(abstract="What it is about."))
    assert export_text("text", FULL, abstract, intro="Dear *all*,") == (
        "Reading list\n"
        "============\n"
        "\n"
        "Dear *all*,\n"
        "\n"
        "2025-02-11\n"
        "----------\n"
        "\n"
        "* The Curse of Depth [in] *Large* Models ★\n"
        "  https://arxiv.org/abs/2502.05795\n"
        "  Wenfang Sun, Shiwei Liu\n"
        "  #normalization #내것\n"
        "\n"
        "  Pre LN에서 레이어의 기여도가 낮아지는 문제.\n"
        "\n"
        "  (https://arxiv.org/abs/2501.08313) 늘 재미있는 주제.\n"
        "\n"
        "  This remains an interesting area.\n"
        "\n"
        "  Note: # Compare\n"
        "\n"
        "  - with **OREAL**\n"
        "\n"
        "  ```\n"
        "  x = 1\n"
        "\n"
        "Undated\n"
        "-------\n"
        "\n"
        "* Untagged\n"
        "\n"
        "  Abstract: What it is about.\n"
    )


def test_a_list_without_papers_says_so() -> None:
    assert export_text("text") == "Reading list\n============\n\nNo papers.\n"


def test_a_line_has_at_most_78_columns_and_a_url_is_whole() -> None:
    url = "https://example.org/" + "x" * 100
    text = f"{'레이어의 기여도가 ' * 20} {url} {'모델' * 60}"
    lines = wrap(text)
    assert url in lines
    assert {wcswidth(line) <= WIDTH for line in lines if line != url} == {True}
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert [len(line) for line in wrap("a b\nc")] == [3, 1]


@given(st.text().map(clean))
def test_wrapping_loses_no_text(text: str) -> None:
    assert "".join(wrap(text, 20)).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", ["abc", "한국어", "é", "e\u0301", "中文 x"])
def test_columns_are_those_of_a_terminal(text: str) -> None:
    assert measure(text) == wcswidth(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_printable(text: str) -> None:
    written = export_text("text", paper_with(text))
    assert is_visible(written)
    assert " ".join(clean(text).split()) in " ".join(written.split())
