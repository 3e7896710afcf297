"""kill -9 of a sync, at every call of git and at every change of a file: the old or the new state, and nothing is lost.

The sync that dies sends and receives papers, marks, notes, corrections, a deletion, a merge and definitions. What is
found right after it is one of the two states of each file; after two more syncs of both machines all is as if nobody
had died.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.faults.conftest import ReportCounts
from tests.sync.deaths import Death, read_calls
from tests.sync.machines import Machine, Shared, copy_remote

_TORN_SECONDS = (0.001, 0.004, 0.012)


class Scene(NamedTuple):
    """Two machines, of which the laptop is about to sync, and the remote; `expected` is what both have in the end."""

    root: Path
    desk: Machine
    laptop: Machine
    before: dict[str, Any]
    after: dict[str, Any]
    expected: Shared

    @property
    def remote(self) -> Path:
        return self.laptop.remote

    def restore(self) -> None:
        for machine in (self.desk, self.laptop):
            machine.restore("before")
        copy_remote(self.root / "remote-before", self.remote)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield _prepare(Path(name))


def _prepare(root: Path) -> Scene:
    desk, laptop = (Machine(root, name, root / "remote") for name in ("desk", "laptop"))
    desk.load(range(1, 11))
    desk.run("note", "1", "the first thought")
    desk.sync()
    laptop.sync()
    _wait_for_next_second()
    desk.load(range(11, 15), day=11)
    commands: tuple[tuple[str, ...], ...] = (
        ("note", "1", "a thought at the desk"),
        ("read", "2", "5"),
        ("tag", "2", "--add", "desk"),
        ("query", "save", "fresh", "is:unread"),
        ("tags", "rename", "reward", "gain"),
        ("words", "add", "ebb = tide"),
        ("edit", "3", "--title", "A corrected title"),
    )
    for words in commands:
        desk.run(*words)
    desk.sync()
    _wait_for_next_second()
    laptop.load(range(13, 17), day=12)
    commands = (
        ("note", "1", "a thought on the laptop"),
        ("star", "2", "4", "11"),
        ("later", "5", "2030-01-01"),
        ("query", "save", "old", "is:read"),
        ("edit", "6", "--title", "Another corrected title"),
        ("delete", "7"),
        ("merge", "8", "9"),
    )
    for words in commands:
        laptop.run(*words)
    for machine in (desk, laptop):
        machine.save("before")
    copy_remote(root / "remote", root / "remote-before")
    before = laptop.state()
    laptop.sync()
    after = laptop.state()
    for machine in (desk, laptop, desk):
        machine.sync()
    assert desk.shared_state() == laptop.shared_state()
    return Scene(root, desk, laptop, before, after, desk.shared_state())


def _wait_for_next_second() -> None:
    """Let a note be changed later than before: of two changes in one second, the time of the sync decides the order."""
    time.sleep(1 - time.time() % 1)


def find_points(scene: Scene, moment: str) -> list[str]:
    """Return the calls of an undisturbed sync."""
    scene.restore()
    calls = _run(scene, Death(moment, 0), signal_number=0)
    assert scene.laptop.state() == scene.after
    return calls


def _run(scene: Scene, death: Death, *, signal_number: int = signal.SIGKILL) -> list[str]:
    """Sync the laptop, which dies; return the calls until then."""
    return run_dying(scene.laptop, death, "sync", signal_number=signal_number)


def run_dying(machine: Machine, death: Death, *words: str, signal_number: int = signal.SIGKILL) -> list[str]:
    """Run a command that dies, or ends by itself for the signal 0; return the calls until then."""
    directory = machine.remote.with_name("death")
    shutil.rmtree(directory, ignore_errors=True)
    process = machine.start(*words, variables=death.environment(directory, machine.sandbox.root))
    output = process.communicate(timeout=120)[0]
    assert process.returncode == -signal_number, (death, output)
    return read_calls(directory)


def die_and_recover(scene: Scene, death: Death) -> None:
    """Kill a sync, look at what it left, and sync both machines twice."""
    scene.restore()
    _run(scene, death)
    left = scene.laptop.state()
    papers = {"papers": left.pop("papers")}
    is_new = papers["papers"] == scene.after["papers"]
    assert is_new or papers["papers"] == scene.before["papers"], death
    assert left in [{table: state[table] for table in left} for state in (scene.before, scene.after)], death
    assert is_new or left == {table: scene.before[table] for table in left}, (death, "marks are saved after papers")
    scene.laptop.sandbox.assert_index_matches_store()
    branch = [
        subprocess.run(["git", "-C", remote, "rev-parse", "readlist"], capture_output=True, check=True).stdout
        for remote in (scene.remote, scene.root / "remote-before")
    ]
    assert branch[0] == branch[1] or left["marks"] == scene.after["marks"], (death, "sent before it was saved")
    for _ in range(2):
        for machine in (scene.laptop, scene.desk):
            machine.sync()
    for machine in (scene.laptop, scene.desk):
        assert machine.shared_state() == scene.expected, death
        assert "Nothing new." in machine.sync(), death
        assert not list(machine.sync_directory.rglob("*.new")), death
        machine.sandbox.assert_index_matches_store()
    ids = {paper["key"]: id_ for id_, paper in scene.laptop.state()["papers"].items()}
    assert {paper["key"]: id_ for id_, paper in scene.after["papers"].items()} == ids, death


@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="all"), pytest.param(8, id="an eighth, none torn")]
)
def test_a_sync_killed_at_a_call_of_git_is_completed_by_the_next(
    scene: Scene, report_counts: ReportCounts, step: int
) -> None:
    calls = find_points(scene, "before")
    deaths = [Death(moment, number) for number in range(1, len(calls) + 1) for moment in ("before", "after")]
    if step == 1:
        deaths += [Death("torn", number, seconds) for number in range(1, len(calls) + 1) for seconds in _TORN_SECONDS]
    deaths = deaths[step - 1 :: step]
    for death in deaths:
        die_and_recover(scene, death)
    report_counts("kill -9 of a sync at calls of git", points=len(deaths), mixed=0, lost=0)


@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="all"), pytest.param(20, id="a twentieth")]
)
def test_a_sync_killed_before_it_changes_a_file_is_completed_by_the_next(
    scene: Scene, report_counts: ReportCounts, step: int
) -> None:
    calls = find_points(scene, "call")
    numbers = range(len(calls) - 1, 0, -step)  # the last call is after all
    for number in numbers:
        die_and_recover(scene, Death("call", number))
    report_counts("kill -9 of a sync between its steps", points=len(numbers), mixed=0, lost=0)


@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="all"), pytest.param(30, id="a thirtieth")]
)
def test_a_first_sync_killed_anywhere_is_completed_by_the_next(
    tmp_path: Path, report_counts: ReportCounts, step: int
) -> None:
    machine = Machine(tmp_path, "desk", tmp_path / "remote")
    machine.load(range(1, 4))
    machine.run("star", "1")
    machine.save("before")
    words = ("sync", str(machine.remote))
    points = 0
    for moment in ("before", "after", "torn", "call"):
        machine.restore("before")
        shutil.rmtree(machine.remote, ignore_errors=True)
        calls = run_dying(machine, Death(moment, 0), *words, signal_number=0)
        for number in range(len(calls), 0, -step):
            machine.restore("before")
            shutil.rmtree(machine.remote, ignore_errors=True)
            death = Death(moment, number, 0.002)
            run_dying(machine, death, *words)
            machine.sync()
            assert machine.run("sync") == "Nothing new.\n", death
            newcomer = Machine(tmp_path, "newcomer", machine.remote)
            newcomer.sync()
            assert newcomer.shared_state() == machine.shared_state(), death
            shutil.rmtree(newcomer.sandbox.root)
            points += 1
    report_counts("kill -9 of a first sync", points=points, mixed=0, lost=0)
