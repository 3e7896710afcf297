"""References: how people write down a paper without its title: "Levine 2024", "S. Levine", "Levine, S.".

A year refers to the digests of a paper and to its arXiv ID, an initial to a given name beside a surname. Only plain
words are interpreted so, and only as one more way in which they may match. What belongs to the form of a citation or a
sentence is left out: "et al.", "arXiv preprint", "that paper about … by … and others".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.query.ast import And, FieldEquals, Or, Query, Text, conjuncts, is_plain
from readlist.search.tokens import tokenize

if TYPE_CHECKING:
    from readlist.models import Entry

_YEAR = r"\W*((?:19|20)\d\d)[a-z]?\W*"
_INITIAL = r"\W*([^\W\d_])\W*"
_CENTURY = 2000
"""arXiv IDs of the form 2402.12345 exist since 2007."""


_PHRASES = (("et", "al"), ("and", "others"), ("arxiv", "preprint"), ("preprint", "arxiv"))
_SUBJECTS = frozenset({"paper", "article", "work"})
_SENTENCE = (
    rf"(?:(?:that|the|this|a|an|which) )?(?:{'|'.join(sorted(_SUBJECTS))}) "
    "(?:about|on|by|from|of|that|where|which|with) "
)
"""How a sentence about a paper begins, as words that are joined by blanks."""
MIN_WORDS_LEFT = 1
MIN_WORDS_BESIDE_ID = 2
"""Words beside an arXiv ID or a DOI that no paper has, with which the paper may be found nevertheless."""


class Reference(NamedTuple):
    """A word that is a year or an initial, and the words beside it, each as tokens, which may be a surname."""

    year: int
    initial: str
    surnames: tuple[tuple[str, ...], ...]


def simplify(query: Query, has_match: Callable[[Query], bool]) -> Query:
    """Return a query without what belongs to the form of a citation, and without an arXiv ID or DOI that no paper has.

    `has_match` says whether a query matches a paper.
    """
    parts = conjuncts(query)
    plain = [part for part in parts if is_plain(part)]
    dropped = set(_find_fillers([tokenize(part.text) for part in plain]))
    if len(plain) - len(dropped) < MIN_WORDS_LEFT:
        dropped = set()
    fillers = {id(part) for number, part in enumerate(plain) if number in dropped}
    kept = [part for part in parts if id(part) not in fillers]
    if len(plain) >= MIN_WORDS_BESIDE_ID:
        kept = [part for part in kept if not _is_bare_identifier(part) or has_match(part)]
    return query if len(kept) == len(parts) else And(tuple(kept))


def _find_fillers(words: Sequence[Sequence[str]]) -> Iterator[int]:
    """Yield the numbers of the words that belong to the form of a citation or a sentence; words are tokens."""
    for number, pair in enumerate(pairwise(words)):
        if tuple(chain.from_iterable(pair)) in _PHRASES:
            yield from (number, number + 1)
    has_subject = not _SUBJECTS.isdisjoint(chain.from_iterable(words))  # else the expression need not be compiled
    if has_subject and (match := re.match(_SENTENCE, "".join(f"{' '.join(word)} " for word in words))):
        yield from range(match[0].count(" "))
        yield from (number for number, word in enumerate(words) if word == ["by"])


def _is_bare_identifier(part: Query) -> bool:
    """Return whether a part of a query is an arXiv ID or a DOI that was typed without a field, see `parser`."""
    match part:
        case Or((Text(text, ""), FieldEquals("arxiv" | "doi", value))):
            return text == value
    return False


def find_references(texts: Sequence[str]) -> list[Reference | None]:
    """Return for each of `texts`, the plain words of a query in their order, what it may refer to."""
    years = list(map(_read_year, texts))
    initials = [_read_initial(text) for text in texts]
    references: list[Reference | None] = []
    for number, (year, initial) in enumerate(zip(years, initials, strict=True)):
        beside = [
            other
            for other in (number - 1, number + 1)
            if 0 <= other < len(texts) and not (years[other] or initials[other])
        ]
        surnames = tuple(filter(None, (tuple(tokenize(texts[other])) for other in beside)))
        is_reference = year or (initial and surnames)
        references.append(Reference(year, initial, surnames) if is_reference else None)
    return references


def _read_year(text: str) -> int:
    has_year = "19" in text or "20" in text
    return int(match[1]) if has_year and (match := re.fullmatch(_YEAR, text)) else 0


def _read_initial(text: str) -> str:
    match = re.fullmatch(_INITIAL, text)
    return "".join(tokenize(match[1])) if match and match[1].isascii() else ""


def paper_years(entry: Entry) -> set[int]:
    """Return the years in which a paper was in a digest, and that of its arXiv ID."""
    years = {digest.date.year for digest in entry.paper.digests if digest.date}
    if entry.paper.arxiv_id[:2].isdigit():
        years.add(_CENTURY + int(entry.paper.arxiv_id[:2]))
    return years


def has_surname(names: Sequence[Sequence[str]], surnames: Sequence[Sequence[str]], *, last: bool = False) -> bool:
    """Return whether one of `names` has all parts of one of `surnames`; with `last` ends with it. Names are tokens."""
    if last:
        return any(tuple(name[-len(surname) :]) == tuple(surname) for name in names for surname in surnames)
    return any(set(surname) <= set(name) for name in names for surname in surnames)


def has_initial(names: Sequence[Sequence[str]], reference: Reference) -> bool:
    """Return whether one of `names` has a surname of the reference, and another part that begins with its initial."""
    return any(
        set(surname) <= set(name) and any(part.startswith(reference.initial) for part in name if part not in surname)
        for name in names
        for surname in reference.surnames
    )
