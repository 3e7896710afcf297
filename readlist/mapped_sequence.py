"""MappedSequence: the papers and entries of a change, which are not all in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, overload

_T = TypeVar("_T")


class MappedSequence(Sequence[_T]):
    """What a function returns for each item of a sequence, called each time that it is asked for.

    Of 100,000 papers that were loaded, few are printed.
    """

    def __init__(self, function: Callable[[Any], _T], items: Sequence[Any]) -> None:
        self._function = function
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> _T: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[_T, ...]: ...

    def __getitem__(self, index: int | slice) -> _T | tuple[_T, ...]:
        if isinstance(index, slice):
            return tuple(map(self._function, self._items[index]))
        return self._function(self._items[index])

    def __iter__(self) -> Iterator[_T]:
        return map(self._function, self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as of every sequence that is not a tuple
