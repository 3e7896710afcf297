"""Identifiers of papers as people type and paste them: an arXiv ID or a DOI, alone or in a URL."""

from __future__ import annotations

from readlist.dois import identify_doi, parse_doi
from readlist.search.query.ast import FieldEquals
from readlist.text import parse_arxiv_id


def parse_identifier(text: str) -> FieldEquals | None:
    """Return the term for the arXiv ID or the DOI that `text` as a whole is, None where it is neither.

    >>> parse_identifier("https://doi.org/10.1145/3442188.3445922"), parse_identifier("10.48550/arXiv.2502.06781v2")
    (FieldEquals(field='doi', value='10.1145/3442188.3445922'), FieldEquals(field='arxiv', value='2502.06781'))
    """
    arxiv_id, doi = parse_arxiv_id(text), ""
    if not arxiv_id:
        arxiv_id, doi = identify_doi(parse_doi(text))
    if arxiv_id:
        return FieldEquals("arxiv", arxiv_id)
    return FieldEquals("doi", doi) if doi else None
