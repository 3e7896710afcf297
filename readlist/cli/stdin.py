"""Bounded reads of stdin: a pipe may be endless."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8

from readlist.errors import UsageError

MAX_TEXT = 1_000_000
"""Bytes of a text from stdin or an editor; a note has 10,000 characters at most."""
MAX_LINE = 100_000
"""Bytes of a line that names a paper; a whole line of `readlist list` is far shorter."""
MAX_LINES = 1_000_000


def read_stdin_bytes(limit: int) -> bytes:
    """Return all of stdin, or one byte more than `limit`, so that the caller notices that it is too long."""
    return sys.stdin.buffer.read(limit + 1)


def read_stdin_text() -> str:
    """Return all of stdin, decoded as UTF-8, else in the encoding of the terminal.

    Raises UsageError beyond MAX_TEXT, and for bytes that are in neither encoding: nothing is replaced.
    """
    data = read_stdin_bytes(MAX_TEXT)
    if len(data) > MAX_TEXT:
        raise UsageError(f"stdin has more than {MAX_TEXT // 1_000_000} MB")
    try:
        return data.decode()
    except UnicodeDecodeError as failure:
        problem = f"stdin is not UTF-8: byte 0x{data[failure.start]:02x} at offset {failure.start}"
    try:
        return data.decode(sys.stdin.encoding)
    except UnicodeDecodeError:
        raise UsageError(f"{problem}; convert it, for example: iconv -t UTF-8") from None


def read_stdin_items() -> list[str]:
    """Return the first word of each line of stdin that has one.

    Raises UsageError for what cannot be a list of papers.
    """
    words: list[str] = []
    while line := sys.stdin.buffer.readline(MAX_LINE):
        if not words:
            line = line.removeprefix(BOM_UTF8)
        if len(line) == MAX_LINE or len(words) == MAX_LINES:
            raise UsageError("stdin is not a list of papers: a line or the whole is too long")
        words += line.decode(errors="replace").split(maxsplit=1)[:1]
    return words
