"""A word of a query -> the words of the papers that may be meant, each with a weight.

As typed: the word itself, as the start of longer words, its parts side by side (pre-training: "pre training"), its
parts joined (pretraining), two words typed apart that papers write as one (deep seek: deepseek), letters that look
Latin (unit: μnit), a Korean word inside another (학습: 강화학습).
Mended: words a few typing errors away, Korean ones by their jamo (데이타: 데이터), the stem of a Korean word
(학습을: 학습), two words typed as one (강화학습: 강화 학습).
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.index.schema import LOOK_ALIKES, kind_of
from readlist.search.tokens import joined, tokens

if TYPE_CHECKING:
    import sqlite3

EXACT = 1.0
JOINED = 0.97
"""Parts joined or parted otherwise than typed: as good as exact, yet after it."""
ALIKE = 0.95
PREFIX = 0.9
"""Times the typed part of the longer word's letters, from 0.5 up."""
INSIDE = 0.6
STEM = 0.6
ONE_ERROR = 0.7
ERROR_RATIO = 0.6
"""Each further error multiplies by this."""
OTHER_START = 0.75
"""A typing error in the first letter is rare (2 % of errors); a word that starts otherwise is likely another word."""

MIN_PREFIX = 3
"""Letters of a Latin word that is also looked for as a start: `a*` alone would visit a tenth of the index."""
MIN_SPLIT = 3
"""Letters of each half where two Latin words were typed as one."""
MIN_SYLLABLES = 2
"""Syllables of a Korean word that is looked for inside others, or is left as a stem: one alone is in thousands."""
SHORT = 4
"""Letters up to which, in a word alone, no letter may stand for another: too many words are one letter away."""
LIKE = 0.65
"""The part of its letters that a word named to a reader who found nothing must share with the one typed."""
MAX_LOOK_ALIKE = 3
MAX_INSIDE = 100
NEARLY = 0.65
"""Of the likeliest variant's weight, that others must have: no word with two errors where there is one with one."""
MAX_VARIANTS = 40
"""Mended words at most; the paper meant was among the first 10 in every query of 900 real papers."""
MAX_TYPED = 40
"""Letters of a word that is mended; longer ones cost time and are pasted, not typed."""


class Variant(NamedTuple):
    """Tokens that may be meant, side by side; with `prefix` the last one may go on."""

    tokens: tuple[str, ...]
    weight: float
    prefix: bool = False
    mended: bool = False
    loose: bool = False
    """In any order with one other token between at most: the parts of a name."""

    @property
    def shown(self) -> str:
        """The variant as a person would write it."""
        return " ".join(self.tokens)


def as_typed(db: sqlite3.Connection, text: str, before: str = "", after: str = "") -> tuple[Variant, ...]:
    """What `text`, one word or compound, means if it is spelt right; nothing where it holds no letter or digit.

    `before` and `after` are the words typed directly beside it.
    """
    parts = tuple(tokens(text))
    if not parts:
        return ()
    found = [Variant(parts, EXACT), *_longer(parts)]
    if len(parts) > 1:
        whole = "".join(joined(text) or parts)
        found += [Variant((whole,), JOINED), *_longer((whole,))]
    else:
        found += _alike(db, parts[0])
        found += _inside(db, parts[0])
    found += _written_as_one(db, parts, before, after)
    return tuple(dict.fromkeys(found))


def mended(db: sqlite3.Connection, text: str, *, alone: bool = False) -> tuple[Variant, ...]:
    """What `text` may mean if it is misspelt, the likeliest first; `alone` if no other word says what is meant."""
    parts = tuple(tokens(text))
    whole = "".join(parts)
    if not parts or len(whole) > MAX_TYPED:
        return ()
    if len(parts) > 1 and kind_of(parts[-1]) == "h" and kind_of(parts[0]) != "h":
        found = [Variant(parts[:-1], STEM, mended=True)]  # GRPO를: a particle on a Latin word
    elif kind_of(whole) == "h":
        found = [*_jamo_errors(db, whole), *_stems(whole), *_parted(db, whole)]
    else:
        found = [*_errors(db, whole, strict=alone), *_parted(db, whole)]
        for place, part in enumerate(parts if len(parts) > 1 else ()):
            near = _errors(db, part, strict=alone)[:5]
            found += [Variant((*parts[:place], *v.tokens, *parts[place + 1 :]), v.weight, mended=True) for v in near]
    likeliest = sorted(dict.fromkeys(found), key=lambda variant: -variant.weight)[:MAX_VARIANTS]
    return tuple(variant for variant in likeliest if variant.weight > NEARLY * likeliest[0].weight)


