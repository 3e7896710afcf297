"""What BibTeX and BibLaTeX have in common: records, names, and the fields whose meaning is the same.

All text is escaped by `latex`: no title can end its field or run a command. `bibtex` and `biblatex` use this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from readlist.exporters.citation import Name, parse_authors
from readlist.exporters.latex import escape, escape_literal, escape_title
from readlist.text import clean, clean_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from readlist.models import Entry, Paper

_DOI_SAFE_CHARS = "/:;()<>[]#&@!*+,='"
"""What is not percent-encoded besides letters, digits and -._~"""
_MACRO_FIELDS = frozenset({"month"})
"""Fields whose value is the name of a macro, without braces."""


def export_records(
    entries: Iterable[Entry], keys: Mapping[str, str], format_record: Callable[[Entry, str], str]
) -> Iterator[str]:
    """Yield the record of each entry, which `format_record` returns for its citation key, separated by blank lines."""
    separator = ""
    for entry in entries:
        yield separator + format_record(entry, keys[entry.paper.key])
        separator = "\n"


def format_record(kind: str, key: str, fields: Mapping[str, str]) -> str:
    """Return a record of these fields, whose values are LaTeX, without the empty ones."""
    lines = (
        f"  {name} = {value if name in _MACRO_FIELDS else f'{{{value}}}'},\n" for name, value in fields.items() if value
    )
    return f"@{kind}{{{key},\n{''.join(lines)}}}\n"


def format_title(paper: Paper) -> str:
    """Return the title, with braces around the capitals that must stay."""
    return escape_title(clean(paper.title))


def format_authors(paper: Paper) -> str:
    """Return the authors, family names first; a name that is not split is in braces."""
    return " and ".join(map(_format_author, parse_authors(paper)))


def _format_author(author: Name) -> str:
    if not author.given:
        return f"{{{escape_literal(author.family)}}}"
    return ", ".join(map(escape_literal, filter(None, (author.family, author.suffix, author.given))))


def format_doi(paper: Paper) -> str:
    """Return the DOI, which programs take as it is: what would end the field or be a command is percent-encoded."""
    return quote(clean(paper.doi), safe=_DOI_SAFE_CHARS) if paper.doi else ""


def format_abstract(paper: Paper) -> str:
    """Return the abstract as one line."""
    return escape(clean(paper.abstract))


def format_keywords(entry: Entry) -> str:
    """Return the tags, separated by commas; a tag with a comma is in braces."""
    return ", ".join(map(_format_keyword, entry.tags))


def _format_keyword(tag: str) -> str:
    tag = escape_literal(clean(tag))
    return f"{{{tag}}}" if "," in tag else tag


def format_note(entry: Entry) -> str:
    """Return the user's note, with its lines."""
    return escape(clean_lines(entry.mark.note))
