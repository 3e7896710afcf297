"""Syncs that another machine overtakes, and that die: what they merged is sent and completed by the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine

from readlist import edits
from readlist.edits import LoadPapers
from readlist.errors import StoreError
from readlist.models import Appearance, Paper
from readlist.sync.keys import KeyMap
from readlist.sync.paper_index import PaperIndex, observe_pairs
from tests.sync.model_machines import START, Machine, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with time_machine.travel(START, tick=False) as clock:
        world = World(0, 2, tmp_path, clock.move_to)
        world.is_calm = True
        for machine in world.machines:
            machine.offset = 0
        yield world


def load(machine: Machine, title: str, arxiv_id: str = "") -> None:
    paper = Paper(title, ("Kim",), arxiv_id=arxiv_id, digests=(Appearance(dt.date(2025, 1, 5), "daily"),))
    machine.change(lambda: machine.library.apply(LoadPapers([paper], (), (), "load")))


def overtake(machine: Machine, other: Machine) -> None:
    """Let another machine sync just before this one pushes for the first time."""
    reach = machine.reach
    waiting = [other]

    def reach_after_the_other(step: str, commit: str) -> None:
        if step == "before push" and waiting:
            waiting.pop().sync()
        reach(step, commit)

    machine.reach = reach_after_the_other  # type: ignore[method-assign]  # of this machine only


def titles(machine: Machine) -> list[str]:
    return sorted(f"{paper.title} {paper.arxiv_id}".strip() for paper in machine.papers())


def test_papers_of_an_attempt_that_lost_the_race_are_sent_by_the_next_one(world: World) -> None:
    first, second = world.machines
    load(first, "Tides of Attention")
    load(second, "Deep Sleep")
    overtake(first, second)
    assert first.sync()
    assert second.sync()
    assert titles(first) == titles(second) == ["Deep Sleep", "Tides of Attention"]


def test_a_paper_whose_key_was_taken_while_it_was_sent_is_sent_under_another_one(world: World) -> None:
    first, second = world.machines
    load(first, "Tides of Attention", "2501.00001")
    load(second, "Tides of Attention", "2501.00002")
    overtake(first, second)
    assert first.sync()
    assert second.sync()
    expected = ["Tides of Attention 2501.00001", "Tides of Attention 2501.00002"]
    assert titles(first) == titles(second) == expected


def test_a_correction_of_an_attempt_that_lost_the_race_is_sent_by_the_next_one(world: World) -> None:
    from readlist.paper_edits import EditPaper

    first, second = world.machines
    load(first, "Tides of Attention")
    assert first.sync()
    assert second.sync()
    edit = EditPaper.parse({"abstract": "Moon."})
    first.change(lambda: first.library.apply(edit, [paper.ref for paper in first.papers()]))
    second.change(lambda: second.library.apply(edits.SetStar(True), [paper.ref for paper in second.papers()]))
    overtake(first, second)
    assert first.sync()
    assert second.sync()
    assert [paper.abstract for paper in second.papers()] == ["Moon."]


def test_a_first_sync_that_dies_after_it_saved_the_papers_is_completed_by_the_next_one(world: World) -> None:
    first, second = world.machines
    load(first, "Tides of Attention")
    assert first.sync()
    assert not second.sync(dies_at="papers saved")
    assert second.sync()
    assert titles(second) == ["Tides of Attention"]


def test_a_first_load_that_dies_before_it_saved_the_papers_can_be_repeated(world: World) -> None:
    class DiedError(BaseException):
        pass

    def die(*_: object, **__: object) -> int:
        raise DiedError

    machine = world.machines[0]
    machine.parts.store.papers.file.save = die  # type: ignore[method-assign]  # of this file only
    with pytest.raises(DiedError):
        load(machine, "Tides of Attention")
    machine.start()
    load(machine, "Tides of Attention")
    assert titles(machine) == ["Tides of Attention"]


def test_a_marks_file_that_was_deleted_after_the_first_load_is_missed(world: World) -> None:
    machine = world.machines[0]
    load(machine, "Tides of Attention")
    (machine.root / "data" / "marks.json").unlink()
    attempt: Callable[[], object] = machine.sync
    with pytest.raises(StoreError, match=r"data file is missing: .*marks\.json"):
        attempt()


def test_a_machine_that_forgot_its_syncs_states_no_merge_that_the_branch_has_already() -> None:
    records = {"1": {"key": "a", "merged": [{"id": 2, "key": "b"}, {"id": 3, "key": "c"}]}}
    known = {"a b": [5, True], "b c": [6, True]}
    assert observe_pairs(PaperIndex(records, {}), known, None, START) == known
    assert observe_pairs(PaperIndex(records, {}), known, KeyMap(merged={"b": "a", "c": "a"}), START) == known
