"""Recognize mail by its header, and split a mailbox (mbox) into its messages.

    From ada@example.org Tue Feb 11 09:00:00 2025     begins each message of a mailbox
    From: Ada Lovelace <ada@example.org>              begins a message in a file of its own, with any field first
    Subject: Papers of 11 February 2025

A Maildir needs nothing here: each message is a file, which `files` finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_HEADER = 200_000
"""Bytes of the header of a message or part; what Received, DKIM and ARC fields add in real mail is below 50,000."""

_BOM = b"\xef\xbb\xbf"
_FIRST_LINE = rb"(?:From [^\n]{0,1000}\n)?[!-9;-~]{1,100}[ \t]*:"
_FIELD_NAMES = rb"(?m)^([!-9;-~]{1,100})[ \t]*:"
_TRANSPORT_FIELDS = frozenset({b"from", b"message-id", b"mime-version", b"received", b"return-path"})
_COMMON_FIELDS = _TRANSPORT_FIELDS | {b"content-type", b"date", b"delivered-to", b"subject", b"to"}
_SEPARATOR = rb"(?m)^From (?=[^\n]{0,200}?[0-9]:[0-9]{2})[^\n]*+\n(?=[!-9;-~]{1,100}[ \t]*:)"
_QUOTED_SEPARATOR = rb"(?m)^>(>*From )"


def is_mail(data: bytes) -> bool:
    r"""Return whether data begins like a message or mailbox: two fields that mail has, one of which only mail has.

    >>> is_mail(b"From: Ada <ada@example.org>\nSubject: Papers\n"), is_mail(b"Title: On Tides\nDate: 2025-02-11\n")
    (True, False)
    """
    head = _normalize(data[:MAX_HEADER])
    if not re.match(_FIRST_LINE, head):
        return False
    names = {name.lower() for name in re.findall(_FIELD_NAMES, head.partition(b"\n\n")[0])}
    return bool(names & _TRANSPORT_FIELDS) and len(names & _COMMON_FIELDS) > 1


def split_messages(data: bytes) -> tuple[bool, Iterator[bytes]]:
    """Return whether mail is a mailbox, and its messages, whose lines end in a line feed; other mail is one message."""
    data = _normalize(data)
    is_mailbox = data.startswith(b"From ")
    return is_mailbox, _iter_messages(data) if is_mailbox else iter((data,))


def _iter_messages(data: bytes) -> Iterator[bytes]:
    """Yield the messages without the lines that separate them, and without the ">" that a mailbox puts before From."""
    start = data.find(b"\n") + 1
    for separator in re.finditer(_SEPARATOR, data):
        if separator.start() > start:
            yield _remove_quotes(data[start : separator.start()])
        start = separator.end()
    yield _remove_quotes(data[start:])


def _remove_quotes(message: bytes) -> bytes:
    return re.sub(_QUOTED_SEPARATOR, rb"\1", message)


def _normalize(data: bytes) -> bytes:
    """Return data without a byte order mark and white space at its start; every line end becomes a line feed."""
    return data.removeprefix(_BOM).lstrip().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
