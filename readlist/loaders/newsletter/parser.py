"""The newsletter as plain text: dates, and below each date its papers.

    2025년 2월 11일                           the date of the papers below
    A Title on One Line
    (First Author, Second Author)
    The abstract. Its code is available at
    https://example.org                      the line break comes from the link: line_joining.py
    .
    둘째 언어로 된 논평                         a comment in a second language, detected by its script: languages.py
    A comment in English
    #tag #another-tag

Everything but title and authors may be missing. lines.py decides the kind of each line; this module groups the lines
into papers, for plain text, and for the lines that page/ extracts from web pages.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from readlist.dates import date_from_file_name, looks_like_date, parse_date_line
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.identifiers import is_paper_link
from readlist.loaders.limits import MAX_LINE, quote
from readlist.loaders.newsletter.draft import PaperDraft, build_paper
from readlist.loaders.newsletter.lines import Line, LineKind, classify_line, is_author_line, split_tag_line
from readlist.loaders.newsletter.sections import assign_link_comments
from readlist.text import clean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from readlist.loaders.base import Source
    from readlist.models import Paper


_HEAD = 8  # lines within which nearly every digest has its first paper


_MARKDOWN_MARKS = "#*-+_[|>"
_KINDS_ABOVE_TITLE = (LineKind.DATE, LineKind.UNREADABLE_DATE, LineKind.TAGS)


class NewsletterLoader:
    """The loader of newsletters in plain text."""

    name = "newsletter text"

    def detect(self, source: Source) -> bool:
        """Return whether there is a title with authors below it."""
        head = list(islice(_iter_lines(source.text), _HEAD))
        return contains_paper(head) or contains_paper(source.parse_once(_list_lines))

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, and the lines that belong to none as problems."""
        return DigestParser(source.name, date_from_file_name(source.name)).parse(source.parse_once(_list_lines))


def _list_lines(source: Source) -> list[Line]:
    return list(_iter_lines(source.text))


def _iter_lines(text: str) -> Iterator[Line]:
    """Yield the lines that are not blank, cleaned."""
    for number, raw in enumerate(text.splitlines(), 1):
        if line := clean(raw[:MAX_LINE]):
            yield Line(number, line, classify_line(line))


def contains_paper(lines: Sequence[Line]) -> bool:
    """Return whether the lines contain a paper."""
    return next(_iter_paper_starts(lines), None) is not None


def count_papers_with_plain_titles(text: str) -> int:
    """Return how many papers of a text have a title without marks of Markdown."""
    lines = list(_iter_lines(text))
    return sum(lines[title].text[0] not in _MARKDOWN_MARKS for title, _ in _iter_paper_starts(lines))


