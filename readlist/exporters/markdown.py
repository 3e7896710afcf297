"""Markdown, to hand to a colleague: a heading a digest, a task box a paper.

    ## 2025-02-11

    - [x] **[The Curse of Depth in Large Language Models](https://arxiv.org/abs/…)** ★

      Wenfang Sun, Xinyuan Song · #normalization #transformer

      > Each comment is a quote; the abstract stands in where there is none.

      **Note**

      What the reader wrote, as Markdown.

What others wrote is escaped: it renders letter for letter, as text, and the only links are the paper's own.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from readlist.models import Status
from readlist.text import clean, clean_lines, clean_markdown
from readlist.urls import HTTP_URL, URL_SAFE_CHARS, paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry, Paper

# What Markdown (CommonMark, and what GitHub and Obsidian add: strikethrough, tables, formulas, bare links) takes for a
# sign.
# A sign that cannot mean anything where it stands is left alone, because the raw text is read too.
_SPECIAL = re.compile(
    r"""
      [*`\[\]~$]                            # emphasis, code, links, strikethrough, formulas
    | (?<![^\W_])_ | _(?![^\W_])            # emphasis, unless inside a word
    | \\(?=[!-/:-@\[-`{-~]|\Z|\n)           # a backslash that would escape or break the line
    | <(?=[A-Za-z/!?])                      # tags, comments, <links>
    | &(?=\#?\w+;)                          # entities
    | :(?=//) | (?<=www)\.                  # bare links
    | ^[#+\-=:|>]                           # headings, lists, rules, tables, quotes
    | %(?=%) | =(?==) | (?<=<)%             # in Obsidian: comments, highlights, templates
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_NUMBERED = re.compile(r"^(\d{1,9})(?=[.)])", re.MULTILINE)


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """A heading, then the entries in their order, those that follow each other from one digest under its date."""
    yield "# Reading list\n"
    for date, group in groupby(entries, key=lambda entry: entry.paper.date):
        yield f"\n## {date or 'Undated'}\n"
        for entry in group:
            yield "\n" + _indented(_item(entry)) + "\n"


def escape(text: str) -> str:
    r"""The text as Markdown that renders to just that text.

    >>> escape("A *bold* claim: 3 < 4, snake_case, [x](http://y)")
    'A \\*bold\\* claim: 3 < 4, snake_case, \\[x\\](http\\://y)'
    """
    return _NUMBERED.sub(r"\1\\", _SPECIAL.sub(r"\\\g<0>", text))


def _item(entry: Entry) -> str:
    """The blocks of one entry, a blank line between two."""
    paper = entry.paper
    quotes = list(paper.comments.values()) or [paper.abstract]
    blocks = [_headline(entry), _byline(entry), *(quoted(text, paper.links) for text in quotes)]
    if note := clean_markdown(entry.mark.note):
        blocks += ["**Note**", note]
    return "\n\n".join(filter(None, blocks))


def _headline(entry: Entry) -> str:
    paper, mark = entry.paper, entry.mark
    title, url = escape(clean(paper.title)), link_target(paper)
    words = [
        "[x]" if mark.status is Status.READ else "[ ]",
        f"**[{title}]({url})**" if url else f"**{title}**",
        "★" if mark.starred else "",
        f"· {mark.status}" if mark.status in {Status.READING, Status.SKIPPED} else "",
    ]
    return " ".join(filter(None, words))


def _byline(entry: Entry) -> str:
    """Authors and tags on one line; it is escaped as a whole, so that its beginning is inert too."""
    tags = " ".join(f"#{clean(tag)}" for tag in entry.tags)
    authors = ", ".join(clean(author) for author in entry.paper.authors)
    return escape(" · ".join(filter(None, (authors, tags))))


def quoted(text: str, links: Iterable[str]) -> str:
    """The text as a quote, the paper's own links in it as links."""
    linked = _linked(clean_lines(text), links)
    return "\n".join(f"> {line}".rstrip() for line in linked.split("\n")) if linked else ""


def _linked(text: str, links: Iterable[str]) -> str:
    """The text escaped, but for the paper's own links in it, which become links."""
    own = sorted(filter(HTTP_URL.fullmatch, links), key=len, reverse=True)
    if not own:
        return escape(text)
    pieces = re.split(f"({'|'.join(map(re.escape, own))})", text)
    return "".join(
        f"<{quote(piece, URL_SAFE_CHARS + '()')}>" if i % 2 else escape(piece) for i, piece in enumerate(pieces)
    )


def link_target(paper: Paper) -> str:
    """Where the paper is, as a link that cannot end early; "" where that is not known."""
    return re.sub(r"&(?=#?\w+;)", "&amp;", paper_url(paper))


def _indented(item: str) -> str:
    """The item as one of a list: a line that is not indented would end it."""
    return "- " + re.sub(r"\n(?=[^\n])", "\n  ", item)
