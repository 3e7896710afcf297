"""Exports: entries -> the text of a file that another program or person reads; one module a format, all pure.

An exporter yields the text in pieces, and takes the entries one at a time, so that 100,000 of them need no memory; but
where something stands before the first that is known after the last: citation keys, a choice of tags. Text
that others wrote is inert in every format: it is shown letter for letter and can neither command a terminal nor be
taken for markup, a link or a formula.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from readlist.models import Entry


class Exporter(Protocol):
    """One format: pieces of text that together are the file."""

    def __call__(self, entries: Iterable[Entry], /) -> Iterator[str]:
        """Yield the text of `entries`, in their order."""
        ...


def _markdown(entries: Iterable[Entry]) -> Iterator[str]:
    from readlist.exporters.markdown import export

    return export(entries)


def _json(entries: Iterable[Entry]) -> Iterator[str]:
    from readlist.exporters.json import export

    return export(entries)


def _jsonl(entries: Iterable[Entry]) -> Iterator[str]:
    from readlist.exporters.jsonl import export

    return export(entries)


def _csv(entries: Iterable[Entry]) -> Iterator[str]:
    from readlist.exporters.csv import export

    return export(entries)


def _bibtex(entries: Iterable[Entry]) -> Iterator[str]:
    from readlist.exporters.bibtex import export

    return export(entries)


def _csl(entries: Iterable[Entry]) -> Iterator[str]:
    from readlist.exporters.csl import export

    return export(entries)


def _html(entries: Iterable[Entry]) -> Iterator[str]:
    from readlist.exporters.html import export

    return export(entries)


EXPORTERS: Mapping[str, Exporter] = {
    "markdown": _markdown,
    "json": _json,
    "jsonl": _jsonl,
    "csv": _csv,
    "bibtex": _bibtex,
    "csl": _csl,
    "html": _html,
}
"""Every format by the name that people type; a format's module is imported when it is first used."""
