"""What to read next and what is similar: candidates by the terms that tell most, then each by all of its terms.

    history      what the reader starred, noted, read and skipped -> taste
    candidates   the terms that tell most, looked up in `words`: each paper by the weights of those that it holds
    order        the first sixty of them by the whole taste, then the newest

So it takes the time of the history and of sixty papers, in a library of any size.
"""

from __future__ import annotations

import heapq
import json
import sqlite3
from collections.abc import Iterator, Sequence

from readlist.models import Entry, Suggestion, Suggestions
from readlist.search.index.schema import HAS, vocabulary_key
from readlist.search.query.ast import Query
from readlist.search.query.compiler import Condition
from readlist.search.query.planner import plan
from readlist.search.recommend.explanations import reason
from readlist.search.recommend.profile import Bag, Liked, Taste, is_stem, liking
from readlist.search.results import count, entries_of, newest_first

MAX_LIKED = 40
"""Liked papers that are learned from, starred ones first, then the newest: each takes 0.2 ms, and interests change."""
MAX_SKIPPED = 20
POOL = 60
"""Candidates that are scored by all of their terms: of 900 real papers it finds as many as 100 or all of them do."""
MAX_PROBES = 40
"""Terms by which candidates are found; with 30 nothing is missed that belongs among the first ten."""
MAX_POSTINGS = 30_000
"""Papers that are visited for all terms together, in 10 ms: what is too common for that tells least."""

_NOTED = f"has & {HAS['note']}"
_LIKED = f"starred OR {_NOTED} OR status IN ('read', 'reading')"
_SKIPPED = f"status = 'skipped' AND NOT starred AND NOT {_NOTED}"
_UNTOUCHED = f"p.status = 'unread' AND NOT p.starred AND NOT p.{_NOTED}"


def suggest(db: sqlite3.Connection, query: Query, limit: int | None) -> Suggestions:
    """The papers that answer `query` and that the reader has neither read nor judged, what they would like first."""
    condition = plan(db, query).condition
    condition = condition._replace(where=f"({condition.where}) AND {_UNTOUCHED}")
    liked = [Liked(entry, liking(entry.mark)) for entry in _history(db, _LIKED, MAX_LIKED)]
    taste = _taste(db, liked, _history(db, _SKIPPED, MAX_SKIPPED))
    chosen = _best_first(db, condition, taste, limit)
    known = {one.entry.paper.id for one in chosen}
    newest = (id_ for id_ in newest_first(db, condition, limit) if id_ not in known)
    others = map(Suggestion, entries_of(db, list(newest))[: None if limit is None else limit - len(chosen)])
    return Suggestions((*chosen, *others), count(db, condition), learned=bool(liked))


def similar(db: sqlite3.Connection, ids: Sequence[int], limit: int | None) -> Suggestions:
    """The papers that are most like those with these ids, which are not among them."""
    known = entries_of(db, ids)
    condition = Condition("", "p.id NOT IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
    alike = _best_first(db, condition, _taste(db, [Liked(entry, 1.0) for entry in known], ()), limit)
    return Suggestions(tuple(alike), len(alike), learned=True)


def _history(db: sqlite3.Connection, where: str, most: int) -> list[Entry]:
    order = f"starred DESC, {_NOTED} DESC, max(status_at, date) DESC, id"
    rows = db.execute(f"SELECT id FROM papers WHERE {where} ORDER BY {order} LIMIT ?", (most,))  # noqa: S608 -- constants
    return entries_of(db, [id_ for (id_,) in rows])


def _taste(db: sqlite3.Connection, liked: Sequence[Liked], skipped: Sequence[Entry]) -> Taste:
    (papers,) = db.execute("SELECT count(*) FROM papers").fetchone()
    return Taste(liked, skipped, papers, lambda terms: _holders(db, terms))


_HOLDERS = """
    SELECT word, papers FROM vocabulary
    WHERE kind = ? AND length = ? AND word IN (SELECT value FROM json_each(?))
"""
_HOLDERS_OF_STEM = """
    SELECT total(papers) FROM vocabulary WHERE kind = ? AND length IN (2, 3, 4, 5, 6, 7, 8) AND word >= ? AND word < ?
"""


def _holders(db: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """How many papers hold each term; of a Korean stem somewhat more, where a paper has several words with it."""
    held = dict.fromkeys(terms, 0)
    alike: dict[tuple[str, int], list[str]] = {}
    for term in terms:
        kind, length, _ = vocabulary_key(term)
        if is_stem(term):
            (papers,) = db.execute(_HOLDERS_OF_STEM, (kind, term, f"{term}\U0010ffff")).fetchone()
            held[term] = int(papers)
        else:
            alike.setdefault((kind, length), []).append(term)
    for key, some in alike.items():
        held.update(db.execute(_HOLDERS, (*key, json.dumps(some))))
    return held


def _best_first(db: sqlite3.Connection, condition: Condition, taste: Taste, limit: int | None) -> list[Suggestion]:
    """The candidates that the reader may like, the best first, of equal ones the newest; at most `limit`."""
    scored = [(round(taste.score(bag), 4), bag, entry) for bag, entry in _candidates(db, condition, taste)]
    scored.sort(key=lambda one: (-one[0], -_day(one[2]), one[2].paper.id))
    return [Suggestion(entry, score, *reason(entry, bag, taste)) for score, bag, entry in scored[:limit] if score > 0]


def _day(entry: Entry) -> int:
    return entry.paper.date.toordinal() if entry.paper.date else 0


def _candidates(db: sqlite3.Connection, condition: Condition, taste: Taste) -> Iterator[tuple[Bag, Entry]]:
    probes = [(f'"{term}"{"*" * is_stem(term)}', weight) for term, weight in _probes(taste)]
    matched = "p.id IN (SELECT rowid FROM words WHERE words MATCH ?) AND" if condition.match else ""
    # Materialized: else the planner reads the papers first, and looks every term up for each of them.
    rows = db.execute(
        "WITH probes AS MATERIALIZED"  # noqa: S608 -- compiled, with placeholders
        " (SELECT json_extract(value, '$[0]') AS term, json_extract(value, '$[1]') AS weight FROM json_each(?))"
        " SELECT p.id FROM probes CROSS JOIN words ON words MATCH term CROSS JOIN papers p ON p.id = words.rowid"
        f" WHERE {matched} {condition.where} GROUP BY p.id ORDER BY sum(weight) DESC, p.date DESC, p.id LIMIT ?",
        (json.dumps(probes), *condition.arguments, POOL),
    )
    for entry in entries_of(db, [id_ for (id_,) in rows]):
        yield taste.bag(entry), entry


def _probes(taste: Taste) -> Iterator[tuple[str, float]]:
    """The weightiest terms for which there is room."""
    room = MAX_POSTINGS
    for term, weight in heapq.nlargest(MAX_PROBES, taste.profile.items(), key=lambda item: item[1]):
        if weight > 0 and taste.held[term] <= room:
            room -= taste.held[term]
            yield term, weight
