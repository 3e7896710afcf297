"""Translations learned from the library: English words that papers with a Korean word have unusually often.

Comments and abstracts of one paper say the same in Korean and in English. The words are counted in a sample of papers
at query time: so there is no dictionary that every load would have to keep up to date.

The measure is the log-likelihood ratio of Dunning, "Accurate methods for the statistics of surprise and coincidence"
(1993).
"""

from __future__ import annotations

import re
from collections import Counter
from math import log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.expansion.vocabulary import count_papers_with
from readlist.search.lookups import require_entries
from readlist.search.tokens import tokenize

if TYPE_CHECKING:
    import sqlite3

    from readlist.models import Entry

MAX_SAMPLE = 60
"""Papers with a word that are read, the newest."""
MIN_PAPERS = 3
MIN_LIKELIHOOD_RATIO = 12.0
"""A coincidence of one in two thousand."""
MAX_TRANSLATIONS = 5
MAX_COMPARED = 200
"""English words of a sample whose frequency in the library is looked up, the most frequent first."""
MAX_DF_SHARE = 0.2
"""Share of the papers with a word that is too frequent to be a translation of another word."""
_ENGLISH = r"[a-z]{3,}"
_URL = r"https?://\S+"
_SAMPLE = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?"


class Translation(NamedTuple):
    """An English word, and how closely it is associated with a Korean one, 0 to 1."""

    word: str
    association: float


class Translator:
    """Finds translations for the words of one query; papers that several of them share are read once."""

    def __init__(self, connection: sqlite3.Connection, papers: int) -> None:
        self._connection = connection
        self._papers = papers
        self._words_of_paper: dict[int, set[str]] = {}

    def translate(self, stem: str) -> list[Translation]:
        """Return the translations of Korean words that begin with `stem`, the likeliest first."""
        expression = f'"{" ".join(tokenize(stem))}"*'
        ids = [id_ for (id_,) in self._connection.execute(_SAMPLE, (expression, MAX_SAMPLE))]
        if len(ids) < MIN_PAPERS:
            return []
        self._read(ids)
        counts = Counter(word for id_ in ids for word in self._words_of_paper[id_])
        scored: list[tuple[float, Translation]] = []
        for word, n in counts.most_common(MAX_COMPARED):
            df = count_papers_with(self._connection, word) or 1
            if n < MIN_PAPERS or df > MAX_DF_SHARE * self._papers:
                continue
            ratio = _log_likelihood_ratio(n, len(ids), df / self._papers)
            if ratio > MIN_LIKELIHOOD_RATIO:
                scored.append((ratio, Translation(word, min(1.0, n / sqrt(len(ids) * df)))))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        return [translation for _, translation in scored[:MAX_TRANSLATIONS]]

    def _read(self, ids: list[int]) -> None:
        unread = [id_ for id_ in ids if id_ not in self._words_of_paper]
        for id_, entry in zip(unread, require_entries(self._connection, unread), strict=True):
            self._words_of_paper[id_] = _english_words(entry)


def _english_words(entry: Entry) -> set[str]:
    paper = entry.paper
    text = " ".join((paper.title, paper.abstract, *paper.comments.values()))
    return set(re.findall(_ENGLISH, re.sub(_URL, " ", text).lower()))


def _log_likelihood_ratio(n: int, size: int, probability: float) -> float:
    """Return Dunning's ratio for `n` of `size` papers, where each has a word with `probability`; 0 if it is rarer."""
    p = min(max(probability, 1e-9), 1 - 1e-9)
    if n <= size * p:
        return 0.0
    return 2 * (n * log(n / (size * p)) + ((size - n) * log((size - n) / (size * (1 - p))) if n < size else 0.0))
