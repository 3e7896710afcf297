"""The page of `readlist stats --year`: the figures of a year by month, day, tag and author, and its papers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from readlist.text import clean, plural
from readlist.views.bars import UNICODE, Glyphs
from readlist.views.blocks import MaxLines
from readlist.views.calendar import reading_calendar
from readlist.views.stats import activity_table, counts_table, join_parts, papers_table, tag_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from readlist.stats import YearReview

_SIDE_BY_SIDE_WIDTH = 72
"""Cells from which the tags and authors are side by side."""
_MAX_BAR = 40
_FIGURES_CELLS = 50
"""Cells that a month and its counts take next to its bar."""


def year_page(review: YearReview, query: str, width: int, glyphs: Glyphs = UNICODE) -> RenderableType:
    """Return the page, at most `width` terminal cells wide; `query` is what the papers match, "" for all papers."""
    return Group(*_blocks(review, query, width, glyphs))


def _blocks(review: YearReview, query: str, width: int, glyphs: Glyphs) -> Iterator[RenderableType]:
    yield Text.assemble((review.title, "bold"), (f"  {clean(query)}" if query else "", "dim"))
    yield ""
    if review.total.is_empty:
        yield Text(review.empty_sentence)
        return
    yield join_parts(_summary(review), width)
    yield from map(Text, review.sentences)
    yield ""
    bar_cells = max(1, min(_MAX_BAR, width - _FIGURES_CELLS))
    has_marks = width > _FIGURES_CELLS
    yield activity_table("month", review.begun_months, bar_cells, glyphs, has_marks=has_marks)
    blocks: list[RenderableType] = []
    if review.reading_days:
        first = dt.date(review.year, 1, 1)
        blocks.append(reading_calendar(review.reading_days, first, review.last, width, glyphs))
    blocks += _counts(review, width)
    if review.starred:
        blocks.append(papers_table("starred", review.starred))
    if review.oldest_unread:
        papers = ((entry.paper.first_date, entry) for entry in review.oldest_unread)
        blocks.append(papers_table(f"oldest unread of {review.year}", papers))
    for block in blocks:
        yield ""
        yield block


def _summary(review: YearReview) -> Iterator[str]:
    total = review.total
    yield f"{plural(total.added, 'paper')} added"
    for name in ("read", "skipped", "starred", "noted"):
        yield f"{getattr(total, name):,} {name}"
    yield f"{review.unread:,} of those added still unread"


def _counts(review: YearReview, width: int) -> list[RenderableType]:
    """Return the tables of tags and authors, side by side where they fit."""
    tables: list[RenderableType] = []
    if review.tags:
        tags = counts_table("tag", "read", "added")
        for tag in review.tags:
            tags.add_row(MaxLines(tag_text(tag.tag), 1), f"{tag.read:,}", f"{tag.added:,}")
        tables.append(tags)
    if review.authors:
        authors = counts_table("author", "papers read")
        for author in review.authors:
            authors.add_row(MaxLines(Text(clean(author.author)), 1), f"{author.read:,}")
        tables.append(authors)
    if len(tables) > 1 and width >= _SIDE_BY_SIDE_WIDTH:
        both = Table.grid(padding=(0, 4, 0, 0))
        both.add_row(*tables)
        return [both]
    return tables
