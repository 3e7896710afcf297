"""Bridges: words that mean the same as a word of the query, in its own script and in the other one.

A reader remembers a paper in their own words, and its best evidence is in the other language: a Korean gist of an
English abstract. Sources are the thesaurus and, for a Korean word that it does not know, translations that are learned
from the library, and the sounds of loanwords.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.expansion.hangul import stems
from readlist.search.expansion.sounds import closest, hangul_key, is_transcribable, near_keys
from readlist.search.expansion.thesaurus import Concept, Thesaurus, term_of
from readlist.search.expansion.translations import Translator
from readlist.search.expansion.variants import WEIGHT_SYNONYM, Variant
from readlist.search.expansion.vocabulary import words_with_last_syllable
from readlist.search.expansion.word_forms import is_inflection, stem_words, word_form_variants
from readlist.search.scripts import script_class
from readlist.search.tokens import tokenize

if TYPE_CHECKING:
    import sqlite3

WEIGHT_SOUND = 0.8
"""Less the distance of the sounds."""
WEIGHT_TRANSLATION = 0.6
"""Multiplied by how closely the words are associated."""
FORM_RATIO = 0.9
"""Weight of another form of an English word that means the same."""
MAX_DISTANCE_SHORT = 0.01
"""Distance of the sounds of a short word, of which many sound like an English word by chance."""
MAX_PHRASE = 3
"""Adjacent words of a query that are looked up as one term."""
MIN_PART = 2
"""Syllables of a part of a Korean compound."""
MAX_TERM = 20
"""Syllables of a Korean word that is looked up; the time grows with their square, and a longer one is pasted."""


class Bridge(NamedTuple):
    """What means the same as a word of the query, or a part of it: variants in its own script and in the other."""

    is_korean: bool
    same: tuple[Variant, ...] = ()
    other: tuple[Variant, ...] = ()


class BridgeFinder:
    """Finds bridges for the words of one query, in a library of `papers`."""

    def __init__(self, connection: sqlite3.Connection, papers: int) -> None:
        self._connection = connection
        self._thesaurus = Thesaurus()
        self._translator = Translator(connection, papers)

    def find(self, texts: Sequence[str]) -> list[list[Bridge]]:
        """Return the bridges of each of `texts`, words in their order: several of a compound, and of a phrase."""
        terms = map(term_of, texts)
        words = [term if len(term) <= MAX_TERM or script_class(term) != "h" else "" for term in terms]
        concepts = [self._find_concepts(word) if word else [] for word in words]
        for start, phrase_concepts in self._find_phrases(words):
            concepts[start].append(phrase_concepts)
        return [
            [self._build(word, part) for part in parts] or list(self._find_translation(word))
            for word, parts in zip(words, concepts, strict=True)
        ]

    # Concepts

    def _find_concepts(self, word: str) -> list[list[Concept]]:
        """Return the concepts of a word: a list for each part of a Korean compound."""
        if script_class(word) == "h":
            return self._find_korean(word) or self._find_parts(word)
        concepts = self._thesaurus.find(word) or self._find_by_stem(word)
        return [concepts] if concepts else []

    def _find_korean(self, word: str) -> list[list[Concept]]:
        concepts = next(filter(None, map(self._thesaurus.find, stems(word))), None)
        concepts = concepts or self._thesaurus.find_by_verb(word)
        return [concepts] if concepts else []

    def _find_parts(self, word: str) -> list[list[Concept]]:
        """Return the concepts of the parts of a compound, the longest first part first: 이미지토크나이저."""
        for end in range(len(word) - 1, MIN_PART - 1, -1):
            if concepts := self._thesaurus.find(word[:end]):
                rest = word[end:]
                return [concepts, *(self._find_concepts(rest) if len(rest) >= MIN_PART else [])]
        return []

    def _find_by_stem(self, word: str) -> list[Concept]:
        """Return the concepts of English words with the stem of `word`: shrinking, shrink."""
        if not (word.isascii() and word.isalpha()):
            return []
        stem = stem_words(self._connection, [word])[word]
        others = sorted(self._thesaurus.words_starting_with(stem[:-1] if len(stem) > 3 else stem))  # noqa: PLR2004 -- a stem of three letters is short enough
        stems_of_others = stem_words(self._connection, others)
        return [
            concept for other in others if stems_of_others[other] == stem for concept in self._thesaurus.find(other)
        ]

    def _find_phrases(self, words: Sequence[str]) -> Iterator[tuple[int, list[Concept]]]:
        """Yield the number of the first word, and the concepts, of adjacent words that are a term together."""
        for size in range(MAX_PHRASE, 1, -1):
            for start in range(len(words) - size + 1):
                phrase = words[start : start + size]
                if not all(phrase):
                    continue
                is_korean = any(script_class(word) == "h" for word in phrase)
                terms = stems("".join(phrase)) if is_korean else (" ".join(phrase),)
                if concepts := next(filter(None, map(self._thesaurus.find, terms)), None):
                    yield start, concepts

    # Variants

    def _build(self, word: str, concepts: Iterable[Concept]) -> Bridge:
        is_korean = script_class(word) == "h"
        terms = [term for term in dict.fromkeys(chain.from_iterable(concepts)) if term != word]
        korean = tuple(chain.from_iterable(self._korean_variants(term) for term in terms if script_class(term) == "h"))
        english = tuple(self._english_variants([term for term in terms if script_class(term) != "h"]))
        return Bridge(True, korean, english) if is_korean else Bridge(False, english, korean)

    def _korean_variants(self, term: str) -> list[Variant]:
        starts = {term}
        if term.endswith("-"):
            stem = term[:-1]
            starts = {word[: len(stem)] for word in words_with_last_syllable(self._connection, stem)}
        return [
            Variant(tuple(tokenize(start)), WEIGHT_SYNONYM, is_prefix=True, kind="bridge") for start in sorted(starts)
        ]

    def _english_variants(self, terms: Sequence[str]) -> Iterator[Variant]:
        token_lists = [tuple(tokens) for tokens in map(tokenize, terms) if tokens]
        for tokens in token_lists:
            yield Variant(tokens, WEIGHT_SYNONYM, is_prefix=len(tokens) > 1, kind="bridge")
        forms = word_form_variants(self._connection, [tokens[0] for tokens in token_lists if len(tokens) == 1])
        for word, variants in forms.items():
            for form in variants:
                if is_inflection(word, form.tokens[0]):  # a derived word often means something else: custom, customize
                    yield form._replace(weight=WEIGHT_SYNONYM * FORM_RATIO, kind="bridge")

    # Words that the thesaurus does not know

    def _find_translation(self, word: str) -> Iterator[Bridge]:
        if script_class(word) != "h":
            return
        stem = stems(word)[0]
        translations = self._translator.translate(stem)
        variants = [
            Variant((english,), WEIGHT_TRANSLATION * association, kind="bridge")
            for english, association in translations
        ]
        variants += self._sound_variants(stem, {english for english, _ in translations})
        if variants:
            yield Bridge(True, (), tuple(variants))

    def _sound_variants(self, word: str, translations: set[str]) -> Iterator[Variant]:
        """Yield the Latin words that a Korean one transcribes; a short one only if it is among its translations."""
        candidates: list[str] = []
        for key in near_keys(hangul_key(word)):
            candidates += [row[0] for row in self._connection.execute("SELECT word FROM sounds WHERE key = ?", (key,))]
        is_certain = is_transcribable(word)
        for other, distance in closest(word, candidates):
            if is_certain or distance <= MAX_DISTANCE_SHORT or other in translations:
                yield Variant((other,), WEIGHT_SOUND - distance, kind="bridge")
