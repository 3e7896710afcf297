"""Titles and authors that only the markup of a page shows: headings with a number, authors without parentheses.

    <h3>1. On Tides</h3>                            On Tides
    <p>Ada Lovelace, Alan Turing</p>                (Ada Lovelace, Alan Turing)
    <p>Tides rise.</p>                              Tides rise.
    <p><a href="https://arxiv.org/…">Read paper</a></p>

html.py calls `mark_titles` with the lines of a page. Names without parentheses are authors only below a heading that
links to a paper, or has such a link below it: elsewhere they are the beginning of a text.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from readlist.loaders.identifiers import is_paper_link
from readlist.loaders.newsletter.lines import LineKind
from readlist.loaders.person_names import look_like_names, split_author_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.loaders.newsletter.lines import Line

_NUMBER = r"\A(?:[0-9]{1,3}[.)]|\[[0-9]{1,3}\]|\([0-9]{1,3}\))\s+(?=\S)"
_BY = r"(?i)\Aby:?\s+"
_AND = r"\s+(?:and|&)\s+"
_ET_AL = r"(?i),?\s*et al\.?\Z"
_NAME = r"[^\W\d_][\w.'’-]*(?:\s+[\w.'’-]+){1,4}"
_MAX_NAMES_LENGTH = 2_000


def mark_titles(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, with titles in headings without their number, and the authors below them in parentheses."""
    marked = list(lines)
    links_to_paper = False
    for index in range(len(lines) - 1, -1, -1):
        line = marked[index]
        if not line.markup.heading:
            links_to_paper = links_to_paper or any(map(is_paper_link, line.markup.buttons))
            continue
        if line.kind is LineKind.TEXT and index + 1 < len(lines):
            authors = marked[index + 1]
            if (line.markup.is_paper or links_to_paper) and (names := _find_names(authors)):
                authors = marked[index + 1] = authors._replace(text=f"({names})", kind=LineKind.PARENTHESES)
            if line.markup.is_paper or authors.kind is LineKind.PARENTHESES:
                marked[index] = _remove_number(line)
        links_to_paper = False
    for index in _find_numbered_titles(marked):
        marked[index] = _remove_number(marked[index])
    return marked


def _remove_number(line: Line) -> Line:
    return line._replace(text=re.sub(_NUMBER, "", line.text, count=1))


def _find_numbered_titles(lines: Sequence[Line]) -> list[int]:
    """Return the indexes of titles that are no headings, if they are numbered from 1 on and there are at least two."""
    titles = [
        index
        for index, (line, below) in enumerate(pairwise(lines))
        if line.kind is LineKind.TEXT and below.kind is LineKind.PARENTHESES and re.match(_NUMBER, line.text)
    ]
    numbers = [int("".join(re.findall(r"[0-9]", lines[index].text[:5].split()[0]))) for index in titles]
    return titles if len(titles) > 1 and numbers == list(range(1, len(titles) + 1)) else []


def _find_names(line: Line) -> str:
    """Return the authors in a line that consists of at least two names of two words, "" for any other line."""
    if line.kind is not LineKind.TEXT or line.markup.heading or len(line.text) > _MAX_NAMES_LENGTH:
        return ""
    text = re.sub(_ET_AL, "", re.sub(_BY, "", line.text, count=1), count=1)
    text = re.sub(_AND, ", ", text.replace(", and ", ", "))
    names = split_author_line(text)
    are_names = len(names) > 1 and look_like_names(names) and all(re.fullmatch(_NAME, name) for name in names)
    return text if are_names else ""
