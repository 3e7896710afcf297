"""Files for others: written whole or not at all, with the mode that the umask says."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from readlist.errors import ReadlistError


def write_file(path: Path, pieces: Iterable[str], *, force: bool) -> None:
    """Write a file where none is, or with `force` over the one that is: what stood there goes only when the new file
    is whole. Raises ReadlistError with path and reason.
    """
    try:
        path = path.resolve()
        if path.exists() and not force:
            raise ReadlistError(f"{path} exists; --force overwrites it")
        if path.exists() and not path.is_file():
            raise ReadlistError(f"{path} is no file; without -o the list goes to stdout")
        with replacing(path) as half:
            half.writelines(pieces)
    except OSError as error:
        raise ReadlistError(f"{path}: {error.strerror}") from error


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A file that takes the place of `path` when the block has come to its end; bytes that were no UTF-8 come out as
    they went in (`surrogateescape`).
    """
    half = path.with_name(f".{os.getpid()}.half")
    with half.open("x", encoding="utf-8", errors="surrogateescape", newline="") as file:
        try:
            yield file
            file.close()
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)


def rewrite(path: Path, text: str) -> None:
    """Put `text` in the place of a file, which keeps its mode."""
    with replacing(path) as half:
        half.write(text)
        shutil.copymode(path, half.name)
