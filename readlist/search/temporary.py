"""An index in memory, of papers that the index of the library does not have: deleted ones, and those of a load."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from readlist.search.index.tables import filling, insert_entries, upsert_definitions

if TYPE_CHECKING:
    from readlist.definitions import UserDefinitions
    from readlist.models import Entry


@contextlib.contextmanager
def index_entries(entries: Iterable[Entry], definitions: UserDefinitions) -> Iterator[sqlite3.Connection]:
    """Open an index of these entries, whether they are deleted or not; every function of `search` can read it.

    The IDs must differ. `definitions` are the renamed tags and the synonyms that its queries use.
    """
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with filling(connection):
            insert_entries(connection, entries)
            upsert_definitions(connection, definitions)
        yield connection
