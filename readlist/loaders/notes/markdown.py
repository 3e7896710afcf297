"""The lines of a Markdown note, and which of them are text.

Headings, rules, fences, images, hidden comments and links to other notes are structure: they say what the text is and
are not part of it. Emphasis within a line (`*this*`) stays as typed.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from readlist.loaders.links import is_link
from readlist.loaders.newsletter.lines import LineKind, classify_line
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator


class NoteLineKind(Enum):
    """The kind of a line, as far as the line alone shows it."""

    BLANK = auto()
    LINK = auto()
    HEADING = auto()
    QUOTE = auto()
    TAGS = auto()
    ENGLISH = auto()
    END_OF_ENGLISH = auto()
    TEXT = auto()


class NoteLine(NamedTuple):
    """A cleaned line without the marks of its kind; `links` are the targets that its text does not show.

    `indent` is the white space before the text, in code that after the indentation of the fence.
    """

    number: int
    kind: NoteLineKind
    text: str = ""
    links: tuple[str, ...] = ()
    indent: str = ""
    is_code: bool = False

    @property
    def is_item(self) -> bool:
        """Whether the line begins an item of a list."""
        return self.kind is NoteLineKind.TEXT and _ITEM.match(self.text) is not None


# Each character class excludes the opening bracket, so that no text is scanned from two starts: linear time.
_URL = r"<?(https?://(?:[^\s()<>]|\([^\s()<>]*+\))++)>?(?:\s+\"[^\"\n()]*\")?"
_LINK = re.compile(rf"(?i)(?<!!)\[([^\[\]\n]++)\]\({_URL}\)")
_IMAGE = re.compile(r"!\[[^\[\]\n]*+\]\([^()\n]*+\)|!\[\[[^\[\]\n]++\]\]")
_IMAGE_AT_END = re.compile(rf"(?:,?\s(?:and|or|&|및))?\s?(?:{_IMAGE.pattern})(?=[.,;:!?)]|\Z)")
"""An image at the end of a clause, with the conjunction before it: `See PPO and ![[ppo.png]].`"""
_NOTE_LINK = re.compile(r"\[\[(?:[^\[\]|\n]*+\|)?([^\[\]|\n]++)\]\]")
_AUTOLINK = re.compile(r"(?i)<(https?://[^\s<>]++)>")
_ENGLISH_TAG = re.compile(r"(?i)(</?en[gl][a-z]{0,9}>)")  # and its misspellings: <enligsh>
_ITEM = re.compile(r"(?:[-*+]|\d{1,4}[.)])\s")
_HEADING = re.compile(r"#{1,6}(?:\s++|\Z)")
_TAG_LABEL = re.compile(r"(?i)\**+tags?\**+\s?::?\**+\s*+(?=#)")
_SEPARATORS = "-*+ ,;·|"
_TAB = 4
_MAX_INDENT = 40
_MIN_RULE = 3
_ABSTRACT_HEADINGS = frozenset({"abstract", "초록", "抄録", "摘要"})
_SECTION_HEADINGS = _ABSTRACT_HEADINGS | {
    "links", "link", "notes", "note", "comment", "comments", "related", "see also", "tags", "메모",
}  # fmt: skip
_HIDDEN_COMMENTS = (("<!--", "-->"), ("%%", "%%"))


def iter_lines(text: str, first_number: int) -> Iterator[NoteLine]:
    """Yield the lines of `text`, the part of a file that begins at line `first_number`. Code is text like any other."""
    fence, fence_indent = "", ""
    for number, raw in enumerate(remove_hidden_comments(text).splitlines(), first_number):
        line = clean(raw)
        if fence:
            if line.startswith(fence):
                fence = ""
            else:
                kind = NoteLineKind.TEXT if line else NoteLineKind.BLANK
                indent = _read_indent(raw).removeprefix(fence_indent)
                yield NoteLine(number, kind, line, indent=indent, is_code=True)
        elif line[:3] in ("```", "~~~") and line[:3] not in line[3:]:
            fence, fence_indent = line[:3], _read_indent(raw)
        else:
            indent = _read_indent(raw)
            for part in _ENGLISH_TAG.split(line) if "<" in line else (line,):
                parsed = _parse_line(number, part.strip())
                yield parsed._replace(indent=indent) if indent else parsed


def _read_indent(raw: str) -> str:
    """Return the white space at the beginning of a line as spaces."""
    blank = raw[: len(raw) - len(raw.lstrip(" \t"))][:_MAX_INDENT]
    return blank.expandtabs(_TAB)[:_MAX_INDENT]


def remove_hidden_comments(text: str) -> str:
    """Return the text without comments in `<!-- -->` and `%% %%`, and with as many lines.

    An opening mark that is never closed is text.
    """
    for opening, closing in _HIDDEN_COMMENTS:
        parts: list[str] = []
        position = 0
        while (start := text.find(opening, position)) >= 0 and (end := text.find(closing, start + len(opening))) >= 0:
            parts += (text[position:start], "\n" * text.count("\n", start, end))
            position = end + len(closing)
        text = "".join((*parts, text[position:]))
    return text


def _parse_line(number: int, text: str) -> NoteLine:
    first = text[:1]
    if first == ">":
        return _render_line(number, NoteLineKind.QUOTE, text.lstrip("> "))
    if first == "#" and (heading := _HEADING.match(text)):
        return _render_line(number, NoteLineKind.HEADING, text[heading.end() :].rstrip("# "))
    label = _TAG_LABEL.match(text)  # not sub, which would search from every "*"
    tags = text[label.end() :] if label else text
    if tags[:1] == "#" and classify_line(tags) is LineKind.TAGS:
        return NoteLine(number, NoteLineKind.TAGS, tags)
    if first == "<" and _ENGLISH_TAG.fullmatch(text):
        return NoteLine(number, NoteLineKind.END_OF_ENGLISH if text[1] == "/" else NoteLineKind.ENGLISH)
    if not text or _is_rule(text):
        return NoteLine(number, NoteLineKind.BLANK)
    return _render_line(number, NoteLineKind.TEXT, text)


def _is_rule(text: str) -> bool:
    marks = text.replace(" ", "")
    return len(marks) >= _MIN_RULE and marks[0] in "-*_=" and not marks.strip(marks[0])


def _render_line(number: int, kind: NoteLineKind, text: str) -> NoteLine:
    """Return the line as rendered, without link targets and images; a line of images or note links alone is blank."""
    if "[" not in text and "<" not in text:
        return NoteLine(number, _refine_kind(kind, text), text)
    rendered = _IMAGE.sub("", _IMAGE_AT_END.sub("", text)) if "![" in text else text
    if rendered != text or "[[" in rendered:
        if not _NOTE_LINK.sub("", rendered).strip(_SEPARATORS):
            return NoteLine(number, kind if kind is NoteLineKind.QUOTE else NoteLineKind.BLANK)
        rendered = _NOTE_LINK.sub(r"\1", rendered)
    rendered = _AUTOLINK.sub(r"\1", rendered)
    if kind is NoteLineKind.TEXT and (link := _LINK.fullmatch(rendered)) and not _is_emphasized(link[1]):
        return NoteLine(number, NoteLineKind.LINK, clean(link[1]), (link[2],))
    hidden_links = tuple([url for _, url in _LINK.findall(rendered)])
    rendered = clean(_LINK.sub(r"\1", rendered))
    return NoteLine(number, _refine_kind(kind, rendered), rendered, hidden_links)


def _refine_kind(kind: NoteLineKind, text: str) -> NoteLineKind:
    """Return LINK for a line of text that is a link and nothing else."""
    return NoteLineKind.LINK if kind is NoteLineKind.TEXT and is_link(text) else kind


def to_plain_text(text: str) -> str:
    """Return one line as rendered: without images, and with the words of links and note links instead of their marks.

    >>> to_plain_text("[[people/Ada|Ada Lovelace]] at [her page](https://example.org) ![](ada.png)")
    'Ada Lovelace at her page'
    """
    return clean(_LINK.sub(r"\1", _NOTE_LINK.sub(r"\1", _IMAGE.sub("", text))))


def _is_emphasized(text: str) -> bool:
    return text[0] in "*_" and text[-1] == text[0]


def strip_emphasis(text: str) -> str:
    """Return a text without the emphasis marks around the whole of it, "" where it has none.

    >>> strip_emphasis("**On Tides**"), strip_emphasis("*Q*: a *"), strip_emphasis("On *Tides*")
    ('On Tides', 'Q*: a', '')
    """
    marks = len(text) - len(text.lstrip("*_"))
    if not marks or len(text) <= 2 * marks or text[-marks:] != text[:marks][::-1]:
        return ""
    return text[marks:-marks].strip()


def is_abstract_heading(heading: str) -> bool:
    """Return whether a heading, or the name of a callout, introduces an abstract."""
    return heading.lower().strip(" :") in _ABSTRACT_HEADINGS


def is_section_heading(heading: str) -> bool:
    """Return whether a heading names a section of a note and is not text."""
    return heading.lower().strip(" :") in _SECTION_HEADINGS
