"""BibLaTeX, for LaTeX with biblatex and biber, Zotero and JabRef.

    @online{sun2025curse,
      title = {The Curse of Depth in Large Language Models},
      author = {Sun, Wenfang and {DeepSeek-AI}},
      date = {2025-02},
      eprint = {2502.05795},
      eprinttype = {arxiv},
      doi = {10.1000/182},
      url = {https://arxiv.org/abs/2502.05795},
      abstract = {We introduce the Curse of Depth.},
      keywords = {normalization, transformer},
      annotation = {The user's note.},
    }

A paper without a URL is @misc. The styles of classic BibTeX need `bibtex`: they know neither @online nor `date`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters import latex_records
from readlist.exporters.citation import publication_date
from readlist.models import Paper
from readlist.text import parse_arxiv_id
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from readlist.models import Entry


def export(entries: Iterable[Entry], keys: Mapping[str, str]) -> Iterator[str]:
    """Yield one record per paper, separated by blank lines; `keys` are the citation keys by the papers' keys."""
    return latex_records.export_records(entries, keys, _format_record)


def _format_record(entry: Entry, key: str) -> str:
    paper = entry.paper
    arxiv_id, url = parse_arxiv_id(paper.arxiv_id), paper_url(paper)
    if paper.doi and url.casefold() == paper_url(Paper("", doi=paper.doi)).casefold():
        url = ""  # styles print the page of the DOI themselves
    fields = {
        "title": latex_records.format_title(paper),
        "author": latex_records.format_authors(paper),
        "date": publication_date(paper),
        "eprint": arxiv_id,
        "eprinttype": arxiv_id and "arxiv",
        "doi": latex_records.format_doi(paper),
        "url": url,
        "abstract": latex_records.format_abstract(paper),
        "keywords": latex_records.format_keywords(entry),
        "annotation": latex_records.format_note(entry),
    }
    return latex_records.format_record("online" if url else "misc", key, fields)
