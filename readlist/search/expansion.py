"""Query expansion: a word of a query -> the variants, words of the vocabulary, that it matches, each with a weight.

Exact variants: the word itself, as the start of longer words, its parts side by side (pre-training: "pre training"),
its parts joined (pretraining), two words typed apart that papers write as one (deep seek: deepseek), letters that look
Latin (unit: μnit), a Korean word inside another (학습: 강화학습).

Fuzzy variants: words a few typing errors away, Korean ones by their jamo (데이타: 데이터), the stem of a Korean word
(학습을: 학습), two words typed as one (강화학습: 강화 학습).

`planner` decides which of the two are used; `ranking` uses the weights.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.scripts import LOOK_ALIKES, script_class
from readlist.search.tokens import join_compounds, tokenize

if TYPE_CHECKING:
    import sqlite3

WEIGHT_EXACT = 1.0
WEIGHT_JOINED = 0.97
"""Parts joined or split otherwise than typed: as good as exact, but ranked after it."""
WEIGHT_LOOK_ALIKE = 0.95
WEIGHT_PREFIX = 0.9
"""`ranking` multiplies it by how much of the longer word was typed, from 0.5 up."""
WEIGHT_SUBSTRING = 0.6
WEIGHT_STEM = 0.6
WEIGHT_ONE_ERROR = 0.7
ERROR_RATIO = 0.6
"""Each further error multiplies the weight by this."""
OTHER_START_RATIO = 0.75
"""A typing error in the first letter is rare; a word with another first letter is probably another word."""

MIN_PREFIX = 3
"""Letters of a Latin word that also matches as a prefix: `a*` alone would visit a tenth of the index."""
MIN_SPLIT = 3
"""Letters of each half where two Latin words were typed as one."""
MIN_SYLLABLES = 2
"""Syllables of a Korean word that matches inside others, or remains as a stem; a single one is in too many words."""
MAX_SHORT_WORD = 4
"""Letters up to which a word alone is not corrected by replacing a letter: too many words are one letter away."""
MIN_SIMILARITY = 0.65
"""Similarity (1 - normalized edit distance) of the words that are suggested where no paper matches."""
MAX_LENGTH_DIFFERENCE = 3
"""Letters by which a suggested word may be shorter or longer than the typed one."""
MAX_LOOK_ALIKES = 3
"""Letters of a word that are tried with all their Latin spellings; beyond, there are too many combinations."""
MAX_SUBSTRING_MATCHES = 100
MAX_CORRECTIONS_OF_PART = 5
MIN_RELATIVE_WEIGHT = 0.65
"""Weight of a variant relative to the best one: no word with two errors is used where there is one with one error."""
MAX_VARIANTS = 40
"""Fuzzy variants of a word."""
MAX_WORD = 40
"""Letters of a word that is corrected; longer ones cost time and are pasted, not typed."""


class Variant(NamedTuple):
    """Adjacent tokens that a word of the query matches.

    With `is_prefix` the last token may continue; `is_unordered` allows any order and one token in between, as in names;
    `is_corrected` says that the word was taken for a misspelling.
    """

    tokens: tuple[str, ...]
    weight: float
    is_prefix: bool = False
    is_corrected: bool = False
    is_unordered: bool = False

    @property
    def display_text(self) -> str:
        """The variant as a person would write it."""
        return " ".join(self.tokens)


def exact_variants(connection: sqlite3.Connection, text: str, before: str = "", after: str = "") -> tuple[Variant, ...]:
    """Return the variants of `text`, one word or compound, if it is spelled correctly; none if it has no token.

    `before` and `after` are the adjacent words of the query.
    """
    tokens = tuple(tokenize(text))
    if not tokens:
        return ()
    variants = [Variant(tokens, WEIGHT_EXACT), *_prefix_variants(tokens)]
    if len(tokens) > 1:
        joined = "".join(join_compounds(text) or tokens)
        variants += [Variant((joined,), WEIGHT_JOINED), *_prefix_variants((joined,))]
    else:
        variants += _look_alike_variants(connection, tokens[0])
        variants += _substring_variants(connection, tokens[0])
    variants += _compound_variants(connection, tokens, before, after)
    return tuple(dict.fromkeys(variants))


def fuzzy_variants(connection: sqlite3.Connection, text: str, *, alone: bool = False) -> tuple[Variant, ...]:
    """Return the variants of `text` if it is misspelled, the likeliest first; `alone`: the query has no other word."""
    tokens = tuple(tokenize(text))
    word = "".join(tokens)
    if not tokens or len(word) > MAX_WORD:
        return ()
    if len(tokens) > 1 and script_class(tokens[-1]) == "h" and script_class(tokens[0]) != "h":
        variants = [Variant(tokens[:-1], WEIGHT_STEM, is_corrected=True)]  # GRPO를: a particle on a Latin word
    elif script_class(word) == "h":
        variants = [*_jamo_variants(connection, word), *_stem_variants(word), *_split_variants(connection, word)]
    else:
        variants = [*_typo_variants(connection, word, strict=alone), *_split_variants(connection, word)]
        for index, token in enumerate(tokens if len(tokens) > 1 else ()):
            corrections = _typo_variants(connection, token, strict=alone)[:MAX_CORRECTIONS_OF_PART]
            variants += [
                Variant(
                    (*tokens[:index], *correction.tokens, *tokens[index + 1 :]), correction.weight, is_corrected=True
                )
                for correction in corrections
            ]
    best = sorted(dict.fromkeys(variants), key=lambda variant: -variant.weight)[:MAX_VARIANTS]
    return tuple(variant for variant in best if variant.weight > MIN_RELATIVE_WEIGHT * best[0].weight)


def closest_words(connection: sqlite3.Connection, text: str, limit: int = 3) -> list[str]:
    """Return the words of the vocabulary that are most similar to `text`, to suggest where no paper matches."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    word = "".join(tokenize(text))[:MAX_WORD]
    if len(word) < MIN_PREFIX:
        return []
    shortest, longest = len(word) - MAX_LENGTH_DIFFERENCE, len(word) + MAX_LENGTH_DIFFERENCE
    candidates = [other for other in _read_words(connection, script_class(word), shortest, longest) if other != word]
    ranked = process.extract(
        word, candidates, scorer=OSA.normalized_similarity, score_cutoff=MIN_SIMILARITY, limit=limit
    )
    return [other for other, _, _ in ranked]


