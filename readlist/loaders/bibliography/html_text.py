"""The text of the little HTML that reference managers have in titles, abstracts and notes: Zotero, Crossref."""

from __future__ import annotations

import re

# The elements that these programs write, and no others: a title or note may contain "List<int>".
_TAG = re.compile(
    r"(?i)</?(?:[abisu]|p|br|em|strong|su[bp]|span|div|[uo]l|li|h[1-6]|blockquote|code|pre|scp|inf|tt"
    r"|(?:jats|mml):[\w-]+)(?:\s[^<>]*)?/?>"
)
_LINE_END = re.compile(r"(?i)<(?:br|/li)\b[^<>]*>\n?")
_PARAGRAPH_END = re.compile(r"(?i)<(?:/p|/div|/h[1-6]|/blockquote|/[ou]l|/jats:p|/jats:title)\b[^<>]*>\n?")
_EMPTY_LINES = re.compile(r"\n{3,}")
_ABSTRACT_HEADING = re.compile(r"(?i)\A\s*<jats:title>\s*abstract\s*</jats:title>")
_MAX_LENGTH = 500_000
"""Characters that are converted; what remains of them is truncated by `limits` to a small part."""
# Bounded: Python refuses to convert a number of thousands of digits.
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def to_text(html: str) -> str:
    r"""Return the text without markup, paragraphs separated by a blank line.

    >>> to_text("<p>Tides &amp; <b>moons</b></p>\n<p>if a < b</p>")
    'Tides & moons\n\nif a < b'
    """
    html = html[:_MAX_LENGTH]
    if "<" in html:
        html = _PARAGRAPH_END.sub("\n\n", _LINE_END.sub("\n", _ABSTRACT_HEADING.sub("", html)))
        html = _EMPTY_LINES.sub("\n\n", _TAG.sub("", html)).strip("\n")
    if "&" not in html:
        return html
    from html import unescape

    return _REFERENCE.sub(lambda match: unescape(match[0]), html)
