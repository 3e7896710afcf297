"""Forwarded and answered messages in plain text: the header of the forwarded message, and the marks of quoted lines.

    ---------- Forwarded message ---------
    From: Daily Papers <papers@example.org>            the lines become blank, the date that of the papers below
    Date: Tue, Feb 11, 2025 at 7:02 AM

    > On Tides                                         On Tides
    > (Ada Lovelace, Alan Turing)                      (Ada Lovelace, Alan Turing)

`parser` calls both functions. The number of lines stays the same, for problems name lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.dates import find_date

if TYPE_CHECKING:
    import datetime as dt

_FORWARDED = (
    r"(?i)[> \t]{0,20}(?:-{2,40}[ \t]{0,5}(?:forwarded message|original message|전달된 메시지|원본 메시지|원본 메일)"
    r"[ \t]{0,5}-{2,40}|begin forwarded message:)[ \t\r]*\Z"
)
_FIELD = (
    r"(?i)[> \t]{0,20}\*?(?:from|sent|date|subject|to|cc|reply-to"
    r"|보낸 ?사람|보낸 ?날짜|날짜|제목|받는 ?사람|참조)\*?[ \t]*:"
)
_SUBJECT_FIELD = r"(?i)[> \t]{0,20}\*?(?:subject|제목)\*?[ \t]*:(.*)"
_DATE_FIELD = r"(?i)[> \t]{0,20}\*?(?:sent|date|보낸 ?날짜|날짜)\*?[ \t]*:(.*)"
_BLANKS = "> \t\r"
_QUOTED = r"(?m)^[ \t]*>(?:[ \t]?>)*[ \t]?"
_MAX_FIELDS = 20
"""Lines of the header of a forwarded message, with those that continue a long list of recipients."""
_MAX_REMARK = 10
"""Lines above the first forwarded message that are a remark of the sender."""


def remove_forwarding_headers(text: str) -> str:
    """Return a text whose headers of forwarded messages are blank lines, but for a line with the date.

    A short remark above the first one, which has no line in parentheses as a paper has, becomes blank too.
    """
    lines = text.split("\n")
    starts = [index for index, line in enumerate(lines) if re.match(_FORWARDED, line)]
    for start in starts:
        if start == starts[0] and _is_remark(lines[:start]):
            lines[:start] = [""] * start
        _remove_header(lines, start)
    return "\n".join(lines)


def _is_remark(lines: list[str]) -> bool:
    words = [line for line in lines if line.strip()]
    return len(words) <= _MAX_REMARK and not any(line.lstrip("> \t").startswith(("(", "（")) for line in words)


def _remove_header(lines: list[str], start: int) -> None:
    """Make the header that begins at this line blank; its first line becomes the date in its subject, else its date."""
    first = start + 1
    while first < len(lines) and not lines[first].strip(_BLANKS):
        first += 1
    end = first
    if first < len(lines) and re.match(_FIELD, lines[first]):
        while end < min(first + _MAX_FIELDS, len(lines)) and lines[end].strip(_BLANKS):
            end += 1
    date = _find_field_date(_SUBJECT_FIELD, lines[first:end]) or _find_field_date(_DATE_FIELD, lines[first:end])
    lines[start:end] = [date.isoformat() if date else ""] + [""] * (end - start - 1)


def _find_field_date(pattern: str, lines: list[str]) -> dt.date | None:
    values = (match[1].strip("* \t\r") for line in lines if (match := re.match(pattern, line)))
    return next(filter(None, map(find_date, values)), None)


def remove_quotation_marks(text: str) -> str:
    r"""Return a text without the ">" of quoted lines, at any depth.

    >>> remove_quotation_marks("> On Tides\n> > (Ada Lovelace)\n>\n1 > 0")
    'On Tides\n(Ada Lovelace)\n\n1 > 0'
    """
    return re.sub(_QUOTED, "", text)
