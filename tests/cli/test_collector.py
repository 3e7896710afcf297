"""The garbage collector: off in commands that end soon, and without work when they do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from readlist.cli.registry import COLLECTING, COMMANDS
from tests.conftest import Run

PROBE = """
import atexit, gc, sys
def report():
    print(gc.isenabled(), len(gc.get_objects()) < 1000, gc.get_stats()[2]["collections"], file=sys.stderr)
atexit.register(report)
import readlist.__main__
"""


def state_at_exit(*args: str) -> list[str]:
    """Whether the collector is on, whether it has nearly nothing to look at, and how often it looked at everything."""
    done = subprocess.run([sys.executable, "-c", PROBE, *args], capture_output=True, text=True, check=False)
    return done.stderr.splitlines()[-1].split()


@pytest.mark.parametrize("args", ["list", "show 1", "read 1", "export", "--help", "--version", "list nope:", "nope"])
def test_a_short_command_never_collects_and_leaves_nothing_to_collect(loaded: Run, args: str) -> None:
    assert state_at_exit(*args.split()) == ["False", "True", "0"]


@pytest.mark.parametrize("args", ["load seeds", "update", "fetch", "sync /dev/null"])
def test_a_command_that_may_run_long_collects(loaded: Run, args: str) -> None:
    assert state_at_exit(*args.split())[:2] == ["True", "True"]


def test_the_commands_that_collect_are_in_the_registry() -> None:
    assert set(COMMANDS) >= COLLECTING
