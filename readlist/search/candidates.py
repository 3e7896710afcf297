"""Candidates: the papers that `ranking` scores for a query, found by the full-text index.

Papers that have all words come from ever wider conditions; papers that have any of the words from one statement, the
rare words first, until MAX_POSTINGS papers are visited.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from readlist.search.index.schema import COLUMNS
from readlist.search.query.ast import And, Text, conjuncts, is_plain
from readlist.search.query.compiler import Condition, Expansions, compile_query, match_any
from readlist.search.ranking import COLUMN_WEIGHTS
from readlist.search.selection import fetch_ids, find_newest_ids
from readlist.text import KEY_SUFFIX, slugify

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.matching import Word
    from readlist.search.query.planner import Plan

MAX_CANDIDATES = 50
"""Papers with all words that are ranked by their fields; the others keep the order of bm25."""
MAX_BM25 = 5_000
"""Papers with all words of which bm25 selects the candidates, the last ones: it takes a microsecond for each."""
MAX_PARTIAL_CANDIDATES, MAX_PARTIAL_BESIDE_COMPLETE = 40, 20
"""Papers with any of the words, where no paper has all of them and where some paper has: more find nothing better."""
MAX_POSTINGS = 30_000
"""Papers that are visited for all words together, which bounds the time: a word too frequent for it says little."""
MIN_PREVALENT = 1_000
"""A word that so many papers and more than half of the library have is prevalent: a paper that has it only in its
abstract, comments or note is no candidate because of it. In a small library such a paper may be the nearest match."""
TITLE_SHARE = 0.4
"""Share of a word's weight that only counts where it is in the title, a name or a tag."""
MAX_TITLED = 10
"""Papers of which the title is the query."""
_TITLED = "SELECT id FROM papers WHERE key BETWEEN ? AND ? AND length(key) = ? LIMIT ?"
"""A key is a slug of the title, "-" and 6 hexadecimal digits."""
_Search: TypeAlias = "Callable[[sqlite3.Connection, Condition, int], list[int]]"
_SHORT_COLUMNS = "title authors tags"
_BM25 = f"bm25(words, {', '.join(str(10 * COLUMN_WEIGHTS[name]) for name in COLUMNS)})"


def find_candidates(connection: sqlite3.Connection, plan: Plan) -> list[int]:
    """Return the IDs of papers with all words of a query, the likeliest ones."""
    candidates: dict[int, None] = dict.fromkeys(_find_titled(connection, plan))
    for search, condition in _candidate_searches(plan):
        candidates.update(dict.fromkeys(search(connection, condition, MAX_CANDIDATES)))
        if len(candidates) >= MAX_CANDIDATES:
            break
    return list(candidates)


def _find_titled(connection: sqlite3.Connection, plan: Plan) -> list[int]:
    """Return the IDs of papers with all words of a query of which the title is just these words, by their keys.

    Many papers may have the words of a short title in their own titles, and newer ones are candidates before it.
    """
    texts = (part for part in conjuncts(plan.query) if isinstance(part, Text) and part.field in {"", "title"})
    slug = slugify(" ".join(text.text for text in texts))
    if not slug or not plan.condition.match:
        return []
    found = fetch_ids(connection, _TITLED, f"{slug}-", f"{slug}-g", len(slug) + KEY_SUFFIX, MAX_TITLED)
    sql = f"SELECT words.rowid {plan.condition.shortest_source} AND words.rowid = ?"
    return [id_ for id_ in found if fetch_ids(connection, sql, *plan.condition.arguments, id_)]


def _candidate_searches(plan: Plan) -> list[tuple[_Search, Condition]]:
    """Return ever wider conditions, so that a frequent word is not searched beyond the titles, each once."""
    if not plan.condition.match:
        return [(find_newest_ids, plan.condition)]
    likeliest = _top_variants(plan)
    searches: list[tuple[_Search, Condition]] = [
        (_find_last_loaded, plan.compile(likeliest, "title")),
        (_find_last_loaded, plan.compile(plan.expansions, "title")),
        (_find_last_loaded, plan.compile(plan.expansions, "authors")),
        (_find_best_of_last_loaded, plan.compile(likeliest)),
        (_find_best_of_last_loaded, plan.condition),
    ]
    return list(dict.fromkeys(searches))


