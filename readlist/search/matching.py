"""Matching: where in an entry a word of a query occurs, how well and how often.

Used by `ranking`, which scores entries by it, and by `excerpts` and `notices`, which show what matched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from readlist.search.index.schema import COLUMN_TEXTS
from readlist.search.tokens import phrase_key, token_line

if TYPE_CHECKING:
    from readlist.models import Entry
    from readlist.search.expansion.variants import Variant
    from readlist.search.references import Reference

PhraseKey: TypeAlias = "tuple[str, Variant]"
"""What to find in a token line, and the variant of a word that it is."""


@dataclass(eq=False)
class Word:
    """A word of the query and its variants; `column` is the column that it is restricted to, "" for all.

    `weight` says how much it distinguishes papers, see `query_words`. A word that `is_plain` is typed without a field
    and not in quotes; one that `is_bridge` is not typed at all, but means the same in the other language.
    """

    text: str
    variants: tuple[Variant, ...]
    column: str = ""
    weight: float = 1.0
    reference: Reference | None = None
    is_plain: bool = False
    is_bridge: bool = False

    @property
    def meaning(self) -> str:
        """The text to look up for words that mean the same: what was meant if the keys were those of another layout."""
        layout = next((variant for variant in self.variants if variant.kind == "layout"), None)
        return layout.display_text if layout else self.text

    def applies_to(self, column: str) -> bool:
        """Return whether the word may match in this column."""
        return self.column in {"", column}

    @cached_property
    def phrase_keys(self) -> tuple[PhraseKey, ...]:
        """What to find in the token line of a column, the variant with the highest weight first."""
        variants = sorted(self.variants, key=lambda variant: -variant.weight)
        return tuple((phrase_key(variant.tokens, prefix=variant.is_prefix), variant) for variant in variants)


class EntryText:
    """An entry with the token lines of its columns; those are computed on first access, since abstracts are long."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._lines: dict[str, str] = {}

    def __getitem__(self, column: str) -> str:
        """Return the token line of a column."""
        if column not in self._lines:
            self._lines[column] = token_line(COLUMN_TEXTS[column](self.entry))
        return self._lines[column]

    @cached_property
    def all_columns(self) -> str:
        """The token lines of all columns, one after the other: each begins and ends with a blank."""
        return "".join(self[column] for column in COLUMN_TEXTS)

    def matching_keys(self, word: Word) -> list[PhraseKey]:
        """Return the phrase keys of `word` that occur where it may match: in its column, or in any."""
        text = self[word.column] if word.column else self.all_columns
        return [
            (key, variant)
            for key, variant in word.phrase_keys
            if (_variant_score(key, variant, text) if variant.is_unordered else key in text)
        ]


def match_score(word: Word, line: str) -> float:
    """Return how well `word` matches in a column with this token line, 0 to 1."""
    return best_score(word.phrase_keys, line)


def best_score(keys: Iterable[PhraseKey], line: str) -> float:
    """Return how well the best of `keys`, the highest weight first, matches in a token line."""
    best = 0.0
    for key, variant in keys:
        if variant.weight <= best:
            break
        best = max(best, _variant_score(key, variant, line))
    return best


def match_frequency(keys: Iterable[PhraseKey], line: str) -> float:
    """Return how often any of `keys` occurs in a token line, each time by the weight of the variant."""
    whole_words = beginnings = 0.0
    for key, variant in keys:
        if variant.is_unordered:
            whole_words += _variant_score(key, variant, line)
        elif key in line:
            if variant.is_prefix:  # the variants of a word include its own beginning: not counted in addition
                beginnings = max(beginnings, _prefix_score(key, variant.weight, line) * line.count(key))
            else:
                whole_words += variant.weight * line.count(key)
    return max(whole_words, beginnings)


def _variant_score(key: str, variant: Variant, line: str) -> float:
    if variant.is_unordered:
        return variant.weight * all(phrase_key((token,), prefix=True) in line for token in variant.tokens)
    if variant.is_prefix:
        return _prefix_score(key, variant.weight, line)
    return variant.weight * (key in line)


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
