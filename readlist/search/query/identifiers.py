"""Identifiers of papers as people type and paste them: an arXiv ID or a DOI, alone or in a URL."""

from __future__ import annotations

import re

from readlist.search.query.ast import FieldEquals
from readlist.text import parse_arxiv_id

_DOI = r"(?i)(?:(?:https?://)?(?:www\.|dx\.)?doi\.org/|doi:\s?)?(10\.\d{4,9}/[^\s?#]+)(?:[?#].*)?"
_ARXIV_DOI = "10.48550/arxiv."
"""What the DOIs that arXiv assigns begin with, in lower case."""


def parse_identifier(text: str) -> FieldEquals | None:
    """Return the term for the arXiv ID or the DOI that `text` as a whole is, None where it is neither.

    A DOI of arXiv is the arXiv ID. A DOI is in lower case, as papers have it.

    >>> parse_identifier("https://doi.org/10.1145/3442188.3445922"), parse_identifier("10.48550/arXiv.2502.06781v2")
    (FieldEquals(field='doi', value='10.1145/3442188.3445922'), FieldEquals(field='arxiv', value='2502.06781'))
    """
    if arxiv_id := parse_arxiv_id(text):
        return FieldEquals("arxiv", arxiv_id)
    match = re.fullmatch(_DOI, text.strip())
    if match is None:
        return None
    doi = match[1].casefold()
    arxiv_id = parse_arxiv_id(match[1][len(_ARXIV_DOI) :]) if doi.startswith(_ARXIV_DOI) else ""
    return FieldEquals("arxiv", arxiv_id) if arxiv_id else FieldEquals("doi", doi)
