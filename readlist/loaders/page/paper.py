"""A web page about one paper, by its metadata: pages of arXiv, OpenReview, the ACL Anthology and publishers.

A page has the metadata of a paper if it names a title, and authors or an identifier, in Google Scholar's tags, or the
same with an identifier in Dublin Core, or in JSON-LD. Open Graph's tags, which every page has, give no more than its
URL. Nothing is guessed from the text: a page without this metadata is left to the loader of digests, which may reject
it.

Blogs may have such metadata about a post. So a page with several papers in its text is a digest, unless the metadata
has what only a publication has: an arXiv ID, a DOI, a PDF, a journal or a conference.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import TYPE_CHECKING

from readlist.dates import find_date
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.limits import apply_limits
from readlist.loaders.markup import is_feed, is_markup
from readlist.models import Appearance, Paper

if TYPE_CHECKING:
    from readlist.loaders.base import Source
    from readlist.loaders.page.metadata import PageMetadata

_METADATA = r"(?i)citation_title|dc(?:terms)?\.title|ScholarlyArticle"
_TITLES = ("citation_title", "dc.title", "dcterms.title")
_AUTHORS = ("citation_author", "dc.creator", "dcterms.creator")
_AUTHOR_LISTS = ("citation_authors",)
_DOIS = ("citation_doi", "prism.doi", "dc.identifier.doi", "dc.identifier", "dcterms.identifier")
_PDFS = ("citation_pdf_url",)
_PAGES = ("citation_abstract_html_url", "citation_public_url", "citation_fulltext_html_url", "og:url")
_DATES = ("citation_publication_date", "citation_date", "citation_online_date", "prism.publicationdate",
          "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date", "dcterms.created")  # fmt: skip
_VENUES = ("citation_journal_title", "citation_conference_title", "citation_conference", "citation_inbook_title",
           "citation_technical_report_institution", "citation_dissertation_institution", "citation_issn",
           "citation_isbn", "prism.publicationname")  # fmt: skip
_DATE = r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?(?:[T ][0-9:.Z+-]*)?"
_SEVERAL = 2


class PaperPageLoader:
    """The loader of pages about one paper."""

    name = "page of a paper (HTML)"

    def detect(self, source: Source) -> bool:
        """Return whether the text is a page with the metadata of one paper, rather than a digest."""
        metadata = source.parse_once(_find_metadata)
        return metadata is not None and (_is_publication(metadata, source) or not _is_digest(source))

    def parse(self, source: Source) -> ParseResult:
        """Return the paper; its digest is the page, with the date of publication."""
        from readlist.loaders.page.metadata import PageMetadata

        log = ProblemLog(source.name)
        metadata = source.parse_once(_find_metadata) or PageMetadata()
        return ParseResult((_build_paper(metadata, source, log),), tuple(log.problems))


def _find_metadata(source: Source) -> PageMetadata | None:
    """Return the metadata of a page, None where it does not describe a paper."""
    if not is_markup(source.text) or not re.search(_METADATA, source.text) or is_feed(source.text):
        return None
    from readlist.loaders.page.metadata import parse_metadata

    metadata = parse_metadata(source.text)
    has_identifier = any(_get_identifiers(metadata, source))
    has_authors = bool(_get_authors(metadata))
    if metadata.get("citation_title") or metadata.get_article_field("headline", "name"):
        return metadata if has_authors or has_identifier else None
    return metadata if _get_title(metadata) and has_authors and has_identifier else None


def _is_publication(metadata: PageMetadata, source: Source) -> bool:
    return any(_get_identifiers(metadata, source)) or bool(metadata.get(*_PDFS) or metadata.get(*_VENUES))


def _is_digest(source: Source) -> bool:
    from readlist.loaders.page.parser import PageLoader

    return len(PageLoader().parse(source).papers) >= _SEVERAL


def _build_paper(metadata: PageMetadata, source: Source, log: ProblemLog) -> Paper:
    from readlist.loaders.identifiers import choose_links, find_arxiv_categories

    arxiv_id, doi = _get_identifiers(metadata, source)
    pages = [metadata.canonical, *(metadata.get(name) for name in _PAGES), source.url]
    page = next(filter(None, (_resolve(page, source) for page in pages)), "")
    url, *links = choose_links(arxiv_id, doi, [page, _resolve(metadata.get(*_PDFS), source)]) or ("",)
    paper = Paper(
        title=_get_title(metadata),
        authors=_get_authors(metadata),
        abstract=_get_abstract(metadata),
        tags=find_arxiv_categories(metadata.subjects) if arxiv_id else (),
        arxiv_id=arxiv_id,
        url=url,
        doi=doi,
        links=tuple(links),
        digests=(Appearance(_get_date(metadata), source.name),),
    )
    return apply_limits(paper, partial(log.report, 0))


def _get_title(metadata: PageMetadata) -> str:
    return metadata.get(*_TITLES) or metadata.get_article_field("headline", "name")


def _get_authors(metadata: PageMetadata) -> tuple[str, ...]:
    """Return the authors, each with the given name first."""
    from readlist.loaders.person_names import invert_name, split_author_field, split_names

    if lists := metadata.get_all(*_AUTHOR_LISTS):
        return tuple(dict.fromkeys(name for text in lists for name in split_author_field(text)))
    if names := metadata.get_all(*_AUTHORS):
        return split_names(names) if len(names) > 1 or ";" in names[0] else (invert_name(names[0]),)
    return tuple(dict.fromkeys(map(invert_name, metadata.get_article_authors())))


def _get_abstract(metadata: PageMetadata) -> str:
    return (
        metadata.get("citation_abstract", "dcterms.abstract", "dc.description.abstract")
        or metadata.get_article_field("abstract")
        or metadata.abstract
        or metadata.get("dc.description", "dcterms.description")
        or metadata.get_article_field("description")
    )


def _get_identifiers(metadata: PageMetadata, source: Source) -> tuple[str, str]:
    """Return the arXiv ID and the DOI of the paper, "" for none."""
    from readlist.dois import identify_doi, parse_doi
    from readlist.loaders.json_text import get_list
    from readlist.text import parse_arxiv_id

    in_article = [
        metadata.article.get("@id"),
        metadata.article.get("sameAs"),
        *get_list(metadata.article, "identifier"),
    ]
    candidates = [value for name in _DOIS for value in metadata.get_all(name)]
    candidates += [text for value in in_article for text in (value, _get_value(value)) if isinstance(text, str)]
    arxiv_id, doi = identify_doi(next(filter(None, map(parse_doi, candidates)), ""))
    own_pages = (source.url, metadata.canonical, *(metadata.get(name) for name in _PAGES))
    arxiv_id = (
        parse_arxiv_id(metadata.get("citation_arxiv_id"))
        or arxiv_id
        or next(filter(None, map(parse_arxiv_id, own_pages)), "")
    )
    return arxiv_id, doi


def _get_value(identifier: object) -> object:
    """Return the value of a schema.org PropertyValue."""
    return identifier.get("value") if isinstance(identifier, dict) else None


def _get_date(metadata: PageMetadata) -> dt.date | None:
    """Return the date of publication; of a month or a year, the first day."""
    texts = [metadata.get(name) for name in _DATES]
    texts += [metadata.get_article_field("datePublished"), metadata.get_article_field("dateCreated")]
    return next(filter(None, map(_parse_date, texts)), None)


def _parse_date(text: str) -> dt.date | None:
    from readlist.loaders.page.html import parse_publication_date

    if not (match := re.fullmatch(_DATE, text)):
        return find_date(text) or parse_publication_date(text)
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _resolve(url: str, source: Source) -> str:
    from readlist.loaders.page.html import resolve_link

    return resolve_link(url, source.url)
