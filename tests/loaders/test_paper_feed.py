"""Feeds whose entries are papers: RSS, Atom and the API of arXiv, preprint servers, journals, daily lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import NoPaper
from readlist.loaders.base import ParseResult, Source
from readlist.loaders.feed.parser import FeedLoader
from readlist.loaders.registry import load_bytes
from readlist.models import Appearance, Paper
from tests.loaders.test_markup import LAUGHS, XXE
from tests.loaders.web import HEAD, messages
from tests.scaling import assert_linear

ARXIV_RSS = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0">
  <channel>
    <title>cs.LG updates on arXiv.org</title>
    <link>http://rss.arxiv.org/rss/cs.LG</link>
    <description>cs.LG updates on the arXiv.org e-print archive.</description>
    <atom:link href="http://rss.arxiv.org/rss/cs.LG" rel="self" type="application/rss+xml"/>
    <docs>http://www.rssboard.org/rss-specification</docs>
    <language>en-us</language>
    <lastBuildDate>Tue, 11 Feb 2025 05:00:10 +0000</lastBuildDate>
    <managingEditor>rss-help@arxiv.org</managingEditor>
    <pubDate>Tue, 11 Feb 2025 00:00:00 -0500</pubDate>
    <skipDays>
      <day>Sunday</day>
      <day>Saturday</day>
    </skipDays>
    ITEMS
  </channel>
</rss>
"""
ARXIV_ITEM = """<item>
      <title>On Tides where $a&lt;b$ and $c&gt;d$</title>
      <link>https://arxiv.org/abs/2502.06781</link>
      <description>arXiv:2502.06781v1 Announce Type: TYPE
Abstract: Tides rise by $x&lt;p$ and
fall by $y&gt;q$ &amp; more. Code: https://github.com/ada/tides.</description>
      <guid isPermaLink="false">oai:arXiv.org:2502.06781v1</guid>
      <category>cs.LG</category>
      <category>cond-mat.mtrl-sci</category>
      <category>hep-th</category>
      <category>68T07 (Primary) 62M45</category>
      <category>I.2.6; I.2.7</category>
      <pubDate>Tue, 11 Feb 2025 00:00:00 -0500</pubDate>
      <arxiv:announce_type>TYPE</arxiv:announce_type>
      <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
      <arxiv:DOI>10.1000/182</arxiv:DOI>
      <arxiv:journal_reference>Tides 1 (2025) 1-2</arxiv:journal_reference>
      <dc:creator>Ada Lovelace (University of London, Royal Society (UK)), Zo\u00eb \u010capek (2), Martin King Jr, \
Rai (Ray) Chen</dc:creator>
    </item>"""
ARXIV_ATOM = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">
  <id>http://rss.arxiv.org/atom/cs.LG</id>
  <title>cs.LG updates on arXiv.org</title>
  <updated>2025-02-11T05:00:10.000000+00:00</updated>
  <link href="http://rss.arxiv.org/atom/cs.LG" rel="self" type="application/atom+xml"/>
  <entry>
    <id>oai:arXiv.org:2502.06781v1</id>
    <title>On Tides where $a&lt;b$ and $c&gt;d$</title>
    <updated>2025-02-11T05:00:10.000000+00:00</updated>
    <link href="https://arxiv.org/abs/2502.06781" rel="alternate" type="text/html"/>
    <summary>arXiv:2502.06781v1 Announce Type: new
Abstract: Tides rise by $x&lt;p$ and
fall by $y&gt;q$ &amp; more. Code: https://github.com/ada/tides.</summary>
    <category term="cs.LG"/>
    <category term="cond-mat.mtrl-sci"/>
    <category term="hep-th"/>
    <published>2025-02-11T00:00:00-05:00</published>
    <arxiv:announce_type>new</arxiv:announce_type>
    <dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
    <arxiv:DOI>10.1000/182</arxiv:DOI>
      <arxiv:journal_reference>Tides 1 (2025) 1-2</arxiv:journal_reference>
      <dc:creator>Ada Lovelace (University of London, Royal Society (UK)), Zo\u00eb \u010capek (2), Martin King Jr, \
Rai (Ray) Chen</dc:creator>
  </entry>
