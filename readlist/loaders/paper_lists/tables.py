"""Tables in Markdown whose rows are papers: the headings of the columns say what the cells are."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from readlist.dates import parse_date_line
from readlist.loaders.paper_lists.inline import find_links, render, strip_ornaments
from readlist.loaders.paper_lists.items import ListedPaper, add_line, choose_own_link, parse_item
from readlist.loaders.paper_lists.labels import split_tags
from readlist.loaders.person_names import split_author_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_CELLS = 100
_CELL_END = re.compile(r"(?<!\\)\|")
_DELIMITER = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?")


class _Column(Enum):
    TITLE = auto()
    AUTHORS = auto()
    DATE = auto()
    ABSTRACT = auto()
    TAGS = auto()
    OTHER = auto()


_NAMES = {
    _Column.TITLE: ("title", "paper", "papers", "paper title", "name", "제목", "논문", "标题", "论文", "タイトル"),
    _Column.AUTHORS: ("author", "authors", "저자", "作者", "著者"),
    _Column.DATE: ("date", "published", "publish date", "날짜", "日期", "日付"),
    _Column.ABSTRACT: ("abstract", "초록", "摘要"),
    _Column.TAGS: ("tag", "tags", "keywords", "태그", "키워드"),
}
_COLUMNS = {name: column for column, names in _NAMES.items() for name in names}


def is_delimiter(row: str) -> bool:
    """Return whether a row separates the headings of the columns from the rows below: `| --- | :-: |`."""
    return _DELIMITER.fullmatch(row) is not None


def split_cells(row: str) -> list[str]:
    """Return the cells of a row without the bars around them; an escaped bar is text."""
    cells = _CELL_END.split(row, _MAX_CELLS)[1:]
    if cells and not cells[-1].strip():
        cells.pop()
    return [cell.strip().replace("\\|", "|") for cell in cells]


def parse_row(row: str, headings: Sequence[str]) -> ListedPaper | None:
    """Return the paper in a row of a table with these headings, None where no link in it leads to one."""
    cells = split_cells(row)
    columns = [_COLUMNS.get(strip_ornaments(heading).lower(), _Column.OTHER) for heading in headings]
    columns += [_Column.OTHER] * (len(cells) - len(columns))
    named = next((n for n, column in enumerate(columns[: len(cells)]) if column is _Column.TITLE and cells[n]), None)
    place = _find_title_cell(cells) if named is None else named
    paper = _parse_title_cell(cells, place) if place is not None else None
    if paper is None:
        return None
    for number, (cell, column) in enumerate(zip(cells, columns, strict=False)):
        if number != place:
            _add_cell(paper, cell, column)
    return paper


def _find_title_cell(cells: Sequence[str]) -> int | None:
    """Return the first cell that is a paper by itself, where no heading says which one has the title."""
    return next((number for number, cell in enumerate(cells) if parse_item(cell)), None)


def _parse_title_cell(cells: Sequence[str], place: int) -> ListedPaper | None:
    """Return the paper whose title is in this cell; its link may be in another one."""
    if paper := parse_item(cells[place]):
        return paper
    own = choose_own_link([link for cell in cells for link in find_links(cell)])
    # A link with a label, as if the link of the other cell stood beside the title.
    return parse_item(f"{cells[place]} [paper]({own.url})") if own else None


def _add_cell(paper: ListedPaper, cell: str, column: _Column) -> None:
    if column is _Column.DATE and (date := parse_date_line(strip_ornaments(cell))):
        paper.date = date
    elif column is _Column.AUTHORS and not paper.authors:
        paper.authors = tuple(split_author_line(render(cell)[0]))
    elif column is _Column.ABSTRACT:
        paper.abstract = render(cell)[0]
    elif column is _Column.TAGS:
        paper.tags += split_tags(render(cell)[0])
    elif cell:
        add_line(paper, cell)
