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
            raise FileExistsError  # noqa: TRY301 -- told below, as where it came to be meanwhile
        if path.exists() and not path.is_file():
            raise ReadlistError(f"{path} is no file; without -o the list goes to stdout")
        with replacing(path, force=force) as half:
            half.writelines(pieces)
    except FileExistsError:
        raise ReadlistError(f"{path} exists; --force overwrites it") from None
    except OSError as error:
        raise ReadlistError(f"{path}: {error.strerror}") from error
    except RuntimeError as error:  # a link that leads to itself
        raise ReadlistError(str(error)) from error


@contextlib.contextmanager
def replacing(path: Path, *, force: bool = True) -> Iterator[TextIO]:
    """A file that takes the place of `path` when the block has come to its end, without `force` only where there is
    none; bytes that were no UTF-8 come out as they went in (`surrogateescape`).
    """
    half = path.with_name(f".{os.getpid()}.half")
    half.unlink(missing_ok=True)  # of one who was killed
    with half.open("x", encoding="utf-8", errors="surrogateescape", newline="") as file:
        try:
            yield file
            file.close()
            _put(half, path, force=force)
        finally:
            half.unlink(missing_ok=True)


def _put(half: Path, path: Path, *, force: bool) -> None:
    """Give the whole file its name; without `force` only where there still is none of this name."""
    if not force:
        try:
            path.hardlink_to(half)
        except FileExistsError:
            raise
        except OSError:  # a disk that knows no links
            half.replace(path)
    else:
        half.replace(path)


def rewrite(path: Path, text: str) -> None:
    """Put `text` in the place of a file, which keeps its mode."""
    with replacing(path) as half:
        half.write(text)
        shutil.copymode(path, half.name)