</feed>
"""
LINK = "https://github.com/ada/tides"
TIDES = Paper(
    title="On Tides where $a<b$ and $c>d$",
    authors=("Ada Lovelace", "Zo\u00eb \u010capek", "Martin King Jr", "Rai (Ray) Chen"),
    abstract=f"Tides rise by $x<p$ and fall by $y>q$ & more. Code: {LINK}.",
    tags=("cs.LG", "cond-mat.mtrl-sci", "hep-th"),
    links=("https://doi.org/10.1000/182", LINK),
    doi="10.1000/182",
    arxiv_id="2502.06781",
    url="https://arxiv.org/abs/2502.06781",
    digests=(Appearance(dt.date(2025, 2, 11), "rss.arxiv.org/rss/cs.LG"),),
)
API = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?id_list=1706.03762" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: search_query=&amp;id_list=1706.03762&amp;start=0&amp;max_results=10</title>
  <id>http://arxiv.org/api/BeuosN</id>
  <updated>2025-02-11T00:00:00-05:00</updated>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">1</opensearch:totalResults>
  ENTRIES
</feed>
"""
API_ENTRY = """<entry>
    <id>http://arxiv.org/abs/1706.03762v7</id>
    <updated>2023-08-02T00:41:18Z</updated>
    <published>2017-06-12T17:57:34Z</published>
    <title>Attention Is All
  You Need</title>
    <summary>  The dominant sequence transduction models are based on
complex networks.
</summary>
    <author>
      <name>Ashish Vaswani</name>
      <arxiv:affiliation xmlns:arxiv="http://arxiv.org/schemas/atom">Google Brain</arxiv:affiliation>
    </author>
    <author>
      <name>Noam Shazeer</name>
    </author>
    <arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">15 pages, 5 figures</arxiv:comment>
    <arxiv:journal_ref xmlns:arxiv="http://arxiv.org/schemas/atom">NeurIPS 30 (2017)</arxiv:journal_ref>
    <arxiv:doi xmlns:arxiv="http://arxiv.org/schemas/atom">10.5555/3295222.3295349</arxiv:doi>
    <link title="doi" href="http://dx.doi.org/10.5555/3295222.3295349" rel="related"/>
    <link href="http://arxiv.org/abs/1706.03762v7" rel="alternate" type="text/html"/>
    <link title="pdf" href="http://arxiv.org/pdf/1706.03762v7" rel="related" type="application/pdf"/>
    <arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
    <category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
  </entry>"""
API_ERROR = """<entry>
    <id>http://arxiv.org/api/errors#incorrect_id_format_for_1234</id>
    <title>Error</title>
    <summary>incorrect id format for 1234</summary>
    <updated>2025-02-11T00:00:00-05:00</updated>
    <link href="http://arxiv.org/api/errors#incorrect_id_format_for_1234" rel="alternate" type="text/html"/>
    <author><name>arXiv api core</name></author>
  </entry>"""
PREPRINT_SERVER = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://purl.org/rss/1.0/modules/prism/">
<channel rdf:about="https://www.biorxiv.org"><title>bioRxiv Subject Collection: Neuroscience</title></channel>
<item rdf:about="https://www.biorxiv.org/content/10.1101/2025.02.10.637123v1?rss=1">
<title><![CDATA[Tides in the cortex of <i>M. musculus</i>]]></title>
<link>https://www.biorxiv.org/content/10.1101/2025.02.10.637123v1?rss=1</link>
<description><![CDATA[Tides &amp; moons move neurons (p < 0.05 and n > 10).]]></description>
<dc:creator><![CDATA[Lovelace, A., Turing, A. M.]]></dc:creator>
<dc:date>2025-02-11</dc:date>
<dc:identifier>doi:10.1101/2025.02.10.637123</dc:identifier>
<dc:publisher>Cold Spring Harbor Laboratory</dc:publisher>
<prism:publicationDate>2025-02-11</prism:publicationDate>
<prism:section>New Results</prism:section>
</item>
</rdf:RDF>
"""
JOURNAL = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" \
xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="http://feeds.nature.com/nature/rss/current"><title>Nature</title></channel>
<item rdf:about="https://www.nature.com/articles/s41586-025-00001-2">
<title><![CDATA[Tides of learning machines]]></title>
<link>https://www.nature.com/articles/s41586-025-00001-2</link>
<content:encoded><![CDATA[<p>Nature, Published online: 11 February 2025; \
<a href="https://www.nature.com/articles/s41586-025-00001-2">doi:10.1038/s41586-025-00001-2</a></p>\
Machines learn with the moon.]]></content:encoded>
<dc:title><![CDATA[Tides of learning machines]]></dc:title>
<dc:creator>Ada Lovelace</dc:creator><dc:creator>Zo\u00eb \u010capek</dc:creator>
<dc:identifier>doi:10.1038/s41586-025-00001-2</dc:identifier>
<dc:source>Nature, Published online: 2025-02-11; | doi:10.1038/s41586-025-00001-2</dc:source>
<dc:date>2025-02-11</dc:date>
<prism:doi>10.1038/s41586-025-00001-2</prism:doi>
</item>
</rdf:RDF>
"""
DAILY_LIST = """<rss version="2.0"><channel><title>Daily Papers</title><link>https://huggingface.co/papers</link>
<item><title>On Tides</title><link>https://huggingface.co/papers/2502.06781</link>
<description>&lt;p&gt;Tides rise &amp;amp; fall.&lt;/p&gt;</description>
<author>ada@example.org (Ada Lovelace)</author>
<pubDate>Tue, 11 Feb 2025 09:00:00 GMT</pubDate></item></channel></rss>
"""


