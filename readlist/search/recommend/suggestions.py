"""Suggestions, or recommendations: what to read next, and which papers are similar to others.

    history      what the user starred, noted, read and skipped -> a PreferenceModel of each interest
    candidates   the terms with the highest weights, looked up in `words`; each paper by the weights of those it has
    order        the first MAX_CANDIDATES by the whole model, the interests in turn, then the newest

The time depends on the history and the number of candidates, not on the size of the library. `library` calls suggest,
rank_ids and find_similar with a connection.
"""

from __future__ import annotations

import datetime as dt
import heapq
import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from readlist.models import Entry
from readlist.search.deleted_papers import finds_deleted
from readlist.search.index.schema import HAS_BITS
from readlist.search.lookups import get_entries, require_entries
from readlist.search.postponed import find_waiting
from readlist.search.query.compiler import MATCH_ALL, Condition
from readlist.search.query.planner import plan_query
from readlist.search.ranked_results import find_nearest_ids
from readlist.search.ranking import date_ordinal
from readlist.search.recommend.explanations import explain
from readlist.search.recommend.interests import interleave, split_interests
from readlist.search.recommend.profile import LikedPaper, PreferenceModel, preference
from readlist.search.recommend.similarity import TermVector, count_terms, is_stem
from readlist.search.selection import count_papers, find_newest_ids
from readlist.suggestions import Suggestion, Suggestions

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.ast import Query

MAX_LIKED = 40
"""Liked papers that are learned from, starred ones first, then the newest: each takes time, and interests change."""
MAX_SKIPPED = 20
MAX_CANDIDATES = 60
"""Candidates that are scored by all of their terms; more find nothing better."""
MIN_GOOD_SCORE = 0.25
"""Score of a candidate relative to the best of its interest; those with less come after all others."""
MAX_SEARCH_TERMS = 40
"""Terms by which candidates are found."""
MAX_POSTINGS = 30_000
"""Papers that are visited for all terms together, which bounds the time: terms too frequent for it say little."""

_HAS_NOTE = f"has & {HAS_BITS['note']}"
_LIKED = f"starred OR {_HAS_NOTE} OR status IN ('read', 'reading')"
_SKIPPED = f"status = 'skipped' AND NOT starred AND NOT {_HAS_NOTE}"
_UNMARKED = f"p.status = 'unread' AND NOT p.starred AND NOT p.{_HAS_NOTE} AND p.later IS NULL"


@finds_deleted
def suggest(connection: sqlite3.Connection, query: Query, limit: int | None, today: dt.date) -> Suggestions:
    """Suggest unread papers that match `query`; at most `limit`.

    First come those postponed until `today` or before, then queued ones, then unmarked ones, the best first.
    """
    plan = plan_query(connection, query)
    condition = plan.condition
    if not count_papers(connection, condition):
        nearest = json.dumps(find_nearest_ids(connection, plan))
        condition = Condition("", "p.id IN (SELECT value FROM json_each(?))", (nearest,))
    waiting = [Suggestion(entry, reason=_describe_later(entry)) for entry in find_waiting(connection, condition, today)]
    condition = condition._replace(where=f"({condition.where}) AND {_UNMARKED}")
    models = _learn_interests(connection)
    room = None if limit is None else max(0, limit - len(waiting))
    best = _rank_candidates(connection, condition, models, room)
    known = {suggestion.entry.paper.id for suggestion in best}
    newest = [id_ for id_ in find_newest_ids(connection, condition, room) if id_ not in known]
    others = map(Suggestion, require_entries(connection, newest)[: None if room is None else room - len(best)])
    total = len(waiting) + count_papers(connection, condition)
    return Suggestions((*waiting[:limit], *best, *others), total, learned=bool(models or waiting))


def _describe_later(entry: Entry) -> str:
    later = entry.mark.later
    return f"postponed until {later}" if isinstance(later, dt.date) else "queued"


