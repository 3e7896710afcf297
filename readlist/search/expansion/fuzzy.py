"""Fuzzy variants: what a word may be if it is misspelled.

Words a few typing errors away, Korean ones by their jamo (데이타: 데이터), the stem of a Korean word (학습을: 학습),
two words typed as one (강화학습: 강화 학습).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from readlist.search.expansion.variants import (
    ERROR_RATIO,
    MIN_PREFIX,
    MIN_SYLLABLES,
    OTHER_START_RATIO,
    WEIGHT_JOINED,
    WEIGHT_ONE_ERROR,
    WEIGHT_STEM,
    Variant,
)
from readlist.search.expansion.vocabulary import find_known, read_starts, read_words
from readlist.search.scripts import script_class
from readlist.search.tokens import MAX_TOKEN, tokenize

if TYPE_CHECKING:
    import sqlite3

MIN_SPLIT = 3
"""Letters of each half where two Latin words were typed as one."""
MAX_SHORT_WORD = 4
"""Letters up to which a word alone is not corrected by replacing a letter: too many words are one letter away."""
MIN_SIMILARITY = 0.65
"""Similarity (1 - normalized edit distance) of the words that are suggested where no paper matches."""
MAX_LENGTH_DIFFERENCE = 3
"""Letters by which a suggested word may be shorter or longer than the typed one."""
MAX_CORRECTIONS_OF_PART = 5
MIN_RELATIVE_WEIGHT = 0.65
"""Weight of a variant relative to the best one: no word with two errors is used where there is one with one error."""
_VERB_ENDINGS = frozenset("라러려아어여워와해고지기는며면서게은던요다네자니")
"""Last syllables of inflected verbs: of words of two syllables that end so, too many are one jamo away (골라: 놀라)."""
MAX_VARIANTS = 40
"""Fuzzy variants of a word."""
MAX_WORD = 40
"""Letters of a word that is corrected; longer ones cost time and are pasted, not typed."""


def fuzzy_variants(connection: sqlite3.Connection, text: str, *, alone: bool = False) -> tuple[Variant, ...]:
    """Return the variants of `text` if it is misspelled, the likeliest first; `alone`: the query has no other word.

    A word that the thesaurus has is not misspelled: it may only have been typed as one with another word.
    """
    tokens = tuple(tokenize(text))
    word = "".join(tokens)
    if not tokens or len(word) > MAX_WORD:
        return ()
    if len(tokens) > 1 and script_class(tokens[-1]) == "h" and script_class(tokens[0]) != "h":
        variants = [Variant(tokens[:-1], WEIGHT_STEM, kind="corrected")]  # GRPO를: a particle on a Latin word
    elif script_class(word) == "h":
        variants = [*_shortened_variants(word), *_split_variants(connection, word)]
        if not _is_correct(word):
            variants += _jamo_variants(connection, word)
    else:
        variants = _split_variants(connection, word)
        if not _is_correct(word):
            variants += _typo_variants(connection, word, strict=alone)
        for index, token in enumerate(tokens if len(tokens) > 1 else ()):
            corrections = _typo_variants(connection, token, strict=alone)[:MAX_CORRECTIONS_OF_PART]
            variants += [
                Variant(
                    (*tokens[:index], *correction.tokens, *tokens[index + 1 :]), correction.weight, kind="corrected"
                )
                for correction in corrections
            ]
    best = sorted(dict.fromkeys(variants), key=lambda variant: -variant.weight)[:MAX_VARIANTS]
    return tuple(variant for variant in best if variant.weight > MIN_RELATIVE_WEIGHT * best[0].weight)


def _is_correct(word: str) -> bool:
    """Return whether a word that no paper has is a correct one: of the thesaurus, or a short form of a Korean verb."""
    from readlist.search.expansion.thesaurus import Thesaurus

    is_verb = len(word) == MIN_SYLLABLES and word[-1] in _VERB_ENDINGS
    return is_verb or Thesaurus().has_word(word)


def has_typo_variants(connection: sqlite3.Connection, word: str) -> bool:
    """Return whether a Latin word of the vocabulary is one typing error away."""
    return any(
        variant.weight >= WEIGHT_ONE_ERROR * OTHER_START_RATIO
        for variant in _typo_variants(connection, word.lower(), strict=False)
    )


def closest_words(connection: sqlite3.Connection, text: str, limit: int = 3) -> list[str]:
    """Return the words of the vocabulary that are most similar to `text`, to suggest where no paper matches."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    word = "".join(tokenize(text))[:MAX_WORD]
    if len(word) < MIN_PREFIX:
        return []
    shortest, longest = len(word) - MAX_LENGTH_DIFFERENCE, len(word) + MAX_LENGTH_DIFFERENCE
    candidates = [other for other in read_words(connection, script_class(word), shortest, longest) if other != word]
    ranked = process.extract(
        word, candidates, scorer=OSA.normalized_similarity, score_cutoff=MIN_SIMILARITY, limit=limit
    )
    return [other for other, _, _ in ranked]


