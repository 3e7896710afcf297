"""Terms of one field: `field:value` -> a node of the syntax tree, with the value checked and normalized.

Used by `parser` for terms that are typed, and by the command line for its options (`--tag RL` is `tag:RL`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, assert_never

from readlist.errors import UsageError
from readlist.search.fields import FIELDS, LAST_DIGEST, Field, Kind
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
)
from readlist.search.query.identifiers import parse_identifier
from readlist.search.query.lexer import SourcePosition
from readlist.search.tokens import replace_surrogates
from readlist.text import fold_tag, parse_arxiv_id

if TYPE_CHECKING:
    import datetime as dt

MAX_TYPING_ERRORS = 2
"""Typing errors up to which a known name is suggested; half of that for names of up to _SHORT_NAME letters."""
_SHORT_NAME = 4
_ID_RANGE = r"[0-9]{1,9}(?:-[0-9]{1,9})?"


def parse_term(field: str, value: str, today: dt.date | None = None) -> Query:
    """Parse the term `field:value`, with any characters in the value. Raises QueryError."""
    value = replace_surrogates(value)
    return build_term(FIELDS[field], value, today, SourcePosition(value, 0))


def build_term(field: Field, value: str, today: dt.date | None, position: SourcePosition) -> Query:
    """Build the node for `field:value`; `position` is that of the value. Raises QueryError."""
    match field.kind:
        case Kind.TEXT:
            return Text(value, field.name)
        case Kind.DIGEST_DATE | Kind.FIRST_DATE | Kind.TIME:
            return _parse_dates(field, value, today, position)
        case Kind.TAG:
            value = fold_tag(value)
        case Kind.STATE | Kind.PRESENCE:
            value = _choose_value(field, value, position)
        case Kind.ID_RANGE:
            if not re.fullmatch(_ID_RANGE, value):
                raise position.error(f"invalid ID: {value}; use id:12 or id:15-18")
        case Kind.ARXIV_ID:
            value = parse_arxiv_id(value) or value
        case Kind.DOI:
            return parse_identifier(value) or FieldEquals(field.name, value.casefold())
        case Kind.EXACT | Kind.SUBSTRING | Kind.SOURCE | Kind.PERSON:
            pass
        case _:
            assert_never(field.kind)
    return NewPapers() if (field.name, value) == ("is", "new") else FieldEquals(field.name, value)


def format_term(query: Query) -> str:
    """Return a query as one could type it, in parentheses where it has several parts."""
    match query:
        case Text(text, field, phrase):
            value = f'"{text}"' if phrase or not re.fullmatch(r"[^\s()]+", text) else text
            formatted = f"{field}:{value}" if field else value
        case FieldEquals(field, value):
            formatted = f'{field}:"{value}"' if re.search(r"[\s()]", value) else f"{field}:{value}"
        case DateRange(field, first, last):
            formatted = f"{field}:{first}" if first == last else f"{field}:{first or ''}..{last or ''}"
        case NewPapers(or_newest_digest):
            formatted = "@today" if or_newest_digest else "is:new"
        case Not(part) | OfPerson(part):
            formatted = f"{'-' * isinstance(query, Not)}{format_term(part)}"
        case And(parts) | Or(parts):
            formatted = f"({(' ' if isinstance(query, And) else ' OR ').join(map(format_term, parts))})"
        case ByPerson(person, terms):
            formatted = f"({' '.join(map(format_term, (FieldEquals('by', person), *conjuncts(terms))))})"
        case _:
            assert_never(query)
    return formatted


def closest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the one of `known` that `name` is probably a misspelling of, None where there is none."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    ranked = process.extract(name[:40], tuple(known), scorer=OSA.distance, score_cutoff=MAX_TYPING_ERRORS, limit=None)
    # "his:" is not a misspelling of "is:"
    return next((other for other, errors, _ in ranked if errors <= _max_errors(other)), None)


def _max_errors(name: str) -> float:
    return MAX_TYPING_ERRORS if len(name) > _SHORT_NAME else MAX_TYPING_ERRORS / 2


def _choose_value(field: Field, value: str, position: SourcePosition) -> str:
    name = value.casefold()
    if name in field.values:
        return name
    closest = closest_name(name, field.values)
    hint = f"did you mean {closest}?" if closest else f"use one of {', '.join(field.values)}"
    raise position.error(f"unknown value for {field.name}: {value}; {hint}")


def _parse_dates(field: Field, value: str, today: dt.date | None, position: SourcePosition) -> DateRange | FieldEquals:
    import datetime as dt

    if field.kind is Kind.DIGEST_DATE and value.casefold() == LAST_DIGEST:
        return FieldEquals(field.name, LAST_DIGEST)

    from readlist.periods import parse_date_range

    try:
        return DateRange(field.name, *parse_date_range(value, today or dt.date.today()))
    except UsageError as error:
        raise position.error(str(error)) from error
