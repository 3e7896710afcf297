"""What citations need of a paper: its authors' names in parts, and its publication date.

    Wenfang Sun               Sun, Wenfang
    Laurens van der Maaten    van der Maaten, Laurens
    Robert Downey Jr.         Downey, Jr., Robert
    DeepSeek-AI, Gemma Team, Qwen: An Yang, 김철수    not split

A name that may not be a person's is not split: a reversed organization name is worse than a person's name as written.
`bibtex`, `biblatex`, `csl`, `ris` and `citation_keys` use this.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from readlist.dois import ARXIV_PREFIX
from readlist.text import clean, parse_arxiv_id

if TYPE_CHECKING:
    from readlist.models import Paper

_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’\-‐‑])*")
_EAST_ASIAN = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")  # the family name comes first
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_ORGANIZATION_WORDS = frozenset(
    {
        "ai", "anonymous", "and", "authors", "collaboration", "company", "consortium", "deepmind", "foundation",
        "google", "group", "inc", "institute", "lab", "laboratory", "labs", "meta", "microsoft", "nvidia", "openai",
        "others", "project", "research", "team", "technologies", "the", "university",
    }
)  # fmt: skip

_NEW_ARXIV_ID = re.compile(r"(\d\d)(\d\d)\.")
_OLD_ARXIV_ID = re.compile(r"[^/]+/(\d\d)(\d\d)")
_FIRST_ARXIV_YEAR = 91  # two-digit years from 91 on are 19xx: cs/9301111 is of 1993, cs/0703001 of 2007


class Name(NamedTuple):
    """An author's name; a name that is not split has only `family`."""

    family: str
    given: str = ""
    suffix: str = ""


def parse_name(author: str) -> Name:
    """Split a person's name into its parts.

    >>> parse_name("Laurens van der Maaten"), parse_name("Gemma Team")
    (Name(family='van der Maaten', given='Laurens', suffix=''), Name(family='Gemma Team', given='', suffix=''))
    """
    words = author.split()
    suffix = words.pop() if words[2:] and words[-1].casefold() in _SUFFIXES else ""
    if not words[1:] or not _is_person(words):
        return Name(author)
    family_at = next((i for i, word in enumerate(words[1:-1], start=1) if word[0].islower()), len(words) - 1)
    return Name(" ".join(words[family_at:]), " ".join(words[:family_at]), suffix)


def _is_person(words: list[str]) -> bool:
    return (
        all(map(_NAME_WORD.fullmatch, words))
        and not any(map(_EAST_ASIAN.search, words))
        and _ORGANIZATION_WORDS.isdisjoint(word.casefold() for word in words)
    )


def parse_authors(paper: Paper) -> list[Name]:
    """Return the names of a paper's authors, in their order."""
    return [parse_name(author) for author in map(clean, paper.authors) if author]


def citation_doi(paper: Paper) -> str:
    """Return the DOI of the paper, else the one that arXiv registers for each of its papers, else ""."""
    arxiv_id = parse_arxiv_id(paper.arxiv_id)
    return clean(paper.doi) or (arxiv_id and f"{ARXIV_PREFIX}{arxiv_id}")


def publication_date(paper: Paper) -> str:
    """Return the month of the arXiv ID, "2025-02"; else the date of the first dated digest, "2025-02-11"; else ""."""
    arxiv_id = parse_arxiv_id(paper.arxiv_id)
    if match := _NEW_ARXIV_ID.match(arxiv_id) or _OLD_ARXIV_ID.match(arxiv_id):
        year, month = match.groups()
        if "01" <= month <= "12":
            return f"{'19' if int(year) >= _FIRST_ARXIV_YEAR else '20'}{year}-{month}"
    return str(paper.first_date or "")
