"""Ranking: scores candidates by comparing their fields with the whole query.

`candidates` selects some dozens of papers; here each is scored by where, how well and how often each word matches, then
by how much of the title and of one author's name the query is. Scores are comparable within one query only: up to 1 for
the matches, FREQUENCY_WEIGHT for their density, 0.7 for the title, 0.5 for the name, and one of BONUS_ALL_WORDS and
BONUS_PART_OF_TITLE. Measured by tests/benchmarks/quality.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.matching import EntryText, Word, best_score, match_frequency, match_score
from readlist.search.references import has_initial, has_surname, paper_years
from readlist.search.tokens import tokenize
from readlist.text import fold_for_search

if TYPE_CHECKING:
    from readlist.models import Entry

COLUMN_WEIGHTS: Mapping[str, float] = {
    "title": 1.0,
    "authors": 0.9,
    "tags": 0.6,
    "note": 0.5,
    "comments": 0.45,
    "abstract": 0.4,
}
"""The weight of a match in a column, the largest first."""
FREQUENCY_WEIGHTS: Mapping[str, float] = {
    "title": 2.0,
    "authors": 1.0,
    "tags": 1.5,
    "note": 1.0,
    "comments": 1.0,
    "abstract": 1.0,
}
"""How much an occurrence in a column counts."""
COVERAGE_SHARE = 0.75
"""Share of the weighted coverage in the matches; the rest is the mean fit of all words, rare or not."""
FLAT = 0.8
"""Share of the coverage that does not depend on the column."""
FREQUENCY_WEIGHT, FREQUENCY_WEIGHT_INCOMPLETE = 0.2, 1.5
"""Weight of the density of words, where some paper has all words and where none has."""
BM25_K1, BM25_B = 2.0, 0.5
BONUS_ALL_WORDS = 0.1
BONUS_PART_OF_TITLE = 0.4
"""Multiplied by the share of the query in the title of a paper that does not have all words."""
FIT_YEAR, FIT_NEAR_YEAR, COVERAGE_NEAR_YEAR = 0.9, 0.3, 0.4
"""A year or initial that the paper has, and a year that is one off, which people remember as well."""
GIVEN_NAME_RATIO = 0.6
BONUS_IN_TITLE = 0.1
"""Every word is in the title."""
BONUS_WHOLE_TITLE = 0.1
"""Multiplied by the part of the title that the query is."""
BONUS_IN_ORDER = 0.1
"""Multiplied by how closely the words follow each other in the title, as typed."""
BONUS_LITERAL = 0.4
"""Multiplied by how similar each word is to a whole word of the title, signs included: one-step prefers One-Step to One
Step, and MiniLM the paper of that name to MiniLM-V."""
BONUS_NAME = 0.5
"""Multiplied by how similar one author's name is to the query, from MIN_NAME_SIMILARITY up."""
MIN_NAME_SIMILARITY = 0.8
MAX_COMPARED = 200
"""Characters that rapidfuzz compares; its time grows with the product of both lengths."""
MAX_WORDS_COMPARED = 12
_SIGNS = ".,;:!?()[]{}\"'“”"


class _ColumnQuery:
    """The words of a query that may match in one column, and the folded text of them."""

    def __init__(self, words: Sequence[Word], column: str) -> None:
        self.words = [word for word in words if word.applies_to(column)]
        self.folded = [fold_for_search(word.text) for word in self.words]
        self.text = " ".join(self.folded)[:MAX_COMPARED]
        self._letters = Counter(self.text)
        self._without_letters = str.maketrans(dict.fromkeys(self.text))
        self._length = len(" ".join(self.text.split()))

    def may_resemble(self, name: str) -> bool:
        """Return whether the similarity of `name` to the text may reach MIN_NAME_SIMILARITY, by their common letters.

        The similarity is twice the length of the longest common subsequence, which has common letters only, divided by
        the sum of both lengths.
        """
        needed = MIN_NAME_SIMILARITY * (self._length + len(name)) / 2
        if len(name) - len(name.translate(self._without_letters)) < needed:  # as of most names; faster than counting
            return False
        return sum(min(count, name.count(letter)) for letter, count in self._letters.items()) >= needed


