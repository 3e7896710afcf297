"""The table of export formats; `readlist export` and completion read it.

To add a format:

1. Write a module in this package with `export(entries: Iterable[Entry]) -> Iterator[str]`. It is pure: it yields the
   text of the file in pieces; it does not print, write files or read the clock. A format with citation keys gets them
   as a second argument. A format for people to read is `export(sections: Iterable[Section], handout: Handout)`.
2. Take the entries one at a time, unless the beginning depends on all of them (a list of tags).
3. Escape all text: digests are written by others. Nothing in it may be markup, a link, a formula, a command of the
   format or a control character of the terminal.
4. Add one line to `EXPORTERS`.
5. Add a test in tests/exporters: the whole output for FULL and BARE, and that any text is read back unchanged.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from readlist.exporters.handout import Handout, Section
    from readlist.models import Entry


class Exporter(Protocol):
    """The function `export` of an exporter module."""

    def __call__(self, entries: Iterable[Entry], /) -> Iterator[str]:
        """Yield the text of the file in pieces, with the entries in their order."""
        ...


class CitationExporter(Protocol):
    """The function `export` of an exporter module whose format has citation keys."""

    def __call__(self, entries: Iterable[Entry], keys: Mapping[str, str], /) -> Iterator[str]:
        """Yield the text of the file in pieces; `keys` are the citation keys by the papers' keys."""
        ...


class HandoutExporter(Protocol):
    """The function `export` of an exporter module whose format is a handout."""

    def __call__(self, sections: Iterable[Section], handout: Handout, /) -> Iterator[str]:
        """Yield the text of the file in pieces, with the sections and their entries in their order."""
        ...


class Format(NamedTuple):
    """An export format: the name that users type, the module in this package that exports it, a one-line summary.

    `suffixes` are the endings of file names that choose it, also accepted as its name without the dot; `has_keys` is
    whether it has citation keys, `is_handout` whether it has a title, sections and a choice of fields.
    """

    name: str
    module: str
    summary: str
    suffixes: tuple[str, ...]
    has_keys: bool = False
    is_handout: bool = False


_FORMATS = (
    Format(
        "markdown",
        "markdown",
        "a list to read or send, with a heading per digest",
        (".md", ".markdown"),
        is_handout=True,
    ),
    Format("json", "json", "an array of papers with all fields", (".json",)),
    Format("jsonl", "jsonl", "one JSON object per line", (".jsonl",)),
    Format("csv", "csv", "a spreadsheet with a header row", (".csv",)),
    Format("bibtex", "bibtex", "a bibliography for LaTeX, Zotero and JabRef", (".bib", ".tex"), has_keys=True),
    Format("biblatex", "biblatex", "a bibliography for LaTeX with biblatex and biber", (), has_keys=True),
    Format("ris", "ris", "a bibliography for EndNote, Mendeley and Zotero", (".ris",), has_keys=True),
    Format("csl", "csl", "CSL-JSON for Pandoc and Zotero", (), has_keys=True),
    Format("html", "html", "a page with search and filters, in one file", (".html", ".htm"), is_handout=True),
    Format("text", "text", "plain text", (".txt",), is_handout=True),
    Format("mail", "mail", "a message in HTML and plain text, for sendmail -t", (".eml",), is_handout=True),
)
HANDOUT_FORMATS = tuple(format_.name for format_ in _FORMATS if format_.is_handout)
"""The names of the formats for people to read."""
EXPORTERS: Mapping[str, Format] = {format_.name: format_ for format_ in _FORMATS}
"""Every format by its name."""
SUFFIXES: Mapping[str, Format] = {suffix: format_ for format_ in _FORMATS for suffix in format_.suffixes}
"""The format that a file name chooses by its ending."""


def find_format(name: str) -> Format | None:
    """Return the format with this name, or this ending of file names without the dot: "bib", "md"."""
    return EXPORTERS.get(name) or SUFFIXES.get(f".{name}")


def load_exporter(name: str) -> Exporter:
    """Import the module of a format of entries alone and return its `export`. Raises KeyError as EXPORTERS."""
    exporter: Exporter = import_module(f"readlist.exporters.{EXPORTERS[name].module}").export
    return exporter


def load_citation_exporter(name: str) -> CitationExporter:
    """Import the module of a format with citation keys and return its `export`. Raises KeyError as EXPORTERS."""
    exporter: CitationExporter = import_module(f"readlist.exporters.{EXPORTERS[name].module}").export
    return exporter


def export_handout(name: str, sections: Iterable[Section], handout: Handout) -> Iterator[str]:
    """Yield a handout in one of HANDOUT_FORMATS; a mail needs `handout.mail`. Raises KeyError as EXPORTERS."""
    exporter: HandoutExporter = import_module(f"readlist.exporters.{EXPORTERS[name].module}").export
    return exporter(sections, handout)
