"""Shared by all tests: the seeds, an empty library of its own for each test, and readlist as a user runs it."""

from __future__ import annotations

import gc
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from readlist.cli import main
from readlist.cli.config import SETTINGS
from tests.library_files import LibraryFiles

# A law is about results: how fast a busy machine finds them is not part of it. In continuous integration the examples
# are the same in every run, so that a failure there is due to the commit; elsewhere they are random.
settings.register_profile(
    "readlist", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("readlist")

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Done:
    """What a call of readlist printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]

NOT_FAST = (
    "benchmarks",
    "browse",
    "doctor",
    "faults",
    "cli/test_add.py",
    "cli/test_completion.py",
    "cli/test_config.py",
    "cli/test_crash.py",
    "cli/test_editor.py",
    "cli/test_fetch.py",
    "cli/test_file_modes.py",
    "cli/test_help.py",
    "cli/test_hostile_text.py",
    "cli/test_hyphens.py",
    "cli/test_open.py",
    "cli/test_own_words.py",
    "cli/test_pager.py",
    "cli/test_recipes.py",
    "cli/test_run.py",
    "cli/test_sources.py",
    "cli/test_startup.py",
    "cli/test_sync.py",
    "cli/test_sync_errors.py",
    "cli/test_sync_lab.py",
    "cli/test_tags.py",
    "cli/test_terminals.py",
    "loaders/resolve/test_lookup.py",
    "loaders/test_fetch.py",
    "loaders/test_limits.py",
    "loaders/test_markup.py",
    "search/test_hostile_queries.py",
    "store/test_migrations.py",
    "sync/test_changed_remotes.py",
    "sync/test_clone.py",
    "sync/test_damaged_files.py",
    "sync/test_histories.py",
    "sync/test_hostile_remotes.py",
    "sync/test_hostile_servers.py",
    "sync/test_transports.py",
    "sync/test_undo_around_syncs.py",
    "views/test_hostile_text.py",
    "test_pictures.py",
    "test_readme.py",
    "test_scaling.py",
)
"""Directories and modules whose tests start processes or servers, drive a terminal, read much or run many commands."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import modules without fast tests for `pytest -m fast`."""
    return True if config.option.markexpr == "fast" and not _is_fast_module(collection_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of `pytest -m fast`: those that answer at once, so that all of them take half a minute."""
    for item in items:
        if _is_fast(item):
            item.add_marker("fast")


def _is_fast(item: pytest.Item) -> bool:
    """Return whether a test runs in this process, on small inputs, and without Hypothesis."""
    if item.get_closest_marker("slow") or item.get_closest_marker("heavy"):
        return False
    if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        return False
    return "on_terminal" not in getattr(item, "fixturenames", ()) and _is_fast_module(item.path)


@cache
def _is_fast_module(path: Path) -> bool:
    return not any(path.is_relative_to(ROOT / "tests" / name) for name in NOT_FAST)


@pytest.fixture(scope="session")
def seeds() -> Path:
    return ROOT / "seeds"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test ever touches the library of the person who runs it, or asks a service on the internet."""
    monkeypatch.setenv("READLIST_HOME", str(tmp_path / "home"))
    for name in ("ARXIV", "CROSSREF"):
        monkeypatch.setenv(f"READLIST_{name}_URL", "http://127.0.0.1:9")
    for name in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("PAGER", "cat")  # nobody leaves a pager that a test opens
    settings = [name for setting in SETTINGS.values() for name in setting.variables]
    for name in ("VISUAL", "EDITOR", "LESS", "NO_COLOR", "FORCE_COLOR", "COLUMNS", *settings):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def files(own_folders: Path) -> LibraryFiles:
    """The files of the library that `run` works on."""
    return LibraryFiles(own_folders)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run readlist in this process, stdout and stderr being pipes."""

    def call(*args: str | Path, stdin: str | bytes = b"") -> Done:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "argv", ["readlist", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        capsys.readouterr()
        signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        with pytest.raises(SystemExit) as ended:
            main()
        for number, handler in signals.items():
            signal.signal(number, handler)
        gc.unfreeze()
        gc.enable()
        out, err = capsys.readouterr()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Done(code or 0, out, err)

    return call


@pytest.fixture
def loaded(run: Run, seeds: Path) -> Run:
    """`run`, in a library that holds the seeds: ids 1 to 8 of 2025-02-11, 9 to 13 of 2025-05-27."""
    assert run("load", seeds).code == 0
    return run


@pytest.fixture
def on_terminal() -> Callable[..., Done]:
    """Run readlist as a whole process on a terminal of so many columns; stdout and stderr come back as one.

    `typed` is what the user types ahead; `stdin` is read in place of the terminal.
    """

    def call(*args: str | Path, columns: int = 80, stdin: int | None = None, typed: str = "", **env: str) -> Done:
        screen, terminal = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "readlist", *map(str, args)],
            stdin=terminal if stdin is None else stdin,
            stdout=terminal,
            stderr=terminal,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": str(columns), **env},
            cwd=ROOT,
        ) as process:
            os.close(terminal)
            os.write(screen, typed.encode())
            shown = b"".join(_until_closed(screen))
        os.close(screen)
        return Done(process.returncode, _PROGRESS_BAR.sub("", shown.decode()).replace("\r\n", "\n"), "")

    return call


_PROGRESS_BAR = re.compile(r"\x1b\[\?25l.*?\x1b\[\?25h(?:\r?\n?(?:\x1b\[1A)?\x1b\[2K)*", re.DOTALL)
"""What a progress bar prints and erases; a bar appears only where the machine is slow."""


def _until_closed(screen: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError:  # EIO: the last writer has gone
            return
        if not piece:
            return
        yield piece
