"""The loader of readlist's own exports; the format of an export is recognized by its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.loaders.own import csv, html, json, markdown, vault

if TYPE_CHECKING:
    from collections.abc import Callable

    from readlist.loaders.base import ParseResult, Source

_FORMATS: tuple[tuple[Callable[[str], bool], Callable[[Source], ParseResult]], ...] = (
    (json.detect, json.parse),
    (csv.detect, csv.parse),
    (html.detect, html.parse),
    (vault.detect, vault.parse),
    (markdown.detect, markdown.parse),
)


class ExportLoader:
    """The loader of JSON, JSON Lines, CSV, HTML and Markdown files that readlist exported."""

    name = "export of readlist"

    def detect(self, source: Source) -> bool:
        """Return whether one of the formats recognizes the text."""
        return any(detect(source.text) for detect, _ in _FORMATS)

    def parse(self, source: Source) -> ParseResult:
        """Return the papers, each with its key, and the user's marks.

        Raises:
            ReadlistError: an export in JSON is damaged.
        """
        parse = next(parse for detect, parse in _FORMATS if detect(source.text))
        return parse(source)
