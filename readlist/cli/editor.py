"""The user's own editor on a piece of text."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from readlist.cli.output import error, info
from readlist.cli.stdin import MAX_TEXT
from readlist.errors import ReadlistError, UsageError
from readlist.opening import read_regular

AT_ONCE_SECONDS = 1.0
"""A window that takes less was not used: it was opened by another process, or could not be opened."""
_GUI_EDITORS = {
    **dict.fromkeys(["code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "zed", "zeditor"], "--wait"),
    **dict.fromkeys(["subl", "sublime_text", "mate", "atom", "pulsar", "bbedit", "gedit", "xed"], "--wait"),
    "gnome-text-editor": "--standalone",
    "gvim": "--nofork",
    "mvim": "--nofork",
    "kate": "--block",
}
"""Editors that open a window and return, and the option with which they wait until the file is closed."""
_WAIT_OPTIONS = {*_GUI_EDITORS.values(), "-w", "-f", "-b", "-s", "--foreground"}
_COMMON_EDITORS = ("editor", "nano", "vim", "vi", "notepad")


class EditedText(NamedTuple):
    """What is edited: `noun` names it in messages, `file_name` is that of the file in which it is edited.

    `by_argument` is how to pass the text without an editor, `by_stdin` the command that reads it from stdin, "" where
    there is none.
    """

    noun: str
    file_name: str
    by_argument: str
    by_stdin: str = ""


@contextmanager
def edit_text(text: str, edited: EditedText) -> Iterator[str]:
    """Let the user edit `text` in a private file; yield the result.

    The file is deleted when the block has saved the text. If the editor or the block fails, the file is kept with
    what was typed, and its path is printed. So it is where an editor with a window returned at once without a change:
    the text may be typed later, in a window of another process.
    """
    variable, command = _find_editor()
    if not sys.stdin.isatty():
        raise UsageError(f"no terminal for the editor; {edited.by_argument}")
    original = f"{text}\n".encode() if text else b""
    path = _write_private_file(edited, original)
    try:
        start = time.monotonic()
        _run([*command, str(path)], edited)
        is_at_once = time.monotonic() - start < AT_ONCE_SECONDS
        new = _read(path, edited)
        yield new
    except BaseException as failure:
        if recovery := _recovery_path(path, original):
            failure.add_note(f"the edited text is in {recovery}")  # for a caller that has no terminal for stderr
            error(f"the edited text is in {recovery}")
        else:
            shutil.rmtree(path.parent, ignore_errors=True)
        raise
    option = _GUI_EDITORS.get(Path(command[0]).stem)
    if option and is_at_once and new == original.decode() and not _WAIT_OPTIONS.intersection(command):
        info(
            f"The editor returned within {AT_ONCE_SECONDS:.0f} s without a change: {command[0]}; "
            f'if it opened a window, set {variable}="{shlex.join([*command, option])}"; '
            + (
                f"to add what you typed there: {edited.by_stdin} < {shlex.quote(str(path))}"
                if edited.by_stdin
                else f"the text that you edit there is in {path}; readlist does not read it again"
            )
        )
    else:
        shutil.rmtree(path.parent, ignore_errors=True)


def _write_private_file(edited: EditedText, content: bytes) -> Path:
    """Create a file in a directory of its own, both readable by their owner only under any umask."""
    try:
        directory = Path(tempfile.mkdtemp(prefix="readlist-"))
        path = directory / edited.file_name
        path.touch(mode=0o600)
        with contextlib.suppress(OSError):  # the umask may have removed more; not every disk has modes
            directory.chmod(0o700)
            path.chmod(0o600)
        path.write_bytes(content)
    except OSError as failure:
        raise ReadlistError(
            f"cannot create a file for the editor: {failure.strerror}; {edited.noun} is unchanged"
        ) from failure
    return path


def _run(command: list[str], edited: EditedText) -> None:
    """Run the editor. Ctrl-C is left to it meanwhile: it may be a key there, and would end this process here."""
    handler = signal.signal(signal.SIGINT, lambda *_: None)  # not SIG_IGN, which the editor would inherit
    try:
        code = subprocess.run(command, check=False).returncode  # noqa: S603 -- the user's own choice, without a shell
    except OSError as failure:
        message = f"cannot run the editor: {command[0]}: {failure.strerror}; {edited.noun} is unchanged"
        raise ReadlistError(message) from failure
    finally:
        signal.signal(signal.SIGINT, handler)
    if code != 0:
        raise ReadlistError(f"the editor failed: {command[0]}: exit code {code}; {edited.noun} is unchanged")


def _read(path: Path, edited: EditedText) -> str:
    try:
        data = read_regular(path, MAX_TEXT + 1)
        text = data.decode("utf-8-sig")
    except OSError as failure:
        message = f"cannot read the edited text: {failure.strerror}; {edited.noun} is unchanged"
        raise ReadlistError(message) from failure
    except UnicodeDecodeError as failure:
        problem = f"byte 0x{failure.object[failure.start]:02x} at offset {failure.start}"
        raise ReadlistError(f"the edited text is not UTF-8: {problem}; {edited.noun} is unchanged") from failure
    if len(data) > MAX_TEXT:
        raise UsageError(f"the edited text has more than {MAX_TEXT // 1_000_000} MB; {edited.noun} is unchanged")
    return text


def _recovery_path(path: Path, original: bytes) -> Path | None:
    """Return where edited text may be: the file, or its directory, where a killed editor leaves a recovery file."""
    try:
        is_changed = path.stat().st_size != len(original) or read_regular(path) != original
    except OSError:
        is_changed = False
    if is_changed:
        return path
    return path.parent if any(other != path for other in path.parent.iterdir()) else None


def _find_editor() -> tuple[str, list[str]]:
    """Return the variable and the words of $VISUAL, else of $EDITOR; else EDITOR and the first common editor.

    The words are split as a shell would, but run without one.
    """
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(variable, ""))
        except ValueError as failure:
            raise UsageError(f"invalid ${variable}: {failure}") from failure
        if words:
            return variable, words
    for name in _COMMON_EDITORS:
        if program := shutil.which(name):
            return "EDITOR", [program]
    raise UsageError("no editor found; set $EDITOR")