def _split_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    """Return the pairs of words that may have been typed as one; Korean ones may continue."""
    is_korean = script_class(word) == "h"
    min_length = MIN_SYLLABLES if is_korean else MIN_SPLIT
    pairs = [(word[:cut], word[cut:]) for cut in range(min_length, len(word) - min_length + 1)]
    known = find_known(connection, [half for pair in pairs for half in pair]) if pairs else set()
    return [
        Variant(pair, WEIGHT_JOINED, is_prefix=is_korean, kind="corrected") for pair in pairs if known.issuperset(pair)
    ]


def _max_errors(length: int) -> int:
    """Return how many typing errors a word of this length may have: none below 3, one up to 5, two from 6."""
    return 0 if length < 3 else 1 if length < 6 else 2  # noqa: PLR2004 -- the table of the docstring


def _typo_weight(errors: int, *, same_start: bool) -> float:
    return WEIGHT_ONE_ERROR * ERROR_RATIO ** (errors - 1) * (1 if same_start else OTHER_START_RATIO)


def _typo_variants(connection: sqlite3.Connection, word: str, *, strict: bool) -> list[Variant]:
    """Return the Latin words a few typing errors away; with `strict` no short ones in which a letter differs."""
    if word.isdecimal():  # another number means something else
        return []
    return [
        Variant((other,), _typo_weight(errors, same_start=other[0] == word[0]), kind="corrected")
        for other, errors in _find_typos(connection, word)
        if errors and not (strict and len(word) <= MAX_SHORT_WORD and not _has_same_letters(word, other))
    ]


def _find_typos(connection: sqlite3.Connection, word: str) -> list[tuple[str, int]]:
    """Return the Latin words a few typing errors away, with their numbers of errors, the fewest first.

    Most typing errors keep the first letter, and the words with one error there are looked up one by one. Only where no
    word is one error away, those of all other letters are compared as well: else they would have too low a weight.
    """
    max_errors = _max_errors(len(word))
    lengths = len(word) - max_errors, len(word) + max_errors
    found = _rank_typos(word, read_words(connection, "w", *lengths, word[0]), max_errors)
    found += [(other, 1) for other in sorted(_known_with_other_start(connection, word), key=len)]
    if max_errors > 1 and not any(errors == 1 for _, errors in found):
        found = _rank_typos(word, read_words(connection, "w", *lengths), max_errors)
    return sorted(found, key=itemgetter(1))[:MAX_VARIANTS]


def _rank_typos(word: str, candidates: Sequence[str], max_errors: int) -> list[tuple[str, int]]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    ranked = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=max_errors, limit=MAX_VARIANTS)
    return [(other, int(errors)) for other, errors, _ in ranked]


def _known_with_other_start(connection: sqlite3.Connection, word: str) -> list[str]:
    """Return the Latin words that differ from `word` by one error in the first letter, sorted; none for short words."""
    if not _max_errors(len(word)):
        return []
    starts = read_starts(connection, "w", len(word), len(word) + 1)
    others = {word[1:], word[1] + word[0] + word[2:], *(start + end for start in starts for end in (word, word[1:]))}
    known = find_known(connection, (other for other in others if other[0] != word[0]))
    return sorted(other for other in known if script_class(other) == "w")


def _has_same_letters(word: str, other: str) -> bool:
    """Return whether two letters changed places or one is missing or added, the errors accepted in a short word."""
    if word[0] != other[0]:
        return False
    return sorted(word) == sorted(other) if len(word) == len(other) else True


def _jamo_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    """Return the starts of Korean words, as long as `word`, that differ from it by a jamo or two."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    starts = list(dict.fromkeys(other[: len(word)] for other in read_words(connection, "h", len(word) - 1, MAX_TOKEN)))
    if not starts:
        return []
    typed = unicodedata.normalize("NFD", word)
    candidates = unicodedata.normalize("NFD", "\n".join(starts)).split("\n")
    # Two errors in two syllables (six jamo) turn 한국 into 간격; only with a third syllable it is the same word.
    max_errors = min(_max_errors(len(typed)), len(word) - 1)
    ranked = process.extract(typed, candidates, scorer=OSA.distance, score_cutoff=max_errors, limit=MAX_VARIANTS)
    return [
        Variant((starts[index],), _typo_weight(int(errors), same_start=True), is_prefix=True, kind="corrected")
        for _, errors, index in ranked
        if errors
    ]


def _shortened_variants(word: str) -> list[Variant]:
    """Return `word` without its last syllable or last two: the stem before a particle or an ending."""
    return [
        Variant((word[:-cut],), WEIGHT_STEM**cut, is_prefix=True, kind="corrected")
        for cut in (1, 2)
        if len(word) - cut >= MIN_SYLLABLES
    ]
