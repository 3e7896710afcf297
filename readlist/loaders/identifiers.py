"""Identifiers of papers in metadata: arXiv IDs and categories, and the URLs that a paper has by its identifiers.

The loaders of feeds, pages, bibliographies, notes and lists of papers call these functions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.dois import doi_page, identify_doi, parse_doi
from readlist.text import parse_arxiv_id
from readlist.urls import HTTP_URL, arxiv_page, rejection_reason

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_IDENTIFIER = 500
_OAI_PREFIX = "oai:arXiv.org:"
_ARXIV_HOSTS = (".arxiv.org", ".alphaxiv.org")
# Patterns are strings, which `re` compiles at their first use: plain text needs none of them.
# The month tells an arXiv ID from other numbers in the URLs of other sites, such as huggingface.co/papers/2502.06781.
_ARXIV_PATH = r"/([0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5})(?:v[0-9]{1,3})?/?"
# The archives at https://arxiv.org/category_taxonomy
_CATEGORY = (
    r"(?:astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-(?:ex|lat|ph|th)|math|math-ph|nlin|nucl-(?:ex|th)|physics|q-bio|q-fin"
    r"|quant-ph|stat)(?:\.[A-Za-z-]{2,20})?"
)
_CATEGORY_IN_SUBJECT = r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)"
_PAPER_URL = (
    r"(?i)https?://(?:(?:[a-z]+\.)?(?:openreview\.net/(?:forum|pdf|attachment)\b|aclanthology\.org/.|nature\.com/articles/"
    r"|(?:acm|science|pnas|aps)\.org/doi/|ieee\.org/(?:abstract/)?document/|springer\.com/(?:article|chapter)/"
    r"|sciencedirect\.com/science/article/|mlr\.press/v|(?:neurips|nips)\.cc/paper|thecvf\.com/content"
    r"|(?:bio|med)rxiv\.org/content/|jmlr\.org/papers/)|[^\s/?#]+/[^\s?#]*\.pdf(?:[?#]|\Z))"
)


def parse_own_arxiv_id(text: str) -> str:
    """Return the arXiv ID of the paper that a URL or an OAI identifier is about, "" for any other.

    A link that only contains the address of arXiv, such as a redirect, is not about that paper.

    >>> parse_own_arxiv_id("oai:arXiv.org:2502.06781v1"), parse_own_arxiv_id("https://huggingface.co/papers/2502.06781")
    ('2502.06781', '2502.06781')
    >>> parse_own_arxiv_id("https://a.example/?to=https://arxiv.org/abs/2502.06781")
    ''
    """
    from urllib.parse import urlsplit

    text = text.strip()[:_MAX_IDENTIFIER]
    if text.startswith(_OAI_PREFIX):
        return parse_arxiv_id(text.removeprefix(_OAI_PREFIX))
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return ""
    if f".{host}".endswith(_ARXIV_HOSTS):
        return parse_arxiv_id(f"https://{host}{parts.path}")
    in_path = re.search(_ARXIV_PATH, parts.path)
    return in_path[1] if in_path and in_path.end() == len(parts.path) else ""


def is_arxiv_category(text: str) -> bool:
    """Return whether a text is a category such as "cs.LG" or "hep-th", rather than one of the ACM or the AMS."""
    return re.fullmatch(_CATEGORY, text) is not None


def find_arxiv_categories(text: str) -> tuple[str, ...]:
    """Return the categories in arXiv's list of subjects: `Machine Learning (cs.LG); Probability (math.PR)`."""
    return tuple(dict.fromkeys(filter(is_arxiv_category, re.findall(_CATEGORY_IN_SUBJECT, text))))


def choose_links(arxiv_id: str, doi: str, pages: Iterable[str]) -> tuple[str, ...]:
    """Return the URLs of a paper, its own first: its page on arXiv, else its DOI, else the first of `pages`.

    arXiv and DOI are preferred because they identify the paper in other sources too. Pages that arXiv derives from the
    ID are left out, and so are those that may not be opened in a browser.
    """
    links = [arxiv_page(arxiv_id)] if arxiv_id else []
    if doi:
        links.append(doi_page(doi))
    links += (page for page in pages if HTTP_URL.fullmatch(page) and not _is_arxiv_page(page, arxiv_id))
    return tuple(dict.fromkeys(link for link in links if not rejection_reason(link)))


def _is_arxiv_page(url: str, arxiv_id: str) -> bool:
    return bool(arxiv_id) and "arxiv.org/" in url and parse_own_arxiv_id(url) == arxiv_id


def identify_links(links: Iterable[str]) -> tuple[str, str]:
    """Return the arXiv ID and the DOI (in lower case) that the links of one paper contain, each "" where none does.

    A DOI that arXiv assigned is an arXiv ID and no DOI.

    >>> identify_links(["https://doi.org/10.48550/arXiv.2502.06781", "https://doi.org/10.1000/ABC"])
    ('2502.06781', '10.1000/abc')
    """
    arxiv_id = doi = ""
    for link in links:
        link_arxiv_id, link_doi = identify_doi(parse_doi(link))
        arxiv_id = arxiv_id or link_arxiv_id or parse_arxiv_id(link)
        doi = doi or link_doi
    return arxiv_id, doi


def is_paper_link(url: str) -> bool:
    """Return whether a URL leads to a paper by itself: arXiv, a DOI, OpenReview, a PDF, or an article of a publisher.

    >>> is_paper_link("https://openreview.net/forum?id=x"), is_paper_link("https://github.com/ada/tides")
    (True, False)
    """
    return any(identify_links((url,))) or re.match(_PAPER_URL, url) is not None
