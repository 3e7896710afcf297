"""Lists of papers in Markdown: weekly lists, "awesome" lists, reading lists; items and rows that link to papers.

`items`, `open_items` and `tables` read one item or row. Headings are not tags: they say what a list is about in as many
ways as there are lists. A heading with a date is the date of the papers below it. A file is a list if it has at least
two papers, or nothing but one and perhaps one that cannot be read, and not much more text beside them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from readlist.dates import date_from_file_name, find_date, is_unreadable_date
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.identifiers import identify_links, is_paper_link
from readlist.loaders.limits import apply_limits, drop_long_links, quote
from readlist.loaders.newsletter.parser import count_papers_with_plain_titles
from readlist.loaders.notes.body import split_by_language
from readlist.loaders.notes.front_matter import split_front_matter
from readlist.loaders.paper_lists.inline import find_links, strip_number, strip_separators
from readlist.loaders.paper_lists.items import (
    ListedPaper,
    add_line,
    drop_labels,
    is_bold_title,
    parse_bold_line,
    parse_item,
)
from readlist.loaders.paper_lists.lines import LineMark, MarkdownLine, iter_markdown_lines
from readlist.loaders.paper_lists.open_items import BLOCK_INDENT, OpenItem, OpenItems
from readlist.loaders.paper_lists.tables import is_delimiter, parse_row, split_cells
from readlist.loaders.signs import may_be_list
from readlist.models import Appearance, Paper

if TYPE_CHECKING:
    from readlist.loaders.base import Source

_MIN_PAPERS = 2
_MAX_HEADING_WITH_DATE = 100
_MAX_PROSE = 2
"""Characters beside the items of a list for each in them."""


class PaperListLoader:
    """The loader of lists of papers in Markdown."""

    name = "list of papers (Markdown)"

    def detect(self, source: Source) -> bool:
        """Return whether items or rows link to papers, and are what the text consists of."""
        if not may_be_list(source.text):
            return False
        papers = source.parse_once(_ListParser)
        return papers.is_list() and not count_papers_with_plain_titles(source.text)

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, and the items with a link to a paper but without a title as problems."""
        return source.parse_once(_ListParser).build_result()