# Exact variants


def _prefix_variants(tokens: tuple[str, ...]) -> list[Variant]:
    last = tokens[-1]
    if len(last) < MIN_PREFIX and last.isascii() and len(tokens) == 1:
        return []
    return [Variant(tokens, WEIGHT_PREFIX, is_prefix=True)]


def _look_alike_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    mixed = _read_words(connection, "m", 1, len(word))
    return [
        Variant((other,), WEIGHT_LOOK_ALIKE) for other in mixed if other != word and word in _latin_spellings(other)
    ]


@lru_cache(maxsize=1024)
def _latin_spellings(word: str) -> frozenset[str]:
    choices = [LOOK_ALIKES.get(letter, (letter,)) for letter in word]
    if sum(len(choice) > 1 for choice in choices) > MAX_LOOK_ALIKES:
        choices = [choice[:1] for choice in choices]
    return frozenset(map("".join, itertools.product(*choices)))


def _substring_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    """Return the Korean words that contain `word` after their start: 학습 in 강화학습."""
    if len(word) < MIN_SYLLABLES or script_class(word) != "h":
        return []
    rows = connection.execute(
        "SELECT word FROM vocabulary WHERE script = 'h' AND length > ? AND instr(word, ?) > 1"
        " ORDER BY length, word LIMIT ?",
        (len(word), word, MAX_SUBSTRING_MATCHES),
    )
    return [Variant((other,), WEIGHT_SUBSTRING) for (other,) in rows]


def _compound_variants(
    connection: sqlite3.Connection, tokens: tuple[str, ...], before: str, after: str
) -> list[Variant]:
    """Return the words that papers write as one with the word typed before or after."""
    word = "".join(tokens)
    compounds = {"".join(tokenize(before)) + word, word + "".join(tokenize(after))} - {word}
    return [Variant((compound,), WEIGHT_JOINED) for compound in sorted(_in_vocabulary(connection, compounds))]


