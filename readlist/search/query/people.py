"""`by:NAME` and `by:any`: the marks of other persons of a lab in a query.

Within an AND group the terms on marks mean those of the person that `by:` names, and of one and the same person for
`by:any`. They are is: (statuses and starred), tag:, note:, read:, starred:, noted: and has:note; also below NOT, and in
parentheses that have no `by:` of their own. All other terms keep their meaning; so do is:later, is:new and is:deleted,
since no queue is shared. Without such terms a paper matches that the person has any mark on.

`parser` binds the terms of a group; `compiler` compiles them with the conditions here, on a row `o` of `others`. A
paper without a row is unread, and has no star, tag or note of that person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from readlist.models import Status
from readlist.search.fields import ANYONE
from readlist.search.query.ast import (
    And,
    ByPerson,
    DateRange,
    FieldEquals,
    Not,
    OfPerson,
    Or,
    Query,
    Text,
    all_of,
    conjuncts,
)
from readlist.search.query.days import select_times
from readlist.search.tokens import phrase_key, tokenize
from readlist.text import drop_ignored

if TYPE_CHECKING:
    from readlist.search.query.compiler import Sql
    from readlist.search.query.lexer import SourcePosition

_STATES = frozenset({*(status.value for status in Status), "starred"})
"""The values of `is:` that are those of a person."""
_TIMES = {
    "read": ("o.status_at", "o.status = 'read'"),
    "starred": ("o.starred_at", "o.starred"),
    "noted": ("o.note_at", "o.note <> ''"),
}
"""The column of `others` that each date field compares, and what has to hold for it to count."""
_HAS_TAG = """EXISTS (
    SELECT 1 FROM others_tags t WHERE t.key = o.key AND t.person = o.person
    AND ifnull((SELECT tag FROM aliases WHERE name = t.tag), t.tag)
        = ifnull((SELECT tag FROM aliases WHERE name = ?), ?)
)"""
"""Tags that the person added; the user's own aliases hold for them."""


def find_person(value: str, people: Collection[str], position: SourcePosition) -> str:
    """Return the one of `people` whom the value of `by:` names, in any case, or ANYONE. Raises QueryError."""
    names = {name.casefold(): name for name in people}
    if not names:
        reason = f"nobody else shares marks with this library: by:{value}"
        raise position.error(f"{reason}; about labs: readlist help sync; for an author: author:{value}")
    name = drop_ignored(value).casefold()
    if name != ANYONE and name not in names:
        raise position.error(f"nobody else in the lab has the name {value}; use one of {', '.join([*people, ANYONE])}")
    return names.get(name, ANYONE)


# Binding


def bind_people(query: Query) -> Query:
    """Return an AND group in which the terms on marks mean those of the persons that it names, each of whom must match.

    What contains such a term in parentheses is bound as a whole; a person without terms is bound as well, so that no
    term beside the parentheses around the group is taken for one.
    """
    people = [part.value for part in conjuncts(query) if isinstance(part, FieldEquals) and part.field == "by"]
    others = [part for part in conjuncts(query) if not (isinstance(part, FieldEquals) and part.field == "by")]
    terms = [part for part in others if any(map(_is_mark_term, _iter_terms(part)))]
    if not people:
        return query
    bound = _bind(all_of(terms))
    return all_of([*(part for part in others if part not in terms), *(ByPerson(person, bound) for person in people)])


def _iter_terms(query: Query) -> Iterator[Query]:
    """Yield the terms of a group without those that are bound already."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _iter_terms(part)
        case Not(part):
            yield from _iter_terms(part)
        case ByPerson():
            pass
        case _:
            yield query


def _is_mark_term(term: Query) -> bool:
    match term:
        case FieldEquals("is", value):
            return value in _STATES
        case FieldEquals("has", value):
            return value == "note"
        case FieldEquals("tag") | Text(field="note"):
            return True
        case DateRange(field):
            return field in _TIMES
    return False


def _bind(query: Query) -> Query:
    match query:
        case And(parts):
            return And(tuple(map(_bind, parts)))
        case Or(parts):
            return Or(tuple(map(_bind, parts)))
        case Not(part):
            return Not(_bind(part))
        case _:
            return OfPerson(query) if _is_mark_term(query) else query


# Conditions


def compile_marked(person: str) -> Sql:
    """Return the condition that a person has any mark on a paper `p`."""
    sql, values = _of_person("o.person", person)
    return f"EXISTS (SELECT 1 FROM others o WHERE o.key = p.key AND {sql})", values  # noqa: S608 -- constants


def compile_satisfying(person: str, terms: Sql) -> Sql:
    """Return the condition that the mark of a person on a paper `p` satisfies `terms`, a condition on `o` and `p`.

    A paper without a mark may satisfy them.
    """
    sql, values = _of_person("n.name", person)
    source = "people n LEFT JOIN others o ON o.key = p.key AND o.person = n.name"
    return f"EXISTS (SELECT 1 FROM {source} WHERE {sql} AND {terms[0]})", (*values, *terms[1])  # noqa: S608 -- compiled


def _of_person(column: str, person: str) -> Sql:
    return ("1", ()) if person == ANYONE else (f"{column} = ?", (person,))


def compile_term(term: Query) -> Sql:
    """Return the condition of a term that is bound, on a row `o`, whose columns are NULL where there is none."""
    match term:
        case FieldEquals("is", "starred"):
            return "o.starred IS 1", ()
        case FieldEquals("is", value):
            return f"ifnull(o.status, '{Status.UNREAD.value}') = ?", (value,)
        case FieldEquals("has"):
            return "ifnull(o.note <> '', 0)", ()
        case FieldEquals("tag", value):
            return _HAS_TAG, (value, value)
        case DateRange(field, first, last):
            column, condition = _TIMES[field]
            sql, values = select_times(column, first, last)
            return f"ifnull({condition} AND {sql}, 0)", values
        case Text():
            return _compile_note(term)
    raise AssertionError(f"{term} is no term on marks")


def _compile_note(text: Text) -> Sql:
    """Return the condition that a note has words as they are typed, the last one perhaps as the start of a longer one.

    There are no corrections: the vocabulary has no words of others.
    """
    tokens = tokenize(text.text)
    if not tokens:
        return "0", ()
    keys = [phrase_key(tokens, prefix=True)]
    if len(tokens) > 1:
        keys.append(phrase_key(["".join(tokens)], prefix=True))
    return f"ifnull({' OR '.join('instr(o.words, ?)' for _ in keys)}, 0)", tuple(keys)
