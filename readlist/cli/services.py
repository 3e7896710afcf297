"""The services that add and fetch ask, from the environment: $READLIST_ARXIV_URL and $READLIST_CROSSREF_URL."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from readlist.cli.output import info
from readlist.errors import UsageError

if TYPE_CHECKING:
    from readlist.loaders.resolve.lookup import Lookup

ARXIV_VARIABLE = "READLIST_ARXIV_URL"
CROSSREF_VARIABLE = "READLIST_CROSSREF_URL"


def build_lookup(*, private: bool = False) -> Lookup:
    """Return the services, which print a line before a long wait; `private` permits pages at private addresses."""
    from readlist.loaders.resolve.lookup import Lookup, Services

    return Lookup(Services(_read_url(ARXIV_VARIABLE), _read_url(CROSSREF_VARIABLE), private), info)


def _read_url(variable: str) -> str:
    """Return the URL in a variable, "" where it is not set. Raises UsageError for anything but http(s)."""
    url = os.environ.get(variable, "").strip()
    if url and not url.lower().startswith(("http://", "https://")):
        raise UsageError(f"invalid ${variable}: {url}; write: https://HOST")
    return url
