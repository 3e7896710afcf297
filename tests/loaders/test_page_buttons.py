"""Newsletters in HTML as mail services lay them out: numbered headings, authors without parentheses, and buttons."""

from __future__ import annotations

import pytest

from readlist.loaders.page.titles import mark_titles
from tests.loaders.web import ABSTRACT, URL, parse, parse_paper, parse_papers

ARXIV = "https://arxiv.org/abs/2501.00001"
NAMES = "Ada Lovelace, Alan Turing"
COMMENT = "<p>조수에 대한 논문입니다.</p>"
BUTTON = f'<p><a href="{ARXIV}">논문 보기</a></p>'


@pytest.mark.parametrize(
    "label",
    [
        "논문 보기",
        "논문보기",
        "원문 보기",
        "논문 링크",
        "자세히 보기",
        "Read paper",
        "PDF",
        "arXiv",
        "[Paper]",
        "<b>PDF</b> →",
    ],
)
@pytest.mark.parametrize("title", ["<h3>On Tides</h3>", "<p><b>On Tides</b></p>"])
def test_a_button_below_the_comment_is_the_paper_and_no_comment(title: str, label: str) -> None:
    button = BUTTON.replace("논문 보기", label)
    paper = parse_paper(f"{title}<p>({NAMES})</p>{ABSTRACT}{COMMENT}{button}<p>#tides</p>")
    assert (paper.url, paper.arxiv_id, paper.links) == (ARXIV, "2501.00001", ())
    assert paper.comments == {"ko": "조수에 대한 논문입니다."}
    assert (paper.abstract, paper.tags) == ("Tides rise and fall.", ("tides",))


def test_a_button_below_the_tags_belongs_to_the_paper_if_it_leads_to_one() -> None:
    head = f"<h3>On Tides</h3><p>({NAMES})</p>{ABSTRACT}{COMMENT}<p>#tides</p>"
    assert parse_paper(f"{head}{BUTTON}").url == ARXIV
    assert parse_paper(f"{head}<p><a href='{URL}'>자세히 보기</a></p>").url == ""


def test_of_several_buttons_the_paper_is_the_url_and_the_code_is_one_of_its_links() -> None:
    buttons = f'<p><a href="https://github.com/ada/tides">Code</a> | <a href="{ARXIV}">PDF</a></p>'
    paper = parse_paper(f"<h3>On Tides</h3><p>({NAMES})</p>{ABSTRACT}{COMMENT}{buttons}")
    assert (paper.url, paper.links) == (ARXIV, ("https://github.com/ada/tides",))


def test_the_link_of_the_title_is_preferred_to_a_button() -> None:
    title = f'<h3><a href="{URL}/tides">On Tides</a></h3>'
    paper = parse_paper(f"{title}<p>({NAMES})</p>{ABSTRACT}{COMMENT}{BUTTON}")
    assert (paper.url, paper.arxiv_id, paper.links) == (f"{URL}/tides", "2501.00001", (ARXIV,))


def test_a_link_with_other_words_stays_in_the_comment() -> None:
    link = f'<p>이전 논문: <a href="{ARXIV}">PDF</a></p>'
    paper = parse_paper(f"<h3>On Tides</h3><p>({NAMES})</p>{ABSTRACT}{COMMENT}{link}")
    assert (paper.url, paper.comments["ko"]) == ("", "조수에 대한 논문입니다.\n\n이전 논문: PDF")


@pytest.mark.parametrize("names", [NAMES, "Ada Lovelace and Alan Turing", "By Ada Lovelace, Alan Turing et al."])
def test_authors_below_a_heading_need_no_parentheses_if_a_button_leads_to_the_paper(names: str) -> None:
    first = f"<h3>On Tides</h3><p>{names}</p>{ABSTRACT}{COMMENT}{BUTTON}"
    second = first.replace("Tides", "Moons").replace("00001", "00002")
    tides, moons = parse_papers(first + second)
    assert (tides.authors, tides.abstract, tides.url) == (
        ("Ada Lovelace", "Alan Turing"),
        "Tides rise and fall.",
        ARXIV,
    )
    assert (moons.title, moons.arxiv_id) == ("On Moons", "2501.00002")


def test_authors_without_parentheses_below_a_heading_that_links_to_arxiv_are_not_the_abstract() -> None:
    paper = parse_paper(f'<h3><a href="{ARXIV}">On Tides</a></h3><p>{NAMES}</p>{ABSTRACT}{COMMENT}')
    assert (paper.authors, paper.abstract) == (("Ada Lovelace", "Alan Turing"), "Tides rise and fall.")


@pytest.mark.parametrize(
    "text", ["Tides, moons and oceans", "Tides rise, oceans fall.", "Transformers, Attention", "Ada Lovelace"]
)
def test_a_line_that_is_not_names_throughout_is_the_abstract(text: str) -> None:
    paper = parse_paper(f'<h3><a href="{ARXIV}">On Tides</a></h3><p>{text}</p>{COMMENT}')
    assert (paper.authors, paper.abstract) == ((), text)


def test_names_below_a_heading_without_a_link_to_a_paper_are_text() -> None:
    assert parse(f"<h3>Thanks to</h3><p>{NAMES}</p>{COMMENT}").papers == ()


@pytest.mark.parametrize("number", ["1. ", "1) ", "[1] ", "(1) ", "12. "])
def test_a_number_before_the_title_in_a_heading_is_no_part_of_it(number: str) -> None:
    assert parse_paper(f"<h3>{number}On Tides</h3><p>({NAMES})</p>{ABSTRACT}").title == "On Tides"
    linked = f'<h3><a href="{ARXIV}">{number}On Tides</a></h3>{ABSTRACT}'
    assert parse_paper(linked).title == "On Tides"


@pytest.mark.parametrize("title", ["3D Tides", "1.5 Million Tides", "2025 Tides", "1984: Tides"])
def test_a_title_may_begin_with_a_number(title: str) -> None:
    assert parse_paper(f"<h3>{title}</h3><p>({NAMES})</p>{ABSTRACT}").title == title


def test_a_page_without_lines_has_no_titles() -> None:
    assert mark_titles([]) == []
