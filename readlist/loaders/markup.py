"""HTML and XML as a stream of tags and texts, with bounded time and memory; the only module that imports lxml.

`page` and `feed` implement a `MarkupHandler` and call `parse_markup`. libxml2 is used because it parses any markup in
linear time as long as no tree is built, nesting is limited, and the input is fed in pieces, so that a limit takes
effect at once. It opens no file and no connection, and limits the growth of entities. Rejected: html.parser (quadratic
on unclosed comments), feedparser (quadratic on nested elements), lxml trees (memory, quadratic on attributes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from readlist.loaders.extras import require_extra

MAX_EVENTS = 100_000
"""Tags and texts of a page, or of all pages in a feed; a digest of ten papers has 500."""
MAX_FEED_EVENTS = 500_000
"""Tags and texts of a feed itself, in which every escaped "<" is a text of its own."""
MAX_DEPTH = 256
"""Levels of nested elements; real pages have 30."""

_TOO_MANY_ATTRIBUTES = r"<[A-Za-z][^\s<>]*+(?:\s[^\s<>]*+){10000}"
_MAX_LINES = 200_000  # lines beyond are not counted
_PIECE_SIZE = 16_384  # characters fed at once: at most so many are parsed beyond a limit

# Patterns are strings, which `re` compiles at their first use: plain text needs only the first.
_MARKUP_START = r"[\ufeff\s]*<[?!A-Za-z]"
_FIRST_ELEMENT = r"<(?:[A-Za-z][\w.-]*:)?([A-Za-z][\w.-]*)"
_FEED_ELEMENTS = frozenset({"rss", "RDF", "feed"})
# Only names of elements, with attributes or nothing after them, so that "a<b and c>d" stays: most of these texts are
# plain, and have formulas.
_ATTRIBUTES = r"(?:\s{1,5}[\w:-]{1,40}\s?=[^<>]*|\s{0,5}/?)>"
_BLOCK_MARKUP = (
    r"(?i)</?(?:jats:)?(?:p|br|div|h[1-6]|li|ol|ul|section|sec|table|td|th|tr|title|blockquote)" + _ATTRIBUTES
)
_INLINE_MARKUP = (
    r"(?i)</?(?:jats:)?(?:a|b|bold|code|em|font|i|img|italic|mark|s|small|span|strong|sub|sup|tt|u)" + _ATTRIBUTES
)
_LONG_CHARACTER_REFERENCE = r"&#[0-9]{8,};?"  # beyond Unicode; html.unescape raises an exception at 4,301 digits


def is_markup(text: str) -> bool:
    """Return whether a text begins with a tag, a declaration or a comment."""
    return re.match(_MARKUP_START, text) is not None


def is_feed(text: str) -> bool:
    """Return whether the first element of a document is that of an RSS or Atom feed."""
    first = re.search(_FIRST_ELEMENT, text)
    return first is not None and first[1] in _FEED_ELEMENTS


def remove_markup(text: str) -> str:
    """Return the text of a field that may be plain, or may have a few elements and character references of HTML.

    >>> remove_markup('<p class="x">Tides &amp; <i>moons</i></p>').strip(), remove_markup("if a<b and c>d")
    ('Tides & moons', 'if a<b and c>d')
    """
    if "<" in text:
        text = re.sub(_INLINE_MARKUP, "", re.sub(_BLOCK_MARKUP, " ", text))
    if "&" not in text:
        return text
    from html import unescape

    return unescape(re.sub(_LONG_CHARACTER_REFERENCE, "\ufffd", text))


class EventBudget:
    """How many more tags and texts may be parsed; several documents may share one."""

    def __init__(self, remaining: int = MAX_EVENTS) -> None:
        self.remaining = remaining


class LimitExceeded(Exception):
    """A limit was exceeded, so that parsing stops; the message says which. Handlers may raise it for their own."""


class MarkupHandler:
    """Receives the tags and texts of a document in their order; every start tag has its end tag.

    `line` is the number of the line being parsed, from 1.
    """

    line = 1

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Handle a start tag; `tag` is "{namespace}name" in XML, in lower case in HTML."""

    def end(self, tag: str) -> None:
        """Handle an end tag."""

    def data(self, text: str) -> None:
        """Handle a piece of text."""


def parse_markup(text: str, handler: MarkupHandler, budget: EventBudget, *, xml: bool = False) -> str:
    """Pass a document to the handler; return why it was not parsed to its end, "" where it was.

    Raises:
        ReadlistError: lxml is not installed.
    """
    require_extra("lxml")
    from lxml import etree  # type: ignore[import-untyped] # it has no types, and only its parsers are used

    if re.search(_TOO_MANY_ATTRIBUTES, text):
        return "tag with more than 10,000 attributes; document ignored"
    parser_class: Any = etree.XMLParser if xml else etree.HTMLParser
    entity_options = {"load_dtd": False, "resolve_entities": False} if xml else {}
    target = _BoundedTarget(handler, budget)
    parser = parser_class(
        target=target, encoding="utf-8", no_network=True, huge_tree=False, recover=True, **entity_options
    )
    try:
        for piece in _split_pieces(text, handler):
            parser.feed(piece.encode("utf-8", "replace"))
        parser.close()
    except LimitExceeded as limit:
        return str(limit)
    except etree.LxmlError:  # the parser could not recover
        return "not well-formed markup; document ignored"
    return "not well-formed XML; the rest is ignored" if xml and target.depth else ""


def _split_pieces(text: str, handler: MarkupHandler) -> Iterator[str]:
    """Yield the document in small pieces, each within a line, and set the handler's line number before each."""
    for number, line in enumerate(text.split("\n", _MAX_LINES), 1):
        handler.line = number
        for start in range(0, len(line), _PIECE_SIZE):
            yield line[start : start + _PIECE_SIZE]
        yield "\n"


class _BoundedTarget:
    """The target of the lxml parser: checks the limits and calls the handler."""

    def __init__(self, handler: MarkupHandler, budget: EventBudget) -> None:
        self._handler = handler
        self._budget = budget
        self.depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count_event()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LimitExceeded(f"more than {MAX_DEPTH} nested elements; the rest is ignored")
        self._handler.start(tag, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self._handler.end(tag)

    def data(self, text: str) -> None:
        self._count_event()
        self._handler.data(text)

    def close(self) -> None:
        """Do nothing; lxml requires this method."""

    def _count_event(self) -> None:
        self._budget.remaining -= 1
        if self._budget.remaining < 0:
            raise LimitExceeded("too many elements; the rest is ignored")
