"""Readings of a word: what it may stand for besides what is typed, each with a weight below its own form.

Other forms of an English word, the stem of a Korean one, an acronym and its long form; for a word that no paper has,
what its keys type in the other keyboard layout, and Korean words with these initial consonants.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from readlist.search.expansion import keyboard
from readlist.search.expansion.acronyms import MAX_LONG_FORM, acronym_variants, long_form_variants
from readlist.search.expansion.fuzzy import MAX_WORD, has_typo_variants
from readlist.search.expansion.hangul import initial_consonants_pattern, split_particle, stems
from readlist.search.expansion.thesaurus import Thesaurus
from readlist.search.expansion.variants import (
    MIN_SYLLABLES,
    WEIGHT_INITIAL_CONSONANTS,
    WEIGHT_OTHER_LAYOUT,
    WEIGHT_SYNONYM,
    WEIGHT_WORD_FORM,
    Variant,
)
from readlist.search.expansion.vocabulary import find_known, has_start
from readlist.search.expansion.word_forms import word_form_variants
from readlist.search.scripts import FIRST_SYLLABLE, script_class
from readlist.search.tokens import tokenize

if TYPE_CHECKING:
    import sqlite3

MIN_KEYS = 4
"""Keys of a Korean word that is read from Latin letters: with fewer, nearly every sequence is two syllables."""
MIN_KEYS_WITH_LONE_VOWEL = 3
"""A vowel without a consonant is never Korean: ㅡㅐㄸ is MoE."""
_LONE_VOWEL = "[\u314f-\u3163\u1161-\u1175]"
MAX_INITIALS_MATCHES = 60
"""Korean words with some initial consonants that are considered, the shortest first."""


def find_readings(
    connection: sqlite3.Connection, texts: Sequence[str], synonyms: Iterable[Sequence[str]] = ()
) -> list[list[Variant]]:
    """Return the readings of each of `texts`, the plain words of a query in their order.

    `synonyms` are groups of words and phrases that mean the same for the user.
    """
    tokens = [tokenize(text) for text in texts]
    words = [parts[0] if len(parts) == 1 else "" for parts in tokens]
    forms = word_form_variants(connection, words)
    readings = [[*forms.get(word, ()), *_stem_variants(word), *long_form_variants(connection, word)] for word in words]
    for start in range(len(words)):
        for end in range(start + 2, min(start + MAX_LONG_FORM, len(words)) + 1):
            if not all(words[start:end]):
                break
            for variant in acronym_variants(connection, words[start:end]):
                for number in range(start, end):
                    readings[number].append(variant)
    for group in synonyms:
        terms = [tuple(tokenize(term)) for term in group]
        joined = [("".join(term),) for term in terms if len(term) > 1 and script_class("".join(term)) == "h"]
        _add_synonyms(readings, tokens, [*terms, *joined])
    return readings


def _add_synonyms(
    readings: list[list[Variant]], texts: Sequence[Sequence[str]], group: Sequence[tuple[str, ...]]
) -> None:
    """Add the other terms of a group to the words of each term that the query has, also with a Korean particle."""
    for term in group:
        others = [Variant(other, WEIGHT_SYNONYM, is_prefix=True, kind="reading") for other in group if other != term]
        for start in range(len(texts)):
            tokens: list[str] = []
            for number in range(start, len(texts)):
                tokens += texts[number]
                if len(tokens) >= len(term):
                    break
            if tuple(tokens[:-1]) == term[:-1] and len(tokens) == len(term) and term[-1] in stems(tokens[-1]):
                for position in range(start, number + 1):
                    readings[position] += others


def unknown_word_variants(connection: sqlite3.Connection, text: str) -> list[Variant]:
    """Return the readings of `text`, a word that no paper has as it is typed; most words have none."""
    tokens = tokenize(text)
    return (
        _initial_consonant_variants(connection, text)
        or _hangul_layout_variants(connection, text)
        or _latin_layout_variants(connection, text)
        or (_known_form_variants(connection, tokens[0]) if len(tokens) == 1 else [])
    )


def _known_form_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    """Return the other forms of a word that papers have."""
    if script_class(word) != "h":
        return word_form_variants(connection, [word]).get(word, [])
    known = [stem for stem in stems(word) if stem != word and has_start(connection, stem)]
    return [Variant((stem,), WEIGHT_WORD_FORM, is_prefix=True, kind="form") for stem in known[:1]]


def _stem_variants(word: str) -> list[Variant]:
    """Return a Korean word without its particle: 학습 for 학습을."""
    if script_class(word) != "h":
        return []
    stem = split_particle(word)
    return [Variant((stem,), WEIGHT_WORD_FORM, is_prefix=True, kind="form")] if stem != word else []


def _initial_consonant_variants(connection: sqlite3.Connection, text: str) -> list[Variant]:
    pattern = initial_consonants_pattern(text) if len(text) <= MAX_WORD else ""  # SQLite limits the length of patterns
    if not pattern:
        return []
    rows = connection.execute(
        "SELECT word, length(word) FROM vocabulary WHERE word >= ? AND word GLOB ?"
        " ORDER BY length(word), papers DESC LIMIT ?",
        (FIRST_SYLLABLE, pattern, MAX_INITIALS_MATCHES),
    ).fetchall()
    typed = pattern.count("[")
    return [
        Variant((word,), WEIGHT_INITIAL_CONSONANTS * (0.5 + 0.5 * typed / length), kind="reading")
        for word, length in rows
    ]


def _hangul_layout_variants(connection: sqlite3.Connection, text: str) -> list[Variant]:
    if len(text) < MIN_KEYS:
        return []
    # Capitals at the start of a word, or with caps lock, are not meant as shifted keys.
    for keys in dict.fromkeys((text, text.lower())):
        syllables = keyboard.to_hangul(keys)
        is_known = len(syllables) >= MIN_SYLLABLES and (
            has_start(connection, syllables) or Thesaurus().has_word(syllables)
        )
        if is_known:
            is_misspelled = has_typo_variants(connection, text)
            return [] if is_misspelled else [Variant((syllables,), WEIGHT_OTHER_LAYOUT, is_prefix=True, kind="layout")]
    return []


def _latin_layout_variants(connection: sqlite3.Connection, text: str) -> list[Variant]:
    keys = "" if text.isascii() else keyboard.to_latin(text)
    tokens = tokenize(keys)
    min_keys = MIN_KEYS_WITH_LONE_VOWEL if re.search(_LONE_VOWEL, text) else MIN_KEYS
    if len(keys) < min_keys or not tokens or find_known(connection, tokens) != set(tokens):
        return []
    return [Variant(tuple(tokens), WEIGHT_OTHER_LAYOUT, kind="layout")]
