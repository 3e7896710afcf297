"""The newsletter as a page, as RSS and as Atom: the same papers as in the text, and nothing hostile gets far."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from html import escape
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import ReadlistError
from readlist.loaders.feed import Feed
from readlist.loaders.newsletter.parser import Newsletter
from readlist.loaders.registry import Loaded, Source, load_bytes
from readlist.models import Appearance, Paper
from tests.loaders.test_newsletter import LINES

SEEDS = sorted((Path(__file__).resolve().parents[2] / "seeds").glob("*.txt"))
ADDRESS = "https://tides.example/posts/1"
HEAD = '<h3><a href="https://arxiv.org/abs/2501.00001v2">On Tides</a></h3><p>(Ada Lovelace, Alan Turing)</p>'
ABSTRACT = "<p>Tides rise and fall.</p>"


def load(text: str, name: str = "d.html", address: str = ADDRESS) -> Loaded:
    source = Source(name, text, address=address)
    loaded = Feed().load(source)
    assert Feed().detect(source) is (bool(loaded.papers) and re.match(r"\s*<[?!A-Za-z]", text) is not None)
    return loaded


def papers(text: str, name: str = "d.html") -> tuple[Paper, ...]:
    loaded = load(text, name)
    assert loaded.problems == ()
    return loaded.papers


def one(text: str) -> Paper:
    (paper,) = papers(text)
    return paper


def reasons(loaded: Loaded) -> list[str]:
    return list(map(str, loaded.problems))


# The seeds in other clothes


def linked(text: str) -> str:
    return re.sub(r"(https://[^\s,)]*[^\s,).])", r'<a href="\1">\1</a>', escape(text))


def comments(paper: Paper) -> Iterator[str]:
    for text in paper.comments.values():
        yield from map(linked, text.split("\n\n"))


def with_headings(paper: Paper, title: str, names: str) -> Iterator[str]:
    yield f"<h3>{title}</h3>\n<p>({names})</p>\n<blockquote><p>{linked(paper.abstract)}</p></blockquote>"
    yield from (f"<p>{text}</p>" for text in comments(paper))
    yield f"<p>{' '.join('#' + tag for tag in paper.tags)}</p>"


def with_bold_titles(paper: Paper, title: str, names: str) -> Iterator[str]:
    yield f"<p><strong>{title}</strong><br>({names})</p><p>{linked(paper.abstract)}</p>"
    yield from (f"<p>{text}</p>" for text in comments(paper))
    yield "<p>" + "".join(f'<a href="/tags/{tag}">#{tag}</a>' for tag in paper.tags) + "</p>"


def as_list(paper: Paper, title: str, names: str) -> Iterator[str]:
    yield f"<li>{title} ({names})<br>{linked(paper.abstract)}"
    yield from (f"<p>{text}</p>" for text in comments(paper))
    yield "<ul>" + "".join(f"<li>#{tag}</li>" for tag in paper.tags) + "</ul></li>"


def with_authors_in_italics(paper: Paper, title: str, names: str) -> Iterator[str]:
    yield f"<h2>{title}</h2><em>{names}</em><p>{linked(paper.abstract)}</p>"
    yield from (f"<div>{text}</div>" for text in comments(paper))
    yield "<footnote>" + "".join(f'<a rel="tag" href="/tags/{tag}">{tag}</a>' for tag in paper.tags) + "</footnote>"


Layout = Callable[[Paper, str, str], Iterable[str]]
LAYOUTS = [with_headings, with_bold_titles, as_list, with_authors_in_italics]


def as_html(digest: Iterable[Paper], layout: Layout) -> str:
    parts: list[str] = []
    for paper in digest:
        title = f'<a href="{paper.url}">{escape(paper.title)}</a>'
        parts += layout(paper, title, escape(", ".join(paper.authors)))
    return "\n".join(parts)


def as_page(html: str, digest: tuple[Paper, ...]) -> str:
    return (
        "<!DOCTYPE html>\n<html><head><title>Papers</title><style>p { }</style><script>if (a < b) { }</script></head>"
        "<body class='share'><nav><ul><li>Home<li>(About Us)</ul></nav><header><p>Papers</p><p>(A List)</p></header>"
        f"<article><header><h1>{digest[0].date}</h1><p>by Ada · 3 minutes</p></header>\n{html}"
        "<div class='share'><p>Share This</p><p>(Facebook)</p></div></article><aside><h3>More</h3><p>(New)</p></aside>"
        "<section id=comments><article><h3>Ada</h3><p>(Yesterday)</p></article></section><footer>© Ada</footer>"
    )


def as_rss(html: str, digest: tuple[Paper, ...]) -> str:
    return (
        '<?xml version="1.0" encoding="euc-kr"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Papers</title>\n'
        f"<item><title>{digest[0].date} papers</title><link>{ADDRESS}</link><pubDate>Sat, 01 Jan 2000 09:00:00 +0900"
        f"</pubDate><description>In short</description>\n<content:encoded><![CDATA[{html}]]></content:encoded></item>"
        "</channel></rss>"
    )


def as_rss_with_description(html: str, digest: tuple[Paper, ...]) -> str:
    published = f"{digest[0].date:%a, %d %b %Y} 09:00:00 GMT"
    return (
        f'<rss version="2.0"><channel><item><title>Papers</title><description>{escape(html)}</description>'
        f"<pubDate>{published}</pubDate></item></channel></rss>"
    )


def as_atom(html: str, digest: tuple[Paper, ...]) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Papers</title>\n'
        f'<entry><title type="html">Papers</title><link rel="alternate" href="{ADDRESS}"/><published>{digest[0].date}'
        "T23:00:00Z</published><updated>2030-01-01T00:00:00Z</updated>"
        f'<content type="html">{escape(html)}</content></entry></feed>'
    )


def as_atom_with_xhtml(html: str, digest: tuple[Paper, ...]) -> str:
    html = re.sub(r"<br>", "<br/>", html)
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<entry><title>Papers of {digest[0].date:%B %d, %Y}</title><content type='xhtml'>"
        f'<div xmlns="http://www.w3.org/1999/xhtml">{html}</div></content></entry></feed>'
    )


FORMATS = [as_page, as_rss, as_rss_with_description, as_atom, as_atom_with_xhtml]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name[:3])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", FORMATS)
def test_a_digest_is_the_same_in_every_form(seed: Path, layout: Layout, form: Callable[..., str]) -> None:
    number = count(1)
    text = Newsletter().load(Source(seed.name, seed.read_text(encoding="utf-8"))).papers
    ids = {paper.title: f"2501.{next(number):05}" for paper in text}
    digest = tuple(replace(p, url=f"https://arxiv.org/abs/{ids[p.title]}", arxiv_id=ids[p.title]) for p in text)
    assert papers(form(as_html(digest, layout), digest), seed.name) == digest


def test_there_are_thirteen_papers_in_the_seeds() -> None:
    assert sum(len(Newsletter().load(Source(s.name, s.read_text(encoding="utf-8"))).papers) for s in SEEDS) == 13


# What a page says


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
def test_the_link_of_a_title_is_the_papers_own(title: str, url: str, arxiv: bool) -> None:
    paper = one(f"{title}<p>(Ada Lovelace)</p>{ABSTRACT}")
    assert (paper.title, paper.url, paper.arxiv_id) == ("On Tides", url, "2501.00001" if arxiv else "")
    assert (paper.authors, paper.abstract) == (("Ada Lovelace",), "Tides rise and fall.")


def test_links_stay_in_their_sentences_and_are_kept() -> None:
    paper = one(
        f'{HEAD}<p>Tides rise (<a href="https://a.example/code">code</a>) and <a href="/x">fall</a>.</p>'
        '<p>좋다 <a href="mailto:ada@example.org">Ada</a>, see https://b.example/c.<a href="/y"><img src="y"></a></p>'
    )
    assert paper.abstract == "Tides rise (code) and fall."
    assert dict(paper.comments) == {"ko": "좋다 Ada, see https://b.example/c."}
    assert paper.links == ("https://b.example/c", "https://a.example/code", "https://tides.example/x")


def test_relative_links_need_an_address_or_a_base() -> None:
    html = '<h2><a href="p/1">On Tides</a></h2><p>(Ada Lovelace)</p>'
    assert load(html, address="").papers[0].url == ""
    assert load(f'<base href="https://b.example/x/">{html}', address="").papers[0].url == "https://b.example/x/p/1"
    assert load(f'<base href="javascript:1">{html}').papers[0].url == "https://tides.example/posts/p/1"


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
def test_blocks_are_lines_and_a_quotation_is_the_abstract(body: str, abstract: str, comments: dict[str, str]) -> None:
    paper = one(HEAD + body)
    assert (paper.abstract, dict(paper.comments)) == (abstract, comments)


def test_a_heading_that_leads_to_arxiv_is_a_paper_without_authors_too() -> None:
    paper = one(f'<h3><a href="https://arxiv.org/abs/2501.00001">On Tides</a></h3>{ABSTRACT}<p>#moon')
    assert (paper.title, paper.authors, paper.abstract, paper.tags) == (
        "On Tides",
        (),
        "Tides rise and fall.",
        ("moon",),
    )


def test_what_is_around_the_papers_is_neither_paper_nor_problem() -> None:
    html = (
        f"<h1>My page</h1><p>Dear readers,</p><p>welcome.</p>{HEAD}{ABSTRACT}<p>#moon</p><p>Yours</p><h2>Related</h2>x"
    )
    assert one(html).comments == {}


def test_what_stands_between_papers_is_reported() -> None:
    second = "<h3>On Moons</h3><p>(Alan Turing)</p>"
    loaded = load(f"{HEAD}\n{ABSTRACT}<p>#a</p>\n<p>Advertisement</p>\n<h3>More papers</h3>\n{second}")
    assert [paper.title for paper in loaded.papers] == ["On Tides", "On Moons"]
    assert reasons(loaded) == [
        "d.html:3: belongs to no paper, left out: 'Advertisement'",
        "d.html:4: belongs to no paper, left out: 'More papers'",
    ]


def test_a_title_on_one_line_with_its_authors_is_parted_from_them() -> None:
    paper = one("<li><b>On Tides</b> (Ada Lovelace, Alan Turing)</li><li>Tides rise.</li>")
    assert (paper.title, paper.authors) == ("On Tides", ("Ada Lovelace", "Alan Turing"))


def test_problems_name_the_line_in_the_source() -> None:
    long = f"{HEAD}\n<h3>{'T' * 501}</h3>\n<p>(Ada King)</p>"
    said = "title cut: it has 501 characters, 500 are kept"
    assert reasons(load(f"<html>\n<body>\n{long}")) == [f"d.html:4: {said}"]
    body = f"<description>\n<![CDATA[\n{long}]]>\n</description>"
    rss = f"<rss>\n<channel>\n<item>\n<title>x</title>\n{body}</item></channel></rss>"
    assert reasons(load(rss)) == [f"d.html:8: {said}"]


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
def test_a_page_is_dated_by_what_the_newsletter_says_then_by_its_publication_then_by_its_name(
    html: str, date: str
) -> None:
    (paper,) = papers(html, "2025-02-14.html")
    assert str(paper.date) == date


def test_a_page_is_dated_by_its_address() -> None:
    (paper,) = papers(f"<h1>x</h1>{HEAD}", "tides.example/2025/02/11/papers")
    assert paper.digests == (Appearance(dt.date(2025, 2, 11), "tides.example/2025/02/11/papers"),)


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
def test_an_entry_is_dated_by_its_title_then_by_its_publication(fields: str, date: str) -> None:
    (paper,) = papers(f"<rss><channel><item>{fields}<description>{escape(HEAD)}</description></item></channel></rss>")
    assert str(paper.date) == date


# Feeds


def rss(*bodies: str) -> str:
    items = "".join(f"<item><description>{body}</description></item>" for body in bodies)
    return f"<rss><channel>{items}</channel></rss>"


def test_every_entry_of_a_feed_is_read_and_those_without_a_paper_are_counted() -> None:
    dated = [f"<p>2025-02-{day}</p>{HEAD}" for day in (11, 12)]
    loaded = load(rss(escape(dated[0]), "Hello", escape(dated[1])))
    assert [str(paper.date) for paper in loaded.papers] == ["2025-02-11", "2025-02-12"]
    assert reasons(loaded) == ["d.html: 1 of 3 entries hold no paper"]


def test_an_entry_may_be_plain_text() -> None:
    text = "2025-02-11\nOn Tides\n(Ada Lovelace)\nTides &amp;amp; moons.\n좋다\n#moon"
    (paper,) = papers(rss(text))
    assert (paper.title, paper.abstract, dict(paper.comments)) == ("On Tides", "Tides & moons.", {"ko": "좋다"})


def test_a_feed_in_rdf_is_read() -> None:
    rdf = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    assert len(papers(f"{rdf}<channel/><item><description>{escape(HEAD)}</description></item></rdf:RDF>")) == 1


def test_the_media_in_an_entry_do_not_hide_its_text() -> None:
    media = '<m:content xmlns:m="http://search.yahoo.com/mrss/"><m:title>x</m:title></m:content>'
    (paper,) = papers(f"<rss><channel><item>{media}<description>{escape(HEAD)}</description></item></channel></rss>")
    assert paper.title == "On Tides"


def test_a_feed_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    loaded = load(rss(escape(HEAD), "x").removesuffix("</description></item></channel></rss>"))
    assert len(loaded.papers) == 1
    assert reasons(loaded) == [
        "d.html: not well-formed XML, the rest is not read",
        "d.html: 1 of 2 entries hold no paper",
    ]


# Hostile ones

MANY = 1_000_000
ENTITIES = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"ha" * 500}">{ENTITIES}]>'
XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">%s]>'
FLOODS = {
    "comments": "<!--",
    "elements": "<div>",
    "paragraphs": "<p>",
    "items": "<li>a",
    "links": "<a href=x>a",
    "formats": "<b><i></p>",
    "ends": "</div>",
    "tables": "<table><tr><td>",
    "angles": "<",
    "entities": "&amp;",
    "attributes": "a=1 ",
    "instructions": "<?x ",
    "sections": "<![CDATA[",
    "entries": "<item><title>x</title></item>",
    "lines": "\n",
    "text": "tides ",
}


@pytest.mark.parametrize(
    "before", ["<html>" + HEAD, "<html><p ", "<rss><channel>", rss(escape(HEAD)).removesuffix("</channel></rss>")]
)
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_ends_soon(flood: str, before: str) -> None:
    source = Source("d", before + FLOODS[flood] * ((MANY - len(before)) // len(FLOODS[flood])))
    start = time.process_time()
    found = Feed().detect(source)
    loaded = Feed().load(source)
    assert found is bool(loaded.papers)
    assert len(loaded.problems) < 5
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<div>" * 100_000, "elements nested more than 256 deep, the rest is not read"),
        ("<br>" * 100_000, "too many tags and texts, the rest is not read"),
        (f"<p {' '.join(f'a{n}' for n in range(10_001))}>", "a tag with more than 10,000 attributes, nothing is read"),
    ],
)
def test_what_is_not_read_is_said(html: str, reason: str) -> None:
    assert f"d.html: {reason}" in reasons(load(HEAD + html))
    assert any(reason in said for said in reasons(load(rss(f"<![CDATA[{HEAD}{html}]]>"))))


def test_all_the_entries_of_a_feed_share_what_may_be_read() -> None:
    loaded = load(rss(*["<![CDATA[" + "<br>" * 1000 + "]]>"] * 200, escape(HEAD)))
    assert loaded.papers == ()
    assert "too many tags and texts, the rest is not read" in reasons(loaded)[0]


def test_a_feed_of_very_many_entries_is_read_in_part() -> None:
    loaded = load(rss(escape(HEAD), *[""] * 1000))
    assert len(loaded.papers) == 1
    assert reasons(loaded) == [
        "d.html: more than 1,000 entries, the rest is not read",
        "d.html: 999 of 1000 entries hold no paper",
    ]


@pytest.mark.parametrize("entity", ["&j;", "<![CDATA[x]]>&j;"])
def test_entities_do_not_grow(entity: str) -> None:
    loaded = load(LAUGHS + rss(escape(HEAD), entity))
    assert "d.html: not well-formed XML, the rest is not read" in reasons(loaded)
    assert sum(len(str(paper)) for paper in loaded.papers) < 1000


@pytest.mark.parametrize("declared", ["", '<!ENTITY % y SYSTEM "http://127.0.0.1:9/y"> %y;'])
def test_no_file_and_no_address_is_read_by_an_entity(declared: str) -> None:
    for text in (XXE % declared + rss(escape(HEAD) + "&x;"), XXE % declared + f"<html>{HEAD}<p>&x;</p>"):
        assert "root:" not in str(load(text))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process of its own")
def test_hostile_markup_takes_little_memory() -> None:
    """In a process of its own: 10 MB of it take less than 200 MB."""
    floods = [f"<html>{HEAD}{FLOODS[name]}" for name in ("comments", "text", "items", "lines", "angles")]
    code = (
        "from pathlib import Path; from readlist.loaders.base import Source; from readlist.loaders.feed import Feed\n"
        f"for flood in {floods!r}:\n"
        "    Feed().load(Source('d', flood[: flood.rindex('h3>') + 3] + flood[-6:] * (10_000_000 // 6)))\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"  # in kB
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 250_000


def test_what_is_kept_is_printable_and_within_the_limits() -> None:
    paper = load(
        f"<h3><a href='https://a.example/{'x' * 3000}'>T\x1b[31m\u202e</a></h3><p>(Ada\x07)</p><p>&#27;]0;x"
    ).papers[0]
    assert (paper.title, paper.authors, paper.abstract, paper.url, paper.links) == ("T[31m", ("Ada",), "]0;x", "", ())


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
def test_any_text_at_all_is_a_report(start: str, text: str) -> None:
    load(start + text)


# As one of the formats


@pytest.mark.parametrize(
    "text", ["", "<", "< b", "x < y", "2025-02-11\n<Tides>\n(Ada Lovelace)", "<p>no paper</p>", "<rss/>"]
)
def test_what_is_no_page_with_papers_is_not_taken(text: str) -> None:
    assert not Feed().detect(Source("d", text))


@pytest.mark.parametrize("charset", ["euc-kr", "utf-8", "shift_jis", "windows-1252"])
@pytest.mark.parametrize("declared", ["<meta charset={}>", "<?xml version='1.0' encoding='{}'?>", "<!--{}-->"])
def test_a_page_is_read_in_the_encoding_that_it_or_its_server_says(charset: str, declared: str) -> None:
    words = {"euc-kr": "조수", "utf-8": "潮 é", "shift_jis": "潮の研究", "windows-1252": "Zoë Čapek".replace("Č", "Š")}[
        charset
    ]
    data = f"{declared.format(charset)}<h3>On {words}</h3><p>(Ada Lovelace)</p>".encode(charset)
    loaded = load_bytes(data, "d", charset=charset if "--" in declared else "")
    assert [paper.title for paper in loaded.papers] == [f"On {words}"]
    assert loaded.problems == ()


@pytest.mark.parametrize(
    "charset", ["hex", "zip", "utf-7", "punycode", "idna", "unicode_escape", "no such", "é", "a\0b"]
)
def test_an_encoding_that_is_none_of_pages_is_passed_over(charset: str) -> None:
    data = f"<meta charset={charset}><h3>On 조수</h3><p>(Ada Lovelace)</p>".replace("\0", "").encode("cp949", "replace")
    loaded = load_bytes(data, "d", charset=charset)
    assert [paper.title for paper in loaded.papers] == ["On 조수"]
    assert "read as CP949" in reasons(loaded)[0]


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lxml", None)
    with pytest.raises(
        ReadlistError, match=r'^feeds and web pages need more packages: pip install "readlist\[feeds\]"$'
    ):
        load_bytes(f"<html>{HEAD}".encode(), "d")
    assert load_bytes(b"On Tides\n(Ada Lovelace)", "d").papers


def test_a_text_needs_none_of_the_packages_for_pages() -> None:
    code = (
        "import sys; from readlist.loaders.registry import load_bytes; load_bytes(b'On Tides\\n(Ada King)', 'd')\n"
        "print(*{'lxml', 'httpx', 'email', 'html'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
