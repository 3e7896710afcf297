"""What a user types to name a paper that is to be added: an arXiv ID, a DOI, a URL or a title."""

from __future__ import annotations

import re
from typing import NamedTuple

from readlist.dois import doi_page, identify_doi, parse_doi
from readlist.edits import MAX_TITLE, stub_title
from readlist.errors import UsageError
from readlist.loaders.identifiers import parse_own_arxiv_id
from readlist.loaders.tracking import unwrap_link
from readlist.models import Paper
from readlist.redaction import redact_url
from readlist.text import clean, parse_arxiv_id, require_unicode
from readlist.urls import rejection_reason

_WITHOUT_SCHEME = r"(?i)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::[0-9]{1,5})?/\S*"
_MAX_URL_SHOWN = 80
_PAGES_OF_PDFS = (
    (r"(?i)(https?://(?:www\.)?openreview\.net)/pdf\?(.*\bid=.*)", r"\1/forum?\2"),
    (r"(?i)(https?://(?:www\.)?aclanthology\.org/[^\s?#]+?)(?:v[0-9]+)?\.pdf", r"\1/"),
)
"""The pages of PDFs: a pattern of the PDF's URL, and its replacement."""


class Item(NamedTuple):
    """A paper as a user names it: `text` is what was typed; one of the others is set."""

    text: str
    arxiv_id: str = ""
    doi: str = ""
    url: str = ""
    title: str = ""

    @property
    def stub(self) -> Paper:
        """The paper as long as nothing else is known; its title is the identifier."""
        url = doi_page(self.doi) if self.doi else self.url
        return Paper(
            self.title or stub_title(self.arxiv_id, self.doi, url), arxiv_id=self.arxiv_id, doi=self.doi, url=url
        )


def is_stub(paper: Paper) -> bool:
    """Return whether nothing but the identifier of a paper is known, which is its title; see `Item.stub`."""
    return not paper.authors and paper.title == stub_title(paper.arxiv_id, paper.doi, paper.url)


def parse_item(text: str) -> Item:
    """Return the paper that a text names.

    Raises:
        UsageError: the text is empty, longer than a title may be, or a URL that must not be opened.

    >>> parse_item("arXiv:2502.06781v2").arxiv_id, parse_item("https://dl.acm.org/doi/pdf/10.1145/1234567").doi
    ('2502.06781', '10.1145/1234567')
    """
    typed = clean(require_unicode(text))
    if arxiv_id := parse_arxiv_id(typed):
        return Item(typed, arxiv_id=arxiv_id)
    if doi := parse_doi(typed):
        return _doi_item(typed, doi)
    if re.match(r"(?i)[a-z][a-z0-9+.-]*://", typed) or re.fullmatch(_WITHOUT_SCHEME, typed):
        return _parse_url(typed, typed if "://" in typed else f"https://{typed}")
    if not any(map(str.isalpha, typed)):
        raise UsageError(f"not an arXiv ID, DOI, URL or title: {typed or '(empty)'}; see: readlist add --help")
    if len(typed) > MAX_TITLE:
        raise UsageError(f"title is too long: {len(typed):,} characters; the maximum is {MAX_TITLE:,}")
    return Item(typed, title=typed)


def _parse_url(typed: str, url: str) -> Item:
    url = unwrap_link(url)
    if arxiv_id := parse_own_arxiv_id(url):
        return Item(typed, arxiv_id=arxiv_id)
    if doi := parse_doi(url):
        return _doi_item(typed, doi)
    if reason := rejection_reason(url):
        shown = redact_url(f"{typed[:_MAX_URL_SHOWN]}{'…' * (len(typed) > _MAX_URL_SHOWN)}")
        raise UsageError(f"invalid URL: {shown}: {reason}")
    for pattern, page in _PAGES_OF_PDFS:
        if pdf := re.fullmatch(pattern, url):
            return Item(typed, url=pdf.expand(page))
    return Item(typed, url=url)


def _doi_item(typed: str, doi: str) -> Item:
    item = Item(typed, *identify_doi(doi))
    if not (item.arxiv_id or item.doi):
        raise UsageError(f"DOI of arXiv without an arXiv ID: {typed}; write an ID such as 2502.06781")
    return item
