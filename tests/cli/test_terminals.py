"""Commands work with any terminal, pipe, encoding and environment, and write only in their own directories."""

from __future__ import annotations

import contextlib
import os
import pty
import pwd
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.commands import DIGEST, PREPARED, call, matrix
from tests.conftest import ROOT, Done, Run
from tests.hostile import strip_colors

READLIST = [sys.executable, "-m", "readlist"]


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of a library in which every call of the table has something to do."""
    place = tmp_path_factory.mktemp("library")
    with pytest.MonkeyPatch.context() as patch:
        settle(place / "now", patch)
        for call in [("load", str(ROOT / "seeds")), *PREPARED]:
            subprocess.run([*READLIST, *call], check=True, capture_output=True, cwd=ROOT)
    shutil.copytree(place / "now", place / "then")
    return place


def settle(place: Path, patch: pytest.MonkeyPatch) -> None:
    for name in ("READLIST_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        patch.setenv(name, str(place / name))


@pytest.fixture
def prepared(run: Run, pristine: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run`, in that library as it was at first."""
    shutil.rmtree(pristine / "now")
    shutil.copytree(pristine / "then", pristine / "now")
    settle(pristine / "now", monkeypatch)
    return run


def shell(
    command: str, *, around: str = "{}", stdin: bytes = DIGEST.encode(), cwd: Path = ROOT, env: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[bytes]:
    """Run a call of the table in a shell that does something with its streams."""
    line = "set -o pipefail; " + around.format('"$@"')
    return subprocess.run(
        ["bash", "-c", line, "bash", *READLIST, *call(command)],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **env},
    )


# Encodings

ENCODINGS: list[dict[str, str]] = [
    {"LC_ALL": "C"},
    {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "cp949"},
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
]


@pytest.mark.parametrize(("command", "encoding"), matrix(len(ENCODINGS)))
def test_every_command_works_in_every_encoding(prepared: Run, command: str, encoding: int) -> None:
    done = shell(command, env=ENCODINGS[encoding])
    assert (done.returncode, b"Traceback" in done.stderr, b"internal error" in done.stderr) == (0, False, False), (
        done.stderr
    )


@pytest.mark.parametrize("encoding", ENCODINGS[::2], ids=str)
def test_a_note_from_stdin_is_saved_verbatim_in_any_locale(loaded: Run, encoding: dict[str, str]) -> None:
    text = "메모 — “note” ★ π"
    env = {**os.environ, **encoding}
    subprocess.run([*READLIST, "note", "12", "-"], input=text.encode(), check=True, env=env, cwd=ROOT)
    assert loaded("note", "12", "--show").out == f"{text}\n"


def test_a_note_in_the_encoding_of_the_terminal_is_decoded(loaded: Run) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "cp949"}
    subprocess.run([*READLIST, "note", "12", "-"], input="메모".encode("cp949"), check=True, env=env, cwd=ROOT)
    assert loaded("note", "12", "--show").out == "메모\n"


# Streams

STREAMS = [
    "{} | head -c 1",
    "{} >/dev/full",
    "{} 2>/dev/full",
    "{} >&-",
    "{} 2>&-",
    "{} <&-",
    "{} >&- 2>&- <&-",
    "{} </dev/null",
]
PRINTS = {
    "digests", "search", "list", "show", "open", "next", "similar", "tags", "stats", "history", "export", "doctor",
    "backup", "completion", "config", "help", "query", "query show", "sources", "today", "words",
}  # fmt: skip
FROM_STDIN = {"load"}


@pytest.mark.parametrize(("command", "stream"), matrix(len(STREAMS)))
def test_closed_or_full_streams_print_no_traceback_and_a_saved_change_is_a_success(
    prepared: Run, command: str, stream: int
) -> None:
    around = STREAMS[stream]
    steps = len(prepared("history", "--json").json)
    done = shell(command, around=around)
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    if around == "{} >/dev/full" and command in PRINTS:
        assert (done.returncode, done.stderr.splitlines()) == (
            1,
            [b"readlist: cannot write to stdout: No space left on device"],
        )
    elif command in FROM_STDIN and ("<" in around):
        assert done.returncode == 1
    else:
        assert done.returncode == 0, done.stderr
        if command not in {*PRINTS, "update", "fetch", "undo", "redo", "sync"}:
            assert len(prepared("history", "--json").json) >= steps
            assert prepared("history", "--json").json[0]["description"].startswith(command)


@pytest.mark.parametrize("args", [["--help"], []])
@pytest.mark.parametrize(("around", "code"), [("{} | head -c 1", 0), ("{} >/dev/full", 1), ("{} >&- 2>&- <&-", 0)])
def test_help_is_quiet_too(args: list[str], around: str, code: int) -> None:
    line = "set -o pipefail; " + around.format('"$@"')
    done = subprocess.run(["bash", "-c", line, "bash", *READLIST, *args], capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, len(done.stderr.splitlines())) == (code, code)


