"""Text of digests as HTML, escaped, with the links of the paper: for `html`, `mail_page` and `year_html`."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from readlist.urls import web_url

if TYPE_CHECKING:
    from collections.abc import Sequence


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}


def escape(text: str) -> str:
    """Return the text as `html.escape` does: to look for a character first takes a tenth of the time of `replace`."""
    for character, entity in _ENTITIES.items():
        if character in text:
            text = text.replace(character, entity)
    return text


def link_urls(text: str, links: Sequence[str]) -> str:
    """Escape the text except for those of `links` that occur in it, which become links."""
    urls = sorted((link for link in links if link in text and web_url(link)), key=len, reverse=True) if links else []
    if not urls:
        return escape(text)
    pieces = re.split(f"({'|'.join(map(re.escape, urls))})", text)
    return "".join(format_link(web_url(piece), piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces))


def format_link(url: str, text: str) -> str:
    """Return a link to a URL that is percent-encoded already."""
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{escape(text)}</a>'


def _csp_hash(text: str) -> str:
    """Return the hash by which a content security policy allows a style or a script of the page itself."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def html_head(title: str, style: str, script: str = "") -> str:
    """Return the beginning of a page that requests nothing, with a policy that allows its own style and script only."""
    sources = f"style-src {_csp_hash(style)}" + (f"; script-src {_csp_hash(script)}" if script else "")
    policy = f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="readlist">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
"""
