"""Reading many sources in one go: what cannot be read is noted and the rest goes on."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.errors import NoPaper, ReadlistError
from readlist.loaders.base import Loaded
from readlist.loaders.files import TEXT_SUFFIX, find_files
from readlist.loaders.registry import load_bytes, load_file
from readlist.models import LoadedDocument, Paper, Problem, TrackedSource
from readlist.text import clean

if TYPE_CHECKING:
    from readlist.loaders.fetch import Page


def is_address(source: str) -> bool:
    """Whether a source is a page or feed on the web, and no file or folder."""
    return source.lower().startswith(("http://", "https://"))


def location(source: str | Path) -> str:
    """What a source is remembered by: its absolute path, or its address."""
    return source if isinstance(source, str) and is_address(source) else os.path.abspath(source)  # noqa: PTH100 -- ".."


@dataclass(slots=True)
class Batch:
    """What was read so far.

    `known` are the documents that need not be read while they are the same. `documents` are those that were read,
    `sources` those of which something could be read; `unchanged` counts the papers of documents that are the same.
    `skipped_names` names notes and pages in folders that hold no paper, `problems` are lines that could not be placed,
    `failures` sources that could not be read at all.
    """

    known: Mapping[str, LoadedDocument] = field(default_factory=dict)
    papers: list[Paper] = field(default_factory=list)
    documents: list[LoadedDocument] = field(default_factory=list)
    sources: set[TrackedSource] = field(default_factory=set)
    unchanged: int = 0
    skipped_names: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failures: list[Problem] = field(default_factory=list)

    def read(self, sources: Iterable[TrackedSource], progress: Callable[[int, int], None]) -> None:
        """Read files, the digests in folders, and pages."""
        found = {location(place): (place, source) for source in sources for place in self._find(source)}
        for number, (place, source) in enumerate(found.values()):
            progress(number, len(found))
            with self._noting(place):
                if isinstance(place, Path):
                    self._read_file(place, named=str(place) == source.location)
                else:
                    self._read_page(place, private=source.private)
                self.sources.add(source._replace(location=location(source.location)))

    def read_piped(self, data: bytes) -> None:
        """Read what came through a pipe; its name is "-"."""
        with self._noting("-"):
            self._add(load_bytes(data, "-"))

    def _find(self, source: TrackedSource) -> Iterator[str | Path]:
        if is_address(source.location):
            yield source.location
            return
        with self._noting(source.location):
            yield from find_files(Path(source.location))

    def _read_file(self, path: Path, *, named: bool) -> None:
        now = path.stat()
        version = f"{now.st_size}-{now.st_mtime_ns}"
        before = self.known.get(location(path))
        if before and before.version == version:
            self.unchanged += before.papers
            return
        try:
            loaded = load_file(path)
        except NoPaper:
            if named or path.suffix.lower() == TEXT_SUFFIX:
                raise
            self.skipped_names.append(clean(path.name))
            loaded = Loaded((), ())
        self._add(loaded)
        self._remember(location(path), version, loaded)

    def _read_page(self, address: str, *, private: bool) -> None:
        from readlist.loaders.fetch import fetch

        before = self.known.get(address)
        page = fetch(address, before.version if before else "", private=private)
        if page is None:
            self.unchanged += before.papers if before else 0
            return
        loaded = _papers_of(page)
        self._add(loaded)
        self._remember(address, page.version, loaded)

    def _add(self, loaded: Loaded) -> None:
        self.papers += loaded.papers
        self.problems += loaded.problems

    def _remember(self, place: str, version: str, loaded: Loaded) -> None:
        if not place.isprintable():  # what is no text can be no key of a JSON file
            return
        name = loaded.papers[0].digests[0].source if loaded.papers else ""
        read_at = dt.datetime.now(dt.UTC).replace(microsecond=0)
        self.documents.append(LoadedDocument(place, name, version, len(loaded.papers), len(loaded.problems), read_at))

    @contextmanager
    def _noting(self, place: str | Path) -> Iterator[None]:
        """Note why something could not be read, and go on."""
        try:
            yield
        except ReadlistError as error:
            self.failures.append(Problem(_shown(place), 0, str(error)))
        except OSError as error:
            self.failures.append(Problem(_shown(place), 0, error.strerror or str(error)))


def _shown(place: str | Path) -> str:
    """What a message calls a file or an address: printable, and without a password."""
    if isinstance(place, str) and is_address(place):
        from readlist.loaders import fetch

        return fetch.shown(place)
    return clean(str(place))


def _papers_of(page: Page) -> Loaded:
    """The papers of a page; it is called by host and path, for what follows a "?" may be a secret."""
    from urllib.parse import urlsplit

    parts = urlsplit(page.address)
    return load_bytes(page.data, f"{parts.hostname}{parts.path}", address=page.address, charset=page.charset)
