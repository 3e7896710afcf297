"""Where a paper matched: one line of the field that matched best, with the words to highlight."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from readlist.models import Excerpt
from readlist.search.index.schema import COLUMN_OF
from readlist.search.ranking import Word, strength
from readlist.search.tokens import padded

if TYPE_CHECKING:
    from readlist.models import Entry

WIDTH = 140
"""Characters of an excerpt: a line and a half of a terminal."""

SPELT = r"(?<![^\W_])[A-Za-z](?:\+\+|#(?![^\W_]))|[^\W_]+(?:[-/'’_][^\W_]+)*"
"""A word as it is written, compounds whole."""
_PART = r"[^\W_]+"
_WITHOUT_JOINERS = str.maketrans("", "", "-/'_")
_START = 3
"""Letters of a token that a word must hold to be looked at closely."""


class Highlighter:
    """Finds the line to show for each entry of one search; remembers what it has seen, since papers share words."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._seen: dict[str, int | None] = {}
        variants = [variant for word in words for variant in word.variants]
        self._starts = {token[:_START] for variant in variants for token in variant.tokens}

    def excerpt(self, entry: Entry) -> Excerpt | None:
        """The line that holds the most of the words; None where there are none or they match in no text."""
        best: tuple[int, float] = (0, 0.0)
        chosen: tuple[str, str] | None = None
        for field, text in _fields(entry):
            line = padded((text,))
            fits = [strength(word, line) for word in self._words if word.is_for(COLUMN_OF[field])]
            fit = (sum(map(bool, fits)), sum(fits))
            if fit > best:
                best, chosen = fit, (field, text)
            if fit[0] == len(self._words):
                break
        return self._cut(*chosen) if chosen else None

    def _cut(self, field: str, text: str) -> Excerpt:
        spans = self._spans(text)
        if len(text) <= WIDTH:
            return Excerpt(field, text, tuple((start, end) for start, end, _ in spans))
        start, end = _window(text, spans)
        before, after = "…" * (start > 0), "…" * (end < len(text))
        shift = len(before) - start
        inside = tuple((a + shift, b + shift) for a, b, _ in spans if start <= a and b <= end)
        return Excerpt(field, before + text[start:end] + after, inside)

    def _spans(self, text: str) -> list[tuple[int, int, int]]:
        """(start, end, number of the word) of every match in `text`, offsets in its own characters."""
        found: list[tuple[int, int, int]] = []
        for match in re.finditer(SPELT, text):
            number = self._matching(match[0])
            if number is not None:
                found.append((match.start(), match.end(), number))
            elif not match[0].isalnum():  # a compound that does not match as a whole
                found += self._parts(match)
        return found

    def _parts(self, compound: re.Match[str]) -> Iterator[tuple[int, int, int]]:
        for part in re.finditer(_PART, compound[0]):
            number = self._matching(part[0])
            if number is not None:
                yield compound.start() + part.start(), compound.start() + part.end(), number

    def _matching(self, spelt: str) -> int | None:
        if spelt not in self._seen:
            self._seen[spelt] = _matching(spelt, self._words) if self._may_match(spelt) else None
        return self._seen[spelt]

    def _may_match(self, spelt: str) -> bool:
        """False for most words that do not match, without making tokens of them, which takes 20 times as long."""
        if not spelt.isascii():
            return True
        whole = spelt.lower().translate(_WITHOUT_JOINERS)
        return any(start in whole for start in self._starts)


def _fields(entry: Entry) -> Iterator[tuple[str, str]]:
    """(field, line) of everything that is searched, in the order in which equal matches are shown."""
    paper = entry.paper
    yield "title", paper.title
    yield "author", ", ".join(paper.authors)
    yield "tag", " ".join(f"#{tag}" for tag in entry.tags)
    for field, texts in (
        ("note", (entry.mark.note,)),
        ("comment", paper.comments.values()),
        ("abstract", (paper.abstract,)),
    ):
        yield from ((field, line) for text in texts for line in text.splitlines())


def _matching(spelt: str, words: Sequence[Word]) -> int | None:
    """Which word `spelt` is; a phrase is marked token by token."""
    text = padded((spelt,))
    for number, word in enumerate(words):
        for needle, variant in word.needles:
            if needle in text or (len(variant.tokens) > 1 and text.strip() in variant.tokens):
                return number
    return None


def _window(text: str, spans: Sequence[tuple[int, int, int]]) -> tuple[int, int]:
    """Where to cut: the stretch with the most different words, at white space, a third of it before the match."""
    if not spans:
        return 0, _space_before(text, WIDTH)

    def words_from(first: int) -> int:
        reach = spans[first][0] + WIDTH * 2 // 3
        return len({number for _, _, number in takewhile(lambda span: span[1] <= reach, spans[first : first + WIDTH])})

    most, _, _ = spans[max(range(len(spans)), key=lambda first: (words_from(first), -first))]
    start = max(0, min(most - WIDTH // 3, len(text) - WIDTH))
    if start:
        space = text.rfind(" ", 0, start)
        following = text.find(" ", start, most)
        start = following + 1 if following >= 0 else max(space + 1, start)
    return start, len(text) if len(text) - start <= WIDTH else _space_before(text, start + WIDTH)


def _space_before(text: str, end: int) -> int:
    space = text.rfind(" ", end - WIDTH // 3, end)
    return space if space > 0 else end
