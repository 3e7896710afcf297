"""Where papers came from, as papers.json stores it: documents that were loaded, and sources that `update` reads again.

    "/home/me/digests/250211.txt": {"name": "250211.txt", "version": "20311-1739…", "papers": 10, "loaded_at": "2025-…"}
    "/home/me/digests": {"only": "tag:rl diffusion"}

A change is a Provenance too: what is stored, and None for what is deleted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readlist.dates import format_utc
from readlist.sources import LoadedDocument, Provenance, TrackedSource

if TYPE_CHECKING:
    from readlist.store.format import Record

DOCUMENTS, SOURCES = TABLES = ("documents", "sources")

_Records = Mapping[str, Mapping[str, Any] | None]


def decode(documents: _Records, sources: _Records) -> Provenance:
    """Return what the records of the two tables say, None for a deleted one or one this version does not understand."""
    return Provenance(
        {location: _decode_document(location, record) for location, record in documents.items()},
        {location: _decode_source(location, record) for location, record in sources.items()},
    )


def decode_known(
    documents: Mapping[str, Mapping[str, Any]], sources: _Records, loaded: Iterable[str], moved: Iterable[str]
) -> Provenance:
    """Return what a load of documents at these locations depends on, without the other documents, which may be many.

    It depends on these documents and those that are `moved`, as they were before, and on all that have the same names.
    """
    locations = filter(_is_unicode, (*loaded, *moved))
    known = {location: documents[location] for location in locations if location in documents}
    names = {record.get("name", "") for record in known.values()}
    if names:
        known |= {location: record for location, record in documents.items() if record.get("name", "") in names}
    return decode(known, sources)


def encode(change: Provenance) -> dict[str, dict[str, Record | None]]:
    """Return a change as records of the two tables."""
    return {
        DOCUMENTS: {
            location: document and _encode_document(document) for location, document in change.documents.items()
        },
        SOURCES: {location: source and _encode_source(source) for location, source in change.sources.items()},
    }


def after_load(
    known: Provenance,
    documents: Iterable[LoadedDocument],
    sources: Iterable[TrackedSource],
    moved: Iterable[str] = (),
) -> Provenance:
    """Return the change that a load makes; of the documents that are `moved`, the former location is deleted.

    A document that has not changed keeps the time at which it was first loaded. A source inside another one is not
    tracked beside it. A location that is not Unicode cannot be stored in JSON: it is read again each time.
    """
    changed_documents = {
        document.location: document
        for document in documents
        if _is_unicode(document.location) and not _is_same(known.documents.get(document.location), document)
    }
    removed = [location for location in moved if location in known.documents]
    tracked = _tracked(known) | {source.location: source for source in sources if _is_unicode(source.location)}
    outermost = {
        location: source
        for location, source in tracked.items()
        if location not in removed and not _is_inside_another(source, tracked.values())
    }
    changed_sources = {
        location: outermost.get(location)
        for location in tracked
        if outermost.get(location) != known.sources.get(location)
    }
    return Provenance({**dict.fromkeys(removed), **changed_documents}, changed_sources)


def reloaded_files(known: Provenance, documents: Iterable[LoadedDocument]) -> frozenset[str]:
    """Return the names of files that were loaded before, and of which `documents` has the present version.

    A page or feed is not among them, of which the older entries are no longer there; nor is a file of which papers were
    left out, nor a name that several files have, of which not all may have been read.
    """
    locations: dict[str, set[str]] = {}
    for document in filter(None, known.documents.values()):
        locations.setdefault(document.name, set()).add(document.location)
    return frozenset(
        document.name
        for document in documents
        if document.name
        and not document.left_out
        and Path(document.location).is_absolute()
        and locations.get(document.name) == {document.location}
    )


def after_untrack(known: Provenance, location: str) -> Provenance:
    """Return the change that untracking a source makes; its documents are deleted, and read when loaded again."""
    others = _tracked(known)
    source = others.pop(location)
    inside = [document for document in known.documents if source.contains(document)]
    deleted = [document for document in inside if not any(other.contains(document) for other in others.values())]
    return Provenance(dict.fromkeys(deleted), {location: None})


def _tracked(known: Provenance) -> dict[str, TrackedSource]:
    return {location: source for location, source in known.sources.items() if source}


def _is_inside_another(source: TrackedSource, others: Iterable[TrackedSource]) -> bool:
    return any(other.contains(source.location) for other in others if other != source)


def _is_same(known: LoadedDocument | None, document: LoadedDocument) -> bool:
    return known is not None and known._replace(loaded_at=document.loaded_at) == document


def _is_unicode(location: str) -> bool:
    try:
        location.encode()
    except UnicodeEncodeError:
        return False
    return True


def _encode_document(document: LoadedDocument) -> Record:
    fields = {name: value for name, value in document._asdict().items() if value and name != "location"}
    return fields | {"loaded_at": format_utc(document.loaded_at)}


def _encode_source(source: TrackedSource) -> Record:
    return {name: value for name, value in source._asdict().items() if value and name != "location"}


def _decode_source(location: str, record: Mapping[str, Any] | None) -> TrackedSource | None:
    if record is None:
        return None
    return TrackedSource(location, bool(record.get("private")), record.get("only", ""))


def _decode_document(location: str, record: Mapping[str, Any] | None) -> LoadedDocument | None:
    if record is None:
        return None
    try:
        return LoadedDocument(
            location,
            record.get("name", ""),
            record.get("version", ""),
            record.get("papers", 0),
            record.get("problems", 0),
            dt.datetime.fromisoformat(record["loaded_at"]),
            record.get("left_out", 0),
        )
    except (KeyError, TypeError, ValueError):
        return None
