"""A Markdown note of one paper, as people keep them in a directory or in Obsidian.

    https://arxiv.org/abs/2501.00001           the paper's own link; more may follow
    *On Tides* (Ada Lovelace, Alan Turing)     title and authors
    > Tides rise and fall.                     the abstract
    둘째 언어로 된 논평                           the comment: paragraphs, in one language or two
    <english>
    The comment in English                     or, without the tags, as the last paragraphs
    </english>
    #tides #moon                               lines of tags, at any place
    # Links
    [[250101 On Moons.md]]                     other notes, which are not part of the comment

Everything but the link, or title and authors, may be missing. A front matter (front_matter.py) may contain the same, a
heading may be the title, and the abstract may be below a heading or in a callout (body.py). Without a title, the file
name is the title, without the date at its start: `250211 On Tides.md`. A number at its end stays, for "Llama 3" and
"StarCoder 2" are more frequent than copies of a file.

Other Markdown files (a log, a list, an essay) are not notes of a paper: a note begins with a link, or with a title and
authors.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from readlist.dates import date_from_file_name, is_unreadable_date, looks_like_date, parse_date_line
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.identifiers import identify_links, is_paper_link
from readlist.loaders.limits import apply_limits, drop_long_links, quote, truncate
from readlist.loaders.notes.body import NoteBody
from readlist.loaders.notes.front_matter import parse_front_matter, split_front_matter
from readlist.loaders.notes.header import are_authors, parse_header, split_title
from readlist.loaders.notes.markdown import NoteLine, NoteLineKind, iter_lines
from readlist.loaders.paper_lists.digest import find_titles
from readlist.loaders.paper_lists.labels import Label, parse_label, split_tags
from readlist.loaders.paper_lists.lines import LineMark
from readlist.loaders.person_names import split_author_line
from readlist.loaders.signs import may_be_note
from readlist.models import Appearance, Mark, Paper, Status
from readlist.text import fold, parse_arxiv_id

if TYPE_CHECKING:
    import datetime as dt

    from readlist.loaders.base import Source

MAX_NOTE = 100_000
"""Characters; the longest of a thousand real notes has 10,000. The rest is not parsed, which is reported."""

_MAX_LINKS = 3  # in the header of a note without a title; more links are a list

_SUFFIX = re.compile(r"(?i)\.(?:md|markdown)\Z")
_DATE_PREFIX = re.compile(r"(?:\d{8}|\d{6}|\d{4}([-_.])\d{1,2}\1\d{1,2})(?![0-9A-Za-z])[\s_.-]*")
_OPENING_PARENTHESES = ("(", "（")
_EMPHASIS_MARKS = ("*", "_")
_GENERIC_NAMES = frozenset(
    {"readme", "index", "links", "todo", "to do", "inbox", "bookmarks", "reading list", "papers", "log", "daily"}
)


class NoteLoader:
    """The loader of Markdown notes."""

    name = "Markdown note"

    def detect(self, source: Source) -> bool:
        """Return whether the text is a note of one paper; a digest in Markdown has several."""
        if not may_be_note(source.text):
            return False
        note = ParsedNote(source)
        return note.is_paper() and not note.is_digest()

    def parse(self, source: Source) -> ParseResult:
        """Return the paper, the status in the front matter, and what in the note could not be placed."""
        note = ParsedNote(source)
        return ParseResult((note.build_paper(),), tuple(note.log.problems), note.build_marks())


class ParsedNote:
    """A note split into front matter, header and the lines of the body."""

    def __init__(self, source: Source) -> None:
        self.log = ProblemLog(source.name)
        self._source = source
        text = truncate(source.text, MAX_NOTE, "note", partial(self.log.report, 0))
        block, rest = split_front_matter(text)
        first_number = text.count("\n", 0, len(text) - len(rest)) + 1
        self._front_matter = parse_front_matter(block, self.log.report)
        self._lines = list(iter_lines(rest, first_number))
        self._titles = find_titles(rest, first_number)
        self._date: dt.date | None = None
        self._tags: list[str] = []
        self._lines = [self._take_field(line) for line in self._lines]
        self._header = parse_header(self._lines)

    def _take_field(self, line: NoteLine) -> NoteLine:
        """Return a line, a blank one for a line that states the date or the tags of the note, which is read."""
        field = parse_label(line.text) if line.kind is NoteLineKind.TEXT and not line.is_code else None
        if field is None or not field.value or field.label not in (Label.DATE, Label.TAGS):
            return line
        if field.label is Label.TAGS:
            self._tags += split_tags(field.value)
        elif date := parse_date_line(field.value):
            self._date = self._date or date
        elif is_unreadable_date(field.value) or looks_like_date(field.value):
            self.log.report(line.number, f"unrecognized date: {quote(field.value)}; write 2025-02-11")
        else:
            return line
        return NoteLine(line.number, NoteLineKind.BLANK)

    def is_paper(self) -> bool:
        """Return whether there are title and authors, or a title and a link that is not one of a list."""
        front_matter, header = self._front_matter, self._header
        if not self._get_title():
            return False
        if header.authors or (front_matter.title and front_matter.authors):
            return True
        if front_matter.links or not header.links or header.title or front_matter.title:
            return bool(front_matter.links or header.links)
        if not header.heading and date_from_file_name(self._source.name):
            return len(header.links) <= _MAX_LINKS
        is_paper = is_paper_link(header.links[0]) or (bool(header.heading) and self._has_fields())
        return is_paper and not self._is_list_of_links()

    def _has_fields(self) -> bool:
        """Return whether there is a date, a tag or a quotation: notes of a paper have them, other pages have not."""
        has_marks = any(line.kind in (NoteLineKind.QUOTE, NoteLineKind.TAGS) for line in self._lines)
        return bool(has_marks or self._date or self._tags)

    def _is_list_of_links(self) -> bool:
        """Return whether lines that are links lead to several papers; one may have a page on arXiv and another one."""
        links = {line.links[0] if line.links else line.text for line in self._lines if line.kind is NoteLineKind.LINK}
        arxiv_ids = set(map(parse_arxiv_id, links))
        others = sum(is_paper_link(link) and not parse_arxiv_id(link) for link in links)
        return len(arxiv_ids - {""}) > 1 or others > 1

    def is_digest(self) -> bool:
        """Return whether there is another paper: a title in emphasis with authors, or a line of authors, in the body.

        Titles that are marked alike are a digest, unless they are a list in a note that has a title of its own.
        """
        if len(self._titles) > 1 and (self._titles[0].number <= self._header.line or self._is_without_title()):
            return True
        above = ""
        for line in self._lines[self._header.end :]:
            text = line.text if line.kind is NoteLineKind.TEXT else ""
            if text[:1] in _OPENING_PARENTHESES and above and are_authors(above, text, expected=False):
                return True
            if text[:1] in _EMPHASIS_MARKS and split_title(text, after_link=False)[0]:
                return True
            above = text
        return False

    def _is_without_title(self) -> bool:
        """Return whether the note has no authors, and the first of the marked titles is no item of a list."""
        has_authors = self._header.authors or self._front_matter.authors
        return not has_authors and self._titles[0].title.style.mark is not LineMark.ITEM

    def build_paper(self) -> Paper:
        """Return the paper, within the limits. Front matter takes precedence over the header."""
        front_matter, header = self._front_matter, self._header
        report = partial(self.log.report, header.line)
        title = self._get_title()
        body = NoteBody(self.log.report)
        if header.heading and fold(header.heading) != fold(title):
            body.add_text(header.heading)
        body.add_lines(self._lines[header.end :])
        url, *links = drop_long_links(dict.fromkeys((*front_matter.links, *header.links)), report) or ("",)
        arxiv_id, doi = identify_links((url, *links))
        paper = Paper(
            title=title,
            authors=front_matter.authors or tuple(split_author_line(header.authors[1:-1])),
            abstract=body.get_abstract(front_matter.abstract),
            comments=body.get_comments(),
            tags=(*front_matter.tags, *self._tags, *body.tags),
            links=tuple(links),
            arxiv_id=front_matter.arxiv_id or arxiv_id,
            url=url,
            digests=(Appearance(self._get_date(), self._source.directory or self._source.name),),
            doi=front_matter.doi or doi,
        )
        return apply_limits(paper, report, body.links)

    def build_marks(self) -> dict[int, Mark]:
        """Return the status of the paper as its mark, none where it is unread."""
        status = self._front_matter.status
        return {} if status is Status.UNREAD else {0: Mark("", status)}

    def _get_title(self) -> str:
        header = self._header
        return self._front_matter.title or header.title or header.heading or _title_from_file_name(self._source.name)

    def _get_date(self) -> dt.date | None:
        from_name = date_from_file_name(self._source.name)
        return from_name or self._front_matter.created or self._date or self._front_matter.published


def _title_from_file_name(name: str) -> str:
    """Return the name of a Markdown file without the date at its start, "" where it is not the title of a paper."""
    stem = _SUFFIX.sub("", name)
    date = _DATE_PREFIX.match(stem)
    title = stem[date.end() :] if date else stem
    return "" if stem == name or fold(title) in _GENERIC_NAMES else title.strip()
