"""Which backups of a store file are retained: the newest of the last writes, days and weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple, TypeVar

_T = TypeVar("_T")


class RetentionPolicy(NamedTuple):
    """How many backups stay: of the last writes, and the newest of each day and week that has one."""

    writes: int
    days: int = 0
    weeks: int = 0
    max_bytes: int = 500_000_000
    """Of all of them together; the newest MIN_WRITES stay even if they are larger."""


POLICY = RetentionPolicy(writes=10, days=7, weeks=4)
MIN_WRITES = 2
"""A damaged file is repaired from the newest backup, and from the one before it where that is damaged too."""


def retained(
    newest_first: Sequence[_T],
    time: Callable[[_T], dt.datetime],
    size: Callable[[_T], int],
    policy: RetentionPolicy = POLICY,
) -> set[_T]:
    """Return which of these backups stay, given in the order in which they were saved, the newest first.

    `time` returns the UTC time of a backup and `size` its bytes. A time only says to which day and week a backup
    belongs, never which of two is newer, because a clock may be wrong. A day or week counts if it has a backup, however
    long ago it was.
    """
    days = _newest_of_each(newest_first, lambda backup: time(backup).date())
    weeks = _newest_of_each(newest_first, lambda backup: time(backup).isocalendar()[:2])
    chosen = {*newest_first[: policy.writes], *days[: policy.days], *weeks[: policy.weeks]}
    in_order = [backup for backup in newest_first if backup in chosen]
    sizes = accumulate(map(size, in_order))
    return {
        backup
        for number, (backup, total) in enumerate(zip(in_order, sizes, strict=True))
        if number < MIN_WRITES or total <= policy.max_bytes
    }


def _newest_of_each(newest_first: Iterable[_T], period: Callable[[_T], Any]) -> list[_T]:
    newest: dict[Any, _T] = {}
    for backup in newest_first:
        newest.setdefault(period(backup), backup)
    return list(newest.values())
