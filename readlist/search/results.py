"""Results of a query: the candidates, their order and excerpts, and the notices about corrections.

`library` calls find and find_ids with a connection. Which papers match is decided by `query.planner`, in which order
they come by `ranking`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from readlist.models import Correction, Entry, Hit, PaperRef, ResultIds, SearchResult
from readlist.search.excerpts import Highlighter
from readlist.search.expansion.fuzzy import MAX_WORD, closest_words
from readlist.search.fields import FIELD_COLUMN
from readlist.search.index.schema import COLUMN_TEXTS, COLUMNS
from readlist.search.lookups import get_keys, require_entries
from readlist.search.query.ast import And, FieldEquals, Or, Query, iter_texts
from readlist.search.query.compiler import MATCH_ALL, Condition, Expansions, compile_query
from readlist.search.query.planner import Plan, plan_query
from readlist.search.ranking import COLUMN_WEIGHTS, Word, match_score, rank
from readlist.search.tokens import token_line

if TYPE_CHECKING:
    import sqlite3

MAX_CANDIDATES = 50
"""Papers that are ranked by their fields; the others keep the order of bm25. More candidates rank nothing better."""
MAX_EXCERPTS = 1_000
"""Hits with an excerpt; a script that reads every paper would wait for the others in vain."""
MAX_REPLACEMENTS = 3
"""Words that a correction names, and words of a query for which similar ones are suggested."""
MAX_SUGGESTIONS = 5
MAX_HITS_COMPARED = 20
"""Hits that are examined for the words that replaced a misspelled one."""
MIN_TAG_SIMILARITY = 60
"""Percent."""
_NEWEST_FIRST = "ORDER BY p.date DESC, p.id"
_BM25 = f"bm25(words, {', '.join(str(10 * COLUMN_WEIGHTS[name]) for name in COLUMNS)})"


def find(connection: sqlite3.Connection, query: Query, *, ranked: bool, limit: int | None) -> SearchResult:
    """Find the papers that match `query`, the best first if `ranked`, else the newest digest first; at most `limit`."""
    plan = plan_query(connection, query)
    words = _query_words(plan)
    total = count_papers(connection, plan.condition)
    if not total:
        return SearchResult((), 0, did_you_mean=_suggest_similar(connection, query))
    if ranked and words:
        hits = _add_excerpts(_rank_papers(connection, plan, words, limit)[:limit], words)
    else:
        hits = tuple(map(Hit, require_entries(connection, find_newest_ids(connection, plan.condition, limit))))
    return SearchResult(hits, total, _find_corrections(words, hits), partial_match=plan.partial_match)


def find_ids(connection: sqlite3.Connection, query: Query) -> ResultIds:
    """Find all papers that match `query`, the best first where it has words, else the newest digest first.

    Far cheaper than all entries, in time and memory: its callers read the entries that they show.
    """
    plan = plan_query(connection, query)
    words = _query_words(plan)
    best = _rank_candidates(connection, plan, words) if words else []
    rest = (_find_by_bm25 if words else find_newest_ids)(connection, plan.condition, None)
    ids = tuple(dict.fromkeys(chain((entry.paper.id for _, entry in best), rest)))
    hits = tuple(Hit(entry, score) for score, entry in best)
    did_you_mean = () if ids else _suggest_similar(connection, query)
    corrections = _find_corrections(words, hits)
    keys = get_keys(connection, ids)
    papers = tuple(PaperRef(id_, keys[id_]) for id_ in ids if id_ in keys)
    return ResultIds(papers, SearchResult(hits, len(ids), corrections, did_you_mean, plan.partial_match))


def count_papers(connection: sqlite3.Connection, condition: Condition) -> int:
    """Count the papers that a condition selects."""
    if condition.match and condition.where == MATCH_ALL.where:  # the join is slow for a frequent word
        sql = "SELECT count(*) FROM words WHERE words MATCH ?"
    else:
        sql = f"SELECT count(*) {condition.source}"
    (total,) = connection.execute(sql, condition.arguments).fetchone()
    return int(total)


def find_newest_ids(connection: sqlite3.Connection, condition: Condition, limit: int | None) -> list[int]:
    """Return the IDs of the papers that a condition selects, the newest digest first; at most `limit`."""
    return _select_ids(connection, condition, _NEWEST_FIRST, limit)


def _select_ids(connection: sqlite3.Connection, condition: Condition, order: str, limit: int | None) -> list[int]:
    sql = f"SELECT p.id {condition.source} {order} LIMIT ?"
    return [id_ for (id_,) in connection.execute(sql, (*condition.arguments, -1 if limit is None else limit))]


# Order


def _query_words(plan: Plan) -> list[Word]:
    texts = dict.fromkeys(iter_texts(plan.query, negated=False))
    return [
        Word(text.text, plan.expanded[text], FIELD_COLUMN.get(text.field, "")) for text in texts if plan.expanded[text]
    ]


def _rank_papers(
    connection: sqlite3.Connection, plan: Plan, words: Sequence[Word], limit: int | None
) -> list[tuple[float, Entry]]:
    """Return at least the first `limit` papers, the best first: candidates by their fields, the others by bm25."""
    best = _rank_candidates(connection, plan, words)
    if limit is not None and limit <= len(best):
        return best
    known = {entry.paper.id for _, entry in best}
    rest = [id_ for id_ in _find_by_bm25(connection, plan.condition, limit) if id_ not in known]
    lowest = best[-1][0] if best else 0.0
    return best + [(lowest * 0.99, entry) for entry in require_entries(connection, rest)]


def _rank_candidates(connection: sqlite3.Connection, plan: Plan, words: Sequence[Word]) -> list[tuple[float, Entry]]:
    return rank(require_entries(connection, _find_candidates(connection, plan)), words)


def _find_candidates(connection: sqlite3.Connection, plan: Plan) -> list[int]:
    candidates: dict[int, None] = {}
    for condition in _candidate_queries(plan):
        candidates.update(dict.fromkeys(_find_by_bm25(connection, condition, MAX_CANDIDATES)))
        if len(candidates) >= MAX_CANDIDATES:
            break
    return list(candidates)


def _candidate_queries(plan: Plan) -> Iterator[Condition]:
    """Yield ever wider conditions, so that a frequent word is not searched beyond the titles."""
    if plan.condition.match and not plan.partial_match:
        yield compile_query(plan.query, _top_variants(plan), "title")
        yield compile_query(plan.query, plan.expansions, "title")
        yield compile_query(plan.query, plan.expansions, "authors")
        yield compile_query(plan.query, _top_variants(plan))
    yield plan.condition


def _top_variants(plan: Plan) -> Expansions:
    """Return expansions with the likeliest variant of each word only."""
    return lambda text: plan.expanded[text][:1]


def _find_by_bm25(connection: sqlite3.Connection, condition: Condition, limit: int | None) -> list[int]:
    if not condition.match:
        return find_newest_ids(connection, condition, limit)
    return _select_ids(connection, condition, f"ORDER BY {_BM25}, p.id", limit)


def _add_excerpts(scored: Sequence[tuple[float, Entry]], words: Sequence[Word]) -> tuple[Hit, ...]:
    highlighter = Highlighter(words)
    return tuple(
        Hit(entry, round(score, 4), highlighter.excerpt(entry) if index < MAX_EXCERPTS else None)
        for index, (score, entry) in enumerate(scored)
    )


# Corrections and suggestions


def _find_corrections(words: Sequence[Word], hits: Sequence[Hit]) -> tuple[Correction, ...]:
    corrected = [word for word in words if any(variant.is_corrected for variant in word.variants)]
    return tuple(
        Correction(word.text, replacements) for word in corrected if (replacements := _find_replacements(word, hits))
    )


def _find_replacements(word: Word, hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return the words that the first hits have instead of `word`; none where one of them has it as typed."""
    replacements: dict[str, None] = {}
    typed = Word(word.text, tuple(v for v in word.variants if not v.is_corrected), word.column)
    for hit in hits[:MAX_HITS_COMPARED]:
        line = token_line(chain.from_iterable(get_texts(hit.entry) for get_texts in COLUMN_TEXTS.values()))
        if match_score(typed, line):
            return ()
        matching = (variant for variant in word.variants if match_score(Word("", (variant,)), line))
        best = max(matching, key=lambda variant: variant.weight, default=None)
        if best:
            replacements[best.display_text] = None
    return tuple(replacements)[:MAX_REPLACEMENTS]