# Fuzzy variants


def _split_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    """Return the pairs of words that may have been typed as one; Korean ones may continue."""
    is_korean = script_class(word) == "h"
    min_length = MIN_SYLLABLES if is_korean else MIN_SPLIT
    pairs = [(word[:cut], word[cut:]) for cut in range(min_length, len(word) - min_length + 1)]
    known = _in_vocabulary(connection, [half for pair in pairs for half in pair]) if pairs else set()
    return [
        Variant(pair, WEIGHT_JOINED, is_prefix=is_korean, is_corrected=True) for pair in pairs if known.issuperset(pair)
    ]


def _max_errors(length: int) -> int:
    """Return how many typing errors a word of this length may have: none below 3, one up to 5, two from 6."""
    return 0 if length < 3 else 1 if length < 6 else 2  # noqa: PLR2004 -- the table of the docstring


def _typo_weight(errors: int, *, same_start: bool) -> float:
    return WEIGHT_ONE_ERROR * ERROR_RATIO ** (errors - 1) * (1 if same_start else OTHER_START_RATIO)


def _typo_variants(connection: sqlite3.Connection, word: str, *, strict: bool) -> list[Variant]:
    """Return the Latin words a few typing errors away; with `strict` no short ones in which a letter differs."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    max_errors = _max_errors(len(word))
    candidates = _read_words(connection, "w", len(word) - max_errors, len(word) + max_errors)
    ranked = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=max_errors, limit=MAX_VARIANTS)
    return [
        Variant((other,), _typo_weight(int(errors), same_start=other[0] == word[0]), is_corrected=True)
        for other, errors, _ in ranked
        if errors and not (strict and len(word) <= MAX_SHORT_WORD and not _has_same_letters(word, other))
    ]


def _has_same_letters(word: str, other: str) -> bool:
    """Return whether two letters changed places or one is missing or added, the errors accepted in a short word."""
    if word[0] != other[0]:
        return False
    return sorted(word) == sorted(other) if len(word) == len(other) else True


def _jamo_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    """Return the starts of Korean words, as long as `word`, that differ from it by a jamo or two."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    starts = list({other[: len(word)] for other in _read_words(connection, "h", len(word) - 1, 99)})
    if not starts:
        return []
    typed = unicodedata.normalize("NFD", word)
    candidates = unicodedata.normalize("NFD", "\n".join(starts)).split("\n")
    # Two errors in two syllables (six jamo) turn 한국 into 간격; only with a third syllable it is the same word.
    max_errors = min(_max_errors(len(typed)), len(word) - 1)
    ranked = process.extract(typed, candidates, scorer=OSA.distance, score_cutoff=max_errors, limit=MAX_VARIANTS)
    return [
        Variant((starts[index],), _typo_weight(int(errors), same_start=True), is_prefix=True, is_corrected=True)
        for _, errors, index in ranked
        if errors
    ]


def _stem_variants(word: str) -> list[Variant]:
    """Return `word` without its last syllable or last two: the stem before a particle or an ending."""
    return [
        Variant((word[:-cut],), WEIGHT_STEM**cut, is_prefix=True, is_corrected=True)
        for cut in (1, 2)
        if len(word) - cut >= MIN_SYLLABLES
    ]


# The vocabulary


def _in_vocabulary(connection: sqlite3.Connection, words: Iterable[str]) -> set[str]:
    sql = "SELECT 1 FROM vocabulary WHERE script = ? AND length = ? AND word = ?"
    return {word for word in words if connection.execute(sql, (script_class(word), len(word), word)).fetchone()}


def _read_words(connection: sqlite3.Connection, script: str, shortest: int, longest: int) -> list[str]:
    # Joined by SQLite, which is faster than a row for each word.
    (joined,) = connection.execute(
        "SELECT group_concat(word, char(10)) FROM vocabulary WHERE script = ? AND length BETWEEN ? AND ?",
        (script, shortest, longest),
    ).fetchone()
    return joined.split("\n") if joined else []
