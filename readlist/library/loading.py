"""Load papers: read sources with the loaders, then merge what they contain into the library as one edit."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from readlist.edits import LoadPapers, fill_marks
from readlist.errors import QueryError, UsageError
from readlist.loaders.batch import Batch, is_url, resolve_location
from readlist.loaders.files import file_version
from readlist.redaction import redact_url
from readlist.reports import LoadReport
from readlist.sources import Problem, TrackedSource
from readlist.text import clean

if TYPE_CHECKING:
    from readlist.definitions import UserDefinitions
    from readlist.library.library import Progress
    from readlist.library.paper_filter import PaperFilter
    from readlist.reports import MergeResult
    from readlist.sources import LoadedDocument, Provenance
    from readlist.store import Store

_MAX_SOURCES = 100
"""Up to so many sources, only the known documents that they may refer to are read."""
_MAX_DEPTH = 100
"""Parts of a path, each of which begins a name that its digest may have."""


class Request(NamedTuple):
    """What the user asked to load: sources, and a document from stdin, None for none.

    `private` permits URLs that lead to private addresses. `only` is the query that papers must match, "" for all
    papers, None for the query that was given when a source was last loaded.
    """

    sources: Sequence[str]
    stdin: bytes | None = None
    private: bool = False
    only: str | None = None

    def describe(self) -> str:
        """Return the command as the history shows it, each source by its last component."""
        names = [clean(PurePath(redact_url(source)).name) for source in self.sources]
        only = [f"--only {shlex.quote(clean(self.only))}"] if self.only is not None else []
        return " ".join(("load", *names, *(["-"] if self.stdin is not None else []), *only))


def document_keys(sources: Sequence[str]) -> set[str] | None:
    """Return the locations, names and versions by which a load of these sources may refer to known documents.

    None for all documents: for a directory, or many files. In a library of 30,000 papers they take as long to read as a
    load of one file.
    """
    keys: set[str] = set()
    if len(sources) > _MAX_SOURCES:
        return None
    for source in sources:
        keys.add(resolve_location(source))
        if is_url(source):
            continue
        path = Path(source)
        parts = path.absolute().parts
        try:
            if path.is_dir() or len(parts) > _MAX_DEPTH:
                return None
            keys.add(file_version(path))
        except (OSError, ValueError):  # reported when it is read
            continue
        keys |= {clean("/".join(parts[-length:])) for length in range(1, len(parts))}
    return keys


def read_sources(request: Request, known: Provenance, definitions: UserDefinitions, progress: Progress) -> Batch:
    """Read the sources that the user named, and the document from stdin.

    A document that has not changed since it was loaded without a problem is not read again, unless the query of its
    source is another one now. Raises QueryError for an invalid query, before anything is read, and UsageError for a
    query of a source inside another one, with which it could not be remembered. Of the documents, `known` need have
    only those that `document_keys` names.
    """
    paper_filter = _paper_filter(definitions)
    sources = [TrackedSource(source, request.private) for source in request.sources]
    documents = [
        document._replace(version="") if document.problems else document
        for document in known.documents.values()
        if document
    ]
    if request.only is not None or any(source.only for source in known.sources.values() if source):
        sources = [_with_query(source, request.only, known) for source in sources]
        documents = _forget_other_queries(documents, sources, known)
    for source in sources:
        _parse_query(paper_filter, source)
    batch = _batch(documents, paper_filter)
    batch.read(sources, partial(progress, "reading"))
    if request.stdin is not None:
        batch.read_stdin(request.stdin, (request.only or "").strip())
    return batch


def read_tracked(known: Provenance, definitions: UserDefinitions, progress: Progress) -> Batch:
    """Read what is new in the tracked sources.

    A single file that no longer exists has nothing new and is passed over; a missing directory or page is a failure,
    and so is a query that refers to a saved query which was deleted since.
    """
    paper_filter = _paper_filter(definitions)
    batch = _batch(filter(None, known.documents.values()), paper_filter)
    tracked = []
    for source in known.sources.values():
        if source and not _is_missing_file(source, known):
            try:
                _parse_query(paper_filter, source)
                tracked.append(source)
            except QueryError as error:
                batch.failures.append(Problem(redact_url(source.location), 0, str(error)))
    batch.read(tracked, partial(progress, "reading"))
    return batch


def _paper_filter(definitions: UserDefinitions) -> PaperFilter:
    from readlist.library.paper_filter import PaperFilter

    return PaperFilter(definitions, dt.date.today())


def _parse_query(paper_filter: PaperFilter, source: TrackedSource) -> None:
    """Raise QueryError where the query of a source is not valid."""
    if source.only:
        paper_filter.parse(source.only)


def _with_query(source: TrackedSource, only: str | None, known: Provenance) -> TrackedSource:
    """Return a source with the query `only`, or where that is None with the query that it had before."""
    location = resolve_location(source.location)
    outer = _find_source(location, known.sources.values())
    if only is None:
        return source._replace(only=outer.only if outer else "")
    source = source._replace(only=only.strip())
    if outer and outer.location != location and outer.only != source.only:
        problem = f"{clean(source.location)} is inside the source {redact_url(clean(outer.location))}"
        raise UsageError(f"--only: {problem}; load that source with this --only")
    return source


def _forget_other_queries(
    documents: Iterable[LoadedDocument], sources: Iterable[TrackedSource], known: Provenance
) -> list[LoadedDocument]:
    """Return known documents, those without their version that are read for another query than before."""
    read = [source._replace(location=resolve_location(source.location)) for source in sources]

    def is_same(document: LoadedDocument) -> bool:
        now = _find_source(document.location, read)
        before = _find_source(document.location, known.sources.values())
        return now is None or (before is not None and before.only == now.only)

    return [document if is_same(document) else document._replace(version="") for document in documents]


def _find_source(location: str, sources: Iterable[TrackedSource | None]) -> TrackedSource | None:
    """Return the source that is or contains this file or page."""
    return next((source for source in sources if source and source.contains(location)), None)


def has_no_news(batch: Batch, known: Provenance) -> bool:
    """Return whether no document was read, because none changed, and `known` has all sources: nothing is to be saved.

    So loading unchanged documents again takes no longer the more papers there are.
    """
    is_known = all(known.sources.get(source.location) == source for source in batch.sources)
    return is_known and not (batch.papers or batch.documents or batch.moved)


def preview(batch: Batch, store: Store) -> MergeResult:
    """Return what merging the papers of a batch into the library would change."""
    merged, papers = store.papers.preview_merge(batch.papers, batch.documents, batch.marks)
    if not batch.marks:
        return merged
    snapshot = store.marks.read()
    changed = fill_marks(papers, batch.marks, snapshot.marks.get, snapshot.definitions.renamed_tags)
    return merged._replace(marks=len(changed))


def build_edit(batch: Batch, command: str) -> LoadPapers:
    """Return the edit that merges what was read into the library."""
    return LoadPapers(batch.papers, batch.documents, tuple(batch.sources), command, batch.marks, batch.moved)


def build_report(batch: Batch, merged: MergeResult) -> LoadReport:
    """Return the report of a load: what was read, and what merging it changed."""
    return LoadReport(
        added=merged.added,
        updated=merged.updated,
        repeated=merged.repeated,
        unchanged=merged.unchanged + batch.unchanged,
        skipped_names=tuple(batch.skipped_names),
        problems=tuple(batch.problems),
        failures=tuple(batch.failures),
        marks=merged.marks,
        withdrawn=merged.withdrawn,
        deleted=merged.deleted,
        left_out=batch.left_out,
        revisions=batch.revisions,
    )


def _batch(known: Iterable[LoadedDocument], paper_filter: PaperFilter) -> Batch:
    return Batch({document.location: document for document in known}, select=paper_filter.select)


def _is_missing_file(source: TrackedSource, known: Provenance) -> bool:
    path = Path(source.location)
    return source.location in known.documents and path.is_absolute() and not path.exists()
