"""Serialize the tables of a store file to the bytes that `format` describes.

The metadata come first and have the checksums of the tables, which are known when the tables have been written: so the
first bytes are written again at the end. Their length does not depend on the checksums.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from readlist.store.checksums import combine
from readlist.store.format import META, META_ID
from readlist.store.record_lines import COMMA, END, TableSum, encode_line, heading, id_order, table_seed
from readlist.store.stored_table import StoredTable

if TYPE_CHECKING:
    from readlist.store.atomic import FileRange
    from readlist.store.format import AnyTables, Record

_BATCH = 512
"""Records that are serialized at once, so that they are never all in memory."""


class Serialization:
    """The bytes of one store file, for `atomic.write_and_fsync`."""

    def __init__(self, tables: AnyTables) -> None:
        self._tables = {name: records for name, records in tables.items() if name != META}
        self._metadata = tables[META]
        self._sums = {name: TableSum(0, 0, len(records)) for name, records in self._tables.items()}

    def chunks(self) -> Iterator[bytes | FileRange]:
        """Yield the bytes of the file, the first ones without the checksums."""
        yield self.head()
        for name, records in self._tables.items():
            yield heading(name, is_first=False)
            checksum = size = 0
            for chunk in _chunks(name, records):
                if isinstance(chunk, bytes):
                    checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
                else:
                    checksum, size = combine(checksum, chunk.checksum, chunk.length), size + chunk.length
                yield chunk
            self._sums[name] = TableSum(checksum, size, len(records))
        yield END

    def head(self) -> bytes:
        """Return the first bytes of the file, with the checksums of the tables that were serialized."""
        records = dict(self._metadata)
        if META_ID in records:
            sums = {name: known.encode() for name, known in self._sums.items()}
            records[META_ID] = {**records[META_ID], "tables": sums}
        return heading(META, is_first=True) + b"".join(_batches(records, table_seed(META)))


def _chunks(name: str, records: Mapping[str, Record]) -> Iterator[bytes | FileRange]:
    if isinstance(records, StoredTable) and records.is_copied:
        return records.chunks()
    return _batches(records, table_seed(name))


def _batches(records: Mapping[str, Record], seed: int) -> Iterator[bytes]:
    ids = sorted(records, key=id_order)
    for start in range(0, len(ids), _BATCH):
        before = [b""] if start else []  # a comma after the last batch
        yield COMMA.join(before + [encode_line(id_, records[id_], seed) for id_ in ids[start : start + _BATCH]])
