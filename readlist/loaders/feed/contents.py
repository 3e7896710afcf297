"""What the entries of a feed contain: each is a paper, or has a digest as its text, or neither.

The loaders of RSS, Atom and JSON Feed call this module when a document is a feed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.dates import find_date
from readlist.loaders.base import ParseResult
from readlist.loaders.feed.papers import build_paper, find_identity, is_api_error, is_revision
from readlist.loaders.limits import quote
from readlist.loaders.markup import EventBudget
from readlist.loaders.newsletter.parser import PageDigestParser, contains_paper
from readlist.loaders.page.html import parse_page
from readlist.loaders.page.parser import date_from_source_name
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from readlist.loaders.base import ProblemLog, Source
    from readlist.loaders.feed.entries import Entry
    from readlist.models import Paper
    from readlist.sources import Problem


def contain_paper(entries: Iterable[Entry], source: Source) -> bool:
    """Return whether an entry is a paper, contains one, or is an error message in the place of papers."""
    budget = EventBudget()
    return any(
        any(find_identity(entry))
        or is_api_error(entry)
        or contains_paper(parse_page(entry.body, budget, entry.link or source.url).lines)
        for entry in entries
    )


def parse_entries(entries: Sequence[Entry], source: Source, log: ProblemLog) -> ParseResult:
    """Return the papers of all entries, how many are revisions, and the problems: first those of the log.

    Papers without a date line above them get the date in the title of the entry, or that of its publication. The
    entries share one budget, so that many entries take no longer than a large page.
    """
    papers: list[Paper] = []
    problems: list[Problem] = []
    budget = EventBudget()
    empty = revisions = 0
    for entry in entries:
        identity = find_identity(entry)
        if any(identity):
            if is_revision(entry):
                revisions += 1
            else:
                papers.append(build_paper(entry, identity, entry.date or date_from_source_name(source.name), log))
            continue
        if is_api_error(entry):
            log.report(entry.line, f"arXiv returned an error instead of papers: {quote(clean(entry.body))}")
            continue
        page = parse_page(entry.body, budget, entry.link or source.url, entry.body_line)
        if page.problem:
            log.report(entry.line, page.problem)
        empty += not page.lines
        date = find_date(entry.title) or entry.date or date_from_source_name(source.name)
        result = PageDigestParser(source.name, date).parse(page.lines)
        papers += result.papers
        problems += result.problems
    if empty:
        log.report(0, f"entries without a paper: {empty:,} of {len(entries):,}")
    return ParseResult(tuple(papers), (*log.problems, *problems), revisions=revisions)
