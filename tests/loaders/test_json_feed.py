"""JSON Feed: items that are papers, and items that have a digest as their text."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import NoPaper
from readlist.loaders.base import ParseResult, Source
from readlist.loaders.feed.json_feed import JsonFeedLoader
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Paper
from tests.loaders.web import HEAD, messages

VERSION = "https://jsonfeed.org/version/1.1"
PAPER = {
    "id": "https://huggingface.co/papers/2502.06781",
    "url": "https://huggingface.co/papers/2502.06781",
    "title": "On Tides",
    "content_html": "<p>Tides rise &amp; <em>fall</em>.</p>",
    "summary": "Tides …",
    "authors": [{"name": "Ada Lovelace", "url": "https://ada.example"}, {"name": "Alan Turing"}],
    "tags": ["machine learning", "#tides"],
    "date_published": "2025-02-11T09:00:00Z",
}
DIGEST = {
    "id": "7",
    "url": "https://tides.example/7",
    "title": "Papers of 11 February 2025",
    "content_html": f"{HEAD}<p>Tides rise and fall.</p><p>좋다</p><p>#moon</p>",
    "date_published": "2025-02-12T09:00:00+09:00",
}


def feed(*items: object, version: object = VERSION) -> str:
    return json.dumps({"version": version, "title": "Papers", "feed_url": "https://tides.example", "items": items})


def parse(text: str) -> ParseResult:
    source = Source("feed.json", text)
    assert JsonFeedLoader().detect(source)
    return JsonFeedLoader().parse(source)


def test_an_item_that_is_a_paper_has_exact_fields() -> None:
    paper = Paper(
        title="On Tides",
        authors=("Ada Lovelace", "Alan Turing"),
        abstract="Tides rise & fall.",
        tags=("machine-learning", "tides"),
        links=("https://huggingface.co/papers/2502.06781",),
        arxiv_id="2502.06781",
        url="https://arxiv.org/abs/2502.06781",
        digests=(Appearance(dt.date(2025, 2, 11), "feed.json"),),
    )
    assert parse(feed(PAPER)) == ParseResult((paper,), ())
    first_version = PAPER | {"authors": None, "author": {"name": "Ada Lovelace"}}
    assert parse(feed(first_version, version="https://jsonfeed.org/version/1")).papers[0].authors == ("Ada Lovelace",)


@pytest.mark.parametrize(
    "body", [{"content_html": "Tides rise if a &lt; b."}, {"content_text": "Tides rise if a < b."}]
)
def test_the_text_of_an_item_is_html_or_plain(body: dict[str, str]) -> None:
    item = {name: value for name, value in PAPER.items() if name != "content_html"} | body
    assert parse(feed(item)).papers[0].abstract == "Tides rise if a < b."


def test_the_link_of_an_item_may_be_elsewhere_than_the_page_about_it() -> None:
    item = PAPER | {"id": "1", "url": "https://tides.example/1", "external_url": "https://doi.org/10.1000/182"}
    (paper,) = parse(feed(item)).papers
    assert (paper.url, paper.links) == ("https://doi.org/10.1000/182", ("https://tides.example/1",))


def test_an_item_may_have_a_digest_as_its_text() -> None:
    result = parse(feed(DIGEST, {"id": "1", "content_text": "Hello"}))
    (paper,) = result.papers
    assert (paper.title, paper.authors, dict(paper.comments)) == (
        "On Tides",
        ("Ada Lovelace", "Alan Turing"),
        {"ko": "좋다"},
    )
    assert (paper.tags, paper.digests) == (("moon",), (Appearance(dt.date(2025, 2, 11), "feed.json"),))
    assert messages(result) == ["feed.json: entries without a paper: 1 of 2"]


def test_a_problem_has_no_line() -> None:
    item = DIGEST | {"content_html": HEAD + "\n<p>#a</p>\n<p>Advertisement</p>" + HEAD.replace("Tides", "Moons")}
    assert messages(parse(feed(item))) == ["feed.json: belongs to no paper: 'Advertisement'; ignored"]


def test_a_feed_without_items_is_no_error() -> None:
    assert load_bytes(feed().encode(), "feed.json") == ParseResult((), ())


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        feed({"id": "1", "title": "Hello", "content_text": "jsonfeed.org"}),
        feed(version="https://tides.example"),
        feed(version=1),
        json.dumps({"version": VERSION}),
        feed(PAPER)[:-1],
        feed(DIGEST | {"content_html": 5}),
    ],
)
def test_other_json_is_an_error(text: str) -> None:
    with pytest.raises(NoPaper):
        load_bytes(text.encode(), "feed.json")


# Hostile input


@pytest.mark.parametrize(
    "value",
    ["[" * 100_000, "1" * 100_000, "[" * 50_000 + "]" * 50_000, "[{}" + ",{}" * 1_000_000 + "]", "1e999", "NaN"],
)
@pytest.mark.heavy
def test_deep_and_huge_values_are_no_exception(value: str) -> None:
    text = feed(PAPER)[:-1] + f', "x": {value}}}'
    source = Source("feed.json", text)
    JsonFeedLoader().detect(source)
    assert len(JsonFeedLoader().parse(source).papers) <= 1


def test_a_text_that_was_cut_within_an_emoji_is_read() -> None:
    assert parse(feed(PAPER | {"title": "On Tides \ud83c"})).papers[0].title == "On Tides \ufffd"


@pytest.mark.heavy
def test_100000_items_are_parsed_up_to_the_limit() -> None:
    result = parse(feed(*[{"url": "https://arxiv.org/abs/2502.06781", "title": "x"}] * 100_000))
    assert len(result.papers) == 5_000
    assert messages(result) == ["feed.json: more than 5,000 entries; the rest is ignored"]


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.sampled_from([*PAPER, "name"]), children, max_size=3)
    ),
    max_leaves=5,
)


FIELDS = st.sampled_from([*PAPER, "external_url", "content_text"])


@given(st.lists(VALUES | st.dictionaries(FIELDS, VALUES, max_size=4), max_size=3))
def test_items_of_any_shape_are_parsed_without_an_exception(items: list[object]) -> None:
    source = Source("feed.json", feed(PAPER, *items))
    assert JsonFeedLoader().detect(source)
    assert JsonFeedLoader().parse(source).papers


@given(st.text())
def test_any_text_is_parsed_without_an_exception(text: str) -> None:
    source = Source("feed.json", '{"version": "https://jsonfeed.org/version/1"' + text)
    JsonFeedLoader().detect(source)
    JsonFeedLoader().parse(source)
