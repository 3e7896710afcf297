"""arXiv's API: papers by their IDs, many in one request, and papers by title.

https://info.arxiv.org/help/api/user-manual.html; its terms of use ask for at most one request every three seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from readlist.errors import ReadlistError
from readlist.loaders.base import ProblemLog
from readlist.loaders.encoding import decode
from readlist.loaders.resolve.client import choose_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from readlist.loaders.fetch import FetchedPage
    from readlist.loaders.resolve.client import Client
    from readlist.models import Paper

URL = "https://export.arxiv.org"
INTERVAL_SECONDS = 3.0
MAX_IDS = 50
"""IDs of one request, so that its URL stays far below what servers accept."""
_MAX_RESULTS = 5
_ACCEPT = "application/atom+xml"


def fetch_by_id(client: Client, arxiv_ids: Sequence[str]) -> dict[str, Paper]:
    """Return the papers of these IDs, at most MAX_IDS, by their IDs; those that do not exist are missing.

    Raises:
        ServiceUnavailable: arXiv is not available now.
    """
    path = f"/api/query?id_list={quote_plus(','.join(arxiv_ids), safe=',/')}&max_results={len(arxiv_ids)}"
    page = client.get(path, _ACCEPT)
    if page is None and len(arxiv_ids) > 1:  # one ID is malformed, for which arXiv rejects the request as a whole
        half = len(arxiv_ids) // 2
        return fetch_by_id(client, arxiv_ids[:half]) | fetch_by_id(client, arxiv_ids[half:])
    papers = {paper.arxiv_id.casefold(): paper for paper in _parse(client, page)}
    return {arxiv_id: papers[arxiv_id.casefold()] for arxiv_id in arxiv_ids if arxiv_id.casefold() in papers}


def search_title(client: Client, title: str) -> list[Paper]:
    """Return the papers whose title contains the words of this one, in their order.

    Raises:
        ServiceUnavailable: arXiv is not available now.
    """
    if not (words := choose_words(title)):
        return []
    phrase = quote_plus(f'ti:"{words}"')
    return _parse(client, client.get(f"/api/query?search_query={phrase}&max_results={_MAX_RESULTS}", _ACCEPT))


def _parse(client: Client, page: FetchedPage | None) -> list[Paper]:
    from readlist.loaders.feed.entries import parse_feed
    from readlist.loaders.feed.papers import build_paper, find_identity, is_api_error

    if page is None:
        return []
    try:
        feed = parse_feed(decode(page.data, page.charset)[0], MAX_IDS)
    except ReadlistError:
        client.fail(f"{client.name} returned data that is not text")
    if feed.problem or not (feed.title or feed.entries):
        client.fail(f"{client.name} returned an invalid feed")
    log = ProblemLog(client.name)
    entries = [entry for entry in feed.entries if not is_api_error(entry)]
    identities = ((entry, find_identity(entry)) for entry in entries)
    return [build_paper(entry, identity, None, log) for entry, identity in identities if identity.arxiv_id]
