"""Load many sources at once: a source that fails is recorded, and the others are loaded.

`library` creates a `Batch` with the documents that it knows, lets it read, and merges its papers into the store.
"""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.dates import utc_now
from readlist.errors import NoPaper, ReadlistError
from readlist.loaders.base import ParseResult
from readlist.loaders.files import TEXT_SUFFIX, file_version, find_files, may_be_other_data
from readlist.loaders.parallel import LoadFile, parsing_ahead
from readlist.loaders.spool import SpooledPapers
from readlist.models import Mark
from readlist.redaction import name_page, redact_digest_name
from readlist.sources import LoadedDocument, Problem, TrackedSource
from readlist.text import clean

if TYPE_CHECKING:
    from readlist.loaders.fetch import FetchedPage


STDIN = "-"
"""The name of standard input as a source."""


def is_url(source: str) -> bool:
    """Return whether a source is the URL of a page or feed, rather than a path."""
    return source.lower().startswith(("http://", "https://"))


def _has_scheme(source: str) -> bool:
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source) is not None


def resolve_location(source: str | Path) -> str:
    """Return the location that identifies a source in the library: its absolute path, or its URL."""
    if isinstance(source, str) and is_url(source):
        return source
    return os.path.abspath(source)  # noqa: PTH100 -- Path.absolute() keeps "..", Path.resolve() follows symbolic links


@dataclass(slots=True)
class Batch:
    """The result of reading several sources.

    `known` are the documents of earlier loads by location; those that have not changed are not read again, and
    `unchanged` counts their papers. `documents` are the documents that were read, `sources` those of which at least
    one file or page could be read. `marks` has what the sources say about the user's reading, by the number of the
    paper in `papers`. `skipped_names` are the names of notes and pages in directories that contain no paper, `problems`
    are lines that could not be placed, `failures` are sources that could not be read at all. `moved` are the locations
    at which known documents no longer are, because their files were renamed or moved. `select` returns what a document
    contains without the papers that do not match the query of its source; `left_out` counts these, and
    `revisions` the new versions of papers that feeds announce, which are not loaded.
    """

    known: Mapping[str, LoadedDocument] = field(default_factory=dict)
    papers: SpooledPapers = field(default_factory=SpooledPapers)
    marks: dict[int, Mark] = field(default_factory=dict)
    documents: list[LoadedDocument] = field(default_factory=list)
    sources: set[TrackedSource] = field(default_factory=set)
    unchanged: int = 0
    skipped_names: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    failures: list[Problem] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    select: Callable[[ParseResult, str], ParseResult] = lambda result, _only: result
    left_out: int = 0
    revisions: int = 0
    _by_name: dict[str, list[LoadedDocument]] = field(default_factory=dict)
    """Known documents, and those that were read, by the names of their digests."""
    _by_version: dict[str, list[LoadedDocument]] = field(default_factory=dict)
    """The known files by their versions."""

    def __post_init__(self) -> None:
        """Index the known documents."""
        for document in self.known.values():
            self._by_name.setdefault(document.name, []).append(document)
            if document.version and not is_url(document.location):
                self._by_version.setdefault(document.version, []).append(document)

    def read(self, sources: Iterable[TrackedSource], progress: Callable[[int, int], None]) -> None:
        """Read files, the digests in directories, and web pages; what several sources contain is read once.

        `progress` receives the number of files and pages read so far, and that of all.
        """
        items = {resolve_location(item): (item, source) for source in sources for item in self._expand(source)}
        paths = [item for location, (item, _) in items.items() if isinstance(item, Path) and self._is_new(location)]
        with parsing_ahead(paths) as load:
            for number, (item, source) in enumerate(items.values()):
                progress(number, len(items))
                with self._collecting_errors(item):
                    if isinstance(item, Path):
                        self._read_file(item, source, load)
                    else:
                        self._read_page(item, source)
                    self.sources.add(source._replace(location=resolve_location(source.location)))

    def read_stdin(self, data: bytes, only: str = "") -> None:
        """Read the data of standard input; its papers must match the query `only`."""
        from readlist.loaders.registry import load_bytes

        with self._collecting_errors(STDIN):
            self._add(load_bytes(data, STDIN), only)

    def _expand(self, source: TrackedSource) -> Iterator[str | Path]:
        """Yield the URL of a source, or its files."""
        if is_url(source.location):
            yield source.location
            return
        with self._collecting_errors(source.location):
            if _has_scheme(source.location):
                raise ReadlistError("unsupported URL scheme; use http:// or https://")
            yield from find_files(Path(source.location))

    def _is_new(self, location: str) -> bool:
        """Return whether a file is probably to be read: no document at this location has its version."""
        previous = self.known.get(location)
        with suppress(OSError):
            return previous is None or previous.version != file_version(Path(location))
        return True

    def _read_file(self, path: Path, source: TrackedSource, load: LoadFile) -> None:
        """Read a file with `load`; it is the source itself or was found in its directory."""
        version = file_version(path)
        location = resolve_location(path)
        previous = self.known.get(location)
        if previous is None and (moved := self._find_moved(version)):
            self.moved.append(moved.location)
            previous = moved._replace(location=location)
            self.documents.append(previous)
        if previous and previous.version == version:
            self.unchanged += previous.papers
            return
        try:
            result = load(path)
            result = _rename_digests(result, path.name, self._digest_name(path, previous))
        except ReadlistError as error:
            is_named = str(path) == source.location
            is_digest = path.suffix.lower() == TEXT_SUFFIX and path.stat().st_size > 0
            is_expected = isinstance(error, NoPaper) and not is_digest
            if is_named or not (is_expected or may_be_other_data(path)):
                raise
            self.skipped_names.append(clean(path.name))
            result = ParseResult((), ())
        self._record_document(location, version, result, self._add(result, source.only))

    def _digest_name(self, path: Path, previous: LoadedDocument | None) -> str:
        """Return what the papers of a file call their digest: its name, unless another digest has that already.

        A file that was loaded before keeps the name of that time. Of two different files of one name, as two
        newsletters have them, the second one gets its directory in front: `deep/2025-02-11.txt`.
        """
        if previous and previous.name:
            return previous.name
        parts = path.absolute().parts
        name = clean(path.name)
        for length in range(2, len(parts)):
            if all(_is_same_content(document, path) for document in self._by_name.get(name, ())):
                break
            name = clean("/".join(parts[-length:]))
        return name

    def _find_moved(self, version: str) -> LoadedDocument | None:
        """Return the known document of this version whose file is no longer there: the file has another name now.

        Size and time in nanoseconds are the same after renaming and moving a file.
        """
        gone = [document for document in self._by_version.get(version, ()) if not Path(document.location).exists()]
        return gone[0] if len(gone) == 1 else None

    def _read_page(self, url: str, source: TrackedSource) -> None:
        from readlist.loaders.fetch import fetch

        previous = self.known.get(url)
        page = fetch(url, previous.version if previous else "", private=source.private)
        if page is None:
            self.unchanged += previous.papers if previous else 0
            return
        result = _load_page(page, previous.name if previous else "")
        self._record_document(url, page.version, result, self._add(result, source.only))

    def _add(self, result: ParseResult, only: str) -> int:
        """Add what a document contains; returns how many papers were left out, which do not match the query `only`."""
        selected = self.select(result, only) if only else result
        self.marks |= {len(self.papers) + number: mark for number, mark in selected.marks.items()}
        self.papers.extend(selected.papers)
        self.problems += (problem._replace(source=redact_digest_name(problem.source)) for problem in result.problems)
        left_out = len(result.papers) - len(selected.papers)
        self.left_out += left_out
        self.revisions += result.revisions
        return left_out

    def _record_document(self, location: str, version: str, result: ParseResult, left_out: int) -> None:
        previous = self.known.get(location)  # a feed that is empty now is still where its earlier papers came from
        name = result.papers[0].digests[0].source if result.papers else previous.name if previous else ""
        if result.papers and result.papers[0].key:
            name = ""  # the papers of an export are in the digests of the library that was exported, not in it
        loaded_at = utc_now().replace(microsecond=0)
        counts = len(result.papers) - left_out, len(result.problems)
        document = LoadedDocument(location, name, version, *counts, loaded_at, left_out)
        self.documents.append(document)
        self._by_name.setdefault(name, []).append(document)

    @contextmanager
    def _collecting_errors(self, item: str | Path) -> Iterator[None]:
        """Record an error of the block as a failure of this item, and suppress it."""
        try:
            yield
        except ReadlistError as error:
            self.failures.append(Problem(_display_name(item), 0, str(error)))
        except OSError as error:
            self.failures.append(Problem(_display_name(item), 0, error.strerror or str(error)))


