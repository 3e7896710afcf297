"""Which columns a table of papers has in a terminal of some width, and how wide each of them is.

    from 100 cells    one line a title: id, date, symbols, title, tags; authors from about 125
    from 60           titles whole: id, date, symbols, title; tags from about 75, authors from about 95
                      votes after the symbols, where other persons starred a paper
    below 60          without a header: id, symbols, title

Authors and tags are dropped, tags in one line also cut, before titles are. `--columns` replaces this choice.
"""

from __future__ import annotations

import datetime as dt
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from readlist.paper_columns import find_columns
from readlist.text import clean
from readlist.views.excerpts import find_spans
from readlist.views.symbols import mark_symbols

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.paper_columns import Column
    from readlist.query_results import Hit

GAP = 2
"""Cells between two columns."""
WIDE = 100
"""Cells from which a title is one line."""
_MIN_TABLE_WIDTH = 60
"""Cells below which date and tags would leave too little for titles."""
_MIN_TITLE = 36
"""Cells that other columns leave for titles that are wrapped: with fewer, most titles take three lines."""
_MIN_TITLE_IN_ONE_LINE = 60
"""Cells that other columns leave for titles that are cut."""
_MIN_CUT_TAGS = 10
"""Cells of tags that are cut, below which the column is dropped."""
_LIMITS = {"authors": 20, "tags": 24}
"""Cells of columns whose values are lists, at most."""
_TAGS_SHARE = 0.22
"""The part of the width that tags may take unless the columns are named."""
_TITLE_SHARE = 0.55
"""The part of a line that the title leaves the excerpt beside it no more than."""
_TITLE_CELLS = 120
"""Cells of a wrapped title that are always shown, on as many lines as they take; nearly all titles are shorter."""
_MAX_NAMES = 2
"""Authors that are named before "et al." replaces them."""
_MAX_NAME_WORDS = 4
"""Words of a person's name; a longer name is an organization's."""
_ALWAYS_SHOWN = 2
"""Symbols, of status and star, for which there is a cell even where no paper has one."""


class TableOptions(NamedTuple):
    """What the user asked for; without `columns` those that fit are shown.

    `one_line` is one line a paper in any width; else a match outside the title is on a line below it, in a wide
    terminal only where `excerpts` is true.
    """

    columns: tuple[Column, ...] = ()
    one_line: bool = False
    excerpts: bool = True


AUTOMATIC = TableOptions()


class Layout(NamedTuple):
    """The columns, with the cells of each by its name; `symbols` are the indices of those in the column of marks.

    A title takes at most `title_lines`, any other value `lines`. `has_excerpts` says that a match is shown below its
    title.
    """

    columns: tuple[Column, ...]
    widths: dict[str, int]
    symbols: tuple[int, ...]
    title_lines: int
    lines: int
    has_excerpts: bool
    has_header: bool = True

    def shows_match(self, hit: Hit) -> bool:
        """Return whether title or tags show what matched, which then need not be repeated."""
        matched = hit.matched
        if matched is None:
            return True
        if matched.field == "title" and "title" in self.widths:
            return self.title_lines > 1 or _is_at_start(clean(hit.entry.paper.title), hit, self.widths["title"])
        if matched.field == "tag" and "tags" in self.widths:
            shown = matched.text if self.lines > 1 else join_tags(hit)
            return cell_len(shown) <= self.widths["tags"]
        return False


def choose_layout(hits: Sequence[Hit], width: int, options: TableOptions) -> Layout:
    """Return the layout of a table of these rows that is `width` cells wide."""
    is_single = options.one_line or width >= WIDE
    has_excerpts = not options.one_line and (options.excerpts or width < WIDE)
    if options.columns:
        widths = _fit_named(hits, options.columns, width)
        has_excerpts = has_excerpts and "title" in widths and not {"match", "reason"} & set(widths)
        return _build(hits, options.columns, widths, is_single=is_single, has_excerpts=has_excerpts)
    widths = _choose_widths(hits, width, is_single=is_single, fills_line=has_excerpts)
    layout = _build(hits, find_columns(widths), widths, is_single=is_single, has_excerpts=has_excerpts)
    if not has_excerpts and (hidden := [hit for hit in hits if not layout.shows_match(hit)]):
        widths = _widths_with_excerpts(hits, hidden, width)
        layout = _build(hits, find_columns(widths), widths, is_single=True, has_excerpts=False)
    return layout._replace(has_header=width >= _MIN_TABLE_WIDTH)


def _build(
    hits: Sequence[Hit], columns: tuple[Column, ...], widths: dict[str, int], *, is_single: bool, has_excerpts: bool
) -> Layout:
    title_lines = 1 if is_single else max(2, ceil(_TITLE_CELLS / widths.get("title", _TITLE_CELLS)))
    return Layout(columns, widths, _shown_symbols(hits), title_lines, 1 if is_single else 2, has_excerpts)


