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

from readlist.cli.output import error, info
from readlist.cli.stdin import MAX_TEXT
from readlist.errors import ReadlistError, UsageError
from readlist.opening import read_regular

AT_ONCE_SECONDS = 1.0
"""An editor that takes less was not used: it opened a window in another process, or failed to."""
_WAIT_OPTIONS = {"--wait", "-w", "-f", "--foreground", "--nofork"}
_COMMON_EDITORS = ("editor", "nano", "vim", "vi", "notepad")


@contextmanager
def edit_text(text: str, name: str) -> Iterator[str]:
    """Let the user edit `text` in a private file called `name`; yield the result.

    The file is deleted when the block has saved the text. If the editor or the block fails, the file is kept with
    what was typed, and its path is printed. So it is where the editor returned at once without a change: a window may
    have been opened in another process, in which the text is typed later.
    """
    command = _find_editor()
    if not sys.stdin.isatty():
        raise UsageError("no terminal for the editor; pass the text: readlist note ITEM TEXT")
    original = f"{text}\n".encode() if text else b""
    path = _write_private_file(name, original)
    try:
        start = time.monotonic()
        _run([*command, str(path)])
        is_at_once = time.monotonic() - start < AT_ONCE_SECONDS
        new = _read(path)
        yield new
    except BaseException:
        if recovery := _recovery_path(path, original):
            error(f"the edited text is in {recovery}")
        else:
            shutil.rmtree(path.parent, ignore_errors=True)
        raise
    if is_at_once and new == original.decode() and not _WAIT_OPTIONS.intersection(command):
        info(
            f'The editor returned at once and changed nothing: {command[0]}; set EDITOR="{command[0]} --wait"; '
            f"what is typed in its window is only in {path}"
        )
    else:
        shutil.rmtree(path.parent, ignore_errors=True)


def _write_private_file(name: str, content: bytes) -> Path:
    """Create a file in a directory of its own, both readable by their owner only under any umask."""
    try:
        directory = Path(tempfile.mkdtemp(prefix="readlist-"))
        path = directory / name
        path.touch(mode=0o600)
        with contextlib.suppress(OSError):  # the umask may have removed more; not every disk has modes
            directory.chmod(0o700)
            path.chmod(0o600)
        path.write_bytes(content)
    except OSError as failure:
        raise ReadlistError(
            f"cannot create a file for the editor: {failure.strerror}; the note is unchanged"
        ) from failure
    return path


def _run(command: list[str]) -> None:
    """Run the editor. Ctrl-C is left to it meanwhile: it may be a key there, and would end this process here."""
    handler = signal.signal(signal.SIGINT, lambda *_: None)  # not SIG_IGN, which the editor would inherit
    try:
        code = subprocess.run(command, check=False).returncode  # noqa: S603 -- the user's own choice, without a shell
    except OSError as failure:
        message = f"cannot run the editor: {command[0]}: {failure.strerror}; the note is unchanged"
        raise ReadlistError(message) from failure
    finally:
        signal.signal(signal.SIGINT, handler)
    if code != 0:
        raise ReadlistError(f"the editor failed: {command[0]}: exit code {code}; the note is unchanged")


def _read(path: Path) -> str:
    try:
        data = read_regular(path, MAX_TEXT + 1)
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as failure:
        raise ReadlistError(f"cannot read the edited text: {failure}; the note is unchanged") from failure
    if len(data) > MAX_TEXT:
        raise UsageError(f"the edited text has more than {MAX_TEXT // 1_000_000} MB; the note is unchanged")
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


def _find_editor() -> list[str]:
    """Return $VISUAL, else $EDITOR, split as a shell would but run without one; else the first common editor."""
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(variable, ""))
        except ValueError as failure:
            raise UsageError(f"invalid ${variable}: {failure}") from failure
        if words:
            return words
    for name in _COMMON_EDITORS:
        if program := shutil.which(name):
            return [program]
    raise UsageError("no editor found; set $EDITOR")
