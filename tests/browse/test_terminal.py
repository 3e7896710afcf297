"""The reader as a process on a terminal: suspended, with an editor in front of it, and resized."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from readlist.cli.context import find_directories
from readlist.store.lock import Lock
from tests.browse.reader import read_until, start_browse
from tests.conftest import Run, _until_closed

LEAVE_SCREEN, ENTER_SCREEN = b"\x1b[?1049l", b"\x1b[?1049h"


@contextlib.contextmanager
def running_browse() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start the reader and wait until it is drawn; end it with `q`."""
    screen, terminal = pty.openpty()
    resize(screen, 80, 24)
    with start_browse(terminal) as process:
        os.close(terminal)
        try:
            read_until(screen, b"quit")
            yield process, screen
            os.write(screen, b"q")
            b"".join(_until_closed(screen))
            assert process.wait(60) == 0
        finally:
            process.kill()
    os.close(screen)


def resize(screen: int, columns: int, lines: int) -> None:
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def is_line_mode(screen: int) -> bool:
    """Return whether the terminal echoes and edits lines, as a shell needs it."""
    flags = termios.tcgetattr(screen)[3]
    return bool(flags & termios.ECHO and flags & termios.ICANON)


def write_editor(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)


def test_ctrl_z_suspends_and_fg_draws_the_whole_screen_with_what_changed(loaded: Run) -> None:
    with running_browse() as (process, screen):
        assert not is_line_mode(screen)
        os.write(screen, b"x\x1a")
        output = read_until(screen, LEAVE_SCREEN)
        assert os.WIFSTOPPED(os.waitpid(process.pid, os.WUNTRACED)[1])
        assert is_line_mode(screen)
        assert ENTER_SCREEN not in output
        assert loaded("read", "10").code == 0
        process.send_signal(signal.SIGCONT)
        read_until(screen, ENTER_SCREEN, b"quit", "★".encode(), "✓".encode())
        assert not is_line_mode(screen)
        os.write(screen, b"js")
    assert loaded("show", "9", "--json").json[0]["starred"]
    assert loaded("show", "10", "--json").json[0]["status"] == "skipped"


@pytest.mark.parametrize("is_locked", [False, True], ids=["free", "locked"])
def test_e_edits_the_paper_in_the_users_editor(
    loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
    edit = f'tty -s && sed -i "s/^title: .*/title: On Tides/" "$1"; cat "$1" > {tmp_path}/form'
    write_editor(tmp_path / "editor", edit)
    monkeypatch.setenv("EDITOR", str(tmp_path / "editor"))
    state = find_directories(str(tmp_path / "home")).state
    with running_browse() as (_, screen):
        with Lock(state / "lock") if is_locked else contextlib.nullcontext():
            os.write(screen, b"e")
            output = read_until(screen, LEAVE_SCREEN, ENTER_SCREEN, b"1 change" if is_locked else b"On Tides")
        if is_locked:
            read_until(screen, b"On Tides")
        os.write(screen, b"x")
    assert ENTER_SCREEN in output
    assert "title: On Tides" in (tmp_path / "form").read_text()
    paper = loaded("show", "9", "--json").json[0]
    assert (paper["title"], paper["starred"]) == ("On Tides", True)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("exit 3", b"exit code 3"),
        ('echo "no form" > "$1"', b"front matter"),
        ('sed -i "s/^date: .*/date: soon/" "$1"', b"invalid date: soon"),
    ],
)
def test_an_editor_that_fails_leaves_the_paper_and_the_screen(
    loaded: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: bytes
) -> None:
    write_editor(tmp_path / "editor", script)
    monkeypatch.setenv("EDITOR", str(tmp_path / "editor"))
    before = loaded("show", "9", "--json").json
    with running_browse() as (_, screen):
        os.write(screen, b"e")
        read_until(screen, ENTER_SCREEN, message)
    assert loaded("show", "9", "--json").json == before


def test_a_resized_terminal_is_drawn_again(loaded: Run) -> None:
    with running_browse() as (process, screen):
        for columns, lines in [(120, 40), (100, 30), (80, 24)]:
            resize(screen, columns, lines)
            process.send_signal(signal.SIGWINCH)  # as the system does in the terminal's own session
            read_until(screen, b"quit")
