"""What comes through stdin, within bounds: a pipe may be endless."""

from __future__ import annotations

import sys

from readlist.errors import UsageError

MAX_TEXT = 1_000_000
"""Bytes of a text that is typed or piped in; a note has 10,000 characters at most."""
MAX_LINE = 100_000
"""Bytes of a line that names a paper: a whole line of `readlist list` has some hundreds, at most 10,000 or so."""
MAX_LINES = 1_000_000


def piped_bytes(most: int) -> bytes:
    """All of stdin, or one byte more than `most`, so that its taker sees that it is too much."""
    return sys.stdin.buffer.read(most + 1)


def piped_text() -> str:
    """All of stdin as text: UTF-8, else what the terminal writes. Raises UsageError beyond MAX_TEXT."""
    data = piped_bytes(MAX_TEXT)
    if len(data) > MAX_TEXT:
        raise UsageError(f"more than {MAX_TEXT // 1_000_000} MB came through stdin")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(sys.stdin.encoding, errors="replace")


def first_words() -> list[str]:
    """The first word of each line of stdin that has one. Raises UsageError for what cannot be a list of papers."""
    words: list[str] = []
    while line := sys.stdin.buffer.readline(MAX_LINE):
        if len(line) == MAX_LINE or len(words) == MAX_LINES:
            raise UsageError("what came through stdin names no papers: a line or the whole is too long")
        words += line.decode(errors="replace").split(maxsplit=1)[:1]
    return words
