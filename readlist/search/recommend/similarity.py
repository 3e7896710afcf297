"""Term vectors of papers, and the weights of terms that distinguish relevant papers from others. Pure functions.

A term is a token; a Korean one is cut to its first two syllables, the stem of nearly every noun, so that 모델을 and
모델은 are the same. Its frequency in a vector is that of BM25, which saturates and allows for long papers.

The weight of a term is the difference between its mean frequency in positive and in negative papers (Rocchio), times
its relevance weight (Robertson and Spärck Jones 1976: how much likelier a relevant paper has it than others), times its
inverse document frequency.

The constants were chosen with users simulated on real papers; tests/benchmarks/suggestions.py measures the result.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from itertools import chain
from math import log
from typing import TYPE_CHECKING, TypeAlias

from readlist.search.index.schema import COLUMN_TEXTS
from readlist.search.scripts import FIRST_SYLLABLE
from readlist.search.tokens import tokenize

if TYPE_CHECKING:
    from readlist.models import Entry

STEM_SYLLABLES = 2
"""Syllables of a Korean term; whole words are worse, because particles hide what they have in common."""
BOOSTED_FIELDS = ("title", "tags", "comments", "note")
"""Columns that say in a few lines what the paper is about, for which the abstract takes thirty: they count twice."""
BM25_K1 = 2.0
"""Saturation of the term frequency: the upper end of what the authors of BM25 use (1.2 to 2)."""
BM25_B = 0.75
"""How far the length of a paper counts."""
NEGATIVE_RATIO = 0.25
"""Weight of negative papers relative to positive ones: a paper is skipped for many reasons."""
PROFILE_SIZE = 200
"""Terms of a profile; more change little."""

TermVector: TypeAlias = Mapping[str, float]
"""The terms of a paper with their saturated frequencies."""
WeightedVector: TypeAlias = tuple[TermVector, float]


def stem(token: str) -> str:
    """Return the term of a token."""
    return token if token.isascii() or token < FIRST_SYLLABLE else token[:STEM_SYLLABLES]


def is_stem(term: str) -> bool:
    """Return whether the term also matches longer words."""
    return len(term) == STEM_SYLLABLES and term >= FIRST_SYLLABLE


def count_terms(entry: Entry) -> Counter[str]:
    """Count the terms of a paper; those of BOOSTED_FIELDS count twice."""
    boosted = " ".join(chain.from_iterable(COLUMN_TEXTS[name](entry) for name in BOOSTED_FIELDS))
    counts = Counter(tokenize(boosted) * 2)
    counts.update(tokenize(entry.paper.abstract))
    for token in [token for token in counts if not token.isascii() and stem(token) != token]:
        counts[stem(token)] += counts.pop(token)
    return counts


def mean_length(counts: Sequence[Counter[str]]) -> float:
    """Return the mean number of terms of papers, at least 1."""
    return max(1.0, sum(count.total() for count in counts) / max(1, len(counts)))


def build_vector(counts: Counter[str], terms: Container[str], avgdl: float) -> TermVector:
    """Return the BM25 frequencies of those `terms` that a paper has; `avgdl` is the mean length of the papers."""
    norm = BM25_K1 * (1 - BM25_B + BM25_B * counts.total() / avgdl)
    return {term: tf * (BM25_K1 + 1) / (tf + norm) for term, tf in counts.items() if term in terms}


def weigh_terms(
    positives: Sequence[WeightedVector],
    negatives: Sequence[WeightedVector],
    papers: int,
    document_frequency: Mapping[str, int],
) -> dict[str, float]:
    """Return the weights of the terms in `document_frequency`, for a library of `papers`.

    They are the PROFILE_SIZE terms that distinguish positive papers from others best, and all with a negative weight.
    """
    positive_tf, negative_tf = _mean(positives), _mean(negatives)
    relevant_df, relevant = _sum_weights(positives), sum(weight for _, weight in positives)
    term_weights: dict[str, float] = {}
    for term in document_frequency:
        df = _clamp_df(document_frequency[term], papers)
        relevance = _relevance_weight(relevant_df[term], relevant, df, papers)
        if relevance > 0:
            term_weights[term] = (positive_tf[term] - NEGATIVE_RATIO * negative_tf.get(term, 0.0)) * relevance
    terms = heapq.nlargest(PROFILE_SIZE, term_weights, term_weights.__getitem__)
    terms += [term for term, weight in term_weights.items() if weight < 0]
    return {
        term: term_weights[term] * log((papers + 1) / _clamp_df(document_frequency[term], papers)) for term in terms
    }


def _clamp_df(df: int, papers: int) -> int:
    """Return a document frequency of at least one and at most all papers; that of a Korean stem is an estimate."""
    return max(1, min(df, papers))


def _mean(vectors: Sequence[WeightedVector]) -> dict[str, float]:
    total = sum(weight for _, weight in vectors)
    mean: dict[str, float] = {}
    for vector, weight in vectors:
        for term, tf in vector.items():
            mean[term] = mean.get(term, 0.0) + tf * weight / total
    return mean


def _sum_weights(vectors: Sequence[WeightedVector]) -> dict[str, float]:
    """Return the total weight of the papers that have each term."""
    totals: dict[str, float] = {}
    for vector, weight in vectors:
        for term in vector:
            totals[term] = totals.get(term, 0.0) + weight
    return totals


def _relevance_weight(relevant_df: float, relevant: float, df: float, papers: int) -> float:
    """Return the Robertson-Spärck Jones weight of a term in `relevant_df` of `relevant`, in `df` of all `papers`."""
    other_df = max(0.0, df - relevant_df)
    others = max(other_df, papers - relevant)
    return log((relevant_df + 0.5) / (relevant - relevant_df + 0.5)) - log((other_df + 0.5) / (others - other_df + 0.5))
