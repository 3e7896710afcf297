"""Thesaurus: concepts of machine learning and everyday words, each with the words for it in Korean and English.

A concept is a line of the files in `search/thesaurus`:

    사전학습 = 프리트레이닝 = pretraining = pre-train
    줄이- = 줄여- = 감소 = reduce = shrink

A Korean word with "-" is the stem of a verb, which matches as the start of an inflected form, jamo by jamo: 줄이- in
줄인 and 줄이기. The files are searched as text, which is faster than parsing them for a few words. Their English words
are spelled as the tokenizer folds them, but for hyphens and other signs, which become blanks when they are read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

from readlist.search.expansion.hangul import stems
from readlist.search.scripts import script_class
from readlist.search.tokens import tokenize

Concept: TypeAlias = tuple[str, ...]
"""The terms of one concept, see `term_of`; stems of Korean verbs end with "-"."""

_DIRECTORY = Path(__file__).parent.parent / "thesaurus"
_SEPARATOR = " = "
_SIGNS = "-'/&@:"
"""What English terms of the files contain and tokens do not."""


def term_of(text: str) -> str:
    """Return a word or phrase as the thesaurus has it: its tokens, joined by blanks or, if some are Korean, by nothing.

    >>> term_of("Fine-Tuning"), term_of("KL 발산")
    ('fine tuning', 'kl발산')
    """
    tokens = tokenize(text)
    joined = "".join(tokens)
    return joined if joined and script_class(joined) == "h" else " ".join(tokens)


class Thesaurus:
    """Finds concepts by their words."""

    def __init__(self) -> None:
        self._text = _read_files()

    def find(self, term: str) -> list[Concept]:
        """Return the concepts that have `term`, as `term_of` returns it."""
        return list(dict.fromkeys(self._concept_at(start) for start in self._find(term))) if term else []

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
        return {word for mark in ("\n", _SEPARATOR) for word in self._terms_after(mark, start) if word.isalpha()}

    def _terms_after(self, mark: str, start: str) -> Iterator[str]:
        """Yield the terms that begin with `start` after `mark`, the end of a line or a separator."""
        position = self._text.find(mark + start)
        while position >= 0:
            position += len(mark)
            line_end = self._text.find("\n", position)
            separator = self._text.find(_SEPARATOR, position, line_end)
            yield self._text[position : line_end if separator < 0 else separator]
            position = self._text.find(mark + start, position)

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


@cache
def _read_files() -> str:
    files = (path.read_text(encoding="utf-8") for path in sorted(_DIRECTORY.glob("*.txt")))
    return "\n".join(("", *map(_fold_file, files), ""))


def _fold_file(text: str) -> str:
    """Return the text of a file with blanks for what the tokenizer removes, but with "-" at the end of stems."""
    text = text.lower()
    for sign in _SIGNS:
        text = text.replace(sign, " ")
    return text.replace("  ", "- ").replace(" \n", "-\n")
