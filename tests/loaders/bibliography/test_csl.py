"""CSL-JSON of Zotero, Pandoc, Crossref and readlist."""

from __future__ import annotations

import json

import pytest

from readlist.exporters import csl
from readlist.loaders.base import Source
from readlist.loaders.bibliography.csl import CslLoader
from readlist.models import Entry, Mark, Paper
from tests.loaders.bibliography.loading import load, load_paper, notes_and_tags, paper, problems

ITEM = {
    "id": "http://zotero.org/users/1/items/ABCD",
    "type": "article-journal",
    "title": "On <i>Tides</i> &amp; <sup>3</sup>He if a < b",
    "author": [
        {"family": "Maaten", "given": "Laurens", "non-dropping-particle": "van der"},
        {"family": "King", "given": "Martin", "suffix": "Jr."},
        {"literal": "The Tide Group"},
    ],
    "abstract": "Tides.",
    "DOI": "10.1000/182",
    "URL": "https://example.org/tides",
    "keyword": "tides, machine learning",
    "issued": {"date-parts": [["2025", 2, 11]]},
    "note": "arXiv:2501.00001 [cs]\nCitation Key: maaten\nMy note",
}
CROSSREF = {
    "type": "journal-article",
    "title": ["On Moons", "A subtitle"],
    "author": [{"given": "Alan", "family": "Turing", "sequence": "first"}, {"name": "The Moon Group"}],
    "abstract": "<jats:title>Abstract</jats:title><jats:p>Moons <jats:italic>rise</jats:italic>.</jats:p>",
    "DOI": "10.1000/183",
    "volume": 3,
}


def test_an_item_of_zotero() -> None:
    text = json.dumps([ITEM])
    assert load_paper(text) == paper(
        "On Tides & 3He if a < b",
        "Laurens van der Maaten",
        "Martin King Jr.",
        "The Tide Group",
        abstract="Tides.",
        arxiv_id="2501.00001",
        url="https://example.org/tides",
        links=("https://doi.org/10.1000/182",),
        doi="10.1000/182",
    )
    assert notes_and_tags(text) == [(0, "My note", ("tides", "machine-learning"))]


def test_a_single_item_of_crossref() -> None:
    assert load_paper(json.dumps(CROSSREF)) == paper(
        "On Moons",
        "Alan Turing",
        "The Moon Group",
        abstract="Moons rise.",
        url="https://doi.org/10.1000/183",
        doi="10.1000/183",
    )


def test_an_export_is_read_back() -> None:
    original = Paper("On <b> & Tides", ("Ada Lovelace", "김철수"), "Tides.", arxiv_id="2501.00001", key="k")
    text = "".join(
        csl.export([Entry(original, Mark("k", note="- a  <b>\n\n`List<int>`"), ("rl", "c++"))], {"k": "lovelace"})
    )
    read = load_paper(text)
    assert (read.title, read.authors, read.abstract) == (original.title, original.authors, "Tides.")
    assert read.arxiv_id == "2501.00001"
    assert notes_and_tags(text) == [(0, "- a  <b>\n\n`List<int>`", ("rl", "c++"))]


def test_items_without_a_title_and_other_values_are_reported_by_number() -> None:
    odd: dict[str, object] = {
        "type": "book",
        "title": {},
        "author": "Ada",
        "DOI": None,
        "URL": [],
        "keyword": 1,
        "note": True,
    }
    text = json.dumps([ITEM, odd, 7, {"type": "book", "title": "B", "author": ["Ada", 1, {"family": None}]}])
    assert [item.authors for item in load(text).papers][1:] == [("Ada",)]
    assert problems(text) == [
        "refs: entry without a title: 'item 2'; ignored",
        "refs: item 3 is not an object; ignored",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "[]",
        "{}",
        '[{"type": "article"}]',
        '[{"title": "On Tides", "type": "pdf"}]',
        '[{"title": "On Tides", "type": "x", "abstract": "", "digests": []}]',
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"title": "On Tides", "type": "x"}]}',
        '[{"type": "x", "title": "' + "\\ud800" + '"}]',
        '"type"' * 3,
    ],
)
def test_other_json_is_no_csl(text: str) -> None:
    assert not CslLoader().detect(Source("a.json", text))
