"""Variants of a word, and their weights: how certain it is that a word of the query means a token of a paper.

1 is the word itself. `ranking` multiplies these weights by where in a paper the variant is.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["typed", "corrected", "form", "layout", "reading", "bridge"]
"""Why a word matches a variant: it is the word itself, perhaps longer, joined or split; a word that it may be a
misspelling of; another form of it; what its keys type in another layout; what else it stands for, such as the long form
of an acronym; a word that means the same.
"""

WEIGHT_EXACT = 1.0
WEIGHT_JOINED = 0.97
"""Parts joined or split otherwise than typed: as good as exact, but ranked after it."""
WEIGHT_LOOK_ALIKE = 0.95
WEIGHT_PREFIX = 0.9
"""`ranking` multiplies it by how much of the longer word was typed, from 0.5 up."""
WEIGHT_SUBSTRING = 0.6
WEIGHT_STEM = 0.6
WEIGHT_WORD_FORM = 0.5
"""Another form of the same word: stems as a replacement of the words would rank worse."""
WEIGHT_LONG_FORM = 0.75
WEIGHT_ACRONYM = 0.7
WEIGHT_SYNONYM = 0.7
"""What means the same, by the thesaurus or the user's own synonyms."""
WEIGHT_OTHER_LAYOUT = 0.9
WEIGHT_INITIAL_CONSONANTS = 0.85
WEIGHT_ONE_ERROR = 0.7
ERROR_RATIO = 0.6
"""Each further error multiplies the weight by this."""
OTHER_START_RATIO = 0.75
"""A typing error in the first letter is rare; a word with another first letter is probably another word."""

MIN_PREFIX = 3
"""Letters of a Latin word that also matches as a prefix: `a*` alone would visit a tenth of the index."""
MIN_SYLLABLES = 2
"""Syllables of a Korean word that matches inside others, or remains as a stem; a single one is in too many words."""


class Variant(NamedTuple):
    """Adjacent tokens that a word of the query matches.

    With `is_prefix` the last token may continue; `is_unordered` allows any order and one token in between, as in names.
    """

    tokens: tuple[str, ...]
    weight: float
    is_prefix: bool = False
    kind: Kind = "typed"
    is_unordered: bool = False

    @property
    def display_text(self) -> str:
        """The variant as a person would write it."""
        return " ".join(self.tokens)
