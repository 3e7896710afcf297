"""Plain text, to read or to paste, in 78 columns; also the text part of `mail`.

    Reading list
    ============

    2025-02-11
    ----------

    * The Curse of Depth in Large Language Models ★
      https://arxiv.org/abs/2502.05795
      Wenfang Sun, Xinyuan Song
      #normalization #transformer

      Each comment is a paragraph, wrapped between words.

      Abstract: where the paper has no comment, or where it is asked for.

      Note: the user's note, line by line as written.

Lines are measured in columns of a terminal, two for a Hangul syllable. A word that is longer, such as a URL, is not
broken.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from readlist.exporters.cleaning import clean_entry
from readlist.exporters.handout import (
    DEFAULT_HANDOUT,
    Handout,
    Section,
    fields_to_show,
    format_details,
    format_first_authors,
    select_fields,
)
from readlist.text import clean, clean_markdown
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry

WIDTH = 78
"""Columns of a line; a mail that quotes it stays below 80."""
_INDENT = "  "


def export(sections: Iterable[Section], handout: Handout = DEFAULT_HANDOUT) -> Iterator[str]:
    """Yield the title, the unchanged introduction, and the sections."""
    yield _underline(clean(handout.title), "=")
    if intro := clean_markdown(handout.intro).strip("\n"):
        yield f"\n{intro}\n"
    is_empty = True
    for heading, entries in sections:
        if heading and entries:
            yield "\n" + _underline(clean(str(heading)), "-")
        for entry in entries:
            is_empty = False
            yield "\n" + _format_entry(entry, handout)
    if is_empty:
        yield "\nNo papers.\n"


def _underline(text: str, character: str) -> str:
    lines = wrap(text)
    return "".join(f"{line}\n" for line in lines) + character * max(map(measure, lines)) + "\n"


def _format_entry(entry: Entry, handout: Handout) -> str:
    entry = clean_entry(entry)
    fields = fields_to_show(handout, entry)
    details = [*([entry.mark.status.value] if "status" in fields else []), *format_details(entry, fields)]
    entry = select_fields(entry, fields, handout.language)
    paper = entry.paper
    head = [
        paper.title + (" ★" if entry.mark.starred else ""),
        paper_url(paper),
        format_first_authors(paper),
        " · ".join(details),
        " ".join(f"#{tag}" for tag in entry.tags),
    ]
    blocks = ["\n".join(line for text in filter(None, head) for line in wrap(text, WIDTH - len(_INDENT)))]
    texts = [*paper.comments.values(), _label("Abstract", paper.abstract)]
    blocks += ["\n".join(wrap(text, WIDTH - len(_INDENT))) for text in filter(None, texts)]
    blocks.append(_label("Note", entry.mark.note))
    lines = "\n\n".join(filter(None, blocks)).split("\n")
    return "".join(f"{_INDENT}{line}".rstrip() + "\n" for line in lines).replace(_INDENT, "* ", 1)


def _label(label: str, text: str) -> str:
    return f"{label}: {text}" if text else ""


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """Return the text as lines of at most `width` columns, broken between words, with its own line ends.

    A word that is longer is a line of its own; where it has wide characters, as Chinese text without spaces, it is
    broken.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_narrow(paragraph, width) if paragraph.isascii() else _wrap_wide(paragraph, width)
    return lines


def _wrap_narrow(paragraph: str, width: int) -> list[str]:
    """Wrap ASCII text, in which a character is a column: a line, not a word, at a time."""
    paragraph, start = " ".join(paragraph.split()), 0
    lines: list[str] = []
    while len(paragraph) - start > width:
        end = paragraph.rfind(" ", start, start + width + 1)
        if end < 0:  # a word that is longer than a line
            end = paragraph.find(" ", start)
        if end < 0:
            break
        lines.append(paragraph[start:end])
        start = end + 1
    return [*lines, paragraph[start:]]


def _wrap_wide(paragraph: str, width: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for word in (part for whole in paragraph.split() for part in _split_wide(whole, width)):
        size = measure(word)
        if line and used + 1 + size > width:
            lines.append(line)
            line, used = "", 0
        line, used = (f"{line} {word}", used + 1 + size) if line else (word, size)
    return [*lines, line]


def _split_wide(word: str, width: int) -> Iterator[str]:
    if 2 * len(word) <= width or word.isascii() or measure(word) <= width:
        yield word
        return
    part, used = "", 0
    for character in word:
        size = measure(character)
        if used + size > width:
            yield part
            part, used = "", 0
        part, used = part + character, used + size
    yield part


def measure(text: str) -> int:
    """Return the columns that a printable text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_measure_character, text))


@lru_cache(maxsize=16_384)  # the Hangul syllables and more
def _measure_character(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
