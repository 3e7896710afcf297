"""The option --share of sync: which fields of the marks a lab sees."""

from __future__ import annotations

from collections.abc import Mapping

from readlist.errors import UsageError

SHARED_FIELDS: Mapping[str, str] = {
    "status": "unread, reading, read or skipped",
    "star": "whether the paper has a star",
    "tags": "your own tags",
    "note": "your note",
}
"""Name of a field -> what it is."""
SHARED_BY_DEFAULT = ("status", "star")


def parse_shared(text: str | None) -> tuple[str, ...]:
    """Return the fields that are named, in the order of SHARED_FIELDS; None are those by default.

    Raises UsageError for an unknown one.

    >>> parse_shared("note, Star"), parse_shared(None)
    (('star', 'note'), ('status', 'star'))
    """
    if text is None:
        return SHARED_BY_DEFAULT
    names = [name.strip().lower() for name in text.split(",")]
    unknown = [name for name in names if name not in SHARED_FIELDS]
    if unknown:
        raise UsageError(f"invalid --share: {unknown[0] or '(empty)'}; write some of: {','.join(SHARED_FIELDS)}")
    return tuple(name for name in SHARED_FIELDS if name in names)
