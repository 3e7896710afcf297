"""The syntax tree of a query: frozen, hashable values, independent of how the query was typed.

They are named tuples, which are far faster to define at start-up than dataclasses. Named tuples with the same values
are equal, also those of different classes; so `And`, `Or` and `Not` have the operator as a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, TypeGuard

if TYPE_CHECKING:
    import datetime as dt


class Text(NamedTuple):
    """Words as typed; `field` restricts them to one field, `phrase` matches them literally, without corrections."""

    text: str
    field: str = ""
    phrase: bool = False


class FieldEquals(NamedTuple):
    """A field that has exactly this value: tag, id, key, arxiv, doi, url, is, has."""

    field: str
    value: str


class DateRange(NamedTuple):
    """A date field between two days, both included; None is open."""

    field: str
    first: dt.date | None
    last: dt.date | None


class OfPerson(NamedTuple):
    """A term on marks that means the mark of the person of the `ByPerson` around it: FieldEquals, DateRange or Text."""

    term: Query


class ByPerson(NamedTuple):
    """A person whose mark satisfies `terms`, in which OfPerson are; any other person where it is ANYONE.

    Without terms, which are And() then, a person who has a mark.
    """

    person: str
    terms: Query


class NewPapers(NamedTuple):
    """Papers of digests with an ID above `since`, the last one that the user has seen, None where that is none.

    With `or_newest_digest` the papers of the newest digest, where nothing is new; they are also what is new to a user
    who has seen nothing. `since` is known only in a library: `Library` sets it.
    """

    or_newest_digest: bool = False
    since: int | None = None


class And(NamedTuple):
    """All parts match; without parts: every paper."""

    parts: tuple[Query, ...] = ()
    operator: Literal["AND"] = "AND"


class Or(NamedTuple):
    """At least one part matches."""

    parts: tuple[Query, ...]
    operator: Literal["OR"] = "OR"


class Not(NamedTuple):
    """The part does not match."""

    part: Query
    operator: Literal["NOT"] = "NOT"


Query: TypeAlias = Text | FieldEquals | DateRange | NewPapers | ByPerson | OfPerson | And | Or | Not


def all_of(queries: Iterable[Query]) -> Query:
    """Combine queries with AND; without queries the result matches every paper."""
    parts: list[Query] = []
    for query in queries:
        parts += query.parts if isinstance(query, And) else (query,)
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def any_of(queries: Iterable[Query]) -> Query:
    """Combine queries with OR; without queries, no restriction: the result matches every paper."""
    parts = tuple(queries)
    return And() if not parts else parts[0] if len(parts) == 1 else Or(parts)


def conjuncts(query: Query) -> tuple[Query, ...]:
    """Return the parts that must all match."""
    return query.parts if isinstance(query, And) else (query,)


def with_new_since(query: Query, get_since: Callable[[], int | None]) -> Query:
    """Return the query with the last ID that is not new; it is asked for only where it matters."""
    match query:
        case NewPapers(or_newest_digest):
            return NewPapers(or_newest_digest, get_since())
        case And(parts):
            return And(tuple(with_new_since(part, get_since) for part in parts))
        case Or(parts):
            return Or(tuple(with_new_since(part, get_since) for part in parts))
        case Not(part):
            return Not(with_new_since(part, get_since))
        case ByPerson(person, terms):
            return ByPerson(person, with_new_since(terms, get_since))
        case _:
            return query


def is_text(query: Query) -> bool:
    """Return whether `query` consists of words alone, none of them negated."""
    if isinstance(query, And | Or):
        return bool(query.parts) and all(map(is_text, query.parts))
    return isinstance(query, Text)


def is_plain(query: Query) -> TypeGuard[Text]:
    """Return whether `query` is a word as typed, without a field and not in quotes."""
    return isinstance(query, Text) and not query.field and not query.phrase


def iter_texts(query: Query, *, negated: bool = True) -> Iterator[Text]:
    """Yield the texts in `query`, those below a NOT only if `negated`."""
    match query:
        case Text():
            yield query
        case And(parts) | Or(parts):
            for part in parts:
                yield from iter_texts(part, negated=negated)
        case Not(part) if negated:
            yield from iter_texts(part)
        case ByPerson(_, terms):
            yield from iter_texts(terms, negated=negated)
