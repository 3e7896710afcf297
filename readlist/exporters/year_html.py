"""The review of a year as a page for any browser, in one file without a script: figures, charts, tags and papers.

All text is escaped. A content security policy allows the page's own style, by its hash, and nothing else: so the bars
and the calendar are SVG whose sizes are attributes, not styles. The style is year_page.css, next to this module.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.exporters.html_text import escape, format_link, html_head
from readlist.exporters.year_markdown import month_figures, name_authors, tag_figures
from readlist.stats import format_levels, get_level, get_levels, get_monday, group_by_month
from readlist.text import clean, plural, printable_line
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry
    from readlist.stats import Activity, YearReview

_BAR_WIDTH, _BAR_HEIGHT = 200, 10
_DAY, _GAP = 11, 2
"""Pixels of a day in the calendar, and between two days."""
_MARGIN = 14
"""Pixels above the calendar, for the names of the months."""


def export_year(review: YearReview, query: str = "") -> Iterator[str]:
    """Yield the page; `query` is what its papers match, "" for all papers."""
    yield _head(review)
    yield f"<body>\n<h1>{escape(review.title)}</h1>\n"
    if query:
        yield f'<p class="query" dir="auto">Papers that match: {escape(clean(query))}</p>\n'
    if review.total.is_empty:
        yield f"<p>{escape(review.empty_sentence)}</p>\n"
    else:
        yield from _figures(review)
        yield from _months(review)
        yield from _calendar(review)
        yield from _lists(review)
    yield "</body>\n</html>\n"


def _head(review: YearReview) -> str:
    return html_head(review.title, Path(__file__).with_name("year_page.css").read_text(encoding="utf-8"))


def _figures(review: YearReview) -> Iterator[str]:
    total = review.total
    figures = [(name, getattr(total, name)) for name in ("read", "skipped", "starred", "noted")]
    cells = [("added", total.added), ("of them unread", review.unread), *figures]
    yield "<dl>\n"
    yield from (f"<div><dt>{escape(name)}</dt><dd>{count:,}</dd></div>\n" for name, count in cells)
    yield "</dl>\n"
    if review.sentences:
        yield f"<p>{escape(' '.join(review.sentences))}</p>\n"


# Months


def _months(review: YearReview) -> Iterator[str]:
    header = "".join(
        f'<th scope="col">{name}</th>' for name in ("month", "read", "skipped", "added", "starred", "noted")
    )
    legend = f'<th class="bar">{_swatch("read")} read {_swatch("skipped")} skipped</th>'
    yield f"<h2>Months</h2>\n<table>\n<thead><tr>{header}{legend}</tr></thead>\n<tbody>\n"
    longest = max(month.read + month.skipped for month in review.months)
    for month in review.begun_months:
        yield f'{_month_cells(month)}<td class="bar">{_bar(month, longest)}</td></tr>\n'
    total = _month_cells(review.total._replace(period="total"))
    yield f'</tbody>\n<tfoot>{total}<td class="bar"></td></tr></tfoot>\n</table>\n'


def _month_cells(month: Activity) -> str:
    figures = "".join(f"<td>{count:,}</td>" for count in month_figures(month))
    return f'<tr><th scope="row">{month.period}</th>{figures}'


def _bar(month: Activity, longest: int) -> str:
    """Return the papers read and skipped as a bar; the figures beside it say the same."""
    if not longest:
        return ""
    read, skipped = (round(count * _BAR_WIDTH / longest) for count in (month.read, month.skipped))
    return (
        f'<svg viewBox="0 0 {_BAR_WIDTH} {_BAR_HEIGHT}" width="{_BAR_WIDTH}" height="{_BAR_HEIGHT}" aria-hidden="true">'
        f'<rect class="read" width="{read}" height="{_BAR_HEIGHT}"/>'
        f'<rect class="skipped" x="{read}" width="{skipped}" height="{_BAR_HEIGHT}"/></svg>'
    )


def _swatch(kind: str) -> str:
    """Return a square in the color of a part of a chart, for its legend."""
    rect = f'<rect class="{kind}" width="{_DAY}" height="{_DAY}" rx="2"/>'
    return f'<svg class="swatch" width="{_DAY}" height="{_DAY}" aria-hidden="true">{rect}</svg>'


# Reading days


def _calendar(review: YearReview) -> Iterator[str]:
    """Yield the calendar of reading days: a column a week, with the number of papers of each day as its title."""
    if not review.reading_days:
        return
    counts = {day.date: day.read for day in review.reading_days}
    levels = get_levels(counts.values())
    first = dt.date(review.year, 1, 1)
    days = [first + dt.timedelta(days=number) for number in range((review.last - first).days + 1)]
    step = _DAY + _GAP
    width, height = ((days[-1] - get_monday(first)).days // 7 + 1) * step, _MARGIN + 7 * step
    yield f'<h2>Reading days</h2>\n<figure>\n<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    yield f' role="img" aria-label="{plural(len(counts), "reading day")} of {review.year}">\n'
    for day in days:
        x, y = (day - get_monday(first)).days // 7 * step, _MARGIN + day.weekday() * step
        if day.day == 1:
            yield f'<text x="{x}" y="{_MARGIN - 4}">{day.month}</text>\n'
        count = counts.get(day, 0)
        yield f'<rect class="level-{get_level(levels, count)}" x="{x}" y="{y}" width="{_DAY}" height="{_DAY}" rx="2">'
        yield f"<title>{day}: {count:,}</title></rect>\n"
    spans = (f"{_swatch(f'level-{level}')} {span}" for level, span in enumerate(("0", *format_levels(levels))))
    yield f"</svg>\n<figcaption>Papers read a day: {' '.join(spans)}</figcaption>\n</figure>\n"


# Tags and papers


def _lists(review: YearReview) -> Iterator[str]:
    tags = (
        f'<span dir="auto">{escape(f"#{printable_line(t.tag)}")}</span>: {tag_figures(*t[1:])}' for t in review.tags
    )
    yield from _section("Tags", tags)
    names = ((escape(clean(author.author)), plural(author.read, "paper")) for author in review.authors)
    yield from _section("Authors", (f'<span dir="auto">{name}</span>: {papers} read' for name, papers in names))
    if review.starred:
        yield "<h2>Starred papers</h2>\n"
    for month, entries in group_by_month(review.starred).items():
        yield from _section(month, map(_paper, entries), level=3)
    oldest = (_paper(entry, entry.paper.first_date) for entry in review.oldest_unread)
    yield from _section(f"Oldest unread papers of {review.year}", oldest)


def _section(title: str, items: Iterable[str], level: int = 2) -> Iterator[str]:
    """Yield a heading and a list, nothing where the list is empty."""
    if lines := [f"<li>{item}</li>\n" for item in items]:
        yield f"<h{level}>{escape(title)}</h{level}>\n<ul>\n{''.join(lines)}</ul>\n"


def _paper(entry: Entry, date: dt.date | None = None) -> str:
    """Return date, linked title and authors of a paper."""
    title, url = clean(entry.paper.title), paper_url(entry.paper)
    linked = format_link(url, title) if url else escape(title)
    authors = escape(name_authors(entry.paper.authors))
    time = f'<time datetime="{date}">{date}</time> ' if date else ""
    return f'{time}<span dir="auto">{linked}</span>' + (
        f' <span class="authors" dir="auto">{authors}</span>' if authors else ""
    )
