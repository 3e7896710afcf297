"""Papers that are decoded when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, overload

from readlist.errors import ReadlistError
from readlist.models import Paper
from readlist.store import paper_records
from readlist.store.packed_records import unpacked


class DecodedPapers(Sequence[Paper]):
    """Papers of records, each decoded when it is asked for: of 100,000 loaded papers, few are printed."""

    def __init__(
        self,
        records: Mapping[str, Mapping[str, Any]],
        ids: Sequence[str],
        decode: Callable[[str, Mapping[str, Any]], Paper | None] = paper_records.decode,
    ) -> None:
        """Take the papers with these IDs, in this order, from `records`, which this version wrote."""
        self._records = records
        self._ids = ids
        self._decode_record = decode

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> Paper: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Paper, ...]: ...

    def __getitem__(self, index: int | slice) -> Paper | tuple[Paper, ...]:
        if isinstance(index, slice):
            return tuple(map(self._decode, self._ids[index]))
        return self._decode(self._ids[index])

    def __iter__(self) -> Iterator[Paper]:
        return map(self._decode, self._ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as of every sequence that is not a tuple

    def _decode(self, id_: str) -> Paper:
        paper = self._decode_record(id_, unpacked(self._records[id_]))
        if paper is None:
            raise ReadlistError(f"paper cannot be decoded: {id_}; to examine the library: readlist doctor")
        return paper
