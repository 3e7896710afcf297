"""The reader's own editor on a piece of text."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from readlist.errors import ReadlistError, UsageError

_COMMON_EDITORS = ("editor", "nano", "vim", "vi", "notepad")


def edit(text: str, name: str) -> str:
    """What `text` is after the reader has edited it, in a private file that is called `name`.

    Raises ReadlistError where the editor fails; what was typed until then stays in the file, which the error names.
    """
    command = _editor()
    if not sys.stdin.isatty():
        raise UsageError("no terminal to edit on; give the text: readlist note ITEM TEXT")
    folder = Path(tempfile.mkdtemp(prefix="readlist-"))
    path = folder / name
    path.write_text(text + "\n" if text else "", encoding="utf-8")
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode  # noqa: S603 -- the reader's own choice
        edited = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadlistError(f"the editor {command[0]} failed ({error}); the note is as it was") from error
    if code != 0:
        raise ReadlistError(f"the editor {command[0]} ended with {code}; the note is as it was, your text is in {path}")
    shutil.rmtree(folder, ignore_errors=True)
    return edited


def _editor() -> list[str]:
    """$VISUAL, else $EDITOR, split like a shell does but run without one; else the first common one there is."""
    for variable in ("VISUAL", "EDITOR"):
        if words := shlex.split(os.environ.get(variable, "")):
            return words
    for name in _COMMON_EDITORS:
        if found := shutil.which(name):
            return [found]
    raise UsageError("no editor found; set $EDITOR")
