"""`export --split`: a directory with one Markdown file per paper, in which the user may write too.

Finds, creates and updates the files; their text comes from `exporters.vault`.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.cli.files import atomic_write, rewrite
from readlist.errors import ReadlistError
from readlist.opening import open_regular
from readlist.sources import Problem

if TYPE_CHECKING:
    from readlist.models import Entry

WRITTEN, UPDATED, UNCHANGED = "written", "updated", "unchanged"


def update_vault(directory: Path, entries: Iterable[Entry]) -> tuple[Counter[str], list[Problem]]:
    """Create or update the file of each entry.

    Returns how many files were written, updated and left unchanged, and those that could not be written. A paper's
    file is found by the key in its front matter, under any name and in any subdirectory. Symbolic links and hidden
    directories are not followed, and a file without such a key is not touched.
    """
    directory = _create_directory(directory)
    paths = _find_files_by_key(directory)
    counts, problems = Counter({WRITTEN: 0, UPDATED: 0, UNCHANGED: 0}), list[Problem]()
    for entry in entries:
        path = paths.get(entry.paper.key)
        try:
            counts[_update(path, entry) if path else _write_new(directory, entry)] += 1
        except ReadlistError as error:
            problems.append(Problem(str(path or directory), 0, f"{error}; the file is unchanged"))
        except OSError as error:
            problems.append(Problem(error.filename or str(path or directory), 0, error.strerror or str(error)))
    return counts, problems


def _create_directory(directory: Path) -> Path:
    try:
        directory = directory.resolve()
        directory.mkdir(exist_ok=True)
    except (OSError, RuntimeError) as error:
        raise ReadlistError(f"{directory}: {getattr(error, 'strerror', None) or error}") from error
    return directory


def _find_files_by_key(directory: Path) -> dict[str, Path]:
    """Return the file of each paper that has one, by the paper's key; of two files the one whose name is first."""
    from readlist.exporters.vault import MAX_FRONT_MATTER, parse_key

    paths: dict[str, Path] = {}
    for path in _iter_notes(directory):
        try:
            with open(path, encoding="utf-8", errors="surrogateescape", newline="", opener=open_regular) as file:
                key = parse_key(file.read(MAX_FRONT_MATTER))
        except OSError:
            continue  # an unreadable file is not ours
        if key:
            paths.setdefault(key, path)
    return paths


def _iter_notes(directory: Path) -> Iterator[Path]:
    """Yield the Markdown files in the directory and its subdirectories, in the order of their names."""
    for root, subdirectories, names in os.walk(directory):
        subdirectories[:] = sorted(name for name in subdirectories if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if name.endswith(".md") and not name.startswith(".") and stat.S_ISREG(path.lstat().st_mode):
                yield path


def _update(path: Path, entry: Entry) -> str:
    from readlist.exporters.vault import update_file

    with open(path, encoding="utf-8", errors="surrogateescape", newline="", opener=open_regular) as file:
        text = file.read()
    new = update_file(text, entry)
    if new == text:
        return UNCHANGED
    rewrite(path, new)
    return UPDATED


def _write_new(directory: Path, entry: Entry) -> str:
    from readlist.exporters.vault import file_names, format_new_file

    names = list(file_names(entry))
    path = next((path for name in names if not os.path.lexists(path := directory / name)), None)
    if not path:
        raise ReadlistError(f"other files have the names for {entry.paper.key}: {', '.join(names)}")
    text = format_new_file(entry)
    with atomic_write(path) as temporary:
        temporary.write(text)
    return WRITTEN
