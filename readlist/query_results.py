"""What a query finds: papers with their scores and excerpts, and what is said about the words searched for."""

from collections.abc import Mapping
from typing import NamedTuple

from readlist.models import Entry, PaperRef, Status


class Excerpt(NamedTuple):
    """One line of a field around a match; `spans` are the (start, end) character offsets to highlight in `text`."""

    field: str
    text: str
    spans: tuple[tuple[int, int], ...] = ()


class Hit(NamedTuple):
    """One search result, the better the higher its score; `matched` is None where only filters matched.

    `is_partial` says that the paper does not have all words of the query.
    """

    entry: Entry
    score: float = 0.0
    matched: Excerpt | None = None
    is_partial: bool = False


class Correction(NamedTuple):
    """A query word that no paper contains, and the vocabulary words searched for instead."""

    word: str
    replacements: tuple[str, ...]

    def __str__(self) -> str:
        replacements = ", ".join(f'"{word}"' for word in self.replacements)
        return f'No match for "{self.word}"; showing results for {replacements}'


MAX_ADDITIONS = 3
"""Words of a query for which a notice names others."""


class Replacement(NamedTuple):
    """A word of a query, and words that mean the same, which papers were found by that do not have it."""

    word: str
    replacements: tuple[str, ...]

    def __str__(self) -> str:
        replacements = ", ".join(f'"{word}"' for word in self.replacements)
        return f'{replacements} for "{self.word}"'


class Exclusion(NamedTuple):
    """A filter of a query that no paper satisfies, of the `papers` that have its words."""

    filter: str
    papers: int

    def __str__(self) -> str:
        return f"{self.papers:,} {'matches' if self.papers == 1 else 'match'} without {self.filter}"


class SearchResult(NamedTuple):
    """The result of a query: the hits asked for, and how many papers have all of its words.

    `corrections` are the words that no paper has, `additions` what was searched for as well; `did_you_mean` lists the
    closest words or tags where no paper matches, `exclusion` is the filter to which that is due.
    """

    hits: tuple[Hit, ...]
    total: int
    corrections: tuple[Correction, ...] = ()
    did_you_mean: tuple[str, ...] = ()
    additions: tuple[Replacement, ...] = ()
    exclusion: Exclusion | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """Messages about words that were replaced or added, a line each."""
        return (*map(str, self.corrections), *self._addition_notices)

    @property
    def _addition_notices(self) -> tuple[str, ...]:
        if not self.additions:
            return ()
        added = "; ".join(map(str, self.additions[:MAX_ADDITIONS]))
        others = f"; and for {len(self.additions) - MAX_ADDITIONS} more" if len(self.additions) > MAX_ADDITIONS else ""
        return (f"Also searching {added}{others} (quote a word to search only this)",)


class ResultIds(NamedTuple):
    """All papers that match a query, in order; `result` has the first of them and the notices."""

    papers: tuple[PaperRef, ...]
    result: SearchResult

    @property
    def ids(self) -> tuple[int, ...]:
        """The IDs of the papers."""
        return tuple(paper.id for paper in self.papers)


class PaperStatuses(NamedTuple):
    """The status of each paper by its ID, in a library whose papers are of this `version`.

    The version is the same as long as no paper and no ID changes. `keys` has the key of each paper by its ID, None
    where the version is the one that the caller knows.
    """

    version: str
    by_id: Mapping[int, Status]
    keys: Mapping[int, str] | None
