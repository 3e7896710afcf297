"""The vocabulary of the index: which tokens the papers have. Called by the other modules of the package."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from readlist.search.scripts import script_class

if TYPE_CHECKING:
    import sqlite3


def find_known(connection: sqlite3.Connection, words: Iterable[str]) -> set[str]:
    """Return those of `words` that some paper has as a token."""
    sql = "SELECT 1 FROM vocabulary WHERE script = ? AND length = ? AND word = ?"
    return {word for word in words if connection.execute(sql, (script_class(word), len(word), word)).fetchone()}


def read_words(connection: sqlite3.Connection, script: str, shortest: int, longest: int) -> list[str]:
    """Return the tokens of a script class with `shortest` to `longest` characters."""
    # Joined by SQLite, which is faster than a row for each word.
    (joined,) = connection.execute(
        "SELECT group_concat(word, char(10)) FROM vocabulary WHERE script = ? AND length BETWEEN ? AND ?",
        (script, shortest, longest),
    ).fetchone()
    return joined.split("\n") if joined else []
