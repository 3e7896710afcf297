"""The table of papers that `list` and `search` show, in any width.

    from 60 columns   id, date, signs, title
    from about 75     and tags
    from about 95     and authors
    below 60          a list: id, signs, title

Columns give way before titles do: a title is cut only where it is longer than two lines of a wide terminal.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Group
from rich.table import Table
from rich.text import Text

from readlist.models import Excerpt, Hit
from readlist.text import clean
from readlist.views.blocks import Clamped
from readlist.views.fragments import DONE, SIGN_STYLES, SIGNS, STAR, excerpt_line, lit, short_authors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from readlist.models import Entry, Suggestion

_GAP = 2
_DATE = 10
_MARKS = 2
_NARROW = 60
"""Columns below which a table would break titles into too many lines: a list is shown."""
_MIN_TITLE = 36
"""Columns that a title keeps when others ask for theirs: most titles then take two lines."""
_MAX_AUTHORS = 20
_MAX_TAGS = 24
_TAGS_SHARE = 0.22
"""Of the width, for tags at most: 17 of 80 cells leave a title 41."""
_TITLE_CELLS = 120
"""Cells of a title that are always shown, on as many lines as that takes: 98 of 100 titles are shorter."""
_MATCH_CELLS = 40
"""Cells of an excerpt that are always shown: one line, but where the terminal is very narrow."""
_REASON_CELLS = 120
"""Cells of what stands below a title without being of a field: why the paper is shown, which is no use in part."""


class _Layout(NamedTuple):
    """How wide each column is, in terminal cells; 0 leaves it out. A dataclass would take 1 ms of every start."""

    id: int
    date: int
    title: int
    authors: int
    tags: int


def papers_table(hits: Sequence[Hit], width: int) -> RenderableType:
    """A row a paper, in `width` terminal cells; what matched outside the title stands in a line below it."""
    layout = _layout(hits, width)
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="dim", show_header=layout.date > 0)
    table.add_column("id", justify="right", width=layout.id, no_wrap=True)
    if layout.date:
        table.add_column("date", width=layout.date, no_wrap=True)
    table.add_column("", width=_MARKS, no_wrap=True)
    table.add_column("title", width=layout.title)
    if layout.authors:
        table.add_column("authors", width=layout.authors)
    if layout.tags:
        table.add_column("tags", width=layout.tags)
    for hit in hits:
        table.add_row(*_cells(hit, layout), style="dim" if hit.entry.mark.status in DONE else "")
    return table


def suggestions_table(suggested: Sequence[Suggestion], width: int) -> RenderableType:
    """A row a paper, in `width` terminal cells; why it is suggested stands in a line below its title."""
    return papers_table([Hit(one.entry, one.score, _because(one)) for one in suggested], width)


def _because(suggested: Suggestion) -> Excerpt | None:
    """The reason as an excerpt of no field, the words at its end that both papers share lit up."""
    if not suggested.reason:
        return None
    spans: list[tuple[int, int]] = []
    start = len(suggested.reason) - len(", ".join(suggested.terms))
    for term in suggested.terms:
        spans.append((start, start + len(term)))
        start += len(f"{term}, ")
    return Excerpt("", suggested.reason, tuple(spans))


def _layout(hits: Sequence[Hit], width: int) -> _Layout:
    """Share out `width`: tags come before authors, and both only where the titles have room enough."""
    id_width = max((len(str(hit.entry.paper.id)) for hit in hits), default=1)
    id_width = max(2, id_width)
    if width < _NARROW:
        return _Layout(id_width, 0, max(1, width - id_width - _MARKS - 2 * _GAP), 0, 0)
    room = width - id_width - _DATE - _MARKS - 3 * _GAP
    tags = _fitting("tags", [_tags(hit.entry) for hit in hits], min(_MAX_TAGS, int(width * _TAGS_SHARE)), room)
    room -= tags + _GAP if tags else 0
    authors = _fitting("authors", [short_authors(hit.entry.paper.authors) for hit in hits], _MAX_AUTHORS, room)
    room -= authors + _GAP if authors else 0
    titles = [cell_len(clean(hit.entry.paper.title)) for hit in hits]
    matched = any(hit.matched and hit.matched.field != "title" for hit in hits)
    return _Layout(id_width, _DATE, room if matched else min(room, max(titles, default=5)), authors, tags)


def _fitting(header: str, texts: Sequence[str], most: int, room: int) -> int:
    """Cells of `room` for a column of `texts`, `most` at the most; 0 where it is empty or titles would suffer."""
    if not any(texts):
        return 0
    wanted = min(most, max(map(cell_len, (header, *texts))))
    return wanted if room - wanted - _GAP >= _MIN_TITLE else 0


def _cells(hit: Hit, layout: _Layout) -> list[RenderableType]:
    paper = hit.entry.paper
    cells: list[RenderableType] = [Text(str(paper.id), style="cyan")]
    if layout.date:
        cells.append(Text(str(paper.date or ""), style="dim"))
    cells += [_marks(hit.entry), _title(hit, layout)]
    if layout.authors:
        cells.append(Clamped(Text(short_authors(paper.authors)), 2))
    if layout.tags:
        tags = Text(_tags(hit.entry, layout.tags), style="blue")
        cells.append(Clamped(lit(tags, hit.matched) if hit.matched and _in_tags(hit.matched, layout) else tags, 2))
    return cells


def _in_tags(matched: Excerpt, layout: _Layout) -> bool:
    """Whether the match is to be seen among the tags, which then need not be said again below the title."""
    return matched.field == "tag" and cell_len(matched.text) <= layout.tags


def _title(hit: Hit, layout: _Layout) -> RenderableType:
    width = layout.title
    cells = _MATCH_CELLS if hit.matched is None or hit.matched.field else _REASON_CELLS
    title = Clamped(_title_text(hit), max(2, ceil(_TITLE_CELLS / width)))
    if hit.matched is None or hit.matched.field == "title" or _in_tags(hit.matched, layout):
        return title
    return Group(title, Clamped(excerpt_line(hit.matched, max(width, cells)), ceil(cells / width)))


def _title_text(hit: Hit) -> Text:
    title = Text(clean(hit.entry.paper.title))
    return lit(title, hit.matched) if hit.matched and hit.matched.field == "title" else title


def _marks(entry: Entry) -> Text:
    status = entry.mark.status
    star = Text(STAR if entry.mark.starred else "", style="yellow")
    return Text(SIGNS[status], style=SIGN_STYLES[status]).append_text(star)


def _tags(entry: Entry, width: int = _MAX_TAGS) -> str:
    """The tags as they wrap best: one that is longer than a line is cut, rather than broken over two."""
    return " ".join(
        set_cell_size(tag, width - 1) + "…" if cell_len(tag) > width else tag for tag in map(_tag, entry.tags)
    )


def _tag(tag: str) -> str:
    return f"#{clean(tag)}"
