"""Up to which paper the user has seen what is new, and up to which it was sent: in the state directory of this machine.

IDs ascend with every load and are never given again, so that the last one says what is new without a clock. What is new
stays new for the rest of the day on which it was first shown, so that `today` can be run again; what is sent, by mail
from cron, is sent once for each query: two groups get each their own mail. Losing the file shows the newest digest
again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from readlist.opening import open_regular
from readlist.store.atomic import write_file
from readlist.store.matching import MAX_ID

_NAME = "today.json"
_MAX_SIZE = 1_000_000
"""Characters; the file has a tenth of that with MAX_QUERIES of a usual length."""
MAX_QUERIES = 100
"""Queries for which it is known what was sent; those that were used last."""


class LastSeen(NamedTuple):
    """The last IDs that were shown and sent; None for never.

    `shown` is the last ID when the user last looked, on the day `day`, in local time; `seen` is the last ID when they
    last looked on an earlier day. `sent` are the last IDs by the text of the query, "" for all papers.
    """

    day: dt.date | None = None
    seen: int | None = None
    shown: int | None = None
    sent: Mapping[str, int] = MappingProxyType({})

    def new_since(self, today: dt.date) -> int | None:
        """Return the last ID that is not new on this day."""
        return self.seen if self.day == today else self.shown

    def after_showing(self, last_id: int, today: dt.date) -> LastSeen:
        """Return what is last after all papers up to this ID were shown."""
        return self._replace(day=today, seen=self.new_since(today), shown=last_id)

    def unsent_since(self, query: str, today: dt.date) -> int | None:
        """Return the last ID that is not to be sent for this query; at first, what was shown is not."""
        return self.sent.get(query, self.new_since(today))

    def after_sending(self, query: str, last_id: int) -> LastSeen:
        """Return what is last after all papers up to this ID were sent for this query."""
        others = [(text, id_) for text, id_ in self.sent.items() if text != query]
        return self._replace(sent=dict([*others, (query, last_id)][-MAX_QUERIES:]))


def read_last_seen(state: Path) -> LastSeen:
    """Read what was last seen of a library from its state directory; never, where the file is missing or invalid."""
    invalid = (OSError, ValueError, TypeError, KeyError, RecursionError)
    with contextlib.suppress(*invalid), os.fdopen(open_regular(state / _NAME)) as file:
        fields = json.loads(file.read(_MAX_SIZE))
        day, seen, shown, sent = (fields[name] for name in LastSeen._fields)
        ids = [*(id_ for id_ in (seen, shown) if id_ is not None), *dict(sent).values()]
        if all(type(id_) is int and 0 <= id_ <= MAX_ID for id_ in ids):
            return LastSeen(day and dt.date.fromisoformat(day), seen, shown, dict(sent))
    return LastSeen()


def write_last_seen(state: Path, times: LastSeen) -> None:
    """Write what was last seen of a library. Raises ReadlistError and leaves the file unchanged."""
    fields = times._asdict() | {"day": times.day and times.day.isoformat(), "sent": dict(times.sent)}
    write_file(state / _NAME, [f"{json.dumps(fields)}\n".encode()])
