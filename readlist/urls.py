"""Where a paper can be read: its address, and which addresses may be given to a browser at all.

Addresses come from digests, which others wrote. A browser is a program with a command line: `-…` would be an option of
it, `file:` a look into the disk, `javascript:` a program, and a user name before the host a host that is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readlist.models import Paper

ARXIV = "https://arxiv.org/abs/{}"
SEARCH = "https://scholar.google.com/scholar?q={}"
"""Where a paper without a link is looked for: Scholar knows papers that are not on arXiv, takes a title in quotes,
needs no account, and leads to the free copy where there is one."""
MAX_URL = 2_048
"""Characters of an address, as in the digests' limits: browsers and servers agree on no more."""
_SOUGHT = 200
"""Characters of a title that are searched for; 200 Hangul syllables stay below MAX_URL when they are escaped."""

_HOST = r"\[[0-9A-Fa-f:.]+\]|\w(?:[\w.-]*\w)?\.?"
_ADDRESS = rf"(?i:https?)://(?:{_HOST})(?::[0-9]{{1,5}})?(?:[/?#].*)?"
_NEVER = frozenset('"<>\\^`{|}')
"""Printable signs that no URL may hold (RFC 3986), and that shells and Markdown make something of."""


def address(paper: Paper) -> str:
    """Where to read a paper: its own link, else its page at arXiv, else a search for its title; none that is refused.

    >>> from readlist.models import Paper
    >>> address(Paper("FP4", url="https://openreview.net/forum?id=1", arxiv_id="2505.19115"))
    'https://openreview.net/forum?id=1'
    >>> address(Paper("FP4", url="javascript:alert(1)", arxiv_id="2505.19115"))
    'https://arxiv.org/abs/2505.19115'
    >>> address(Paper("FP4 All the Way"))
    'https://scholar.google.com/scholar?q=%22FP4+All+the+Way%22'
    """
    if paper.url and not refusal(paper.url):
        return paper.url
    if paper.arxiv_id and not refusal(page := ARXIV.format(paper.arxiv_id)):
        return page
    from urllib.parse import quote_plus

    return SEARCH.format(quote_plus(f'"{paper.title[:_SOUGHT]}"', errors="replace"))


def refusal(url: str) -> str:
    """Why an address must not be given to a browser; "" where it may.

    >>> refusal("https://arxiv.org/abs/2502.06781")
    ''
    >>> refusal("file:///etc/passwd"), refusal("https://arxiv.org@evil.example/")
    ('it is no http or https address', 'it has a user name before its host')
    """
    if len(url) > MAX_URL:
        return f"it has more than {MAX_URL:,} characters"
    if not url.isprintable() or _NEVER.intersection(url) or any(map(str.isspace, url)):
        return "it holds characters that no address may have"
    if not re.match(r"(?i)https?://", url):
        return "it is no http or https address"
    if "@" in re.split(r"[/?#]", url, maxsplit=3)[2]:
        return "it has a user name before its host"
    return "" if re.fullmatch(_ADDRESS, url) else "it has no host that can be"
