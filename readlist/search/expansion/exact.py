"""Exact variants: what a correctly spelled word matches.

The word itself, as the start of longer words, its parts side by side (pre-training: "pre training"), its parts joined
(pretraining), two words typed apart that papers write as one (deep seek: deepseek), letters that look Latin (unit:
μnit), a Korean word inside another (학습: 강화학습).
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING

from readlist.search.expansion.variants import (
    MIN_PREFIX,
    MIN_SYLLABLES,
    WEIGHT_EXACT,
    WEIGHT_JOINED,
    WEIGHT_LOOK_ALIKE,
    WEIGHT_PREFIX,
    WEIGHT_SUBSTRING,
    Variant,
)
from readlist.search.expansion.vocabulary import count_papers_with, find_known, has_longer, read_words, read_words_with
from readlist.search.scripts import LOOK_ALIKES, script_class
from readlist.search.tokens import MAX_TOKEN, join_compounds, tokenize

if TYPE_CHECKING:
    import sqlite3

MAX_LOOK_ALIKES = 3
"""Letters of a word that are tried with all their Latin spellings; beyond, there are too many combinations."""
MAX_SUBSTRING_MATCHES = 100


def exact_variants(connection: sqlite3.Connection, text: str, before: str = "", after: str = "") -> tuple[Variant, ...]:
    """Return the variants of `text`, one word or compound, if it is spelled correctly; none if it has no token.

    `before` and `after` are the adjacent words of the query.
    """
    tokens = tuple(tokenize(text))
    if not tokens:
        return ()
    variants = [Variant(tokens, WEIGHT_EXACT), *_prefix_variants(connection, tokens)]
    if len(tokens) > 1:
        joined = "".join(join_compounds(text) or tokens)
        variants += [Variant((joined,), WEIGHT_JOINED), *_prefix_variants(connection, (joined,))]
    else:
        variants += _look_alike_variants(connection, tokens[0])
        variants += _substring_variants(connection, tokens[0])
    variants += _compound_variants(connection, tokens, before, after)
    return tuple(dict.fromkeys(variants))


def _prefix_variants(connection: sqlite3.Connection, tokens: tuple[str, ...]) -> list[Variant]:
    """Return the variant for longer words; none where papers have the word but no longer one, which is faster."""
    last = tokens[-1]
    if len(last) < MIN_PREFIX and last.isascii() and len(tokens) == 1:
        return []
    if count_papers_with(connection, last) and not has_longer(connection, last):
        return []
    return [Variant(tokens, WEIGHT_PREFIX, is_prefix=True)]


def _look_alike_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    mixed = read_words(connection, "m", 1, len(word))
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
    words = (
        other for other in read_words_with(connection, "h", len(word) + 1, MAX_TOKEN, word) if other.find(word) > 0
    )
    return [Variant((other,), WEIGHT_SUBSTRING) for other in itertools.islice(words, MAX_SUBSTRING_MATCHES)]


def _compound_variants(
    connection: sqlite3.Connection, tokens: tuple[str, ...], before: str, after: str
) -> list[Variant]:
    """Return the words that papers write as one with the word typed before or after."""
    word = "".join(tokens)
    compounds = {"".join(tokenize(before)) + word, word + "".join(tokenize(after))} - {word}
    return [Variant((compound,), WEIGHT_JOINED) for compound in sorted(find_known(connection, compounds))]
