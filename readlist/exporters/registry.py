"""The table of export formats; `readlist export` and completion read it.

To add a format:

1. Write a module in this package with `export(entries: Iterable[Entry]) -> Iterator[str]`. It is pure: it yields the
   text of the file in pieces; it does not print, write files or read the clock.
2. Take the entries one at a time, unless the beginning depends on all of them (citation keys, a list of tags).
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

    from readlist.models import Entry


class Exporter(Protocol):
    """The function `export` of an exporter module."""

    def __call__(self, entries: Iterable[Entry], /) -> Iterator[str]:
        """Yield the text of the file in pieces, with the entries in their order."""
        ...


class Format(NamedTuple):
    """An export format: the name that users type, the module in this package that exports it, a one-line summary."""

    name: str
    module: str
    summary: str


_FORMATS = (
    Format("markdown", "markdown", "a list to read or send: one heading per digest, one task box per paper"),
    Format("json", "json", "an array of papers with all fields"),
    Format("jsonl", "jsonl", "one JSON object per line"),
    Format("csv", "csv", "a spreadsheet with a header row"),
    Format("bibtex", "bibtex", "a bibliography for LaTeX, Zotero and JabRef"),
    Format("csl", "csl", "CSL-JSON for Pandoc and Zotero"),
    Format("html", "html", "a page with search and filters, in one file"),
)
EXPORTERS: Mapping[str, Format] = {format_.name: format_ for format_ in _FORMATS}
"""Every format by its name."""


def load_exporter(name: str) -> Exporter:
    """Import the module of a format and return its `export`. Raises KeyError for a name that is not in EXPORTERS."""
    exporter: Exporter = import_module(f"readlist.exporters.{EXPORTERS[name].module}").export
    return exporter
