"""Integrity check of an index: whether it is what a rebuild would create, without rebuilding it. Used by the doctor."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.definitions import read_definitions, read_provenance
from readlist.search.index.errors import SQLITE_ERRORS, IndexFailure, RowDecodeError, translate_errors
from readlist.search.index.people_rows import other_rows, other_tag_rows
from readlist.search.index.reader import Connection, connect
from readlist.search.index.rows import (
    acronym_definitions,
    appearance_rows,
    deleted_row,
    encode_entry,
    identity_rows,
    merged_rows,
    paper_row,
    sound_rows,
    tag_rows,
)
from readlist.search.index.schema import SUM_IDENTITIES, select_vocabulary
from readlist.search.index.word_lists import list_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from readlist.models import Entry
    from readlist.search.index.people_rows import People
    from readlist.search.index.writer import IndexContents

_BATCH = 500
"""Entries that are compared at once: one step for all of them stays in the caches of the processor."""
_COUNT_WORDS = """
    SELECT count(*), count(word), (SELECT count(*) FROM vocabulary)
    FROM ({terms}) LEFT JOIN vocabulary ON word = term AND papers = doc
"""
_ROWS = "SELECT e.entry, p.* FROM entries e JOIN papers p USING (id) ORDER BY id"


def integrity_error(path: Path, contents: IndexContents) -> str:
    """Return what is wrong with an index of these contents, "" for nothing; the entries come in the order of their IDs.

    SQLite's own check finds a small part of all corruption, FTS5's check of its segments most of it. All other tables
    are compared with what the entries make of them, `vocabulary` with the words that FTS5 has; documents and sources
    only where `contents` has some. In a small index the checksum of its file comes before this, see `checksum`.
    """
    try:
        with (
            translate_errors(path),
            _checking_file(path) as wait_for_errors,
            contextlib.closing(connect(path, "rw")) as connection,
        ):
            try:
                entries_error = _compare_entries(connection, contents.entries)
                rest_error = entries_error or _compare_lists(connection) or _compare_rest(connection, contents)
            except (*SQLITE_ERRORS, RowDecodeError):
                if file_error := wait_for_errors().file:
                    return file_error
                raise
            errors = wait_for_errors()
            return errors.file or entries_error or errors.vocabulary or rest_error
    except IndexFailure as error:
        return str(error)


class _FileErrors(NamedTuple):
    """What is wrong with the file and with the vocabulary, "" for nothing."""

    file: str
    vocabulary: str = ""


@contextlib.contextmanager
def _checking_file(path: Path) -> Iterator[Callable[[], _FileErrors]]:
    """Run the checks that SQLite does alone in a second thread during the block; yields a function that waits for them.

    SQLite releases the interpreter meanwhile. An exception in the block ends them.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        connection = thread.submit(connect, path, "rw").result()
        try:
            yield thread.submit(_check_file_and_vocabulary, connection).result
        finally:
            connection.interrupt()
            thread.submit(connection.close).result()


def _check_file_and_vocabulary(connection: Connection) -> _FileErrors:
    file_error = _check_file(connection)
    return _FileErrors(file_error, "" if file_error else _compare_vocabulary(connection))


