"""The entry of a bibliography, in any format, and its conversion to a paper and what the user noted on it.

    doi 10.1000/182 alone         url https://doi.org/10.1000/182, by which `store.matching` recognizes the paper
    arXiv ID, with or without DOI url the entry's own URL, else the arXiv page; the DOI is one of the links
    DOI                           doi, in lower case; a DOI of arXiv is the arXiv ID
    keywords                      the user's own tags; a tag is one word: "machine learning" is machine-learning
    note, annote …                the user's note; lines in which reference managers store identifiers are left out

The year of publication is not kept, as a paper has the dates of its digests only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from readlist.dois import doi_page, find_doi, identify_doi, parse_doi
from readlist.edits import MAX_NOTE, MAX_TAG
from readlist.loaders.base import ParseResult, ProblemLog
from readlist.loaders.limits import MAX_ITEMS, apply_limits, drop_long_links, quote, truncate
from readlist.loaders.tag_words import join_tag_words
from readlist.models import Appearance, Mark, Paper
from readlist.text import clean, extract_links, find_arxiv_ids, fold_tag, normalize_note, parse_arxiv_id, printable_line
from readlist.urls import arxiv_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from readlist.loaders.base import Source

MAX_RECORDS = 20_000
"""Entries of one file, twice a large library: as many as are loaded within the two seconds that a file may take."""
TOO_MANY_RECORDS = f"more than {MAX_RECORDS:,} entries; the rest is ignored; split it into smaller files"

# The lines that Zotero's field Extra has, which its exports call a note, and arXiv's own reference as a note.
_IDENTIFIER_LINE = re.compile(
    r"(?i)\s*(?:(?:arxiv|doi|pmid|pmcid|issn|isbn|_?eprint|citation key|version number|tex\.[\w-]+)\s*:.*"
    r"|arxiv preprint.*)"
)


@dataclass(slots=True)
class Record:
    """The fields of an entry as plain text; empty where the entry does not have them.

    `name` is what problems call the entry: its citation key or number. `line` counts from 1, 0 where the format has no
    lines. `arxiv_texts` may each be an arXiv ID or a link to one; `citations` may contain `arXiv:…` (journal, number).
    """

    line: int
    name: str
    title: str = ""
    authors: Sequence[str] = ()
    abstract: str = ""
    doi: str = ""
    urls: Sequence[str] = ()
    arxiv_texts: Sequence[str] = ()
    citations: Sequence[str] = ()
    keywords: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(slots=True)
class RecordCollector:
    """Converts the entries of one source, and collects papers, marks and problems."""

    source: Source
    log: ProblemLog = field(init=False)
    _papers: list[Paper] = field(default_factory=list)
    _marks: dict[int, Mark] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = ProblemLog(self.source.name)

    def add(self, record: Record) -> None:
        """Add the paper of an entry; an entry without a title is reported."""
        title = clean(record.title)
        if not title:
            self.log.report(record.line, f"entry without a title: {quote(clean(record.name))}; ignored")
            return
        report = partial(self.log.report, record.line)
        note, identifier_lines = _split_note(record.notes)
        arxiv_id, doi = identify_doi(find_doi(record.doi) or next(filter(None, map(parse_doi, record.urls)), ""))
        arxiv_id = _find_arxiv_id(record, identifier_lines) or arxiv_id
        url, *links = drop_long_links(dict.fromkeys(_iter_links(record.urls, doi, arxiv_id)), report) or ("",)
        paper = Paper(
            title=title,
            authors=tuple(filter(None, map(clean, record.authors))),
            abstract=clean(record.abstract),
            links=tuple(links),
            arxiv_id=arxiv_id,
            url=url,
            doi=doi,
            digests=(Appearance(None, self.source.name),),
        )
        mark = Mark(
            "", tags_added=_parse_keywords(record.keywords, report), note=truncate(note, MAX_NOTE, "note", report)
        )
        if mark.tags_added or mark.note:
            self._marks[len(self._papers)] = mark
        self._papers.append(apply_limits(paper, report))

    def result(self) -> ParseResult:
        """Return what was collected, problems in the order of their lines."""
        problems = sorted(self.log.problems, key=attrgetter("line"))
        return ParseResult(tuple(self._papers), tuple(problems), self._marks)


def _split_note(notes: Iterable[str]) -> tuple[str, list[str]]:
    """Return the notes as paragraphs of one text, and the lines that are identifiers."""
    paragraphs: list[str] = []
    identifier_lines: list[str] = []
    for text in dict.fromkeys(map(normalize_note, notes)):
        lines: list[str] = []
        for line in text.split("\n"):
            (identifier_lines if _IDENTIFIER_LINE.fullmatch(line) else lines).append(line)
        paragraphs.append("\n".join(lines).strip("\n"))
    return "\n\n".join(filter(str.strip, paragraphs)), identifier_lines


def _find_arxiv_id(record: Record, identifier_lines: Iterable[str]) -> str:
    for text in (*record.arxiv_texts, *record.urls):
        if arxiv_id := parse_arxiv_id(clean(text)):
            return arxiv_id
    cited = (ids[0] for text in (*record.citations, *identifier_lines) if (ids := find_arxiv_ids(text)))
    return next(cited, "")


def _iter_links(urls: Iterable[str], doi: str, arxiv_id: str) -> list[str]:
    """Return the links of a paper, its own URL first."""
    links = [link for url in urls for link in extract_links(clean(url))]
    if doi:
        pages = [link for link in links if "doi.org/" in link and parse_doi(link) == doi]
        links = [link for link in links if link not in pages]
        # The page as the entry has it: its letters may be of either case, and what is exported is what was loaded.
        page = next((link for link in pages if link.casefold() == doi_page(doi).casefold()), doi_page(doi))
        links.insert(len(links) if arxiv_id else 0, page)
    if arxiv_id and (not links or parse_doi(links[0])):
        links.insert(0, arxiv_page(arxiv_id))
    return links


def _parse_keywords(keywords: Sequence[str], report: partial[None]) -> tuple[str, ...]:
    """Return the keywords as tags, each once; the words of a keyword are joined by "-"."""
    if len(keywords) > MAX_ITEMS:
        report(f"keywords truncated: {len(keywords):,} keywords; the first {MAX_ITEMS:,} are kept")
    tags: dict[str, str] = {}
    for keyword in keywords[:MAX_ITEMS]:
        tag = join_tag_words(printable_line(keyword).lstrip("#"))
        tag = truncate(tag, MAX_TAG, "keyword", report)
        if tag:
            tags.setdefault(fold_tag(tag), tag)
    return tuple(tags.values())