def find_similar(connection: sqlite3.Connection, ids: Sequence[int], limit: int | None) -> Suggestions:
    """Find the papers that are most similar to those with these IDs, without these; at most `limit`."""
    entries = get_entries(connection, ids)
    condition = Condition("", "p.id NOT IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
    models = _build_models(connection, [LikedPaper(entry, 1.0, count_terms(entry)) for entry in entries], ())
    similar = _rank_candidates(connection, condition, models, limit)
    return Suggestions(tuple(similar), len(similar), learned=True)


def rank_ids(connection: sqlite3.Connection, ids: Sequence[int]) -> Suggestions:
    """Rank all papers with these IDs, regardless of their marks, those first that the user would probably like.

    Papers that they would not, and without a history all papers, are in the order of their digests, the newest first.
    """
    models = _learn_interests(connection)
    entries = get_entries(connection, list(dict.fromkeys(ids)))
    scored = [max((_score(entry, model) for model in models), key=attrgetter("score")) for entry in entries if models]
    ranked = [one.explain() for one in sorted(scored, key=_order) if one.score > 0]
    known = {suggestion.entry.paper.id for suggestion in ranked}
    others = [entry for entry in entries if entry.paper.id not in known]
    others.sort(key=lambda entry: (-date_ordinal(entry), entry.paper.id))
    return Suggestions((*ranked, *map(Suggestion, others)), len(entries), learned=bool(models))


def _read_history(connection: sqlite3.Connection, where: str, limit: int) -> list[Entry]:
    order = f"starred DESC, {_HAS_NOTE} DESC, max(status_at, date) DESC, id"
    sql = f"SELECT id FROM papers WHERE {where} ORDER BY {order} LIMIT ?"  # noqa: S608 -- constants
    return require_entries(connection, [id_ for (id_,) in connection.execute(sql, (limit,))])


def _learn_interests(connection: sqlite3.Connection) -> list[PreferenceModel]:
    """Return a model of each interest of the user, none where they have not marked a paper that they like."""
    liked = [
        LikedPaper(entry, preference(entry.mark), count_terms(entry))
        for entry in _read_history(connection, _LIKED, MAX_LIKED)
    ]
    return _build_models(connection, liked, _read_history(connection, _SKIPPED, MAX_SKIPPED)) if liked else []


def _build_models(
    connection: sqlite3.Connection, liked: Sequence[LikedPaper], skipped: Sequence[Entry]
) -> list[PreferenceModel]:
    papers = count_papers(connection, MATCH_ALL)
    known: dict[str, int] = {}

    def document_frequency(terms: Sequence[str]) -> dict[str, int]:
        known.update(_read_document_frequency(connection, [term for term in terms if term not in known]))
        return {term: known[term] for term in terms}

    skipped_counts = [count_terms(entry) for entry in skipped]
    interests = split_interests(liked, papers, document_frequency)
    return [PreferenceModel(interest, skipped_counts, papers, document_frequency) for interest in interests]


_DF = """
    SELECT word, papers FROM vocabulary WHERE word IN (SELECT value FROM json_each(?))
"""
_DF_OF_STEM = """
    SELECT total(papers) FROM vocabulary WHERE word >= ? AND word < ? AND length(word) <= 8
"""


def _read_document_frequency(connection: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """Return how many papers have each term; of a Korean stem the sum over its words, an upper bound."""
    df = dict.fromkeys(terms, 0)
    df.update(connection.execute(_DF, (json.dumps([term for term in terms if not is_stem(term)]),)))
    for term in filter(is_stem, terms):
        (papers,) = connection.execute(_DF_OF_STEM, (term, f"{term}\U0010ffff")).fetchone()
        df[term] = int(papers)
    return df


def _rank_candidates(
    connection: sqlite3.Connection, condition: Condition, models: Sequence[PreferenceModel], limit: int | None
) -> list[Suggestion]:
    """Return the candidates with a positive score, the best of each interest in turn; at most `limit`."""
    rankings = [_rank_for_interest(connection, condition, model, len(models)) for model in models]
    good = [[scored for scored in ranking if scored.score >= MIN_GOOD_SCORE * ranking[0].score] for ranking in rankings]
    best: dict[int, _Scored] = {}
    for scored in chain(interleave(good), interleave(rankings)):
        best.setdefault(scored.entry.paper.id, scored)
    return [scored.explain() for scored in islice(best.values(), limit)]


class _Scored(NamedTuple):
    """A candidate, its score, and its terms by the model that gave it."""

    score: float
    entry: Entry
    vector: TermVector
    model: PreferenceModel

    def explain(self) -> Suggestion:
        return Suggestion(self.entry, self.score, *explain(self.entry, self.vector, self.model))


def _rank_for_interest(
    connection: sqlite3.Connection, condition: Condition, model: PreferenceModel, interests: int
) -> list[_Scored]:
    """Return the candidates with a positive score, the best first."""
    scored = [_score(entry, model) for entry in _find_candidates(connection, condition, model, interests)]
    return [one for one in sorted(scored, key=_order) if one.score > 0]


def _order(scored: _Scored) -> tuple[float, int, int]:
    """Return the sort key: the best first, equal ones by date."""
    return (-scored.score, -date_ordinal(scored.entry), scored.entry.paper.id)


def _score(entry: Entry, model: PreferenceModel) -> _Scored:
    vector = model.vectorize(entry)
    return _Scored(round(model.score(vector), 4), entry, vector, model)


def _find_candidates(
    connection: sqlite3.Connection, condition: Condition, model: PreferenceModel, interests: int
) -> list[Entry]:
    """Return the candidates of one of several interests, which share the limits of this module."""
    search_terms = _select_search_terms(model, MAX_POSTINGS // interests)
    terms = [(f'"{term}"{"*" * is_stem(term)}', weight) for term, weight in search_terms]
    matched = "p.id IN (SELECT rowid FROM words WHERE words MATCH ?) AND" if condition.match else ""
    # Materialized: else SQLite reads the papers first, and looks up every term for each of them.
    rows = connection.execute(
        "WITH terms AS MATERIALIZED"  # noqa: S608 -- compiled, with placeholders
        " (SELECT json_extract(value, '$[0]') AS term, json_extract(value, '$[1]') AS weight FROM json_each(?))"
        " SELECT p.id FROM terms CROSS JOIN words ON words MATCH term CROSS JOIN papers p ON p.id = words.rowid"
        f" WHERE {matched} {condition.where} GROUP BY p.id ORDER BY sum(weight) DESC, p.date DESC, p.id LIMIT ?",
        (json.dumps(terms), *condition.arguments, MAX_CANDIDATES // interests),
    )
    return require_entries(connection, [id_ for (id_,) in rows])


def _select_search_terms(model: PreferenceModel, max_postings: int) -> Iterator[tuple[str, float]]:
    """Yield the terms with the highest weights, until their papers reach `max_postings`."""
    remaining = max_postings
    for term, weight in heapq.nlargest(MAX_SEARCH_TERMS, model.profile.items(), key=lambda item: item[1]):
        if weight > 0 and model.df[term] <= remaining:
            remaining -= model.df[term]
            yield term, weight
