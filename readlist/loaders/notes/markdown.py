"""The lines of a Markdown file: which are text, and which are only there for the file's own sake.

Headings, rules, fences, pictures, comments that a reader does not see and links to other notes are structure: they
say what the text is and are no part of it. What a line says to emphasise (`*this*`) stays as it was typed.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from readlist.loaders.newsletter import lines as newsletter_lines
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(Enum):
    """What a line is, as far as it shows by itself."""

    BLANK = auto()
    LINK = auto()
    HEADING = auto()
    QUOTE = auto()
    TAGS = auto()
    ENGLISH = auto()
    END_OF_ENGLISH = auto()
    TEXT = auto()


class Line(NamedTuple):
    """A cleaned line without the mark that says what it is; `links` are those that its text does not show."""

    number: int
    kind: Kind
    text: str = ""
    links: tuple[str, ...] = ()


# Each class leaves out what opens the pattern, so that no character is looked at from two starts: linear.
_URL = r"<?(https?://(?:[^\s()<>]|\([^\s()<>]*+\))++)>?(?:\s+\"[^\"\n()]*\")?"
_LINK = re.compile(rf"(?i)(?<!!)\[([^\[\]\n]++)\]\({_URL}\)")
_PICTURE = re.compile(r"!\[[^\[\]\n]*+\]\([^()\n]*+\)|!\[\[[^\[\]\n]++\]\]")
_OTHER_NOTE = re.compile(r"\[\[(?:[^\[\]|\n]*+\|)?([^\[\]|\n]++)\]\]")
_BARE_LINK = re.compile(r"(?i)<(https?://[^\s<>]++)>")
_ENGLISH = re.compile(r"(?i)(</?en[gl][a-z]{0,9}>)")  # and its misspellings: <enligsh>
_HEADING = re.compile(r"#{1,6}(?:\s++|\Z)")
_LABEL = re.compile(r"(?i)\**+tags?\**+\s?::?\**+\s*+(?=#)")
_BETWEEN = "-*+ ,;·|"
_LEAST_RULE = 3
_ABSTRACT = frozenset({"abstract", "초록", "抄録", "摘要"})
_SECTIONS = _ABSTRACT | {"links", "link", "notes", "note", "comment", "comments", "related", "see also", "tags", "메모"}
_COMMENTS = (("<!--", "-->"), ("%%", "%%"))


def lines(text: str, first: int) -> Iterator[Line]:
    """The lines of `text`, which is the rest of a file from line `first` on; a code block is text like any other."""
    fence = ""
    for number, raw in enumerate(_without_comments(text).splitlines(), first):
        line = clean(raw)
        if fence:
            if line.startswith(fence):
                fence = ""
            else:
                yield Line(number, Kind.TEXT if line else Kind.BLANK, line)
        elif line[:3] in ("```", "~~~") and line[:3] not in line[3:]:
            fence = line[:3]
        else:
            for part in _ENGLISH.split(line) if "<" in line else (line,):
                yield _line(number, part.strip())


def _without_comments(text: str) -> str:
    """The text without what is between the marks of a comment, its lines counted as before.

    A mark that is never closed is text.
    """
    for opening, closing in _COMMENTS:
        parts: list[str] = []
        at = 0
        while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start + len(opening))) >= 0:
            parts += (text[at:start], "\n" * text.count("\n", start, end))
            at = end + len(closing)
        text = "".join((*parts, text[at:]))
    return text


def _line(number: int, text: str) -> Line:
    first = text[:1]
    if first == ">":
        return _shown(number, Kind.QUOTE, text.lstrip("> "))
    if first == "#" and (heading := _HEADING.match(text)):
        return _shown(number, Kind.HEADING, text[heading.end() :].rstrip("# "))
    label = _LABEL.match(text)  # not sub, which would look for it from every "*" on
    tags = text[label.end() :] if label else text
    if tags[:1] == "#" and newsletter_lines.kind(tags) is newsletter_lines.Kind.TAGS:
        return Line(number, Kind.TAGS, tags)
    if first == "<" and _ENGLISH.fullmatch(text):
        return Line(number, Kind.END_OF_ENGLISH if text[1] == "/" else Kind.ENGLISH)
    if not text or _is_rule(text):
        return Line(number, Kind.BLANK)
    return _shown(number, Kind.TEXT, text)


def _is_rule(text: str) -> bool:
    marks = text.replace(" ", "")
    return len(marks) >= _LEAST_RULE and marks[0] in "-*_=" and not marks.strip(marks[0])


def _shown(number: int, kind: Kind, text: str) -> Line:
    """The line as a reader sees it; a line of nothing but links to other notes, or of pictures, is blank."""
    if "[" not in text and "<" not in text:
        is_link = kind is Kind.TEXT and newsletter_lines.kind(text) is newsletter_lines.Kind.LINK
        return Line(number, Kind.LINK if is_link else kind, text)
    shown = _PICTURE.sub("", text)
    if shown != text or "[[" in shown:
        if not _OTHER_NOTE.sub("", shown).strip(_BETWEEN):
            return Line(number, kind if kind is Kind.QUOTE else Kind.BLANK)
        shown = _OTHER_NOTE.sub(r"\1", shown)
    shown = _BARE_LINK.sub(r"\1", shown)
    if kind is Kind.TEXT and (whole := _LINK.fullmatch(shown)) and not _is_emphasised(whole[1]):
        return Line(number, Kind.LINK, clean(whole[1]), (whole[2],))
    hidden = tuple([url for _, url in _LINK.findall(shown)])
    shown = clean(_LINK.sub(r"\1", shown))
    is_link = newsletter_lines.kind(shown) is newsletter_lines.Kind.LINK if shown else False
    return Line(number, Kind.LINK if kind is Kind.TEXT and is_link else kind, shown, hidden)


def plain(text: str) -> str:
    """The text of one line as a reader sees it: a picture is nothing, a link and another note are their words.

    >>> plain("[[people/Ada|Ada Lovelace]] at [her page](https://example.org) ![](ada.png)")
    'Ada Lovelace at her page'
    """
    return clean(_LINK.sub(r"\1", _OTHER_NOTE.sub(r"\1", _PICTURE.sub("", text))))


def _is_emphasised(text: str) -> bool:
    return text[0] in "*_" and text[-1] == text[0]


def without_emphasis(text: str) -> str:
    """The text without the marks around the whole of it; "" where there are none.

    >>> without_emphasis("**On Tides**"), without_emphasis("*Q*: a *"), without_emphasis("On *Tides*")
    ('On Tides', 'Q*: a', '')
    """
    marks = len(text) - len(text.lstrip("*_"))
    if not marks or len(text) <= 2 * marks or text[-marks:] != text[:marks][::-1]:
        return ""
    return text[marks:-marks].strip()


def is_abstract(heading: str) -> bool:
    """Whether a heading, or the name of a callout, says that an abstract stands below it."""
    return heading.lower().strip(" :") in _ABSTRACT


def is_section(heading: str) -> bool:
    """Whether a heading names a part of a note, so that it is no text."""
    return heading.lower().strip(" :") in _SECTIONS
