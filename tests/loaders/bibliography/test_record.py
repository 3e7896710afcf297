"""What entries of all formats of bibliographies have in common: keywords and the page of a DOI."""

from __future__ import annotations

from readlist.exporters import bibtex
from readlist.models import Entry, Mark
from tests.loaders.bibliography.loading import load, load_paper, notes_and_tags

ENTRY = "@misc{k, title = {On Tides}, FIELDS}"


def test_a_keyword_with_a_dash_between_its_words_is_a_tag_with_one_hyphen() -> None:
    text = ENTRY.replace("FIELDS", "keywords = {Computer Science - Machine Learning, self-supervised learning}")
    tags = ("Computer-Science-Machine-Learning", "self-supervised-learning")
    assert notes_and_tags(text) == [(0, "", tags)]


def test_the_url_of_a_doi_stays_as_it_is_written() -> None:
    url = "https://doi.org/10.1000/ABC-X"
    paper = load_paper(ENTRY.replace("FIELDS", f"doi = {{10.1000/abc-x}}, url = {{{url}}}"))
    assert (paper.url, paper.doi) == (url, "10.1000/abc-x")
    exported = "".join(bibtex.export([Entry(paper, Mark("k"), ())], {paper.key: "key"}))
    assert load(exported).papers[0].url == url


def test_another_address_of_the_page_of_a_doi_is_the_page() -> None:
    paper = load_paper(ENTRY.replace("FIELDS", "url = {http://dx.doi.org/10.1000/ABC}"))
    assert (paper.url, paper.links) == ("https://doi.org/10.1000/abc", ())
