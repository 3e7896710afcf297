"""The page of `export --to html`, by the data that is embedded in it, never by its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.loaders.own.json import parse_array

if TYPE_CHECKING:
    from readlist.loaders.base import ParseResult, Source

OPENING = '<script type="application/json" id="readlist-entries">'
_CLOSING = "</script>"


def detect(text: str) -> bool:
    """Return whether the text is HTML with the data of an export."""
    return text.lstrip()[:1] == "<" and OPENING in text


def parse(source: Source) -> ParseResult:
    """Return the papers and marks of the embedded data. Raises ReadlistError where that is not JSON."""
    data = source.text.partition(OPENING)[2].partition(_CLOSING)[0]
    return parse_array(source, data)
