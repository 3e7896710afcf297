"""Sources and documents, saved queries, renamed tags and synonyms, as the index has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from readlist.definitions import UserDefinitions
from readlist.search.index.definition_rows import (
    decode_alias,
    decode_document,
    decode_query,
    decode_source,
    decode_synonyms,
)
from readlist.search.tokens import replace_surrogates
from readlist.sources import Provenance

if TYPE_CHECKING:
    import sqlite3


def read_provenance(connection: sqlite3.Connection, keys: Iterable[str] | None = None) -> Provenance:
    """Return where the papers came from.

    Given `keys`, only the documents whose location, name or version is one of them.
    """
    sql, values = "SELECT * FROM documents", list[str]()
    if keys is not None:
        values = list(map(replace_surrogates, keys))
        numbered = f"({','.join(f'?{number}' for number in range(1, len(values) + 1))})"
        sql += " WHERE " + " OR ".join(f"{column} IN {numbered}" for column in ("location", "name", "version"))
    documents = [decode_document(*row) for row in connection.execute(sql, values)]
    sources = [decode_source(*row) for row in connection.execute("SELECT * FROM sources")]
    return Provenance(
        {document.location: document for document in documents}, {source.location: source for source in sources}
    )


def read_definitions(connection: sqlite3.Connection) -> UserDefinitions:
    """Return the saved queries, the renamed tags and the synonyms."""
    queries = [decode_query(*row) for row in connection.execute("SELECT * FROM queries")]
    aliases = [decode_alias(*row) for row in connection.execute("SELECT * FROM aliases")]
    synonyms = dict(decode_synonyms(*row) for row in connection.execute("SELECT * FROM synonyms"))
    return UserDefinitions({query.name: query for query in queries}, {alias.old: alias for alias in aliases}, synonyms)
