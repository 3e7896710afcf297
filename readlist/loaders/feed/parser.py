"""The newsletter as an RSS or Atom feed, with a digest in each entry.

The HTML of an entry is parsed like a web page. Papers without a date line above them get the date in the title of the
entry, or that of its publication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from readlist.dates import find_date
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.markup import EventBudget, is_feed, is_markup
from readlist.loaders.newsletter.parser import PageDigestParser, contains_paper
from readlist.loaders.page.parser import date_from_source_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from readlist.loaders.base import Source
    from readlist.loaders.newsletter.lines import Line
    from readlist.models import Paper, Problem


class FeedLoader:
    """The loader of RSS and Atom feeds."""

    name = "web feed (RSS, Atom)"

    def detect(self, source: Source) -> bool:
        """Return whether the text is a feed and an entry contains a paper."""
        if not (is_markup(source.text) and is_feed(source.text)):
            return False
        return any(contains_paper(entry.lines) for entry in _iter_entries(source, ProblemLog(source.name)))

    def parse(self, source: Source) -> ParseResult:
        """Return the papers of all entries."""
        log = ProblemLog(source.name)
        papers: list[Paper] = []
        problems: list[Problem] = []
        for entry in _iter_entries(source, log):
            result = PageDigestParser(source.name, entry.date).parse(entry.lines)
            papers += result.papers
            problems += result.problems
        return ParseResult(tuple(papers), (*log.problems, *problems))


class _DatedLines(NamedTuple):
    """The lines of an entry, and the date of the papers without a date line above them."""

    lines: list[Line]
    date: dt.date | None


def _iter_entries(source: Source, log: ProblemLog) -> Iterator[_DatedLines]:
    """Yield the entries; they share one budget, so that many entries take no longer than a large page."""
    from readlist.loaders.feed.entries import parse_feed
    from readlist.loaders.page.html import parse_page

    entries, problem = parse_feed(source.text)
    if problem:
        log.report(0, problem)
    budget = EventBudget()
    empty = 0
    for entry in entries:
        page = parse_page(entry.body, budget, entry.link or source.url, entry.body_line)
        if page.problem:
            log.report(entry.line, page.problem)
        empty += not page.lines
        yield _DatedLines(page.lines, find_date(entry.title) or entry.date or date_from_source_name(source.name))
    if empty:
        log.report(0, f"entries without a paper: {empty:,} of {len(entries):,}")
