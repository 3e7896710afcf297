r"""Classic BibTeX, for the styles that come with LaTeX (plain, abbrv, alpha, unsrt), natbib, Zotero and JabRef.

    @article{sun2025curse,
      title = {The Curse of Depth in Large Language Models},
      author = {Sun, Wenfang and {DeepSeek-AI}},
      journal = {arXiv preprint arXiv:2502.05795},
      year = {2025},
      month = feb,
      eprint = {2502.05795},
      archiveprefix = {arXiv},
      doi = {10.1000/182},
      url = {https://arxiv.org/abs/2502.05795},
      abstract = {We introduce the Curse of Depth.},
      keywords = {normalization, transformer},
      annote = {The user's note.},
    }

These styles print none of `eprint`, `doi` and `url`: the arXiv ID is also in `journal`. A paper that is not on arXiv is
@misc with its URL in `howpublished`, and without `url`, which other styles would print a second time. The URL is
ordinary text: \url would need a package, and BibTeX would break a long one at 79 characters. Accents in names and
titles are commands, `{\'e}`, since BibTeX abbreviates, sorts and lowers single bytes. `biblatex` is the present form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters import latex_records
from readlist.exporters.citation import publication_date
from readlist.exporters.latex import encode_accents, escape_literal
from readlist.text import parse_arxiv_id
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from readlist.models import Entry

_MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""The macros that every style defines, by the number of the month."""


def export(entries: Iterable[Entry], keys: Mapping[str, str]) -> Iterator[str]:
    """Yield one record per paper, separated by blank lines; `keys` are the citation keys by the papers' keys."""
    return latex_records.export_records(entries, keys, _format_record)


def _format_record(entry: Entry, key: str) -> str:
    paper = entry.paper
    arxiv_id, url = parse_arxiv_id(paper.arxiv_id), paper_url(paper)
    date = publication_date(paper)
    year, month = date[:4], int(date[5:7] or 0)
    fields = {
        "title": encode_accents(latex_records.format_title(paper)),
        "author": encode_accents(latex_records.format_authors(paper)),
        "journal": arxiv_id and f"arXiv preprint arXiv:{arxiv_id}",
        "howpublished": "" if arxiv_id else escape_literal(url),
        "year": year,
        "month": _MONTHS[month],
        "eprint": arxiv_id,
        "archiveprefix": arxiv_id and "arXiv",
        "doi": latex_records.format_doi(paper),
        "url": arxiv_id and url,
        "abstract": latex_records.format_abstract(paper),
        "keywords": latex_records.format_keywords(entry),
        "annote": latex_records.format_note(entry),
    }
    return latex_records.format_record("article" if arxiv_id else "misc", key, fields)
