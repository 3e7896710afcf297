"""What every loader passes its papers through: the maximum lengths of fields, and links without tracking.

The limits keep a hostile or broken source from flooding terminals and the index; real papers stay far below them. What
is longer is truncated and reported. Links, also those in texts, are unwrapped here (see `tracking`), because this is
the one place that all papers pass after their links were collected and before the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from readlist.edits import MAX_AUTHOR, MAX_TAG, MAX_TEXT, MAX_TITLE
from readlist.loaders.tracking import unwrap_link, unwrap_links, unwrap_text
from readlist.text import extract_links, parse_arxiv_id
from readlist.urls import MAX_URL

if TYPE_CHECKING:
    from readlist.models import Paper

MAX_ITEMS = 6_000
"""Authors, tags, and links of one paper: the longest author list published has 5,154 names (PRL 114, 191803)."""
MAX_LINE = 1_300_000
"""Characters of a line that is parsed; a longer line exceeds one of the other limits too, which reports it."""

_MAX_QUOTE = 40

Report = Callable[[str], None]
"""Receives the reason of a problem."""


def apply_limits(paper: Paper, report: Report, hidden_links: Iterable[str] = ()) -> Paper:
    """Return the paper with every field within its limit and with all of its links, unwrapped.

    The links are `paper.links`, those in abstract and comments, and `hidden_links`, which no text shows. A paper
    without an arXiv ID gets that of its URL, which unwrapping may have shown.
    """
    title = truncate(paper.title, MAX_TITLE, "title", report)
    authors = _truncate_all(paper.authors, MAX_AUTHOR, "author", report)
    # Truncated first: a text may have 10 MB of tracking links.
    abstract = unwrap_text(truncate(paper.abstract, MAX_TEXT, "abstract", report))[:MAX_TEXT]
    comments = {
        language: unwrap_text(truncate(text, MAX_TEXT, f"comment ({language})", report))[:MAX_TEXT]
        for language, text in paper.comments.items()
    }
    tags = dict.fromkeys(_truncate_all(paper.tags, MAX_TAG, "tag", report))
    url = unwrap_link(paper.url)
    visible = (link for text in (abstract, *comments.values()) if "://" in text for link in extract_links(text))
    found = list(dict.fromkeys((*paper.links, *visible, *hidden_links)))
    if len(found) > MAX_ITEMS:
        report(f"links truncated: {len(found):,} links; the first {MAX_ITEMS:,} are kept")
    values: dict[str, Any] = {
        "title": title,
        "authors": authors,
        "abstract": abstract,
        "comments": comments,
        "tags": tuple(tags),
        "links": drop_long_links(unwrap_links(found[:MAX_ITEMS]), report),
        "url": url,
        "arxiv_id": paper.arxiv_id or (parse_arxiv_id(url) if url != paper.url else ""),
    }
    changed = {name: value for name, value in values.items() if value != getattr(paper, name)}
    return paper._replace(**changed) if changed else paper  # most papers are within the limits and have no links


def truncate(text: str, limit: int, name: str, report: Report) -> str:
    """Return the first `limit` characters of a text; `name` is what the problem calls it."""
    if len(text) <= limit:
        return text
    report(f"{name} truncated: {len(text):,} characters; the first {limit:,} are kept")
    return text[:limit].rstrip()


def _truncate_all(texts: tuple[str, ...], limit: int, name: str, report: Report) -> tuple[str, ...]:
    if len(texts) > MAX_ITEMS:
        report(f"{name}s truncated: {len(texts):,} {name}s; the first {MAX_ITEMS:,} are kept")
    if max(map(len, texts), default=0) <= limit:  # the common case
        return texts[:MAX_ITEMS]
    return tuple([truncate(text, limit, name, report) for text in texts[:MAX_ITEMS]])


def drop_long_links(links: Iterable[str], report: Report) -> tuple[str, ...]:
    """Return the links of at most MAX_URL characters. A longer one is dropped, for a truncated link leads nowhere."""
    links = tuple(links)
    usable = tuple([link for link in links if len(link) <= MAX_URL])
    if len(usable) < len(links):
        report(f"link ignored: longer than {MAX_URL:,} characters")
    return usable


def quote(text: str) -> str:
    """Return a text in quotes as messages show it, at most 40 characters of it."""
    return f"'{text}'" if len(text) <= _MAX_QUOTE else f"'{text[:_MAX_QUOTE]}…'"