def _is_same_content(document: LoadedDocument, path: Path) -> bool:
    """Return whether the file of a document is the same as this one, byte for byte.

    Where the file of the document is no longer there, the sizes of the two are compared: a directory that was copied to
    another machine has the same digests.
    """
    other = Path(document.location)
    if not other.is_absolute() or other.name != path.name:
        return False
    if not other.exists():
        return document.version.partition("-")[0] in {"", str(path.stat().st_size)}
    try:
        return filecmp.cmp(other, path, shallow=False)
    except OSError:
        return False


def _rename_digests(result: ParseResult, file_name: str, name: str) -> ParseResult:
    """Return the papers of a file in a digest of another name than that of the file."""
    if name == clean(file_name):
        return result
    papers = tuple(
        paper._replace(
            digests=tuple(
                each._replace(source=name) if each.source == clean(file_name) else each for each in paper.digests
            ),
        )
        for paper in result.papers
    )
    return replace(result, papers=papers)


def _display_name(item: str | Path) -> str:
    """Return a path or URL as messages show it: printable, and without a password; "stdin" for standard input."""
    if item == STDIN:
        return "stdin"
    if isinstance(item, str) and _has_scheme(item):
        from readlist.loaders.fetch import display_url

        return display_url(item)
    return clean(str(item))


def _load_page(page: FetchedPage, previous_name: str) -> ParseResult:
    """Return the papers of a page; one that was loaded under a name without parameters keeps it, or it would be two."""
    from readlist.loaders.registry import load_bytes

    name = name_page(page.url)
    if previous_name == name.partition("?")[0]:
        name = previous_name
    return load_bytes(page.data, name, url=page.url, charset=page.charset)
