"""Files on the disk: which of them may be digests, their bytes within bounds, and the text that the bytes are."""

from __future__ import annotations

import codecs
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from readlist.errors import NoPaper, ReadlistError

MAX_FILE = 10_000_000
"""Bytes of one digest; a day of ten papers has 20,000."""

MAX_LINES = 150_000
"""Lines of one digest: five times what 10 MB of real ones have. 640,000 of them took 5 s and 250 MB."""
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"

TEXT_SUFFIX = ".txt"
_SUFFIXES = frozenset({TEXT_SUFFIX, ".md", ".markdown", ".html", ".htm", ".xml", ".rss", ".atom"})

_MAX_HEAD = 4096  # bytes; browsers look for a declaration in the first 1024
_DECLARED = re.compile(
    rb"<\?xml[^<>]{0,200}\sencoding\s?=\s?[\"']([\w.:-]{1,40})|<meta[^<>]{0,200}charset\s?=\s?[\"']?([\w.:-]{1,40})",
    re.IGNORECASE,
)
_ENCODINGS = {
    **dict.fromkeys(("euc_kr", "cp949"), "cp949"),
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("iso8859-1", "ascii", "cp1252"), "cp1252"),
    "euc_jp": "euc_jp",
}


def find_files(path: Path) -> list[Path]:
    """`path` itself where it is no folder, else every digest, note and page below it, as their suffixes tell.

    Sorted; hidden files and folders are left out.
    A folder below that may not be looked into stands in the list itself, so that `read_bytes` reports it.
    Raises ReadlistError where there is no such file or folder, or no digest in the folder.
    """
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
        found = sorted(_below(path)) if is_folder else [path]
    except (FileNotFoundError, NotADirectoryError):
        raise ReadlistError("no such file or folder") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise ReadlistError(_reason(error)) from None
    if not found:
        raise ReadlistError("no digest in this folder (*.txt, *.md, *.html, *.xml)")
    return found


def _below(top: Path) -> list[Path]:
    """The digests below a folder. Links to folders are followed, each folder is entered once: loops end."""
    found: list[Path] = []
    entered: set[tuple[int, int]] = set()
    waiting = [top]
    while waiting:
        path = waiting.pop()
        status = _status(path)
        if status is None:
            continue
        if stat.S_ISREG(status.st_mode) and path.suffix.lower() in _SUFFIXES:
            found.append(path)
        elif stat.S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in entered:
            entered.add((status.st_dev, status.st_ino))
            try:
                waiting += [path / name for name in os.listdir(path) if not name.startswith(".")]  # noqa: PTH208 -- names
            except OSError:
                if path == top:
                    raise
                found.append(path)
    return found


def _status(path: Path) -> os.stat_result | None:
    """What kind of file it is; None for a link that leads nowhere, in a circle, or where we may not look."""
    try:
        return path.stat()
    except OSError:
        return None


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of at most MAX_FILE; anything else is refused before it is opened."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ReadlistError("a folder that cannot be looked into")
        if not stat.S_ISREG(status.st_mode):
            raise ReadlistError("not a regular file")
        if status.st_size > MAX_FILE:
            raise _too_big()
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)  # it may have grown
    except (OSError, ValueError) as error:
        raise ReadlistError(_reason(error)) from None
    if len(data) > MAX_FILE:
        raise _too_big()
    return data


def decode(data: bytes, charset: str = "") -> tuple[str, str]:
    """The text of a digest, and what is doubtful about it ("" for nothing).

    UTF-8 with or without a mark, UTF-16 with one, else the encoding `charset` that a server said it is in, or that an
    XML or HTML document says itself, else CP949, in which Korean Windows saves plain text. Few bytes are no CP949 at
    all, so a slip in UTF-8 can pass for it: that it was read so is said.
    """
    if len(data) > MAX_FILE:
        raise _too_big()
    text, doubt = _decoded(data, charset)
    if "\0" in text:
        raise ReadlistError("not text: it holds NUL characters")
    if not text.strip():
        raise NoPaper("empty")
    if sum(map(text.count, _LINE_ENDS)) - text.count("\r\n") > MAX_LINES:
        raise ReadlistError(f"more than {MAX_LINES:,} lines, the most that a digest may have")
    return text, doubt


def _decoded(data: bytes, charset: str) -> tuple[str, str]:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16"), ""
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise ReadlistError("not text: it holds NUL bytes") from None
        at = error.start
    for said in (charset, _declared_charset(data)):
        if encoding := _encoding(said):
            with suppress(UnicodeDecodeError):
                return data.decode(encoding), ""
    try:
        return data.decode("cp949"), f"not UTF-8 (byte {at:,}); read as CP949"
    except UnicodeDecodeError:
        raise ReadlistError(f"not text: byte {at:,} is neither UTF-8 nor CP949") from None


def _declared_charset(data: bytes) -> str:
    """What a document says that it is in: `<?xml encoding="euc-kr"?>`, `<meta charset="euc-kr">`; "" for nothing."""
    if not data.lstrip().startswith(b"<"):
        return ""
    found = _DECLARED.search(data[:_MAX_HEAD])
    return (found[1] or found[2]).decode("ascii") if found else ""


def _encoding(charset: str) -> str:
    """Python's name of an encoding that pages are written in; "" for anything else.

    Names stand for what browsers take them for, which is a superset: EUC-KR is CP949, Latin-1 is CP1252.
    """
    try:
        name = codecs.lookup(charset).name if charset.isascii() else ""
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ""
    return _ENCODINGS.get(name) or (name if name.startswith(("iso8859-", "cp125", "koi8-", "big5")) else "")


def _too_big() -> ReadlistError:
    return ReadlistError(f"larger than {MAX_FILE // 1_000_000} MB, the most that a digest may have")


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
