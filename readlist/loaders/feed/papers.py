"""Entries that are papers: those of arXiv's feeds and API, of preprint servers, of journals, of daily lists of papers.

    title    authors    "arXiv:2502.06781v1 Announce Type: new Abstract: …"    categories    arXiv ID or DOI

An entry is a paper if its own identifier or link is an arXiv ID or a DOI. The entries of a newsletter lead to the
newsletter instead; the links in their texts do not count.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from readlist.dois import identify_doi, parse_doi
from readlist.loaders.identifiers import choose_links, is_arxiv_category, parse_own_arxiv_id
from readlist.loaders.limits import MAX_LINE, apply_limits
from readlist.loaders.markup import remove_markup
from readlist.loaders.person_names import split_author_list, split_names
from readlist.loaders.tag_words import join_tag_words
from readlist.models import Appearance, Paper
from readlist.text import clean

if TYPE_CHECKING:
    import datetime as dt

    from readlist.loaders.base import ProblemLog
    from readlist.loaders.feed.entries import Entry

_ID_FIELDS = ("id", "guid", "link", "external_url")
_BODY_FIELDS = ("description", "summary", "encoded", "content")
_ANNOUNCEMENT = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*(\S+)\s*(?:Abstract:\s*)?")
_ABSTRACT_LABEL = re.compile(r"(?i)\s*abstract\s*[:.]\s*")
_REVISIONS = ("replace", "absonly")
"""How the types of announcements begin that are a new version of a known paper, or a correction of its abstract."""
_API_ERROR = "arxiv.org/api/errors"


class Identity(NamedTuple):
    """What identifies the paper that an entry is; empty where it is not a paper."""

    arxiv_id: str = ""
    doi: str = ""


def find_identity(entry: Entry) -> Identity:
    """Return the arXiv ID and the DOI of an entry; an entry without both, or without a title, is not a paper."""
    if not _get_title(entry):
        return Identity()
    own = [text.strip() for name in _ID_FIELDS if (text := entry.get(name))]
    own += [entry.alternate] if entry.alternate else []
    identifiers = [entry.get("doi", "DOI").strip(), *entry.get_all("identifier"), *own]
    arxiv_id, doi = identify_doi(next(filter(None, map(parse_doi, identifiers)), ""))
    return Identity(next(filter(None, map(parse_own_arxiv_id, own)), arxiv_id), doi)


def is_api_error(entry: Entry) -> bool:
    """Return whether an entry is an error message of arXiv's API, which answers with a feed that has one entry."""
    return _API_ERROR in entry.get("id")


def is_revision(entry: Entry) -> bool:
    """Return whether arXiv announces a new version of a paper, rather than a paper."""
    in_text = _ANNOUNCEMENT.match(entry.body)
    announce_type = entry.get("announce_type").strip() or (in_text[1] if in_text else "")
    return announce_type.startswith(_REVISIONS)


def build_paper(entry: Entry, identity: Identity, date: dt.date | None, log: ProblemLog) -> Paper:
    """Return the paper that an entry is, within the limits; `date` is that of its digest."""
    arxiv_id, doi = identity
    url, *links = choose_links(arxiv_id, doi, [entry.link, entry.get("external_url").strip()]) or ("",)
    paper = Paper(
        title=_get_title(entry),
        authors=_get_authors(entry, arxiv_id),
        abstract=_get_abstract(entry),
        tags=tuple(dict.fromkeys(filter(None, map(_format_tag, _get_categories(entry))))),
        arxiv_id=arxiv_id,
        url=url,
        doi=doi,
        links=tuple(links),
        digests=(Appearance(date, log.source_name),),
    )
    return apply_limits(paper, partial(log.report, entry.line))


def _get_title(entry: Entry) -> str:
    return clean(remove_markup(entry.get("title")))


def _get_authors(entry: Entry, arxiv_id: str) -> tuple[str, ...]:
    """Return the authors; arXiv announces them in one list, with affiliations: `Ada Lovelace (London, Royal Society)`.

    Its API and other feeds have a field for each author.
    """
    names = [clean(remove_markup(name)) for name in entry.authors]
    if arxiv_id and len(names) == 1:
        return tuple(dict.fromkeys(map(_drop_affiliation, split_author_list(names[0]))))
    return split_names(names)


def _drop_affiliation(name: str) -> str:
    """Return a name without the parentheses at its end, and those within them."""
    depth = 0
    for index in range(len(name) - 1, 0, -1):
        depth += (name[index] == ")") - (name[index] == "(")
        if depth == 0:
            return name[:index].rstrip() if index < len(name) - 1 else name
    return name


def _get_abstract(entry: Entry) -> str:
    """Return the abstract without what arXiv writes before it."""
    text = clean(remove_markup(entry.get(*_BODY_FIELDS)[:MAX_LINE]))
    if announcement := _ANNOUNCEMENT.match(text):
        return text[announcement.end() :]
    label = _ABSTRACT_LABEL.match(text)
    return text[label.end() :] if label else text


def _get_categories(entry: Entry) -> list[str]:
    """Return the categories; arXiv also lists those of the ACM and the AMS, which are numbers to a reader."""
    categories = entry.get_all("category")
    return list(filter(is_arxiv_category, categories)) or categories


def _format_tag(category: str) -> str:
    return join_tag_words(remove_markup(category))
