"""DOIs: recognized in texts and URLs, normalized, and written as URLs. Nothing else in readlist knows their form.

A DOI is in lower case, without what is percent-encoded in a URL: `10.1002/(sici)17:15<1661::aid-sim968>3.0.co;2-2`.
One that arXiv assigned stands for an arXiv ID and is no DOI of a paper, see `identify_doi`.
"""

from __future__ import annotations

import re

from readlist.text import clean, parse_arxiv_id

ARXIV_PREFIX = "10.48550/arXiv."
"""What the DOIs that arXiv assigns begin with; an arXiv ID follows."""

_MAX_TEXT = 2_048
"""Characters of a text that may be a DOI; as many as of a URL."""
# Patterns are strings, which `re` compiles at their first use: most commands need none of them.
_DOI = r"10\.[0-9]{4,9}/[^\s\"{}\\^`|]+"
# In running text "<" may be a tag or end a link; in old DOIs a page follows: 15<1661::AID-SIM968>3.0.CO;2-2
_DOI_IN_TEXT = r"(?<![0-9.])10\.[0-9]{4,9}/[^\s\"{}\\^`|<>]+(?:<[0-9][^\s\"{}\\^`|<>]*>[^\s\"{}\\^`|<>]*)*"
_LABEL = r"(?i)\A(?:info:doi/|doi(?!\.org/))[:\s]*"
_DOI_HOST = r"(?i)(?:https?://)?(?:dx\.|www\.)?doi\.org/(?:doi:)?"
_PUBLISHER_PATH = r"(?i)https?://[^\s/]+/(?:\S*?/)?(?=10\.[0-9]{4,9}/)"
# Publishers name their pages by DOI, and add the kind of page: https://dl.acm.org/doi/10.1145/1234567/full
_PAGE_KIND = r"(?:/(?:full(?:text)?|e?pdf|abstract|html|meta|references|summary|figures|suppl_file/.*))?(?:\.pdf)?/?\Z"
_PREPRINT_VERSION = r"\A(10\.(?:1101|64898)/[0-9.]*[0-9])v[0-9].*"  # of bioRxiv and medRxiv
_QUERY = r"[?#].+"  # a DOI may end with "#"
_PUNCTUATION = ".,;:!?"
_URL_SAFE_CHARS = "/:@!&'*+,;=[]()"


def parse_doi(text: str) -> str:
    """Return the DOI that a text as a whole is: alone, after "doi:", or in the URL of its page; "" for anything else.

    The page may be that of a publisher. A query in a URL is ignored, also one that contains a DOI.

    >>> parse_doi("doi:10.1000/AB"), parse_doi("https://dl.acm.org/doi/pdf/10.1145/1234567"), parse_doi("see 10.1000/1")
    ('10.1000/ab', '10.1145/1234567', '')
    """
    if "10." not in text or len(text) > _MAX_TEXT:
        return ""
    text = _decode(re.sub(_QUERY, "", re.sub(_LABEL, "", clean(text), count=1), count=1))
    if host := re.match(_DOI_HOST, text):
        text = text[host.end() :]
    elif path := re.match(_PUBLISHER_PATH, text):
        text = re.sub(_PREPRINT_VERSION, r"\1", re.sub(_PAGE_KIND, "", text[path.end() :], count=1))
    text = text.rstrip(_PUNCTUATION)
    return text.lower() if re.fullmatch(_DOI, text) else ""


def find_doi(text: str) -> str:
    """Return the first DOI in a text, without the punctuation after it; "" for none.

    >>> find_doi("in: Tides (doi:10.1000/182)."), find_doi("<https://doi.org/10.1000/182>"), find_doi("n/a")
    ('10.1000/182', '10.1000/182', '')
    """
    if doi := parse_doi(text):
        return doi
    match = re.search(_DOI_IN_TEXT, _decode(text))
    doi = match[0].rstrip(_PUNCTUATION) if match else ""
    while doi.endswith(")") and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(_PUNCTUATION)
    return parse_doi(doi)


def identify_doi(doi: str) -> tuple[str, str]:
    """Return the arXiv ID and the DOI of the paper with a DOI that `parse_doi` returned; one of them is "".

    Both are for a DOI of arXiv that contains no arXiv ID.

    >>> identify_doi("10.48550/arxiv.2502.06781v2"), identify_doi("10.1000/182")
    (('2502.06781', ''), ('', '10.1000/182'))
    """
    if not doi.startswith(ARXIV_PREFIX.lower()):
        return "", doi
    return parse_arxiv_id(doi[len(ARXIV_PREFIX) :]), ""


def doi_page(doi: str) -> str:
    """Return the URL of a DOI; old ones have characters that a URL must not have.

    >>> doi_page("10.1002/(sici)17:15<1661::aid-sim968>3.0.co;2-2")
    'https://doi.org/10.1002/(sici)17:15%3C1661::aid-sim968%3E3.0.co;2-2'
    """
    from urllib.parse import quote

    return f"https://doi.org/{quote(doi, safe=_URL_SAFE_CHARS, errors='replace')}"


def _decode(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)
