"""`export --split`: a folder with a file a paper, in which the reader may write too."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.cli.files import replacing, rewrite
from readlist.errors import ReadlistError
from readlist.models import Problem

if TYPE_CHECKING:
    from readlist.models import Entry

WRITTEN, CHANGED, UNCHANGED = "written", "changed", "unchanged"


def split(folder: Path, entries: Iterable[Entry]) -> tuple[Counter[str], list[Problem]]:
    """Bring the folder up to date: how many files were written, changed and left unchanged, and those that could not
    be changed.

    A paper's file is found by the key in its front matter, whatever its name and in whichever folder below. Neither
    a symlink nor a hidden folder is looked into, and a file without such a key is not touched.
    """
    folder = _made(folder)
    known = _known(folder)
    counts, problems = Counter({WRITTEN: 0, CHANGED: 0, UNCHANGED: 0}), list[Problem]()
    for entry in entries:
        path = known.get(entry.paper.key)
        try:
            counts[_update(path, entry) if path else _write(folder, entry)] += 1
        except ReadlistError as error:
            problems.append(Problem(str(path or folder), 0, f"{error}; nothing was changed in it"))
        except OSError as error:
            problems.append(Problem(error.filename or str(path or folder), 0, error.strerror or str(error)))
    return counts, problems


def _made(folder: Path) -> Path:
    try:
        folder = folder.resolve()
        folder.mkdir(exist_ok=True)
    except (OSError, RuntimeError) as error:
        raise ReadlistError(f"{folder}: {getattr(error, 'strerror', None) or error}") from error
    return folder


def _known(folder: Path) -> dict[str, Path]:
    """The file of each paper that has one, by its key; of two the one whose name comes first."""
    from readlist.exporters.vault import MAX_FRONT_MATTER, parse_key

    known: dict[str, Path] = {}
    for path in _notes(folder):
        try:
            with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
                key = parse_key(file.read(MAX_FRONT_MATTER))
        except OSError:
            continue  # what cannot be read is not ours, and its name is taken
        if key:
            known.setdefault(key, path)
    return known


def _notes(folder: Path) -> Iterator[Path]:
    """The Markdown files in the folder and below, in the order of their names."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if name.endswith(".md") and not name.startswith(".") and stat.S_ISREG(path.lstat().st_mode):
                yield path


def _update(path: Path, entry: Entry) -> str:
    from readlist.exporters.vault import update_file

    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        text = file.read()
    new = update_file(text, entry)
    if new == text:
        return UNCHANGED
    rewrite(path, new)
    return CHANGED


def _write(folder: Path, entry: Entry) -> str:
    from readlist.exporters.vault import file_names, format_new_file

    names = list(file_names(entry))
    path = next((path for name in names if not os.path.lexists(path := folder / name)), None)
    if not path:
        raise ReadlistError(f"{' and '.join(names)} are there and are not of {entry.paper.key}")
    text = format_new_file(entry)
    with replacing(path) as half:
        half.write(text)
    return WRITTEN
