"""The newsletter as a web page: titles, links, text, dates and what is ignored."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.loaders.base import Source
from readlist.loaders.feed.parser import FeedLoader
from readlist.loaders.page.parser import PageLoader
from readlist.models import Appearance
from tests.loaders.test_newsletter import LINES
from tests.loaders.web import ABSTRACT, HEAD, messages, parse, parse_paper

# Titles, links and text


@pytest.mark.parametrize(
    ("title", "url", "arxiv"),
    [
        ('<h2><a href="http://arxiv.org/abs/2501.00001v2">On Tides</a>', "http://arxiv.org/abs/2501.00001v2", True),
        ('<p>1. <a href="http://arxiv.org/pdf/2501.00001">On Tides</a></p>', "http://arxiv.org/pdf/2501.00001", True),
        ('<p><a href="/tides">On <em>Tides</em></a></p>', "https://tides.example/tides", False),
        ('<p><a href="//b.example/ä b">On Tides</a></p>', "https://b.example/ä%20b", False),
        ('<h2>On Tides</h2><p><a href="https://arxiv.org/abs/2501.00001">https://arxiv.org/abs/2501.00001</a></p>',
         "https://arxiv.org/abs/2501.00001", True),
        ('<h2><a href="javascript:alert(1)">On Tides</a></h2>', "", False),
        ('<h2><a href=" java\nscript:alert(1)">On Tides</a></h2>', "", False),
        ('<h2><a href="data:text/html,x">On Tides</a></h2>', "", False),
        ('<h2><a href="file:///etc/passwd">On Tides</a></h2>', "", False),
        ('<h2><a href="http://[bad">On Tides</a></h2>', "", False),
        ('<h2><a href="#tides">On Tides</a></h2>', "", False),
        ('<h2><a name="tides">On Tides</a></h2>', "", False),
        ("<h2>On Tides</h2>", "", False),
    ],
)  # fmt: skip
def test_the_link_of_a_title_is_the_url_of_the_paper(title: str, url: str, arxiv: bool) -> None:
    paper = parse_paper(f"{title}<p>(Ada Lovelace)</p>{ABSTRACT}")
    assert (paper.title, paper.url, paper.arxiv_id) == ("On Tides", url, "2501.00001" if arxiv else "")
    assert (paper.authors, paper.abstract) == (("Ada Lovelace",), "Tides rise and fall.")


def test_the_words_of_links_stay_in_their_sentences_and_the_targets_are_links_of_the_paper() -> None:
    paper = parse_paper(
        f'{HEAD}<p>Tides rise (<a href="https://a.example/code">code</a>) and <a href="/x">fall</a>.</p>'
        '<p>좋다 <a href="mailto:ada@example.org">Ada</a>, see https://b.example/c.<a href="/y"><img src="y"></a></p>'
    )
    assert paper.abstract == "Tides rise (code) and fall."
    assert dict(paper.comments) == {"ko": "좋다 Ada, see https://b.example/c."}
    assert paper.links == ("https://b.example/c", "https://a.example/code", "https://tides.example/x")


def test_relative_links_are_resolved_against_the_url_or_a_base_element() -> None:
    html = '<h2><a href="p/1">On Tides</a></h2><p>(Ada Lovelace)</p>'
    assert parse(html, url="").papers[0].url == ""
    assert parse(f'<base href="https://b.example/x/">{html}', url="").papers[0].url == "https://b.example/x/p/1"
    assert parse(f'<base href="javascript:1">{html}').papers[0].url == "https://tides.example/posts/p/1"


@pytest.mark.parametrize(
    ("body", "abstract", "comments"),
    [
        ("<blockquote>Rise.<p>Fall.</blockquote><p>Good.", "Rise. Fall.", {"en": "Good."}),
        ("<p>좋다</p><blockquote>Rise.</blockquote><p>Good.", "Rise.", {"ko": "좋다", "en": "Good."}),
        ("<blockquote>Rise</blockquote><p>Good.</p><p>좋다", "Rise", {"ko": "좋다", "en": "Good."}),
        ("<p>Rise.</p><blockquote>Good.</blockquote>", "Rise.", {"en": "Good."}),
        ("<p>Rise.</p><blockquote>좋다</blockquote>", "Rise.", {"ko": "좋다"}),
        ("<p>Rise &amp; fall &lt;b&gt;.<br>좋다<br><br>Good.</p>", "Rise & fall <b>.", {"ko": "좋다", "en": "Good."}),
        ("<pre>Rise.\n좋다\nGood.</pre>", "Rise.", {"ko": "좋다", "en": "Good."}),
        ("<p>Rise\nand\n  fall.<!--x--><script>x</script><p hidden>x<ul><li>좋다", "Rise and fall.", {"ko": "좋다"}),
    ],
)  # fmt: skip
def test_each_block_is_a_line_and_a_quotation_is_the_abstract(
    body: str, abstract: str, comments: dict[str, str]
) -> None:
    paper = parse_paper(HEAD + body)
    assert (paper.abstract, dict(paper.comments)) == (abstract, comments)


def test_a_heading_that_links_to_arxiv_is_a_title_even_without_authors() -> None:
    paper = parse_paper(f'<h3><a href="https://arxiv.org/abs/2501.00001">On Tides</a></h3>{ABSTRACT}<p>#moon')
    assert (paper.title, paper.authors, paper.abstract, paper.tags) == (
        "On Tides",
        (),
        "Tides rise and fall.",
        ("moon",),
    )


def test_text_around_the_papers_is_ignored_without_a_problem() -> None:
    html = (
        f"<h1>My page</h1><p>Dear readers,</p><p>welcome.</p>{HEAD}{ABSTRACT}<p>#moon</p><p>Yours</p><h2>Related</h2>x"
    )
    assert parse_paper(html).comments == {}


def test_text_between_papers_is_reported() -> None:
    second = "<h3>On Moons</h3><p>(Alan Turing)</p>"
    result = parse(f"{HEAD}\n{ABSTRACT}<p>#a</p>\n<p>Advertisement</p>\n<h3>More papers</h3>\n{second}")
    assert [paper.title for paper in result.papers] == ["On Tides", "On Moons"]
    assert messages(result) == [
        "d.html:3: belongs to no paper: 'Advertisement'; ignored",
        "d.html:4: belongs to no paper: 'More papers'; ignored",
    ]


def test_a_title_and_authors_on_one_line_are_split() -> None:
    paper = parse_paper("<li><b>On Tides</b> (Ada Lovelace, Alan Turing)</li><li>Tides rise.</li>")
    assert (paper.title, paper.authors) == ("On Tides", ("Ada Lovelace", "Alan Turing"))


def test_problems_have_the_line_number_in_the_source() -> None:
    long = f"{HEAD}\n<h3>{'T' * 501}</h3>\n<p>(Ada King)</p>"
    reason = "title truncated: 501 characters; the first 500 are kept"
    assert messages(parse(f"<html>\n<body>\n{long}")) == [f"d.html:4: {reason}"]
    body = f"<description>\n<![CDATA[\n{long}]]>\n</description>"
    rss = f"<rss>\n<channel>\n<item>\n<title>x</title>\n{body}</item></channel></rss>"
    assert messages(parse(rss)) == [f"d.html:8: {reason}"]


# Dates


@pytest.mark.parametrize(
    ("html", "date"),
    [
        (f"<title>Papers</title><p>2025년 2월 11일</p>{HEAD}", "2025-02-11"),
        (f"<h1>Daily papers: February 11, 2025</h1>{HEAD}", "2025-02-11"),
        (
            f"<title>x</title><h1>Papers</h1><time>12 Feb 2025</time><h2>2025-02-11 (Tue) papers</h2>{HEAD}",
            "2025-02-11",
        ),
        (f"<h1>2025-02-11</h1><time datetime='2025-02-13'>13 February 2025</time>{HEAD}", "2025-02-11"),
        (f"<title>Papers of 11 February 2025 | Ada</title><time datetime='2025-02-13'></time>{HEAD}", "2025-02-11"),
        (f"<meta property='article:published_time' content='2025-02-11T01:00:00+09:00'>{HEAD}", "2025-02-11"),
        (f"<time datetime='2025-02-11'>today</time>{HEAD}", "2025-02-11"),
        (HEAD, "2025-02-14"),
    ],
)
def test_the_date_of_a_page_is_its_date_line_else_its_title_else_its_publication_else_its_name(
    html: str, date: str
) -> None:
    assert str(parse_paper(html, "2025-02-14.html").date) == date


def test_the_date_of_a_page_may_be_in_its_url() -> None:
    paper = parse_paper(f"<h1>x</h1>{HEAD}", "tides.example/2025/02/11/papers")
    assert paper.digests == (Appearance(dt.date(2025, 2, 11), "tides.example/2025/02/11/papers"),)


# Detection


@pytest.mark.parametrize(
    "text", ["", "<", "< b", "x < y", "2025-02-11\n<Tides>\n(Ada Lovelace)", "<p>no paper</p>", "<rss/>"]
)
def test_text_that_is_not_a_page_with_papers_is_not_detected(text: str) -> None:
    assert not PageLoader().detect(Source("d", text))
    assert not FeedLoader().detect(Source("d", text))


def test_fields_are_printable_and_within_the_limits() -> None:
    paper = parse(
        f"<h3><a href='https://a.example/{'x' * 3000}'>T\x1b[31m\u202e</a></h3><p>(Ada\x07)</p><p>&#27;]0;x"
    ).papers[0]
    assert (paper.title, paper.authors, paper.abstract, paper.url, paper.links) == ("T[31m", ("Ada",), "]0;x", "", ())


# Laws

TAGS = (
    st.sampled_from(
        ["p", "br", "h3", "a", "blockquote", "li", "em", "b", "pre", "time", "article", "nav", "item", "title"]
    )
    | st.sampled_from(["description", "content", "rss", "feed", "entry", "a href='https://arxiv.org/abs/2501.00001'"])
    | st.sampled_from(["a rel=tag", "base href='http://[x'", "!--", "![CDATA[", "/p", "/h3", "/a", "/pre", "/item"])
).map("<{}>".format) | st.sampled_from(["-->", "]]>", "&amp;", "&x;"])


@given(
    st.sampled_from(
        ["", "<", "<html>", "<rss><channel><item><description>", "<feed><entry><content>", " <!DOCTYPE x>"]
    ),
    st.text() | st.lists(TAGS | LINES | st.text()).map("\n".join) | st.lists(TAGS | LINES).map("".join),
)
def test_any_text_is_parsed_without_an_exception(start: str, text: str) -> None:
    parse(start + text)
