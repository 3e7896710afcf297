"""Ranking: scores candidates by comparing their fields with the whole query.

FTS5's bm25 selects some dozens of candidates; here each is scored by where and how well each word matches, then by how
much of the title and of one author's name the query is. Scores are comparable within one query: up to 1 for the
matches, 0.7 for the title and 0.5 for the name. Measured by tests/benchmarks/quality.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from readlist.search.index.schema import COLUMN_TEXTS
from readlist.search.tokens import phrase_key, token_line
from readlist.text import fold_for_search

if TYPE_CHECKING:
    from readlist.models import Entry
    from readlist.search.expansion.variants import Variant

COLUMN_WEIGHTS: Mapping[str, float] = {
    "title": 1.0,
    "authors": 0.9,
    "tags": 0.6,
    "note": 0.5,
    "comments": 0.45,
    "abstract": 0.4,
}
"""The weight of a match in a column, the largest first."""
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


@dataclass(frozen=True)
class Word:
    """A word of the query and its variants; `column` is the column that it is restricted to, "" for all."""

    text: str
    variants: tuple[Variant, ...]
    column: str = ""

    def applies_to(self, column: str) -> bool:
        """Return whether the word may match in this column."""
        return self.column in {"", column}

    @cached_property
    def phrase_keys(self) -> tuple[tuple[str, Variant], ...]:
        """What to find in the token line of a column, the variant with the highest weight first."""
        variants = sorted(self.variants, key=lambda variant: -variant.weight)
        return tuple((phrase_key(variant.tokens, prefix=variant.is_prefix), variant) for variant in variants)


class _ColumnQuery:
    """The words of a query that may match in one column, and the folded text of them."""

    def __init__(self, words: Sequence[Word], column: str) -> None:
        self.words = [word for word in words if word.applies_to(column)]
        self.folded = [fold_for_search(word.text) for word in self.words]
        self.text = " ".join(self.folded)[:MAX_COMPARED]


class _TokenLines(dict[str, str]):
    """The token lines of an entry by column, computed on first access: abstracts are long, and titles often suffice."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._entry = entry

    def __missing__(self, column: str) -> str:
        self[column] = token_line(COLUMN_TEXTS[column](self._entry))
        return self[column]


def rank(entries: Iterable[Entry], words: Sequence[Word]) -> list[tuple[float, Entry]]:
    """Return `entries` with their scores, the best first; equal ones by date, the newest digest first."""
    title, name = _ColumnQuery(words, "title"), _ColumnQuery(words, "authors")
    scored = [(_score(entry, words, title, name), entry) for entry in entries]
    return sorted(scored, key=lambda pair: (-round(pair[0], 6), -date_ordinal(pair[1]), pair[1].paper.id))


def date_ordinal(entry: Entry) -> int:
    """Return the date of the newest digest as a number of days, 0 for none."""
    return entry.paper.date.toordinal() if entry.paper.date else 0


def match_score(word: Word, line: str) -> float:
    """Return how well `word` matches in a column with this token line, 0 to 1."""
    best = 0.0
    for key, variant in word.phrase_keys:
        if variant.weight <= best:
            break
        if variant.is_unordered:
            score = variant.weight * all(phrase_key((token,), prefix=True) in line for token in variant.tokens)
        elif variant.is_prefix:
            score = _prefix_score(key, variant.weight, line)
        else:
            score = variant.weight * (key in line)
        best = max(best, score)
    return best


def _prefix_score(key: str, weight: float, line: str) -> float:
    """Return the best score of the words that start with `key`, the higher the more of the word it is."""
    best = 0.0
    start = line.find(key)
    while start >= 0:
        end = line.find(" ", start + len(key))
        length = end - start - 1
        best = max(best, weight * (0.5 + 0.5 * (len(key) - 1) / length))
        start = line.find(key, end)
    return best


def _score(entry: Entry, words: Sequence[Word], title: _ColumnQuery, name: _ColumnQuery) -> float:
    lines = _TokenLines(entry)
    matches = sum(_best_column_score(word, lines) for word in words) / len(words)
    return matches + _title_score(entry, lines, title) + _name_score(entry, name)


def _best_column_score(word: Word, lines: Mapping[str, str]) -> float:
    best = 0.0
    for column in (word.column,) if word.column else COLUMN_WEIGHTS:
        if best >= COLUMN_WEIGHTS[column]:
            break  # no match in a column of lower weight can be better
        best = max(best, COLUMN_WEIGHTS[column] * match_score(word, lines[column]))
    return best


def _title_score(entry: Entry, lines: Mapping[str, str], query: _ColumnQuery) -> float:
    """Return the bonus for the title: 0 unless it has every word, then by how much of it the query is."""
    from rapidfuzz import fuzz

    scores = [match_score(word, lines["title"]) for word in query.words]
    if not scores or not all(scores):
        return 0.0
    title = fold_for_search(entry.paper.title)[:MAX_COMPARED]
    covered = min(1.0, len(query.text) / max(1, len(title)))
    order = fuzz.partial_ratio(query.text, title) / 100
    mean = sum(scores) / len(scores)
    literal = _literal_similarity(query.folded[:MAX_WORDS_COMPARED], title)
    return BONUS_IN_TITLE + mean * (BONUS_WHOLE_TITLE * covered + BONUS_IN_ORDER * order) + BONUS_LITERAL * literal


def _literal_similarity(typed: Sequence[str], title: str) -> float:
    """Return how similar the words as typed, with hyphens and errors, are to whole words of the title, 0 to 1."""
    from rapidfuzz import fuzz

    title_words = [word.strip(_SIGNS) for word in title.split()]
    best = (max((fuzz.ratio(word, other) for other in title_words), default=0.0) for word in typed)
    return sum(best) / (100 * len(typed))


def _name_score(entry: Entry, query: _ColumnQuery) -> float:
    from rapidfuzz import fuzz, process

    if not query.words:
        return 0.0
    names = map(fold_for_search, entry.paper.authors)
    best = process.extractOne(query.text, names, scorer=fuzz.token_sort_ratio, score_cutoff=100 * MIN_NAME_SIMILARITY)
    return BONUS_NAME * best[1] / 100 if best else 0.0
