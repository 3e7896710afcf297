"""Matching: whether a paper that a service returned is the paper that was looked up.

The ratio of two titles is that of rapidfuzz, 100 for the same words. It is not enough alone: "Qwen2 Technical Report"
and "Qwen3 Technical Report" have a ratio of 95 and most authors in common, so the numbers in both titles must be the
same; and two papers may have one title, so an author must be in common where both have authors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.edits import MAX_TITLE
from readlist.text import fold_for_search, list_some, plural, split_words

if TYPE_CHECKING:
    from readlist.models import Paper

_SAME = 100.0
_SIMILAR = 90.0
"""The ratio of titles that a paper changes between two versions, such as one more word or a plural."""
_LISTED = 60.0
"""Below this ratio a paper is not listed as a candidate."""
_MIN_WORDS = 3
"""Words of a title that is enough alone; shorter ones, such as "World Models", are those of several papers."""
_NUMBER = r"[^\W\d_]*\d\w*|[ivx]{1,4}"
"""A word that tells apart the papers of a series: 2, v3, qwen2, II."""
MAX_LISTED = 3
_MAX_NAMES = 2


class Match(NamedTuple):
    """A paper of a service, and what it has in common with the paper that was looked for.

    `ratio` is that of the titles, from 0 to 100; `common` is how many of the `authors` it has, 0 of 0 where the authors
    of one of the two are not known.
    """

    paper: Paper
    service: str
    ratio: float
    has_same_numbers: bool
    common: int
    authors: int
    words: int

    @property
    def is_sure(self) -> bool:
        """Whether it is certainly the same paper."""
        if not self.authors:
            return self.ratio == _SAME and self.words >= _MIN_WORDS
        if self.ratio == _SAME:
            return self.common > 0
        return self.ratio >= _SIMILAR and self.has_same_numbers and self.common * 2 >= self.authors

    @property
    def is_plausible(self) -> bool:
        """Whether nothing speaks against it where an identifier says that it is the paper."""
        return self.ratio >= _LISTED or self.common > 0

    @property
    def identifier(self) -> str:
        """The arXiv ID, the DOI or the URL by which the paper can be added."""
        return f"arXiv:{self.paper.arxiv_id}" if self.paper.arxiv_id else self.paper.doi or self.paper.url

    def describe(self) -> str:
        """Return why it may be the paper: `title 100%, 2 of 3 authors in common`."""
        if not self.authors:
            return f"title {self.ratio:.0f}%, no authors to compare"
        return f"title {self.ratio:.0f}%, {self.common} of {plural(self.authors, 'author')} in common"

    def describe_paper(self) -> str:
        """Return title and first authors."""
        authors = list_some(self.paper.authors, _MAX_NAMES)
        return f"{self.paper.title} ({authors})" if authors else self.paper.title


def compare(title: str, authors: Sequence[str], paper: Paper, service: str) -> Match:
    """Return what a paper of a service has in common with title and authors of the one that was looked for."""
    from rapidfuzz import fuzz

    wanted, candidate = (split_words(text[:MAX_TITLE]) for text in (title, paper.title))
    ratio = fuzz.ratio(" ".join(wanted), " ".join(candidate))
    numbers = (sorted(word for word in words if re.fullmatch(_NUMBER, word)) for words in (wanted, candidate))
    known = set(map(_name_key, authors)) if paper.authors else set()
    common = known & set(map(_name_key, paper.authors))
    first, second = numbers
    return Match(paper, service, ratio, first == second, len(common), len(known), len(wanted))


def choose(matches: Iterable[Match]) -> tuple[Match | None, list[Match]]:
    """Return the match that is sure, if there is exactly one, and the candidates to list, the best first.

    Of two records of one paper, as a preprint and its publication, the first counts.
    """
    distinct: list[Match] = []
    for match in matches:
        if not any(_is_same_paper(match.paper, other.paper) for other in distinct):
            distinct.append(match)
    distinct.sort(key=lambda match: (match.is_sure, match.ratio, match.common), reverse=True)
    sure = [match for match in distinct if match.is_sure]
    exact = [match for match in sure if match.ratio == _SAME]
    best = sure if len(sure) == 1 else exact
    listed = [match for match in distinct if match.ratio >= _LISTED][:MAX_LISTED]
    return (best[0] if len(best) == 1 else None), listed


def _is_same_paper(first: Paper, second: Paper) -> bool:
    if first.arxiv_id and second.arxiv_id:
        return first.arxiv_id == second.arxiv_id
    if first.doi and first.doi == second.doi:
        return True
    authors = set(map(_name_key, first.authors)) & set(map(_name_key, second.authors))
    return bool(authors) and split_words(first.title) == split_words(second.title)


def _name_key(name: str) -> tuple[str, str]:
    """Return the family name and the first initial, in which spellings of one name agree: Ada Lovelace, A. Lovelace."""
    words = split_words(fold_for_search(name.partition(",")[0])) or [""]
    return words[-1], words[0][:1]
