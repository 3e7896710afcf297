"""Interests: the liked papers of a user, in two groups where they are of two subjects. Pure functions.

One profile of two subjects has the terms of the subject with more papers, and suggests little of the other. Called by
`suggestions`, which learns a model of each interest and takes suggestions from them in turn.

The constants were chosen with users simulated on real papers; tests/benchmarks/suggestions.py measures the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from math import log, sqrt
from operator import mul
from typing import TypeAlias, TypeVar

from readlist.search.recommend.profile import DocumentFrequency, LikedPaper, candidate_terms
from readlist.search.recommend.similarity import TermVector, build_vector, mean_length

MIN_INTEREST = 3
"""Liked papers of an interest: one or two of another kind are chance."""
MAX_RELATIVE_SIMILARITY = 0.75
"""Mean similarity of papers of two interests, relative to that of papers of one: more, and it is one subject."""
MAX_SHARE = 0.4
"""Share of all papers; terms that more of them have say little about interests, and comparing them takes time."""
_POWER_ITERATIONS = 15
_MAX_ROUNDS = 10

_Similarities: TypeAlias = Sequence[Sequence[float]]
"""The cosine of each pair of papers, symmetric."""
_Groups: TypeAlias = tuple[list[int], list[int]]
_T = TypeVar("_T")


def split_interests(
    liked: Sequence[LikedPaper], papers: int, document_frequency: DocumentFrequency
) -> list[list[LikedPaper]]:
    """Return the liked papers, in a library of `papers`, as one group or as two, the larger one first."""
    if len(liked) < 2 * MIN_INTEREST:
        return [list(liked)]
    counts = [paper.counts for paper in liked]
    df = {
        term: max(1, df)
        for term, df in document_frequency(list(candidate_terms(counts))).items()
        if df <= MAX_SHARE * papers
    }
    avgdl = mean_length(counts)
    similarities = _compare([_normalize(build_vector(count, df, avgdl), df, papers) for count in counts])
    groups = _bisect(similarities)
    if min(map(len, groups)) < MIN_INTEREST or _relative_similarity(similarities, groups) >= MAX_RELATIVE_SIMILARITY:
        return [list(liked)]
    return [[liked[number] for number in group] for group in sorted(groups, key=len, reverse=True)]


def interleave(rankings: Iterable[Iterable[_T]]) -> Iterator[_T]:
    """Yield the items of rankings in turn: the first of each, the second of each and so on."""
    return (item for item in chain.from_iterable(zip_longest(*rankings)) if item is not None)


def _normalize(vector: TermVector, df: Mapping[str, int], papers: int) -> TermVector:
    """Return a vector of length 1, with terms weighted by the root of their inverse document frequency.

    The whole inverse document frequency lets a few rare words decide which papers are similar.
    """
    weighted = {term: tf * sqrt(log((papers + 1) / df[term])) for term, tf in vector.items()}
    length = sqrt(sum(weight * weight for weight in weighted.values())) or 1.0
    return {term: weight / length for term, weight in weighted.items()}


def _compare(vectors: Sequence[TermVector]) -> list[list[float]]:
    matrix = [[1.0] * len(vectors) for _ in vectors]
    for row, vector in enumerate(vectors):
        for column in range(row):
            other = vectors[column]
            common = vector.keys() & other.keys()
            matrix[row][column] = matrix[column][row] = sum(vector[term] * other[term] for term in common)
    return matrix


def _bisect(similarities: _Similarities) -> _Groups:
    """Return two groups of papers, by numbers: cut along the principal direction (Boley 1998), then 2-means."""
    positions = _principal_direction(similarities)
    order = sorted(range(len(positions)), key=lambda number: (positions[number], number))
    cohesions = _prefix_cohesions(similarities, order), _prefix_cohesions(similarities, order[::-1])
    size = max(range(1, len(order)), key=lambda size: cohesions[0][size] + cohesions[1][len(order) - size])
    groups = order[:size], order[size:]
    for _ in range(_MAX_ROUNDS):
        improved = _reassign(similarities, groups)
        if improved == groups or not all(improved):
            break
        groups = improved
    return groups


def _principal_direction(similarities: _Similarities) -> list[float]:
    """Return the positions of the papers along the direction in which they differ most, by power iteration."""
    size = len(similarities)
    means = [sum(row) / size for row in similarities]
    mean = sum(means) / size
    centered = [
        [value - means[row] - means[column] + mean for column, value in enumerate(values)]
        for row, values in enumerate(similarities)
    ]
    direction = max(centered, key=lambda row: sum(map(mul, row, row)))
    for _ in range(_POWER_ITERATIONS):
        product = [sum(map(mul, row, direction)) for row in centered]
        length = sqrt(sum(map(mul, product, product))) or 1.0
        direction = [value / length for value in product]
    return direction


def _prefix_cohesions(similarities: _Similarities, order: Sequence[int]) -> list[float]:
    """Return the cohesion of the first 0, 1, 2, ... papers of `order`."""
    total, cohesions = 0.0, [0.0]
    for size, number in enumerate(order, 1):
        total += 1 + 2 * sum(similarities[number][other] for other in order[: size - 1])
        cohesions.append(total / size)
    return cohesions


def _cohesion(similarities: _Similarities, group: Sequence[int]) -> float:
    """Return the squared length of the sum of a group's vectors by its size: the more, the less its papers differ."""
    return sum(similarities[row][column] for row in group for column in group) / len(group)


def _reassign(similarities: _Similarities, groups: _Groups) -> _Groups:
    """Return the groups with each paper in the one that it fits best, as if it were in neither (Hartigan 1975)."""
    cohesions = [_cohesion(similarities, group) / len(group) for group in groups]
    members = set(groups[0])
    reassigned: _Groups = ([], [])
    for number, row in enumerate(similarities):
        distances: list[float] = []
        for group, cohesion, is_member in zip(
            groups, cohesions, (number in members, number not in members), strict=True
        ):
            size = len(group)
            distance = 1 - 2 * sum(row[other] for other in group) / size + cohesion
            distances.append(distance * size / (size - 1 if is_member and size > 1 else size + (not is_member)))
        reassigned[distances[1] < distances[0]].append(number)
    return reassigned


def _relative_similarity(similarities: _Similarities, groups: _Groups) -> float:
    """Return the mean similarity of papers of different groups by that of papers of the same group."""
    first, second = groups
    between = sum(similarities[row][column] for row in first for column in second) / (len(first) * len(second))
    pairs = sum(len(group) * (len(group) - 1) for group in groups)
    within = sum(similarities[row][column] for group in groups for row in group for column in group if row != column)
    return between * pairs / within if within else 1.0
