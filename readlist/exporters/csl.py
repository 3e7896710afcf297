"""CSL-JSON, which citeproc, Pandoc and Zotero read: an array of items with the citation keys of `bibtex`.

    {"id": "sun2025curse", "type": "article", "title": "The Curse of Depth in Large Language Models",
     "author": [{"family": "Sun", "given": "Wenfang"}, {"literal": "DeepSeek-AI"}],
     "issued": {"date-parts": [[2025, 2]]}, "number": "arXiv:2502.05795", "publisher": "arXiv",
     "DOI": "10.48550/arXiv.2502.05795", "URL": "https://arxiv.org/abs/2502.05795",
     "abstract": "…", "keyword": "normalization, transformer", "annote": "The user's note."}

A field without a value is left out. A paper on arXiv without another DOI has the one that arXiv registers for each of
its papers. The note is in `annote`, because citation styles print `note`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters import json
from readlist.exporters.citation import Name, citation_doi, parse_authors, publication_date
from readlist.exporters.reference_html import escape_tags
from readlist.text import clean, clean_lines, clean_markdown, parse_arxiv_id, printable_line
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from readlist.models import Entry


def export(entries: Iterable[Entry], keys: Mapping[str, str]) -> Iterator[str]:
    """Yield an array of items; `keys` are the citation keys by the papers' keys."""
    return json.dump_array(_item_dict(entry, keys[entry.paper.key]) for entry in entries)


def _item_dict(entry: Entry, key: str) -> dict[str, object]:
    paper = entry.paper
    date, arxiv_id = publication_date(paper), parse_arxiv_id(paper.arxiv_id)
    fields = {
        "title": escape_tags(clean(paper.title)),
        "author": list(map(_author_dict, parse_authors(paper))),
        "issued": date and {"date-parts": [list(map(int, date.split("-")))]},
        "number": arxiv_id and f"arXiv:{arxiv_id}",
        "publisher": arxiv_id and "arXiv",
        "DOI": citation_doi(paper),
        "URL": paper_url(paper),
        "abstract": escape_tags(clean_lines(paper.abstract)),
        "keyword": ", ".join(map(printable_line, entry.tags)),
        "annote": clean_markdown(entry.mark.note),
    }
    return {"id": key, "type": "article", **{name: value for name, value in fields.items() if value}}


def _author_dict(author: Name) -> dict[str, str]:
    if not author.given:
        return {"literal": author.family}
    suffix = {"suffix": author.suffix} if author.suffix else {}
    return {"family": author.family, "given": author.given, **suffix}
