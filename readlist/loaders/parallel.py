"""Parsing many files with a second interpreter, which parses some of them while this one parses the others.

`batch` calls `parsing_ahead` and asks for the files in their order. A file is the same parsed here or there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

from readlist.errors import ReadlistError
from readlist.loaders.base import ParseResult
from readlist.loaders.files import file_version
from readlist.second_interpreter import map_batches

MIN_FILES = 400
"""Files from which on a second interpreter saves more than its start of 0.2 s takes."""
_CHUNK = 10
"""Files that are parsed together; what they contain takes some 0.5 MB."""

LoadFile: TypeAlias = "Callable[[Path], ParseResult]"


class _Parsed(NamedTuple):
    """What a file of this version contains, or the error that parsing it raised."""

    version: str
    content: ParseResult | ReadlistError


@contextmanager
def parsing_ahead(paths: Sequence[Path]) -> Iterator[LoadFile]:
    """Yield a function like `load_file`, to be called with some of these paths in their order.

    For many files it is faster where there is a second processor.
    """
    if len(paths) < MIN_FILES:
        yield _load_file
        return
    chunks = [paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK)]
    with closing(map_batches(parse_files, chunks, min_batches=1)) as parsed:
        yield _Parser(paths, parsed).load


def _load_file(path: Path) -> ParseResult:
    """Return what a file contains; the loaders are imported only where there is one to parse."""
    from readlist.loaders.registry import load_file

    return load_file(path)


class _Parser:
    """Takes the files that are asked for from chunks of parsed ones."""

    def __init__(self, paths: Sequence[Path], parsed: Iterator[list[_Parsed | None]]) -> None:
        self._number_of = {path: number for number, path in enumerate(paths)}
        self._parsed = parsed
        self._chunk: list[_Parsed | None] = []
        self._chunk_number = -1

    def load(self, path: Path) -> ParseResult:
        """Return what a file contains, as `load_file` does."""
        parsed = self._find(path)
        if parsed is None or parsed.version != file_version(path):
            return _load_file(path)
        if isinstance(parsed.content, ReadlistError):
            raise parsed.content
        return parsed.content

    def _find(self, path: Path) -> _Parsed | None:
        """Return what was parsed, None for a path that is not of these, or that comes before one asked for already."""
        number = self._number_of.get(path)
        if number is None:
            return None
        chunk_number, position = divmod(number, _CHUNK)
        while self._chunk_number < chunk_number:
            self._chunk = next(self._parsed)
            self._chunk_number += 1
        return self._chunk[position] if self._chunk_number == chunk_number else None


def parse_files(paths: Sequence[Path]) -> list[_Parsed | None]:
    """Parse files; None for a failure other than a ReadlistError, which parsing the file again shows."""
    return list(map(_parse, paths))


def _parse(path: Path) -> _Parsed | None:
    version = ""
    try:
        version = file_version(path)
        return _Parsed(version, _load_file(path))
    except ReadlistError as failure:
        return _Parsed(version, failure)
    except Exception:  # noqa: BLE001 -- `load` parses it again
        return None
