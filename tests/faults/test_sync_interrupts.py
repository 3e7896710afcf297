"""A sync that is interrupted, waits for a remote or meets another sync: it ends at once, and nothing is half done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sync.machines import Machine, Pair

CALLS = ("fetch --quiet", "upload-pack --", "fast-import", "push --", "receive-pack /")
BUSY = 5


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return Pair(tmp_path_factory.mktemp("machines"))


@contextmanager
def sync_that_waits(machine: Machine, directory: Path, call: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start a sync whose call of git with these words does not end; yields once git was called."""
    directory.mkdir()
    program, called = directory / "git", directory / "called"
    waiting = f'case "$*" in *"{call}"*) touch {called}; exec sleep 60;; esac'
    program.write_text(f'#!/bin/sh\n{waiting}\nexec {shutil.which("git")} "$@"\n')
    program.chmod(0o755)
    process = machine.start("sync", *words, variables={"PATH": f"{directory}{os.pathsep}{os.environ['PATH']}"})
    try:
        while not called.exists() and process.poll() is None:
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("call", [CALLS[2], *(pytest.param(call, marks=pytest.mark.slow) for call in CALLS)])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_sync_ends_at_once_and_changes_nothing(
    pair: Pair, tmp_path: Path, call: str, number: signal.Signals, code: int
) -> None:
    pair.restore()
    pair.desk.run("star", "3")
    before, tip = pair.desk.state(), pair.git("rev-parse", "readlist")
    with sync_that_waits(pair.desk, tmp_path / "slow", call) as process:
        start = time.perf_counter()
        process.send_signal(number)
        output = process.communicate(timeout=20)[0]
        assert time.perf_counter() - start < 10  # far less on an idle machine
    assert (process.returncode, output) == (code, "readlist: interrupted\n" if number == signal.SIGINT else "")
    assert (pair.desk.state(), pair.git("rev-parse", "readlist")) == (before, tip)
    assert not subprocess.run(["pgrep", "-f", str(tmp_path / "slow")], capture_output=True, check=False).stdout
    assert pair.desk.sync() == "Sent 1 mark."


def test_other_commands_work_while_a_sync_waits_for_the_remote_and_a_second_sync_does_not(
    pair: Pair, tmp_path: Path
) -> None:
    pair.restore()
    for number, call in enumerate(("fetch --quiet", "push --")):
        pair.desk.run("star", str(3 + number))
        with sync_that_waits(pair.desk, tmp_path / f"slow-{number}", call):
            assert pair.desk.call("star", str(5 + number)).code == 0
            second = pair.desk.call("sync")
            assert (second.code, "sync (process " in second.output) == (BUSY, True)
    assert pair.desk.sync() == "Sent 4 marks."
    pair.settle()
    assert pair.laptop.starred() == {1, 3, 4, 5, 6}


@pytest.mark.parametrize("call", ["fast-import", "push --"])
def test_a_call_of_git_that_takes_too_long_is_ended_and_said(pair: Pair, tmp_path: Path, call: str) -> None:
    pair.restore()
    pair.desk.run("star", "3")
    with sync_that_waits(pair.desk, tmp_path / "slow", call, "--timeout", "2") as process:
        output = process.communicate(timeout=60)[0]
    assert (process.returncode, output.count("\n"), "2 s" in output) == (1, 1, True)
    assert pair.desk.sync() == "Sent 1 mark."
    pair.settle()