def _suggest_similar(connection: sqlite3.Connection, query: Query) -> tuple[str, ...]:
    """Return words and tags that are similar to those of a query that matches no paper."""
    similar: dict[str, None] = {}
    for text in islice(iter_texts(query, negated=False), MAX_REPLACEMENTS):
        similar.update(dict.fromkeys(closest_words(connection, text.text)))
    for tag in _iter_tags(query):
        similar.update(dict.fromkeys(_closest_tags(connection, tag)))
    return tuple(similar)[:MAX_SUGGESTIONS]


def _iter_tags(query: Query) -> Iterator[str]:
    match query:
        case FieldEquals("tag", tag):
            yield tag
        case And(parts) | Or(parts):
            for part in parts:
                yield from _iter_tags(part)


def _closest_tags(connection: sqlite3.Connection, tag: str) -> list[str]:
    from rapidfuzz import fuzz, process

    spellings = dict(connection.execute("SELECT tag, min(spelling) FROM tags GROUP BY tag"))
    if tag in spellings:
        return []
    ranked = process.extract(
        tag[:MAX_WORD], spellings.keys(), scorer=fuzz.ratio, score_cutoff=MIN_TAG_SIMILARITY, limit=MAX_REPLACEMENTS
    )
    return [f"tag:{spellings[closest]}" for closest, _, _ in ranked]
