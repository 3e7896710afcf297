"""RSS and Atom: feeds of papers, as those of arXiv, and the newsletter as a feed, with a digest in each entry.

The HTML of a digest is parsed like a web page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.loaders.base import ProblemLog
from readlist.loaders.markup import is_feed, is_markup

if TYPE_CHECKING:
    from readlist.loaders.base import ParseResult, Source
    from readlist.loaders.feed.entries import Feed


class FeedLoader:
    """The loader of RSS and Atom feeds."""

    name = "web feed (RSS, Atom)"

    def detect(self, source: Source) -> bool:
        """Return whether the text is a feed in which an entry is or contains a paper, or one without any entry."""
        if not (is_markup(source.text) and is_feed(source.text)):
            return False
        from readlist.loaders.feed.contents import contain_paper

        feed = source.parse_once(_parse_feed)
        return feed.is_empty or contain_paper(feed.entries, source)

    def parse(self, source: Source) -> ParseResult:
        """Return the papers of all entries."""
        from readlist.loaders.feed.contents import parse_entries

        log = ProblemLog(source.name)
        feed = source.parse_once(_parse_feed)
        if feed.problem:
            log.report(0, feed.problem)
        return parse_entries(feed.entries, source, log)


def _parse_feed(source: Source) -> Feed:
    from readlist.loaders.feed.entries import parse_feed

    return parse_feed(source.text)
