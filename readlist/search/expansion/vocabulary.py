"""The vocabulary of the index: which tokens the papers have. Called by the other modules of the package."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from readlist.search.index.errors import RowDecodeError
from readlist.search.index.word_lists import decode_list
from readlist.search.scripts import script_class

if TYPE_CHECKING:
    import sqlite3

AFTER_ALL = "\U0010ffff"
"""Sorts after every character that a word has."""
MAX_ENDING = 8
"""Characters by which a word that begins with another one may be longer."""
FIRST_HANGUL, LAST_HANGUL = 0xAC00, 0xD7A3
FINALS = 28
"""Syllables that differ by their final consonant only, which follow each other in Unicode."""


def find_known(connection: sqlite3.Connection, words: Iterable[str]) -> set[str]:
    """Return those of `words` that some paper has as a token."""
    return {word for word in words if count_papers_with(connection, word)}


def count_papers_with(connection: sqlite3.Connection, word: str) -> int:
    """Return how many papers have a word as a token. Raises RowDecodeError where its row has no number."""
    row = connection.execute("SELECT papers FROM vocabulary WHERE word = ?", (word,)).fetchone()
    papers = row[0] if row else 0
    if not isinstance(papers, int):
        raise RowDecodeError("no number of papers for a word")
    return papers


def read_words(
    connection: sqlite3.Connection, script: str, shortest: int, longest: int, start: str | None = None
) -> list[str]:
    """Return the tokens of a script class with `shortest` to `longest` characters, by length and in order.

    With `start` only the lists of this first letter, see `word_lists`. Raises RowDecodeError.
    """
    lists = _read_lists(connection, script, shortest, longest, start)
    return [word for (words,) in lists for word in decode_list(words)]


def read_words_with(connection: sqlite3.Connection, script: str, shortest: int, longest: int, part: str) -> list[str]:
    """Return those tokens of `read_words` that contain `part`, most lists unsplit. Raises RowDecodeError."""
    lists = _read_lists(connection, script, shortest, longest, None)
    with_part = (words for (words,) in lists if not isinstance(words, str) or part in words)
    return [word for words in with_part for word in decode_list(words) if part in word]


def _read_lists(
    connection: sqlite3.Connection, script: str, shortest: int, longest: int, start: str | None
) -> sqlite3.Cursor:
    sql = (
        "SELECT words FROM word_lists WHERE script = ? AND length BETWEEN ? AND ? AND start = ifnull(?, start)"
        " ORDER BY length, start"
    )
    return connection.execute(sql, (script, shortest, longest, start))


def read_starts(connection: sqlite3.Connection, script: str, shortest: int, longest: int) -> list[str]:
    """Return the first letters of the tokens of a script class with `shortest` to `longest` characters."""
    sql = "SELECT DISTINCT start FROM word_lists WHERE script = ? AND length BETWEEN ? AND ? AND typeof(start) = 'text'"
    return [start for (start,) in connection.execute(sql, (script, shortest, longest))]


def words_with_last_syllable(connection: sqlite3.Connection, stem: str) -> list[str]:
    """Return the Korean words that begin with `stem`, its last syllable with any final consonant: 줄이, 줄인."""
    last = ord(stem[-1])
    is_open = FIRST_HANGUL <= last <= LAST_HANGUL and (last - FIRST_HANGUL) % FINALS == 0
    return _words_between(connection, stem, stem[:-1] + chr(last + (FINALS if is_open else 1)), len(stem))


def has_start(connection: sqlite3.Connection, start: str) -> bool:
    """Return whether a token begins with `start`."""
    return bool(words_with_start(connection, start, len(start)))


def has_longer(connection: sqlite3.Connection, start: str) -> bool:
    """Return whether a token of any script begins with `start` and is longer."""
    sql = "SELECT 1 FROM vocabulary WHERE word > ? AND word < ? LIMIT 1"
    return connection.execute(sql, (start, start + AFTER_ALL)).fetchone() is not None


def words_with_start(connection: sqlite3.Connection, start: str, length: int) -> list[str]:
    """Return the tokens that begin with `start` and have up to MAX_ENDING characters more than `length`."""
    return _words_between(connection, start, start + AFTER_ALL, length)


def _words_between(connection: sqlite3.Connection, first: str, after: str, length: int) -> list[str]:
    """Return the tokens from `first` up to `after`, those in the most papers first."""
    sql = "SELECT word FROM vocabulary WHERE word >= ? AND word < ? AND length(word) <= ? ORDER BY papers DESC, word"
    script = script_class(first)
    words = connection.execute(sql, (first, after, length + MAX_ENDING))
    return [word for (word,) in words if script_class(word) == script]
