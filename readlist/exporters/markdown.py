"""Markdown, to read or to send: one heading per digest, one task box per paper.

    ## 2025-02-11

    - [x] **[The Curse of Depth in Large Language Models](https://arxiv.org/abs/…)** ★

      Wenfang Sun, Xinyuan Song · #normalization #transformer

      > Each comment is a quote. A paper without comments has its abstract, below the line **Abstract**.

      **Note**

      The user's note, as Markdown.

Text from digests is escaped: it renders literally, and the only links are the paper's own. The note is not escaped.
`vault` shares the escaping.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from readlist.models import Status
from readlist.text import clean, clean_lines, clean_markdown, printable_line
from readlist.urls import HTTP_URL, URL_SAFE_CHARS, paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry, Paper

# Characters with a meaning in CommonMark, or in what GitHub and Obsidian add to it: strikethrough, tables, formulas and
# bare links. Where a character cannot have that meaning it is not escaped, because people also read the source.
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
    """Yield a title, then the entries in their order; consecutive entries of one date are under one heading."""
    yield "# Reading list\n"
    for date, group in groupby(entries, key=lambda entry: entry.paper.date):
        yield f"\n## {date or 'Undated'}\n"
        for entry in group:
            yield "\n" + _list_item(_entry_blocks(entry)) + "\n"


def escape(text: str) -> str:
    r"""Return Markdown that renders as exactly this text.

    >>> escape("A *bold* claim: 3 < 4, snake_case, [x](http://y)")
    'A \\*bold\\* claim: 3 < 4, snake_case, \\[x\\](http\\://y)'
    """
    return _NUMBERED.sub(r"\1\\", _SPECIAL.sub(r"\\\g<0>", text))


def _entry_blocks(entry: Entry) -> str:
    """Return the blocks of one entry, separated by blank lines."""
    paper = entry.paper
    blocks = [_headline(entry), _byline(entry), *(block_quote(text, paper.links) for text in paper.comments.values())]
    if not paper.comments and (abstract := block_quote(paper.abstract, paper.links)):
        blocks += ["**Abstract**", abstract]  # the label tells it from a comment when the file is loaded
    if note := clean_markdown(entry.mark.note):
        blocks += ["**Note**", note]
    return "\n\n".join(filter(None, blocks))


def _headline(entry: Entry) -> str:
    paper, mark = entry.paper, entry.mark
    title, url = escape(clean(paper.title)), link_target(paper)
    parts = [
        "[x]" if mark.status is Status.READ else "[ ]",
        f"**[{title}]({url})**" if url else f"**{title}**",
        "★" if mark.starred else "",
        f"· {mark.status}" if mark.status in {Status.READING, Status.SKIPPED} else "",
    ]
    return " ".join(filter(None, parts))


def _byline(entry: Entry) -> str:
    """Return authors and tags on one line, escaped as a whole: a tag may be the beginning of the line."""
    tags = " ".join(f"#{printable_line(tag)}" for tag in entry.tags)
    authors = ", ".join(clean(author) for author in entry.paper.authors)
    return escape(" · ".join(filter(None, (authors, tags))))


def block_quote(text: str, links: Iterable[str]) -> str:
    """Return the escaped text as a block quote, in which `links` are links; "" for an empty text."""
    linked = _link_urls(clean_lines(text), links)
    return "\n".join(f"> {line}".rstrip() for line in linked.split("\n")) if linked else ""


def _link_urls(text: str, links: Iterable[str]) -> str:
    """Escape the text except for those of `links` that occur in it, which become links."""
    urls = sorted(filter(HTTP_URL.fullmatch, links), key=len, reverse=True)
    if not urls:
        return escape(text)
    pieces = re.split(f"({'|'.join(map(re.escape, urls))})", text)
    return "".join(
        f"<{quote(piece, URL_SAFE_CHARS + '()')}>" if i % 2 else escape(piece) for i, piece in enumerate(pieces)
    )


def link_target(paper: Paper) -> str:
    """Return the URL of the paper for a link in parentheses, with entities escaped; "" where it is not known."""
    return re.sub(r"&(?=#?\w+;)", "&amp;", paper_url(paper))


def _list_item(blocks: str) -> str:
    """Return the blocks as one item of a list; a line without indentation would end it."""
    return "- " + re.sub(r"\n(?=[^\n])", "\n  ", blocks)
