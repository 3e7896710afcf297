"""Thesaurus: concepts of machine learning and everyday words, each with the words for it in Korean and English.

A concept is a line of the files in `search/thesaurus`:

    사전학습 = 프리트레이닝 = pretraining = pre-train
    줄이- = 줄여- = 감소 = reduce = shrink

A Korean word with "-" is the stem of a verb, which matches as the start of an inflected form, jamo by jamo: 줄이- in
줄인 and 줄이기. All words are in lower case. The files are searched as text, which is faster than parsing them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from readlist.search.expansion.hangul import stems
from readlist.search.scripts import script_class

Concept: TypeAlias = tuple[str, ...]
"""The words for one concept, in lower case; stems of Korean verbs end with "-"."""

_DIRECTORY = Path(__file__).parent.parent / "thesaurus"
_SEPARATOR = " = "


class Thesaurus:
    """Finds concepts by their words."""

    def __init__(self) -> None:
        files = sorted(_DIRECTORY.glob("*.txt"))
        self._text = "\n".join(("", *(path.read_text(encoding="utf-8") for path in files), ""))

    def find(self, term: str) -> list[Concept]:
        """Return the concepts that have `term`, a word or phrase in lower case."""
        return list(dict.fromkeys(self._concept_at(start) for start in self._find(term)))

    def has_word(self, word: str) -> bool:
        """Return whether a word, with a Korean particle or ending too, is one of the thesaurus."""
        return any(map(self.find, stems(word))) or (script_class(word) == "h" and bool(self.find_by_verb(word)))

    def find_by_verb(self, word: str) -> list[Concept]:
        """Return the concepts with the longest stem of a verb that the Korean `word` begins with."""
        jamo = unicodedata.normalize("NFD", word)
        for end in range(len(jamo), 1, -1):
            stem = unicodedata.normalize("NFC", jamo[:end])
            if concepts := self.find(f"{stem}-"):
                return concepts
        return []

    def words_starting_with(self, start: str) -> set[str]:
        """Return the single English words that begin with `start`."""
        return {word for mark in "\n " for word in self._terms_after(mark + start) if word.isalpha()}

    def _terms_after(self, beginning: str) -> Iterator[str]:
        """Yield the terms that begin with `beginning`, which is a separator and the first letters."""
        position = self._text.find(beginning)
        while position >= 0:
            line_end = self._text.find("\n", position + 1)
            separator = self._text.find(_SEPARATOR, position + 1, line_end)
            yield self._text[position + 1 : line_end if separator < 0 else separator]
            position = self._text.find(beginning, position + 1)

    def _find(self, term: str) -> Iterator[int]:
        text, position = self._text, self._text.find(term)
        while position >= 0:
            end = position + len(term)
            is_start = text[position - 1] == "\n" or text.startswith(_SEPARATOR, position - len(_SEPARATOR))
            if is_start and (text[end] == "\n" or text.startswith(_SEPARATOR, end)):
                yield position
            position = text.find(term, end)

    def _concept_at(self, position: int) -> Concept:
        start, end = self._text.rfind("\n", 0, position) + 1, self._text.find("\n", position)
        return tuple(self._text[start:end].split(_SEPARATOR))