def parse(xml: str, name: str = "rss.arxiv.org/rss/cs.LG") -> ParseResult:
    source = Source(name, xml)
    assert FeedLoader().detect(source)
    return FeedLoader().parse(source)


def parse_paper(xml: str) -> Paper:
    result = parse(xml)
    assert result.problems == ()
    (paper,) = result.papers
    return paper


def arxiv_rss(*types: str) -> str:
    return ARXIV_RSS.replace("ITEMS", "\n".join(ARXIV_ITEM.replace("TYPE", type_) for type_ in types))


@pytest.mark.parametrize("xml", [arxiv_rss("new"), arxiv_rss("cross"), ARXIV_ATOM])
def test_an_announcement_of_arxiv_is_a_paper_with_exact_fields(xml: str) -> None:
    assert parse_paper(xml) == TIDES


@pytest.mark.parametrize("type_", ["replace", "replace-cross", "absonly"])
def test_a_new_version_of_a_paper_is_left_out_and_counted(type_: str) -> None:
    assert parse(arxiv_rss(type_)) == ParseResult((), (), revisions=1)
    without_element = arxiv_rss(type_).replace("arxiv:announce_type", "arxiv:x")
    assert parse(without_element) == ParseResult((), (), revisions=1)
    both = parse(arxiv_rss("new", type_, "cross", type_))
    assert (len(both.papers), both.revisions) == (2, 2)


def test_a_result_of_the_arxiv_api_is_a_paper_with_exact_fields() -> None:
    result = parse(API.replace("ENTRIES", API_ENTRY), "export.arxiv.org/api/query")
    assert result == ParseResult(
        (
            Paper(
                title="Attention Is All You Need",
                authors=("Ashish Vaswani", "Noam Shazeer"),
                abstract="The dominant sequence transduction models are based on complex networks.",
                tags=("cs.CL", "cs.LG"),
                links=("https://doi.org/10.5555/3295222.3295349",),
                arxiv_id="1706.03762",
                url="https://arxiv.org/abs/1706.03762",
                doi="10.5555/3295222.3295349",
                digests=(Appearance(dt.date(2017, 6, 12), "export.arxiv.org/api/query"),),
            ),
        ),
        (),
    )


def test_an_error_of_the_arxiv_api_is_reported_and_is_no_paper() -> None:
    result = parse(API.replace("ENTRIES", API_ERROR), "export.arxiv.org/api/query")
    assert result.papers == ()
    assert messages(result) == [
        "export.arxiv.org/api/query:8: arXiv returned an error instead of papers: 'incorrect id format for 1234'"
    ]


def test_a_preprint_is_identified_by_its_doi() -> None:
    assert parse_paper(PREPRINT_SERVER) == Paper(
        title="Tides in the cortex of M. musculus",
        authors=("A. Lovelace", "A. M. Turing"),
        abstract="Tides & moons move neurons (p < 0.05 and n > 10).",
        links=("https://www.biorxiv.org/content/10.1101/2025.02.10.637123v1?rss=1",),
        url="https://doi.org/10.1101/2025.02.10.637123",
        doi="10.1101/2025.02.10.637123",
        digests=(Appearance(dt.date(2025, 2, 11), "rss.arxiv.org/rss/cs.LG"),),
    )


