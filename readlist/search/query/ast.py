"""What a query is made of: frozen, hashable, and joined without knowing how it was typed.

The leaves are named tuples, which are made in a seventh of the time (see `models`); a node with parts is not, because
All and Any of the same parts would be equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import datetime as dt


class Text(NamedTuple):
    """Words as they were typed; `field` narrows them to one, `phrase` takes them as they stand, without typos."""

    text: str
    field: str = ""
    phrase: bool = False


class Value(NamedTuple):
    """A field that holds exactly this: tag, id, key, arxiv, url, is, has."""

    field: str
    value: str


class Span(NamedTuple):
    """A date field between two days, both included; None is open."""

    field: str
    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True, slots=True)
class All:
    """Every part; without parts: every paper."""

    parts: tuple[Query, ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class No:
    """Not the part."""

    part: Query


Query: TypeAlias = Text | Value | Span | All | Any | No


def all_of(queries: Iterable[Query]) -> Query:
    """What every one of `queries` finds; every paper where there are none."""
    parts: list[Query] = []
    for query in queries:
        parts += query.parts if isinstance(query, All) else (query,)
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def any_of(queries: Iterable[Query]) -> Query:
    """What at least one of `queries` finds; every paper where there are none: no choice was made."""
    parts = tuple(queries)
    return All() if not parts else parts[0] if len(parts) == 1 else Any(parts)
