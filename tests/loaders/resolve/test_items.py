"""What a user types to name a paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import UsageError
from readlist.loaders.resolve.items import Item, is_stub, parse_item

ARXIV_IDS = {
    "2502.06781": "2502.06781",
    "2502.06781v3": "2502.06781",
    "arXiv:2502.06781": "2502.06781",
    " arxiv:2502.06781v1 ": "2502.06781",
    "hep-th/9901001": "hep-th/9901001",
    "https://arxiv.org/abs/2502.06781v2": "2502.06781",
    "http://www.arxiv.org/pdf/2502.06781.pdf": "2502.06781",
    "arxiv.org/abs/2502.06781": "2502.06781",
    "https://arxiv.org/html/2502.06781v1#S2": "2502.06781",
    "https://huggingface.co/papers/2502.06781": "2502.06781",
    "https://www.alphaxiv.org/abs/2502.06781": "2502.06781",
    "https://doi.org/10.48550/arXiv.2502.06781": "2502.06781",
    "10.48550/ARXIV.2502.06781": "2502.06781",
    "https://scholar.google.com/scholar_url?url=https://arxiv.org/pdf/2502.06781&hl=en&sa=X": "2502.06781",
}
DOIS = {
    "10.1000/182": "10.1000/182",
    "doi:10.1000/ABC": "10.1000/abc",
    "https://doi.org/10.1000/182": "10.1000/182",
    "dx.doi.org/10.1000/182": "10.1000/182",
    "https://doi.org/10.1002/(SICI)17:15%3C1661::AID%3E3.0.CO;2-2": "10.1002/(sici)17:15<1661::aid>3.0.co;2-2",
    "https://dl.acm.org/doi/pdf/10.1145/3580305?download=true": "10.1145/3580305",
}
URLS = {
    "https://openreview.net/forum?id=aB1": "https://openreview.net/forum?id=aB1",
    "https://openreview.net/pdf?id=aB1": "https://openreview.net/forum?id=aB1",
    "https://aclanthology.org/2024.acl-long.1.pdf": "https://aclanthology.org/2024.acl-long.1/",
    "aclanthology.org/2024.acl-long.1/": "https://aclanthology.org/2024.acl-long.1/",
    "https://example.org/a?id=1&utm_source=mail": "https://example.org/a?id=1",
    "https://proceedings.mlr.press/v139/x21a.html": "https://proceedings.mlr.press/v139/x21a.html",
}
TITLES = ["On Tides", "GRPO: a study", "조수에 대하여", "ReAct", "A/B Testing at Scale", "10 Lessons", "Who? What!"]


def test_an_arxiv_id_is_recognized_in_every_form_and_loses_its_version() -> None:
    assert {text: parse_item(text).arxiv_id for text in ARXIV_IDS} == ARXIV_IDS


def test_a_doi_is_recognized_alone_in_its_url_and_in_the_url_of_a_publisher() -> None:
    assert {text: parse_item(text).doi for text in DOIS} == DOIS


def test_a_url_is_that_of_the_page_even_where_it_was_that_of_its_pdf() -> None:
    assert {text: parse_item(text).url for text in URLS} == URLS


def test_anything_else_with_a_letter_is_a_title() -> None:
    assert [parse_item(text).title for text in TITLES] == TITLES


@pytest.mark.parametrize("text", ["", " ", "12", "2502", "#12", "—", "1-3"])
def test_text_without_a_letter_names_no_paper(text: str) -> None:
    with pytest.raises(UsageError, match="not an arXiv ID, DOI, URL or title"):
        parse_item(text)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/a", "https://ada:pw@example.org/", "https://", "javascript://x/"]
)
def test_a_url_that_must_not_be_opened_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="invalid URL: "):
        parse_item(url)


def test_a_doi_of_arxiv_has_an_arxiv_id() -> None:
    with pytest.raises(UsageError, match=r"DOI of arXiv without an arXiv ID: 10\.48550/arXiv\.x; "):
        parse_item("10.48550/arXiv.x")


def test_a_title_is_not_longer_than_that_of_a_paper() -> None:
    assert parse_item("a" * 500).title
    with pytest.raises(UsageError, match="title is too long: 501 characters; the maximum is 500"):
        parse_item("a" * 501)


def test_a_stub_has_the_identifier_as_its_title() -> None:
    for text, title in (
        ("2502.06781v2", "arXiv:2502.06781"),
        ("https://doi.org/10.1000/X", "doi:10.1000/x"),
        ("https://openreview.net/forum?id=a", "https://openreview.net/forum?id=a"),
    ):
        stub = parse_item(text).stub
        assert stub.title == title
        assert is_stub(stub)
    assert not is_stub(parse_item("On Tides").stub)


@given(st.text(max_size=600))
def test_any_text_is_an_item_or_a_usage_error(text: str) -> None:
    try:
        item = parse_item(text)
    except UsageError:
        return
    assert isinstance(item, Item)
    assert sum(map(bool, item[1:])) == 1
