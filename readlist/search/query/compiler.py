"""Compiler: syntax tree -> SQL, the one compilation that every command uses.

Words at the top level become one FTS5 expression, which drives the search; everything else, words inside a mixed OR or
a NOT included, becomes a condition on the rows of `papers`. What a text expands to is decided by `planner`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, assert_never

from readlist.models import Status
from readlist.search.fields import FIELD_COLUMN, FIELDS, Field, Kind
from readlist.search.index.schema import HAS_BITS
from readlist.search.query.ast import (
    And,
    ByPerson,
    DateRange,
    FieldEquals,
    NewPapers,
    Not,
    OfPerson,
    Or,
    Query,
    Text,
    conjuncts,
    is_text,
)
from readlist.search.query.days import select_dates, select_times

if TYPE_CHECKING:
    import datetime as dt

    from readlist.search.expansion.variants import Variant

Sql: TypeAlias = tuple[str, tuple[str | int, ...]]
"""A condition, and the values for its placeholders."""
Expansions: TypeAlias = "Callable[[Text], Sequence[Variant]]"
"""Returns the variants that a text of the query matches."""

_MAX_CHAIN = 16
"""Conditions joined in one chain; each takes a level of the 1,000 that SQLite allows, or two in a subquery."""
_HAS_TAG = "p.id IN (SELECT id FROM tags WHERE tag = ifnull((SELECT tag FROM aliases WHERE name = ?), ?))"
"""The old name of a renamed tag matches what its new name does."""
_STATE_CONDITIONS = {
    **{status.value: f"p.status = '{status.value}'" for status in Status},
    "starred": "p.starred",
    "later": "p.later IS NOT NULL",
    "deleted": "0",
}
"""The conditions of the values of `is:`; `papers` has no deleted paper, see `deleted_papers`."""
_STATUS_CONDITIONS = {
    Status.UNREAD.value: "p.id NOT IN (SELECT id FROM papers WHERE status IN ('reading', 'read', 'skipped'))",
    Status.READING.value: "p.id IN (SELECT id FROM papers WHERE status = 'reading')",
    Status.READ.value: "p.id IN (SELECT id FROM papers WHERE status = 'read')",
    Status.SKIPPED.value: "p.id IN (SELECT id FROM papers WHERE status = 'skipped')",
}
"""Those of a status for papers with the words of a query: few papers have a mark, and no row of `papers` is read."""
_OTHER_COLUMN = r"\bp\.(?!id\b)"
"""A column of `papers` other than the ID, in a condition; no other table is called "p" in any."""
_HAS_SOURCE = "p.id IN (SELECT id FROM appearances WHERE instr(lower(source), lower(?)))"
_ONE_WORD = r'\("([^" ]+)"\)'
"""What `match_any` returns for one token."""
_MATCH_NOTHING = '"##"'
"""An FTS5 expression that matches no paper: "##" is not a token."""
_TIME_CONDITIONS = {
    "loaded": "1",
    "read": "p.status = 'read'",
    "starred": "p.starred",
    "noted": f"p.has & {HAS_BITS['note']}",
    "later": _STATE_CONDITIONS["later"],
}
"""What still has to hold for a time to count, by the field."""
_IN_NEWEST_DIGEST = """p.id IN (
    SELECT id FROM appearances WHERE source <> ''
    AND date = (SELECT date FROM appearances WHERE source <> '' ORDER BY date DESC LIMIT 1)
)"""
"""A paper that was added by hand is in no digest."""
_IN_DIGEST = "p.id IN (SELECT id FROM appearances WHERE source <> '')"


class Condition(NamedTuple):
    """What a statement selects: an FTS5 expression `match`, "" for none, and a condition `where` on papers `p`."""

    match: str
    where: str
    values: tuple[str | int, ...] = ()

    @property
    def source(self) -> str:
        """FROM and WHERE of a statement that selects the papers; `arguments` are its values."""
        if self.match:
            return f"FROM words CROSS JOIN papers p ON p.id = words.rowid WHERE words MATCH ? AND {self.where}"
        return f"FROM papers p WHERE {self.where}"

    @property
    def shortest_source(self) -> str:
        """FROM and WHERE without `papers` where words and IDs decide: the join is slow for a frequent word."""
        if not self.match or re.search(_OTHER_COLUMN, self.where):
            return self.source
        # Without "+" SQLite would run the full-text search for each ID of a subquery.
        return f"FROM words WHERE words MATCH ? AND {self.where.replace('p.id', '+words.rowid')}"

    @property
    def token(self) -> str:
        """The token of a condition that selects all papers that have one, "" for other conditions."""
        match = re.fullmatch(_ONE_WORD, self.match) if self.where == MATCH_ALL.where else None
        return match[1] if match else ""

    @property
    def arguments(self) -> tuple[str | int, ...]:
        """The values for the placeholders of `source`."""
        return (self.match, *self.values) if self.match else self.values


MATCH_ALL = Condition("", "1")


def compile_query(query: Query, expansions: Expansions, column: str = "") -> Condition:
    """Compile `query`; with `column` its words must match in that full-text column."""
    texts = [part for part in conjuncts(query) if is_text(part)]
    others = [part for part in conjuncts(query) if not is_text(part)]
    match = " AND ".join(_match_expression(part, expansions) for part in texts)
    if match and column:
        match = f"{{{column}}} : ({match})"
    conditions = [_compile_filter(part, expansions) if match else _compile(part, expansions) for part in others]
    return Condition(match, *_join(conditions, " AND "))


def compile_filters(query: Query) -> Condition:
    """Compile a query without words."""
    return compile_query(query, lambda _: ())


def match_any(variants: Iterable[Variant], column: str = "") -> str:
    """Return an FTS5 expression for any of `variants`; with `column` only in that full-text column."""
    expression = " OR ".join(map(_variant_expression, variants)) or _MATCH_NOTHING
    return f"{{{column}}} : ({expression})" if column else f"({expression})"


# FTS5 expressions


def _match_expression(query: Query, expansions: Expansions) -> str:
    """Compile a query of words alone to an FTS5 expression."""
    if isinstance(query, And | Or):
        operator = " AND " if isinstance(query, And) else " OR "
        return f"({operator.join(_match_expression(part, expansions) for part in query.parts)})"
    assert isinstance(query, Text)  # noqa: S101 -- callers check is_text
    return match_any(expansions(query), FIELD_COLUMN.get(query.field, ""))


def _variant_expression(variant: Variant) -> str:
    star = "*" if variant.is_prefix else ""
    if variant.is_unordered:
        return f"NEAR({' '.join(f'{chr(34)}{token}{chr(34)}' for token in variant.tokens)} {star}, 1)"
    return f'"{" ".join(variant.tokens)}"{star}'


# Conditions on papers


def _compile(query: Query, expansions: Expansions) -> Sql:
    sql: str
    values: tuple[str | int, ...]
    match query:
        case And(parts) | Or(parts):
            operator = " AND " if isinstance(query, And) else " OR "
            sql, values = _join([_compile(part, expansions) for part in parts], operator)
            sql = f"({sql})"
        case Not(part):
            sql, values = _compile(part, expansions)
            sql = f"NOT {sql}"
        case Text():
            sql, values = (
                "p.id IN (SELECT rowid FROM words WHERE words MATCH ?)",
                (_match_expression(query, expansions),),
            )
        case DateRange(field, first, last):
            sql, values = _compile_dates(FIELDS[field], first, last)
        case NewPapers():
            sql, values = _compile_new(query)
        case FieldEquals(field, value) if field != "by":
            sql, values = _compile_value(FIELDS[field], value)
        case FieldEquals() | ByPerson() | OfPerson():
            sql, values = _compile_others(query, expansions)
    return sql, values


def _compile_filter(query: Query, expansions: Expansions) -> Sql:
    """Compile a condition on the papers that have the words of a query."""
    match query:
        case FieldEquals("is", value) if value in _STATUS_CONDITIONS:
            return _STATUS_CONDITIONS[value], ()
        case _:
            return _compile(query, expansions)


def _compile_others(query: FieldEquals | ByPerson | OfPerson, expansions: Expansions) -> Sql:
    """Compile conditions on the marks of others, by `people`, which is imported only for such."""
    from readlist.search.query import people

    match query:
        case FieldEquals(_, person):
            return people.compile_marked(person)
        case ByPerson(person, terms) if terms == And():
            return people.compile_marked(person)
        case ByPerson(person, terms):
            return people.compile_satisfying(person, _compile(terms, expansions))
        case OfPerson(term):
            return people.compile_term(term)


def _join(conditions: list[Sql], operator: str) -> Sql:
    """Join any number of conditions: chains of chains, the longest condition first.

    What precedes a parenthesis waits on the stack of SQLite's parser, which has a hundred places.
    """
    parts = sorted(conditions, key=lambda condition: -len(condition[0]))
    while len(parts) > _MAX_CHAIN:
        chains = [
            _join_chain(parts[start : start + _MAX_CHAIN], operator) for start in range(0, len(parts), _MAX_CHAIN)
        ]
        parts = [(f"({sql})", values) for sql, values in chains]
    return _join_chain(parts, operator)


def _join_chain(conditions: Sequence[Sql], operator: str) -> Sql:
    sql = operator.join(sql for sql, _ in conditions) or "1"
    return sql, tuple(value for _, values in conditions for value in values)


def _compile_value(field: Field, value: str) -> Sql:
    values: tuple[str | int, ...]
    match field.kind:
        case Kind.EXACT | Kind.ARXIV_ID | Kind.DOI:
            sql, values = f"p.{field.column} = ?", (value,)
        case Kind.STATE:
            sql, values = _STATE_CONDITIONS[value], ()
        case Kind.TAG:
            sql, values = _HAS_TAG, (value, value)
        case Kind.PRESENCE:
            sql, values = f"p.{field.column} & ?", (HAS_BITS[value],)
        case Kind.ID_RANGE:
            first, _, last = value.partition("-")
            sql, values = f"p.{field.column} BETWEEN ? AND ?", (int(first), int(last or first))
        case Kind.SUBSTRING:
            sql, values = f"instr(p.{field.column}, ?)", (value.casefold(),)
        case Kind.SOURCE:
            sql, values = _HAS_SOURCE, (value,)
        case Kind.DIGEST_DATE:  # the last one: other dates are ranges
            sql, values = _IN_NEWEST_DIGEST, ()
        case Kind.TEXT | Kind.FIRST_DATE | Kind.TIME | Kind.PERSON:
            raise AssertionError(f"{field.name} is not compared with a value")
        case _:
            assert_never(field.kind)
    return sql, values


def _compile_new(query: NewPapers) -> Sql:
    if query.since is None:
        return _IN_NEWEST_DIGEST, ()
    values = (query.since,)
    if not query.or_newest_digest:
        return f"(p.id > ? AND {_IN_DIGEST})", values
    any_new = "EXISTS (SELECT 1 FROM appearances WHERE source <> '' AND id > ?)"
    return f"(p.id > ? AND {_IN_DIGEST} OR NOT {any_new} AND {_IN_NEWEST_DIGEST})", (*values, *values)


def _compile_dates(field: Field, first: dt.date | None, last: dt.date | None) -> Sql:
    if field.kind is Kind.TIME:
        sql, values = select_times(f"p.{field.column}", first, last)
        return f"({_TIME_CONDITIONS[field.name]} AND {sql})", values
    if field.kind is Kind.FIRST_DATE:
        return select_dates(f"p.{field.column}", first, last)
    sql, values = select_dates("date", first, last)
    return f"p.id IN (SELECT id FROM appearances WHERE {sql})", values  # noqa: S608 -- constants and placeholders
