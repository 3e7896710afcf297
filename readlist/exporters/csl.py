"""CSL-JSON, which citeproc, Pandoc and Zotero read: an array of items with the keys that BibTeX has.

    {"id": "sun2025curse", "type": "article", "title": "The Curse of Depth in Large Language Models",
     "author": [{"family": "Sun", "given": "Wenfang"}, {"literal": "DeepSeek-AI"}],
     "issued": {"date-parts": [[2025, 2]]}, "number": "arXiv:2502.05795", "publisher": "arXiv",
     "DOI": "10.48550/arXiv.2502.05795", "URL": "https://arxiv.org/abs/2502.05795",
     "abstract": "…", "keyword": "normalization, transformer", "annote": "What the reader wrote."}

What is not known is left out. The DOI is the one that arXiv gives to each of its papers. The note stands in `annote`,
because styles print `note`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters import json
from readlist.exporters.citation import Name, citation_keys, issued, names
from readlist.text import clean, clean_lines, parse_arxiv_id
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """An array of items; all entries are needed before the first key is known."""
    entries = tuple(entries)
    keys = citation_keys(entries)
    return json.array(_item(entry, keys[entry.paper.key]) for entry in entries)


def _item(entry: Entry, key: str) -> dict[str, object]:
    paper = entry.paper
    date, eprint = issued(paper), parse_arxiv_id(paper.arxiv_id)
    known = {
        "title": clean(paper.title),
        "author": list(map(_author, names(paper))),
        "issued": date and {"date-parts": [list(map(int, date.split("-")))]},
        "number": eprint and f"arXiv:{eprint}",
        "publisher": eprint and "arXiv",
        "DOI": eprint and f"10.48550/arXiv.{eprint}",
        "URL": paper_url(paper),
        "abstract": clean_lines(paper.abstract),
        "keyword": ", ".join(map(clean, entry.tags)),
        "annote": clean_lines(entry.mark.note),
    }
    return {"id": key, "type": "article", **{name: value for name, value in known.items() if value}}


def _author(author: Name) -> dict[str, str]:
    if not author.given:
        return {"literal": author.family}
    return {
        "family": author.family,
        "given": author.given,
        **({"suffix": author.suffix} if author.suffix else {}),
    }
