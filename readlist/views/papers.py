"""The table of papers that `list`, `search`, `next` and `similar` show, in any width.

    from 60 cells     id, date, symbols, title
    from about 75     and tags
    from about 95     and authors
    below 60          without a header: id, symbols, title

Other columns are dropped before titles are cut; only a title longer than two lines of a wide terminal is cut.
"""

from __future__ import annotations

from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.text import Text

from readlist.models import Excerpt, Hit
from readlist.text import clean
from readlist.views.blocks import MaxLines
from readlist.views.excerpts import excerpt_line, highlight
from readlist.views.symbols import FINISHED, STAR, STATUS_STYLES, STATUS_SYMBOLS
from readlist.views.tables import new_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from readlist.models import Entry, Suggestion

NEAREST_HEADING, COMPLETE_HEADING = "Nearest matches (not all words)", "All words"
_GAP = 2
_DATE_CELLS = 10
_SYMBOL_CELLS = 2
_MIN_TABLE_WIDTH = 60
"""Cells below which date and tags would leave too little for titles."""
_MIN_TITLE = 36
"""Cells that other columns leave for titles: with fewer, most titles take three lines."""
_MAX_AUTHORS = 20
_MAX_NAMES = 2
"""Authors that are named before "et al." replaces them."""
_MAX_NAME_WORDS = 4
"""Words of a person's name; a longer name is an organization's."""
_MAX_TAGS = 24
_TAGS_SHARE = 0.22
"""The part of the width that tags may take."""
_TITLE_CELLS = 120
"""Cells of a title that are always shown, on as many lines as they take; nearly all titles are shorter."""
_EXCERPT_CELLS = 40
"""Cells of an excerpt that are always shown: one line, except in a very narrow terminal."""
_REASON_CELLS = 120
"""Cells of a reason for a suggestion that are always shown: it is useless in part."""


class _Layout(NamedTuple):
    """The width of each column in terminal cells; 0 leaves it out."""

    id: int
    date: int
    title: int
    authors: int
    tags: int


def results_table(hits: Sequence[Hit], width: int) -> RenderableType:
    """Return the rows of `papers_table`, with a heading where papers follow that do not have all words of the query."""
    layout = _layout(hits, width)
    parts: list[RenderableType] = []
    for is_partial, group in groupby(hits, lambda hit: hit.is_partial):
        if is_partial or parts:
            parts.append(Text(NEAREST_HEADING if is_partial else COMPLETE_HEADING, style="bold"))
        parts.append(_table(list(group), layout, show_header=len(parts) < 2))  # noqa: PLR2004 -- the first table
    return Group(*parts)


def papers_table(hits: Sequence[Hit], width: int) -> RenderableType:
    """Return one row per paper, in `width` terminal cells; a match outside the title is on a line below the title."""
    return _table(hits, _layout(hits, width))


def _table(hits: Sequence[Hit], layout: _Layout, *, show_header: bool = True) -> RenderableType:
    table = new_table(show_header=show_header and layout.date > 0)
    table.add_column("id", justify="right", width=layout.id, no_wrap=True)
    if layout.date:
        table.add_column("date", width=layout.date, no_wrap=True)
    table.add_column("", width=_SYMBOL_CELLS, no_wrap=True)
    table.add_column("title", width=layout.title)
    if layout.authors:
        table.add_column("authors", width=layout.authors)
    if layout.tags:
        table.add_column("tags", width=layout.tags)
    for hit in hits:
        table.add_row(*_cells(hit, layout), style="dim" if hit.entry.mark.status in FINISHED else "")
    return table


def suggestions_table(suggestions: Sequence[Suggestion], width: int) -> RenderableType:
    """Return one row per paper, in `width` terminal cells; the reason for it is on a line below its title."""
    return papers_table([Hit(one.entry, one.score, _reason_excerpt(one)) for one in suggestions], width)


def _reason_excerpt(suggestion: Suggestion) -> Excerpt | None:
    """Return the reason as an excerpt without a field, in which the shared terms, at its end, are matches."""
    if not suggestion.reason:
        return None
    spans: list[tuple[int, int]] = []
    start = len(suggestion.reason) - len(", ".join(suggestion.terms))
    for term in suggestion.terms:
        spans.append((start, start + len(term)))
        start += len(f"{term}, ")
    return Excerpt("", suggestion.reason, tuple(spans))


# Column widths


