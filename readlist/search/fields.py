"""The fields of the query language, declared once.

Read by the parser (names and values), the compiler (kind and column), completion, help and the documentation. A field
of what the index already has needs its line here; one with new content also needs its column in `index.schema`, its
place in `index.rows` and, if it is text, in `ranking` and `excerpts`. A new kind needs a branch in `compiler` and in
`terms`, which mypy demands. Completion imports it at every press of a key: no heavy imports.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a field compares, and thereby how its value is parsed and compiled to SQL."""

    TEXT = "text"
    """Words of one full-text column."""
    TAG = "tag"
    """A tag, folded, its new name included where it was renamed."""
    STATE = "state"
    """A status, starred, or deleted."""
    PRESENCE = "presence"
    """Whether the paper has something: a bit in `papers.has`."""
    ID_RANGE = "id range"
    """An ID or a range of IDs."""
    EXACT = "exact"
    """The whole value of a column of `papers`."""
    ARXIV_ID = "arXiv ID"
    """As EXACT, without the version, also from a link."""
    DOI = "DOI"
    """As EXACT, in any case, also from a link; one of arXiv is the arXiv ID."""
    SOURCE = "source"
    """A part of the name of a digest in which the paper appeared, in any case."""
    SUBSTRING = "substring"
    """A part of a column of `papers`, in any case."""
    DIGEST_DATE = "digest date"
    """The dates of all digests of the paper."""
    FIRST_DATE = "first date"
    """One date of the paper, a column of `papers`."""
    PERSON = "person"
    """A person of the lab who marked the paper; the other terms on marks in the same AND group mean their marks."""
    TIME = "time"
    """When the paper was loaded, or the user did something that still holds, such as star it: a column of `papers`."""


LAST_DIGEST = "last"
"""The value of `date:` that means the date of the newest digest."""
ANYONE = "any"
"""The value of `by:` that means any other person."""
DATE_KINDS = frozenset({Kind.DIGEST_DATE, Kind.FIRST_DATE, Kind.TIME})


class Field(NamedTuple):
    """A field of the query language: `name:value`.

    `column` is the full-text column of a TEXT field or TAG, else the column of `papers`, "" where there is none.
    `values` are all values of a field that has a fixed set of them.
    """

    name: str
    kind: Kind
    column: str
    help: str
    values: tuple[str, ...] = ()


STATES = ("unread", "reading", "read", "skipped", "starred", "later", "new", "deleted")
"""The values of `is:`: every `Status`, and others; deleted, see `deleted_papers`."""
PRESENCES = ("note", "abstract", "comment", "tag", "arxiv", "doi", "url")
"""The values of `has:`, in the order of their bits in the index."""

_FIELDS = (
    Field("title", Kind.TEXT, "title", "words of the title"),
    Field("author", Kind.TEXT, "authors", "a name"),
    Field("abstract", Kind.TEXT, "abstract", "words of the abstract"),
    Field("comment", Kind.TEXT, "comments", "words of the comments"),
    Field("note", Kind.TEXT, "note", "words of your notes"),
    Field("tag", Kind.TAG, "tags", "a tag"),
    Field("id", Kind.ID_RANGE, "id", "an ID, a range of IDs"),
    Field("key", Kind.EXACT, "key", "a key"),
    Field("arxiv", Kind.ARXIV_ID, "arxiv", "an arXiv ID"),
    Field("doi", Kind.DOI, "doi", "a DOI"),
    Field("url", Kind.SUBSTRING, "urls", "a part of a link"),
    Field("source", Kind.SOURCE, "source", "a part of a digest's name"),
    Field("by", Kind.PERSON, "", "a person of your lab, any: whose marks is:, tag:, note: beside it mean"),
    Field("is", Kind.STATE, "status", "a status, starred, later, new, deleted", values=STATES),
    Field("has", Kind.PRESENCE, "has", "what the paper has", values=PRESENCES),
    Field("date", Kind.DIGEST_DATE, "", "the date of a digest"),
    Field("first", Kind.FIRST_DATE, "first", "the date of the first digest"),
    Field("loaded", Kind.TIME, "loaded_at", "the day on which it was loaded"),
    Field("read", Kind.TIME, "status_at", "the day of reading"),
    Field("starred", Kind.TIME, "starred_at", "the day of the star"),
    Field("noted", Kind.TIME, "note_at", "the day of the note's last change"),
    Field("later", Kind.TIME, "later_at", "the day on which it was queued or postponed"),
)

FIELDS = {field.name: field for field in _FIELDS}
"""Every field by its name, in the order in which help and completion list them."""
FIELD_COLUMN = {field.name: field.column for field in _FIELDS if field.kind in {Kind.TEXT, Kind.TAG}}
"""The full-text column that holds the words of a field."""
