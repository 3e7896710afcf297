"""The backups of a store file: each state that was saved, the newer the more of them.

    <state>/backups/marks.json/20261121T134512.123456Z      as it was saved then, in UTC; names sort by time

What a change replaces was read and found sound before, and gets its second name here: a link, which costs nothing,
since no save ever writes into a file. Beside that a precious file is copied as soon as it is saved, so that damage to
it takes not even the last change along. The copy is not forced to the disk, which would take as long as the save; the
link takes its place when the file is replaced.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from readlist.store.atomic import copy_file, link_or_copy, make_folder, new_name, time_name


class Plan(NamedTuple):
    """How many backups are kept: of the last writes, of days and of weeks that have one, the newest of each."""

    writes: int
    days: int = 0
    weeks: int = 0


PRECIOUS = Plan(writes=10, days=7, weeks=4)
REPLACEABLE = Plan(writes=2)
"""papers.json can be loaded again, and has 250 MB at 100,000 papers."""


class Backup(NamedTuple):
    """A state of a store file that was kept, and when it was saved."""

    path: Path
    at: dt.datetime

    @property
    def name(self) -> str:
        """What a person calls it: `marks.json/20261121T134512.123456Z`."""
        return f"{self.path.parent.name}/{self.path.name}"


class Backups:
    """The backups of one store file, in a folder of their own; they change under the library's lock only."""

    def __init__(self, folder: Path, *, precious: bool) -> None:
        self._folder = folder
        self._precious = precious

    def __iter__(self) -> Iterator[Backup]:
        """All of them, the newest first."""
        names = sorted((path.name for path in self._folder.glob("[0-9]*Z")), reverse=True)
        return (Backup(self._folder / name, at) for name in names if (at := _time(name)))

    def keep(self, target: Path) -> None:
        """Keep a file that was found sound and is about to be replaced.

        A disk without hard links, or another disk: marks are copied, papers.json goes without.
        """
        path = self._folder / time_name(self._when(target))
        if path.exists() and path.samefile(target):  # a change died before it replaced the file
            return
        make_folder(self._folder)
        with new_name(self._folder / "kept") as new:
            if link_or_copy(target, new, copy=self._precious):
                new.replace(path)
        self._rotate()

    def copy(self, target: Path) -> None:
        """Keep a precious file that has just been saved. It is saved, whether there is room for a copy or not."""
        if not self._precious:
            return
        with contextlib.suppress(OSError):
            make_folder(self._folder)
            with new_name(self._folder / "kept") as new:
                copy_file(target, new)
                new.replace(self._folder / time_name(self._when(target)))

    def _when(self, target: Path) -> dt.datetime:
        """When a file was saved; now, where another program gave it a time before that of the newest backup."""
        now = dt.datetime.now(dt.UTC)
        saved = dt.datetime.fromtimestamp(min(max(target.stat().st_mtime, 0), now.timestamp()), dt.UTC)
        newest = max((backup.at for backup in self if backup.at <= now), default=saved)
        return saved if saved >= newest else now

    def _rotate(self) -> None:
        backups = list(self)
        plan = PRECIOUS if self._precious else REPLACEABLE
        staying = kept((backup.at for backup in backups), dt.datetime.now(dt.UTC), plan)
        for backup in backups:
            if backup.at not in staying:
                backup.path.unlink()


def kept(times: Iterable[dt.datetime], now: dt.datetime, plan: Plan = PRECIOUS) -> set[dt.datetime]:
    """Which of the backups of these times stay; the newest always does.

    A day or week counts if it has one, however long ago it was; days are those of UTC. Times after `now`, of a clock
    that was wrong, take no place from the others.
    """
    newest_first = sorted(times, reverse=True)
    past = [at for at in newest_first if at <= now]
    ahead = [at for at in newest_first if at > now]
    days = _newest_of_each(past, dt.datetime.date)
    weeks = _newest_of_each(past, lambda at: at.isocalendar()[:2])
    return {*past[: plan.writes], *days[: plan.days], *weeks[: plan.weeks], *ahead[: plan.writes]}


def _time(name: str) -> dt.datetime | None:
    """None for a file that is no backup."""
    try:
        return dt.datetime.fromisoformat(name)
    except ValueError:
        return None


def _newest_of_each(newest_first: Iterable[dt.datetime], period: Callable[[dt.datetime], Any]) -> list[dt.datetime]:
    newest: dict[Any, dt.datetime] = {}
    for at in newest_first:
        newest.setdefault(period(at), at)
    return list(newest.values())
