"""A digest in Markdown: dates as headings, marked titles with authors, and below each the text as in the newsletter.

    # 2025-02-11

    ## [On Tides](https://arxiv.org/abs/2501.00001)
    Ada Lovelace;
    Alan Turing

    > Tides rise and fall.            the abstract, also without ">", below "### Abstract" or after "Abstract:"

    둘째 언어로 된 논평

    A comment in English

    #tides #moon                      also "Tags: tides, moon"

`titles` finds the papers. This module brings the lines into those of the newsletter, whose parser builds the papers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.dates import date_from_file_name, find_date
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.identifiers import is_paper_link
from readlist.loaders.languages import detect_language
from readlist.loaders.newsletter.lines import Line, LineKind, Markup, classify_line
from readlist.loaders.newsletter.parser import DigestParser, count_papers_with_plain_titles
from readlist.loaders.notes.front_matter import parse_front_matter, split_front_matter
from readlist.loaders.notes.markdown import is_abstract_heading, is_section_heading
from readlist.loaders.paper_lists.inline import cut_links, find_links, render
from readlist.loaders.paper_lists.labels import Label, LabeledLine, parse_label, split_tags
from readlist.loaders.paper_lists.lines import LineMark, MarkdownLine, iter_markdown_lines
from readlist.loaders.paper_lists.titles import PaperStart, find_paper_starts
from readlist.loaders.signs import has_marked_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from readlist.loaders.base import Source
    from readlist.loaders.newsletter.draft import PaperDraft

_CALLOUT = re.compile(r"\[!([\w-]+)\][+-]?\s*")
_MAX_HEADING_WITH_DATE = 100
_MAX_VENUE = 120
"""Characters of a venue, with the marks around its links."""
_LOWEST_LEVEL = 7
"""Of titles that are no headings: every heading is above them."""


class MarkdownDigestLoader:
    """The loader of digests in Markdown."""

    name = "Markdown digest"

    def detect(self, source: Source) -> bool:
        """Return whether there are marked titles with authors, or that link to papers, and not more plain ones."""
        lines = list(iter_markdown_lines(split_front_matter(source.text)[1])) if has_marked_line(source.text) else []
        starts = find_paper_starts(lines)
        is_digest = bool(starts) and len(starts) > count_papers_with_plain_titles(source.text)
        return is_digest and not _is_list(lines, starts)

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, and the lines that belong to none as problems."""
        log = ProblemLog(source.name)
        block, rest = split_front_matter(source.text)
        front_matter = parse_front_matter(block, log.report)
        first_number = source.text.count("\n", 0, len(source.text) - len(rest)) + 1
        lines = list(iter_markdown_lines(rest, first_number))
        digest = _DigestLines(lines, find_paper_starts(lines))
        date = date_from_file_name(source.name) or front_matter.created or front_matter.published
        result = _MarkdownDigestParser(source.name, date).parse(digest.lines, digest.starts)
        return ParseResult(result.papers, (*log.problems, *result.problems))


def find_titles(text: str, first_number: int) -> list[PaperStart]:
    """Return the papers with marked titles of a text without front matter, whose first line has this number."""
    return find_paper_starts(list(iter_markdown_lines(text, first_number))) if has_marked_line(text) else []


def _is_list(lines: Sequence[MarkdownLine], starts: Sequence[PaperStart]) -> bool:
    """Return whether at least half of the papers have a venue with their link below the authors: a list of papers."""
    return sum(_has_venue_with_link(lines, start) for start in starts) * 2 >= len(starts)


def _has_venue_with_link(lines: Sequence[MarkdownLine], start: PaperStart) -> bool:
    if start.links or start.end >= len(lines) or start.title.style.mark is LineMark.HEADING:
        return False
    line = lines[start.end]
    labels = [link for link in find_links(line.text) if link.is_label] if line.mark is LineMark.TEXT else []
    has_paper_link = any(is_paper_link(link.url) for link in labels) and not line.is_code
    return has_paper_link and len(cut_links(line.text, labels)) <= _MAX_VENUE