def test_an_article_of_a_journal_has_a_field_for_each_author() -> None:
    paper = parse_paper(JOURNAL)
    assert (paper.title, paper.authors) == ("Tides of learning machines", ("Ada Lovelace", "Zo\u00eb \u010capek"))
    assert (paper.url, str(paper.date)) == ("https://doi.org/10.1038/s41586-025-00001-2", "2025-02-11")
    assert paper.links == ("https://www.nature.com/articles/s41586-025-00001-2",)


def test_an_entry_that_links_to_a_page_of_hugging_face_has_the_arxiv_id_in_it() -> None:
    assert parse_paper(DAILY_LIST) == Paper(
        title="On Tides",
        authors=("Ada Lovelace",),
        abstract="Tides rise & fall.",
        links=("https://huggingface.co/papers/2502.06781",),
        arxiv_id="2502.06781",
        url="https://arxiv.org/abs/2502.06781",
        digests=(Appearance(dt.date(2025, 2, 11), "rss.arxiv.org/rss/cs.LG"),),
    )


@pytest.mark.parametrize(
    "link",
    [
        "https://blog.example/2025/02/2502-tides",
        "https://blog.example/?to=https://arxiv.org/abs/2502.06781",
        "https://blog.example/2025.13001",
        "2502.06781",
        "http://[",
        "",
    ],
)
def test_an_entry_whose_own_link_is_no_paper_is_no_paper(link: str) -> None:
    with pytest.raises(NoPaper):
        load_bytes(DAILY_LIST.replace("https://huggingface.co/papers/2502.06781", link).encode(), "feed.xml")


def test_papers_digests_and_other_entries_may_be_in_one_feed() -> None:
    digest = f"<item><title>11 February 2025</title><description><![CDATA[{HEAD}]]></description></item>"
    other = "<item><title>Hello</title><link>https://blog.example/1</link></item>"
    result = parse(ARXIV_RSS.replace("ITEMS", ARXIV_ITEM.replace("TYPE", "new") + digest + other))
    assert [paper.arxiv_id for paper in result.papers] == ["2502.06781", "2501.00001"]
    assert messages(result) == ["rss.arxiv.org/rss/cs.LG: entries without a paper: 1 of 3"]


# Empty feeds


@pytest.mark.parametrize("xml", [arxiv_rss(), API.replace("ENTRIES", "")])
def test_a_feed_without_entries_is_no_error(xml: str) -> None:
    assert load_bytes(xml.encode(), "feed.xml") == ParseResult((), ())


@pytest.mark.parametrize("names", ["DeepSeek-AI, Daya Guo", "Rock and Roll Group, Daya Guo", "Daya Guo"])
def test_a_list_of_authors_of_arxiv_is_split_at_its_commas_only(names: str) -> None:
    xml = arxiv_rss("new")
    before, _, after = xml.partition("<dc:creator>")
    after = after.partition("</dc:creator>")[2]
    assert parse_paper(f"{before}<dc:creator>{names}</dc:creator>{after}").authors == tuple(names.split(", "))


FEED_ERROR = arxiv_rss().replace("<title>cs.LG updates", "<title>Feed error for query: https://rss.arxiv.org/rss/cs.XX")


@pytest.mark.parametrize(
    "xml", ["<rss/>", "<feed></feed>", arxiv_rss()[:-20], "<rss><channel><title>x</title>", FEED_ERROR]
)
def test_a_feed_that_is_cut_off_has_no_title_or_is_an_error_message_is_refused(xml: str) -> None:
    with pytest.raises(NoPaper):
        load_bytes(xml.encode(), "feed.xml")


# Hostile input


def test_unusual_fields_are_printable_and_within_the_limits() -> None:
    xml = arxiv_rss("new").replace("On Tides", "T\x1b[31m\u202e" + "t" * 600).replace("Lovelace", "L" * 300)
    result = parse(xml)
    (paper,) = result.papers
    assert (len(paper.title), len(paper.authors[0]), paper.title[:5]) == (500, 200, "T[31m")
    assert messages(result) == [
        "rss.arxiv.org/rss/cs.LG:17: title truncated: 625 characters; the first 500 are kept",
        "rss.arxiv.org/rss/cs.LG:17: author truncated: 304 characters; the first 200 are kept",
    ]


