"""What can be wrong with an index, and which errors of SQLite say so.

Every IndexFailure but IndexLocked leads to a rebuild. A wrong SQL statement or a wrong value of ours is none of them:
it must surface as a bug, because a rebuild would not repair it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from readlist.opening import require_regular
from readlist.search.index import schema


class RowDecodeError(Exception):
    """A row of the index is not what was written to it; `translate_errors` turns it into IndexCorrupt."""


class IndexFailure(Exception):
    """The index cannot be used; a rebuild replaces it, except an IndexLocked one."""


class IndexCorrupt(IndexFailure):
    """The index does not have the content that was written to it."""


class IndexUnavailable(IndexFailure):
    """The file of the index is missing, or cannot be read or written, for example on a full disk."""


class IndexLocked(IndexUnavailable):
    """Another process changes the index; it is to be waited for, a rebuild would not help."""


class IndexStale(IndexFailure):
    """The index was built from another state of the store than the one it should be updated from."""


SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a statement on a corrupt file raises: SQLite's message may quote a name from a corrupt schema, not in UTF-8."""

_CORRUPT_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_UNAVAILABLE_CODES = frozenset(
    {
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


@contextlib.contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Raise IndexFailure for errors that the state of the index at `path` causes; let all others pass.

    Its connection must be closed within the context, because in doubt the file is opened again and examined.
    """
    try:
        yield
    except (RowDecodeError, UnicodeDecodeError) as error:
        raise IndexCorrupt(str(error)) from error
    except OSError as error:
        raise IndexUnavailable(str(error)) from error
    except sqlite3.DatabaseError as error:
        failure = failure_class(error)
        if failure is None and not isinstance(error, sqlite3.ProgrammingError) and is_corrupt(path):
            failure = IndexCorrupt  # "no such column", because the page with the schema is corrupt
        if failure is None:
            raise
        raise failure(str(error)) from error


def failure_class(error: sqlite3.DatabaseError) -> type[IndexFailure] | None:
    """Return what an error certainly says about the index, None where it may be a bug of ours."""
    code = _primary_code(error)
    if code is None:
        # From the sqlite3 module itself: text in a row that is not UTF-8; a wrong call is a ProgrammingError.
        return IndexCorrupt if isinstance(error, sqlite3.OperationalError) else None
    if code in _CORRUPT_CODES:
        return IndexCorrupt
    if code in _LOCKED_CODES:
        return IndexLocked
    return IndexUnavailable if code in _UNAVAILABLE_CODES else None


def is_corrupt(path: Path) -> bool:
    """Return whether the file does not have the schema of an index, or fails SQLite's quick check."""
    try:
        require_regular_files(path)
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            if schema.read_schema(connection) != schema.expected_schema():
                return True
            (result,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            return bool(result != "ok")
    except (*SQLITE_ERRORS, OSError):
        return True


def require_regular_files(path: Path) -> None:
    """Check an index before SQLite opens it by path, which would block on a FIFO; its journals too.

    Raises NotRegularFile, and OSError where a path cannot be examined.
    """
    for suffix in ("", "-journal", "-wal", "-shm"):
        require_regular(f"{path}{suffix}")


def _primary_code(error: sqlite3.DatabaseError) -> int | None:
    """Return the primary result code: that of SQLITE_CORRUPT_VTAB is SQLITE_CORRUPT. None if not from SQLite."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
