"""What each command changed, a step a file, so that it can be undone and redone.

    <state>/history/000012.done      a step, and what its records were before it
    <state>/history/000013.undone    a step that was undone, and what they were with it

    3f1b6a90 {"at": "2025-02-11T08:00:00Z", "said": "read 12 15-18", "records": {"marks": {KEY: {"status": null}}}}

Records are told by table and id, null for one that there was not; of a mark only the fields that the step changed, so
that undoing it leaves alone what another machine has done to the others. A step reaches the disk before the store is
changed. Dying in between leaves a step that did not happen, or one that is both done and undone: turning the side that
is not so changes nothing, by which it is known, let go of and passed over.

Steps are a stack: those that are undone are newer than those that are done. Older ones are left of somebody who died
before letting go of them, and are not redone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import dropwhile
from pathlib import Path
from typing import Any, NamedTuple

from readlist.errors import ReadlistError, StoreError
from readlist.store.atomic import told, write_file

Records = Mapping[str, Mapping[str, Any]]
"""Table -> id -> record, or those of its fields that are meant; None for none."""
Keep = Callable[[Records], None]
"""Told what records were before a change, just before they are changed on the disk."""


def unkept(_: Records) -> None:
    """For a change that is no step."""


MAX_STEPS = 100
"""Steps that are kept; the oldest go first."""
MAX_BYTES = 50_000_000
"""Of all steps together; the newest is kept whatever it has. A load that is undone keeps its papers, 2 kB each."""

_DONE, _UNDONE = ".done", ".undone"
_SUM_LENGTH = 9


class Step(NamedTuple):
    """A change that a command made, or that was undone; `said` tells in a few words what it did."""

    path: Path
    at: dt.datetime
    said: str
    records: Records

    @property
    def is_done(self) -> bool:
        """Whether it was made, and not undone since."""
        return self.path.suffix == _DONE


class History:
    """The steps in a folder, which change under the library's lock only.

    Raises StoreError for a step that is damaged, ReadlistError where the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def done(self) -> Iterator[Step]:
        """What can be undone, the newest first."""
        return map(_read, reversed(self._paths(_DONE)))

    def undone(self) -> Iterator[Step]:
        """What can be redone, what was undone last first."""
        overtaken = self._overtaken()
        return map(_read, [path for path in self._paths(_UNDONE) if path not in overtaken])

    @contextlib.contextmanager
    def adding(self, said: Callable[[Records], str], happened: Callable[[], bool]) -> Iterator[Keep]:
        """What the block keeps becomes a new step; where the block fails, `happened` says whether it was one."""
        last = max(map(_number, self._paths("")), default=0)
        with self._writing(f"{last + 1:06}{_DONE}", dt.datetime.now(dt.UTC), said, happened) as keep:
            yield keep
        self._settle()

    @contextlib.contextmanager
    def turning(self, step: Step, happened: Callable[[], bool]) -> Iterator[Keep]:
        """What the block keeps becomes the other side of a step: undone where it was done, and the reverse."""
        name = step.path.stem + (_UNDONE if step.is_done else _DONE)
        with self._writing(name, step.at, lambda _: step.said, happened) as keep:
            yield keep
        with contextlib.suppress(OSError):  # it has happened; the side that is no longer so is known by that
            step.path.unlink()

    @contextlib.contextmanager
    def _writing(
        self, name: str, at: dt.datetime, said: Callable[[Records], str], happened: Callable[[], bool]
    ) -> Iterator[Keep]:
        path = self._folder / name
        kept = False
        with told("change", self._folder):
            for left in self._overtaken():
                left.unlink()

        def keep(records: Records) -> None:
            from orjson import dumps

            nonlocal kept
            kept = True
            text = dumps({"at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "said": said(records), "records": records})
            write_file(path, [b"%08x " % zlib.crc32(text), text])

        try:
            yield keep
        except BaseException:
            if kept and not happened():
                with contextlib.suppress(OSError):  # the failure itself is what must be told
                    path.unlink(missing_ok=True)
            raise

    def out_of_reach(self) -> list[Path]:
        """The steps that cannot be undone or redone: those that are damaged, and those behind one."""
        return [*_from_damage_on(reversed(self._paths(_DONE))), *_from_damage_on(self._paths(_UNDONE))]

    def _settle(self) -> None:
        """Let go of what can no longer be redone, and of what is too old to be undone.

        The change is saved by now: what cannot be removed is no failure, and goes another time.
        """
        with contextlib.suppress(OSError, ReadlistError):
            for path in self._overtaken():
                path.unlink()
            kept = 0
            for number, path in enumerate(reversed(self._paths(_DONE))):
                kept += path.stat().st_size
                if number and (number >= MAX_STEPS or kept > MAX_BYTES):
                    path.unlink()

    def _overtaken(self) -> set[Path]:
        """Undone steps that are older than one that is done: it was made after they had been undone."""
        newest = max(map(_number, self._paths(_DONE)), default=0)
        return {path for path in self._paths(_UNDONE) if _number(path) < newest}

    def _paths(self, suffix: str) -> list[Path]:
        with told("read", self._folder):
            return sorted(path for path in self._folder.glob(f"*{suffix}") if path.stem.isdecimal())


def _from_damage_on(paths: Iterable[Path]) -> Iterator[Path]:
    return dropwhile(_is_sound, paths)


def _is_sound(path: Path) -> bool:
    try:
        _read(path)
    except StoreError:
        return False
    return True


def _number(path: Path) -> int:
    return int(path.stem)


def _read(path: Path) -> Step:
    from orjson import loads

    with told("read", path):
        content = path.read_bytes()
    head, text = content[:_SUM_LENGTH], content[_SUM_LENGTH:]
    if head != b"%08x " % zlib.crc32(text):
        raise StoreError(f"{path} is damaged: this step and those before it cannot be undone")
    step = loads(text)
    return Step(path, dt.datetime.fromisoformat(step["at"]), step["said"], step["records"])
