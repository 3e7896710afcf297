"""How many faults are injected, into which library, and a summary of their effects."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.sandbox import LibrarySandbox

ReportCounts = Callable[..., None]
"""report_counts("kill -9 of a writer", "readlist", kills=1000, lost=0): the effect of a fault on a store."""


@pytest.fixture(params=[10, pytest.param(1, marks=pytest.mark.slow)], ids=["a tenth", "all"])
def divisor(request: pytest.FixtureRequest) -> int:
    """The number by which the number of faults is divided."""
    value: int = request.param
    return value


@pytest.fixture
def report_counts(record_property: Callable[[str, object], None]) -> ReportCounts:
    """Record the effect of a fault for the summary of a slow run."""

    def report(fault: str, store_name: str = "readlist", **counts: float) -> None:
        text = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items())
        record_property("fault_counts", (fault, store_name, text))

    return report


@pytest.fixture
def disk_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LibrarySandbox:
    """A library on the disk."""
    return _set_up(LibrarySandbox(tmp_path), monkeypatch)


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LibrarySandbox]:
    """A library in memory where the system has /dev/shm: faults that do not concern the disk need not wait for it."""
    memory = Path("/dev/shm")
    directory = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else tmp_path))
    yield _set_up(LibrarySandbox(directory), monkeypatch)
    shutil.rmtree(directory)


def _set_up(sandbox: LibrarySandbox, monkeypatch: pytest.MonkeyPatch) -> LibrarySandbox:
    """Create the directories, and make every command use this library."""
    sandbox.root.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(sandbox.root))
    for name, value in sandbox.files.environment.items():
        monkeypatch.setenv(name, value)
    return sandbox


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    counts = [value for report in reports for name, value in report.user_properties if name == "fault_counts"]
    if not counts or config.option.markexpr != "slow":
        return
    terminalreporter.section("effects of the faults")
    for fault, store_name, text in counts:
        terminalreporter.line(f"{fault:<44} {store_name:<13} {text}")
