"""What the tests of pages and feeds share: parsing as the registry does, and a paper as HTML."""

from __future__ import annotations

from readlist.loaders.base import Loader, ParseResult, Source
from readlist.loaders.feed.parser import FeedLoader
from readlist.loaders.markup import is_feed, is_markup
from readlist.loaders.page.parser import PageLoader
from readlist.models import Paper

URL = "https://tides.example/posts/1"
HEAD = '<h3><a href="https://arxiv.org/abs/2501.00001v2">On Tides</a></h3><p>(Ada Lovelace, Alan Turing)</p>'
ABSTRACT = "<p>Tides rise and fall.</p>"


def parse(text: str, name: str = "d.html", url: str = URL) -> ParseResult:
    """Parse a page or feed, and check that only its own loader detects it, if there is a paper in it."""
    loader: Loader
    loader, other = (FeedLoader(), PageLoader()) if is_feed(text) else (PageLoader(), FeedLoader())
    source = Source(name, text, url=url)
    result = loader.parse(source)
    assert loader.detect(source) is (bool(result.papers) and is_markup(text))
    assert not other.detect(source)
    return result


def parse_papers(text: str, name: str = "d.html") -> tuple[Paper, ...]:
    result = parse(text, name)
    assert result.problems == ()
    return result.papers


def parse_paper(text: str, name: str = "d.html") -> Paper:
    (paper,) = parse_papers(text, name)
    return paper


def messages(result: ParseResult) -> list[str]:
    return list(map(str, result.problems))


def rss(*bodies: str) -> str:
    items = "".join(f"<item><description>{body}</description></item>" for body in bodies)
    return f"<rss><channel>{items}</channel></rss>"
