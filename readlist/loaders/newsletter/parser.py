"""The newsletter as plain text: dates, and below each date its papers.

    2025년 2월 11일                           the date of the papers below
    A Title on One Line
    (First Author, Second Author)
    The abstract. Its code is available at
    https://example.org                      a line that a link broke goes on
    .
    둘째 언어로 된 논평                         a comment in a second language, known by its script
    A comment in English
    #tag #another-tag

Everything but title and authors may be missing. What a line is, is decided in layout.py; here the lines become papers,
be they those of a text or those that page.py finds in a web page.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from readlist.dates import date_from_file_name, looks_like_date, parse_date_line
from readlist.loaders import limits
from readlist.loaders.base import Loaded
from readlist.loaders.newsletter.builder import Draft, paper, with_links_placed
from readlist.loaders.newsletter.lines import Kind, Line, is_author_line, kind, tags
from readlist.models import Problem
from readlist.text import clean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from readlist.loaders.base import Source
    from readlist.models import Paper


_HEAD = 8  # lines within which nearly every digest has its first paper


class Newsletter:
    """The loader of this format."""

    def detect(self, source: Source) -> bool:
        """Whether there is a title with authors below it."""
        lines = _lines(source.text)
        head = list(islice(lines, _HEAD))
        return holds_paper(head) or holds_paper([*head, *lines])

    def load(self, source: Source) -> Loaded:
        """The papers, and the lines that belong to none."""
        return Reader(source.name, date_from_file_name(source.name)).read(list(_lines(source.text)))


def _lines(text: str) -> Iterator[Line]:
    """The lines that are not blank, cleaned."""
    for number, raw in enumerate(text.splitlines(), 1):
        if line := clean(raw[: limits.MAX_LINE]):
            yield Line(number, line, kind(line))


def _starts(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Of each paper the index of its title and that of its authors, which only the paper's own link may part.

    Both are the same where it has no authors: only in a page, whose markup shows a title by itself.
    """
    at = 0
    while at < len(lines):
        below = _authors_below(lines, at)
        if below is None and lines[at].markup.is_paper:
            below = at
        if below is not None:
            yield at, below
            at = below
        at += 1


def _authors_below(lines: Sequence[Line], at: int) -> int | None:
    """Where the authors of the paper stand whose title is at `at`; None where there is no such paper."""
    title = lines[at]
    if title.kind is not Kind.TEXT or at + 1 == len(lines):
        return None
    expected = at == 0 or lines[at - 1].kind in (Kind.DATE, Kind.TAGS) or title.markup.is_title
    below = at + 2 if lines[at + 1].kind is Kind.LINK and at + 2 < len(lines) else at + 1
    return below if is_author_line(title, lines[below], expected=expected) else None


def holds_paper(lines: Sequence[Line]) -> bool:
    """Whether there is a paper in the lines."""
    return next(_starts(lines), None) is not None


class Reader:
    """Goes through the lines of one text, once; `date` is that of papers above any date line."""

    def __init__(self, name: str, date: dt.date | None) -> None:
        self._papers: list[Paper] = []
        self._problems: list[Problem] = []
        self._name = name
        self._date = date
        self._draft: Draft | None = None

    def read(self, lines: Sequence[Line]) -> Loaded:
        """The papers, and the lines that belong to none."""
        starts = dict(_starts(lines))
        at = 0
        while at < len(lines):
            below = starts.get(at)
            if below is not None:
                self._begin(lines[at : below + 1])
                at = below
            elif lines[at].kind is Kind.DATE:
                self._finish()
                self._date = parse_date_line(lines[at].text)
            elif self._draft:
                self._add(self._draft, lines[at])
            else:
                self._stray(lines[at])
            at += 1
        self._finish()
        return Loaded(tuple(with_links_placed(self._papers)), tuple(self._problems))

    def _begin(self, head: Sequence[Line]) -> None:
        """A paper begins with these lines, from its title to its authors."""
        self._finish()
        self._draft = Draft(self._date, head[0], head[-1] if len(head) > 1 else None, list(head[1:-1]))

    def _add(self, draft: Draft, line: Line) -> None:
        if line.kind is Kind.TAGS:
            found, others = tags(line.text)
            draft.tags += found
            if others:
                self._say(line.number, f"not a tag, kept with the comment: {limits.excerpt(' '.join(others))}")
                draft.late.append(" ".join(others))
        elif draft.tags:
            self._add_below_tags(draft, line)
        else:
            draft.body.append(line)

    def _add_below_tags(self, draft: Draft, line: Line) -> None:
        self._say(line.number, "stands below the tags without authors of its own, kept with the paper above")
        draft.late.append(line.text)

    def _stray(self, line: Line) -> None:
        """A line without a paper above it."""
        if looks_like_date(line.text):
            self._say(line.number, f"a date that cannot be read: {limits.excerpt(line.text)}; write 2025-02-11")
        else:
            self._say(line.number, "belongs to no paper: there is no title with authors above it")

    def _finish(self) -> None:
        """The paper is complete."""
        if draft := self._draft:
            self._papers.append(paper(draft, self._name, lambda reason: self._say(draft.title.number, reason)))
            self._draft = None

    def _say(self, line: int, reason: str) -> None:
        self._problems.append(Problem(self._name, line, reason))


class PageReader(Reader):
    """A reader for the lines of a page, where papers stand among other things.

    What is above the first paper and below the last one is the page's own, and no problem. A paper ends with its tags,
    or with a heading that is not below its own.
    """

    def __init__(self, name: str, date: dt.date | None) -> None:
        super().__init__(name, date)
        self._strays: list[Line] = []

    def _begin(self, head: Sequence[Line]) -> None:
        self._finish()
        if self._papers:
            for line in self._strays:
                self._say(line.number, f"belongs to no paper, left out: {limits.excerpt(line.text)}")
        self._strays.clear()
        super()._begin(head)

    def _add(self, draft: Draft, line: Line) -> None:
        if line.markup.heading and line.markup.heading <= (draft.title.markup.heading or line.markup.heading):
            self._finish()
            self._stray(line)
        else:
            super()._add(draft, line)

    def _add_below_tags(self, draft: Draft, line: Line) -> None:
        self._finish()
        self._stray(line)

    def _stray(self, line: Line) -> None:
        self._strays.append(line)
