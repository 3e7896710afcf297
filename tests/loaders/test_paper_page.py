"""Pages of one paper: the metadata of arXiv, OpenReview, the ACL Anthology and publishers, and pages without any."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import NoPaper
from readlist.loaders.base import ParseResult, Source
from readlist.loaders.page.paper import PaperPageLoader
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Paper
from tests.loaders.web import HEAD, messages
from tests.scaling import assert_linear

NAME = "arxiv.org/abs/2502.06781"
ARXIV = """<!DOCTYPE html>
<html lang="en">
<head>  <title>[2502.06781] On Tides of Learning</title>
  <link rel="canonical" href="https://arxiv.org/abs/2502.06781"/>
  <meta name="description" content="Abstract page for arXiv paper 2502.06781: On Tides of Learning"><meta \
property="og:type" content="website" />
<meta property="og:url" content="https://arxiv.org/abs/2502.06781v1" />
<meta property="og:title" content="On Tides of Learning" />
<meta property="og:description" content="Tides rise." />
<meta name="citation_title" content="On Tides of Learning" /><meta name="citation_author" content="Lovelace, Ada" />\
<meta name="citation_author" content="van den Berg, Jan" /><meta name="citation_author" content="Čapek, Zoë" />\
<meta name="citation_doi" content="10.1000/182" /><meta name="citation_date" content="2025/02/10" />\
<meta name="citation_online_date" content="2025/03/01" />\
<meta name="citation_pdf_url" content="https://arxiv.org/pdf/2502.06781" />\
<meta name="citation_arxiv_id" content="2502.06781" />\
<meta name="citation_abstract" content="Tides rise if $a&lt;b$
and fall. Code: https://github.com/ada/tides" />
</head>
<body class="with-cu-identity">
<div id="content-inner"><div id="abs">
<div class="dateline">[Submitted on 10 Feb 2025]</div>
<h1 class="title mathjax"><span class="descriptor">Title:</span>On Tides of Learning</h1>
<div class="authors"><span class="descriptor">Authors:</span><a href="https://arxiv.org/search/cs?query=Lovelace,+A">\
Ada Lovelace</a>, <a href="https://arxiv.org/search/cs?query=Berg,+J">Jan van den Berg</a></div>
<blockquote class="abstract mathjax"><span class="descriptor">Abstract:</span>Tides rise.</blockquote>
<table summary="Additional metadata"><tr><td class="tablecell label">Subjects:</td>
<td class="tablecell subjects"><span class="primary-subject">Computation and Language (cs.CL)</span>; \
Machine Learning (cs.LG); High Energy Physics - Theory (hep-th)</td></tr></table>
</div></div></body></html>
"""
OPENREVIEW = """<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/>
<title>On Tides of Learning | OpenReview</title>
<meta name="description" content="Tides rise..."/><meta property="og:title" content="On Tides of Learning"/>
<meta name="citation_title" content="On Tides of Learning"/><meta name="citation_author" content="Ada Lovelace"/>\
<meta name="citation_author" content="Alan Turing"/><meta name="citation_online_date" content="2025/02/10"/>\
<meta name="citation_publication_date" content="2025/01/22"/>\
<meta name="citation_pdf_url" content="https://openreview.net/pdf?id=a1B2c3"/>\
<meta name="citation_abstract" content="Tides rise &amp; fall."/>
</head><body><div id="__next"><h2 class="citation_title">On Tides of Learning</h2></div></body></html>
"""
ACL = """<!doctype html><html lang=en-us><head><title>On Tides of Learning - ACL Anthology</title>
<link rel=canonical href=https://aclanthology.org/2023.acl-long.1/>
<meta content="On Tides of Learning" name=citation_title><meta content="Ada Lovelace" name=citation_author>
<meta content="Alan Turing" name=citation_author>
<meta content="Proceedings of the 61st Annual Meeting (Volume 1: Long Papers)" name=citation_conference_title>
<meta content="2023/7" name=citation_publication_date>
<meta content="https://aclanthology.org/2023.acl-long.1.pdf" name=citation_pdf_url>
<meta content="1" name=citation_firstpage><meta content="10.18653/v1/2023.acl-long.1" name=citation_doi>
<meta property="og:description" content="Ada Lovelace, Alan Turing. Proceedings. 2023.">
</head><body><h2 id=title><a href=https://aclanthology.org/2023.acl-long.1.pdf>On Tides of Learning</a></h2>
<p class=lead><a href=/people/ada-lovelace/>Ada Lovelace</a>, <a href=/people/alan-turing/>Alan Turing</a></p>
<div class="card-body acl-abstract"><h5 class=card-title>Abstract</h5><span>Abstract tides of CO<sub>2</sub> rise in \
<i>E.</i> coli.</span></div></body></html>
"""
ARTICLE = {
    "@context": "https://schema.org",
    "@type": "WebPage",
    "mainEntity": {
        "@type": "ScholarlyArticle",
        "headline": "Tides &amp; machines",
        "description": "Machines learn with the moon.",
        "datePublished": "2025-02-11T00:00:00Z",
        "author": [{"@type": "Person", "name": "Ada Lovelace"}, {"givenName": "Alan", "familyName": "Turing"}, "Zoë"],
        "sameAs": "https://doi.org/10.1038/s41586-025-00001-2",
        "citation": [{"@type": "ScholarlyArticle", "headline": "Other"}],
    },
}


def json_ld(*documents: object) -> str:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(item)}</script>' for item in documents)
    return f"<!DOCTYPE html><html><head><title>x</title>{scripts}</head><body><p>Text</p></body></html>"


def page(*metas: tuple[str, str], body: str = "") -> str:
    tags = "".join(f'<meta name="{name}" content="{content}">' for name, content in metas)
    return f"<!DOCTYPE html><html><head><title>x</title>{tags}</head><body>{body}</body></html>"


TITLE = ("citation_title", "On Tides")
AUTHOR = ("citation_author", "Lovelace, Ada")


def parse(html: str, name: str = NAME, url: str = "") -> ParseResult:
    source = Source(name, html, url=url)
    assert PaperPageLoader().detect(source)
    return PaperPageLoader().parse(source)


def parse_paper(html: str, url: str = "") -> Paper:
    result = parse(html, url=url)
    assert result.problems == ()
    (paper,) = result.papers
    return paper


def test_a_page_of_arxiv_is_a_paper_with_exact_fields() -> None:
    paper = Paper(
        title="On Tides of Learning",
        authors=("Ada Lovelace", "Jan van den Berg", "Zoë Čapek"),
        abstract="Tides rise if $a<b$ and fall. Code: https://github.com/ada/tides",
        tags=("cs.CL", "cs.LG", "hep-th"),
        links=("https://doi.org/10.1000/182", "https://github.com/ada/tides"),
        doi="10.1000/182",
        arxiv_id="2502.06781",
        url="https://arxiv.org/abs/2502.06781",
        digests=(Appearance(dt.date(2025, 2, 10), NAME),),
    )
    assert load_bytes(ARXIV.encode(), NAME, url="https://arxiv.org/abs/2502.06781v1") == ParseResult((paper,), ())
    assert load_bytes(ARXIV.encode(), NAME) == ParseResult((paper,), ())


def test_a_page_of_openreview_is_a_paper_with_exact_fields() -> None:
    assert parse_paper(OPENREVIEW, "https://openreview.net/forum?id=a1B2c3") == Paper(
        title="On Tides of Learning",
        authors=("Ada Lovelace", "Alan Turing"),
        abstract="Tides rise & fall.",
        links=("https://openreview.net/pdf?id=a1B2c3",),
        url="https://openreview.net/forum?id=a1B2c3",
        digests=(Appearance(dt.date(2025, 1, 22), NAME),),
    )
    assert parse_paper(OPENREVIEW).url == "https://openreview.net/pdf?id=a1B2c3", "a saved page has no other URL"


def test_a_page_of_the_acl_anthology_is_a_paper_with_its_abstract_from_the_text() -> None:
    assert parse_paper(ACL) == Paper(
        title="On Tides of Learning",
        authors=("Ada Lovelace", "Alan Turing"),
        abstract="Abstract tides of CO2 rise in E. coli.",
        links=("https://aclanthology.org/2023.acl-long.1/", "https://aclanthology.org/2023.acl-long.1.pdf"),
        url="https://doi.org/10.18653/v1/2023.acl-long.1",
        doi="10.18653/v1/2023.acl-long.1",
        digests=(Appearance(dt.date(2023, 7, 1), NAME),),
    )


def test_a_page_with_dublin_core_and_an_identifier_is_a_paper() -> None:
    html = page(
        ("DC.title", "Tides of machines"),
        ("DC.creator", "Lovelace, Ada"),
        ("DC.creator", "Turing, Alan"),
        ("dc.description", "Machines learn."),
        ("DC.identifier", "doi:10.1000/182"),
        ("dc.date", "2025-02-11"),
    )
    assert parse_paper(html, "https://journal.example/182?from=feed") == Paper(
        title="Tides of machines",
        authors=("Ada Lovelace", "Alan Turing"),
        abstract="Machines learn.",
        links=("https://journal.example/182?from=feed",),
        url="https://doi.org/10.1000/182",
        doi="10.1000/182",
        digests=(Appearance(dt.date(2025, 2, 11), NAME),),
    )


def test_a_page_with_a_scholarly_article_in_json_ld_is_a_paper() -> None:
    assert parse_paper(json_ld({"@type": "Organization", "name": "x"}, ARTICLE)) == Paper(
        title="Tides & machines",
        authors=("Ada Lovelace", "Alan Turing", "Zoë"),
        abstract="Machines learn with the moon.",
        url="https://doi.org/10.1038/s41586-025-00001-2",
        doi="10.1038/s41586-025-00001-2",
        digests=(Appearance(dt.date(2025, 2, 11), NAME),),
    )


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        (["Lovelace, Ada", "Turing, Alan M."], ("Ada Lovelace", "Alan M. Turing")),
        (["van den Berg, Jan"], ("Jan van den Berg",)),
        (["King, Martin, Jr.", "The Example Team"], ("Martin King, Jr.", "The Example Team")),
        (["Lovelace, Ada; Turing, Alan"], ("Ada Lovelace", "Alan Turing")),
        (["김민수", "Ada Lovelace", "Ada Lovelace"], ("김민수", "Ada Lovelace")),
    ],
)
def test_authors_have_their_given_names_first(names: list[str], authors: tuple[str, ...]) -> None:
    assert parse_paper(page(TITLE, *(("citation_author", name) for name in names))).authors == authors


@pytest.mark.parametrize(
    ("dates", "date"),
    [
        ([("citation_publication_date", "2025/02/11"), ("citation_date", "2024/01/01")], "2025-02-11"),
        ([("citation_online_date", "2025-02-11")], "2025-02-11"),
        ([("citation_date", "2025-02-11T09:00:00+09:00")], "2025-02-11"),
        ([("citation_date", "11 February 2025")], "2025-02-11"),
        ([("citation_publication_date", "2023/7")], "2023-07-01"),
        ([("citation_year", "2020"), ("citation_publication_date", "2023")], "2023-01-01"),
        ([("citation_publication_date", "2023/13/45"), ("citation_date", "2025/2/1")], "2025-02-01"),
        ([("citation_publication_date", "soon")], "None"),
        ([], "None"),
    ],
)
def test_the_date_is_that_of_publication_and_a_month_or_year_its_first_day(
    dates: list[tuple[str, str]], date: str
) -> None:
    assert str(parse_paper(page(TITLE, AUTHOR, *dates)).date) == date


def test_an_arxiv_id_may_be_in_the_doi() -> None:
    paper = parse_paper(page(TITLE, AUTHOR, ("citation_doi", "10.48550/arXiv.2502.06781")))
    assert (paper.arxiv_id, paper.url, paper.links) == ("2502.06781", "https://arxiv.org/abs/2502.06781", ())


def test_links_that_are_no_web_page_are_left_out_and_relative_ones_are_resolved() -> None:
    html = page(TITLE, AUTHOR, ("citation_pdf_url", "/a.pdf"), ("citation_abstract_html_url", "javascript:alert(1)"))
    paper = parse_paper(html, "https://journal.example/x/1")
    assert (paper.url, paper.links) == ("https://journal.example/x/1", ("https://journal.example/a.pdf",))
    assert parse_paper(html).url == ""


# Other pages


@pytest.mark.parametrize(
    "html",
    [
        page(),
        page(("og:title", "On Tides"), ("og:description", "Tides"), ("author", "Ada Lovelace")),
        page(TITLE),
        page(("DC.title", "On Tides"), ("DC.creator", "Ada Lovelace")),
        page(("citation_title", ""), AUTHOR),
        json_ld({"@type": "BlogPosting", "headline": "On Tides", "author": "Ada"}),
        json_ld({"@type": "ScholarlyArticle", "author": "Ada"}),
        json_ld([ARTICLE, {"@type": "ScholarlyArticle", "headline": "Another", "author": "Ada"}]),
        json_ld({"@type": "ItemList", "itemListElement": [ARTICLE]}),
        ARXIV.replace("citation_", "x_").replace("Title:", "").replace("authors", "x"),
    ],
)
def test_a_page_without_the_metadata_of_one_paper_is_refused(html: str) -> None:
    with pytest.raises(NoPaper):
        load_bytes(html.encode(), "page.html")


def test_a_post_with_several_papers_is_a_digest_unless_it_is_a_publication() -> None:
    digest = HEAD + HEAD.replace("2501.00001", "2501.00002").replace("Tides", "Moons")
    post = page(TITLE, AUTHOR, body=digest)
    assert [paper.title for paper in load_bytes(post.encode(), "d.html").papers] == ["On Tides", "On Moons"]
    for name, value in (("citation_doi", "10.1000/182"), ("citation_journal_title", "Tides")):
        publication = page(TITLE, AUTHOR, (name, value), body=digest)
        assert len(load_bytes(publication.encode(), "d.html").papers) == 1
    assert len(load_bytes(page(TITLE, AUTHOR, body=HEAD).encode(), "d.html").papers) == 1


# Hostile input


def test_fields_are_printable_and_within_the_limits() -> None:
    names = [("citation_author", f"Author {number}") for number in range(6_001)]
    result = parse(page(("citation_title", "T\u202e" * 501), *names))
    (paper,) = result.papers
    assert (paper.title, len(paper.authors)) == ("T" * 500, 6_000)
    assert messages(result) == [
        f"{NAME}: title truncated: 501 characters; the first 500 are kept",
        f"{NAME}: authors truncated: 6,001 authors; the first 6,000 are kept",
    ]


FLOODS: dict[str, Callable[[int], str]] = {
    "authors": lambda size: page(TITLE, *[("citation_author", "A, B")] * size),
    "a long name": lambda size: page(TITLE, ("citation_author", "a, " * size)),
    "classes": lambda size: page(TITLE, AUTHOR, body=f"<div class='{'abstract ' * size}'>x</div>" * 9),
    "abstracts": lambda size: page(TITLE, AUTHOR, body="<div class=abstract>" * size),
    "subjects": lambda size: page(TITLE, AUTHOR, ("citation_arxiv_id", "2502.06781"), body="<p id=subjects>(" * size),
    "scripts": lambda size: json_ld(ARTICLE, *[[]] * size),
    "nested JSON-LD": lambda size: json_ld(ARTICLE).replace('"@context"', f'"x": {"[" * size}{"]" * size}, "@context"'),
    "wide JSON-LD": lambda size: json_ld(ARTICLE | {"x": [{"a": {}}] * size}),
    "tags in a value": lambda size: page(TITLE, AUTHOR, ("citation_abstract", "&lt;p a=" * size)),
}


@pytest.mark.heavy
@pytest.mark.parametrize("flood", FLOODS)
def test_the_time_grows_linearly_with_the_size(flood: str) -> None:
    def load(source: Source) -> None:
        PaperPageLoader().detect(source)
        PaperPageLoader().parse(source)

    assert_linear(lambda size: Source(NAME, FLOODS[flood](size)), load, start=500, limit=32_000)


PIECES = (
    st.sampled_from(["title", "author", "doi", "arxiv_id", "date", "pdf_url", "abstract"]).map(
        "<meta name=citation_{} content='10.1/x'>".format
    )
    | st.sampled_from(
        ["<div class=abstract>", "<td class=subjects>", "</div>", "(cs.LG)", "<script>", "</script>", "{"]
    )
    | st.sampled_from(["<script type=application/ld+json>", '{"@type": "ScholarlyArticle", "name": "x"', "}", "[", "]"])
)


@given(st.lists(PIECES | st.text()).map("".join))
def test_any_text_is_parsed_without_an_exception(text: str) -> None:
    source = Source(NAME, "<html><meta name=citation_title content=x>" + text, url="https://[")
    PaperPageLoader().detect(source)
    PaperPageLoader().parse(source)
