"""How many papers a digest, a source, a tag or a backup has."""

import datetime as dt
from typing import NamedTuple

from readlist.models import Appearance


class DigestCount(NamedTuple):
    """A loaded digest, with how many papers it contains and how many of them are unread.

    `location` is the source that contains it, "" for stdin or a source that is no longer tracked; `loaded_at` is when
    it was last loaded, None where that is not known.
    """

    digest: Appearance
    papers: int
    unread: int
    location: str = ""
    loaded_at: dt.datetime | None = None


class SourceCount(NamedTuple):
    """A tracked source: its location, its kind ("file", "directory" or "URL"), and what was loaded from it.

    `papers` counts the papers of its documents, a paper of two documents twice; `loaded_at` is when the last of them
    was loaded, None where none was. `only` is the query that its papers must match to be loaded, "" for all of them.
    """

    location: str
    kind: str
    papers: int
    loaded_at: dt.datetime | None
    only: str = ""


class TagCount(NamedTuple):
    """A tag in effect, in its most frequent spelling, with how many papers have it and how many of them are unread."""

    tag: str
    papers: int
    unread: int


class BackupCount(NamedTuple):
    """A backup of a store file: when it was saved, its size in bytes, and how many papers or marks it contains.

    `records` is None where the backup is corrupt or written by a newer version.
    """

    name: str
    at: dt.datetime
    records: int | None
    size: int