# Environments


def environment(**changed: str | None) -> dict[str, str]:
    """The environment of the tests with these changes; None takes a variable away."""
    env = {name: value for name, value in os.environ.items() if name not in changed}
    return env | {name: value for name, value in changed.items() if value is not None}


NO_XDG = dict.fromkeys(("READLIST_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"))
ENVIRONMENTS: list[dict[str, str | None]] = [
    {"HOME": None},
    {"HOME": ""},
    {"HOME": "."},
    {"HOME": "/"},
    {"XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "./cache"},
    {"XDG_DATA_HOME": "", "XDG_STATE_HOME": "", "XDG_CACHE_HOME": "/"},
    {"TERM": "dumb", "COLUMNS": "20", "LINES": "3"},
    {"TERM": None, "COLUMNS": "0"},
    {"COLUMNS": "-1"},
    {"COLUMNS": "abc"},
    {"COLUMNS": "1000000"},
    {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LANG": None, "TERM": None, "LC_ALL": None},
    {"NO_COLOR": "1", "FORCE_COLOR": "1", "TERM": "xterm-256color"},
]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to be in, in which nothing may be left, as little as at the root of the disk."""
    place = tmp_path / "cwd"
    place.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    before = set(Path("/").iterdir())
    yield place
    assert list(place.iterdir()) == []
    assert set(Path("/").iterdir()) == before


def run_there(command: str, place: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*READLIST, *call(command)],
        input=DIGEST.encode(),
        capture_output=True,
        check=False,
        cwd=place,
        env={**env, "PYTHONPATH": str(ROOT)},
        timeout=60,
    )


@pytest.mark.parametrize(("command", "number"), matrix(len(ENVIRONMENTS)))
def test_every_command_works_in_every_environment_and_writes_nowhere_else(
    prepared: Run, elsewhere: Path, command: str, number: int
) -> None:
    done = run_there(command, elsewhere, environment(**ENVIRONMENTS[number]))
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("home", [None, "", ".", "/", "~"])
@pytest.mark.parametrize("given_", [{}, {"READLIST_HOME": "library"}, {"XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "/"}])
def test_without_a_home_directory_an_unknown_user_gets_one_error_line(
    run: Run, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, home: str | None, given_: dict[str, str]
) -> None:
    def unknown(user: int) -> None:
        raise KeyError(user)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.chdir(elsewhere)
    for name in (*NO_XDG, "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (given_ | ({} if home is None else {"HOME": home})).items():
        monkeypatch.setenv(name, value)
    done = run("load", "-", stdin=DIGEST)
    missing = "XDG_STATE_HOME" if "READLIST_HOME" in given_ else "XDG_DATA_HOME"
    assert (done.code, done.err) == (2, f"readlist: no home directory for the library; set HOME or {missing}\n")


def test_without_home_the_user_database_is_asked(
    run: Run, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = type("Entry", (), {"pw_dir": str(tmp_path / "me")})
    monkeypatch.setattr(pwd, "getpwuid", lambda _: me)
    for name in NO_XDG:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "")
    assert run("load", "-", stdin=DIGEST).code == 0
    assert (tmp_path / "me" / ".local" / "share" / "readlist" / "papers.json").exists()


@pytest.mark.parametrize("home", ["", "   "])
def test_an_empty_home_option_is_no_folder(
    run: Run, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.chdir(elsewhere)
    done = run("--home", home, "load", "-", stdin=DIGEST)
    assert (done.code, done.err) == (2, "readlist: --home is empty; write: --home DIR\n")


def test_a_deleted_current_directory_is_one_line_at_most(prepared: Run, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    for words, code in [("list", 0), ("load d.txt", 1), ("export -o x.md", 1), ("--home x list", 2), ("read 12", 0)]:
        gone.mkdir()
        line = f'cd "{gone}" && rmdir "{gone}" && "{sys.executable}" -m readlist {words}'
        done = subprocess.run(
            ["bash", "-c", line], capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert done.returncode == code, (words, done.stderr)
        assert b"Traceback" not in done.stderr
        assert b"internal error" not in done.stderr


@pytest.mark.parametrize("call", [["read", "--where", "is:unread"], ["note", "12"]])
def test_there_is_no_prompt_without_a_terminal(loaded: Run, call: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "false")
    marks = loaded("list", "--json").out
    screen, terminal = pty.openpty()
    for stdin, stderr in [(subprocess.DEVNULL, subprocess.PIPE), (subprocess.PIPE, subprocess.PIPE)]:
        done = subprocess.run(
            [*READLIST, *call], stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, check=False, timeout=30, cwd=ROOT
        )
        assert done.returncode == 2
        assert b"?" not in done.stderr
    if call[0] == "read":  # the question would go where nobody sees it
        done = subprocess.run(
            [*READLIST, *call], stdin=terminal, capture_output=True, check=False, timeout=30, cwd=ROOT
        )
        assert (done.returncode, b"?" in done.stderr) == (2, False)
    os.close(screen)
    os.close(terminal)
    assert loaded("list", "--json").out == marks


@pytest.mark.parametrize(
    "columns", [20, *(pytest.param(columns, marks=pytest.mark.slow) for columns in (1, 8, 39, 60, 200))]
)
@pytest.mark.parametrize("command", ["list", "search", "show", "tags", "digests", "history"])
def test_no_line_is_wider_than_a_terminal_of_any_width(
    prepared: Run, on_terminal: Any, command: str, columns: int
) -> None:
    from wcwidth import wcswidth

    done = on_terminal(*call(command), columns=columns)
    assert done.code == 0
    for line in strip_colors(done.out).splitlines():
        is_message = any(
            text in line for text in ("papers; --limit", "readlist", "Also searching")
        )  # messages wrap as the terminal has it
        assert is_message or wcswidth(line) <= max(columns, 8), line


# Stopping


class OnTerminal:
    """A readlist on a terminal, to which a person types."""

    def __init__(self, *args: str, **env: str) -> None:
        self._screen, terminal = pty.openpty()
        self._process = subprocess.Popen(
            [*READLIST, *args],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**os.environ, "TERM": "dumb", **env},
            cwd=ROOT,
            start_new_session=True,
        )
        os.close(terminal)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        give_up = time.monotonic() + 30
        while text not in self.shown and time.monotonic() < give_up:
            self._read()
        assert text in self.shown, self.shown

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def interrupt(self) -> None:
        time.sleep(0.5)  # nobody is so fast that it comes between the question and the waiting for its answer
        self._process.send_signal(signal.SIGINT)

    def end(self) -> Done:
        give_up = time.monotonic() + 30
        with contextlib.suppress(OSError):  # EIO: it has gone
            while time.monotonic() < give_up:
                self._read()
        os.close(self._screen)
        return Done(self._process.wait(30), self.shown.replace("\r\n", "\n"), "")

    def _read(self) -> None:
        ready, _, _ = select.select([self._screen], [], [], 1)
        if ready:
            self.shown += os.read(self._screen, 4096).decode(errors="replace")


def test_a_declined_prompt_changes_nothing(loaded: Run) -> None:
    asked = OnTerminal("read", "--where", "is:unread")
    asked.wait_for("Change 13 papers?")
    asked.type("n\n")
    done = asked.end()
    assert (done.code, done.out.splitlines()[-1].strip()) == (1, "readlist: nothing was changed")
    assert loaded("list", "--read", "--json").json == []


def test_a_wrong_answer_is_named_and_the_question_asked_again(loaded: Run) -> None:
    asked = OnTerminal("delete", "1-12")
    asked.wait_for("Change 12 papers? [y/N]: ")
    asked.type("maybe\n")
    asked.wait_for("readlist: invalid answer: maybe; type y or n\r\nChange 12 papers? [y/N]: ")
    asked.type(" Yes\n")
    assert asked.end().code == 0
    assert len(loaded("list", "--json").json) == 1


def test_pages_are_not_opened_where_the_answer_is_no(loaded: Run) -> None:
    asked = OnTerminal("open", "1-12", BROWSER="false")
    asked.wait_for("Open 12 pages? [y/N]: ")
    asked.type("\n")
    done = asked.end()
    assert (done.code, done.out.splitlines()[-1]) == (1, "readlist: nothing was opened")


def test_ctrl_c_at_a_prompt_changes_nothing(loaded: Run) -> None:
    asked = OnTerminal("read", "--where", "is:unread")
    asked.wait_for("Change 13 papers?")
    asked.interrupt()
    done = asked.end()
    assert (done.code, done.out.splitlines()[-1].strip()) == (130, "readlist: interrupted; nothing was changed")
    assert loaded("list", "--read", "--json").json == []


def test_ctrl_c_elsewhere_prints_one_line(loaded: Run) -> None:
    waiting = subprocess.Popen(
        [*READLIST, "load", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
    )
    time.sleep(1.5)
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=30)
    assert (waiting.returncode, err) == (130, "readlist: interrupted\n")


@pytest.mark.parametrize("columns", ["0", "00", "-1", "abc", "²", "٣", "1e3", "", " ", "9" * 30, "1000000000"])
def test_a_number_of_columns_that_is_none_counts_as_unset(loaded: Run, on_terminal: Run, columns: str) -> None:
    for command in (("list", "--limit", "3"), ("show", "3")):
        expected = on_terminal(*command, COLUMNS="80")
        shown = on_terminal(*command, COLUMNS=columns, LINES=columns)
        assert (shown.code, shown.out) == (0, expected.out), command
