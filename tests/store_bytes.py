"""The bytes of a store file with given tables, as a change would save them."""

from __future__ import annotations

from readlist.store.format import AnyTables
from readlist.store.serialization import Serialization


def serialize(tables: AnyTables) -> bytes:
    """Return the bytes of a store file with these tables."""
    serialization = Serialization(tables)
    text = b"".join(chunk if isinstance(chunk, bytes) else chunk.read() for chunk in serialization.chunks())
    head = serialization.head()
    return head + text[len(head) :]
