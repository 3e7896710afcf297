"""Suggestions, or recommendations: what to read next, and which papers are similar to others.

    history      what the user starred, noted, read and skipped -> PreferenceModel
    candidates   the terms with the highest weights, looked up in `words`; each paper by the weights of those it has
    order        the first MAX_CANDIDATES by the whole model, then the newest

The time depends on the history and the number of candidates, not on the size of the library. `library` calls suggest
and find_similar with a connection.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from readlist.models import Entry, Suggestion, Suggestions
from readlist.search.candidates import count_papers, find_newest_ids
from readlist.search.deleted_papers import finds_deleted
from readlist.search.index.rows import vocabulary_key
from readlist.search.index.schema import HAS_BITS
from readlist.search.lookups import get_entries, require_entries
from readlist.search.query.compiler import Condition
from readlist.search.query.planner import plan_query
from readlist.search.ranking import date_ordinal
from readlist.search.recommend.explanations import explain
from readlist.search.recommend.profile import LikedPaper, PreferenceModel, preference
from readlist.search.recommend.similarity import TermVector, is_stem
from readlist.search.results import find_nearest_ids

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.ast import Query

MAX_LIKED = 40
"""Liked papers that are learned from, starred ones first, then the newest: each takes time, and interests change."""
MAX_SKIPPED = 20
MAX_CANDIDATES = 60
"""Candidates that are scored by all of their terms; more find nothing better."""
MAX_SEARCH_TERMS = 40
"""Terms by which candidates are found."""
MAX_POSTINGS = 30_000
"""Papers that are visited for all terms together, which bounds the time: terms too frequent for it say little."""

_HAS_NOTE = f"has & {HAS_BITS['note']}"
_LIKED = f"starred OR {_HAS_NOTE} OR status IN ('read', 'reading')"
_SKIPPED = f"status = 'skipped' AND NOT starred AND NOT {_HAS_NOTE}"
_UNMARKED = f"p.status = 'unread' AND NOT p.starred AND NOT p.{_HAS_NOTE}"


@finds_deleted
def suggest(connection: sqlite3.Connection, query: Query, limit: int | None) -> Suggestions:
    """Suggest unread papers that match `query` and that the user has not marked, the best first; at most `limit`."""
    plan = plan_query(connection, query)
    condition = plan.condition
    if not count_papers(connection, condition):
        nearest = json.dumps(find_nearest_ids(connection, plan))
        condition = Condition("", "p.id IN (SELECT value FROM json_each(?))", (nearest,))
    condition = condition._replace(where=f"({condition.where}) AND {_UNMARKED}")
    liked = [LikedPaper(entry, preference(entry.mark)) for entry in _read_history(connection, _LIKED, MAX_LIKED)]
    model = _build_model(connection, liked, _read_history(connection, _SKIPPED, MAX_SKIPPED))
    best = _rank_candidates(connection, condition, model, limit)
    known = {suggestion.entry.paper.id for suggestion in best}
    newest = [id_ for id_ in find_newest_ids(connection, condition, limit) if id_ not in known]
    others = map(Suggestion, require_entries(connection, newest)[: None if limit is None else limit - len(best)])
    return Suggestions((*best, *others), count_papers(connection, condition), learned=bool(liked))


def find_similar(connection: sqlite3.Connection, ids: Sequence[int], limit: int | None) -> Suggestions:
    """Find the papers that are most similar to those with these IDs, without these; at most `limit`."""
    entries = get_entries(connection, ids)
    condition = Condition("", "p.id NOT IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
    model = _build_model(connection, [LikedPaper(entry, 1.0) for entry in entries], ())
    similar = _rank_candidates(connection, condition, model, limit)
    return Suggestions(tuple(similar), len(similar), learned=True)


def rank_ids(connection: sqlite3.Connection, ids: Sequence[int]) -> Suggestions:
    """Return exactly these papers, in this order."""
    entries = require_entries(connection, ids)
    return Suggestions(tuple(map(Suggestion, entries)), len(entries), learned=False)


def _read_history(connection: sqlite3.Connection, where: str, limit: int) -> list[Entry]:
    order = f"starred DESC, {_HAS_NOTE} DESC, max(status_at, date) DESC, id"
    sql = f"SELECT id FROM papers WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608 -- constants
    return require_entries(connection, [id_ for (id_,) in connection.execute(sql, (limit,))])


def _build_model(
    connection: sqlite3.Connection, liked: Sequence[LikedPaper], skipped: Sequence[Entry]
) -> PreferenceModel:
    (papers,) = connection.execute("SELECT count(*) FROM papers").fetchone()
    return PreferenceModel(liked, skipped, papers, lambda terms: _read_document_frequency(connection, terms))


_DF = """
    SELECT word, papers FROM vocabulary
    WHERE script = ? AND length = ? AND word IN (SELECT value FROM json_each(?))
