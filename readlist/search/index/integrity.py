"""Integrity check of an index: whether it is what a rebuild would create, without rebuilding it. Used by the doctor."""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.search.index.errors import IndexFailure, translate_errors
from readlist.search.index.reader import Connection, connect
from readlist.search.index.rows import encode_entry, paper_row
from readlist.search.lookups import read_definitions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from readlist.models import Entry
    from readlist.search.index.writer import IndexContents

_ROWS = "SELECT e.entry, p.* FROM entries e JOIN papers p USING (id) ORDER BY id"


def integrity_error(path: Path, contents: IndexContents) -> str:
    """Return what is wrong with an index of these contents, "" for nothing; the entries come in the order of their IDs.

    SQLite's own check finds a small part of all corruption, FTS5's check of its segments most of it, and comparing the
    rows with the entries the rest.
    """
    try:
        with translate_errors(path), contextlib.closing(connect(path, "rw")) as connection:
            return (
                _check_file(connection)
                or _compare_entries(connection, contents.entries)
                or (
                    ""
                    if read_definitions(connection) == contents.definitions
                    else "its definitions differ from the store"
                )
            )
    except IndexFailure as error:
        return str(error)


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
    for entry, row in zip_longest(entries, connection.execute(_ROWS)):
        if entry is None or row != (encode_entry(entry), *paper_row(entry)):
            return "its entries differ from the store"
    return ""
