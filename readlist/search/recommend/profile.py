"""Preference model: what the user likes, learned from the papers they starred, noted, read and skipped.

It scores a paper by the weighted terms of a profile, and finds the liked paper that it is most similar to. A user with
two interests has a model for each, see `interests`. It does not access the index: document frequencies are passed in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.search.recommend.similarity import TermVector, build_vector, count_terms, mean_length, weigh_terms

if TYPE_CHECKING:
    from readlist.models import Entry, Mark

MIN_PAPERS_FOR_RARE_TERMS = 5
"""Liked papers from which on a term must be in two of them: the result is as good, and the profile smaller."""
MAX_CANDIDATE_TERMS = 600
"""Terms whose document frequency is looked up, the most frequent first; more do not improve the result."""
PREFERENCE_STARRED, PREFERENCE_READ = 1.0, 0.5
"""Preference for a paper with a star or a note, and for one that was read: users do not like everything they read."""
MIN_SHARED_WEIGHT = 0.1
"""Weight of a shared term that explains a similarity, relative to the highest one."""

DocumentFrequency: TypeAlias = Callable[[Sequence[str]], Mapping[str, int]]
"""Returns how many papers of the library have each of some terms."""


class LikedPaper(NamedTuple):
    """A paper that the user selected, how certain it is that they like it, 0 to 1, and how often it has each term."""

    entry: Entry
    preference: float
    counts: Counter[str]


class Overlap(NamedTuple):
    """The liked paper that a suggestion is most similar to, and the terms of the profile that they share.

    `terms` are the main ones, the highest weight first, `shared` all of them.
    """

    liked: Entry
    terms: tuple[str, ...]
    shared: frozenset[str]


def preference(mark: Mark) -> float:
    """Return how certain it is that the user likes a paper with this mark, 0 for a skipped or unread one."""
    if mark.starred or mark.note:
        return PREFERENCE_STARRED
    return PREFERENCE_READ if mark.status in {"read", "reading"} else 0.0


class PreferenceModel:
    """A profile learned from liked papers and the terms of skipped ones, in a library of `papers`.

    `profile` maps terms to weights; `df` has the document frequency of each term that was considered: those that other
    papers have too.
    """

    def __init__(
        self,
        liked: Sequence[LikedPaper],
        skipped: Sequence[Counter[str]],
        papers: int,
        document_frequency: DocumentFrequency,
    ) -> None:
        self._avgdl = mean_length([*(paper.counts for paper in liked), *skipped])
        self.document_frequency = document_frequency
        liked_df = candidate_terms([paper.counts for paper in liked])
        df = document_frequency(list(liked_df))
        self.df = {term: count for term, count in df.items() if count > liked_df[term]}
        positives = [(build_vector(paper.counts, self.df, self._avgdl), paper.preference) for paper in liked]
        negatives = [(build_vector(counts, self.df, self._avgdl), 1.0) for counts in skipped]
        self.profile = weigh_terms(positives, negatives, papers, self.df)
        self._liked = [(paper.entry, vector) for paper, (vector, _) in zip(liked, positives, strict=True)]

    def vectorize(self, entry: Entry) -> TermVector:
        """Return the term vector of a paper, restricted to the terms of the profile."""
        return build_vector(count_terms(entry), self.profile, self._avgdl)

    def score(self, vector: TermVector) -> float:
        """Return how much the user will probably like a paper; 0 where it has no term of the profile."""
        return sum(self.profile[term] * tf for term, tf in vector.items())

    def find_overlap(self, paper: Entry, vector: TermVector) -> Overlap | None:
        """Return the liked paper that is most similar to another one with this vector; None where no term is shared."""
        weighted = {term: self.profile[term] * vector[term] for term in vector if self.profile[term] > 0}
        best, best_similarity = None, 0.0
        for entry, liked in self._liked:
            if entry.paper.key == paper.paper.key:
                continue
            shared = {term: weight * liked[term] for term, weight in weighted.items() if term in liked}
            similarity = sum(shared.values())
            if similarity > best_similarity:
                best, best_similarity = (entry, shared), similarity
        if best is None:
            return None
        entry, shared = best
        min_weight = MIN_SHARED_WEIGHT * max(shared.values())
        terms = [term for term, weight in shared.items() if weight >= min_weight]
        return Overlap(entry, tuple(sorted(terms, key=lambda term: (-shared[term], term))), frozenset(shared))


def candidate_terms(counts: Sequence[Counter[str]]) -> dict[str, int]:
    """Return the terms that may characterize papers, the most frequent, with how many of the papers have each.

    Of several papers these are terms that at least two have.
    """
    df = Counter(chain.from_iterable(counts))
    min_papers = 2 if len(counts) >= MIN_PAPERS_FOR_RARE_TERMS else 1
    return {term: papers for term, papers in df.most_common(MAX_CANDIDATE_TERMS) if papers >= min_papers}