def _iter_paper_starts(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield the indexes of title and authors of each paper; only the paper's own link may be between them.

    Both are the same for a paper without authors, which only the markup of a page identifies.
    """
    index = 0
    while index < len(lines):
        authors = _find_authors(lines, index)
        if authors is None and lines[index].markup.is_paper:
            authors = index
        if authors is not None:
            yield index, authors
            index = authors
        index += 1


def _find_authors(lines: Sequence[Line], index: int) -> int | None:
    """Return the index of the authors of the paper whose title is at `index`, None where no title is there."""
    title = lines[index]
    if title.kind is not LineKind.TEXT or index + 1 == len(lines):
        return None
    expected = index == 0 or lines[index - 1].kind in _KINDS_ABOVE_TITLE or title.markup.is_title
    has_link = lines[index + 1].kind is LineKind.LINK and index + 2 < len(lines)
    below = index + 2 if has_link else index + 1
    return below if is_author_line(title, lines[below], expected=expected) else None


class DigestParser:
    """Groups the lines of one text into papers; an instance parses once.

    `date` is the date of the papers above the first date line.
    """

    def __init__(self, source_name: str, date: dt.date | None) -> None:
        self._papers: list[Paper] = []
        self._log = ProblemLog(source_name)
        self._date = date
        self._draft: PaperDraft | None = None

    def parse(self, lines: Sequence[Line], starts: Mapping[int, int] | None = None) -> ParseResult:
        """Return the papers, and the lines that belong to none as problems.

        `starts` has the index of the authors by that of the title, where the caller knows where papers begin.
        """
        starts = dict(_iter_paper_starts(lines)) if starts is None else starts
        index = 0
        while index < len(lines):
            authors = starts.get(index)
            if authors is not None:
                self._start_paper(lines[index : authors + 1])
                index = authors
            elif lines[index].kind is LineKind.DATE:
                self._finish_paper()
                self._date = parse_date_line(lines[index].text)
            elif self._is_unreadable_date(lines[index], is_above_title=index + 1 in starts):
                self._finish_paper()
                self._date = None
                self._report_unreadable_date(lines[index])
            elif self._draft:
                self._add_line(self._draft, lines[index])
            else:
                self._add_unplaced(lines[index])
            index += 1
        self._finish_paper()
        return ParseResult(tuple(assign_link_comments(self._papers)), tuple(self._log.problems))

    def _start_paper(self, head: Sequence[Line]) -> None:
        """Start the paper that begins with these lines, from its title to its authors."""
        self._finish_paper()
        self._draft = PaperDraft(self._date, head[0], head[-1] if len(head) > 1 else None, list(head[1:-1]))

    def _is_unreadable_date(self, line: Line, *, is_above_title: bool) -> bool:
        """Return whether a line is a date that cannot be read: by itself, or between two papers by its looks."""
        if line.kind is LineKind.UNREADABLE_DATE:
            return True
        is_between = self._draft is not None and (is_above_title or bool(self._draft.tags))
        return is_between and line.kind is LineKind.TEXT and looks_like_date(line.text)

    def _report_unreadable_date(self, line: Line) -> None:
        self._log.report(line.number, f"unrecognized date: {quote(line.text)}; write 2025-02-11")

    def _add_line(self, draft: PaperDraft, line: Line) -> None:
        if line.kind is LineKind.TAGS:
            tags, others = split_tag_line(line.text)
            draft.tags += tags
            if others:
                words = " ".join(others)
                self._log.report(line.number, f"not a tag: {quote(words)}; added to the comment")
                draft.trailing.append(words)
        elif draft.tags:
            self._log.report(line.number, "text below the tags has no authors of its own; added to the comment above")
            draft.trailing.append(line.text)
        else:
            draft.body.append(line)

    def _add_unplaced(self, line: Line) -> None:
        """Report a line that has no paper above it."""
        if looks_like_date(line.text):
            self._report_unreadable_date(line)
        else:
            self._log.report(line.number, "belongs to no paper: no title with authors above it")

    def _finish_paper(self) -> None:
        if draft := self._draft:
            report = partial(self._log.report, draft.title.number)
            self._papers.append(build_paper(draft, self._log.source_name, report))
            self._draft = None


class PageDigestParser(DigestParser):
    """A parser for the lines of a web page, where other text surrounds the papers.

    What precedes the first paper and follows the last one belongs to the page and is no problem. A paper ends with its
    tags, or with a heading of its own level or above; a button below the tags may still lead to it.
    """

    def __init__(self, source_name: str, date: dt.date | None) -> None:
        super().__init__(source_name, date)
        self._unplaced: list[Line] = []

    def _is_unreadable_date(self, line: Line, *, is_above_title: bool) -> bool:
        """Return False: a page has dates that are not those of its papers, such as that of a reply."""
        return False

    def _start_paper(self, head: Sequence[Line]) -> None:
        self._finish_paper()
        if self._papers:
            for line in self._unplaced:
                self._log.report(line.number, f"belongs to no paper: {quote(line.text)}; ignored")
        self._unplaced.clear()
        super()._start_paper(head)

    def _add_line(self, draft: PaperDraft, line: Line) -> None:
        level = line.markup.heading
        is_section = level and level <= (draft.title.markup.heading or level)
        if line.markup.buttons and (not draft.tags or is_paper_link(line.markup.buttons[0])):
            draft.buttons += line.markup.buttons
        elif is_section or (draft.tags and line.kind is not LineKind.TAGS):
            self._finish_paper()
            self._add_unplaced(line)
        else:
            super()._add_line(draft, line)

    def _add_unplaced(self, line: Line) -> None:
        self._unplaced.append(line)
