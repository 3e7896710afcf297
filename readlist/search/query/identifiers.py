"""Identifiers of papers as people type and paste them: an arXiv ID or a DOI, alone or in a URL."""

from __future__ import annotations

from readlist.search.query.ast import FieldEquals
from readlist.text import parse_arxiv_id, parse_doi

_ARXIV_DOI = "10.48550/arxiv."
"""What the DOIs that arXiv assigns begin with, in lower case."""


def parse_identifier(text: str) -> FieldEquals | None:
    """Return the term for the arXiv ID or the DOI that `text` as a whole is, None where it is neither.

    A DOI of arXiv is the arXiv ID.

    >>> parse_identifier("https://doi.org/10.1145/3442188.3445922"), parse_identifier("10.48550/arXiv.2502.06781v2")
    (FieldEquals(field='doi', value='10.1145/3442188.3445922'), FieldEquals(field='arxiv', value='2502.06781'))
    """
    doi = parse_doi(text)
    arxiv_id = parse_arxiv_id(doi.removeprefix(_ARXIV_DOI) if doi.startswith(_ARXIV_DOI) else text)
    if arxiv_id:
        return FieldEquals("arxiv", arxiv_id)
    return FieldEquals("doi", doi) if doi else None
