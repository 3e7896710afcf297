"""Reading the index: connections, read transactions, and the check whether the index is current.

The index is one disposable SQLite file, built from the store and never read back into it, from which every command that
reads answers. It is current where three things hold: its format is ours, the fingerprints of the store files are those
that it was built from, and its own modification time is CLEAN_MTIME, a time in the past that `writer` sets after every
change. Any other change of the file, also by a process that was killed in the middle, moves that time; SQLite's own
quick_check would miss most corruption.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from readlist.search.index import schema
from readlist.search.index.errors import SQLITE_ERRORS, IndexFailure, translate_errors

Connection: TypeAlias = sqlite3.Connection
"""A connection to the index, as the functions of `search` take it."""

Fingerprints: TypeAlias = tuple[str, str]
"""The fingerprints of the two store files, papers and marks, in one state."""

CLEAN_MTIME = 946_684_800
"""2000-01-01 in seconds: whole and even, so that every file system can store it."""
LOCK_TIMEOUT_SECONDS = 10.0
"""How long to wait for another process that changes the index."""
_RETRY_SECONDS = (0.01, 0.1, 0.0)


@contextlib.contextmanager
def read_transaction(path: Path) -> Iterator[Connection]:
    """Open a connection on which all statements see one state of the index. Raises IndexFailure."""
    with translate_errors(path), contextlib.closing(_begin_read(path)) as connection:
        yield connection


def is_current(path: Path, fingerprints: Fingerprints) -> bool:
    """Return whether the index was built from the store files with these fingerprints, and was not changed since."""
    try:
        with read_transaction(path) as connection:
            return matches_fingerprints(connection, path, fingerprints)
    except IndexFailure:
        return False


def matches_fingerprints(connection: Connection, path: Path, fingerprints: Fingerprints) -> bool:
    """Return whether the index at `path`, open on `connection`, is current for these fingerprints."""
    metadata = dict(connection.execute("SELECT name, value FROM metadata"))
    return metadata == build_metadata(fingerprints) and path.stat().st_mtime_ns == CLEAN_MTIME * 10**9


def build_metadata(fingerprints: Fingerprints) -> dict[str, str]:
    """Return the rows of `metadata` for an index built from store files with these fingerprints."""
    papers, marks = fingerprints
    return {"format": schema.FORMAT, "papers": papers, "marks": marks}


def connect(path: Path, mode: str) -> Connection:
    """Open an existing index; `mode` is "ro" or "rw"."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _begin_read(path: Path) -> Connection:
    """Open a connection and begin a read transaction.

    A file that is opened just before it is replaced may meet the journal of a change to the new file and take it for
    its own; so the attempt is repeated, on the new file.
    """
    for delay in _RETRY_SECONDS:
        connection = connect(path, "ro")
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM metadata").fetchone()
        except SQLITE_ERRORS as error:
            connection.close()
            if not delay or not isinstance(error, sqlite3.OperationalError):
                raise
            time.sleep(delay)
        else:
            return connection
    raise AssertionError("the last attempt returns or raises")
