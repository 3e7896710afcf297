"""URLs of papers: where a paper is, which URLs may be opened in a browser, and how a URL is written into a file.

URLs come from digests, which others wrote. A browser is a program with a command line: `-…` would be one of its
options, `file:` would read the disk, `javascript:` would run code, and a user name before the host hides the real host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.dois import doi_page
from readlist.text import clean, parse_arxiv_id

if TYPE_CHECKING:
    from readlist.models import Paper

MAX_URL = 2_048
"""Characters of a URL; browsers and servers agree on no more."""
HTTP_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
URL_SAFE_CHARS = "%/:?#@!&'*+,;=[]"
"""What is not percent-encoded besides letters, digits and -._~ : every character of a URL except parentheses."""

_ARXIV_PAGE = "https://arxiv.org/abs/{}"
_ARXIV_PDF = "https://arxiv.org/pdf/{}"
_PDFS = (
    (
        r"(?i)https?://(?:www\.)?openreview\.net/(?:forum|pdf)\?(?:[^#]*&)?id=([\w-]+).*",
        "https://openreview.net/pdf?id={}",
    ),
    (
        r"(?i)https?://(?:www\.)?aclanthology\.org/([a-z][0-9]{2}-[0-9]{4}|[0-9]{4}\.[\w-]+\.[0-9]+)(?:[/?#.].*)?",
        "https://aclanthology.org/{}.pdf",
    ),
)
"""Pages whose PDF has a URL of its own: a pattern of the page, and the form of that URL."""
_SEARCH_PAGE = "https://scholar.google.com/scholar?q={}"
"""Google Scholar knows papers that are not on arXiv, takes a title in quotes and needs no account."""
_MAX_SEARCH_TITLE = 200
"""Characters of a title to search for; 200 Hangul syllables stay below MAX_URL when they are percent-encoded."""
_HOST = r"\[[0-9A-Fa-f:.]+\]|\w(?:[\w.-]*\w)?\.?"
_BROWSER_URL = rf"(?i:https?)://(?:{_HOST})(?::[0-9]{{1,5}})?(?:[/?#].*)?"
_FORBIDDEN = frozenset('"<>\\^`{|}')
"""Printable characters that RFC 3986 forbids in a URL, and that shells and Markdown interpret."""
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def reading_url(paper: Paper) -> str:
    """Return the URL to open for a paper: its own URL, else its arXiv page, else a search for its title.

    A URL with a `rejection_reason` is passed over.

    >>> from readlist.models import Paper
    >>> reading_url(Paper("FP4", url="https://openreview.net/forum?id=1", arxiv_id="2505.19115"))
    'https://openreview.net/forum?id=1'
    >>> reading_url(Paper("FP4", url="javascript:alert(1)", arxiv_id="2505.19115"))
    'https://arxiv.org/abs/2505.19115'
    >>> reading_url(Paper("FP4 All the Way"))
    'https://scholar.google.com/scholar?q=%22FP4+All+the+Way%22'
    """
    if paper.url and not rejection_reason(paper.url):
        return paper.url
    if paper.arxiv_id and not rejection_reason(page := arxiv_page(paper.arxiv_id)):
        return page
    from urllib.parse import quote_plus

    return _SEARCH_PAGE.format(quote_plus(f'"{paper.title[:_MAX_SEARCH_TITLE]}"', errors="replace"))


def rejection_reason(url: str) -> str:
    """Return why a URL must not be opened in a browser, "" where it may.

    >>> rejection_reason("https://arxiv.org/abs/2502.06781")
    ''
    >>> rejection_reason("file:///etc/passwd"), rejection_reason("https://arxiv.org@evil.example/")
    ('it is not an http or https URL', 'it has a user name before its host')
    """
    if len(url) > MAX_URL:
        return f"it has more than {MAX_URL:,} characters"
    if not url.isprintable() or _FORBIDDEN.intersection(url) or any(map(str.isspace, url)):
        return "it contains characters that a URL must not have"
    if not re.match(r"(?i)https?://", url):
        return "it is not an http or https URL"
    if "@" in re.split(r"[/?#]", url, maxsplit=3)[2]:
        return "it has a user name before its host"
    return "" if re.fullmatch(_BROWSER_URL, url) else "it has no valid host"


def arxiv_page(arxiv_id: str) -> str:
    """Return the URL of an arXiv ID's abstract page."""
    return _ARXIV_PAGE.format(arxiv_id)


def paper_url(paper: Paper) -> str:
    """Return the paper's URL over http(s), else its arXiv page, else that of its DOI, percent-encoded for a file.

    "" where it has none of them.

    >>> from readlist.models import Paper
    >>> paper_url(Paper("FP4", doi="10.1000/182")), paper_url(Paper("FP4"))
    ('https://doi.org/10.1000/182', '')
    """
    if url := web_url(paper.url):
        return url
    if arxiv_id := parse_arxiv_id(paper.arxiv_id):
        return arxiv_page(arxiv_id)
    return web_url(doi_page(paper.doi)) if paper.doi else ""


def web_url(url: str) -> str:
    """Return the URL with everything that is not part of one percent-encoded; "" where it is not http(s).

    >>> web_url("https://example.org/a_(b)"), web_url("javascript:alert(1)")
    ('https://example.org/a_%28b%29', '')
    """
    if not url:
        return ""
    from urllib.parse import quote

    url = clean(url)
    return _BARE_PERCENT.sub("%25", quote(url, safe=URL_SAFE_CHARS)) if HTTP_URL.fullmatch(url) else ""


def pdf_url(paper: Paper) -> str:
    """Return the URL of a paper's PDF, "" where none is known.

    It is that of arXiv, of the first link to OpenReview or the ACL Anthology, or the first link to a PDF, in this
    order, as far as it may be opened in a browser.

    >>> from readlist.models import Paper
    >>> pdf_url(Paper("FP4", arxiv_id="2505.19115")), pdf_url(Paper("FP4", url="https://example.org/a"))
    ('https://arxiv.org/pdf/2505.19115', '')
    >>> pdf_url(Paper("FP4", links=("https://openreview.net/forum?id=a1&noteId=b2",)))
    'https://openreview.net/pdf?id=a1'
    """
    links = [paper.url, *paper.links]
    arxiv_ids = filter(None, map(parse_arxiv_id, (paper.arxiv_id, paper.url)))
    candidates = [
        *(_ARXIV_PDF.format(arxiv_id) for arxiv_id in arxiv_ids),
        *(form.format(match[1]) for link in links for page, form in _PDFS if (match := re.fullmatch(page, link))),
        *(link for link in links if re.fullmatch(r"(?i)[^?#]+\.pdf(?:[?#].*)?", link)),
    ]
    return next((url for url in candidates if not rejection_reason(url)), "")
