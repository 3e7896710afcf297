"""The page of a paper, by its metadata: see `readlist.loaders.page.paper`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import ReadlistError
from readlist.loaders.base import Source
from readlist.loaders.encoding import decode
from readlist.loaders.fetch import HttpStatusError, fetch
from readlist.loaders.page.paper import PaperPageLoader
from readlist.loaders.resolve.client import ServiceUnavailable, describe_failure

if TYPE_CHECKING:
    from readlist.models import Paper

_NOTHING = frozenset({404, 410})


def fetch_page(url: str, *, private: bool) -> Paper | None:
    """Return the paper that the page at a URL is about, None where there is no page or it has no such metadata.

    Raises:
        ServiceUnavailable: the page cannot be fetched now, or not by a program.
    """
    try:
        page = fetch(url, private=private)
    except HttpStatusError as error:
        if error.status in _NOTHING:
            return None
        raise ServiceUnavailable(describe_failure("the page", error)) from None
    except ReadlistError as error:
        raise ServiceUnavailable(describe_failure("the page", error)) from None
    if page is None:
        return None
    try:
        source = Source("page", decode(page.data, page.charset)[0], url=page.url)
    except ReadlistError:
        return None
    loader = PaperPageLoader()
    return next(iter(loader.parse(source).papers), None) if loader.detect(source) else None
