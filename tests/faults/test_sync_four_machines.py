"""Four machines that sync with one remote at the same time: nothing is lost, and hardly any sync gives up."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.conftest import ReportCounts
from tests.sync.machines import Machine

MACHINES = ("desk", "laptop", "office", "cabin")
BUSY = 5


@pytest.fixture
def machines() -> Iterator[list[Machine]]:
    memory = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    machines = [Machine(root, name, root / "remote") for name in MACHINES]
    machines[0].load(range(1, 61), day=11)
    for machine in machines:
        machine.sync()
    yield machines
    shutil.rmtree(root)


def edit_and_sync(machine: Machine, rounds: int) -> Counter[int]:
    """Add a paragraph to a note and a star, then sync, several times; returns the exit codes of the syncs."""
    codes: Counter[int] = Counter()
    for round_ in range(rounds):
        paper = MACHINES.index(machine.name) * 10 + round_ + 11
        for words in (("note", "1", f"{machine.name} {round_}"), ("star", str(paper)), ("sync",)):
            process = machine.start(*words)
            output = process.communicate(timeout=300)[0]
            if words == ("sync",):
                codes[process.returncode] += 1
                assert process.returncode in {0, BUSY}, output
            else:
                assert process.returncode == 0, output
    return codes


@pytest.mark.parametrize("rounds", [pytest.param(10, marks=pytest.mark.slow), 2], ids=["40 syncs", "8 syncs"])
def test_nothing_is_lost_where_four_machines_sync_at_once(
    machines: list[Machine], report_counts: ReportCounts, rounds: int
) -> None:
    with ThreadPoolExecutor(len(machines)) as pool:
        codes = sum(pool.map(edit_and_sync, machines, [rounds] * len(machines)), Counter())
    assert codes[BUSY] <= 2
    for machine in machines * 2:
        machine.sync()
    paragraphs = {f"{name} {round_}" for name in MACHINES for round_ in range(rounds)}
    stars = {str(number * 10 + round_ + 11) for number in range(len(MACHINES)) for round_ in range(rounds)}
    states = [machine.shared_state() for machine in machines]
    for machine, state in zip(machines, states, strict=True):
        (note,) = [mark["note"] for mark in state.marks.values() if "note" in mark]
        assert Counter(note.split("\n\n")) == Counter(paragraphs)
        starred = [title for title, mark in state.marks.items() if mark.get("starred")]
        assert {title.split()[-1] for title in starred} == stars
        machine.sandbox.assert_index_matches_store()
    assert all(state == states[0] for state in states)
    report_counts("four machines at once", syncs=codes.total(), gave_up=codes[BUSY], lost=0)
