"""Inserting rows of `words` in a second thread, while the caller prepares the next ones.

FTS5 takes half of the time of a build. SQLite runs without the interpreter's lock until a statement returns, so one
statement inserts many rows: with a statement for each row, the thread would wait for the lock as often.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Self

from readlist.search.index import schema

if TYPE_CHECKING:
    from threading import Thread

    from readlist.search.index.rows import Row


class TextWriter:
    """Inserts rows of `words` with a connection that was opened with `check_same_thread=False`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._thread: Thread | None = None
        self._failure: Exception | None = None
        limit = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        self._rows_per_statement = max(1, limit // (1 + len(schema.COLUMNS)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        """Let the thread end; raises what inserting the last rows raised, unless the block raised already."""
        try:
            self.wait()
        except Exception:
            if kind is None:
                raise

    def start(self, texts: Sequence[Row]) -> None:
        """Begin to insert these rows; until `wait` returns, the connection may not be used for anything else."""
        from threading import Thread

        self._thread = Thread(target=self._insert, args=(texts,))
        self._thread.start()

    def wait(self) -> None:
        """Return when the rows that were begun last are inserted; raises what inserting them raised."""
        if self._thread:
            self._thread.join()
            self._thread = None
        if failure := self._failure:
            self._failure = None
            raise failure

    def _insert(self, texts: Sequence[Row]) -> None:
        try:
            remaining = iter(texts)
            while rows := list(islice(remaining, self._rows_per_statement)):
                self._connection.execute(schema.insert_texts(len(rows)), list(chain.from_iterable(rows)))
        except Exception as failure:  # noqa: BLE001 -- `wait` raises it
            self._failure = failure
