"""An index in a file of its own, for tests: built from entries and read with the functions of `search`."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from readlist.library.transaction import no_progress
from readlist.models import NEWEST, Entry, Order
from readlist.search.index import reader, writer
from readlist.search.index.reader import Connection, Fingerprints
from readlist.search.index.writer import IndexContents
from readlist.search.query.parser import parse
from readlist.search.results import find
from readlist.search.tokens import BARRIER
from readlist.sources import Provenance
from tests.search.sample import TODAY

_P = ParamSpec("_P")
_T = TypeVar("_T")

NO_STORE = ("", "", "")
NO_PROVENANCE = Provenance()


class IndexFile:
    """The index at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def build(
        self,
        entries: Iterable[Entry],
        provenance: Provenance = NO_PROVENANCE,
        fingerprints: Fingerprints = NO_STORE,
    ) -> None:
        writer.build(self.path, IndexContents(entries, provenance), fingerprints)

    def update(
        self,
        entries: Iterable[Entry],
        before: Fingerprints,
        after: Fingerprints,
        provenance: Provenance = NO_PROVENANCE,
        removed: Collection[int] = (),
    ) -> None:
        changes = IndexContents(entries, provenance, removed=removed)
        writer.update(self.path, changes, before, after, progress=no_progress)

    def is_current(self, fingerprints: Fingerprints) -> bool:
        return reader.is_current(self.path, fingerprints)

    def read(self, function: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **options: _P.kwargs) -> _T:
        """Call `function` with a connection, in a transaction of its own."""
        with reader.read_transaction(self.path) as connection:
            return function(connection, *args, **options)


def contents(path: Path) -> dict[str, list[Any]]:
    """Return all rows of an index, independent of the layout of its file.

    Without the positions of BARRIER, which no query contains: an update leaves some where other words are.
    """
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.instances USING fts5vocab (main, words, instance)")
        connection.execute(f"CREATE VIEW temp.positions AS SELECT * FROM temp.instances WHERE term <> '{BARRIER}'")
        derived = (
            "entries",
            "deleted",
            "merged",
            "papers",
            "tags",
            "appearances",
            "vocabulary",
            "word_lists",
            "totals",
            "positions",
            "sounds",
            "acronyms",
        )
        people = ("people", "others", "others_tags")
        tables = ("metadata", *derived, *people, "sources", "documents", "queries", "aliases", "synonyms")
        return {name: sorted(connection.execute(f"SELECT * FROM {name}")) for name in tables}


def search_ids(index: IndexFile, text: str, *, order: Order = NEWEST) -> list[int]:
    """Return the IDs of all papers that a query finds, in order."""
    result = index.read(find, parse(text, TODAY), order=order, limit=None)
    return [hit.entry.paper.id for hit in result.hits]
