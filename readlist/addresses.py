"""Addresses: where on the web a paper is to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlsplit

if TYPE_CHECKING:
    from readlist.models import Paper


def address(paper: Paper) -> str:
    """The paper's own page, else its page on arXiv, else a search for its title; always http or https, with a host.

    >>> from readlist.models import Paper
    >>> address(Paper("FP4", url="javascript:alert(1)", arxiv_id="2505.19115"))
    'https://arxiv.org/abs/2505.19115'
    >>> address(Paper("FP4 All the Way"))
    'https://www.google.com/search?q=%22FP4+All+the+Way%22'
    """
    if _is_page(paper.url):
        return paper.url
    if paper.arxiv_id:
        return f"https://arxiv.org/abs/{paper.arxiv_id}"
    phrase = f'"{paper.title}"'
    return f"https://www.google.com/search?q={quote_plus(phrase)}"


def _is_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # "http://[": no address at all
        return False
