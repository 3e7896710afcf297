"""The text of a part: transfer encoding, character encoding, soft line breaks, signature; and header fields as text."""

from __future__ import annotations

import binascii
import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header
from typing import TYPE_CHECKING

from readlist.errors import NoPaper, ReadlistError
from readlist.loaders.encoding import UnknownEncoding, decode, look_up_encoding
from readlist.loaders.limits import quote
from readlist.text import clean

if TYPE_CHECKING:
    from readlist.loaders.limits import Report
    from readlist.loaders.mail.mime import Part

_BASE64_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)).difference(_BASE64_ALPHABET))
_BLANKS = b" \t\n\r"
_STATEFUL = ("iso2022", "hz")
"""Encodings of 7 bits, whose bytes are valid UTF-8 of another text."""
_ALIASES = {"windows-949": "cp949", "x-windows-949": "cp949"}
_SIGNATURES = ("\n-- \n", f"\n{'_' * 47}\n")
"""What precedes a signature (RFC 3676, 4.3), and what the program Mailman puts before the footer of a list."""
_FOOTER = re.compile(
    r"(?i)(?:(?:click (?:here )?to )?unsubscribe\b.{0,80}|(?:©|copyright ©|\(c\)) ?\d{4}.{0,80}"
    r"|you(?:['’]re| are) receiving this .{0,200}|you received this (?:e-?mail|message) .{0,200}"
    r"|(?:manage|update) (?:your )?(?:e-?mail )?(?:preferences|subscription)s?\b.{0,40}"
    r"|(?:수신 ?거부|구독 ?(?:취소|해지)).{0,60})"
)
"""The first paragraph of a newsletter's footer; the address of the sender and links are below."""
_MAX_SIGNATURE_LINES = 12
_MAX_SUBJECT = 1_000  # characters
_MAX_CHARSET = 40


def decode_body(part: Part) -> tuple[bytes, bool]:
    """Return the bytes of a body without transfer encoding, and whether they could be decoded as a whole."""
    if part.encoding == "quoted-printable":
        return binascii.a2b_qp(part.body), True
    if part.encoding != "base64":
        return part.body, True
    encoded, _, _ = part.body.partition(b"=")  # a list may have put a footer in plain text below
    digits = encoded.translate(None, _NOT_BASE64)
    is_valid = len(digits) == len(encoded.translate(None, _BLANKS)) and len(digits) % 4 != 1
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4)), is_valid


def decode_part(part: Part, report: Report) -> str:
    """Return the text of a part, "" where it has none or is not text; reports what could not be decoded."""
    data, is_valid = decode_body(part)
    if not is_valid:
        report("invalid base64; decoded as far as possible")
    if not data.strip():
        return ""
    charset = part.get_parameter("charset").lower()[:_MAX_CHARSET]
    try:
        text, warning = _decode(data, _ALIASES.get(charset, charset))
    except NoPaper:
        return ""
    except ReadlistError as error:
        report(f"part ignored: {error}")
        return ""
    if warning:
        report(warning)
    if part.get_parameter("format").lower() == "flowed":
        text = _join_flowed_lines(text, deletes_space=part.get_parameter("delsp").lower() == "yes")
    return text


def _decode(data: bytes, charset: str) -> tuple[str, str]:
    """Return text and a warning as `encoding.decode` does; what is in no known encoding gets replacement characters."""
    encoding = _look_up_encoding(charset)
    if encoding.startswith(_STATEFUL):
        text = data.decode(encoding, "replace")
        return _check(text), f"not valid {charset}; some characters are missing" if "\ufffd" in text else ""
    try:
        return decode(data, charset)
    except UnknownEncoding:
        pass
    text = _check(data.decode(encoding or "utf-8", "replace"))
    reason = f"not valid {encoding}" if encoding else f"unknown character encoding {quote(clean(charset))}"
    return text, f"{reason}; some characters are missing"


def _check(text: str) -> str:
    """Return the text if it is within the limits of `encoding.decode`; raises as that does."""
    return decode(text.encode("utf-8", "replace"))[0]


def _look_up_encoding(charset: str) -> str:
    """Return Python's name for an encoding of mail, "" for anything else."""
    try:
        name = codecs.lookup(charset).name if charset.isascii() else ""
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ""
    return name if name == "utf-8" or name.startswith(_STATEFUL) else look_up_encoding(charset)


def _join_flowed_lines(text: str, *, deletes_space: bool) -> str:
    """Return a text without its soft line breaks, which follow a space (RFC 3676)."""
    lines: list[list[str]] = []
    is_continued = False
    for raw in text.split("\n"):
        line = raw.removesuffix("\r").removeprefix(" ")  # a space at the start is a quote of what follows
        if is_continued:
            lines[-1].append(line)
        else:
            lines.append([line])
        is_continued = line.endswith(" ") and line != "-- "
        if is_continued and deletes_space:
            lines[-1][-1] = line[:-1]
    return "\n".join(map("".join, lines))


def remove_signature(text: str) -> str:
    """Return a text without the signature, or the footer of a mailing list, that ends it."""
    text = text.replace("\r\n", "\n")
    for mark in _SIGNATURES:
        start = text.rfind(mark)
        if start >= 0 and text.count("\n", start + len(mark)) <= _MAX_SIGNATURE_LINES:
            text = text[: start + 1]
    return text


def decode_subject(value: str) -> str:
    """Return a header field as text: `=?utf-8?B?64W866y4?=` is 논문.

    >>> decode_subject("=?utf-8?B?64W866y4?= of 11 February 2025")
    '논문 of 11 February 2025'
    """
    try:
        words = decode_header(re.sub(r"\s+", " ", value[:_MAX_SUBJECT]))
    except (HeaderParseError, ValueError):
        return clean(value[:_MAX_SUBJECT])
    return clean("".join(map(_decode_word, words)))


def _decode_word(word: tuple[bytes | str, str | None]) -> str:
    data, charset = word
    if isinstance(data, str):
        return data
    if charset is None:
        return data.decode("raw_unicode_escape", "replace")  # as decode_header encodes what is between encoded words
    name = charset.lower()
    return data.decode(_look_up_encoding(_ALIASES.get(name, name)) or "utf-8", "replace")


def remove_footer(comment: str) -> str:
    r"""Return a comment without the paragraphs of the footer with which a newsletter ends, "" where nothing remains.

    >>> remove_footer("It is good.\n\nUnsubscribe\n\n© 2025 Tide Lab\n\n1 Shore Road, Ulm")
    'It is good.'
    """
    paragraphs = comment.split("\n\n")
    end = next((number for number, text in enumerate(paragraphs) if _FOOTER.fullmatch(text)), len(paragraphs))
    return "\n\n".join(paragraphs[:end])
