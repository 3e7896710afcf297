"""The table `word_lists`: all tokens of the vocabulary, those of one script class, length and first letter in one row.

A misspelled word is compared with all tokens of similar length. As lists they are read a hundred times faster than as
rows of `vocabulary`, and an update changes few of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.index.errors import RowDecodeError
from readlist.search.scripts import script_class

if TYPE_CHECKING:
    import sqlite3

_SEPARATOR = "\n"
"""Between the words of a list; no token contains it."""
_FIRST_HANGUL, _LAST_HANGUL = "가", "힣"
_SYLLABLES_PER_CONSONANT = 588
_INSERT = "INSERT OR REPLACE INTO word_lists VALUES (?, ?, ?, ?)"
_SELECT = "SELECT words FROM word_lists WHERE script = ? AND length = ? AND start = ?"
_DELETE = "DELETE FROM word_lists WHERE script = ? AND length = ? AND start = ?"


class ListKey(NamedTuple):
    """The primary key of a list: what its words have in common."""

    script: str
    length: int
    start: str


def list_words(words: Iterable[str]) -> Iterator[tuple[str, int, str, str]]:
    """Return all rows of the table for these words, which are sorted."""
    return ((*key, _SEPARATOR.join(members)) for key, members in sorted(_by_key(words).items()))


def insert(connection: sqlite3.Connection, words: Iterable[str]) -> None:
    """Insert these words, which are sorted, into the empty table."""
    connection.executemany(_INSERT, list_words(words))


def change(connection: sqlite3.Connection, added: Sequence[str], removed: Sequence[str]) -> None:
    """Add words that the table does not have, and remove words that it has."""
    additions, removals = _by_key(added), _by_key(removed)
    for key in sorted(additions.keys() | removals.keys()):
        row = connection.execute(_SELECT, key).fetchone()
        words = set(decode_list(*row)) if row else set()
        words = words.difference(removals.get(key, ())).union(additions.get(key, ()))
        if words:
            connection.execute(_INSERT, (*key, _SEPARATOR.join(sorted(words))))
        else:
            connection.execute(_DELETE, key)


def decode_list(words: object) -> list[str]:
    """Return the words of a row. Raises RowDecodeError where it has no text."""
    if not isinstance(words, str):
        raise RowDecodeError("no text in a list of words")
    return words.split(_SEPARATOR)


def _by_key(words: Iterable[str]) -> dict[ListKey, list[str]]:
    groups: dict[ListKey, list[str]] = {}
    for word in words:
        groups.setdefault(ListKey(script_class(word), len(word), _start(word[0])), []).append(word)
    return groups


def _start(letter: str) -> str:
    """Return the letter; of a Korean syllable the first one with its initial consonant, or lists would be short."""
    if not _FIRST_HANGUL <= letter <= _LAST_HANGUL:
        return letter
    offset = ord(letter) - ord(_FIRST_HANGUL)
    return chr(ord(_FIRST_HANGUL) + offset - offset % _SYLLABLES_PER_CONSONANT)
