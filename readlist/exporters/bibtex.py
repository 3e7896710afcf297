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
      annotation = {The user's note.},
    }

A paper without a URL is @misc. All text is escaped by `latex`: no title can end its field or run a command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.exporters.citation import Name, citation_keys, parse_authors, publication_date
from readlist.exporters.latex import escape, escape_literal, escape_title
from readlist.text import clean, clean_lines, parse_arxiv_id
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from readlist.models import Entry


def export(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield one record per paper, separated by blank lines; citation keys need all entries before the first record."""
    entries = tuple(entries)
    keys = citation_keys(entries)
    separator = ""
    for entry in entries:
        yield separator + _format_record(entry, keys[entry.paper.key])
        separator = "\n"


def _format_record(entry: Entry, key: str) -> str:
    fields = _fields(entry)
    lines = (f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{'online' if fields['url'] else 'misc'}{{{key},\n{''.join(lines)}}}\n"


def _fields(entry: Entry) -> dict[str, str]:
    """Return the fields as LaTeX, "" where there is no value."""
    paper = entry.paper
    arxiv_id = parse_arxiv_id(paper.arxiv_id)
    return {
        "title": escape_title(clean(paper.title)),
        "author": " and ".join(map(_format_author, parse_authors(paper))),
        "date": publication_date(paper),
        "eprint": arxiv_id,
        "eprinttype": "arxiv" if arxiv_id else "",
        "url": paper_url(paper),
        "abstract": escape(clean(paper.abstract)),
        "keywords": ", ".join(map(_format_keyword, entry.tags)),
        "annotation": escape(clean_lines(entry.mark.note)),
    }


def _format_author(author: Name) -> str:
    if not author.given:
        return f"{{{escape_literal(author.family)}}}"
    return ", ".join(filter(None, (author.family, author.suffix, author.given)))


def _format_keyword(tag: str) -> str:
    tag = escape_literal(clean(tag))
    return f"{{{tag}}}" if "," in tag else tag
