"""Query -> SQL: the one compilation that every command uses.

Words that stand at the top become one FTS5 expression, which drives the search; everything else, words inside
a mixed OR or a NOT too, becomes a condition on the rows of `papers`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from readlist.search.expansion import Variant
from readlist.search.index.schema import COLUMN_OF, HAS
from readlist.search.query.ast import All, Any, No, Query, Span, Text, Value

Readings: TypeAlias = Callable[[Text], Sequence[Variant]]
"""What each text of the query means."""

_WIDE = 16
"""Conditions that are joined in one chain; each takes a level of the 1,000 that SQLite allows, or two in a subquery."""
_TAGGED = "p.id IN (SELECT id FROM tags WHERE tag = ifnull((SELECT tag FROM aliases WHERE name = ?), ?))"
"""The old name of a renamed tag finds what its new one does."""
_NOTHING = '"##"'
"""An FTS5 expression that no paper answers: "##" is not a token."""


class Condition(NamedTuple):
    """`match` is an FTS5 expression, "" for none; `where` a condition on papers `p` with its `values`."""

    match: str
    where: str
    values: tuple[str | int, ...] = ()

    @property
    def source(self) -> str:
        """FROM and WHERE of a statement that selects the papers; `arguments` go with it."""
        if self.match:
            return f"FROM words CROSS JOIN papers p ON p.id = words.rowid WHERE words MATCH ? AND {self.where}"
        return f"FROM papers p WHERE {self.where}"

    @property
    def arguments(self) -> tuple[str | int, ...]:
        """The values for the placeholders of `source`."""
        return (self.match, *self.values) if self.match else self.values


EVERY_PAPER = Condition("", "1")


def parts_of(query: Query) -> tuple[Query, ...]:
    """The parts that a paper must all answer."""
    return query.parts if isinstance(query, All) else (query,)


def is_text(query: Query) -> bool:
    """Whether `query` is made of words alone, none of them negated."""
    if isinstance(query, All | Any):
        return bool(query.parts) and all(map(is_text, query.parts))
    return isinstance(query, Text)


def compiled(query: Query, readings: Readings, column: str = "") -> Condition:
    """`query` as SQL; with `column` its words must stand in that column of `words`."""
    texts = [part for part in parts_of(query) if is_text(part)]
    others = [part for part in parts_of(query) if not is_text(part)]
    match = " AND ".join(expression(part, readings) for part in texts)
    if match and column:
        match = f"{{{column}}} : ({match})"
    return Condition(match, *_joined([_condition(part, readings) for part in others], " AND "))


def with_most_of(texts: Sequence[Text], rest: Condition, readings: Readings, ids: Sequence[int]) -> Condition:
    """The papers `ids`, which hold the most of `texts`, as far as they answer `rest`."""
    match = " OR ".join(expression(text, readings) for text in texts)
    among = "p.id IN (SELECT value FROM json_each(?))"
    return Condition(
        f"({match})" + (f" AND {rest.match}" if rest.match else ""),
        f"{among} AND {rest.where}",
        (f"[{','.join(map(str, ids))}]", *rest.values),
    )


def expression(query: Query, readings: Readings) -> str:
    """A query made of words alone as an FTS5 expression."""
    if isinstance(query, All | Any):
        operator = " AND " if isinstance(query, All) else " OR "
        return f"({operator.join(expression(part, readings) for part in query.parts)})"
    assert isinstance(query, Text)  # noqa: S101 -- the callers asked is_text
    meant = " OR ".join(map(_phrase, readings(query))) or _NOTHING
    return f"{{{COLUMN_OF[query.field]}}} : ({meant})" if query.field else f"({meant})"


def _phrase(variant: Variant) -> str:
    star = "*" if variant.prefix else ""
    if variant.loose:
        return f"NEAR({' '.join(f'{chr(34)}{token}{chr(34)}' for token in variant.tokens)} {star}, 1)"
    return f'"{" ".join(variant.tokens)}"{star}'


_Sql: TypeAlias = tuple[str, tuple[str | int, ...]]


def _condition(query: Query, readings: Readings) -> _Sql:
    match query:
        case All(parts) | Any(parts):
            joined = [_condition(part, readings) for part in parts]
            sql, values = _joined(joined, " AND " if isinstance(query, All) else " OR ")
            return f"({sql})", values
        case No(part):
            sql, values = _condition(part, readings)
            return f"NOT {sql}", values
        case Text():
            return "p.id IN (SELECT rowid FROM words WHERE words MATCH ?)", (expression(query, readings),)
        case Span(field, first, last):
            return _span(field, first, last)
        case Value(field, value):
            return _value(field, value)


def _joined(conditions: list[_Sql], operator: str) -> _Sql:
    """Any number of conditions as one: chains of chains, the longest condition first.

    What stands before a parenthesis waits on the stack of SQLite's parser, which has a hundred places.
    """
    parts = sorted(conditions, key=lambda condition: -len(condition[0]))
    while len(parts) > _WIDE:
        chains = [_chain(parts[start : start + _WIDE], operator) for start in range(0, len(parts), _WIDE)]
        parts = [(f"({sql})", values) for sql, values in chains]
    return _chain(parts, operator)


def _chain(conditions: Sequence[_Sql], operator: str) -> _Sql:
    sql = operator.join(sql for sql, _ in conditions) or "1"
    return sql, tuple(value for _, values in conditions for value in values)


def _value(field: str, value: str) -> _Sql:
    match field:
        case "tag":
            return _TAGGED, (value, value)
        case "is":
            return ("p.starred", ()) if value == "starred" else ("p.status = ?", (value,))
        case "has":
            return "p.has & ?", (HAS[value],)
        case "id":
            first, _, last = value.partition("-")
            return "p.id BETWEEN ? AND ?", (int(first), int(last or first))
        case "url":
            return "instr(p.urls, ?)", (value.casefold(),)
        case _:
            return f"p.{field} = ?", (value,)


def _span(field: str, first: dt.date | None, last: dt.date | None) -> _Sql:
    if field == "read":
        end = last + dt.timedelta(days=1) if last and last < dt.date.max else None
        bounds = _bounds("p.status_at", moment(first), moment(end), inclusive=False)
        return f"(p.status = 'read' AND {bounds[0]})", bounds[1]
    days = (first.isoformat() if first else None, last.isoformat() if last else None)
    if field == "added":
        return _bounds("p.added", *days)
    sql, values = _bounds("date", *days)
    return f"p.id IN (SELECT id FROM appearances WHERE {sql})", values  # noqa: S608 -- constants


def _bounds(column: str, first: str | None, last: str | None, inclusive: bool = True) -> _Sql:
    given = [(sql, value) for sql, value in ((">= ?", first), ("<= ?" if inclusive else "< ?", last)) if value]
    sql = " AND ".join([f"{column} <> ''", *(f"{column} {sql}" for sql, _ in given)])
    return f"({sql})", tuple(value for _, value in given)


def moment(day: dt.date | None) -> str | None:
    """The UTC time at which `day` begins by the reader's own clock, written as the index writes times."""
    if day is None:
        return None
    try:
        begins = dt.datetime.combine(day, dt.time()).astimezone()
        return begins.astimezone(dt.UTC).isoformat()
    except (OverflowError, OSError, ValueError):  # the first and last days of the calendar, and years before 1970
        return f"{day.isoformat()}T00:00:00+00:00"
