"""A mail, complete for `sendmail -t`: the papers in HTML, and the same as plain text for programs that show no HTML.

    Subject: Reading list
    Date: Thu, 26 Nov 2026 08:00:00 +0900
    Message-ID: <…@example.org>
    From: Ada Lovelace <ada@example.org>
    To: group@example.org
    MIME-Version: 1.0
    Content-Type: multipart/alternative

Every byte is ASCII and no line is longer than 76 characters or a single dot, so that no server on the way changes it.
The same papers at the same time give the same bytes. `mail_page` writes the HTML, `text` the plain text.

Gmail cuts a mail at 102 kB. Where a mail would have more than SIZE bytes, and more than SIZE_PER_PAPER for each paper,
comments, abstracts and notes are shortened, first in the plain text.
"""

from __future__ import annotations

import base64
import hashlib
import quopri
import re
import sys
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from readlist.errors import UsageError
from readlist.exporters import mail_page, text
from readlist.exporters.handout import Handout, Section
from readlist.text import clean, printable_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from readlist.models import Entry

SIZE = 100_000
"""Bytes of a mail below which nothing is shortened."""
SIZE_PER_PAPER = SIZE // 40
"""Bytes for each paper of a longer mail."""

_NO_LIMIT = sys.maxsize
_MIN_TEXT = 150
_TEXT_LIMITS = (
    (_NO_LIMIT, _NO_LIMIT),
    *((_NO_LIMIT, limit) for limit in (1800, 1200, 900, 600, 450, 300, 200, _MIN_TEXT)),
    *(
        (limit, _MIN_TEXT)
        for limit in (3000, 2400, 2000, 1700, 1400, 1200, 1000, 900, 800, 700, 600, 500, 400, 300, 200)
    ),
    *((_MIN_TEXT, 100), (100, 60), (60, 40)),
)
"""Bytes of a comment, abstract or note in HTML, and in plain text, which fewer people read, tried in this order.

Bytes, because three of them are a Hangul syllable or three Latin letters, which say about the same.
"""
_ADDRESS = re.compile(
    r"(?:(?P<name>[^<>]*)<)?(?P<user>[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)"
    r"@(?P<domain>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?(name)>)",
    re.ASCII | re.IGNORECASE,
)
_MAX_ADDRESS = 254
"""Characters of an address without the name, by RFC 5321."""
_SEPARATOR = re.compile(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*\Z)")
"""A comma that is not within quotation marks."""
_MAX_PLAIN_SUBJECT = 60
"""Characters of a subject that fits into one line of the header."""
_NO_DOMAIN = "readlist.invalid"
"""The domain of the Message-ID of a mail without a sender; .invalid is reserved, by RFC 2606."""


def export(sections: Iterable[Section], handout: Handout) -> Iterator[str]:
    """Yield the message as one piece."""
    sections = tuple(sections)
    size = max(SIZE, SIZE_PER_PAPER * sum(len(section.entries) for section in sections))
    message = ""
    for page_limit, text_limit in _TEXT_LIMITS:
        plain = "".join(text.export(_shorten_sections(sections, text_limit), handout))
        message = _build_message(
            plain, mail_page.format_page(_shorten_sections(sections, page_limit), handout), handout
        )
        if len(message) <= size:
            break
    yield message


def parse_addresses(value: str) -> list[Address]:
    """Parse addresses, `ada@example.org` or `Ada Lovelace <ada@example.org>`, separated by commas.

    Raises UsageError for anything else.

    >>> [str(address) for address in parse_addresses("ada@example.org, 김철수 <kim@example.org>")]
    ['ada@example.org', '김철수 <kim@example.org>']
    """
    return [_parse_address(part.strip()) for part in _SEPARATOR.split(value)]


def _parse_address(value: str) -> Address:
    match = _ADDRESS.fullmatch(value)
    if not match or len(f"{match['user']}@{match['domain']}") > _MAX_ADDRESS:
        raise UsageError(f"invalid mail address: {printable_line(value)}; write name@example.org")
    return Address(clean((match["name"] or "").strip().strip('"')), match["user"], match["domain"])


# The message


def _build_message(plain: str, page: str, handout: Handout) -> str:
    if handout.mail is None:
        raise ValueError("a mail needs a header")
    date, sender, recipients = handout.mail
    identity = hashlib.sha256("\0".join((str(date), sender, *recipients, plain, page)).encode()).hexdigest()[:32]
    message = EmailMessage()
    message["Date"] = format_datetime(date)
    senders = parse_addresses(sender) if sender else []
    domain = senders[0].domain if senders else _NO_DOMAIN
    message["Message-ID"] = f"<{identity}@{domain}>"
    if senders:
        message["From"] = senders
    if recipients:
        message["To"] = [address for value in recipients for address in parse_addresses(value)]
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/alternative; boundary="readlist-{identity}"'
    message.set_payload([_build_part("plain", plain), _build_part("html", page)])
    return f"Subject: {_encode_subject(clean(handout.title))}\n{message.as_bytes().decode('ascii')}"


def _encode_subject(title: str) -> str:
    """Encode as RFC 2047 says; `EmailMessage` loses spaces of a Korean title that takes more than one line."""
    if title.isascii() and len(title) <= _MAX_PLAIN_SUBJECT and "=?" not in title:
        return title
    return Header(title, "utf-8", header_name="Subject").encode()


def _build_part(subtype: str, content: str) -> EmailMessage:
    """Return a part in the shorter of the two encodings that are ASCII."""
    data = content.encode()
    quoted, encoded = _encode_quoted_printable(data), base64.encodebytes(data)
    is_quoted = len(quoted) <= len(encoded)
    part = EmailMessage()
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable" if is_quoted else "base64"
    part.set_payload((quoted if is_quoted else encoded).decode("ascii"))
    return part


def _encode_quoted_printable(data: bytes) -> bytes:
    """Encode as `quopri` does, and the beginnings of lines with a meaning for `sendmail` and mailboxes too."""
    encoded = re.sub(rb"^\.", b"=2E", quopri.encodestring(data), flags=re.MULTILINE)
    return re.sub(rb"^From ", b"=46rom ", encoded, flags=re.MULTILINE)


# Long texts


def _shorten_sections(sections: Sequence[Section], limit: int) -> Sequence[Section]:
    if limit == _NO_LIMIT:
        return sections
    return [
        section._replace(entries=[_shorten_entry(entry, limit) for entry in section.entries]) for section in sections
    ]


def _shorten_entry(entry: Entry, limit: int) -> Entry:
    """Return the entry with at most `limit` bytes of each text."""
    paper = entry.paper._replace(
        abstract=_shorten(entry.paper.abstract, limit),
        comments={language: _shorten(comment, limit) for language, comment in entry.paper.comments.items()},
    )
    return entry._replace(paper=paper, mark=entry.mark._replace(note=_shorten(entry.mark.note, limit)))


def _shorten(content: str, limit: int) -> str:
    data = content.encode(errors="replace")
    if len(data) <= limit:
        return content
    start = data[:limit].decode(errors="ignore")
    return f"{start.rpartition(' ')[0] or start} …"
