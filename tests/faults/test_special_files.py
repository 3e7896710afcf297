"""Files that are not files: a FIFO, device, socket, directory or link to nothing at every path that readlist opens.

No command waits for one, reads one or ends with a traceback: it works without the file, or says in one line what is
where.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.processes import run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox
from tests.test_opening import make_socket

TIMEOUT_SECONDS = 10
KINDS: dict[str, Callable[[Path], object]] = {
    "FIFO": os.mkfifo,
    "socket": make_socket,
    "directory": Path.mkdir,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "loop": lambda path: path.symlink_to(path.name),
    "dangling": lambda path: path.symlink_to("nothing"),
}
FAST_KINDS = [kind if kind in ("FIFO", "loop") else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS]
READERS = [
    "list",
    "search reward",
    "show 1",
    "next",
    "similar 1",
    "tags",
    "stats",
    "sources",
    "digests",
    "query",
    "words",
]
WRITERS = [
    "read 1",
    "star 2",
    "note 1 text",
    "tag 1 --add x",
    "undo",
    "redo",
    "update",
    "query save q tag:x",
    "words add a=b",
]
OTHERS = ["history", "backup", "backup restore --yes", "doctor", "doctor --fix", "export", "load DIGEST"]
COMMANDS = [*READERS, *WRITERS, *OTHERS]
FAST_COMMANDS = ["list", "undo"]


def index(sandbox: LibrarySandbox) -> Path:
    return sandbox.files.index


def journal(sandbox: LibrarySandbox) -> Path:
    return sandbox.files.index.with_name("index.sqlite-journal")


def lock(sandbox: LibrarySandbox) -> Path:
    return sandbox.files.state / "lock"


def papers(sandbox: LibrarySandbox) -> Path:
    return sandbox.files.papers


def marks(sandbox: LibrarySandbox) -> Path:
    return sandbox.files.marks


def history(sandbox: LibrarySandbox) -> Path:
    return max(sandbox.files.history.iterdir())


def backup(sandbox: LibrarySandbox) -> Path:
    return sandbox.files.backups("marks.json")[-1]


SLOW_PATHS = [index, journal, lock, papers, marks, history, backup]


@pytest.fixture
def loaded(sandbox: LibrarySandbox) -> LibrarySandbox:
    sandbox.load(6)
    for words in ("star 1", "note 1 first", "read 3", "undo"):
        assert run_forked(lambda words=words: run_readlist(*words.split())).code == 0  # type: ignore[misc]  # binds the loop variable
    return sandbox


def run_command(sandbox: LibrarySandbox, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own. Raises TimeoutExpired where it hangs."""
    digest = next(sandbox.digests.iterdir())
    words = [str(digest) if word == "DIGEST" else word for word in command.split()]
    return subprocess.run(
        [sys.executable, "-m", "readlist", *words],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=ROOT,
        timeout=TIMEOUT_SECONDS,
    )


def put(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    KINDS[kind](path)


def assert_no_hang_and_no_traceback(sandbox: LibrarySandbox, command: str) -> None:
    done = run_command(sandbox, command)
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    assert done.returncode in (0, 1, 3, 4), done.stderr
    if done.returncode in (1, 4) and "doctor" not in command:
        assert len(done.stderr.splitlines()) <= 3, done.stderr


@pytest.mark.parametrize("path", [index, lock, marks, history], ids=lambda path: path.__name__)
@pytest.mark.parametrize("kind", ["FIFO"])
def test_no_command_hangs(loaded: LibrarySandbox, path: Callable[[LibrarySandbox], Path], kind: str) -> None:
    put(path(loaded), kind)
    for command in FAST_COMMANDS:
        assert_no_hang_and_no_traceback(loaded, command)


@pytest.mark.slow
@pytest.mark.parametrize("path", SLOW_PATHS, ids=["index", "journal", "lock", "papers", "marks", "history", "backup"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_command_hangs_at_any_path(
    loaded: LibrarySandbox, path: Callable[[LibrarySandbox], Path], kind: str
) -> None:
    loaded.save_snapshot()
    for command in COMMANDS:
        put(path(loaded), kind)
        try:
            assert_no_hang_and_no_traceback(loaded, command)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            pytest.fail(f"{command}: {error}")
        loaded.restore_snapshot()


@pytest.mark.parametrize("kind", FAST_KINDS)
def test_the_index_is_replaced_or_not_needed(loaded: LibrarySandbox, kind: str) -> None:
    put(loaded.files.index, kind)
    assert run_command(loaded, "star 2").returncode == 0
    done = run_command(loaded, "list is:starred")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    if kind == "directory":
        assert done.stderr == (
            f"Rebuilding the search index for this command: cannot use {loaded.files.index}: it is a directory\n"
        )
    else:
        assert done.stderr == ""
        assert loaded.files.index.is_file()
        assert not loaded.files.index.is_symlink()


@pytest.mark.parametrize("kind", ["FIFO", "directory", "loop"])
def test_a_lock_that_is_no_file_stops_changes_alone(loaded: LibrarySandbox, kind: str) -> None:
    path = lock(loaded)
    put(path, kind)
    assert run_command(loaded, "list").returncode == 0
    done = run_command(loaded, "star 2")
    name = {"device": "character device", "loop": "symbolic link loop"}.get(kind, kind)
    assert done.returncode == 1, "4 is for the data files"
    assert done.stderr == f"readlist: not a regular file: {path} ({name}); move it elsewhere and repeat the command\n"


@pytest.mark.parametrize("kind", ["FIFO", "loop", "dangling"])
def test_a_source_or_target_that_is_no_file_is_named(loaded: LibrarySandbox, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "digest.txt"
    KINDS[kind](path)
    exports = () if kind == "FIFO" else (["export", "-o", str(path)], ["export", "-o", str(path), "--force"])
    for words in (["load", str(path)], *exports):  # an export into a FIFO waits for its reader, as any program does
        done = subprocess.run(
            [sys.executable, "-m", "readlist", *words],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            timeout=TIMEOUT_SECONDS,
        )
        assert "Traceback" not in done.stderr
        assert "internal error" not in done.stderr
        if kind == "dangling" and words[0] == "export":
            continue  # the target of the link is created
        assert done.returncode == 1, done.stderr
        assert len(done.stderr.splitlines()) <= 2, done.stderr


def test_directories_that_are_loops_are_named(loaded: LibrarySandbox, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    for name in ("READLIST_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME"):
        for command in ("star 2",):
            done = subprocess.run(
                [sys.executable, "-m", "readlist", *command.split()],
                check=False,
                capture_output=True,
                text=True,
                env={**os.environ, name: str(loop)},
                cwd=ROOT,
                timeout=TIMEOUT_SECONDS,
            )
            assert "internal error" not in done.stderr, (name, command)
            assert "Traceback" not in done.stderr


def test_directories_that_are_fifos_are_named(loaded: LibrarySandbox) -> None:
    for directory in (loaded.files.cache, loaded.files.history, loaded.files.state / "backups"):
        shutil.rmtree(directory)
        os.mkfifo(directory)
        for command in ("star 2", "undo"):
            assert_no_hang_and_no_traceback(loaded, command)
