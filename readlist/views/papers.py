"""The table of papers that `list`, `search`, `next` and `similar` show; `paper_layout` decides on its columns."""

from __future__ import annotations

from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.text import Text

from readlist.paper_columns import suggestion_row
from readlist.text import clean
from readlist.views.blocks import MaxLines, OneLine
from readlist.views.excerpts import excerpt_line, highlight
from readlist.views.paper_layout import AUTOMATIC, cell_text, choose_layout, join_tags
from readlist.views.symbols import FINISHED, mark_symbols
from readlist.views.tables import new_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from readlist.paper_columns import Column
    from readlist.query_results import Hit
    from readlist.suggestions import Suggestion
    from readlist.views.paper_layout import Layout, TableOptions

NEAREST_HEADING, COMPLETE_HEADING = "Nearest matches (not all words)", "All words"
_EXCERPT_CELLS = 40
"""Cells of an excerpt below a title that are always shown: one line, except in a very narrow terminal."""
_REASON_CELLS = 120
"""Cells of a reason for a suggestion that are always shown: it is useless in part."""
_NUMBERS = frozenset({"id", "score", "votes"})
"""Columns that are right-aligned."""
_STYLES = {
    "id": "cyan",
    "key": "cyan",
    "tags": "blue",
    "votes": "yellow",
    **dict.fromkeys(("date", "first", "read", "starred", "noted", "abstract", "comment", "note"), "dim"),
}


def results_table(hits: Sequence[Hit], width: int, options: TableOptions = AUTOMATIC) -> RenderableType:
    """Return the rows of `papers_table`, with a heading where papers follow that do not have all words of the query."""
    layout = choose_layout(hits, width, options)
    parts: list[RenderableType] = []
    for is_partial, group in groupby(hits, lambda hit: hit.is_partial):
        if is_partial or parts:
            parts.append(Text(NEAREST_HEADING if is_partial else COMPLETE_HEADING, style="bold"))
        parts.append(_table(list(group), layout, show_header=len(parts) < 2))  # noqa: PLR2004 -- the first table
    return Group(*parts)


def papers_table(hits: Sequence[Hit], width: int, options: TableOptions = AUTOMATIC) -> RenderableType:
    """Return one row per paper, in `width` terminal cells."""
    return _table(hits, choose_layout(hits, width, options))


def suggestions_table(
    suggestions: Sequence[Suggestion], width: int, options: TableOptions = AUTOMATIC
) -> RenderableType:
    """Return one row per paper, in `width` terminal cells, with the reason for it where a match would be."""
    return papers_table([suggestion_row(one) for one in suggestions], width, options)


def _table(hits: Sequence[Hit], layout: Layout, *, show_header: bool = True) -> RenderableType:
    table = new_table(show_header=show_header and layout.has_header)
    for column in layout.columns:
        header = "" if column.name == "marks" else column.name
        justify = "right" if column.name in _NUMBERS else "left"
        table.add_column(header, justify=justify, width=layout.widths[column.name], no_wrap=True)  # type: ignore[arg-type] # a literal
    for hit in hits:
        cells = (_cell(hit, column, layout) for column in layout.columns)
        table.add_row(*cells, style="dim" if hit.entry.mark.status in FINISHED else "")
    return table


# Cells


def _cell(hit: Hit, column: Column, layout: Layout) -> RenderableType:
    width = layout.widths[column.name]
    if column.name == "marks":
        symbols = mark_symbols(hit.entry.mark)
        return Text.assemble(*(symbols[i] for i in layout.symbols))
    if column.name == "title":
        return _title_cell(hit, layout)
    if column.name == "tags":
        tags = Text(_cut_tags(hit, width) if layout.lines > 1 else join_tags(hit), style="blue")
        is_match = hit.matched and hit.matched.field == "tag"
        return _limit(highlight(tags, hit.matched) if hit.matched and is_match else tags, layout.lines)
    text = cell_text(hit, column)
    if text and column.name in {"match", "reason"} and hit.matched:
        return _limit(Text() if layout.shows_match(hit) else excerpt_line(hit.matched, width), layout.lines)
    return _limit(Text(text, style=_STYLES.get(column.name, "")), layout.lines)


def _cut_tags(hit: Hit, width: int) -> str:
    """Return the tags, separated by spaces; a tag that is longer than a line is cut, so that it does not wrap."""
    tags = [f"#{clean(tag)}" for tag in hit.entry.tags]
    return " ".join(set_cell_size(tag, width - 1) + "…" if cell_len(tag) > width else tag for tag in tags)


def _title_cell(hit: Hit, layout: Layout) -> RenderableType:
    """Return the title, with the match highlighted or on a line below it."""
    width, matched = layout.widths["title"], hit.matched
    text = Text(clean(hit.entry.paper.title))
    if matched and matched.field == "title":
        highlight(text, matched)
    title = _limit(text, layout.title_lines)
    if matched is None or not layout.has_excerpts or layout.shows_match(hit):
        return title
    cells = _EXCERPT_CELLS if matched.field else _REASON_CELLS
    return Group(title, MaxLines(excerpt_line(matched, max(width, cells)), ceil(cells / width)))


def _limit(text: Text, lines: int) -> RenderableType:
    return OneLine(text) if lines == 1 else MaxLines(text, lines)
