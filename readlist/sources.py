"""Where papers come from: the sources that the user loads, the documents in them, and what could not be read."""

import datetime as dt
import os
from collections.abc import Mapping
from typing import NamedTuple


class Problem(NamedTuple):
    """A part of a source that could not be read or assigned; `line` counts from 1, 0 is the source as a whole."""

    source: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.reason}" if self.line else f"{self.source}: {self.reason}"


class TrackedSource(NamedTuple):
    """A file, directory or URL that was loaded and is read again by `update`.

    `location` is an absolute path or a URL; `private` permits that it leads to a private address. `only` is the query
    that its papers must match to be loaded, "" for all of them.
    """

    location: str
    private: bool = False
    only: str = ""

    def contains(self, location: str) -> bool:
        """Return whether a file or page is this source, or is inside it."""
        return location == self.location or location.startswith(self.location.rstrip(os.sep) + os.sep)


class LoadedDocument(NamedTuple):
    """A file or page that was loaded; while it is unchanged, it is not read again.

    `location` is an absolute path or a URL, `name` what its papers call their digest. `version` changes with the
    content; "" is never the same. `papers` and `problems` count what was found in it, without the papers `left_out`,
    which do not match the query of its source.
    """

    location: str
    name: str
    version: str
    papers: int
    problems: int
    loaded_at: dt.datetime
    left_out: int = 0


class Provenance(NamedTuple):
    """Where papers came from, by location; in a difference None means deleted."""

    documents: Mapping[str, LoadedDocument | None] = {}
    sources: Mapping[str, TrackedSource | None] = {}
