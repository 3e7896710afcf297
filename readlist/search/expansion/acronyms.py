"""Acronyms and their long forms, as the papers of the library define them: "proximal policy optimization (PPO)".

A definition is recognized by the method of Schwartz and Hearst, "A simple algorithm for identifying abbreviation
definitions in biomedical text" (2003). The initials of words are tried first: by that method alone PPO would be
"policy optimization", whose letters have a p and an o after the first p.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from readlist.search.expansion.variants import WEIGHT_ACRONYM, WEIGHT_LONG_FORM, Variant
from readlist.search.tokens import phrase_key, tokenize

if TYPE_CHECKING:
    import sqlite3

MAX_ACRONYM = 8
"""Letters of an acronym; a longer one is a name."""
MAX_LONG_FORM = 6
"""Words of a long form."""
MIN_RELATIVE_COUNT = 0.2
"""Papers that define an acronym in one way, relative to its most frequent long form; rarer ones are other meanings."""
_DEFINITION = r"\(([A-Za-z][A-Za-z0-9-]{1,7})\)"
_CLAUSE_END = r"[.;:,()\n]"
_MAX_CHARACTERS_BEFORE = 120
_FUNCTION_WORDS = frozenset({"a", "an", "and", "by", "for", "from", "in", "of", "on", "the", "to", "via", "with"})


def find_definitions(texts: Iterable[str]) -> set[tuple[str, str]]:
    """Return the (acronym, long form) pairs that `texts` define, both as folded tokens joined by blanks."""
    return {definition for text in texts if "(" in text for definition in _find_definitions(text)}


def _find_definitions(text: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(_DEFINITION, text):
        acronym = match[1]
        if acronym.endswith("s") and acronym[:-1].isupper():
            acronym = acronym[:-1]
        if sum(map(str.isupper, acronym)) < 2:  # noqa: PLR2004 -- (see) and (Figure) define nothing
            continue
        before = re.split(_CLAUSE_END, text[max(0, match.start() - _MAX_CHARACTERS_BEFORE) : match.start()])[-1]
        letters = [letter for letter in acronym.lower() if letter.isalnum()]
        tokens = tokenize(_long_form_by_initials(letters, before) or _shortest_long_form(letters, before))
        short = tokenize(acronym)
        if 1 < len(tokens) <= MAX_LONG_FORM and phrase_key(short) not in phrase_key(tokens):
            yield " ".join(short), " ".join(tokens)


def _long_form_by_initials(letters: Sequence[str], before: str) -> str:
    """Return the words at the end of `before` that begin with these letters, ignoring function words; "" for none."""
    words = re.findall(r"\w+", before.lower())
    start = len(words)
    for letter in reversed(letters):
        start -= 1
        while start >= 0 and words[start][0] != letter and words[start] in _FUNCTION_WORDS:
            start -= 1
        if start < 0 or words[start][0] != letter:
            return ""
    return " ".join(words[start:])


def _shortest_long_form(letters: Sequence[str], before: str) -> str:
    """Return the shortest end of `before` that has the letters in order, the first one at the start of a word."""
    max_words = min(len(letters) + 5, len(letters) * 2)
    text = " ".join(before.lower().split()[-max_words:])
    position = len(text) - 1
    for number in range(len(letters) - 1, -1, -1):
        while position >= 0 and not _is_candidate(text, position, letters[number], is_first=number == 0):
            position -= 1
        if position < 0:
            return ""
        position -= 1
    return text[position + 1 :]


def _is_candidate(text: str, position: int, letter: str, *, is_first: bool) -> bool:
    at_word_start = position == 0 or not text[position - 1].isalnum()
    return text[position] == letter and (at_word_start or not is_first)


def long_form_variants(connection: sqlite3.Connection, word: str) -> list[Variant]:
    """Return the long forms of an acronym; `word` is a token, perhaps in the plural."""
    if not 1 < len(word) <= MAX_ACRONYM:
        return []
    sql = "SELECT long, papers FROM acronyms WHERE short = ? ORDER BY papers DESC, long LIMIT ?"
    singular = word[:-1] if word.endswith("s") else ""
    rows: list[tuple[str, int]] = []
    for short in (word, singular):
        rows = rows or connection.execute(sql, (short, MAX_LONG_FORM)).fetchall()
    max_papers = rows[0][1] if rows else 0
    return [
        Variant(tuple(long.split()), WEIGHT_LONG_FORM, is_prefix=True, kind="reading")
        for long, papers in rows
        if papers >= MIN_RELATIVE_COUNT * max_papers
    ]


def acronym_variants(connection: sqlite3.Connection, words: Sequence[str]) -> list[Variant]:
    """Return the acronyms of adjacent words, which are tokens."""
    rows = connection.execute("SELECT short FROM acronyms WHERE long = ? ORDER BY short", (" ".join(words),))
    return [Variant(tuple(short.split()), WEIGHT_ACRONYM, kind="reading") for (short,) in rows]
