"""A connection with the tables that query expansion reads, filled by a test."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from readlist.search.index import rows, schema, word_lists


@contextlib.contextmanager
def vocabulary(
    words: Iterable[str], acronyms: Mapping[tuple[str, str], int] | None = None
) -> Iterator[sqlite3.Connection]:
    """Return a connection to an index in memory whose papers have `words`, a paper each, and define `acronyms`."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        schema.create_tables(connection)
        distinct = list(dict.fromkeys(words))
        connection.executemany(schema.COUNT_WORD, ((word, 1) for word in distinct))
        word_lists.insert(connection, sorted(distinct))
        connection.executemany(schema.INSERT_SOUND, rows.sound_rows(distinct))
        pairs = (acronyms or {}).items()
        connection.executemany(schema.COUNT_ACRONYM, ((*definition, papers) for definition, papers in pairs))
        yield connection