class _ListParser:
    """Collects the papers of one text."""

    def __init__(self, source: Source) -> None:
        self._log = ProblemLog(source.name)
        self._source_name = source.name
        self._date = date_from_file_name(source.name)
        self._papers: list[tuple[int, ListedPaper]] = []
        self._current: ListedPaper | None = None
        self._indent = 0
        self._is_in_prose = False
        self._headings: list[str] = []
        self._previous_row = self._previous_text = ""
        self._is_in_open_table = False
        self._items = self._unread_items = self._item_length = self._prose_length = 0
        self._open_items = OpenItems(self._report_open_item)
        _, rest = split_front_matter(source.text)
        first_number = source.text.count("\n", 0, len(source.text) - len(rest)) + 1
        for line in iter_markdown_lines(rest, first_number):
            self._add(line)
        self._open_items.clear()

    def is_list(self) -> bool:
        """Return whether the text is a list of papers, rather than one that mentions some."""
        count = len(self._papers)
        is_long_enough = count >= _MIN_PAPERS or (count == 1 and self._items - min(self._unread_items, 1) <= 1)
        return is_long_enough and self._prose_length <= _MAX_PROSE * self._item_length

    def build_result(self) -> ParseResult:
        """Return the papers within the limits, and the problems."""
        papers = tuple([self._build(number, paper) for number, paper in self._papers])
        return ParseResult(papers, tuple(self._log.problems))

    # Lines

    def _add(self, line: MarkdownLine) -> None:
        is_row = line.mark is LineMark.TEXT and "|" in line.text and not line.is_code
        if is_row and is_delimiter(line.text):
            self._is_in_open_table = True
            self._previous_row = f"|{self._previous_text}"
        if is_row and self._is_in_open_table:
            self._add_row(line._replace(mark=LineMark.ROW, text=f"|{line.text}"))
            return
        self._is_in_open_table = False
        if line.mark is not LineMark.ROW:
            self._headings, self._previous_row = [], ""
        is_in_prose, self._is_in_prose = self._is_in_prose, False
        self._previous_text = line.text
        if line.mark is LineMark.BLANK:
            self._end_block()
        elif line.mark is LineMark.HEADING:
            self._add_heading(line)
        elif line.mark is LineMark.ROW:
            self._add_row(line)
        elif self._complete_open_item(line) or (not is_in_prose and self._add_block(line)):
            pass
        elif line.mark is LineMark.ITEM or self._begins_with_link(line, is_in_prose=is_in_prose):
            self._add_item(line)
        elif self._add_below(line):
            pass
        else:
            self._add_prose(line)

    def _add_prose(self, line: MarkdownLine) -> None:
        self._current, self._is_in_prose = None, True
        self._prose_length += len(line.text)
        self._open_items.add_below(line)
        if _has_paper_link(line):
            self._log.report(line.number, f"the link to a paper is not in an item: {quote(line.text)}; ignored")

    def _begins_with_link(self, line: MarkdownLine, *, is_in_prose: bool) -> bool:
        """Return whether a line without a mark is an item: it begins with a link, and no sentence breaks there."""
        return line.text.startswith("[") and not is_in_prose and not self._is_below(line)

    def _is_below(self, line: MarkdownLine) -> bool:
        """Return whether a line belongs to the item above by its indentation."""
        return self._current is not None and line.indent > self._indent

    def _add_block(self, line: MarkdownLine) -> bool:
        """Add a line without a list mark that begins with a title in bold; return False for any other line."""
        if line.mark is not LineMark.TEXT or line.indent or line.is_code:
            return False
        if paper := parse_bold_line(line.text):
            self._count_item(line)
            self._current, self._indent = paper, BLOCK_INDENT
            self._keep(line, paper)
            return True
        if self._is_below(line) or not is_bold_title(line.text):
            return False
        self._open_items.clear()
        self._add_prose(line)
        self._open_items.add(OpenItem(line, BLOCK_INDENT))
        self._is_in_prose = False
        return True

    def _end_block(self) -> None:
        self._open_items.end_blocks()
        if self._indent == BLOCK_INDENT:
            self._current, self._indent = None, 0

    def _complete_open_item(self, line: MarkdownLine) -> bool:
        """Add the paper whose title is in a line above, and whose link is in this one; return False where none is."""
        item = self._open_items.find_parent(line)
        paper = item.complete(line) if item else None
        if item is None or paper is None:
            return False
        texts = [below for below in item.below if below.mark is not LineMark.ITEM]
        if item.indent == BLOCK_INDENT:
            self._items += 1
            texts += [item.line] if item.line.mark is LineMark.TEXT else []
        text_length = sum(len(below.text) for below in texts)
        self._prose_length -= text_length
        self._item_length += text_length + len(line.text)
        self._items -= sum(below.mark is LineMark.ITEM for below in item.below)
        self._current, self._indent = paper, item.indent
        self._keep(item.line, paper)
        return True

    def _report_open_item(self, item: OpenItem) -> None:
        if item.looks_like_paper():
            self._unread_items += item.indent != BLOCK_INDENT
            self._log.report(item.line.number, f"no link below the title: {quote(item.line.text)}; ignored")

    def _add_heading(self, line: MarkdownLine) -> None:
        self._current = None
        self._open_items.clear()
        if is_unreadable_date(line.text) and not find_date(line.text):
            self._log.report(line.number, f"unrecognized date: {quote(line.text)}; write 2025-02-11")
            self._date = None
        elif len(line.text) <= _MAX_HEADING_WITH_DATE and (date := find_date(line.text)):
            self._date = date
        elif (title := strip_number(line.text)) != line.text:
            self._open_items.add(OpenItem(line._replace(text=title), BLOCK_INDENT))

    def _add_item(self, line: MarkdownLine) -> None:
        paper = parse_item(line.text) if not line.is_code else None
        if paper is None and self._add_below(line):
            return
        self._count_item(line)
        self._current, self._indent = paper, line.indent
        self._keep(line, paper)
        if paper is None and not line.is_code and not _has_paper_link(line):
            self._open_items.add(OpenItem(line, line.indent))

    def _add_below(self, line: MarkdownLine) -> bool:
        """Add a line to the item above; return False where it is not below one."""
        if self._current is None or not self._is_below(line):
            return False
        self._item_length += len(line.text)
        add_line(self._current, line.text)
        return True

    def _add_row(self, line: MarkdownLine) -> None:
        if is_delimiter(line.text):
            self._headings = split_cells(self._previous_row)
            return
        self._previous_row = line.text
        paper = parse_row(line.text, self._headings)
        if paper is None and not self._headings:
            return  # the headings of the columns
        self._count_item(line)
        self._current = None
        self._open_items.clear()
        self._keep(line, paper)

    def _count_item(self, line: MarkdownLine) -> None:
        """Count an item or row, unless it has only labels, or links within the file: a table of contents."""
        if strip_separators(drop_labels(line.text)) and (find_links(line.text) or "](" not in line.text):
            self._items += 1
            self._item_length += len(line.text)

    def _keep(self, line: MarkdownLine, paper: ListedPaper | None) -> None:
        if paper:
            paper.date = paper.date or self._date
            self._papers.append((line.number, paper))
            self._open_items.clear(contain_paper=True)
        elif _has_paper_link(line):
            self._unread_items += 1
            self._log.report(line.number, f"no title beside the link: {quote(line.text)}; ignored")

    # Papers

    def _build(self, number: int, listed: ListedPaper) -> Paper:
        report = partial(self._log.report, number)
        url, *links = drop_long_links(listed.links, report) or ("",)
        arxiv_id, doi = identify_links((url, *links))
        comments = split_by_language(listed.comment)
        paper = Paper(
            title=listed.title,
            authors=listed.authors,
            abstract=listed.abstract,
            comments={language: "\n\n".join(paragraphs) for language, paragraphs in comments.items()},
            tags=tuple(listed.tags),
            links=tuple(links),
            arxiv_id=arxiv_id,
            url=url,
            digests=(Appearance(listed.date, self._source_name),),
            doi=doi,
        )
        return apply_limits(paper, report, listed.hidden_links)


def _has_paper_link(line: MarkdownLine) -> bool:
    return any(is_paper_link(link.url) for link in find_links(line.text))