def _top_variants(plan: Plan) -> Expansions:
    """Return expansions with the likeliest variant of each word only."""
    return lambda text: plan.expanded[text][:1]


def find_partial_candidates(
    connection: sqlite3.Connection, plan: Plan, words: Sequence[tuple[Word, int]], papers: int, limit: int
) -> list[int]:
    """Return the IDs of papers with any of `words`, by the sum of their weights; at most `limit`.

    Each word comes with its number of papers, of `papers` in the library. What is not a plain word must hold: fields,
    phrases and groups.
    """
    probes = _build_probes(words, papers)
    if not probes:
        return []
    required = compile_query(And(tuple(part for part in conjuncts(plan.query) if not is_plain(part))), plan.expansions)
    has_required = "p.id IN (SELECT rowid FROM words WHERE words MATCH ?) AND" if required.match else ""
    sql = f"""
        WITH probes AS MATERIALIZED
            (SELECT json_extract(value, '$[0]') AS expression, json_extract(value, '$[1]') AS weight FROM json_each(?))
        SELECT p.id FROM probes CROSS JOIN words ON words MATCH expression CROSS JOIN papers p ON p.id = words.rowid
        WHERE {has_required} {required.where} GROUP BY p.id ORDER BY sum(weight) DESC, p.date DESC, p.id LIMIT ?
    """  # noqa: S608 -- compiled, with placeholders
    values = (json.dumps(probes), *required.arguments, limit)
    return [id_ for (id_,) in connection.execute(sql, values)]


def _build_probes(words: Sequence[tuple[Word, int]], papers: int) -> list[tuple[str, float]]:
    """Return FTS5 expressions with weights; a prevalent word is looked for in titles, names and tags only."""
    room = MAX_POSTINGS
    probes: list[tuple[str, float]] = []
    for word, df in sorted(words, key=lambda pair: pair[1]):
        if not word.variants or (word.reference and word.reference.initial):
            continue
        if probes and df > room:
            break
        room -= df
        expression = match_any(word.variants, word.column)
        if word.column:
            probes.append((expression, word.weight))
            continue
        probes.append((f"{{{_SHORT_COLUMNS}}} : ({expression})", word.weight * TITLE_SHARE))
        is_prevalent = df >= MIN_PREVALENT and 2 * df > papers
        if not is_prevalent:
            probes.append((expression, word.weight * (1 - TITLE_SHARE)))
    return probes


def find_by_bm25(connection: sqlite3.Connection, condition: Condition, limit: int | None) -> list[int]:
    """Return the IDs of the papers that a condition selects, in the order of FTS5's bm25; at most `limit`."""
    if not condition.match:
        return find_newest_ids(connection, condition, limit)
    sql = f"SELECT words.rowid {condition.shortest_source} ORDER BY {_BM25}, words.rowid LIMIT ?"
    return fetch_ids(connection, sql, *condition.arguments, -1 if limit is None else limit)


def _find_last_loaded(connection: sqlite3.Connection, condition: Condition, limit: int) -> list[int]:
    """Return the IDs of the papers that a condition with words selects, the last ones first; at most `limit`."""
    sql = f"SELECT words.rowid {condition.shortest_source} ORDER BY words.rowid DESC LIMIT ?"
    return fetch_ids(connection, sql, *condition.arguments, limit)


def _find_best_of_last_loaded(connection: sqlite3.Connection, condition: Condition, limit: int) -> list[int]:
    """Return the IDs of the last MAX_BM25 papers that a condition with words selects, by bm25; at most `limit`."""
    last = f"SELECT words.rowid AS id, {_BM25} AS score {condition.shortest_source} ORDER BY words.rowid DESC LIMIT ?"
    sql = f"SELECT id FROM ({last}) ORDER BY score, id LIMIT ?"  # noqa: S608 -- compiled, with placeholders
    return fetch_ids(connection, sql, *condition.arguments, MAX_BM25, limit)
