"""The header of a note, which precedes its text: links, a heading, and the title with its authors.

    https://arxiv.org/abs/2501.00001
    *On Tides* (Ada Lovelace, Alan Turing)

`parser` calls `parse_header`, and parses the lines from `NoteHeader.end` on as the body.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readlist.dates import parse_date_line
from readlist.loaders.newsletter.lines import Line, classify_line, is_author_line
from readlist.loaders.notes.markdown import NoteLineKind, is_section_heading, strip_emphasis
from readlist.loaders.paper_lists.labels import Label, parse_label, read_link_line
from readlist.text import extract_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.loaders.notes.markdown import NoteLine
    from readlist.loaders.paper_lists.labels import LabeledLine

_MAX_TITLE_LINES = 4
_MIN_TITLE_WORDS = 3  # of the text of a link that is a title: "arXiv" and "project page" are not


@dataclass(slots=True)
class NoteHeader:
    """The parts of a header; empty where they are missing.

    `authors` are in parentheses. `heading` is a heading, or the text of a link, that may be the title. `line` is
    the line number of the title, `end` the index of the first line of the body.
    """

    links: list[str] = field(default_factory=list)
    title: str = ""
    authors: str = ""
    heading: str = ""
    line: int = 1
    end: int = 0


def parse_header(lines: Sequence[NoteLine]) -> NoteHeader:
    """Return the header of a note with these lines."""
    header = NoteHeader()
    while header.end < len(lines):
        consumed = _consume_lines(header, lines[header.end : header.end + _MAX_TITLE_LINES])
        if not consumed:
            break
        header.end += consumed
    return header


def _consume_lines(header: NoteHeader, lines: Sequence[NoteLine]) -> int:
    """Add what the first lines contain; return the number of lines consumed, 0 where the body begins."""
    line = lines[0]
    if line.kind is NoteLineKind.BLANK:
        return 1
    if line.kind is NoteLineKind.LINK and not (header.links and header.title):
        header.links += line.links or extract_links(line.text)
        if not header.heading and len(line.text.split()) >= _MIN_TITLE_WORDS:
            header.heading = line.text
        return 1
    if line.kind is NoteLineKind.TEXT and (field := parse_label(line.text)):
        return _consume_field(header, line, field)
    if line.kind is NoteLineKind.HEADING and _may_be_title(line.text) and not (header.heading or header.title):
        header.heading, header.line = line.text, line.number
        header.links += line.links
        return 1
    return 0 if header.authors else _consume_title(header, lines)


def _consume_field(header: NoteHeader, line: NoteLine, field: LabeledLine) -> int:
    """Add a line that states title, authors or links; return 0 for another field, which is part of the body."""
    if field.label is Label.LINK and (links := line.links or read_link_line(line.text)):
        header.links += links
    elif field.label is Label.TITLE and field.value and not header.title:
        header.title, header.line = field.value, line.number
    elif field.label is Label.AUTHORS and field.value and not header.authors:
        header.authors = f"({field.value})"
    else:
        return 0
    return 1


def _may_be_title(heading: str) -> bool:
    return bool(heading) and not is_section_heading(heading) and not parse_date_line(heading)


def _consume_title(header: NoteHeader, lines: Sequence[NoteLine]) -> int:
    """Add a title with its authors, or the authors of a title above; both may extend over several lines."""
    text = ""
    for count, line in enumerate(lines, 1):
        if line.kind is not NoteLineKind.TEXT:
            break
        text = f"{text} {line.text}".strip()
        known_title = header.title or header.heading
        title, authors = split_title(text, after_link=bool(header.links), known_title=known_title)
        if title:
            header.title, header.authors = title, authors
            header.line = header.line if known_title else lines[0].number
            header.links += [link for line in lines[:count] for link in line.links]
            return count
    return 0


def split_title(text: str, *, after_link: bool, known_title: str = "") -> tuple[str, str]:
    """Return title and authors (in their parentheses) where `text` consists of them, "" and "" otherwise.

    Below a link, or in emphasis, a title is recognized without authors. Below `known_title`, only authors are expected.
    """
    before, authors = _split_authors(text)
    if known_title and not before:
        return (known_title, authors) if are_authors(known_title, authors, expected=True) else ("", "")
    if known_title and not strip_emphasis(before):
        return "", ""
    if title := strip_emphasis(before if authors else text):
        if not authors:
            return (title, "") if after_link else ("", "")
        return (title, authors) if are_authors(title, authors, expected=after_link) else ("", "")
    is_plain_title = after_link and before and authors and are_authors(before, authors, expected=False)
    return (before, authors) if is_plain_title else ("", "")


def _split_authors(text: str) -> tuple[str, str]:
    """Return the text before the parentheses that close at its end, and the text in parentheses."""
    if text[-1] not in ")）":
        return text, ""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += (text[index] in ")）") - (text[index] in "(（")
        if not depth:
            return text[:index].rstrip(), text[index:]
    return text, ""


def are_authors(title: str, authors: str, *, expected: bool) -> bool:
    """Return whether a text in parentheses holds the authors of a paper; `expected` as in `is_author_line`."""
    title_line, author_line = (Line(0, text, classify_line(text)) for text in (title, authors))
    return is_author_line(title_line, author_line, expected=expected)
