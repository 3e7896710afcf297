"""Which backups of a store file are retained: the newest of the last writes, days and weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class RetentionPolicy(NamedTuple):
    """How many backups stay: of the last writes, and the newest of each day and week that has one."""

    writes: int
    days: int = 0
    weeks: int = 0


IRREPLACEABLE = RetentionPolicy(writes=10, days=7, weeks=4)
REPLACEABLE = RetentionPolicy(writes=2)
"""For papers.json, which can be loaded again and is large."""


def retained(
    times: Iterable[dt.datetime], now: dt.datetime, policy: RetentionPolicy = IRREPLACEABLE
) -> set[dt.datetime]:
    """Return which backups of these times stay; the newest is always one of them.

    A day or week counts if it has a backup, however long ago it was; days are those of UTC. Times after `now`, set by a
    clock that was wrong, do not displace the others.
    """
    newest_first = sorted(times, reverse=True)
    past = [time for time in newest_first if time <= now]
    future = [time for time in newest_first if time > now]
    days = _newest_of_each(past, dt.datetime.date)
    weeks = _newest_of_each(past, lambda time: time.isocalendar()[:2])
    return {*past[: policy.writes], *days[: policy.days], *weeks[: policy.weeks], *future[: policy.writes]}


def _newest_of_each(newest_first: Iterable[dt.datetime], period: Callable[[dt.datetime], Any]) -> list[dt.datetime]:
    newest: dict[Any, dt.datetime] = {}
    for time in newest_first:
        newest.setdefault(period(time), time)
    return list(newest.values())