class Ranked(NamedTuple):
    """A paper with its score.

    `coverage` is the share of the query that it has, 0 to 1, by weight; `has_all` says that it has every word, in the
    form that was typed or in another one.
    """

    score: float
    text: EntryText
    has_all: bool
    coverage: float

    @property
    def entry(self) -> Entry:
        """The entry."""
        return self.text.entry


def rank(texts: Sequence[EntryText], words: Sequence[Word], complete: Container[int]) -> list[Ranked]:
    """Return papers with their scores, the best first; equal ones by date, the newest digest first.

    `complete` has the IDs of the papers that are known to match the whole query; there is at least one word.
    """
    scorer = _Scorer(words, is_complete=any(text.entry.paper.id in complete for text in texts))
    mean_length = sum(len(text.all_columns) for text in texts) / max(1, len(texts))
    ranked = [scorer.rank(text, mean_length, is_complete=text.entry.paper.id in complete) for text in texts]
    return sorted(ranked, key=lambda one: (-round(one.score, 6), -date_ordinal(one.entry), one.entry.paper.id))


def date_ordinal(entry: Entry) -> int:
    """Return the date of the newest digest as a number of days, 0 for none."""
    return entry.paper.date.toordinal() if entry.paper.date else 0


class _Scorer:
    """Scores entries by the words of one query."""

    def __init__(self, words: Sequence[Word], *, is_complete: bool) -> None:
        own = [word for word in words if not word.is_bridge]
        self._words = words
        self._title, self._name = _ColumnQuery(own, "title"), _ColumnQuery(own, "authors")
        self._frequency_weight = FREQUENCY_WEIGHT if is_complete else FREQUENCY_WEIGHT_INCOMPLETE
        self._total_weight = sum(word.weight for word in words) or 1.0

    def rank(self, text: EntryText, mean_length: float, *, is_complete: bool) -> Ranked:
        """Score a paper; `mean_length` is that of all candidates, in characters."""
        matches = [_match(word, text) for word in self._words]
        norm = BM25_K1 * (1 - BM25_B + BM25_B * len(text.all_columns) / mean_length)
        person = self._match_references(text.entry, matches)
        mean_fit = sum(match.fit for match in matches) / len(matches)
        coverage = self._weighted_mean(match.coverage for match in matches)
        density = self._weighted_mean(match.frequency / (match.frequency + norm) for match in matches)
        score = (1 - COVERAGE_SHARE) * mean_fit + COVERAGE_SHARE * coverage + self._frequency_weight * density
        score += _title_score(text, self._title) + max(person, _name_score(text.entry, self._name))
        has_all = is_complete or all(
            match.has_word for word, match in zip(self._words, matches, strict=True) if not word.is_bridge
        )
        if has_all:
            score += BONUS_ALL_WORDS
        else:
            score += BONUS_PART_OF_TITLE * self._weighted_mean(match.title for match in matches)
        return Ranked(score, text, has_all, coverage)

    def _weighted_mean(self, values: Iterable[float]) -> float:
        return sum(word.weight * value for word, value in zip(self._words, values, strict=True)) / self._total_weight

    def _match_references(self, entry: Entry, matches: list[_Match]) -> float:
        """Let years and initials in `matches` match what they refer to; return the bonus for a name."""
        bonus = 0.0
        names: list[list[str]] = []
        for number, reference in enumerate(word.reference for word in self._words):
            if reference is None:
                continue
            names = names or [tokenize(author) for author in entry.paper.authors]
            fit, coverage, _, title, has_word = matches[number]
            if reference.year:
                years = paper_years(entry)
                if reference.year in years:
                    fit, coverage, has_word = max(fit, FIT_YEAR), 1.0, True
                    if has_surname(names, reference.surnames):
                        is_last = has_surname(names, reference.surnames, last=True)
                        bonus = max(bonus, BONUS_NAME * (1 if is_last else GIVEN_NAME_RATIO))
                elif not years.isdisjoint({reference.year - 1, reference.year + 1}):
                    fit, coverage = max(fit, FIT_NEAR_YEAR), max(coverage, COVERAGE_NEAR_YEAR)
                matches[number] = _Match(fit, coverage, 0.0, title, has_word)
            elif has_initial(names, reference):
                matches[number] = _Match(FIT_YEAR, 1.0, 1.0, title, has_word=True)
                bonus = BONUS_NAME
            else:
                matches[number] = _Match()
        return bonus


