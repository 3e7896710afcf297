"""The reader's own editor on a piece of text."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readlist.cli.output import fail
from readlist.cli.stdin import MAX_TEXT
from readlist.errors import ReadlistError, UsageError

_COMMON_EDITORS = ("editor", "nano", "vim", "vi", "notepad")


@contextmanager
def edited(text: str, name: str) -> Iterator[str]:
    """What `text` is after the reader has edited it, in a private file that is called `name`.

    The file goes when the block has kept the text. Whatever stops the editor or the block, what was typed stays in it,
    and the reader is told where.
    """
    command = _editor()
    if not sys.stdin.isatty():
        raise UsageError("no terminal to edit on; give the text: readlist note ITEM TEXT")
    before = f"{text}\n".encode() if text else b""
    path = _private_file(name, before)
    try:
        _run([*command, str(path)])
        yield _read(path)
    except BaseException:
        if kept := _kept(path, before):
            fail(f"your text is in {kept}")
        else:
            shutil.rmtree(path.parent, ignore_errors=True)
        raise
    shutil.rmtree(path.parent, ignore_errors=True)


def _private_file(name: str, content: bytes) -> Path:
    """A file of this name in a folder of its own, both readable by their owner only under any umask."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="readlist-"))
        folder.chmod(0o700)  # the umask may have taken more away
        path = folder / name
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_bytes(content)
    except OSError as error:
        raise ReadlistError(f"cannot make a file to edit: {error.strerror}; the note is as it was") from error
    return path


def _run(command: list[str]) -> None:
    """Run the editor; Ctrl-C is its own meanwhile: it may mean a change of mode there, and would kill it here."""
    ours = signal.signal(signal.SIGINT, lambda *_: None)  # not SIG_IGN, which the editor would inherit
    try:
        code = subprocess.run(command, check=False).returncode  # noqa: S603 -- the reader's own choice
    except OSError as error:
        raise ReadlistError(f"cannot run the editor {command[0]}: {error.strerror}; the note is as it was") from error
    finally:
        signal.signal(signal.SIGINT, ours)
    if code != 0:
        raise ReadlistError(f"the editor {command[0]} ended with {code}; the note is as it was")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT + 1)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadlistError(f"cannot read what was edited: {error}; the note is as it was") from error
    if len(data) > MAX_TEXT:
        raise UsageError(f"a note cannot have more than {MAX_TEXT // 1_000_000} MB; it is as it was")
    return text


def _kept(path: Path, before: bytes) -> Path | None:
    """Where what was typed may be: the file, or its folder, where an editor that was killed leaves what it had."""
    try:
        changed = path.stat().st_size != len(before) or path.read_bytes() != before
    except OSError:
        changed = False
    if changed:
        return path
    return path.parent if any(other != path for other in path.parent.iterdir()) else None


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
