"""Word forms: other words of the vocabulary with the stem of an English word, by the Porter stemmer of FTS5.

Stems are not stored. Porter's rules change the ends of words only, so that the forms of a word are among the words
with the same first letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from readlist.search.expansion.variants import WEIGHT_WORD_FORM, Variant
from readlist.search.expansion.vocabulary import words_with_start

if TYPE_CHECKING:
    import sqlite3

MIN_WORD = 4
"""Letters of a word that has other forms."""
MIN_BASE = 3
"""Letters of a word without its ending."""
MAX_FORMS = 30


def word_form_variants(connection: sqlite3.Connection, words: Iterable[str]) -> dict[str, list[Variant]]:
    """Return the other forms of each of `words`, which are tokens; only English ones have some."""
    english = [word for word in dict.fromkeys(words) if _is_english(word)]
    candidates = {word: _similar_starts(connection, word) for word in english}
    spellings = {word: americanize(word) for word in chain(english, *candidates.values())}
    stems = stem_words(connection, list(spellings.values()))
    return {
        word: [
            Variant((other,), WEIGHT_WORD_FORM, kind="form")
            for other in others
            if other != word and stems[spellings[other]] == stems[spellings[word]]
        ][:MAX_FORMS]
        for word, others in candidates.items()
    }


def americanize(word: str) -> str:
    """Return an English word in American spelling, by the regular differences: optimise, behaviour, modelling."""
    if "is" in word:  # else the expression need not be compiled
        word = re.sub(r"(?<=.{3})is(?=(?:e[drs]?|ing|ations?)$)", "iz", word)
    if "our" in word:
        word = re.sub(r"(?<=.{3})our(?=(?:s|ed|ing|al|ally)?$)", "or", word)
    return re.sub(r"(?<=[aeiou])ll(?=(?:ed|ing)$)", "l", word) if "ll" in word else word


def is_inflection(word: str, other: str) -> bool:
    """Return whether two English words are inflections of one: plural, tenses; not a word derived from the other."""
    return not _bases(word).isdisjoint(_bases(other))


@lru_cache(maxsize=512)
def _bases(word: str) -> frozenset[str]:
    """Return what `word` may be an inflection of, itself included."""
    cut = [word.removesuffix(ending) for ending in ("s", "es", "d", "ed", "ing") if word.endswith(ending)]
    bases = {word, *(base for base in cut if len(base) >= MIN_BASE)}
    bases |= {base + "e" for base in cut}
    bases |= {base[:-1] for base in cut if len(base) > MIN_BASE and base[-1] == base[-2]}  # clipping: clip
    bases |= {base[:-1] + "y" for base in cut if base.endswith("i")}
    return frozenset(bases)


def stem_words(connection: sqlite3.Connection, words: Sequence[str]) -> dict[str, str]:
    """Return the stem of each of `words`, which are ASCII."""
    if not words:
        return {}
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.porter USING fts5 (word, tokenize='porter ascii')")
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.stems USING fts5vocab (temp, porter, instance)")
    connection.execute("DELETE FROM temp.porter")
    distinct = list(dict.fromkeys(words))
    connection.executemany("INSERT INTO temp.porter (rowid, word) VALUES (?, ?)", enumerate(distinct))
    return {distinct[number]: stem for stem, number in connection.execute("SELECT term, doc FROM temp.stems")}


def _is_english(word: str) -> bool:
    return len(word) >= MIN_WORD and word.isascii() and word.isalpha()


def _similar_starts(connection: sqlite3.Connection, word: str) -> list[str]:
    """Return the words that may be forms of `word`, those in the most papers first.

    They share so many letters that words with one stem but another meaning are left out: optimal, optimization.
    """
    ending = len("ation") if word.endswith("ization") else 3
    start = word[: max(3, min(len(word) - ending, len(word) * 2 // 3))]
    return [other for other in words_with_start(connection, start, len(word)) if _is_english(other)]
