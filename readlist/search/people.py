"""Which other persons of a lab each paper of a query is due to, for a list that names them.

`library` calls match_people with a connection. Where a query asks for marks of others, they are the persons whose marks
match it; else those who starred the paper, the user among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from readlist.search.fields import ANYONE
from readlist.search.lookups import get_people
from readlist.search.query.ast import And, ByPerson, FieldEquals, OfPerson, Or, Query, any_of
from readlist.search.query.planner import plan_query
from readlist.search.selection import find_newest_ids

if TYPE_CHECKING:
    import sqlite3

USER = ""
"""Stands for the user among the names of persons."""
_IS_STARRED = FieldEquals("is", "starred")


def match_people(connection: sqlite3.Connection, query: Query) -> dict[int, list[str]]:
    """Return the names of the persons to whom each paper of a query is due, by its ID; also other papers may be there.

    The names are sorted; USER comes last.
    """
    terms = list(_iter_person_terms(query))
    conditions = {person: any_of(_select_person(terms, person)) for person in get_people(connection)}
    if not terms:
        everyone = [ByPerson(ANYONE, OfPerson(_IS_STARRED))]
        conditions = {person: any_of(_select_person(everyone, person)) for person in conditions} | {USER: _IS_STARRED}
    people: dict[int, list[str]] = {}
    for person, condition in conditions.items():
        if condition == And():  # the query does not ask for this person's marks
            continue
        for id_ in find_newest_ids(connection, plan_query(connection, condition).condition, None):
            people.setdefault(id_, []).append(person)
    return people


def _iter_person_terms(query: Query) -> Iterator[ByPerson]:
    """Yield what asks for marks of others, except below NOT."""
    match query:
        case ByPerson():
            yield query
        case And(parts) | Or(parts):
            for part in parts:
                yield from _iter_person_terms(part)


def _select_person(terms: Sequence[ByPerson], person: str) -> Iterator[Query]:
    """Yield the terms that this person may satisfy, for them alone."""
    return (term._replace(person=person) for term in terms if term.person in {person, ANYONE})
