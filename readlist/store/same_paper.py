"""Deduplication: whether a known and an incoming paper are one (a duplicate), as functions of records and papers.

Two records are the same paper with the same arXiv ID or DOI; or the same folded title, and an author in common or no
authors in one of the two. Two different arXiv IDs are two papers. One link in common is no reason to join two papers
with different titles: it may be that of a survey, or of the code of both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from readlist import text
from readlist.edits import stub_title
from readlist.store.paper_records import Identity, identify_url, identities

if TYPE_CHECKING:
    from readlist.models import Paper

_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_TEXTS: Mapping[str, Any] = {"abstract": "", "comments": {}}
_MIN_TITLE_OVERLAP = 0.5
"""Share of the words of two titles that are in both, above which a shared link and author make them one paper."""
_MIN_REVISION = 0.6
"""Mean overlap of title, authors, abstract and comments above which one paper of a file replaced another.

A new title alone leaves 0.75. The authors alone are not enough: a text must overlap by _MIN_TITLE_OVERLAP.
"""


def identity(paper: Paper) -> Identity:
    """Return what identifies an incoming paper."""
    return Identity(paper.title, paper.authors, paper.arxiv_id, paper.doi, paper.url)


def identifiers(known: Identity) -> list[str]:
    """Return what identifies one paper: `["arxiv:2502.06781", "doi:10.1000/182", "example.org/paper"]`.

    The last one is the canonical URL, of a page that is neither of arXiv nor of a DOI.
    """
    in_url = identify_url(known.url)
    arxiv_id, doi = known.arxiv_id or in_url[0], known.doi or in_url[1]
    found = [f"arxiv:{arxiv_id.casefold()}"] if arxiv_id else []
    found += [f"doi:{doi.casefold()}"] if doi else []
    if known.url and not any(in_url):
        found.append(_SCHEME.sub("", known.url, count=1).rstrip("/"))
    return found


def is_url(identifier: str) -> bool:
    """Return whether an identifier is a URL, which several papers may share."""
    return not identifier.startswith(("arxiv:", "doi:"))


def has_conflicting_id(record: Mapping[str, Any], paper: Paper) -> bool:
    """Return whether the paper has an arXiv ID, and the known one another."""
    if not paper.arxiv_id:
        return False
    known = {other.arxiv_id.casefold() for other in identities(record) if other.arxiv_id}
    return bool(known) and paper.arxiv_id.casefold() not in known


def is_identifier_match(record: Mapping[str, Any], paper: Paper, identifier: str) -> bool:
    """Return whether a paper with an identifier of a known one is that paper.

    Where title and authors are entirely different, one of the two has the link of another paper.
    """
    if has_conflicting_id(record, paper):
        return False
    incoming = identity(paper)
    return any(_agree(known, incoming, is_url=is_url(identifier)) for known in identities(record))


def _agree(known: Identity, incoming: Identity, *, is_url: bool) -> bool:
    if text.fold(known.title) == text.fold(incoming.title) or is_stub(known) or is_stub(incoming):
        return True
    shares_author = not _fold_all(known.authors).isdisjoint(_fold_all(incoming.authors))
    if is_url:
        return shares_author and _title_overlap(known.title, incoming.title) > _MIN_TITLE_OVERLAP
    return shares_author or not (known.authors and incoming.authors)


def is_title_match(record: Mapping[str, Any], paper: Paper) -> bool:
    """Return whether both have the same title, and an author in common where both have authors.

    Where all authors are the same, the words of the title are enough: "Tides: Why" is "Tides – why."
    """
    if has_conflicting_id(record, paper):
        return False
    return any(_is_same_title(known, paper) for known in identities(record))


def _is_same_title(known: Identity, paper: Paper) -> bool:
    known_names, names = _fold_all(known.authors), _fold_all(paper.authors)
    if text.fold(known.title) != text.fold(paper.title):
        same_words = text.split_words(known.title) == text.split_words(paper.title)
        return bool(known_names) and known_names == names and same_words
    return not known_names or not names or not known_names.isdisjoint(names)


def is_same_export(record: Mapping[str, Any], paper: Paper) -> bool:
    """Return whether a known paper and one of an export with the same key have more in common than the key."""
    if is_title_match(record, paper):
        return True
    known = {identifier for other in identities(record) for identifier in identifiers(other)}
    return not has_conflicting_id(record, paper) and not known.isdisjoint(identifiers(identity(paper)))


def is_stub(known: Identity) -> bool:
    """Return whether a paper has its identifier in place of a title, because nothing else was known."""
    return known.title == stub_title(known.arxiv_id, known.doi, known.url)


def revision_similarity(record: Mapping[str, Any], paper: Paper) -> float:
    """Return how probably a paper replaced a known one in a file, from 0 to 1; 0 where that cannot be."""
    if has_conflicting_id(record, paper):
        return 0.0
    pairs = [
        (_words([record["title"]]), _words([paper.title])),
        (_fold_all(record.get("authors", ())), _fold_all(paper.authors)),
        (_words([record.get("abstract", "")]), _words([paper.abstract])),
        (_words(record.get("comments", {}).values()), _words(paper.comments.values())),
    ]
    title, authors, *texts = (_overlap(known, incoming) for known, incoming in pairs)
    counted = [overlap for overlap in (title, authors, *texts) if overlap is not None]
    similarity = sum(counted) / len(counted) if counted else 0.0
    is_similar_text = max(overlap or 0.0 for overlap in (title, *texts)) >= _MIN_TITLE_OVERLAP
    return similarity if similarity > _MIN_REVISION and is_similar_text else 0.0


def is_like_merged(record: Mapping[str, Any], paper: Paper) -> bool:
    """Return whether a paper is probably a corrected form of one that was merged into a known one.

    Of a merged paper only title, authors and identifiers are known.
    """
    return any(
        revision_similarity({"title": merged["title"], "authors": merged.get("authors", [])}, paper._replace(**_TEXTS))
        for merged in record["merged"]
    )


def _title_overlap(first: str, second: str) -> float:
    return _overlap(_words([first]), _words([second])) or 0.0


def _overlap(first: set[str], second: set[str]) -> float | None:
    """Return the share of the elements that both have, None where neither has one."""
    return len(first & second) / len(first | second) if first or second else None


def _words(texts: Iterable[str]) -> set[str]:
    return {word for line in texts for word in text.split_words(line)}


def _fold_all(names: Iterable[str]) -> set[str]:
    return {text.fold(name) for name in names}
