"""Decode the bytes of a digest to text, in any supported encoding; `registry` calls `decode` for every source."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from readlist.errors import NoPaper, ReadlistError
from readlist.loaders.files import require_size
from readlist.loaders.own.start import is_export

MAX_LINES = 150_000
"""Lines of one digest, far more than real digests of MAX_FILE bytes have; an export of readlist may have more."""

_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"

_MAX_DECLARATION = 4096  # bytes; browsers look for a declaration in the first 1024
_DECLARATION = re.compile(
    rb"<\?xml[^<>]{0,200}\sencoding\s?=\s?[\"']([\w.:-]{1,40})|<meta[^<>]{0,200}charset\s?=\s?[\"']?([\w.:-]{1,40})",
    re.IGNORECASE,
)
_BIBTEX_DECLARATION = re.compile(rb"%\s?Encoding:\s?([\w.:-]{1,40})", re.IGNORECASE)
_BIBLIOGRAPHY = re.compile(rb"\s{0,9}(?:[@%]|TY  ?-)")
_ADJACENT_BYTES = re.compile(rb"[\x80-\xff]{2}")
_SUPERSETS = {
    **dict.fromkeys(("euc_kr", "cp949"), "cp949"),
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("iso8859-1", "ascii", "cp1252"), "cp1252"),
    "euc_jp": "euc_jp",
}
"""The encoding to use for a declared one, as https://encoding.spec.whatwg.org/#names-and-labels defines."""


class UnknownEncoding(ReadlistError):
    """The bytes are in none of the encodings that were tried."""


def decode(data: bytes, charset: str = "") -> tuple[str, str]:
    """Return the text of a digest, and a warning about its encoding ("" for none).

    The encoding is UTF-8, UTF-16 with a byte order mark, else `charset`, which the server declared, else what an XML
    or HTML document or JabRef's file declares, else CP949, in which Korean Windows saves plain text. As most bytes are
    valid CP949, corrupt UTF-8 can pass for it; so its use is a warning. CP949 has two bytes for a syllable: where no
    two bytes beyond ASCII are adjacent, and in a bibliography that is not CP949, the encoding is CP1252.

    Raises:
        NoPaper: the text is empty.
        UnknownEncoding: it is in none of these encodings.
        ReadlistError: the data is too large, has too many lines, or is not text.
    """
    require_size(len(data), data)
    text, encoding_warning = _decode(data, charset)
    if "\0" in text:
        raise ReadlistError("not text: contains NUL characters")
    if not text.strip():
        raise NoPaper("empty")
    if not is_export(data):
        require_few_lines(text)
    return text, encoding_warning


def require_few_lines(text: str) -> None:
    """Raise ReadlistError if a digest has more than MAX_LINES; only an export of readlist may."""
    if len(text) > MAX_LINES and sum(map(text.count, _LINE_ENDS)) - text.count("\r\n") > MAX_LINES:
        raise ReadlistError(f"too many lines: more than {MAX_LINES:,}; split it into smaller files")


def _decode(data: bytes, charset: str) -> tuple[str, str]:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16"), ""
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise ReadlistError("not text: contains NUL bytes") from None
        position = error.start
    for declared in (charset, _find_declared_charset(data)):
        if encoding := look_up_encoding(declared):
            with suppress(UnicodeDecodeError):
                return data.decode(encoding), ""
    encodings = ["cp949"] if _ADJACENT_BYTES.search(data) else ["cp1252", "cp949"]
    if _BIBLIOGRAPHY.match(data):
        encodings.append("cp1252")
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return data.decode(encoding), f"not UTF-8 (byte {position:,}); decoded as {encoding.upper()}"
    raise UnknownEncoding(f"not text: byte {position:,} is neither UTF-8 nor CP949")


def _find_declared_charset(data: bytes) -> str:
    """Return the encoding in `<?xml encoding="euc-kr"?>`, `<meta charset="euc-kr">` or `% Encoding: Cp1252`, or ""."""
    if data.startswith(b"%"):
        match = _BIBTEX_DECLARATION.search(data[:_MAX_DECLARATION])
        return match[1].decode("ascii") if match else ""
    if not data.lstrip().startswith(b"<"):
        return ""
    match = _DECLARATION.search(data[:_MAX_DECLARATION])
    return (match[1] or match[2]).decode("ascii") if match else ""


def look_up_encoding(charset: str) -> str:
    """Return Python's name for an encoding of web pages, "" for anything else.

    As in browsers, a name means its superset: EUC-KR is decoded as CP949, Latin-1 as CP1252.
    """
    try:
        name = codecs.lookup(charset).name if charset.isascii() else ""
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ""
    return _SUPERSETS.get(name) or (name if name.startswith(("iso8859-", "cp125", "koi8-", "big5")) else "")
