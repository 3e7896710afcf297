"""Crossref's API: the work of a DOI, and works by title.

https://api.crossref.org/swagger-ui/index.html; its items are CSL-JSON, with titles in arrays and abstracts in JATS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from readlist.errors import ReadlistError
from readlist.loaders.base import Source
from readlist.loaders.encoding import decode
from readlist.loaders.json_text import get_list, get_text, parse_json
from readlist.loaders.resolve.client import choose_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from readlist.loaders.fetch import FetchedPage
    from readlist.loaders.resolve.client import Client
    from readlist.models import Paper

URL = "https://api.crossref.org"
INTERVAL_SECONDS = 1.0
_MAX_RESULTS = 5
_ACCEPT = "application/json"
_FIELDS = "DOI,URL,title,subtitle,author,editor,abstract,type,container-title"
_NO_PAPERS = frozenset({"component", "journal", "journal-issue", "peer-review", "proceedings", "grant"})
"""Types of works that have the title of a paper, or of what contains it, and are none."""


def fetch_by_doi(client: Client, doi: str) -> Paper | None:
    """Return the paper with this DOI, None where Crossref does not have it.

    Raises:
        ServiceUnavailable: Crossref is not available now.
    """
    page = client.get(f"/works/{quote(doi, safe='')}", _ACCEPT)
    return next(iter(_build_papers([_parse_message(client, page)])), None) if page else None


def search_title(client: Client, title: str, author: str = "") -> list[Paper]:
    """Return the papers with a similar title, the best match first; `author` is the name of one of them, or "".

    Raises:
        ServiceUnavailable: Crossref is not available now.
    """
    words = choose_words(title)
    by = f"&query.author={quote_plus(choose_words(author))}" if author else ""
    path = f"/works?query.bibliographic={quote_plus(words)}{by}&rows={_MAX_RESULTS}&select={_FIELDS}"
    page = client.get(path, _ACCEPT) if words else None
    return _build_papers(get_list(_parse_message(client, page), "items")[:_MAX_RESULTS]) if page else []


def _parse_message(client: Client, page: FetchedPage) -> Any:
    try:
        answer = parse_json(decode(page.data, page.charset)[0])
    except ReadlistError:
        answer = None
    message = answer.get("message") if isinstance(answer, dict) else None
    if not isinstance(message, dict):
        client.fail(f"{client.name} returned an answer in an unexpected format")
    return message


def _build_papers(items: Iterable[object]) -> list[Paper]:
    """Return the papers among the items of an answer, each within the limits."""
    from readlist.loaders.bibliography.csl import build_record
    from readlist.loaders.bibliography.record import RecordCollector

    collector = RecordCollector(Source("Crossref", ""))
    for number, item in enumerate(items, 1):
        if isinstance(item, dict) and get_text(item, "type") not in _NO_PAPERS:
            collector.add(build_record(number, {**item, **_normalize(item)}))
    return list(collector.result().papers)


def _normalize(item: dict[str, Any]) -> dict[str, str]:
    """Return the fields of an item that the library has in another form."""
    doi = item.get("DOI")
    return {
        "title": _join_titles(item),
        "DOI": doi.lower() if isinstance(doi, str) else "",
        "URL": "",  # that of the DOI
        "keyword": "",
        "note": "",
    }


def _join_titles(item: dict[str, Any]) -> str:
    """Return title and subtitle, which Crossref has in two arrays; some titles contain the subtitle."""
    title, subtitle = (
        next((text for text in get_list(item, name) if isinstance(text, str)), "") for name in ("title", "subtitle")
    )
    is_known = not subtitle or subtitle.casefold() in title.casefold()
    return title if is_known else f"{title}: {subtitle}"
