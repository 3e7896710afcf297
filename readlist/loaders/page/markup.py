"""HTML and XML as a stream of tags and text, in bounds whatever they hold; lxml, and only here.

libxml2 walks 10 MB of any markup in a second, as long as no tree is built, nothing is nested deeply and it is fed
piecemeal: then a limit that is passed ends it at once. It opens no file and no connection, and the limit that it has
for the growth of entities holds. Measured on 10 MB each: html.parser of Python 3.11.7 does not come back from 120 kB
of "<!--"; feedparser 6.0 takes 12 s for empty items, 1.5 GB for one tag full of attributes, and over 12 s for "<" or
nested elements; a tree of "<li>a" takes 0.6 GB, and 100,000 attributes of one tag in a tree over 12 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from readlist.loaders.optional import needed

MAX_EVENTS = 100_000
"""Tags and texts of a page, or of all pages in a feed; a digest of ten papers has 500. So many take 0.7 s."""
MAX_FEED_EVENTS = 500_000
"""Tags and texts of a feed itself, where every escaped "<" is a text of its own. So many take a second."""
MAX_DEPTH = 256
"""Elements within elements; pages in the wild have 30."""

_TOO_MANY_ATTRIBUTES = r"<[A-Za-z][^\s<>]*+(?:\s[^\s<>]*+){10000}"
_MAX_LINES = 200_000  # beyond, lines are no longer counted
_PIECE = 16_384  # characters; what is read past a limit


@dataclass(slots=True)
class Allowance:
    """How many tags and texts may still be read."""

    events: int = MAX_EVENTS


class Walker:
    """Sees the elements and texts of a document in their order; every start has its end. `line` counts from 1."""

    line = 1

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins; `tag` is "{namespace}name" in XML, in lower case in HTML."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """A piece of text."""


def walk(text: str, walker: Walker, allowance: Allowance, *, xml: bool = False) -> str:
    """Show `walker` the document; returns why it was not read to its end, "" where it was.

    Raises ReadlistError where lxml is missing.
    """
    with needed():
        from lxml import etree  # type: ignore[import-untyped] # it has no types, and few are used here

    if re.search(_TOO_MANY_ATTRIBUTES, text):
        return "a tag with more than 10,000 attributes, nothing is read"
    kind: Any = etree.XMLParser if xml else etree.HTMLParser
    safe = {"load_dtd": False, "resolve_entities": False} if xml else {}
    target = _Bounded(walker, allowance)
    parser = kind(target=target, encoding="utf-8", no_network=True, huge_tree=False, recover=True, **safe)
    try:
        for piece in _pieces(text, walker):
            parser.feed(piece.encode("utf-8", "replace"))
        parser.close()
    except TooMuch as limit:
        return str(limit)
    except etree.LxmlError:  # nothing that could be recovered
        return "no well-formed markup"
    return "not well-formed XML, the rest is not read" if xml and target.depth else ""


def _pieces(text: str, walker: Walker) -> Iterator[str]:
    """The document in small pieces, each within a line, whose number the walker is told."""
    for number, line in enumerate(text.split("\n", _MAX_LINES), 1):
        walker.line = number
        for at in range(0, len(line), _PIECE):
            yield line[at : at + _PIECE]
        yield "\n"


class TooMuch(Exception):
    """A limit has been passed, the walk ends; the message says which. A walker may have limits of its own."""


class _Bounded:
    """What lxml calls: counts, and hands on."""

    def __init__(self, walker: Walker, allowance: Allowance) -> None:
        self._walker = walker
        self._allowance = allowance
        self.depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooMuch(f"elements nested more than {MAX_DEPTH} deep, the rest is not read")
        self._walker.start(tag, attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self._walker.end(tag)

    def data(self, text: str) -> None:
        self._count()
        self._walker.data(text)

    def close(self) -> None:
        """Called at the end."""

    def _count(self) -> None:
        self._allowance.events -= 1
        if self._allowance.events < 0:
            raise TooMuch("too many tags and texts, the rest is not read")
