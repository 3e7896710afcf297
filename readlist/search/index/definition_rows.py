"""Rows of the index for sources and documents, saved queries, renamed tags and synonyms: models -> rows and back.

No SQL here; apart from `rows`, because few commands need them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from readlist.definitions import SavedQuery, Synonyms, TagAlias
from readlist.search.index.decoding import decoder, require_text
from readlist.sources import LoadedDocument, TrackedSource
from readlist.text import fold_tag


def document_row(document: LoadedDocument) -> tuple[str | int, ...]:
    """Return a loaded document as a row of `documents`."""
    return tuple(document._replace(loaded_at=document.loaded_at.isoformat()))  # type: ignore[arg-type]  # a row


def query_row(query: SavedQuery) -> tuple[str, str, str, str]:
    """Return a saved query as a row of `queries`."""
    return query.name, query.text, query.at.isoformat(), query.sort


def alias_row(alias: TagAlias) -> tuple[str, str, str, str]:
    """Return a renamed tag as a row of `aliases`, with the new name also as `tags` has it."""
    return alias.old, alias.new, alias.at.isoformat(), fold_tag(alias.new)


def synonyms_row(name: str, group: Synonyms) -> tuple[str, str, str]:
    """Return a group of synonyms as a row of `synonyms`; its words are a JSON array."""
    import orjson

    return name, orjson.dumps(group.words).decode(), group.at.isoformat()


@decoder
def decode_document(*row: Any) -> LoadedDocument:
    """Decode a row of `documents`."""
    location, name, version, papers, problems, loaded_at, left_out = row
    texts = require_text(location), require_text(name), require_text(version)
    return LoadedDocument(*texts, papers, problems, dt.datetime.fromisoformat(loaded_at), left_out)


@decoder
def decode_source(location: str, private: int, only: str) -> TrackedSource:
    """Decode a row of `sources`."""
    return TrackedSource(require_text(location), bool(private), require_text(only))


@decoder
def decode_query(name: str, text: str, at: str, sort: str) -> SavedQuery:
    """Decode a row of `queries`."""
    return SavedQuery(require_text(name), require_text(text), dt.datetime.fromisoformat(at), require_text(sort))


@decoder
def decode_alias(old: str, new: str, at: str, _tag: str) -> TagAlias:
    """Decode a row of `aliases`."""
    return TagAlias(require_text(old), require_text(new), dt.datetime.fromisoformat(at))


@decoder
def decode_synonyms(name: str, words: str, at: str) -> tuple[str, Synonyms]:
    """Decode a row of `synonyms`; the name is the key of the group."""
    import orjson

    return require_text(name), Synonyms(tuple(map(require_text, orjson.loads(words))), dt.datetime.fromisoformat(at))
