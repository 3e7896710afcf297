"""What the reader named, as marks.json keeps it beside the marks: queries, and tags that have another name.

"queries":{"fresh":{"query":"is:unread date:7d","at":"2025-02-11T08:00:00Z"}}
"renames":{"rl":{"tag":"reinforcement-learning","at":"2025-02-11T08:00:00Z"}}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from readlist.models import SavedQuery, TagAlias, UserDefinitions

if TYPE_CHECKING:
    from readlist.store.format import Record

QUERIES, RENAMES = TABLES = ("queries", "renames")

_Records = Mapping[str, Mapping[str, Any] | None]
_Kind = TypeVar("_Kind", SavedQuery, TagAlias)


def read(queries: _Records, renames: _Records) -> UserDefinitions:
    """What the records of the two tables say; None where they say none."""
    return UserDefinitions(
        dict(_read(SavedQuery, "query", queries)),
        dict(_read(TagAlias, "tag", renames)),
    )


def records(names: UserDefinitions) -> dict[str, dict[str, Record | None]]:
    """Names, or a change of them, as records of the two tables."""
    return {
        QUERIES: {name: saved and {"query": saved.text, "at": _iso(saved.at)} for name, saved in names.queries.items()},
        RENAMES: {
            old: renamed and {"tag": renamed.new, "at": _iso(renamed.at)} for old, renamed in names.aliases.items()
        },
    }


def _read(kind: type[_Kind], field: str, known: _Records) -> Iterator[tuple[str, _Kind | None]]:
    """Without those that a newer readlist wrote and this one does not understand."""
    for name, record in known.items():
        try:
            yield name, kind(name, str(record[field]), dt.datetime.fromisoformat(record["at"])) if record else None
        except (KeyError, TypeError, ValueError):
            continue


def _iso(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
