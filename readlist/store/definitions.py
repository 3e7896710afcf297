"""Saved queries, tag aliases and synonyms as marks.json stores them, beside the marks.

"queries":{"fresh":{"query":"is:unread date:7d","at":"2025-02-11T08:00:00Z"}}
"aliases":{"rl":{"tag":"reinforcement-learning","at":"2025-02-11T08:00:00Z"}}
"synonyms":{"사전학습":{"words":["사전학습","pretraining"],"at":"2025-02-11T08:00:00Z"}}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from readlist.dates import format_utc
from readlist.definitions import SavedQuery, Synonyms, TagAlias, UserDefinitions

if TYPE_CHECKING:
    from readlist.store.format import Record

QUERIES, ALIASES, SYNONYMS = TABLES = ("queries", "aliases", "synonyms")

_Record = Mapping[str, Any]
_Kind = TypeVar("_Kind", SavedQuery, TagAlias, Synonyms)


def decode(tables: Mapping[str, Mapping[str, _Record | None]]) -> UserDefinitions:
    """Return what the records of these tables define, None for a deleted one; a table that is not there is empty."""
    return UserDefinitions(
        dict(_decode(_decode_query, tables.get(QUERIES, {}))),
        dict(_decode(_decode_alias, tables.get(ALIASES, {}))),
        dict(_decode(_decode_synonyms, tables.get(SYNONYMS, {}))),
    )


def encode(definitions: UserDefinitions) -> dict[str, dict[str, Record | None]]:
    """Return definitions, or the difference between two, as records of the tables."""
    return {
        QUERIES: {
            name: query
            and {"query": query.text, "at": format_utc(query.at), **({"sort": query.sort} if query.sort else {})}
            for name, query in definitions.queries.items()
        },
        ALIASES: {
            old: alias and {"tag": alias.new, "at": format_utc(alias.at)} for old, alias in definitions.aliases.items()
        },
        SYNONYMS: {
            name: group and {"words": list(group.words), "at": format_utc(group.at)}
            for name, group in definitions.synonyms.items()
        },
    }


def _decode(
    decode_record: Callable[[str, _Record], _Kind], records: Mapping[str, _Record | None]
) -> Iterator[tuple[str, _Kind | None]]:
    """Yield the definitions of one kind, without those that a newer version wrote and this one does not understand."""
    for name, record in records.items():
        try:
            yield name, decode_record(name, record) if record else None
        except (KeyError, TypeError, ValueError):
            continue


def _decode_query(name: str, record: _Record) -> SavedQuery:
    sort = str(record.get("sort", ""))
    return SavedQuery(name, str(record["query"]), dt.datetime.fromisoformat(record["at"]), sort)


def _decode_alias(old: str, record: _Record) -> TagAlias:
    return TagAlias(old, str(record["tag"]), dt.datetime.fromisoformat(record["at"]))


def _decode_synonyms(_name: str, record: _Record) -> Synonyms:
    return Synonyms(tuple(map(str, record["words"])), dt.datetime.fromisoformat(record["at"]))
