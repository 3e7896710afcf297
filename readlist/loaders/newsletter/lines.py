"""The lines of a newsletter: their kinds, tag lines, and which line holds the authors of a paper.

The parsers of the newsletter, of web pages and of notes call these rules; each looks at one or two lines only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from readlist.dates import is_unreadable_date, parse_date_line
from readlist.loaders.languages import DEFAULT_LANGUAGE, detect_language
from readlist.loaders.links import ends_with_link, is_link, starts_with_link
from readlist.loaders.person_names import count_unclosed_parentheses, look_like_names, split_author_line
from readlist.text import parse_arxiv_id

_MAX_TITLE = 300  # characters of a title that only its looks tell from text


class LineKind(Enum):
    """The kind of a line, as far as the line alone shows it."""

    DATE = auto()
    UNREADABLE_DATE = auto()
    TAGS = auto()
    LINK = auto()
    PARENTHESES = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Markup:
    """The markup of a line in a web page; that of a plain text is empty.

    `heading` is the level of the heading, 1 to 6, 0 for none. `link` is the target of the line as a whole, `links` are
    all targets in it. `buttons` are the targets of a line that consists of links called "Read paper", "PDF" and the
    like, that of the paper first.
    """

    heading: int = 0
    quoted: bool = False
    link: str = ""
    links: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()

    @property
    def is_title(self) -> bool:
        """Whether authors in parentheses are expected below: the line is a heading, or one link."""
        return bool(self.heading or self.link)

    @property
    def is_paper(self) -> bool:
        """Whether the line is the title of a paper regardless of the lines below it: a heading that links to arXiv."""
        return bool(self.heading and parse_arxiv_id(self.link))


NO_MARKUP = Markup()


class Line(NamedTuple):
    """A cleaned line that is not blank; `number` counts from 1."""

    number: int
    text: str
    kind: LineKind
    markup: Markup = NO_MARKUP


def classify_line(text: str) -> LineKind:
    """Return the kind of a cleaned line."""
    first = text[0]
    if first == "#" and _is_tag_line(text):
        return LineKind.TAGS
    if first in "(（" and text[-1] in ")）":
        return LineKind.PARENTHESES
    if first in "hH" and is_link(text):
        return LineKind.LINK
    if parse_date_line(text):
        return LineKind.DATE
    return LineKind.UNREADABLE_DATE if is_unreadable_date(text) else LineKind.TEXT


# Tags


def _is_tag_line(text: str) -> bool:
    """Return whether a line begins with a tag, and most of its words are tags; the others are typing errors."""
    words = text.split()
    tags = sum(map(_is_tag, words))
    return _is_tag(words[0]) and tags * 2 > len(words)


def _is_tag(word: str) -> bool:
    return len(word) > 1 and word[0] == "#" and word[1] != "#"


def split_tag_line(text: str) -> tuple[list[str], list[str]]:
    """Return the tags of a tag line, without "#", and its other words.

    >>> split_tag_line("#c# #c++ #tides#, x")
    (['c#', 'c++', 'tides'], ['x'])
    """
    tags, others = [], []
    for word in text.split():
        tag = word.rstrip(",;").removeprefix("#")
        tag = tag if len(tag) == len("c#") else tag.strip("#")  # names of languages end in "#": C#, F#
        if _is_tag(word) and tag:
            tags.append(tag)
        else:
            others.append(word)
    return tags, others


# Titles and authors


def is_author_line(title: Line, line: Line, *, expected: bool) -> bool:
    """Return whether `line` holds the authors of the paper whose title is `title`.

    `expected` says that a title is likely here: at the start, below a date, below the tags of another paper, in a
    heading or a link of a page. Any line in parentheses is accepted then. Elsewhere it may be a remark in a comment,
    so both lines have to look like title and names.
    """
    if line.kind is not LineKind.PARENTHESES or title.kind is not LineKind.TEXT:
        return False
    content = line.text[1:-1]
    if not any(map(str.isalpha, content)) or starts_with_link(content):  # "(▲ 120)" is a number of votes
        return False
    unclosed = count_unclosed_parentheses(content)
    if unclosed is None:
        return False
    return expected or (unclosed == 0 and _looks_like_title(title.text) and look_like_authors(content, title.text))


def look_like_authors(text: str, title: str) -> bool:
    """Return whether a text looks like the authors of the paper with this title.

    A single name, and names in another script than Latin, are accepted only below a title in Latin script: below a
    comment in another script they would be a remark.
    """
    names = split_author_line(text)
    if not look_like_names(names):
        return False
    is_unambiguous = len(names) > 1 and detect_language(text) == DEFAULT_LANGUAGE
    return is_unambiguous or detect_language(title) == DEFAULT_LANGUAGE


def _looks_like_title(text: str) -> bool:
    """Return whether a text is short and not a statement: no full stop, colon, comma or link ends it."""
    return len(text) <= _MAX_TITLE and text[-1] not in ".:;,。…" and not ends_with_link(text)
