"""The shapes of the records in both store files, and their validation.

A checksum proves that a record is unchanged, not that its fields have the expected types: another program, a person or
a newer version may have written it. `format` validates every record of a file that is read in full, `history` every
record that undoing puts back. A record that fails counts as corrupt; the others are read. The values are those of JSON,
which `papers`, `marks`, `provenance` and `definitions` decode. Importing it imports msgspec: only where records are
validated.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta, ValidationError, convert

from readlist.models import MAX_POSITION
from readlist.store.matching import MAX_ID

_PAPER_ID = re.compile(r"[1-9][0-9]{0,8}")
"""What a user can type as the ID of a paper, at most MAX_ID."""
_YEARS = range(2, 9999)
"""A time in year 1 or 9999 overflows in another time zone."""

_Text = Annotated[str, Meta(min_length=1)]
_Count = Annotated[int, Meta(ge=0, le=1 << 53)]
_Position = Annotated[int, Meta(ge=-MAX_POSITION, le=MAX_POSITION)]
_Time = Annotated[dt.datetime, Meta(tz=True)]


class _Metadata(TypedDict):
    schema: Annotated[int, Meta(ge=1)]
    library: NotRequired[_Text]
    sequence: NotRequired[_Count]
    next_id: NotRequired[Annotated[int, Meta(ge=0, le=MAX_ID + 1)]]
    papers: NotRequired[_Count]
    has_marks: NotRequired[bool]
    synced: NotRequired[dict[str, str]]


class _Appearance(TypedDict):
    date: dt.date | None
    source: str
    hashes: list[str]
    comments: NotRequired[dict[str, str]]


class _Correction(TypedDict):
    value: str | list[str]
    at: _Time


class _MergedPaper(TypedDict):
    id: Annotated[int, Meta(ge=1, le=MAX_ID)]
    key: _Text
    title: _Text
    authors: NotRequired[list[str]]
    arxiv_id: NotRequired[str]
    doi: NotRequired[str]
    url: NotRequired[str]


class _Paper(TypedDict):
    key: _Text
    title: _Text
    digests: list[_Appearance]
    slug: NotRequired[str]
    authors: NotRequired[list[str]]
    abstract: NotRequired[str]
    comments: NotRequired[dict[str, str]]
    tags: NotRequired[list[str]]
    links: NotRequired[list[str]]
    arxiv_id: NotRequired[str]
    doi: NotRequired[str]
    url: NotRequired[str]
    loaded_at: NotRequired[_Time]
    corrections: NotRequired[dict[str, _Correction]]
    merged: NotRequired[list[_MergedPaper]]
    deleted_at: NotRequired[_Time]


class _Document(TypedDict):
    loaded_at: _Time
    name: NotRequired[str]
    version: NotRequired[str]
    papers: NotRequired[_Count]
    problems: NotRequired[_Count]
    left_out: NotRequired[_Count]


class _Source(TypedDict):
    private: NotRequired[bool]
    only: NotRequired[str]


class _Mark(TypedDict, total=False):
    status: Literal["unread", "reading", "read", "skipped"]
    status_at: _Time
    starred: bool
    starred_at: _Time
    tags_added: list[str]
    tags_removed: list[str]
    tags_at: _Time
    note: str
    note_at: _Time
    later: _Position | dt.date
    later_at: _Time


class _Query(TypedDict):
    query: _Text
    at: _Time
    sort: NotRequired[str]


class _Alias(TypedDict):
    tag: _Text
    at: _Time


class _Synonyms(TypedDict):
    words: Annotated[list[_Text], Meta(min_length=2)]
    at: _Time


class _HistoryEntry(TypedDict):
    at: _Time
    description: str
    schema: Annotated[int, Meta(ge=1)]
    records: dict[str, dict[str, dict[str, Any] | None]]
    sums: NotRequired[dict[str, dict[str, str | None]]]
    unattended: NotRequired[bool]


_SHAPES: dict[str, type] = {
    "_meta": _Metadata,
    "papers": _Paper,
    "documents": _Document,
    "sources": _Source,
    "marks": _Mark,
    "queries": _Query,
    "aliases": _Alias,
    "synonyms": _Synonyms,
}
"""The shape of the records of each table."""
_DATE_FIELDS = {
    shape: [name for name in shape.__annotations__ if name in {"at", "later"} or name.endswith("_at")]
    for shape in (*_SHAPES.values(), _HistoryEntry)
}
"""The fields of each shape that may be a date or time."""


def record_error(table: str, id_: str, record: Mapping[str, Any]) -> str:
    """Return what is wrong with the types of a record, "" for nothing: "title: Expected `str`, got `int`"."""
    if table == "papers" and not _PAPER_ID.fullmatch(id_):
        return "the ID is not a number"
    return _shape_error(record, _SHAPES[table])


class RecordValidator:
    """Validates all records of one store file: each by itself, and that no two papers have the same key."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def __call__(self, table: str, id_: str, record: Mapping[str, Any]) -> str:
        """Return what is wrong with the next record, "" for nothing."""
        error = record_error(table, id_, record)
        if error or table != "papers":
            return error
        first = self._ids.setdefault(record["key"], id_)
        return "" if first == id_ else f"it has the key of paper {first}"

    def forget_papers(self, ids: Collection[str]) -> None:
        """Let other papers have the keys of these, which an incremental backup replaces or deletes."""
        self._ids = {key: id_ for key, id_ in self._ids.items() if id_ not in ids}


def fields_error(table: str, id_: str, fields: Mapping[str, Any]) -> str:
    """Return what is wrong with a record, or with some fields of a mark of which None means not set."""
    if table not in _SHAPES:
        return f"unknown table: {table}"
    known = {name: value for name, value in fields.items() if value is not None} if table == "marks" else fields
    return record_error(table, id_, known)


def history_entry_error(entry: object) -> str:
    """Return what is wrong with the types of a history entry, whose records are validated by themselves."""
    return _shape_error(entry, _HistoryEntry)


def _shape_error(value: Any, shape: Any) -> str:
    try:
        converted = convert(value, shape)
    except ValidationError as error:
        problem, _, path = str(error).partition(" - at ")
        return f"{path.strip('`').removeprefix('$').removeprefix('.')}: {problem}".removeprefix(": ")
    dates = []
    for name in _DATE_FIELDS[shape]:
        date = converted.get(name)
        if isinstance(date, dt.datetime) and not _is_readable(value[name]):
            return f"{name}: Expected a time such as 2025-02-11T08:00:00Z"
        dates.append(date)
    dates += [appearance["date"] for appearance in converted.get("digests", ())]
    years = (date.year for date in dates if isinstance(date, dt.date))
    return next((f"the year is out of range: {year}" for year in years if year not in _YEARS), "")


def _is_readable(time: str) -> bool:
    """Return whether `marks` and the others can decode a time: msgspec permits more, such as a small z."""
    try:
        dt.datetime.fromisoformat(time)
    except ValueError:
        return False
    return True