class _DigestLines:
    """The lines of a digest as those of the newsletter: `starts` has the index of the authors by that of the title.

    A paper without authors has the same index for both.
    """

    def __init__(self, lines: Sequence[MarkdownLine], paper_starts: Sequence[PaperStart]) -> None:
        self.lines: list[Line] = []
        self.starts: dict[int, int] = {}
        self._in_abstract = self._ends_at_blank = False
        self._title_level = _LOWEST_LEVEL
        self._first_tags: list[Line] = []  # those above the text of a paper, which the newsletter has below it
        end = paper_starts[0].start if paper_starts else len(lines)
        for line in lines[:end]:
            self._add(_as_date_line(line))
        ends = [*(start.start for start in paper_starts[1:]), len(lines)]
        for start, end in zip(paper_starts, ends, strict=False):
            self._add_header(lines[start.start], start)
            self._add_text(lines[start.end : end], is_item=start.title.style.mark is LineMark.ITEM)

    def _add_header(self, line: MarkdownLine, start: PaperStart) -> None:
        url = next(filter(is_paper_link, start.links), next(iter(start.links), ""))
        others = tuple(link for link in start.links if link != url)
        style = start.title.style
        self._title_level = style.level if style.mark is LineMark.HEADING else _LOWEST_LEVEL
        markup = Markup(heading=self._title_level, link=url, links=others)
        index = len(self.lines)
        self.lines.append(Line(line.number, start.title.text, LineKind.TEXT, markup))
        if start.authors:
            self.lines.append(Line(line.number, f"({start.authors})", LineKind.PARENTHESES))
        self.starts[index] = len(self.lines) - 1
        self._in_abstract = False
        if start.rest:
            self._append(line.number, start.rest)

    def _add_text(self, lines: Sequence[MarkdownLine], *, is_item: bool) -> None:
        """Add the lines below the header of a paper; `is_item` says that they are parts of an item of a list."""
        count = len(self.lines)
        outer = min((line.indent for line in lines if line.mark is LineMark.ITEM), default=0) if is_item else -1
        for line in _join_paragraphs(lines):
            is_part = line.mark is LineMark.ITEM and line.indent <= outer
            self._add(line._replace(mark=LineMark.TEXT) if is_part else line)
            if len(self.lines) == count + 1 and self.lines[-1].kind is LineKind.TAGS:
                self._first_tags.append(self.lines.pop())
        self._flush_tags()

    def _flush_tags(self) -> None:
        self.lines += self._first_tags
        self._first_tags = []

    def _add(self, line: MarkdownLine) -> None:
        if line.mark is LineMark.BLANK:
            self._in_abstract = self._in_abstract and not self._ends_at_blank
        elif line.mark is LineMark.HEADING:
            self._add_heading(line)
        elif line.mark is LineMark.QUOTE:
            text = _CALLOUT.sub("", line.text, count=1)
            if text and not (text != line.text and is_section_heading(text)):
                self._append(line.number, text, quoted=True)
        elif not line.is_code and (field := parse_label(line.text)):
            self._add_field(line, field)
        else:
            self._append_item_or_text(line)

    def _append_item_or_text(self, line: MarkdownLine) -> None:
        is_item = line.mark is LineMark.ITEM and classify_line(line.text) is not LineKind.TAGS
        self._append(line.number, f"- {line.text}" if is_item else line.text, quoted=self._in_abstract)

    def _add_heading(self, line: MarkdownLine) -> None:
        """Add a heading: of a day, of a section of the digest, or of a part of a paper, which is no text."""
        field = parse_label(f"{line.text.strip(' :')}:")
        self._in_abstract, self._ends_at_blank = is_abstract_heading(line.text), False
        is_part = line.level > self._title_level or self._title_level == _LOWEST_LEVEL
        if is_part and (field or is_section_heading(line.text)):
            return
        date = find_date(line.text) if len(line.text) <= _MAX_HEADING_WITH_DATE else None
        text = date.isoformat() if date else render(line.text)[0]
        if text:
            kind = classify_line(text)
            if not date and kind is not LineKind.UNREADABLE_DATE:
                kind = LineKind.TEXT
            self._flush_tags()
            self.lines.append(Line(line.number, text, kind, Markup(heading=line.level)))

    def _add_field(self, line: MarkdownLine, field: LabeledLine) -> None:
        self._in_abstract = field.label is Label.ABSTRACT
        self._ends_at_blank = bool(field.value)
        if field.label is Label.TAGS:
            if tags := split_tags(field.value):
                self.lines.append(Line(line.number, " ".join(f"#{tag}" for tag in tags), LineKind.TAGS))
        elif field.label in (Label.ABSTRACT, Label.COMMENT):
            if field.value:
                self._append(line.number, field.value, quoted=self._in_abstract)
        else:
            self._append_item_or_text(line)

    def _append(self, number: int, text: str, *, quoted: bool = False) -> None:
        rendered, links = render(text)
        if rendered:
            self.lines.append(Line(number, rendered, classify_line(rendered), Markup(quoted=quoted, links=links)))


def _as_date_line(line: MarkdownLine) -> MarkdownLine:
    """Return a line that states the date of the digest, `Date: 2025-02-11`, without the name of the field."""
    field = parse_label(line.text) if line.mark in (LineMark.TEXT, LineMark.ITEM) else None
    return line._replace(mark=LineMark.TEXT, text=field.value) if field and field.label is Label.DATE else line


def _join_paragraphs(lines: Sequence[MarkdownLine]) -> Iterator[MarkdownLine]:
    """Yield the lines of a paper; if blank lines separate its paragraphs, those on several lines as one line each.

    Without blank lines each line is a paragraph, as in the newsletter. A line in another language, a link alone on its
    line and a field begin a paragraph.
    """
    if not _has_paragraphs(lines):
        yield from lines
        return
    paragraph: list[MarkdownLine] = []
    for line in lines:
        if paragraph and not _continues_paragraph(paragraph[-1], line):
            yield _merge(paragraph)
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield _merge(paragraph)


def _has_paragraphs(lines: Sequence[MarkdownLine]) -> bool:
    marks = [line.mark for line in lines]
    between = marks[next((i for i, mark in enumerate(marks) if mark is not LineMark.BLANK), len(marks)) :]
    while between and between[-1] is LineMark.BLANK:
        between.pop()
    return LineMark.BLANK in between


def _continues_paragraph(before: MarkdownLine, line: MarkdownLine) -> bool:
    if before.mark is not LineMark.TEXT or line.mark is not LineMark.TEXT or before.is_code or line.is_code:
        return False
    kinds = {classify_line(before.text), classify_line(line.text)}
    is_text = kinds <= {LineKind.TEXT, LineKind.PARENTHESES} and not parse_label(line.text)
    return is_text and detect_language(before.text) == detect_language(line.text)


def _merge(paragraph: Sequence[MarkdownLine]) -> MarkdownLine:
    return paragraph[0]._replace(text=" ".join(line.text for line in paragraph))


class _MarkdownDigestParser(DigestParser):
    """A parser for the lines of a Markdown digest, in which a heading of the level of the titles ends a paper."""

    def _add_line(self, draft: PaperDraft, line: Line) -> None:
        level = line.markup.heading
        if level and level <= draft.title.markup.heading:
            self._finish_paper()
        else:
            super()._add_line(draft, line)

    def _add_unplaced(self, line: Line) -> None:
        if not line.markup.heading:
            super()._add_unplaced(line)
