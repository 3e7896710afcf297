"""Links in a cleaned line: at its beginning, at its end, or the whole line."""

from __future__ import annotations

import re

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_LINK_AT_START = re.compile(r"https?://", re.IGNORECASE)
_LINK_AT_END = re.compile(r"https?://\S*[^\s:,;]\Z", re.IGNORECASE)


def is_link(line: str) -> bool:
    """Return whether a line is a link and nothing else."""
    return _LINK.fullmatch(line) is not None


def is_only_link(line: str) -> bool:
    """Return whether a line is a link and nothing else, except parentheses around it."""
    return is_link(line.strip("()（）"))


def starts_with_link(line: str) -> bool:
    """Return whether a line is a link, or begins with one."""
    return _LINK_AT_START.match(line) is not None


def ends_with_link(text: str) -> bool:
    """Return whether a text ends with a link that no colon, comma or semicolon follows."""
    return _LINK_AT_END.search(text) is not None