@pytest.mark.parametrize("reference", ["&amp;#" + "9" * 5000 + ";", "&amp;#x" + "f" * 5000 + ";"])
def test_a_character_reference_beyond_unicode_is_replaced(reference: str) -> None:
    assert parse_paper(DAILY_LIST.replace("&amp;amp;", reference)).abstract == "Tides rise \ufffd fall."


@pytest.mark.parametrize("declaration", [LAUGHS.removeprefix('<?xml version="1.0"?>'), XXE[21:] % ""])
def test_entities_of_a_document_are_bounded_and_read_no_file(declaration: str) -> None:
    xml = declaration + DAILY_LIST.replace("<title>On Tides", "<title>On &i;&x;Tides")
    for paper in FeedLoader().parse(Source("feed.xml", xml)).papers:
        assert len(paper.title) <= 500
        assert "root" not in paper.title


def make_authors(size: int) -> str:
    return API.replace("ENTRIES", API_ENTRY.replace("Noam", "<x/></name></author><author><name>" * size))


def make_creators(size: int) -> str:
    return arxiv_rss("new").replace("<dc:rights>", "<dc:creator>Ada, Lovelace</dc:creator>" * size + "<dc:rights>")


def make_tags(size: int) -> str:
    return DAILY_LIST.replace("rise", "&lt;p " * size)


def make_names(size: int) -> str:
    return arxiv_rss("new").replace("Lovelace", "(L., A.; " * size)


@pytest.mark.heavy
@pytest.mark.parametrize("make", [make_authors, make_creators, make_tags, make_names])
def test_the_time_grows_linearly_with_the_size(make: Callable[[int], str]) -> None:
    assert_linear(lambda size: Source("feed.xml", make(size)), FeedLoader().parse, start=500, limit=32_000)


@pytest.mark.heavy
def test_100000_entries_are_parsed_up_to_the_limit() -> None:
    item = "<item><title>x</title><link>https://arxiv.org/abs/2502.06781</link></item>"
    result = parse(ARXIV_RSS.replace("ITEMS", item * 100_000))
    assert len(result.papers) == 5_000
    assert messages(result) == ["rss.arxiv.org/rss/cs.LG: more than 5,000 entries; the rest is ignored"]


def test_a_feed_is_detected_by_a_paper_in_any_entry() -> None:
    hello = "<item><title>Hello</title></item>" * 50
    result = parse(ARXIV_RSS.replace("ITEMS", hello + ARXIV_ITEM.replace("TYPE", "new")))
    assert [paper.arxiv_id for paper in result.papers] == ["2502.06781"]


@pytest.mark.parametrize("title", [" ", "&lt;p&gt;&lt;/p&gt;"])
def test_an_entry_without_a_title_is_no_paper(title: str) -> None:
    with pytest.raises(NoPaper):
        load_bytes(DAILY_LIST.replace("<title>On Tides", f"<title>{title}").encode(), "feed.xml")


ELEMENTS = ["item", "entry", "title", "guid", "author", "name", "creator", "category", "description"]
PIECES = (
    st.sampled_from(ELEMENTS).map("<{}>".format)
    | st.sampled_from(ELEMENTS).map("</{}>".format)
    | st.sampled_from(["<link>https://arxiv.org/abs/2502.06781</link>", "<guid>oai:arXiv.org:2502.06781v1</guid>"])
    | st.sampled_from(["A, B", "<category term='cs.LG'/>", "<doi>10.1000/1</doi>", "<link href='http://[x'/>", "&#99;"])
    | st.sampled_from(["arXiv:1 Announce Type: new Abstract: ", "<id>http://arxiv.org/api/errors"])
)


@given(st.sampled_from(["<rss><channel>", "<feed>"]), st.lists(PIECES | st.text()).map("".join))
def test_any_text_is_parsed_without_an_exception(start: str, text: str) -> None:
    source = Source("feed.xml", start + text)
    FeedLoader().detect(source)
    FeedLoader().parse(source)