def _layout(hits: Sequence[Hit], width: int) -> _Layout:
    """Distribute `width` over the columns: tags before authors, and both only where titles keep _MIN_TITLE."""
    id_width = max(2, max((len(str(hit.entry.paper.id)) for hit in hits), default=1))
    if width < _MIN_TABLE_WIDTH:
        return _Layout(id_width, 0, max(1, width - id_width - _SYMBOL_CELLS - 2 * _GAP), 0, 0)
    available = width - id_width - _DATE_CELLS - _SYMBOL_CELLS - 3 * _GAP
    max_tags = min(_MAX_TAGS, int(width * _TAGS_SHARE))
    tags = _column_width("tags", [_join_tags(hit.entry) for hit in hits], max_tags, available)
    available -= tags + _GAP if tags else 0
    short_names = [short_authors(hit.entry.paper.authors) for hit in hits]
    authors = _column_width("authors", short_names, _MAX_AUTHORS, available)
    available -= authors + _GAP if authors else 0
    titles = [cell_len(clean(hit.entry.paper.title)) for hit in hits]
    has_excerpts = any(hit.matched and hit.matched.field != "title" for hit in hits)
    title = available if has_excerpts else min(available, max(titles, default=5))
    return _Layout(id_width, _DATE_CELLS, title, authors, tags)


def _column_width(header: str, texts: Sequence[str], limit: int, available: int) -> int:
    """Return the cells of a column of `texts`, at most `limit`; 0 where it is empty or titles would be too narrow."""
    if not any(texts):
        return 0
    width = min(limit, max(map(cell_len, (header, *texts))))
    return width if available - width - _GAP >= _MIN_TITLE else 0


# Cells


def _cells(hit: Hit, layout: _Layout) -> list[RenderableType]:
    """Return the cells of the columns that the layout has."""
    paper = hit.entry.paper
    cells: list[RenderableType] = [Text(str(paper.id), style="cyan")]
    if layout.date:
        cells.append(Text(str(paper.date or ""), style="dim"))
    cells += [_symbols(hit.entry), _title_cell(hit, layout)]
    if layout.authors:
        cells.append(MaxLines(Text(short_authors(paper.authors)), 2))
    if layout.tags:
        tags = Text(_join_tags(hit.entry, layout.tags), style="blue")
        is_match = hit.matched and _is_visible_in_tags(hit.matched, layout)
        cells.append(MaxLines(highlight(tags, hit.matched) if hit.matched and is_match else tags, 2))
    return cells


def _is_visible_in_tags(matched: Excerpt, layout: _Layout) -> bool:
    """Return whether the column of tags shows the match, which then needs no line below the title."""
    return matched.field == "tag" and cell_len(matched.text) <= layout.tags


def _title_cell(hit: Hit, layout: _Layout) -> RenderableType:
    """Return the title, with the match highlighted or on a line below it."""
    width, matched = layout.title, hit.matched
    text = Text(clean(hit.entry.paper.title))
    if matched and matched.field == "title":
        highlight(text, matched)
    title = MaxLines(text, max(2, ceil(_TITLE_CELLS / width)))
    if matched is None or matched.field == "title" or _is_visible_in_tags(matched, layout):
        return title
    cells = _EXCERPT_CELLS if matched.field else _REASON_CELLS
    return Group(title, MaxLines(excerpt_line(matched, max(width, cells)), ceil(cells / width)))


def _symbols(entry: Entry) -> Text:
    status = entry.mark.status
    star = Text(STAR if entry.mark.starred else "", style="yellow")
    return Text(STATUS_SYMBOLS[status], style=STATUS_STYLES[status]).append_text(star)


def _join_tags(entry: Entry, width: int = _MAX_TAGS) -> str:
    """Return the tags, separated by spaces; a tag that is longer than a line is cut, so that it does not wrap."""
    tags = [f"#{clean(tag)}" for tag in entry.tags]
    return " ".join(set_cell_size(tag, width - 1) + "…" if cell_len(tag) > width else tag for tag in tags)


def short_authors(authors: Sequence[str]) -> str:
    """Return the last names of one or two authors; of three or more, the first and "et al.".

    >>> short_authors(["Xuandong Zhao", "Zhewei Kang"]), short_authors(["Wenfang Sun", "Lu Yin", "Shiwei Liu"])
    ('Zhao, Kang', 'Sun et al.')
    """
    names = [_last_name(clean(author)) for author in authors]
    return f"{names[0]} et al." if len(names) > _MAX_NAMES else ", ".join(names)


def _last_name(author: str) -> str:
    """Return the last word of a name of up to four words; a longer one is an organization and is not cut.

    A name in Hangul or Chinese characters is one word with the family name first, and is not cut either.
    """
    words = author.split()
    return words[-1] if 1 < len(words) <= _MAX_NAME_WORDS else author
