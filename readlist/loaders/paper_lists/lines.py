"""The lines of a Markdown file by their marks: headings, items of lists, rows of tables, quotations, text."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from readlist.dates import is_unreadable_date, parse_date_line
from readlist.loaders.limits import MAX_LINE
from readlist.loaders.notes.markdown import remove_hidden_comments
from readlist.loaders.paper_lists.inline import normalize_inline
from readlist.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator


class LineMark(Enum):
    """How a line of Markdown begins."""

    BLANK = auto()
    HEADING = auto()
    ITEM = auto()
    ROW = auto()
    QUOTE = auto()
    TEXT = auto()


class MarkdownLine(NamedTuple):
    """A line without its mark; `indent` counts columns, `level` is that of a heading, 1 to 6.

    `text` is cleaned and has no images and no mark of a line break; its links and emphasis are as typed. Code has the
    mark TEXT and `is_code`.
    """

    number: int
    mark: LineMark
    text: str = ""
    indent: int = 0
    level: int = 0
    is_code: bool = False


_MAX_INDENT = 40
_TAB = 4
_HEADING = re.compile(r"(#{1,6})(?:\s+|\Z)")
_ITEM = re.compile(r"(?:[-*+]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?")
_FENCES = ("```", "~~~")
_LINE_BREAK = re.compile(r"(?<!\\)\s*\\\Z")  # a backslash at the end of a line
_MIN_RULE = 3


def iter_markdown_lines(text: str, first_number: int = 1) -> Iterator[MarkdownLine]:
    """Yield the lines of a text whose first line has this number."""
    fence = ""
    for number, raw in enumerate(remove_hidden_comments(text).splitlines(), first_number):
        line = raw[:MAX_LINE]
        stripped = line.lstrip(" \t")
        if fence:
            if stripped.startswith(fence):
                fence = ""
            else:
                yield _build_code(number, line)
        elif stripped[:3] in _FENCES and stripped[:3] not in stripped[3:]:
            fence = stripped[:3]
        else:
            yield _build_line(number, stripped, _count_indent(line))


def _count_indent(line: str) -> int:
    blank = line[: _MAX_INDENT + 1]
    return len(blank.expandtabs(_TAB)) - len(blank.expandtabs(_TAB).lstrip(" "))


def _build_code(number: int, line: str) -> MarkdownLine:
    text = clean(line)
    return MarkdownLine(number, LineMark.TEXT if text else LineMark.BLANK, text, is_code=True)


def _build_line(number: int, stripped: str, indent: int) -> MarkdownLine:
    if heading := _HEADING.match(stripped):
        text = clean(normalize_inline(stripped[heading.end() :])).rstrip("# ")
        return MarkdownLine(number, LineMark.HEADING if text else LineMark.BLANK, text, indent, len(heading[1]))
    text = _LINE_BREAK.sub("", clean(normalize_inline(stripped)))
    if not text or _is_rule(text):
        return MarkdownLine(number, LineMark.BLANK)
    if text[0] == ">":
        quoted = text.lstrip("> ")
        return MarkdownLine(number, LineMark.QUOTE if quoted else LineMark.BLANK, quoted, indent)
    if text[0] == "|":
        return MarkdownLine(number, LineMark.ROW, text, indent)
    item = _ITEM.match(text)
    if item and item.end() < len(text) and not _is_date(text):
        return MarkdownLine(number, LineMark.ITEM, text[item.end() :], indent)
    return MarkdownLine(number, LineMark.TEXT, text, indent)


def _is_date(text: str) -> bool:
    """Return whether a line that begins like a numbered item is a date: `11. Februar 2025`."""
    return text[0].isdigit() and (parse_date_line(text) is not None or is_unreadable_date(text))


def _is_rule(text: str) -> bool:
    marks = text.replace(" ", "")
    return len(marks) >= _MIN_RULE and marks[0] in "-*_=" and not marks.strip(marks[0])
