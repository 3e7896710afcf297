"""Text of digests as HTML, escaped, with the links of the paper: for `html`, `mail_page` and `year_html`."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from typing import TYPE_CHECKING

from readlist.urls import web_url

if TYPE_CHECKING:
    from collections.abc import Iterable


def link_urls(text: str, links: Iterable[str]) -> str:
    """Escape the text except for those of `links` that occur in it, which become links."""
    urls = sorted(filter(web_url, links), key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, urls))})", text) if urls else [text]
    return "".join(format_link(web_url(piece), piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces))


def format_link(url: str, text: str) -> str:
    """Return a link to a URL that is percent-encoded already."""
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{escape(text)}</a>'


def csp_hash(text: str) -> str:
    """Return the hash by which a content security policy allows a style or a script of the page itself."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
