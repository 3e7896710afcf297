"""The entries that a change leaves different, without those of a load of 100,000 papers in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from readlist.models import Entry, Paper


class ChangedEntries(Sequence["Entry"]):
    """The entries of papers, each built when it is asked for, and after them other entries."""

    def __init__(self, papers: Sequence[Paper], build: Callable[[Paper], Entry], others: Sequence[Entry]) -> None:
        self._papers = papers
        self._build = build
        self._others = others

    def __len__(self) -> int:
        return len(self._papers) + len(self._others)

    @overload
    def __getitem__(self, index: int) -> Entry: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Entry, ...]: ...

    def __getitem__(self, index: int | slice) -> Entry | tuple[Entry, ...]:
        if isinstance(index, slice):
            return tuple(self)[index]
        number = range(len(self))[index]
        is_other = number >= len(self._papers)
        return self._others[number - len(self._papers)] if is_other else self._build(self._papers[number])

    def __iter__(self) -> Iterator[Entry]:
        return chain(map(self._build, self._papers), self._others)
