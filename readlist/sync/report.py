"""What a sync did, would do, or has yet to do, as values for the command."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from readlist.text import plural

_NOUNS = {
    "papers": ("paper", ""),
    "marks": ("mark", ""),
    "queries": ("saved query", "saved queries"),
    "aliases": ("renamed tag", ""),
    "synonyms": ("synonym group", ""),
    "sources": ("source", ""),
    "others": ("mark of others", "marks of others"),
}
"""Kind -> what one and several of it are called, in the order of a summary."""


class SyncReport(NamedTuple):
    """What a sync sent and received, by kind: "papers", "marks", "queries", "aliases", "synonyms", "sources".

    "others" are marks of other persons in a lab. A kind of which nothing was sent or received is absent. `remote` has
    no credentials. `messages` are lines about what the user should know: damaged lines that were repaired, a clock that
    is ahead, papers that came back.
    """

    remote: str
    sent: Mapping[str, int]
    received: Mapping[str, int]
    is_first: bool = False
    messages: tuple[str, ...] = ()


class SyncStatus(NamedTuple):
    """The remote of a library, and what was changed here since the last sync; known without the network.

    `remote` is "" where there is none; it has no credentials. `unsent` counts as in `SyncReport`. `lab` is the remote
    of the lab, "" for none, `person` the name there, `shared` the fields that are shared: "status", "star", "tags",
    "note". `lab_last_sync` and `lab_unsent` are those of the lab, `others` the other persons in it.
    """

    remote: str = ""
    last_sync: dt.datetime | None = None
    unsent: Mapping[str, int] = {}
    lab: str = ""
    person: str = ""
    shared: tuple[str, ...] = ()
    lab_last_sync: dt.datetime | None = None
    lab_unsent: Mapping[str, int] = {}
    others: tuple[str, ...] = ()


def describe_counts(counts: Mapping[str, int]) -> str:
    """Return counts by kind as words.

    >>> describe_counts({"papers": 812, "marks": 1})
    '812 papers and 1 mark'
    """
    parts = [plural(counts[kind], *names) for kind, names in _NOUNS.items() if counts.get(kind)]
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


class SyncTally:
    """Adds up what the attempts of one sync send and receive, and their messages."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self.received: Counter[str] = Counter()
        self.is_first = False
        self._messages: dict[str, None] = {}

    def add(self, sent: Mapping[str, int], received: Mapping[str, int], messages: Iterable[str]) -> None:
        """Add an attempt; what it sends was merged again by the next one, where another machine was faster."""
        self.sent |= Counter(sent)
        self.received.update(received)
        for message in messages:
            self.add_message(message)

    def add_message(self, message: str) -> None:
        """Add a message, once."""
        self._messages[message] = None

    def report(self, remote: str) -> SyncReport:
        """Return the report of the sync with this remote."""
        return SyncReport(remote, dict(+self.sent), dict(+self.received), self.is_first, tuple(self._messages))
