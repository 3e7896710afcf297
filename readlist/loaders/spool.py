"""The papers of one load, most of them in a temporary file: 100,000 of them take 300 MB as objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, starmap
from operator import attrgetter
from typing import Any, overload

from readlist.models import Paper
from readlist.unnamed_file import UnnamedFile

MAX_IN_MEMORY = 2_000
"""Papers that are kept as objects: 6 MB."""
_get_fields = attrgetter(*Paper.__dataclass_fields__)


def pack_papers(papers: Iterable[Paper]) -> list[tuple[Any, ...]]:
    """Return the values of papers: to pickle these takes a fraction of the time that the papers take."""
    return list(map(_get_fields, papers))


def unpack_papers(packed: Iterable[tuple[Any, ...]]) -> Iterator[Paper]:
    """Return the papers with these values."""
    return (Paper(*values) for values in packed)


class SpooledPapers(Sequence[Paper]):
    """Papers in the order in which they were added; iterating over them again reads the file again.

    The file has no name, so that nothing is left of it. Where it cannot be written, the papers stay in memory.
    """

    def __init__(self) -> None:
        self._file: UnnamedFile | None = None
        self._places: list[tuple[int, int]] = []
        self._written = 0
        self._recent: list[Paper] = []
        self._limit: float = MAX_IN_MEMORY

    def extend(self, papers: Iterable[Paper]) -> None:
        """Add papers."""
        self._recent += papers
        if len(self._recent) > self._limit:
            try:
                self._write()
            except OSError:
                self._limit = float("inf")

    def __len__(self) -> int:
        return self._written + len(self._recent)

    @overload
    def __getitem__(self, index: int) -> Paper: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Paper, ...]: ...

    def __getitem__(self, index: int | slice) -> Paper | tuple[Paper, ...]:
        """Return papers by their numbers; reads those before them."""
        if isinstance(index, slice):
            return tuple(self)[index]
        number = range(len(self))[index]
        return next(islice(self, number, None))

    def __iter__(self) -> Iterator[Paper]:
        return chain(chain.from_iterable(starmap(self._read, self._places)), self._recent)

    def _write(self) -> None:
        import pickle  # not at start-up: few loads are so large

        self._file = self._file or UnnamedFile()
        data = pickle.dumps(pack_papers(self._recent), pickle.HIGHEST_PROTOCOL)
        self._places.append((self._file.append(data), len(data)))
        self._written += len(self._recent)
        self._recent = []

    def _read(self, offset: int, length: int) -> Iterator[Paper]:
        import pickle

        assert self._file is not None  # noqa: S101 -- something was written
        return unpack_papers(pickle.loads(self._file.read(offset, length)))  # noqa: S301 -- of this process