def _check_file(connection: Connection) -> str:
    (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if result != "ok":
        return str(result)
    connection.execute("BEGIN")
    try:
        # FTS5 takes its check as an INSERT; nothing is written.
        connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        if "readonly" not in str(error):
            return f"full-text index: {error}"
    return ""


def _compare_entries(connection: Connection, entries: Iterable[Entry]) -> str:
    expected = _ExpectedRows()
    stored = connection.execute(_ROWS)
    remaining = iter(entries)
    while batch := list(islice(remaining, _BATCH)):
        present = [entry for entry in batch if not entry.paper.deleted_at]
        blobs, narrow_rows = list(map(encode_entry, present)), list(map(paper_row, present))
        rows = list(islice(stored, len(present)))  # `fetchmany` would return all rows for none
        if rows != [(blob, *row) for blob, row in zip(blobs, narrow_rows, strict=True)]:
            return "its entries differ from the store"
        expected.add(batch, present)
    counts = connection.execute("SELECT papers FROM totals UNION ALL SELECT count(*) FROM entries").fetchall()
    (papers,) = connection.execute("SELECT count(*) FROM papers").fetchone()
    if stored.fetchone() or counts != [(papers,)] * 2:
        return "its entries differ from the store"
    if connection.execute(SUM_IDENTITIES).fetchall() != connection.execute("SELECT identities FROM totals").fetchall():
        return "its identity codes differ from the store"
    for table, (content, expected_sum) in expected.sums.items():
        if _sum(connection.execute(f"SELECT * FROM {table}")) != expected_sum:  # noqa: S608 -- a constant
            return f"its {content} differ from the store"
    if {(short, long): n for short, long, n in connection.execute("SELECT * FROM acronyms")} != expected.acronyms:
        return "its acronyms differ from the store"
    return ""


class _ExpectedRows:
    """The rows of the tables that are derived from the entries, as checksums."""

    def __init__(self) -> None:
        self.acronyms: Counter[tuple[str, str]] = Counter()
        self._tags = self._appearances = self._deleted = self._merged = self._identities = 0

    def add(self, entries: Sequence[Entry], present: Sequence[Entry]) -> None:
        """Add the rows of entries, of which those in `present` are not deleted."""
        merged = [row for entry in entries if entry.paper.merged for row in merged_rows(entry)]
        self._merged += _sum({row[:2]: row for row in reversed(merged)}.values())  # of two rows the first one is stored
        self._identities += _sum(set(chain.from_iterable(map(identity_rows, entries))))
        self._deleted += _sum(deleted_row(entry) for entry in entries if entry.paper.deleted_at)
        self._tags += _sum({row[:2]: row for row in chain.from_iterable(map(tag_rows, present))}.values())
        self._appearances += _sum(set(chain.from_iterable(map(appearance_rows, present))))
        self.acronyms.update(chain.from_iterable(map(acronym_definitions, present)))

    @property
    def sums(self) -> dict[str, tuple[str, int]]:
        """What each table contains, for a message, and the checksum of its rows."""
        return {
            "deleted": ("deleted papers", self._deleted),
            "merged": ("merged papers", self._merged),
            "identities": ("identity codes", self._identities),
            "tags": ("tags", self._tags),
            "appearances": ("digests", self._appearances),
        }


def _compare_vocabulary(connection: Connection) -> str:
    """Compare `vocabulary` with the words of FTS5, which are distinct: the same number, and each is found."""
    terms, values = select_vocabulary(connection)
    counts = connection.execute(_COUNT_WORDS.format(terms=terms), values).fetchone()
    return "" if len(set(counts)) == 1 else "its vocabulary is wrong"


def _compare_lists(connection: Connection) -> str:
    """Compare the tables that are derived from `vocabulary` with it."""
    words = [word for (word,) in connection.execute("SELECT word FROM vocabulary ORDER BY word")]
    if not all(word and isinstance(word, str) for word in words):  # the second thread has not compared it yet
        return "its vocabulary is wrong"
    if _sum(connection.execute("SELECT * FROM word_lists")) != _sum(list_words(words)):
        return "its lists of words do not fit its vocabulary"
    if _sum(connection.execute("SELECT * FROM sounds")) != _sum(sound_rows(words)):
        return "its sounds do not fit its vocabulary"
    return ""


def _compare_rest(connection: Connection, contents: IndexContents) -> str:
    if read_definitions(connection) != contents.definitions:
        return "its definitions differ from the store"
    if read_provenance(connection) != contents.provenance:
        return "its sources differ from the store"
    return _compare_people(connection, contents.people or {})


def _compare_people(connection: Connection, people: People) -> str:
    names = [name for (name,) in connection.execute("SELECT name FROM people")]
    tables = (("others", other_rows(people)), ("others_tags", set(other_tag_rows(people))))
    if names != sorted(people) or any(
        _sum(connection.execute(f"SELECT * FROM {table}")) != _sum(rows)  # noqa: S608 -- constants
        for table, rows in tables
    ):
        return "its marks of other persons differ from the store"
    return ""


def _sum(rows: Iterable[object]) -> int:
    """Return a checksum of rows in any order; it is valid in this process."""
    return sum(map(hash, rows))
