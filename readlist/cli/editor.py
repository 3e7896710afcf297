"""The reader's own editor on a piece of text."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readlist.cli.output import fail
from readlist.errors import ReadlistError, UsageError

_COMMON_EDITORS = ("editor", "nano", "vim", "vi", "notepad")


@contextmanager
def edited(text: str, name: str) -> Iterator[str]:
    """What `text` is after the reader has edited it, in a private file that is called `name`.

    The file goes when the block has kept the text. Where the editor or the block fails, what was typed stays in it,
    and the reader is told where.
    """
    command = _editor()
    if not sys.stdin.isatty():
        raise UsageError("no terminal to edit on; give the text: readlist note ITEM TEXT")
    folder = Path(tempfile.mkdtemp(prefix="readlist-"))
    path = folder / name
    before = f"{text}\n".encode() if text else b""
    path.write_bytes(before)
    try:
        _run([*command, str(path)])
        yield _read(path)
    except ReadlistError:
        if path.exists() and path.read_bytes() != before:
            fail(f"your text is in {path}")
            raise
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> None:
    try:
        code = subprocess.run(command, check=False).returncode  # noqa: S603 -- the reader's own choice
    except OSError as error:
        raise ReadlistError(f"cannot run the editor {command[0]}: {error.strerror}; the note is as it was") from error
    if code != 0:
        raise ReadlistError(f"the editor {command[0]} ended with {code}; the note is as it was")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadlistError(f"cannot read what was edited: {error}; the note is as it was") from error


def _editor() -> list[str]:
    """$VISUAL, else $EDITOR, split like a shell does but run without one; else the first common one there is."""
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(variable, ""))
        except ValueError as error:
            raise UsageError(f"${variable} cannot be read: {error}") from error
        if words:
            return words
    for name in _COMMON_EDITORS:
        if found := shutil.which(name):
            return [found]
    raise UsageError("no editor found; set $EDITOR")
