"""RIS, for EndNote, Mendeley, Zotero and other reference managers: a line per field, CR LF, UTF-8.

    TY  - JOUR
    ID  - sun2025curse
    TI  - The Curse of Depth in Large Language Models
    AU  - Sun, Wenfang
    AU  - DeepSeek-AI
    PY  - 2025
    DA  - 2025/02
    JO  - arXiv preprint arXiv:2502.05795
    DO  - 10.48550/arXiv.2502.05795
    UR  - https://arxiv.org/abs/2502.05795
    AB  - We introduce the Curse of Depth.
    KW  - normalization
    N1  - The user's note.
    ER  -

A field without a value is left out. A paper that is not on arXiv is GEN. `loaders.bibliography.ris` reads it back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from readlist.exporters.citation import Name, citation_doi, parse_authors, publication_date
from readlist.exporters.reference_html import escape_tags
from readlist.text import clean, clean_markdown, parse_arxiv_id, printable_line
from readlist.urls import paper_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from readlist.models import Entry

_FIELD_IN_NOTE = re.compile(r"^(?=[A-Z][A-Z0-9][ \t]{1,2}-)", re.MULTILINE)
_NEWLINE = "\r\n"


def export(entries: Iterable[Entry], keys: Mapping[str, str]) -> Iterator[str]:
    """Yield one record per paper, separated by blank lines; `keys` are the citation keys by the papers' keys.

    Write them without translating newlines (`newline=""`).
    """
    separator = ""
    for entry in entries:
        lines = (f"{tag}  - {value}{_NEWLINE}" for tag, value in _iter_fields(entry, keys[entry.paper.key]) if value)
        yield f"{separator}{''.join(lines)}ER  - {_NEWLINE}"
        separator = _NEWLINE


def _iter_fields(entry: Entry, key: str) -> Iterator[tuple[str, str]]:
    """Yield the tags and values of a record, "" where there is no value."""
    paper = entry.paper
    arxiv_id, date = parse_arxiv_id(paper.arxiv_id), publication_date(paper)
    yield "TY", "JOUR" if arxiv_id else "GEN"
    yield "ID", key
    yield "TI", escape_tags(clean(paper.title))
    yield from (("AU", _format_author(author)) for author in parse_authors(paper))
    yield "PY", date[:4]
    yield "DA", date.replace("-", "/")
    yield "JO", arxiv_id and f"arXiv preprint arXiv:{arxiv_id}"
    yield "DO", citation_doi(paper)
    yield "UR", paper_url(paper)
    yield "AB", escape_tags(clean(paper.abstract))
    yield from (("KW", printable_line(tag)) for tag in entry.tags)
    yield "N1", _format_note(entry.mark.note)


def _format_author(author: Name) -> str:
    return ", ".join(filter(None, (author.family, author.given, author.suffix)))


def _format_note(note: str) -> str:
    """Return the note with its lines; one that would begin a field gets a space in front."""
    text = _FIELD_IN_NOTE.sub(" ", escape_tags(clean_markdown(note)))
    return text.replace("\n", _NEWLINE)
