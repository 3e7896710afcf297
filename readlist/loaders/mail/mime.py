"""The structure of a message: its header fields, and its parts (RFC 2045, RFC 2046).

`parser` calls `parse_part` for each message. Parts are positions in the data, which is not copied at each level of
nesting. Rejected: the parser of the package `email`, which takes 95 s for 200,000 parts, raises RecursionError at 2,000
nested ones, and can be limited in neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from readlist.loaders.encoding import MAX_LINES
from readlist.loaders.mail.mailbox import MAX_HEADER
from readlist.loaders.markup import MAX_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PARTS = 3_000
"""Messages and their parts in a file; a saved page with its images has some hundred, a mailbox some thousand."""
MAX_DEPTH = 20
"""Levels of nested parts; a forwarded message with attachments has 4."""
MAX_TAGS = 100_000
"""Start tags in all HTML of a file; a newsletter has some thousand, a mailbox of 10 MB a hundred of these."""

_MAX_FIELD = 4_000  # characters of a header field
_MAX_BOUNDARY = 200  # characters; RFC 2046 allows 70

_FIELD = (
    rb"(?im)^(content-(?:type|transfer-encoding|disposition|location)|snapshot-content-location|subject|date)[ \t]*:"
    rb"([^\n]*(?:\n[ \t][^\n]*)*)"
)
_PARAMETER = r'(?is)[;\s]{}\s*=\s*(?:"((?:[^"\\]|\\.)*+)|([^\s;"]+))'  # linear: the quote need not be closed
_MEDIA_TYPE = r"[\w.+-]+/[\w.+-]+"
_TEXT_TYPE, _MESSAGE_TYPE = "text/plain", "message/rfc822"


class MailBudget:
    """How much more of a file may be parsed, and the reasons why something was ignored, in their order."""

    def __init__(self) -> None:
        self.reasons: dict[str, None] = {}
        self._parts = MAX_PARTS
        self._tags = MAX_TAGS
        self._lines = MAX_LINES

    def take_part(self) -> bool:
        """Return whether one more part may be parsed."""
        self._parts -= 1
        return self._require(self._parts, f"more than {MAX_PARTS:,} parts")

    def take_html(self, html: str) -> bool:
        """Return whether this HTML may be parsed too."""
        self._tags -= min(html.count("<") - html.count("</"), MAX_EVENTS)  # the rest of a page is not parsed
        return self._require(self._tags, "too many elements")

    def take_text(self, text: str) -> bool:
        """Return whether this plain text may be parsed too."""
        self._lines -= text.count("\n")
        return self._require(self._lines, f"more than {MAX_LINES:,} lines")

    def _require(self, remaining: int, reason: str) -> bool:
        if remaining < 0:
            self.reasons[f"{reason}; the rest is ignored"] = None
        return remaining >= 0


@dataclass(slots=True)
class Part:
    """A part of a message, or the message itself; its body is `data[start:end]`.

    `fields` are the header fields that are used, by their name in lower case, on one line. A part has `children` if it
    is a multipart or a message.
    """

    data: bytes
    start: int
    end: int
    fields: dict[str, str]
    content_type: str
    children: list[Part] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        """The bytes of the body, still encoded."""
        return self.data[self.start : self.end]

    @property
    def encoding(self) -> str:
        """The transfer encoding: base64, quoted-printable, or one that means the bytes themselves."""
        return self.fields.get("content-transfer-encoding", "").strip().lower()

    @property
    def is_attachment(self) -> bool:
        """Whether the part is a file that is attached to the message."""
        return self.fields.get("content-disposition", "").strip().lower().startswith("attachment")

    def get_parameter(self, name: str) -> str:
        """Return a parameter of the content type, "" where it has none: `text/plain; charset="utf-8"`."""
        match = re.search(_PARAMETER.format(name), self.fields.get("content-type", ""))
        return re.sub(r"\\(.)", r"\1", match[1] or "") or match[2] or "" if match else ""

    def contains(self, *content_types: str) -> bool:
        """Return whether this part or one below it has one of these content types."""
        return self.content_type in content_types or any(child.contains(*content_types) for child in self.children)


def parse_message(data: bytes, budget: MailBudget) -> Part:
    """Return a message with its parts; a line of `data` ends in a line feed."""
    return _parse_part(data, 0, len(data), budget, 0, _TEXT_TYPE)


def _parse_part(data: bytes, start: int, end: int, budget: MailBudget, depth: int, default_type: str) -> Part:  # noqa: PLR0913, PLR0917 -- the position has two ends, the limits two counters
    """Return the part at a position; a part below MAX_DEPTH has no children."""
    if data.startswith(b"\n", start, end):
        header_end, body_start = start, start + 1
    else:
        blank = data.find(b"\n\n", start, end)
        header_end, body_start = (end, end) if blank < 0 else (blank, blank + 2)
    if header_end - start > MAX_HEADER:
        budget.reasons[f"header longer than {MAX_HEADER:,} bytes; the rest of it is ignored"] = None
    fields = _parse_fields(data[start : min(header_end, start + MAX_HEADER)])
    part = Part(data, body_start, end, fields, _parse_content_type(fields.get("content-type", ""), default_type))
    if not part.content_type.startswith(("multipart/", _MESSAGE_TYPE)):
        return part
    if depth == MAX_DEPTH:
        budget.reasons[f"more than {MAX_DEPTH} nested parts; those below are ignored"] = None
        return part
    if part.content_type == _MESSAGE_TYPE:
        part.children = list(_parse_nested_message(part, budget, depth))
    else:
        part.children = list(_parse_children(part, budget, depth))
        if not part.children:
            part.content_type = _TEXT_TYPE  # its boundary is missing
    return part


def _parse_nested_message(part: Part, budget: MailBudget, depth: int) -> Iterator[Part]:
    from readlist.loaders.mail.decoding import decode_body

    if not budget.take_part():
        return
    if part.encoding in ("base64", "quoted-printable"):  # RFC 2046 forbids it, some programs do it
        body = decode_body(part)[0].replace(b"\r\n", b"\n")
        yield _parse_part(body, 0, len(body), budget, depth + 1, _TEXT_TYPE)
    else:
        yield _parse_part(part.data, part.start, part.end, budget, depth + 1, _TEXT_TYPE)


def _parse_children(part: Part, budget: MailBudget, depth: int) -> Iterator[Part]:
    boundary = part.get_parameter("boundary").encode("utf-8", "replace")
    if not 0 < len(boundary) <= _MAX_BOUNDARY:
        return
    default_type = _MESSAGE_TYPE if part.content_type == "multipart/digest" else _TEXT_TYPE
    for start, end in _iter_spans(part, b"--" + boundary):
        if not budget.take_part():
            return
        yield _parse_part(part.data, start, end, budget, depth + 1, default_type)


def _iter_spans(part: Part, delimiter: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of the parts between the delimiters; the last one may lack its delimiter."""
    data, position, end = part.data, part.start, part.end
    start = -1
    while (position := data.find(delimiter, position, end)) >= 0:
        after = position + len(delimiter)
        if position > part.start and data[position - 1] != ord("\n"):
            position = after
            continue
        line_end = data.find(b"\n", after, end)
        line_end = end if line_end < 0 else line_end
        suffix = data[after:line_end].strip()
        if suffix in (b"", b"--"):
            if start >= 0:
                yield start, max(start, position - 1)  # the line end before a delimiter belongs to it
            start = min(line_end + 1, end)
            if suffix:
                return
        position = line_end
    if 0 <= start < end:
        yield start, end


def _parse_fields(header: bytes) -> dict[str, str]:
    """Return the fields that are used, each with its first value."""
    fields: dict[str, str] = {}
    for match in re.finditer(_FIELD, header):
        value = match[2][:_MAX_FIELD].replace(b"\n", b" ").strip()
        fields.setdefault(match[1].decode("ascii").lower(), _decode_field(value))
    return fields


def _decode_field(value: bytes) -> str:
    """Return a field as text; RFC 5322 allows ASCII only, some programs write UTF-8 or CP949."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp949", "replace")


def _parse_content_type(value: str, default_type: str) -> str:
    """Return the media type in lower case; one that is not valid means plain text (RFC 2045, 5.2)."""
    if not value:
        return default_type
    media_type = value.partition(";")[0].strip().lower()
    return media_type if re.fullmatch(_MEDIA_TYPE, media_type) else _TEXT_TYPE
