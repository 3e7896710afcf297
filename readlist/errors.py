"""The errors that a user can cause or fix, each with the exit code that a shell sees.

    ReadlistError       1   failed
      NoPaper           1   a file or page can be read and contains no paper
      UsageError        2   wrong arguments
        QueryError      2   a query cannot be parsed; knows the column
      NoSuchItem        3   no paper has this ID, key or arXiv ID
      StoreError        4   a store file is corrupt, missing, or written by a newer version
      Busy              5   another process holds the lock or the index, or replaced a file since it was read
      SyncRefused       6   the remote declines the changes, or contains something else than a library

They are caught once, in `cli.run`, and printed as one line. Every other exception is an internal error and keeps its
traceback.
"""

from __future__ import annotations


class ReadlistError(Exception):
    """An error that a user can fix; the message is one line that says what is wrong and, where known, what to do."""

    exit_code = 1


class NoPaper(ReadlistError):
    """A file or page can be read, and no loader finds a paper in it."""


class UsageError(ReadlistError):
    """Wrong arguments: a bad date, an unknown status, a missing argument."""

    exit_code = 2


class QueryError(UsageError):
    """A query that cannot be parsed; `column` (0-based, in characters of `query`) is where parsing failed."""

    def __init__(self, message: str, query: str, column: int) -> None:
        super().__init__(message)
        self.query = query
        self.column = column


class NoSuchItem(ReadlistError):
    """No paper has this ID, key or arXiv ID, or nothing has this name."""

    exit_code = 3


class StoreError(ReadlistError):
    """A store file is corrupt, missing, or written by a newer version; it was not overwritten."""

    exit_code = 4


class Busy(ReadlistError):
    """Another process held the lock or the index for too long, or replaced a store file since it was read."""

    exit_code = 5


class SyncRefused(ReadlistError):
    """The remote declines the changes of a sync, or contains something else than a library of readlist."""

    exit_code = 6
