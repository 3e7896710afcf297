"""Papers that are exported as a bibliography and loaded into an empty library are the same papers."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from readlist.models import Entry, Mark, Paper
from readlist.text import clean
from readlist.urls import paper_url
from tests.exporters.test_citation import ANY_TEXT
from tests.exporters.test_exporters import export_text
from tests.loaders.bibliography.loading import load
from tests.strategies import build_model

FORMATS = ["bibtex", "biblatex", "csl", "ris"]

TITLES = ANY_TEXT.map(clean).filter(bool)
PERSONS = st.sampled_from(
    ["Ada Lovelace", "Laurens van der Maaten", "Martin Luther King Jr.", "Conan O''Brien", "Jean--Luc Godard"]
)
ORGANIZATIONS = st.sampled_from(["DeepSeek-AI", "Simon and Schuster", "Gemma Team", "Qwen: An Yang", "김철수", "AT&T"])
# RIS has a comma between family and given name only, a name of "others" is "et al." in BibTeX.
OTHER_NAMES = ANY_TEXT.map(clean).filter(
    lambda name: 0 < len(name) <= 100 and "," not in name and name.lower() not in ("others", "et al.", "et al")
)
AUTHORS = st.lists(PERSONS | ORGANIZATIONS | OTHER_NAMES, max_size=5).map(tuple)
ARXIV_IDS = st.sampled_from(["", "2502.05795", "0704.0001", "cs/9301111", "math.GT/0309136"])
DOIS = st.one_of(st.just(""), st.from_regex(r"10\.[0-9]{4,9}/[a-z0-9_.;()/:<>-]{1,20}[a-z0-9)]", fullmatch=True))
URLS = st.sampled_from(
    ["", "https://example.org/a_b?c=1&d=%20~e#f", "https://example.org/a--b", "https://openreview.net/forum?id=x"]
)
PAPERS = build_model(
    Paper, title=TITLES, authors=AUTHORS, abstract=ANY_TEXT.map(clean), arxiv_id=ARXIV_IDS, doi=DOIS, url=URLS
)


def number(papers: list[Paper]) -> list[Entry]:
    numbered = [paper._replace(id=id_, key=f"k-{id_}") for id_, paper in enumerate(papers, 1)]
    return [Entry(paper, Mark(paper.key), ()) for paper in numbered]


@pytest.mark.parametrize("name", FORMATS)
@given(papers=st.lists(PAPERS, min_size=1, max_size=4))
def test_papers_are_read_back(name: str, papers: list[Paper]) -> None:
    assume(name != "csl" or any(paper.authors for paper in papers))  # an item with nothing but a title is in any JSON
    entries = number(papers)
    result = load(export_text(name, *entries))
    assert result.problems == ()
    assert [paper.title for paper in result.papers] == [paper.title for paper in papers]
    assert [paper.authors for paper in result.papers] == [paper.authors for paper in papers]
    assert [paper.abstract for paper in result.papers] == [paper.abstract for paper in papers]
    assert [paper.arxiv_id for paper in result.papers] == [paper.arxiv_id for paper in papers]
    assert [paper.doi for paper in result.papers] == [paper.doi for paper in papers]
    for read, paper in zip(result.papers, papers, strict=True):
        assert not paper_url(paper) or unquote(paper_url(paper)) in map(unquote, (read.url, *read.links))
