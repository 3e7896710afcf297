"""The rules by which a line of a text digest is read; one function a rule, each looks at one or two lines only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from readlist.dates import parse_date_line
from readlist.loaders.languages import LATIN, ends_foreign, language
from readlist.text import parse_arxiv_id

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(Enum):
    """What a line is, as far as it shows by itself."""

    DATE = auto()
    TAGS = auto()
    LINK = auto()
    PARENTHESES = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Markup:
    """What a web page says of a line beside its words; text says nothing.

    `heading` is its level, 1 to 6, 0 for none. `link` is where the line as a whole leads to, `links` are all in it.
    """

    heading: int = 0
    quoted: bool = False
    link: str = ""
    links: tuple[str, ...] = ()

    @property
    def is_title(self) -> bool:
        """Whether authors in parentheses may be expected below: it is a heading, or one link."""
        return bool(self.heading or self.link)

    @property
    def is_paper(self) -> bool:
        """Whether it is the title of a paper without looking at what stands below."""
        return bool(self.heading and parse_arxiv_id(self.link))


PLAIN = Markup()


@dataclass(frozen=True, slots=True)
class Line:
    """A cleaned line that is not blank; `number` counts from 1."""

    number: int
    text: str
    kind: Kind
    markup: Markup = PLAIN


_ONLY_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_STARTS_WITH_LINK = re.compile(r"https?://", re.IGNORECASE)
_ENDS_WITH_LINK = re.compile(r"https?://\S*[^\s:,;]\Z", re.IGNORECASE)
TAIL = 400
"""Characters at the end of a text that decide whether its last sentence is open; few links are longer."""

_OPENS = re.compile(r"[(（]")
_CLOSERS = ")]}\"'”’»*"
_SENTENCE_ENDS = ".!?…。！？"
_PUNCTUATION = ".,;:!?)]…。"
_PATH_WORD = re.compile(r"[\w./~%+#=&?-]+", re.ASCII)

_MAX_TITLE_BY_LOOKS = 300
_MAX_NAME_WORDS = 6
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_ABBREVIATIONS = frozenset({"jr", "sr", "al", "inc", "ltd", "co", "corp"})


def kind(text: str) -> Kind:
    """What a cleaned line is by itself."""
    first = text[0]
    if first == "#" and _is_tag_line(text):
        return Kind.TAGS
    if first in "(（" and text[-1] in ")）":
        return Kind.PARENTHESES
    if first in "hH" and _ONLY_LINK.fullmatch(text):
        return Kind.LINK
    return Kind.DATE if parse_date_line(text) else Kind.TEXT


# Tags


def _is_tag_line(text: str) -> bool:
    """A tag line begins with a tag, and most of its words are tags; what is none of them is a slip."""
    words = text.split()
    tags = sum(map(_is_tag, words))
    return _is_tag(words[0]) and tags * 2 > len(words)


def _is_tag(word: str) -> bool:
    return len(word) > 1 and word[0] == "#" and word[1] != "#"


def tags(text: str) -> tuple[list[str], list[str]]:
    """The tags of a tag line, without "#", and the words on it that are none."""
    found, others = [], []
    for word in text.split():
        tag = word.strip("#").rstrip(",;")
        if _is_tag(word) and tag:
            found.append(tag)
        else:
            others.append(word)
    return found, others


# Titles and authors


def is_author_line(title: Line, line: Line, *, expected: bool) -> bool:
    """Whether `line` holds the authors of the paper whose title is `title`.

    Where a title is expected (at the start, below a date, below the tags of another paper, in a heading or a link of a
    page) any parentheses around a whole line do. Elsewhere they may be a remark in a comment, so that both lines have
    to look like what they are.
    """
    if line.kind is not Kind.PARENTHESES or title.kind is not Kind.TEXT:
        return False
    inner = line.text[1:-1]
    if not inner.strip() or _STARTS_WITH_LINK.match(inner):
        return False
    depth = _depth(inner)
    if depth is None:
        return False
    return expected or (depth == 0 and _looks_like_title(title.text) and look_like_names(inner, title.text))


def _depth(inner: str) -> int | None:
    """How many parentheses `inner` leaves open; None where it closes one that it did not open: "a) and (b"."""
    depth = 0
    for mark in re.findall(r"[()（）]", inner):
        depth += 1 if mark in "(（" else -1
        if depth < 0:
            return None
    return depth


def _looks_like_title(text: str) -> bool:
    """A title is short and not a statement: it ends in no full stop, colon or comma."""
    return len(text) <= _MAX_TITLE_BY_LOOKS and text[-1] not in ".:;,。…" and not _ENDS_WITH_LINK.search(text)


def look_like_names(inner: str, title: str) -> bool:
    """Three of four look like a name; a single one, and names in another script, stand below a title in Latin letters
    only: below a comment they would be a remark.
    """
    names = authors(f"({inner})")
    if sum(map(_looks_like_name, names)) * 4 < len(names) * 3:
        return False
    sure = len(names) > 1 and language(inner) == LATIN
    return sure or language(title) == LATIN


def _looks_like_name(name: str) -> bool:
    """A name is short, capitalised where the script has capitals, and ends in no full stop."""
    words = name.split()
    if len(words) > _MAX_NAME_WORDS or (name[-1] in _SENTENCE_ENDS and not _is_abbreviation(words[-1])):
        return False
    lower = sum(word[0].islower() for word in words)
    return lower * 2 <= len(words) and not name.isdigit()


def _is_abbreviation(word: str) -> bool:
    stem = word.rstrip(".").lower()
    return len(stem) == 1 or stem in _ABBREVIATIONS


def authors(text: str) -> list[str]:
    """The names of an author line, parted by the commas that stand in no inner parentheses.

    >>> authors("(Ada L. King, Rai (Michael, P.), Martin King, Jr., and The Example Team)")
    ['Ada L. King', 'Rai (Michael, P.)', 'Martin King, Jr.', 'The Example Team']
    """
    inner = text[1:-1]
    parts = inner.replace("，", ",").replace("、", ",").split(",")
    if not _OPENS.search(inner) or _depth(inner):  # one that is never closed would swallow the names behind it
        return _tidied(parts)
    whole: list[list[str]] = []
    depth = 0
    for part in parts:
        if depth:
            whole[-1].append(part)
        else:
            whole.append([part])
        depth += _depth_change(part)
    return _tidied(map(",".join, whole))


def _depth_change(part: str) -> int:
    return part.count("(") + part.count("（") - part.count(")") - part.count("）")


def _tidied(parts: Iterable[str]) -> list[str]:
    """The names without what is around them; "Jr." and its like are part of the name before."""
    names: list[str] = []
    takes_suffix = False
    for part in parts:
        name = part.strip().removeprefix("and ").strip()
        if takes_suffix and name.lower() in _SUFFIXES:
            names[-1] += f", {name}"
            takes_suffix = False
        elif name:
            names.append(name)
            takes_suffix = True
    return names


# Lines that a link broke


def glue(before: str, line: str, *, after_link: bool) -> str | None:
    """What joins `line` to the text `before` it where both were one line that a link broke, else None.

    `after_link` is whether the line before `line` was, or began with, a link.
    """
    if after_link and before[-1] == "/" and _is_rest_of_link(line):
        return ""
    if line[0] in _PUNCTUATION and (after_link or not line.strip(_PUNCTUATION)):
        return ""
    if starts_with_link(line):
        return " " if is_open(before) and language(line) == LATIN else None
    return " " if after_link and line[0].islower() and language(line) == LATIN else None


def starts_with_link(line: str) -> bool:
    """Whether a line is a link, or begins with one."""
    return _STARTS_WITH_LINK.match(line) is not None


def is_only_link(line: str) -> bool:
    """Whether a line is a link and nothing else, or one in parentheses."""
    return _ONLY_LINK.fullmatch(line.strip("()（）")) is not None


def _is_rest_of_link(line: str) -> bool:
    """A link that ends in "/" goes on where the next line begins with a word made like a path: "owner/name"."""
    word = line.split(maxsplit=1)[0]
    return _PATH_WORD.fullmatch(word) is not None and any(mark in word for mark in "/_-")


def is_open(text: str) -> bool:
    """Whether the last sentence goes on: it ends in no full stop and no link.

    Notes in other scripts often go without a full stop, so a sentence that ends in such a letter is closed.
    """
    text = text[-TAIL:]
    end = text.rstrip(_CLOSERS)[-1:]
    return not (end in _SENTENCE_ENDS or ends_foreign(end) or _ENDS_WITH_LINK.search(text))
