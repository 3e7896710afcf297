"""Reading the index: connections, read transactions, and the check whether the index is current.

The index is one disposable SQLite file, built from the store and never read back into it, from which every command that
reads answers. It is current where three things hold: its format is ours, the fingerprints of the store files are those
that it was built from, and the file is clean: it has the modification time that `checksum` gives its content. Where it
is not current, it is rebuilt.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from readlist.file_locks import UNSUPPORTED_ERRNOS
from readlist.opening import open_regular
from readlist.search.index import checksum, schema
from readlist.search.index.errors import (
    SQLITE_ERRORS,
    IndexFailure,
    IndexLocked,
    failure_class,
    require_regular_files,
    translate_errors,
)

Connection: TypeAlias = sqlite3.Connection
"""A connection to the index, as the functions of `search` take it."""

Fingerprints: TypeAlias = tuple[str, str, str]
"""The fingerprints of the two store files, papers and marks, and of the others' marks, in one state."""

LOCK_TIMEOUT_SECONDS = 10.0
"""How long to wait for another process that changes the index."""
PRIVATE_NAME = "private.sqlite"
"""File name of an index for one process only: it needs no locks, which its file system may not support."""
_CHECK_TIMEOUT_SECONDS = 0.1
"""How long the checks wait for it; `library.index_sync` repeats them."""
_RETRY_SECONDS = (0.01, 0.1, 0.0)


@contextlib.contextmanager
def read_transaction(path: Path, lock_timeout: float | None = None) -> Iterator[Connection]:
    """Open a connection on which all statements see one state of the index.

    Raises IndexFailure; IndexLocked where the index is locked for `lock_timeout` seconds, by default
    LOCK_TIMEOUT_SECONDS.
    """
    with translate_errors(path), contextlib.closing(_begin_read(path, lock_timeout)) as connection:
        yield connection


def is_current(path: Path, fingerprints: Fingerprints) -> bool:
    """Return whether the index was built from the store files with these fingerprints, and was not changed since."""
    try:
        if not is_clean(path):
            return False
        with read_transaction(path, _CHECK_TIMEOUT_SECONDS) as connection:
            return matches_fingerprints(connection, path, fingerprints)
    except IndexFailure:
        return False


def is_locked(path: Path) -> bool:
    """Return whether another process has locked the index, so that it cannot be read now."""
    try:
        with read_transaction(path, _CHECK_TIMEOUT_SECONDS):
            return False
    except IndexLocked:
        return True
    except IndexFailure:
        return False


def supports_locks(path: Path) -> bool:
    """Return whether a file can be locked as SQLite locks it; where not, it takes the file for locked for ever.

    No connection to the file may be open in this process: it would lose its locks.
    """
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        handle = open_regular(path)
    except OSError:
        return True
    try:
        fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB, 1)
    except OSError as error:
        return error.errno not in UNSUPPORTED_ERRNOS
    finally:
        os.close(handle)
    return True


def is_clean(path: Path) -> bool:
    """Return whether nothing but `writer` changed the file. Raises IndexUnavailable where it cannot be read.

    No connection to it may be open in this process, see `checksum`.
    """
    with translate_errors(path):
        return checksum.is_clean(path)


def matches_fingerprints(connection: Connection, path: Path, fingerprints: Fingerprints) -> bool:
    """Return whether the index at `path`, open on `connection`, is current; `is_clean` must have returned True."""
    metadata = dict(connection.execute("SELECT name, value FROM metadata"))
    return metadata == build_metadata(fingerprints) and checksum.was_clean(path)


def build_metadata(fingerprints: Fingerprints) -> dict[str, str]:
    """Return the rows of `metadata` for an index built from store files with these fingerprints."""
    papers, marks, people = fingerprints
    return {"format": schema.FORMAT, "papers": papers, "marks": marks, "people": people}


def read_people_fingerprint(path: Path) -> str | None:
    """Return the fingerprint of the others' marks that an index was built from, None for no index of this format."""
    try:
        with read_transaction(path, _CHECK_TIMEOUT_SECONDS) as connection:
            metadata = dict(connection.execute("SELECT name, value FROM metadata"))
    except IndexFailure:
        return None
    return metadata.get("people")


def connect(path: Path, mode: str, lock_timeout: float | None = None) -> Connection:
    """Open an existing index; `mode` is "ro" or "rw". Raises NotRegularFile."""
    require_regular_files(path)
    uri = f"{path.absolute().as_uri()}?mode={mode}{'&nolock=1' if path.name == PRIVATE_NAME else ''}"
    timeout = LOCK_TIMEOUT_SECONDS if lock_timeout is None else lock_timeout
    connection = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _begin_read(path: Path, lock_timeout: float | None) -> Connection:
    """Open a connection and begin a read transaction.

    A file that is opened just before it is replaced may meet the journal of a change to the new file and take it for
    its own; so the attempt is repeated, on the new file.
    """
    for delay in _RETRY_SECONDS:
        connection = connect(path, "ro", lock_timeout)
        try:
            connection.execute("BEGIN")
            connection.execute("SELECT 1 FROM metadata").fetchone()
        except SQLITE_ERRORS as error:
            connection.close()
            is_retried = isinstance(error, sqlite3.OperationalError) and failure_class(error) is not IndexLocked
            if not delay or not is_retried:
                raise
            time.sleep(delay)
        else:
            return connection
    raise AssertionError("the last attempt returns or raises")
