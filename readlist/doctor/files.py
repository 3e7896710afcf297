"""What may be wrong with the files of a library: damage, modes, what a killed process left, backups, steps."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.doctor.report import FIX, Finding, Level, Parts
from readlist.errors import ReadlistError
from readlist.store.atomic import FILE_MODE, FOLDER_MODE, LEFTOVERS, set_aside

if TYPE_CHECKING:
    from readlist.store.file import Mended, StoreFile


def store_files(parts: Parts) -> Iterator[Finding]:
    """Each store file: damaged, from a newer readlist, unreadable, or gone."""
    yield from _store_file(parts.papers.file, lambda: _mend_papers(parts))
    yield from _store_file(parts.marks.file, lambda: _mend_marks(parts))


def _store_file(file: StoreFile, mend: Callable[[], str]) -> Iterator[Finding]:
    try:
        content = file.content()
    except ReadlistError as error:
        yield Finding(Level.DAMAGE, str(error), "move it away, or see to it that you may read it")
        return
    if content.is_newer:
        yield Finding(Level.DAMAGE, f"{file.path} was written by a newer readlist", "upgrade readlist")
    elif content.damage:
        yield Finding(Level.DAMAGE, f"{file.path} is damaged", FIX, content.damage, mend)
    elif not file.path.exists() and (kept := next(file.sound_backups(), None)):
        name = f" {file.path.name}" if file.path.name == "papers.json" else ""
        what = f"{file.path} is gone; there is a backup of {kept[0].at.astimezone():%Y-%m-%d %H:%M}"
        yield Finding(Level.MEND, what, f"readlist backup restore{name}")


def _mend_papers(parts: Parts) -> str:
    done = _mended(parts.papers.file.path, "papers", parts.papers.mend(parts.damaged))
    return f"{done}; load your digests again, for what may be missing"


def _mend_marks(parts: Parts) -> str:
    return _mended(parts.marks.file.path, "marks", parts.marks.mend(parts.damaged))


def _mended(path: Path, records: str, mended: Mended | None) -> str:
    if mended is None:
        return f"{path} is sound again"
    backup = f" and {mended.from_backup:,} from the backup {mended.backup.name}" if mended.backup else ""
    return f"mended {path}: {mended.sound:,} {records} from it{backup}; the damaged file is kept as {mended.aside}"


def modes(parts: Parts) -> Iterator[Finding]:
    """Files and folders that others may read.

    The folder of the store files is left out: a reader may have chosen one that holds other things too.
    """
    wrong = [] if sys.platform == "win32" else list(filter(_is_open, _ours(parts)))
    if wrong:
        fix = partial(_set_modes, wrong)
        yield Finding(Level.MEND, "others may read your library, or you may not", FIX, tuple(map(str, wrong)), fix)


def _ours(parts: Parts) -> Iterator[Path]:
    stores = (parts.papers.file.path, parts.marks.file.path)
    yield from (path for path in stores if path.is_file())
    for folder in (parts.state, parts.cache):
        if folder.is_dir():
            yield from (folder, *sorted(path for path in folder.rglob("*") if not path.is_symlink()))


def _is_open(path: Path) -> bool:
    try:
        return stat.S_IMODE(path.stat().st_mode) != _due(path)
    except FileNotFoundError:  # somebody is at work
        return False


def _due(path: Path) -> int:
    return FOLDER_MODE if path.is_dir() else FILE_MODE


def _set_modes(paths: list[Path]) -> str:
    for path in paths:
        path.chmod(_due(path))
    return f"made for you alone: {', '.join(map(str, paths))}"


def leftovers(parts: Parts) -> Iterator[Finding]:
    """New files that a killed process left behind; nobody else writes while we have the lock."""
    try:
        with parts.lock:
            left = tuple(_leftovers(parts))
    except ReadlistError:  # somebody is at it, or nobody can write here
        return
    if left:
        what = "a killed readlist left half a file behind"
        yield Finding(Level.MEND, what, FIX, tuple(map(str, left)), lambda: _remove(left))


def _leftovers(parts: Parts) -> Iterator[Path]:
    data = {file.path.resolve().parent for file in (parts.papers.file, parts.marks.file)}
    for folder in sorted(data):
        for name in ("papers.json", "marks.json"):
            yield from folder.glob(f".{name}{LEFTOVERS}")
    yield from parts.state.rglob(f".*{LEFTOVERS}")


def _remove(paths: tuple[Path, ...]) -> str:
    for path in paths:
        path.unlink(missing_ok=True)
    return f"removed {', '.join(map(str, paths))}"


def backups(parts: Parts) -> Iterator[Finding]:
    """Backups that are damaged; what a newer readlist kept is its own."""
    for file in (parts.marks.file, parts.papers.file):
        damaged = [backup.path for backup in file.backups if _is_damaged(file, backup.path)]
        if damaged:
            fix = partial(_set_aside, damaged, parts.damaged)
            what = f"damaged backups of {file.path.name}"
            yield Finding(Level.MEND, what, FIX, tuple(path.name for path in damaged), fix)


def _is_damaged(file: StoreFile, backup: Path) -> bool:
    try:
        return bool(file.content(backup).damage)
    except ReadlistError:
        return True


def history(parts: Parts) -> Iterator[Finding]:
    """Steps that cannot be undone or redone, because they are damaged or behind one that is."""
    try:
        steps = parts.history.out_of_reach()
    except ReadlistError as error:
        yield Finding(Level.MEND, str(error), "see to it that you may read it")
        return
    if steps:
        fix = partial(_set_aside, steps, parts.damaged)
        what = f"a step of the history is damaged; {len(steps)} can no longer be undone or redone"
        yield Finding(Level.MEND, what, FIX, tuple(path.name for path in steps), fix)


def _set_aside(paths: list[Path], folder: Path) -> str:
    return f"set aside: {', '.join(str(set_aside(path, folder)) for path in paths)}"
