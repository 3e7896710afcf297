"""The newsletter as RSS and Atom: entries, their dates and text."""

from __future__ import annotations

from html import escape

import pytest

from tests.loaders.web import HEAD, messages, parse, parse_paper, parse_papers, rss


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ("<title>2025년 2월 11일</title><pubDate>Wed, 12 Feb 2025 09:00:00 GMT</pubDate>", "2025-02-11"),
        ("<title>x</title><pubDate>Tue, 11 Feb 2025 23:30:00 +0900</pubDate>", "2025-02-11"),
        ("<title>x</title><pubDate>11 Feb 25 09:00 EST</pubDate>", "2025-02-11"),
        ("<title>x</title><date>2025-02-11T01:00:00Z</date>", "2025-02-11"),
        ("<title>x</title><pubDate>soon</pubDate>", "None"),
        ("<title>x</title><pubDate>Tue, 99 Feb 99999999999 99:99:99 +9999999999</pubDate>", "None"),
        ("", "None"),
    ],
)
def test_the_date_of_an_entry_is_in_its_title_else_that_of_its_publication(fields: str, date: str) -> None:
    paper = parse_paper(f"<rss><channel><item>{fields}<description>{escape(HEAD)}</description></item></channel></rss>")
    assert str(paper.date) == date


def test_all_entries_are_parsed_and_those_without_a_paper_are_counted() -> None:
    dated = [f"<p>2025-02-{day}</p>{HEAD}" for day in (11, 12)]
    result = parse(rss(escape(dated[0]), "Hello", escape(dated[1])))
    assert [str(paper.date) for paper in result.papers] == ["2025-02-11", "2025-02-12"]
    assert messages(result) == ["d.html: entries without a paper: 1 of 3"]


def test_an_entry_may_be_plain_text() -> None:
    text = "2025-02-11\nOn Tides\n(Ada Lovelace)\nTides &amp;amp; moons.\n좋다\n#moon"
    paper = parse_paper(rss(text))
    assert (paper.title, paper.abstract, dict(paper.comments)) == ("On Tides", "Tides & moons.", {"ko": "좋다"})


def test_a_feed_in_rdf_is_parsed() -> None:
    rdf = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    assert len(parse_papers(f"{rdf}<channel/><item><description>{escape(HEAD)}</description></item></rdf:RDF>")) == 1


def test_media_elements_in_an_entry_are_ignored() -> None:
    media = '<m:content xmlns:m="http://search.yahoo.com/mrss/"><m:title>x</m:title></m:content>'
    paper = parse_paper(f"<rss><channel><item>{media}<description>{escape(HEAD)}</description></item></channel></rss>")
    assert paper.title == "On Tides"


def test_an_incomplete_feed_is_parsed_up_to_its_end() -> None:
    result = parse(rss(escape(HEAD), "x").removesuffix("</description></item></channel></rss>"))
    assert len(result.papers) == 1
    assert messages(result) == [
        "d.html: not well-formed XML; the rest is ignored",
        "d.html: entries without a paper: 1 of 2",
    ]


@pytest.mark.heavy
def test_the_entries_of_a_feed_share_one_event_budget() -> None:
    result = parse(rss(*["<![CDATA[" + "<br>" * 1000 + "]]>"] * 200, escape(HEAD)))
    assert result.papers == ()
    assert "too many elements; the rest is ignored" in messages(result)[0]


@pytest.mark.heavy
def test_only_the_first_5000_entries_are_parsed() -> None:
    result = parse(rss(escape(HEAD), *[""] * 5000))
    assert len(result.papers) == 1
    assert messages(result) == [
        "d.html: more than 5,000 entries; the rest is ignored",
        "d.html: entries without a paper: 4,999 of 5,000",
    ]
