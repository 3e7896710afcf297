"""Reading many sources in one go: what cannot be read is noted and the rest goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from readlist.digests import load_bytes, load_file
from readlist.digests.files import find_files
from readlist.errors import ReadlistError
from readlist.models import Paper, Problem, SourceFile
from readlist.text import clean

if TYPE_CHECKING:
    from readlist.digests.source import Loaded


@dataclass(slots=True)
class Batch:
    """What was read so far.

    `files` are those that were read without a problem, `unchanged` counts the papers of those that need not be read,
    `problems` are lines that could not be placed, `failures` sources that could not be read at all.
    """

    papers: list[Paper] = field(default_factory=list)
    files: list[SourceFile] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    failures: list[Problem] = field(default_factory=list)

    def read_files(
        self, paths: Sequence[Path], known: Mapping[str, SourceFile], progress: Callable[[int, int], None]
    ) -> None:
        """Read files and the digests in folders, but for files that are as `known` has them, by their path."""
        found = list(dict.fromkeys(self._find(paths)))
        for number, path in enumerate(found):
            progress(number, len(found))
            with self._noting(path):
                self._read_file(path, known)

    def read_piped(self, data: bytes) -> None:
        """Read what came through a pipe; its name is "-"."""
        with self._noting(Path("-")):
            self._add(load_bytes(data, "-"))

    def _find(self, paths: Sequence[Path]) -> Iterable[Path]:
        for path in paths:
            with self._noting(path):
                yield from find_files(path)

    def _read_file(self, path: Path, known: Mapping[str, SourceFile]) -> None:
        now = path.stat()
        name = str(path.resolve())
        before = known.get(name)
        if before and (before.size, before.mtime_ns) == (now.st_size, now.st_mtime_ns):
            self.unchanged += before.papers
            return
        loaded = load_file(path)
        self._add(loaded)
        if not loaded.problems and name.isprintable():  # what is no text can be no key of a JSON file
            read_at = dt.datetime.now(dt.UTC).replace(microsecond=0)
            self.files.append(SourceFile(name, now.st_size, now.st_mtime_ns, len(loaded.papers), read_at))

    def _add(self, loaded: Loaded) -> None:
        self.papers += loaded.papers
        self.problems += loaded.problems

    @contextmanager
    def _noting(self, path: Path) -> Iterator[None]:
        """Note why `path` could not be read, and go on."""
        try:
            yield
        except ReadlistError as error:
            self.failures.append(Problem(clean(str(path)), 0, str(error)))
        except OSError as error:
            self.failures.append(Problem(clean(str(path)), 0, error.strerror or str(error)))
