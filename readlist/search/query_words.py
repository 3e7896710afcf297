"""The words of a query for ranking: each with all of its variants, and with a weight by how few papers have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import log
from types import MappingProxyType
from typing import TYPE_CHECKING

from readlist.search.expansion.variants import Variant
from readlist.search.fields import FIELD_COLUMN
from readlist.search.lookups import read_synonyms
from readlist.search.matching import Word
from readlist.search.query.ast import conjuncts, is_plain, iter_texts
from readlist.search.query.compiler import MATCH_ALL, Condition, match_any
from readlist.search.references import find_references
from readlist.search.selection import count_papers

if TYPE_CHECKING:
    import sqlite3

    from readlist.search.query.planner import Plan

MAX_PLAIN_WORDS = 40
"""Words of a query that are read in other ways too; a longer query is pasted, and has enough words."""
IDF_POWER = 0.7
"""The inverse document frequency is raised to this: a word of one paper does not outweigh all others."""
KOREAN_TO_ENGLISH, ENGLISH_TO_KOREAN = 2.0, 0.5
"""Weight of what means the same in the other language, relative to its own: the abstracts are English."""
FULL_BRIDGES_UP_TO, NO_BRIDGES_FROM = 0.35, 0.50
"""The share of a query that the best paper has literally, between which words that mean the same lose their weight."""
MAX_INITIAL_IDF = 1.5
"""A single letter is in most papers, and the name that it belongs to says more."""


def build_words(connection: sqlite3.Connection, plan: Plan, *, exact: bool = False) -> list[Word]:
    """Return the words of a query for ranking; if `exact`, only as they were planned, without further readings."""
    from readlist.search.expansion.readings import find_readings

    texts = list(dict.fromkeys(iter_texts(plan.query, negated=False)))
    top_level = set(conjuncts(plan.query))
    plain = [] if exact else [text for text in texts if text in top_level and is_plain(text)][:MAX_PLAIN_WORDS]
    references = dict(zip(plain, find_references([text.text for text in plain]), strict=True))
    found = find_readings(connection, [text.text for text in plain], read_synonyms(connection) if plain else ())
    readings = dict(zip(plain, found, strict=True))
    words: list[Word] = []
    for text in texts:
        # A word that no paper has, in no reading, counts as well: as one that every paper lacks.
        variants = (*(plan.expanded[text] or plan.exact[text]), *readings.get(text, ()))
        reference = references.get(text)
        if variants or reference:
            column = FIELD_COLUMN.get(text.field, "")
            words.append(
                Word(text.text, _best_of_each(variants), column, reference=reference, is_plain=text in readings)
            )
    return words


def _best_of_each(variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """Return the variants without those that differ from another one by a lower weight only."""
    best: dict[tuple[object, ...], Variant] = {}
    for variant in variants:
        key = (variant.tokens, variant.is_prefix, variant.is_unordered)
        if key not in best or best[key].weight < variant.weight:
            best[key] = variant
    return tuple(best.values())


def weigh_words(
    connection: sqlite3.Connection, words: Sequence[Word], papers: int, counts: Mapping[Condition, int]
) -> list[tuple[Word, int]]:
    """Return the words with their weights in a library of `papers`, and how many papers have each.

    `counts` has the numbers of papers that are known.
    """
    return [_weigh(connection, word, papers, counts) for word in words]


def _weigh(
    connection: sqlite3.Connection, word: Word, papers: int, counts: Mapping[Condition, int] = MappingProxyType({})
) -> tuple[Word, int]:
    df = 0
    if word.variants:
        condition = MATCH_ALL._replace(match=match_any(word.variants, word.column))
        df = counts[condition] if condition in counts else count_papers(connection, condition)
    if word.reference and word.reference.year:
        year = word.reference.year
        sql = "SELECT count(*) FROM papers WHERE date BETWEEN ? AND ?"
        (dated,) = connection.execute(sql, (f"{year}-", f"{year}-9")).fetchone()
        df = min(papers, df + dated)
    idf = log(1 + papers / max(1, df)) ** IDF_POWER
    if word.reference and word.reference.initial:
        return replace(word, weight=min(idf, MAX_INITIAL_IDF)), papers
    # A word of most papers says nothing; a year does, which refers to the dates of papers besides.
    share = 1.0 if word.reference else min(1.0, 2 * (1 - df / (papers + 1)))
    return replace(word, weight=idf * share), df


def bridge_share(coverage: float) -> float:
    """Return the share of their weight that bridges have where the best paper has this much of the query literally.

    They fade out: a reader who remembers most words does not need other ones.
    """
    return min(1.0, max(0.0, (NO_BRIDGES_FROM - coverage) / (NO_BRIDGES_FROM - FULL_BRIDGES_UP_TO)))


def build_bridges(
    connection: sqlite3.Connection, words: Sequence[tuple[Word, int]], papers: int, share: float
) -> list[tuple[Word, int]]:
    """Add what means the same as the plain words of a query, to `words` with their numbers of papers; [] for nothing.

    What is of the same script are further variants of a word, what is of the other script a word of its own, with an
    inverse document frequency of its own. `share` is multiplied to the weights of all of it.
    """
    from readlist.search.expansion.bridges import BridgeFinder

    plain = [number for number, (word, _) in enumerate(words) if word.is_plain and not word.reference]
    if not plain:
        return []
    bridges = BridgeFinder(connection, papers).find([words[number][0].meaning for number in plain])
    result = list(words)
    for number, parts in zip(plain, bridges, strict=True):
        word = words[number][0]
        for part, (is_korean, same, other) in enumerate(parts):
            faded = tuple(variant._replace(weight=variant.weight * share) for variant in same)
            if faded and part == 0:
                extended = replace(word, variants=_best_of_each((*word.variants, *faded)))
                result[number] = _weigh(connection, extended, papers)
            elif faded:
                result.append(_weigh_bridge(connection, word, faded, papers, 1.0))
            if other:
                ratio = share * (KOREAN_TO_ENGLISH if is_korean else ENGLISH_TO_KOREAN)
                result.append(_weigh_bridge(connection, word, other, papers, ratio))
    return result if any(bridges) else []


def _weigh_bridge(
    connection: sqlite3.Connection, word: Word, variants: tuple[Variant, ...], papers: int, ratio: float
) -> tuple[Word, int]:
    bridge, df = _weigh(connection, Word(word.text, _best_of_each(variants), is_bridge=True), papers)
    return replace(bridge, weight=bridge.weight * ratio), df