def near_words(db: sqlite3.Connection, text: str, most: int = 3) -> list[str]:
    """The words of the vocabulary that are most like `text`, for a reader whose query found nothing."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    word = "".join(tokens(text))[:MAX_TYPED]
    if len(word) < MIN_PREFIX:
        return []
    pool = [other for other in _vocabulary(db, kind_of(word), len(word) - 3, len(word) + 3) if other != word]
    ranked = process.extract(word, pool, scorer=OSA.normalized_similarity, score_cutoff=LIKE, limit=most)
    return [near for near, _, _ in ranked]


def _longer(parts: tuple[str, ...]) -> list[Variant]:
    last = parts[-1]
    if len(last) < MIN_PREFIX and last.isascii() and len(parts) == 1:
        return []
    return [Variant(parts, PREFIX, prefix=True)]


def _alike(db: sqlite3.Connection, word: str) -> list[Variant]:
    mixed = _vocabulary(db, "m", 1, len(word))
    return [Variant((other,), ALIKE) for other in mixed if other != word and word in _latin_spellings(other)]


@lru_cache(maxsize=1024)
def _latin_spellings(word: str) -> frozenset[str]:
    choices = [LOOK_ALIKES.get(letter, (letter,)) for letter in word]
    if sum(len(choice) > 1 for choice in choices) > MAX_LOOK_ALIKE:
        choices = [choice[:1] for choice in choices]
    return frozenset(map("".join, itertools.product(*choices)))


def _inside(db: sqlite3.Connection, word: str) -> list[Variant]:
    """Korean words that hold `word` further in: 학습 in 강화학습."""
    if len(word) < MIN_SYLLABLES or kind_of(word) != "h":
        return []
    rows = db.execute(
        "SELECT word FROM vocabulary WHERE kind = 'h' AND length > ? AND instr(word, ?) > 1"
        " ORDER BY length, word LIMIT ?",
        (len(word), word, MAX_INSIDE),
    )
    return [Variant((inside,), INSIDE) for (inside,) in rows]


def _written_as_one(db: sqlite3.Connection, parts: tuple[str, ...], before: str, after: str) -> list[Variant]:
    whole = "".join(parts)
    wider = {"".join(tokens(before)) + whole, whole + "".join(tokens(after))} - {whole}
    return [Variant((one,), JOINED) for one in sorted(_known(db, wider))]


def _known(db: sqlite3.Connection, words: Iterable[str]) -> set[str]:
    sql = "SELECT 1 FROM vocabulary WHERE kind = ? AND length = ? AND word = ?"
    return {word for word in words if db.execute(sql, (kind_of(word), len(word), word)).fetchone()}


def _parted(db: sqlite3.Connection, word: str) -> list[Variant]:
    """Two known words typed as one; Korean ones have two syllables at least, Latin ones three letters."""
    least = MIN_SYLLABLES if kind_of(word) == "h" else MIN_SPLIT
    halves = [(word[:cut], word[cut:]) for cut in range(least, len(word) - least + 1)]
    known = _known(db, [part for pair in halves for part in pair]) if halves else set()
    return [
        Variant(pair, JOINED, prefix=kind_of(word) == "h", mended=True) for pair in halves if known.issuperset(pair)
    ]


def _errors_allowed(length: int) -> int:
    """How many typing errors a word of so many letters may have: none below 3, one up to 5, two from 6."""
    return 0 if length < 3 else 1 if length < 6 else 2  # noqa: PLR2004 -- the table in the docstring


def _weight(errors: int, same_start: bool) -> float:
    return ONE_ERROR * ERROR_RATIO ** (errors - 1) * (1 if same_start else OTHER_START)


def _errors(db: sqlite3.Connection, word: str, *, strict: bool) -> list[Variant]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    most = _errors_allowed(len(word))
    pool = _vocabulary(db, "w", len(word) - most, len(word) + most)
    near = process.extract(word, pool, scorer=OSA.distance, score_cutoff=most, limit=MAX_VARIANTS)
    return [
        Variant((other,), _weight(int(errors), other[0] == word[0]), mended=True)
        for other, errors, _ in near
        if errors and not (strict and len(word) <= SHORT and not _keeps_letters(word, other))
    ]


def _keeps_letters(word: str, other: str) -> bool:
    """Whether two letters have changed places or one is missing or too many: all that may befall a short word."""
    if word[0] != other[0]:
        return False
    return sorted(word) == sorted(other) if len(word) == len(other) else True


def _jamo_errors(db: sqlite3.Connection, word: str) -> list[Variant]:
    """Korean words whose beginning, as long as `word`, differs from it by a jamo or two."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    starts = list({other[: len(word)] for other in _vocabulary(db, "h", len(word) - 1, 99)})
    if not starts:
        return []
    typed = unicodedata.normalize("NFD", word)
    spelt = unicodedata.normalize("NFD", "\n".join(starts)).split("\n")
    # Two errors in two syllables (six jamo) make 간격 of 한국; they need a third syllable to be the same word misspelt.
    most = min(_errors_allowed(len(typed)), len(word) - 1)
    near = process.extract(typed, spelt, scorer=OSA.distance, score_cutoff=most, limit=MAX_VARIANTS)
    return [
        Variant((starts[place],), _weight(int(errors), same_start=True), prefix=True, mended=True)
        for _, errors, place in near
        if errors
    ]


def _stems(word: str) -> list[Variant]:
    """`word` without its last syllable, and without its last two: what is left after a particle or an ending."""
    return [
        Variant((word[:-cut],), STEM**cut, prefix=True, mended=True)
        for cut in (1, 2)
        if len(word) - cut >= MIN_SYLLABLES
    ]


def _vocabulary(db: sqlite3.Connection, kind: str, shortest: int, longest: int) -> list[str]:
    # Joined by SQLite: 200,000 words in 10 ms, where rows of their own take 60.
    (blob,) = db.execute(
        "SELECT group_concat(word, char(10)) FROM vocabulary WHERE kind = ? AND length BETWEEN ? AND ?",
        (kind, shortest, longest),
    ).fetchone()
    return blob.split("\n") if blob else []
