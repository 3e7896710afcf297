"""Files: find those that may be digests, and read their bytes within bounds.

`batch` calls `find_files`, `registry` calls `read_bytes`. What the bytes mean is for `encoding` and the loaders.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from readlist.errors import ReadlistError
from readlist.loaders.own.start import HEAD, is_export
from readlist.loaders.unsupported import refuse_binary
from readlist.opening import read_regular

MAX_FILE = 10_000_000
"""Bytes of one digest, far more than real digests have."""
MAX_EXPORT = 50_000_000
"""Bytes of an export of readlist: 20,000 papers with comments in two languages."""

TEXT_SUFFIX = ".txt"
DATA_SUFFIXES = frozenset({".json", ".jsonl", ".csv"})
"""Suffixes that most files have for data other than papers."""
SUFFIXES = frozenset(
    {
        *(TEXT_SUFFIX, ".md", ".markdown", ".html", ".htm", ".xml", ".rss", ".atom"),
        *(".bib", ".ris", ".eml", ".mbox", ".mht", ".mhtml"),
        *DATA_SUFFIXES,
    }
)
"""The file name suffixes of digests, notes, pages, feeds, bibliographies and mail in a directory, in lower case."""

MAILDIR_MESSAGES = ("cur", "new")
"""The directories of a Maildir that contain its messages."""
_MAILDIR_UNDELIVERED = "tmp"


def find_files(path: Path) -> list[Path]:
    """Return `path` itself where it is not a directory, else the files below it with one of the SUFFIXES, sorted.

    All files in `cur` and `new` of a Maildir are messages with any names; those in its `tmp` are incomplete.
    Hidden files and directories are skipped. A directory below that cannot be listed is part of the result, so that
    `read_bytes` reports it.

    Raises:
        ReadlistError: there is no such file or directory, or no digest in the directory.
    """
    try:
        is_directory = stat.S_ISDIR(path.stat().st_mode)
        files = sorted(_find_below(path)) if is_directory else [path]
    except (FileNotFoundError, NotADirectoryError):
        raise ReadlistError("no such file or directory") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise ReadlistError(_describe(error)) from None
    if not files:
        raise ReadlistError("no digest in this directory; expected *.txt, *.md, *.html, *.xml and others")
    return files


def _find_below(top: Path) -> list[Path]:
    """Return the digests below a directory. Symlinks are followed, each directory is entered once, so loops end."""
    files: list[Path] = []
    entered: set[tuple[int, int]] = set()
    pending = [top]
    while pending:
        path = pending.pop()
        status = _stat(path)
        if status is None:
            continue
        if stat.S_ISREG(status.st_mode) and (path.suffix.lower() in SUFFIXES or _is_in_maildir(path)):
            files.append(path)
        elif stat.S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in entered:
            entered.add((status.st_dev, status.st_ino))
            if path.name == _MAILDIR_UNDELIVERED and _is_maildir(path.parent):
                continue
            try:
                pending += [child for child in path.iterdir() if not child.name.startswith(".")]
            except OSError:
                if path == top:
                    raise
                files.append(path)
    return files


def _is_in_maildir(path: Path) -> bool:
    """Return whether a file is a message of a Maildir."""
    return path.parent.name in MAILDIR_MESSAGES and _is_maildir(path.parent.parent)


def _is_maildir(path: Path) -> bool:
    return all((path / name).is_dir() for name in (*MAILDIR_MESSAGES, _MAILDIR_UNDELIVERED))


def _stat(path: Path) -> os.stat_result | None:
    """Return the status of a file, None for a broken or circular symbolic link, and where permission is missing."""
    try:
        return path.stat()
    except OSError:
        return None


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        ReadlistError: it cannot be read, is larger than MAX_FILE, an export than MAX_EXPORT, or is not a regular file;
            pipes are never opened.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ReadlistError("cannot list this directory; check its permissions")
        if not stat.S_ISREG(status.st_mode):
            raise ReadlistError("not a regular file; to load from a pipe: readlist load -")
        head = read_regular(path, HEAD)
        require_size(status.st_size, head)
        data = read_regular(path, (MAX_EXPORT if is_export(head) else MAX_FILE) + 1)
    except (OSError, ValueError) as error:
        raise ReadlistError(_describe(error)) from None
    require_size(len(data), data)  # it may have grown
    return data


def require_size(size: int, head: bytes) -> None:
    """Raise ReadlistError if a document that begins with `head` has more bytes than MAX_FILE, or MAX_EXPORT.

    To split a file in a binary format would be no remedy, so the error names the format.
    """
    limit = MAX_EXPORT if is_export(head) else MAX_FILE
    if size > limit:
        refuse_binary(head)
        raise ReadlistError(f"too large: more than {limit // 1_000_000} MB; split it into smaller files")


def may_be_other_data(path: Path) -> bool:
    """Return whether a file that cannot be loaded may be data other than papers: a table, a log, a data set."""
    if path.suffix.lower() not in DATA_SUFFIXES:
        return False
    try:
        return not is_export(read_regular(path, HEAD))
    except (OSError, ValueError):
        return False


def _describe(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def file_version(path: Path) -> str:
    """Return a text that changes with the content of a file. Raises OSError."""
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"
