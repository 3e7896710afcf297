"""Results of a query that has words, or that nothing matches: the papers, their order, excerpts and notices.

`results` calls find_ranked and find_all_ids. Which papers have all words is decided by `query.planner`, which others
come close by `candidates`, in which order they come by `ranking`, with which messages by `notices`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from readlist.models import RELEVANCE, Order, PaperRef
from readlist.query_results import Hit, ResultIds, SearchResult
from readlist.search.candidates import (
    MAX_PARTIAL_BESIDE_COMPLETE,
    MAX_PARTIAL_CANDIDATES,
    find_by_bm25,
    find_candidates,
    find_partial_candidates,
)
from readlist.search.excerpts import Highlighter
from readlist.search.lookups import get_keys, require_entries
from readlist.search.matching import EntryText, Word
from readlist.search.orders import find_sorted_ids
from readlist.search.query.compiler import MATCH_ALL
from readlist.search.query.planner import plan_query
from readlist.search.query_words import bridge_share, build_bridges, build_words, weigh_words
from readlist.search.ranking import Ranked, rank
from readlist.search.references import simplify
from readlist.search.selection import count_papers

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.ast import Query
    from readlist.search.query.planner import Plan

MIN_RESULTS = 10
"""Where fewer papers have all words, the nearest matches fill the result up to this."""
MAX_COMPLETE = 50
"""Where so many papers have all words, no others are looked for."""
MAX_EXCERPTS = 1_000
"""Hits with an excerpt; a script that reads every paper would wait for the others in vain."""


def find_ranked(
    connection: sqlite3.Connection, query: Query, *, limit: int | None, order: Order, exact: bool
) -> SearchResult:
    """Find the papers that match `query`, as `results.find` does."""
    ranked = order.name == RELEVANCE.name
    plan = _plan_search(connection, query) if ranked and not exact else plan_query(connection, query, as_typed=exact)
    total = count_papers(connection, plan.condition)
    if ranked and plan.has_words:
        best = rank_papers(connection, plan, total, exact=exact)
        papers = _add_rest(connection, plan, best, None if order.is_reversed else limit)
        papers = (papers[::-1] if order.is_reversed else papers)[:limit]
        hits, texts = _build_hits(papers, best.words), [one.text for one in papers]
    else:
        best = RankedPapers((), build_words(connection, plan, exact=True) if plan.has_words else (), total)
        ids = find_sorted_ids(connection, plan.condition, order, limit)
        hits = tuple(map(Hit, require_entries(connection, ids)))
        texts = [EntryText(hit.entry) for hit in hits] if best.words else []
    return _describe(connection, plan, best, hits, texts)


def find_all_ids(connection: sqlite3.Connection, query: Query, order: Order) -> ResultIds:
    """Find all papers that match `query`, as `results.find_ids` does."""
    plan = _plan_search(connection, query)
    total = count_papers(connection, plan.condition)
    best = rank_papers(connection, plan, total) if plan.has_words else RankedPapers((), (), total)
    if order.name == RELEVANCE.name and plan.has_words:
        rest = find_by_bm25(connection, plan.condition, None) if total else []
        leading, complete, following = best.split()
        ids = list(dict.fromkeys(chain(_ids(leading), _ids(complete), rest, _ids(following))))
        ids = ids[::-1] if order.is_reversed else ids
    else:
        ids = find_sorted_ids(connection, plan.condition, order, None) if total else []
    keys = get_keys(connection, ids)
    papers = tuple(PaperRef(id_, keys[id_]) for id_ in ids if id_ in keys)
    hits = _build_hits(best.ranked, ())
    return ResultIds(papers, _describe(connection, plan, best, hits, [one.text for one in best.ranked]))


def _plan_search(connection: sqlite3.Connection, query: Query) -> Plan:
    """Plan a query that is searched for: without what belongs to the form of a citation."""

    def has_match(part: Query) -> bool:
        return bool(count_papers(connection, plan_query(connection, part, as_typed=True).condition))

    return plan_query(connection, simplify(query, has_match))


def find_nearest_ids(connection: sqlite3.Connection, plan: Plan) -> list[int]:
    """Return the IDs of the nearest matches of a query for which no paper has all words."""
    return _ids(rank_papers(connection, plan, 0).ranked) if plan.has_words else []


def _describe(
    connection: sqlite3.Connection,
    plan: Plan,
    best: RankedPapers,
    hits: tuple[Hit, ...],
    texts: Sequence[EntryText],
) -> SearchResult:
    """Return the result with its notices: how words were read in `texts`, those of the hits, or why nothing matches."""
    if hits and not best.words:
        return SearchResult(hits, best.total)
    from readlist.search import notices  # a list of papers without words has none

    if not hits and not best.total:
        exclusion = notices.find_exclusion(connection, plan, any_word=best.any_word)
        similar = () if exclusion else notices.suggest_similar(connection, plan)
        return SearchResult((), 0, did_you_mean=similar, exclusion=exclusion)
    corrections = notices.find_corrections(best.words, texts)
    return SearchResult(hits, best.total, corrections, additions=notices.find_additions(best.words, texts))


# Order


class RankedPapers(NamedTuple):
    """The likeliest papers in order, the words that they were ranked by, and how many papers have all words.

    A nearest match that is better than every paper with all words comes first, the other ones come last.
    """

    ranked: Sequence[Ranked]
    words: Sequence[Word]
    total: int
    any_word: bool = False
    """Whether papers with any of the words were looked for."""

    def split(self) -> tuple[Sequence[Ranked], Sequence[Ranked], Sequence[Ranked]]:
        """Return the nearest match that comes first, the papers with all words, and the other nearest matches."""
        start = 1 if self.ranked and not self.ranked[0].has_all else 0
        end = start + sum(one.has_all for one in self.ranked)
        return self.ranked[:start], self.ranked[start:end], self.ranked[end:]


def rank_papers(connection: sqlite3.Connection, plan: Plan, total: int, *, exact: bool = False) -> RankedPapers:
    """Rank the likeliest papers: those with all words, then the nearest matches up to MIN_RESULTS.

    `total` counts the papers with all words as planned; the result also counts those with a word in another form.
    """
    papers = count_papers(connection, MATCH_ALL)
    words = weigh_words(connection, build_words(connection, plan, exact=exact), papers, {plan.condition: total})
    complete = set(find_candidates(connection, plan)) if total else set()
    ids = list(complete)
    if len(complete) < MAX_COMPLETE and not exact:
        limit = MAX_PARTIAL_BESIDE_COMPLETE if total else MAX_PARTIAL_CANDIDATES
        ids += [id_ for id_ in find_partial_candidates(connection, plan, words, papers, limit) if id_ not in complete]
    texts = [EntryText(entry) for entry in require_entries(connection, ids)]
    ranked = rank(texts, [word for word, _ in words], complete)
    leading, complete_first, nearest = _partition(ranked)
    # Beside papers with all words, other words only find those that fill the result; alone, they fade out.
    coverage = max((one.coverage for one in ranked), default=0.0)
    share = 0.0 if exact or len(complete_first) >= MIN_RESULTS else 1.0 if complete else bridge_share(coverage)
    if share and (bridges := build_bridges(connection, words, papers, share)):
        words = bridges
        found = find_partial_candidates(connection, plan, words, papers, MAX_PARTIAL_CANDIDATES)
        texts += map(EntryText, require_entries(connection, [id_ for id_ in found if id_ not in ids]))
        ranked = rank(texts, [word for word, _ in words], complete)
        if complete:
            known = {*_ids(leading), *_ids(complete_first)}
            nearest = [one for one in ranked if one.score > 0 and one.entry.paper.id not in known]
        else:
            leading, complete_first, nearest = _partition(ranked)
    following = nearest[: max(0, MIN_RESULTS - len(leading) - len(complete_first))]
    total = max(total, len(complete_first))
    ordered = [*leading, *complete_first, *following]
    return RankedPapers(ordered, [word for word, _ in words], total, any_word=not exact)


def _partition(ranked: Sequence[Ranked]) -> tuple[list[Ranked], list[Ranked], list[Ranked]]:
    """Return the nearest match that is better than all papers with all words, those papers, other nearest matches."""
    complete = [one for one in ranked if one.has_all]
    nearest = [one for one in ranked if not one.has_all and one.score > 0]
    start = int(bool(complete and nearest) and nearest[0].score > complete[0].score)
    return nearest[:start], complete, nearest[start:]


def _add_rest(connection: sqlite3.Connection, plan: Plan, best: RankedPapers, limit: int | None) -> list[Ranked]:
    """Return the best papers and, where more than `limit` are asked for, the others with all words by bm25."""
    if limit is not None and limit <= len(best.ranked):
        return list(best.ranked)
    leading, complete, following = best.split()
    known = {*_ids(leading), *_ids(complete)}
    rest = find_by_bm25(connection, plan.condition, limit) if best.total > len(complete) else []
    lowest = complete[-1].score if complete else 0.0
    others = [
        Ranked(lowest * 0.99, EntryText(entry), has_all=True, coverage=1.0)
        for entry in require_entries(connection, [id_ for id_ in rest if id_ not in known])
    ]
    return [*leading, *complete, *others, *following]


def _ids(papers: Sequence[Ranked]) -> list[int]:
    return [one.entry.paper.id for one in papers]


def _build_hits(papers: Sequence[Ranked], words: Sequence[Word]) -> tuple[Hit, ...]:
    """Return hits with excerpts that show `words`."""
    highlighter = Highlighter(words) if words else None
    excerpts = (highlighter.excerpt(one.text) if highlighter else None for one in papers[:MAX_EXCERPTS])
    return tuple(
        Hit(one.entry, round(one.score, 4), next(excerpts, None), is_partial=not one.has_all) for one in papers
    )
