"""A Markdown note of one paper, as people keep them in a folder or in Obsidian.

    https://arxiv.org/abs/2501.00001           the paper's own link; more may stand below it
    *On Tides* (Ada Lovelace, Alan Turing)     title and authors
    > Tides rise and fall.                     the abstract
    둘째 언어로 된 논평                           the comment: paragraphs, in one language or two
    <english>
    The comment in English                     or, without the marks, as the last paragraphs
    </english>
    #tides #moon                               lines of nothing but tags, wherever they stand
    # Links
    [[250101 On Moons.md]]                     other notes, which are no part of the comment

Everything but the link, or title and authors, may be missing. A front matter may say the same (frontmatter.py), a
heading may be the title, and the abstract may stand below a heading or in a callout. Where there is no title, the
file's name is it, without the date at its start: `250211 On Tides.md`. A number at its end stays, for "Llama 3" and
"StarCoder 2" are more frequent than second copies.

A Markdown file that is no paper (a log, a list, an essay) is not taken for one: before any text there has to be a link
of its own, or a title with authors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readlist.dates import date_from_file_name, parse_date_line
from readlist.loaders import limits
from readlist.loaders.base import Loaded
from readlist.loaders.newsletter import lines as newsletter_lines
from readlist.loaders.notes import front_matter, markdown
from readlist.loaders.notes.body import Body
from readlist.loaders.notes.markdown import Kind
from readlist.models import Appearance, Paper, Problem
from readlist.text import extract_links, fold, parse_arxiv_id

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from readlist.loaders.base import Source
    from readlist.loaders.notes.markdown import Line

MAX_NOTE = 100_000
"""Characters; the longest of 936 notes has 10,000. What comes after them is not read, and that is said."""

_MAX_TITLE_LINES = 4
_MAX_LINKS = 3  # at the head of a note without a title: more of them are a list
_LEAST_TITLE = 3  # words of a link that make it a title: "arXiv" and "project page" are none

_SUFFIX = re.compile(r"(?i)\.(?:md|markdown)\Z")
_DATE = re.compile(r"(?:\d{8}|\d{6}|\d{4}([-_.])\d{1,2}\1\d{1,2})(?![0-9A-Za-z])[\s_.-]*")
_FIRST = tuple("#*_-hH<[!%")  # what a note begins with: most digests need no second look
_OPENING = ("(", "（")
_EMPHASIS = ("*", "_")
_NO_TITLES = frozenset(
    {"readme", "index", "links", "todo", "to do", "inbox", "bookmarks", "reading list", "papers", "log", "daily"}
)


class Note:
    """The loader of this format."""

    def detect(self, source: Source) -> bool:
        """Whether it is a note of one paper; a digest in Markdown, which has several, is none."""
        if not source.text.lstrip()[:1].startswith(_FIRST):
            return False
        note = _Opened(source)
        return note.is_paper() and not note.is_digest()

    def load(self, source: Source) -> Loaded:
        """The paper, and what of the note could not be placed."""
        note = _Opened(source)
        return Loaded((note.paper(),), tuple(note.problems))


# The head: what stands before any text


@dataclass(slots=True)
class _Head:
    """What stands before any text; `line` is where the title stands, `end` the index of the first line of the text."""

    links: list[str] = field(default_factory=list)
    title: str = ""
    authors: str = ""
    heading: str = ""
    line: int = 1
    end: int = 0


def _head(lines: Sequence[Line]) -> _Head:
    head = _Head()
    while head.end < len(lines) and (taken := _take(head, lines[head.end : head.end + _MAX_TITLE_LINES])):
        head.end += taken
    return head


def _take(head: _Head, lines: Sequence[Line]) -> int:
    """Take what the first of the lines holds; how many lines it took, 0 where the text begins."""
    line = lines[0]
    if line.kind is Kind.BLANK:
        return 1
    if line.kind is Kind.LINK and not (head.links and head.title):
        head.links += line.links or extract_links(line.text)
        if not head.heading and len(line.text.split()) >= _LEAST_TITLE:
            head.heading = line.text
        return 1
    if line.kind is Kind.HEADING and _may_be_title(line.text) and not (head.heading or head.title):
        head.heading, head.line = line.text, line.number
        head.links += line.links
        return 1
    return 0 if head.authors else _take_title(head, lines)


def _may_be_title(heading: str) -> bool:
    return bool(heading) and not markdown.is_section(heading) and not parse_date_line(heading)


def _take_title(head: _Head, lines: Sequence[Line]) -> int:
    """Take a title with its authors, or the authors of a title above; both may go over several lines."""
    text = ""
    for count, line in enumerate(lines, 1):
        if line.kind is not Kind.TEXT:
            break
        text = f"{text} {line.text}".strip()
        above = head.title or head.heading
        title, authors = _split_title(text, after_link=bool(head.links), above=above)
        if title:
            head.title, head.authors, head.line = title, authors, head.line if above else lines[0].number
            head.links += [link for line in lines[:count] for link in line.links]
            return count
    return 0


def _split_title(text: str, *, after_link: bool, above: str) -> tuple[str, str]:
    """Title and authors (in their parentheses) that `text` is; "" and "" where it is something else.

    Below a link, or in emphasis, a title needs no authors to be known as one; `above` is a title already known.
    """
    before, authors = _split_authors(text)
    if above and not before:
        return (above, authors) if _are_authors(above, authors, expected=True) else ("", "")
    if above and not markdown.without_emphasis(before):
        return "", ""
    if title := markdown.without_emphasis(before if authors else text):
        if not authors:
            return (title, "") if after_link else ("", "")
        return (title, authors) if _are_authors(title, authors, expected=after_link) else ("", "")
    plain = after_link and before and authors and _are_authors(before, authors, expected=False)
    return (before, authors) if plain else ("", "")


def _split_authors(text: str) -> tuple[str, str]:
    """The text before the parentheses that close at its end, and these."""
    if text[-1] not in ")）":
        return text, ""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] in ")）") - (text[at] in "(（")
        if not depth:
            return text[:at].rstrip(), text[at:]
    return text, ""


def _are_authors(title: str, authors: str, *, expected: bool) -> bool:
    of, by = (newsletter_lines.Line(0, text, newsletter_lines.kind(text)) for text in (title, authors))
    return newsletter_lines.is_author_line(of, by, expected=expected)


# The whole note


class _Opened:
    """A note with its parts told apart."""

    def __init__(self, source: Source) -> None:
        self.problems: list[Problem] = []
        self._source = source
        text = limits.cut(source.text, MAX_NOTE, "note", lambda reason: self._say(0, reason))
        block, rest = front_matter.split(text)
        self._front = front_matter.read(block, self._say)
        self._lines = list(markdown.lines(rest, text.count("\n", 0, len(text) - len(rest)) + 1))
        self._head = _head(self._lines)

    def is_paper(self) -> bool:
        """Whether it has title and authors, or a title and a link that is a paper's own rather than one of a list."""
        front, head = self._front, self._head
        if not self._title():
            return False
        if (head.title and head.authors) or (front.title and front.authors):
            return True
        if front.links or not head.links or head.title or front.title:
            return bool(front.links or head.links)
        if not head.heading and date_from_file_name(self._source.name):
            return len(head.links) <= _MAX_LINKS
        linked = {
            parse_arxiv_id(line.links[0] if line.links else line.text) for line in self._lines if line.kind is Kind.LINK
        }
        return bool(parse_arxiv_id(head.links[0])) and len(linked - {""}) <= 1

    def is_digest(self) -> bool:
        """Whether another paper stands below: a title in emphasis with its authors, or one with the authors' line."""
        above = ""
        for line in self._lines[self._head.end :]:
            text = line.text if line.kind is Kind.TEXT else ""
            if text[:1] in _OPENING and above and _are_authors(above, text, expected=False):
                return True
            if text[:1] in _EMPHASIS and _split_title(text, after_link=False, above="")[0]:
                return True
            above = text
        return False

    def paper(self) -> Paper:
        """The paper that the note is of."""
        front, head, say = self._front, self._head, lambda reason: self._say(self._head.line, reason)
        title = self._title()
        body = Body(self._say)
        if head.heading and fold(head.heading) != fold(title):
            body.add(head.heading)
        body.read(self._lines[head.end :])
        abstract, comments = body.abstract(front.abstract, say), body.comments(say)
        own, *more = limits.usable_links(dict.fromkeys((*front.links, *head.links)), say) or ("",)
        authors = front.authors or newsletter_lines.authors(head.authors)
        return Paper(
            title=limits.cut(title, limits.MAX_TITLE, "title", say),
            authors=limits.cut_all(authors, limits.MAX_AUTHOR, "author", say),
            abstract=abstract,
            comments=comments,
            tags=tuple(dict.fromkeys(limits.cut_all((*front.tags, *body.tags), limits.MAX_TAG, "tag", say))),
            links=limits.usable_links(_all_links(more, (abstract, *comments.values()), body.links), say),
            arxiv_id=front.arxiv_id or parse_arxiv_id(own),
            url=own,
            digests=(Appearance(self._date(), self._source.folder or self._source.name),),
        )

    def _title(self) -> str:
        return self._front.title or self._head.title or self._head.heading or _title_from_name(self._source.name)

    def _date(self) -> dt.date | None:
        return date_from_file_name(self._source.name) or self._front.created or self._front.published

    def _say(self, line: int, reason: str) -> None:
        self.problems.append(Problem(self._source.name, line, reason))


def _title_from_name(name: str) -> str:
    """The name of a Markdown file without the date at its start; "" where it names no paper."""
    stem = _SUFFIX.sub("", name)
    date = _DATE.match(stem)
    title = stem[date.end() :] if date else stem
    return "" if stem == name or fold(title) in _NO_TITLES else title.strip()


def _all_links(more: Iterable[str], texts: Iterable[str], hidden: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys((*more, *(link for text in texts if "://" in text for link in extract_links(text)), *hidden))
