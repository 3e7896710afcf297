"""Rows of the marks of other persons of a lab: models -> rows for the writer, rows -> models for the readers.

No SQL here. A mark that says nothing, such as one without a star any more, has no row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from readlist.models import Mark, PersonMark, Status
from readlist.search.index.errors import RowDecodeError
from readlist.search.tokens import token_line
from readlist.text import fold_tag

People: TypeAlias = Mapping[str, Mapping[str, Mark]]
"""The marks of each other person by their name, by the keys of papers."""


def other_rows(people: People) -> Iterator[tuple[str | int, ...]]:
    """Return the marks as rows of `others`."""
    for person, key, mark in _iter_marks(people):
        yield (
            key,
            person,
            mark.status.value,
            _format_time(mark.status_at),
            mark.starred,
            _format_time(mark.starred_at),
            mark.note,
            _format_time(mark.note_at),
            "\n".join(mark.tags_added),
            token_line([mark.note]) if mark.note else "",
        )


def other_tag_rows(people: People) -> Iterator[tuple[str, str, str]]:
    """Return the tags that the persons added as rows of `others_tags`."""
    for person, key, mark in _iter_marks(people):
        yield from ((key, person, fold_tag(tag)) for tag in mark.tags_added)


def _iter_marks(people: People) -> Iterator[tuple[str, str, Mark]]:
    for person, marks in people.items():
        for key, mark in marks.items():
            if mark.status is not Status.UNREAD or mark.starred or mark.note or mark.tags_added:
                yield person, key, mark


def _format_time(time: dt.datetime | None) -> str:
    return time.isoformat() if time else ""


def decode_person_mark(*row: Any) -> PersonMark:
    """Decode a row of `others`, without its last column. Raises RowDecodeError."""
    key, person, status, status_at, starred, starred_at, note, note_at, tags = row
    try:
        mark = Mark(
            key,
            Status(status),
            _parse_time(status_at),
            bool(starred),
            _parse_time(starred_at),
            tags_added=tuple(filter(None, tags.split("\n"))),
            note=note,
            note_at=_parse_time(note_at),
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise RowDecodeError(f"mark of another person: {error}") from error
    return PersonMark(person, mark)


def _parse_time(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
