"""BibTeX, as biblatex and biber read it, for LaTeX, Zotero and JabRef.

    @online{sun2025curse,
      title = {The Curse of Depth in Large Language Models},
      author = {Sun, Wenfang and {DeepSeek-AI}},
      date = {2025-02},
      eprint = {2502.05795},
      eprinttype = {arxiv},
      url = {https://arxiv.org/abs/2502.05795},
      abstract = {We introduce the Curse of Depth.},
      keywords = {normalization, transformer},
      annotation = {What the reader wrote.},
    }

A paper without an address is @misc. Text is escaped (latex.py): whatever a title holds, it ends no field and is no
command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters.citation import Name, citation_keys, issued, names
from readlist.exporters.latex import escape, escape_title, plain
from readlist.text import clean, clean_lines, parse_arxiv_id
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """A record a paper, a blank line between two; all entries are needed before the first key is known."""
    entries = tuple(entries)
    keys = citation_keys(entries)
    between = ""
    for entry in entries:
        yield between + _record(entry, keys[entry.paper.key])
        between = "\n"


def _record(entry: Entry, key: str) -> str:
    fields = _fields(entry)
    lines = (f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'online' if fields['url'] else 'misc'}{{{key},\n{''.join(lines)}}}\n"


def _fields(entry: Entry) -> dict[str, str]:
    paper = entry.paper
    eprint = parse_arxiv_id(paper.arxiv_id)
    return {
        "title": escape_title(clean(paper.title)),
        "author": " and ".join(map(_author, names(paper))),
        "date": issued(paper),
        "eprint": eprint,
        "eprinttype": "arxiv" if eprint else "",
        "url": paper_url(paper),
        "abstract": escape(clean(paper.abstract)),
        "keywords": ", ".join(map(_keyword, entry.tags)),
        "annotation": escape(clean_lines(entry.mark.note)),
    }


def _author(author: Name) -> str:
    if not author.given:
        return f"{{{plain(author.family)}}}"
    return ", ".join(filter(None, (author.family, author.suffix, author.given)))


def _keyword(tag: str) -> str:
    tag = plain(clean(tag))
    return f"{{{tag}}}" if "," in tag else tag
