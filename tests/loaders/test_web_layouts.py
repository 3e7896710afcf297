"""The seeds as web pages and feeds, in several layouts: the papers are the same as in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from itertools import count
from pathlib import Path

import pytest

from readlist.loaders.base import Source
from readlist.loaders.newsletter.parser import NewsletterLoader
from readlist.models import Paper
from tests.loaders.web import URL, parse_papers

SEEDS = sorted((Path(__file__).resolve().parents[2] / "seeds").glob("*.txt"))


def parse_text(seed: Path) -> tuple[Paper, ...]:
    return NewsletterLoader().parse(Source(seed.name, seed.read_text(encoding="utf-8"))).papers


def add_links(text: str) -> str:
    return re.sub(r"(https://[^\s,)]*[^\s,).])", r'<a href="\1">\1</a>', escape(text))


def format_comments(paper: Paper) -> Iterator[str]:
    for text in paper.comments.values():
        yield from map(add_links, text.split("\n\n"))


def with_headings(paper: Paper, title: str, names: str) -> Iterator[str]:
    yield f"<h3>{title}</h3>\n<p>({names})</p>\n<blockquote><p>{add_links(paper.abstract)}</p></blockquote>"
    yield from (f"<p>{text}</p>" for text in format_comments(paper))
    yield f"<p>{' '.join('#' + tag for tag in paper.tags)}</p>"


def with_bold_titles(paper: Paper, title: str, names: str) -> Iterator[str]:
    yield f"<p><strong>{title}</strong><br>({names})</p><p>{add_links(paper.abstract)}</p>"
    yield from (f"<p>{text}</p>" for text in format_comments(paper))
    yield "<p>" + "".join(f'<a href="/tags/{tag}">#{tag}</a>' for tag in paper.tags) + "</p>"


def as_list(paper: Paper, title: str, names: str) -> Iterator[str]:
    yield f"<li>{title} ({names})<br>{add_links(paper.abstract)}"
    yield from (f"<p>{text}</p>" for text in format_comments(paper))
    yield "<ul>" + "".join(f"<li>#{tag}</li>" for tag in paper.tags) + "</ul></li>"


def with_authors_in_italics(paper: Paper, title: str, names: str) -> Iterator[str]:
    yield f"<h2>{title}</h2><em>{names}</em><p>{add_links(paper.abstract)}</p>"
    yield from (f"<div>{text}</div>" for text in format_comments(paper))
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
        f"<item><title>{digest[0].date} papers</title><link>{URL}</link><pubDate>Sat, 01 Jan 2000 09:00:00 +0900"
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
        f'<entry><title type="html">Papers</title><link rel="alternate" href="{URL}"/><published>{digest[0].date}'
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
def test_a_page_or_feed_in_every_layout_has_the_same_papers_as_the_text(
    seed: Path, layout: Layout, form: Callable[[str, tuple[Paper, ...]], str]
) -> None:
    number = count(1)
    papers = parse_text(seed)
    ids = {paper.title: f"2501.{next(number):05}" for paper in papers}
    digest = tuple(p._replace(url=f"https://arxiv.org/abs/{ids[p.title]}", arxiv_id=ids[p.title]) for p in papers)
    assert parse_papers(form(as_html(digest, layout), digest), seed.name) == digest


def test_the_seeds_have_thirteen_papers() -> None:
    assert sum(len(parse_text(seed)) for seed in SEEDS) == 13