class _Match(NamedTuple):
    """How a word matches an entry, all columns considered: 0 each where it does not.

    `fit` is the best match, weighted by its column; `coverage` the same with columns nearly equal, since a rare word
    in the abstract identifies a paper as well; `frequency` is how often it occurs, `title` how well it matches the
    title. `has_word` says that the entry has the word, in any form, or a synonym of the user, and not only a bridge.
    """

    fit: float = 0.0
    coverage: float = 0.0
    frequency: float = 0.0
    title: float = 0.0
    has_word: bool = False


def _match(word: Word, text: EntryText) -> _Match:
    keys = text.matching_keys(word)
    fit = coverage = frequency = title = 0.0
    if not keys:
        return _Match()
    for column in (word.column,) if word.column else COLUMN_WEIGHTS:
        line = text[column]
        if score := best_score(keys, line):
            weight = COLUMN_WEIGHTS[column]
            title = score if column == "title" else title
            fit = max(fit, weight * score)
            coverage = max(coverage, (FLAT + (1 - FLAT) * weight) * score)
            frequency += FREQUENCY_WEIGHTS[column] * match_frequency(keys, line)
    has_word = fit > 0 and any(variant.kind != "bridge" for _, variant in keys)
    return _Match(fit, coverage, frequency, title, has_word)


# Importing rapidfuzz takes a tenth of the time of a search: it is left out where the similarity is known without it.


def _title_score(text: EntryText, query: _ColumnQuery) -> float:
    """Return the bonus for the title: 0 unless it has every word, then by how much of it the query is."""
    scores = [match_score(word, text["title"]) for word in query.words]
    if not scores or not all(scores):
        return 0.0
    title = fold_for_search(text.entry.paper.title)[:MAX_COMPARED]
    covered = min(1.0, len(query.text) / max(1, len(title)))
    order = _order_similarity(query.text, title)
    mean = sum(scores) / len(scores)
    literal = _literal_similarity(query.folded[:MAX_WORDS_COMPARED], title)
    return BONUS_IN_TITLE + mean * (BONUS_WHOLE_TITLE * covered + BONUS_IN_ORDER * order) + BONUS_LITERAL * literal


def _order_similarity(query: str, title: str) -> float:
    """Return how similar the query is to the most similar part of the title, 0 to 1."""
    if query and query in title:
        return 1.0
    from rapidfuzz import fuzz

    return fuzz.partial_ratio(query, title) / 100


def _literal_similarity(typed: Sequence[str], title: str) -> float:
    """Return how similar the words as typed, with hyphens and errors, are to whole words of the title, 0 to 1."""
    title_words = [word.strip(_SIGNS) for word in title.split()]
    return sum(_best_similarity(word, title_words) for word in typed) / len(typed)


def _best_similarity(word: str, others: Sequence[str]) -> float:
    if word in others:
        return 1.0
    from rapidfuzz import fuzz

    return max((fuzz.ratio(word, other) for other in others), default=0.0) / 100


def _name_score(entry: Entry, query: _ColumnQuery) -> float:
    if not query.words:
        return 0.0
    names = list(filter(query.may_resemble, map(fold_for_search, entry.paper.authors)))
    if not names:
        return 0.0
    from rapidfuzz import fuzz, process

    best = process.extractOne(query.text, names, scorer=fuzz.token_sort_ratio, score_cutoff=100 * MIN_NAME_SIMILARITY)
    return BONUS_NAME * best[1] / 100 if best else 0.0