def _fit_named(hits: Sequence[Hit], columns: Sequence[Column], width: int) -> dict[str, int]:
    """Return the cells of columns that the user named; where they do not fit, the widest are cut."""
    available = width - GAP * (len(columns) - 1)
    wanted = {column.name: min(width, _wanted_cells(hits, column)) for column in columns}
    limit = max(wanted.values())
    while limit > 1 and sum(min(limit, wanted[column.name]) for column in columns) > available:
        limit -= 1
    return {name: min(limit, cells) for name, cells in wanted.items()}


def _wanted_cells(hits: Sequence[Hit], column: Column) -> int:
    if column.name == "marks":
        return len(_shown_symbols(hits))  # the column has no header
    longest = max((cell_len(cell_text(hit, column)) for hit in hits), default=0)
    return max(len(column.name), min(longest, _LIMITS.get(column.name, longest)))


def _start_widths(hits: Sequence[Hit], width: int) -> dict[str, int]:
    """Return the cells of the columns before the title."""
    id_width = max(2, max((len(str(hit.entry.paper.id)) for hit in hits), default=1))
    date = {} if width < _MIN_TABLE_WIDTH else {"date": len("2025-02-11")}
    has_votes = width >= _MIN_TABLE_WIDTH and any(hit.entry.stars_of_others for hit in hits)
    votes = {"votes": len("votes")} if has_votes else {}
    return {"id": id_width, **date, "marks": len(_shown_symbols(hits)), **votes}


def _choose_widths(hits: Sequence[Hit], width: int, *, is_single: bool, fills_line: bool) -> dict[str, int]:
    """Distribute `width` over the columns: tags before authors, and both only where titles keep their minimum.

    `fills_line` is for titles with an excerpt below, which takes the whole column.
    """
    start = _start_widths(hits, width)
    available = _rest(width, start)
    if width < _MIN_TABLE_WIDTH:
        return {**start, "title": available}
    longest = max((cell_len(clean(hit.entry.paper.title)) for hit in hits), default=len("title"))
    min_title = min(longest, _MIN_TITLE_IN_ONE_LINE) if is_single else _MIN_TITLE
    others: dict[str, int] = {}
    for name, limit in (("tags", min(_LIMITS["tags"], int(width * _TAGS_SHARE))), ("authors", _LIMITS["authors"])):
        (column,) = find_columns([name])
        if any(cell_text(hit, column) for hit in hits):
            wanted = min(limit, _wanted_cells(hits, column))
            cells = min(wanted, available - min_title - GAP)
            if cells == wanted or (is_single and name == "tags" and cells >= _MIN_CUT_TAGS):
                others[name] = cells
                available -= cells + GAP
    has_excerpts = fills_line and any(hit.matched and hit.matched.field != "title" for hit in hits)
    title = max(1, available if has_excerpts else min(available, max(longest, len("title"))))
    return {**start, "title": title, **{name: others[name] for name in ("authors", "tags") if name in others}}


def _widths_with_excerpts(hits: Sequence[Hit], hidden: Sequence[Hit], width: int) -> dict[str, int]:
    """Return the cells of columns where the excerpts take the rest of the line, beside the titles."""
    start = _start_widths(hits, width)
    name = "match" if any(hit.matched and hit.matched.field for hit in hidden) else "reason"
    (column,) = find_columns([name])
    available = max(2, _rest(width, start) - GAP)
    longest = max(cell_len(clean(hit.entry.paper.title)) for hit in hits)
    title = min(longest, max(int(available * _TITLE_SHARE), available - _wanted_cells(hidden, column)))
    return {**start, "title": max(1, title), name: max(1, available - title)}


def _rest(width: int, start: dict[str, int]) -> int:
    return max(1, width - sum(start.values()) - GAP * len(start))


def _shown_symbols(hits: Sequence[Hit]) -> tuple[int, ...]:
    rows = [mark_symbols(hit.entry.mark) for hit in hits]
    count = len(rows[0]) if rows else _ALWAYS_SHOWN
    return tuple(i for i in range(count) if i < _ALWAYS_SHOWN or any(row[i][0].strip() for row in rows))


def _is_at_start(title: str, hit: Hit, cells: int) -> bool:
    """Return whether so many cells of a title show the first match in it."""
    if cell_len(title) <= cells or hit.matched is None:
        return True
    spans = find_spans(title, hit.matched)
    return bool(spans) and cell_len(title[: spans[0][1]]) < cells


# The text of a cell


def cell_text(hit: Hit, column: Column) -> str:
    """Return the value of a column as a table shows it, in one line: times as days, authors and tags shortened."""
    if column.name == "authors":
        return short_authors(hit.entry.paper.authors)
    value = column.value(hit)
    if isinstance(value, dt.datetime):
        value = value.astimezone().date()
    return "" if value is None else clean(str(value))


def join_tags(hit: Hit) -> str:
    """Return the tags, separated by spaces."""
    return " ".join(f"#{clean(tag)}" for tag in hit.entry.tags)


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
