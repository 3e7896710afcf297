"""Excerpts: for each search result, one line of the field that matches best, with the words to highlight."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from readlist.query_results import Excerpt
from readlist.search.fields import FIELD_COLUMN
from readlist.search.matching import EntryText, Word, best_score, match_score
from readlist.search.tokens import token_line
from readlist.text import APOSTROPHE_LETTERS

if TYPE_CHECKING:
    from readlist.models import Entry

MIN_RELATIVE_WEIGHT = 0.3
"""Weight of a word that is shown, relative to the rarest one: "of" and "with" do not say why a paper matches."""
_URL = r"https?://\S{30,}"
MAX_EXCERPT = 140
"""Characters of an excerpt: a line and a half of a terminal."""

WORD_RE = r"(?<![^\W_])[A-Za-z](?:\+\+|#(?![^\W_]))|[^\W_]+(?:[-/'’_\u200c\u200d][^\W_]+)*"
"""A word as it is written, compounds whole."""
_PART_RE = rf"[^\W_{APOSTROPHE_LETTERS}]+"
_WITHOUT_JOINERS = str.maketrans("", "", "-/'_")
_PREFIX_LENGTH = 3
"""Letters of a token that a written word must contain to be tokenized."""


class _Span(NamedTuple):
    """A match: offsets in the characters of the text, and the number of the query word."""

    start: int
    end: int
    number: int


class Highlighter:
    """Finds the excerpt of each entry of one search; remembers the written words, since papers share most of them."""

    def __init__(self, words: Sequence[Word]) -> None:
        min_weight = MIN_RELATIVE_WEIGHT * max((word.weight for word in words), default=0.0)
        self._words = [word for word in words if word.weight >= min_weight]
        self._matches: dict[str, int | None] = {}
        variants = [variant for word in self._words for variant in word.variants]
        self._prefixes = {token[:_PREFIX_LENGTH] for variant in variants for token in variant.tokens}
        self._phrases = [
            (number, pair)
            for number, word in enumerate(self._words)
            for pair in word.phrase_keys
            if len(pair[1].tokens) > 1
        ]

    def excerpt(self, paper: EntryText) -> Excerpt | None:
        """Return the line that has the most of the words, by weight; None where no text has any."""
        matching = [word for word in self._words if paper.matching_keys(word)]
        best = (0.0, 0.0)
        best_line: tuple[str, str] | None = None
        for field, text in _iter_lines(paper.entry):
            line = token_line((text,))
            words = [word for word in matching if word.applies_to(FIELD_COLUMN[field])]
            scores = [match_score(word, line) for word in words]
            found = [(word, score) for word, score in zip(words, scores, strict=True) if score]
            score = (
                sum(word.weight for word, _ in found if not word.is_bridge),
                sum(word.weight * score for word, score in found),
            )
            if score > best:
                best, best_line = score, (field, text)
            if all(scores) and len(scores) == len(matching):
                break
        return self._cut(*best_line) if best_line else None

    def _cut(self, field: str, text: str) -> Excerpt:
        spans = self._spans(text)
        if len(text) <= MAX_EXCERPT:
            return Excerpt(field, text, tuple((span.start, span.end) for span in spans))
        start, end = _choose_window(text, spans)
        before, after = "…" * (start > 0), "…" * (end < len(text))
        shift = len(before) - start
        visible = [span for span in spans if start <= span.start and span.end <= end]
        offsets = tuple((span.start + shift, span.end + shift) for span in visible)
        return Excerpt(field, before + text[start:end] + after, offsets)

    def _spans(self, text: str) -> list[_Span]:
        """Return every match in `text`; a phrase is highlighted token by token."""
        spans: list[_Span] = []
        phrases = self._phrase_tokens(text)
        for match in re.finditer(WORD_RE, text):
            number = self._matching_word(match[0], phrases)
            if number is not None:
                spans.append(_Span(match.start(), match.end(), number))
            elif not (match[0].isascii() and match[0].isalnum()):  # maybe a compound that does not match as a whole
                spans += self._part_spans(match, phrases)
        return spans

    def _part_spans(self, compound: re.Match[str], phrases: Mapping[str, int]) -> Iterator[_Span]:
        for part in re.finditer(_PART_RE, compound[0]):
            number = self._matching_word(part[0], phrases)
            if number is not None:
                yield _Span(compound.start() + part.start(), compound.start() + part.end(), number)

    def _phrase_tokens(self, text: str) -> dict[str, int]:
        """Return the tokens of the phrases that occur in `text`, each with the number of its query word.

        A token of a phrase that does not occur is no match: "of" is none of "mixture of experts" elsewhere.
        """
        line = token_line((text,)) if self._phrases else ""
        occurring = [(number, pair[1]) for number, pair in self._phrases if best_score((pair,), line)]
        return {token: number for number, variant in reversed(occurring) for token in variant.tokens}

    def _matching_word(self, written: str, phrases: Mapping[str, int]) -> int | None:
        if written not in self._matches:
            self._matches[written] = _find_word(written, self._words) if self._may_match(written) else None
        number = self._matches[written]
        return phrases.get(token_line((written,)).strip()) if number is None and phrases else number

    def _may_match(self, written: str) -> bool:
        """Return False for most words that do not match, without tokenizing them, which is far slower."""
        if not written.isascii():
            return True
        joined = written.lower()
        if not joined.isalnum():
            joined = joined.translate(_WITHOUT_JOINERS)
        for prefix in self._prefixes:  # noqa: SIM110 -- `any` takes twice as long, for each word of each paper
            if prefix in joined:
                return True
        return False


def _iter_lines(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield (field, line) for everything that is searched; of equal matches the first is used."""
    paper = entry.paper
    yield "title", paper.title
    yield "author", ", ".join(paper.authors)
    yield "tag", " ".join(f"#{tag}" for tag in entry.tags)
    for field, texts in (
        ("note", (entry.mark.note,)),
        ("comment", paper.comments.values()),
        ("abstract", (paper.abstract,)),
    ):
        yield from ((field, re.sub(_URL, "…", line)) for text in texts for line in text.splitlines())


def _find_word(written: str, words: Sequence[Word]) -> int | None:
    """Return the number of the query word that `written` matches as a whole."""
    line = token_line((written,))
    for number, word in enumerate(words):
        if any(key in line for key, _ in word.phrase_keys):
            return number
    return None


def _choose_window(text: str, spans: Sequence[_Span]) -> tuple[int, int]:
    """Return where to cut: the window with the most different words, at white space, a third of it before the match."""
    if not spans:
        return 0, _space_before(text, MAX_EXCERPT)

    def count_words(first: int) -> int:
        reach = spans[first].start + MAX_EXCERPT * 2 // 3
        window = takewhile(lambda span: span.end <= reach, spans[first : first + MAX_EXCERPT])
        return len({span.number for span in window})

    match_start = spans[max(range(len(spans)), key=lambda first: (count_words(first), -first))].start
    start = max(0, min(match_start - MAX_EXCERPT // 3, len(text) - MAX_EXCERPT))
    if start:
        space = text.rfind(" ", 0, start)
        following = text.find(" ", start, match_start)
        start = following + 1 if following >= 0 else max(space + 1, start)
    return start, len(text) if len(text) - start <= MAX_EXCERPT else _space_before(text, start + MAX_EXCERPT)


def _space_before(text: str, end: int) -> int:
    space = text.rfind(" ", end - MAX_EXCERPT // 3, end)
    return space if space > 0 else end
