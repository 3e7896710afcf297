"""Saved queries and tag aliases as marks.json stores them, beside the marks.

"queries":{"fresh":{"query":"is:unread date:7d","at":"2025-02-11T08:00:00Z"}}
"aliases":{"rl":{"tag":"reinforcement-learning","at":"2025-02-11T08:00:00Z"}}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from readlist.dates import format_utc
from readlist.models import SavedQuery, TagAlias, UserDefinitions

if TYPE_CHECKING:
    from readlist.store.format import Record

QUERIES, ALIASES = TABLES = ("queries", "aliases")

_Records = Mapping[str, Mapping[str, Any] | None]
_Kind = TypeVar("_Kind", SavedQuery, TagAlias)


def decode(queries: _Records, aliases: _Records) -> UserDefinitions:
    """Return what the records of the two tables define, None for a deleted one."""
    return UserDefinitions(
        dict(_decode(SavedQuery, "query", queries)),
        dict(_decode(TagAlias, "tag", aliases)),
    )


def encode(definitions: UserDefinitions) -> dict[str, dict[str, Record | None]]:
    """Return definitions, or the difference between two, as records of the two tables."""
    return {
        QUERIES: {
            name: query and {"query": query.text, "at": format_utc(query.at)}
            for name, query in definitions.queries.items()
        },
        ALIASES: {
            old: alias and {"tag": alias.new, "at": format_utc(alias.at)} for old, alias in definitions.aliases.items()
        },
    }


def _decode(kind: type[_Kind], field: str, records: _Records) -> Iterator[tuple[str, _Kind | None]]:
    """Yield the definitions of one kind, without those that a newer version wrote and this one does not understand."""
    for name, record in records.items():
        try:
            yield name, kind(name, str(record[field]), dt.datetime.fromisoformat(record["at"])) if record else None
        except (KeyError, TypeError, ValueError):
            continue
