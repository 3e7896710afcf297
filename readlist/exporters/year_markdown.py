"""The review of a year as Markdown, for a report or a mail: figures, a table of the months, lists of tags and papers.

Text of digests is escaped as `markdown` does; it is in lists, not in tables, where "|" would separate cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters.markdown import escape, link_target
from readlist.stats import group_by_month
from readlist.text import clean, plural, printable_line

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry
    from readlist.stats import Activity, YearReview

MAX_AUTHORS = 3
"""Authors of a paper that are named; of the others their number is."""


def export_year(review: YearReview, query: str = "") -> Iterator[str]:
    """Yield the review; `query` is what its papers match, "" for all papers."""
    yield f"# {review.title}\n"
    if query:
        yield f"\nPapers that match: {escape(clean(query))}\n"
    if review.total.is_empty:
        yield f"\n{review.empty_sentence}\n"
        return
    yield "\n" + "".join(f"- {line}\n" for line in summarize(review))
    if review.sentences:
        yield "\n" + "\n".join(review.sentences) + "\n"
    yield from _months_table(review)
    yield from _section("Tags", (f"{escape(f'#{printable_line(t.tag)}')}: {tag_figures(*t[1:])}" for t in review.tags))
    authors = (f"{escape(clean(author.author))}: {plural(author.read, 'paper')} read" for author in review.authors)
    yield from _section("Authors", authors)
    if review.starred:
        yield "\n## Starred papers\n"
    for month, entries in group_by_month(review.starred).items():
        yield from _section(month, map(_paper, entries), level=3)
    oldest = (_paper(entry, entry.paper.first_date) for entry in review.oldest_unread)
    yield from _section(f"Oldest unread papers of {review.year}", oldest)


def summarize(review: YearReview) -> list[str]:
    """Return the figures of the year, a line each."""
    total = review.total
    return [
        f"{plural(total.added, 'paper')} added, {review.unread:,} of them still unread",
        f"{total.read:,} read",
        f"{total.skipped:,} skipped",
        f"{total.starred:,} starred",
        f"{total.noted:,} with a note written or changed",
    ]


def tag_figures(read: int, added: int) -> str:
    """Return how many papers with a tag were read and added."""
    return f"{read:,} read, {added:,} added"


def name_authors(authors: Iterable[str]) -> str:
    """Return the first authors, and how many others there are."""
    names = list(map(clean, authors))
    others = len(names) - MAX_AUTHORS
    named = ", ".join(names[:MAX_AUTHORS])
    return f"{named} and {plural(others, 'other')}" if others > 0 else named


def _months_table(review: YearReview) -> Iterator[str]:
    yield "\n## Months\n\n| month | read | skipped | added | starred | noted |\n"
    yield f"| --- |{' ---: |' * len(month_figures(review.total))}\n"
    for month in (*review.begun_months, review.total._replace(period="total")):
        yield f"| {month.period} | {' | '.join(map(str, month_figures(month)))} |\n"


def month_figures(month: Activity) -> tuple[int, int, int, int, int]:
    """Return the figures of a month in the order in which the reviews show them."""
    return month.read, month.skipped, month.added, month.starred, month.noted


def _section(title: str, items: Iterable[str], level: int = 2) -> Iterator[str]:
    """Yield a heading and a list, nothing where the list is empty."""
    heading = f"\n{'#' * level} {title}\n\n"
    for item in items:
        yield f"{heading}- {item}\n"
        heading = ""


def _paper(entry: Entry, date: dt.date | None = None) -> str:
    """Return date, linked title and authors of a paper on one line."""
    title, url = escape(clean(entry.paper.title)), link_target(entry.paper)
    authors = escape(name_authors(entry.paper.authors))
    linked = f"[{title}]({url})" if url else title
    return f"{f'{date} ' if date else ''}{linked}{f' · {authors}' if authors else ''}"
