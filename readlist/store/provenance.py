"""Where papers came from, as papers.json keeps it: the documents that were loaded, and the sources to look at again.

    "/home/me/digests/250211.txt": {"name": "250211.txt", "version": "20311-1739…", "papers": 10, "loaded_at": "2025-…"}
    "/home/me/digests": {}

A change is an Origins too: what is to be put, and None for what is to go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from readlist.models import LoadedDocument, Provenance, TrackedSource

if TYPE_CHECKING:
    from readlist.store.format import Record

_Records = Mapping[str, Mapping[str, Any] | None]


def read(documents: _Records, sources: _Records) -> Provenance:
    """What the records of the two tables say; None where they say none, or what this readlist does not understand."""
    return Provenance(
        {place: _document(place, record) for place, record in documents.items()},
        {place: _source(place, record) for place, record in sources.items()},
    )


def loaded(known: Provenance, documents: Iterable[LoadedDocument], sources: Iterable[TrackedSource]) -> Provenance:
    """The change that a load makes.

    A document that is as it was keeps the time at which it was loaded first. A source that lies in another one is
    not remembered beside it. A location that is not Unicode cannot stand in JSON: it is looked for anew each time.
    """
    different = {
        document.location: document
        for document in documents
        if _is_unicode(document.location) and not _is_same(known.documents.get(document.location), document)
    }
    now = _sources(known) | {source.location: source for source in sources if _is_unicode(source.location)}
    kept = {place: source for place, source in now.items() if not _lies_in_another(source, now.values())}
    changed = {place: kept.get(place) for place in now if kept.get(place) != known.sources.get(place)}
    return Provenance(different, changed)


def forgotten(known: Provenance, source: str) -> Provenance:
    """The change that forgetting a source makes: its documents go with it, and are read anew when loaded again."""
    others = _sources(known)
    forgotten_ = others.pop(source)
    gone = [place for place in known.documents if forgotten_.holds(place)]
    kept = [place for place in gone if any(other.holds(place) for other in others.values())]
    return Provenance(dict.fromkeys(set(gone) - set(kept)), {source: None})


def records(change: Provenance) -> tuple[dict[str, Record | None], dict[str, Record | None]]:
    """A change as records of the two tables."""
    documents = {place: document and _document_record(document) for place, document in change.documents.items()}
    sources = {place: source and _source_record(source) for place, source in change.sources.items()}
    return documents, sources


def _sources(known: Provenance) -> dict[str, TrackedSource]:
    return {place: source for place, source in known.sources.items() if source}


def _lies_in_another(source: TrackedSource, others: Iterable[TrackedSource]) -> bool:
    return any(other.holds(source.location) for other in others if other != source)


def _is_same(known: LoadedDocument | None, document: LoadedDocument) -> bool:
    return known is not None and known._replace(loaded_at=document.loaded_at) == document


def _is_unicode(place: str) -> bool:
    try:
        place.encode()
    except UnicodeEncodeError:
        return False
    return True


def _document_record(document: LoadedDocument) -> Record:
    fields = {name: value for name, value in document._asdict().items() if value and name != "location"}
    return fields | {"loaded_at": document.loaded_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _source_record(source: TrackedSource) -> Record:
    return {"private": True} if source.private else {}


def _source(place: str, record: Mapping[str, Any] | None) -> TrackedSource | None:
    return None if record is None else TrackedSource(place, bool(record.get("private")))


def _document(place: str, record: Mapping[str, Any] | None) -> LoadedDocument | None:
    if record is None:
        return None
    try:
        return LoadedDocument(
            place,
            record.get("name", ""),
            record.get("version", ""),
            record.get("papers", 0),
            record.get("problems", 0),
            dt.datetime.fromisoformat(record["loaded_at"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
