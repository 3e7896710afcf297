"""Where a paper is, as an address that no format can take for more than that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from readlist.text import arxiv_id, clean

if TYPE_CHECKING:
    from readlist.models import Paper

WEB = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
IN_URL = "%/:?#@!&'*+,;=[]"  # besides letters, digits and -._~ : what URLs are made of, without brackets and formulas


def address(paper: Paper) -> str:
    """The paper's URL, else its page on arXiv; "" where it has neither, or a URL that does not lead into the web."""
    return web(paper.url) or (f"https://arxiv.org/abs/{known_id}" if (known_id := arxiv_id(paper.arxiv_id)) else "")


def web(url: str) -> str:
    """The URL, what is no part of one written as %XX; "" where it does not lead into the web.

    >>> web("https://example.org/a_(b)"), web("javascript:alert(1)")
    ('https://example.org/a_%28b%29', '')
    """
    url = clean(url)
    return _BARE_PERCENT.sub("%25", quote(url, safe=IN_URL)) if WEB.fullmatch(url) else ""
