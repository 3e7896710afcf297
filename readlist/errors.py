"""Every error that a person can cause or mend, each with the exit code that a shell sees.

    ReadlistError       1   failed
      NoPaper           1   a file or page can be read and holds no paper
      UsageError        2   the words of a command are off
        QueryError      2   a query cannot be read; knows the column
      NoSuchItem        3   no paper has this id, key or arXiv id
      StoreError        4   a store file is damaged, or from a newer readlist
      Busy              5   another readlist is writing

They are caught once, at the edge in `cli`, and shown as one line. Everything else is a bug and keeps its traceback.
"""

from __future__ import annotations


class ReadlistError(Exception):
    """Something a person can mend; the message is one line that says what and, where known, how."""

    exit_code = 1


class NoPaper(ReadlistError):
    """A file or page can be read, and no loader finds a paper in it."""


class UsageError(ReadlistError):
    """The words of a command are off: a bad date, an unknown status, a missing argument."""

    exit_code = 2


class QueryError(UsageError):
    """A query that cannot be read: `column` (0-based, in characters of `query`) is where it went wrong."""

    def __init__(self, message: str, query: str, column: int) -> None:
        super().__init__(message)
        self.query = query
        self.column = column


class NoSuchItem(ReadlistError):
    """No paper answers to this id, range, key or arXiv id."""

    exit_code = 3


class StoreError(ReadlistError):
    """A store file is damaged or was written by a newer readlist; nothing was written over it."""

    exit_code = 4


class Busy(ReadlistError):
    """Another readlist held the library's lock for as long as we were willing to wait."""

    exit_code = 5
