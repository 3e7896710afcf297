"""Markdown, to read or to send: one heading per section, one list item per paper.

    # Reading list

    ## 2025-02-11

    - **[The Curse of Depth in Large Language Models](https://arxiv.org/abs/…)** ★

      Wenfang Sun, Xinyuan Song · #normalization #transformer

      > Each comment is a quote.

      **Abstract**

      > The abstract, where the paper has no comment or where it is asked for.

      **Note**

      The user's note, as Markdown.

With the status among the fields, an item begins with a checkbox. Text from digests is escaped: it renders literally,
and the only links are the paper's own. The introduction and the notes are not escaped. `loaders.own` reads the file
back. `vault` shares the escaping.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from readlist.exporters.cleaning import clean_entry
from readlist.exporters.handout import (
    DEFAULT_HANDOUT,
    DEFAULT_TITLE,
    Handout,
    Section,
    fields_to_show,
    format_details,
    select_fields,
)
from readlist.models import Status
from readlist.text import clean, clean_markdown
from readlist.urls import HTTP_URL, URL_SAFE_CHARS, paper_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from readlist.models import Entry, Paper

# Characters with a meaning in CommonMark, or in what GitHub and Obsidian add to it: strikethrough, tables, formulas and
# bare links. Where a character cannot have that meaning it is not escaped, because people also read the source.
# The pattern begins with a set of characters, for which `re` searches fast; what is around them is looked at then.
_SPECIAL = re.compile(
    r"""
    [*`\[\]~$_\\<&:.#+\-=|>%]
    (?: (?<=[*`\[\]~$])                     # emphasis, code, links, strikethrough, formulas
    | (?<=_)(?:(?<![^\W_]_)|(?![^\W_]))     # emphasis, unless inside a word
    | (?<=\\)(?=[!-/:-@\[-`{-~]|\Z|\n)      # a backslash that would escape or break the line
    | (?<=<)(?=[A-Za-z/!?])                 # tags, comments, <links>
    | (?<=&)(?=\#?\w+;)                     # entities
    | (?<=:)(?=//) | (?<=www\.)             # bare links
    | (?<=^[#+\-=:|>])                      # headings, lists, rules, tables, quotes
    | (?<=%)(?=%) | (?<==)(?==) | (?<=<%)   # in Obsidian: comments, highlights, templates
    )
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_TRAILING_HASH = re.compile(r"(?<=[ #])#\Z")  # Markdown would take it as the end of the heading
_PAPERS = "<!-- readlist:papers -->"
"""The line above the papers, by which `loaders.own` recognizes a list with a title or an introduction of its own."""
_NUMBERED = re.compile(r"\d{1,9}(?=[.)])")
"""The beginning of a line that would be an item of a numbered list."""


def export(sections: Iterable[Section], handout: Handout = DEFAULT_HANDOUT) -> Iterator[str]:
    """Yield the title, the unchanged introduction, and the sections."""
    title, intro = clean(handout.title), clean_markdown(handout.intro).strip("\n")
    yield f"# {escape_heading(title)}\n"
    if intro:
        yield f"\n{intro}\n"
    if intro or title != DEFAULT_TITLE:
        yield f"\n{_PAPERS}\n"
    for heading, entries in sections:
        if heading and entries:
            yield f"\n## {escape_heading(clean(str(heading)))}\n"
        for entry in entries:
            yield "\n" + _list_item(_entry_blocks(entry, handout)) + "\n"


def escape_heading(text: str) -> str:
    """Return Markdown that renders as exactly this text in a heading."""
    return _TRAILING_HASH.sub(r"\\#", escape(text))


def escape(text: str) -> str:
    r"""Return Markdown that renders as exactly this text.

    >>> escape("A *bold* claim: 3 < 4, snake_case, [x](http://y)")
    'A \\*bold\\* claim: 3 < 4, snake_case, \\[x\\](http\\://y)'
    """
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    return "\n".join(map(_escape_number, escaped.split("\n"))) if "\n" in escaped else _escape_number(escaped)


def _escape_number(line: str) -> str:
    number = _NUMBERED.match(line)
    return f"{number[0]}\\{line[number.end() :]}" if number else line


def _entry_blocks(entry: Entry, handout: Handout) -> str:
    """Return the blocks of one entry, separated by blank lines."""
    entry = clean_entry(entry)
    fields = fields_to_show(handout, entry)
    details = format_details(entry, fields)
    entry = select_fields(entry, fields, handout.language)
    paper = entry.paper
    blocks = [_headline(entry, fields), _byline(entry, details)]
    blocks += [block_quote(text, paper.links) for text in paper.comments.values()]
    if abstract := block_quote(paper.abstract, paper.links):
        blocks += ["**Abstract**", abstract]  # the label tells it from a comment when the file is loaded
    if entry.mark.note:
        blocks += ["**Note**", entry.mark.note]
    return "\n\n".join(filter(None, blocks))


def _headline(entry: Entry, fields: Collection[str]) -> str:
    paper, mark = entry.paper, entry.mark
    title, url = escape(paper.title), link_target(paper)
    box = "[x]" if mark.status is Status.READ else "[ ]"
    parts = [
        box if "status" in fields else "",
        f"**[{title}]({url})**" if url else f"**{title}**",
        "★" if mark.starred else "",
        f"· {mark.status}" if mark.status in {Status.READING, Status.SKIPPED} else "",
    ]
    return " ".join(filter(None, parts))


def _byline(entry: Entry, details: Iterable[str]) -> str:
    """Return authors, details and tags on one line, escaped as a whole: a tag may be the beginning of the line."""
    tags = " ".join([f"#{tag}" for tag in entry.tags])
    authors = ", ".join(entry.paper.authors)
    return escape(" · ".join(filter(None, (authors, *details, tags))))


def block_quote(text: str, links: Iterable[str]) -> str:
    """Return the clean text, escaped, as a block quote, in which `links` are links; "" for an empty text."""
    linked = _link_urls(text, links)
    return "\n".join(f"> {line}".rstrip() for line in linked.split("\n")) if linked else ""


def _link_urls(text: str, links: Iterable[str]) -> str:
    """Escape the text except for those of `links` that occur in it, which become links."""
    urls = sorted((link for link in links if link in text and HTTP_URL.fullmatch(link)), key=len, reverse=True)
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
