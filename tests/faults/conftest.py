"""How many faults there are, where they happen, and what they did."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.home import Home

Figures = Callable[..., None]
"""figures("kill -9", "readlist", kills=1000, lost=0): what a fault did to whom."""


@pytest.fixture(params=[10, pytest.param(1, marks=pytest.mark.slow)], ids=["a tenth", "all"])
def part(request: pytest.FixtureRequest) -> int:
    """By how much the number of faults is divided."""
    divisor: int = request.param
    return divisor


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Note what a fault did; it is told at the end of a run of all of them."""

    def note(fault: str, who: str = "readlist", **counts: float) -> None:
        told = ", ".join(f"{number:,} {what.replace('_', ' ')}" for what, number in counts.items())
        record_property("figures", (fault, who, told))

    return note


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A library on the disk."""
    return _entered(Home(tmp_path), monkeypatch)


@pytest.fixture
def home_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A library in memory where the system has such a place: what fails or dies there need not wait for a disk."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else tmp_path))
    yield _entered(Home(folder), monkeypatch)
    shutil.rmtree(folder)


def _entered(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The library that every command is about."""
    home.root.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(home.root))
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    return home


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    noted = [value for report in reports for name, value in report.user_properties if name == "figures"]
    if not noted or config.option.markexpr != "slow":
        return
    terminalreporter.section("what the faults did")
    for fault, who, told in noted:
        terminalreporter.line(f"{fault:<44} {who:<13} {told}")
