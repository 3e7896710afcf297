"""The newsletter as a web page: html.py extracts its lines, which are parsed like those of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.dates import date_from_file_name, find_date
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.markup import EventBudget, is_feed, is_markup
from readlist.loaders.newsletter.parser import PageDigestParser, contains_paper

if TYPE_CHECKING:
    import datetime as dt

    from readlist.loaders.base import Source
    from readlist.loaders.page.html import Page


class PageLoader:
    """The loader of web pages."""

    name = "web page (HTML)"

    def detect(self, source: Source) -> bool:
        """Return whether the text is markup other than a feed, and contains a paper."""
        if not is_markup(source.text) or is_feed(source.text):
            return False
        return contains_paper(source.parse_once(_parse_page).lines)

    def parse(self, source: Source) -> ParseResult:
        """Return the papers of the page.

        Those without a date line above them get the date in the title, that of publication, or that in the name.
        """
        from readlist.loaders.page.html import parse_publication_date

        log = ProblemLog(source.name)
        page = source.parse_once(_parse_page)
        if page.problem:
            log.report(0, page.problem)
        date = find_date(page.title) or parse_publication_date(page.published) or date_from_source_name(source.name)
        result = PageDigestParser(source.name, date).parse(page.lines)
        return ParseResult(result.papers, (*log.problems, *result.problems))


def _parse_page(source: Source) -> Page:
    from readlist.loaders.page.html import parse_page

    return parse_page(source.text, EventBudget(), source.url)


def date_from_source_name(name: str) -> dt.date | None:
    """Return the date in a file name, or in the path of a URL such as example.org/2025/02/11."""
    return date_from_file_name(name.partition("?")[0].replace("/", "-"))