"""
_DF_OF_STEM = """
    SELECT total(papers) FROM vocabulary
    WHERE script = ? AND length IN (2, 3, 4, 5, 6, 7, 8) AND word >= ? AND word < ?
"""


def _read_document_frequency(connection: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """Return how many papers have each term; of a Korean stem the sum over its words, an upper bound."""
    df = dict.fromkeys(terms, 0)
    by_key: dict[tuple[str, int], list[str]] = {}
    for term in terms:
        script, length, _ = vocabulary_key(term)
        if is_stem(term):
            (papers,) = connection.execute(_DF_OF_STEM, (script, term, f"{term}\U0010ffff")).fetchone()
            df[term] = int(papers)
        else:
            by_key.setdefault((script, length), []).append(term)
    for key, same_length in by_key.items():
        df.update(connection.execute(_DF, (*key, json.dumps(same_length))))
    return df


def _rank_candidates(
    connection: sqlite3.Connection, condition: Condition, model: PreferenceModel, limit: int | None
) -> list[Suggestion]:
    """Return the candidates with a positive score, the best first, equal ones by date; at most `limit`."""
    candidates = _find_candidates(connection, condition, model)
    scored = [(round(model.score(vector), 4), vector, entry) for vector, entry in candidates]
    scored.sort(key=lambda item: (-item[0], -date_ordinal(item[2]), item[2].paper.id))
    return [
        Suggestion(entry, score, *explain(entry, vector, model)) for score, vector, entry in scored[:limit] if score > 0
    ]


def _find_candidates(
    connection: sqlite3.Connection, condition: Condition, model: PreferenceModel
) -> Iterator[tuple[TermVector, Entry]]:
    terms = [(f'"{term}"{"*" * is_stem(term)}', weight) for term, weight in _select_search_terms(model)]
    matched = "p.id IN (SELECT rowid FROM words WHERE words MATCH ?) AND" if condition.match else ""
    # Materialized: else SQLite reads the papers first, and looks up every term for each of them.
    rows = connection.execute(
        "WITH terms AS MATERIALIZED"  # noqa: S608 -- compiled, with placeholders
        " (SELECT json_extract(value, '$[0]') AS term, json_extract(value, '$[1]') AS weight FROM json_each(?))"
        " SELECT p.id FROM terms CROSS JOIN words ON words MATCH term CROSS JOIN papers p ON p.id = words.rowid"
        f" WHERE {matched} {condition.where} GROUP BY p.id ORDER BY sum(weight) DESC, p.date DESC, p.id LIMIT ?",
        (json.dumps(terms), *condition.arguments, MAX_CANDIDATES),
    )
    for entry in require_entries(connection, [id_ for (id_,) in rows]):
        yield model.vectorize(entry), entry


def _select_search_terms(model: PreferenceModel) -> Iterator[tuple[str, float]]:
    """Yield the terms with the highest weights, until their papers reach MAX_POSTINGS."""
    remaining = MAX_POSTINGS
    for term, weight in heapq.nlargest(MAX_SEARCH_TERMS, model.profile.items(), key=lambda item: item[1]):
        if weight > 0 and model.df[term] <= remaining:
            remaining -= model.df[term]
            yield term, weight
