"""Random histories of machines that load, edit, merge, delete, undo and sync papers, by themselves and in a lab."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from readlist.sync.papers import EDITS
from tests.sync.paper_machines import Branch, Machine, paper, settle

PAPERS = [
    paper("Tides of Attention", "Kim", arxiv_id="2501.00001", tags=("llm",)),
    paper("Tides of Attention", "Kim", arxiv_id="2501.00002", tags=("sea",), abstract="Moon."),
    paper("Tides of Attention", "Kim", date="2026-02-05", source="weekly", tags=("ocean",)),
    paper("Tides of Attention", date="2026-02-05", source="weekly"),
    paper("Deep Sleep", comments={"ko": "좋다"}),
    paper(
        "Deep Sleep", "Lee", date="2026-03-01", source="weekly", comments={"ko": "나쁘다"}, url="https://a.example/x"
    ),
    paper("arXiv:2501.00003", arxiv_id="2501.00003", source="", date="2026-03-09"),
    paper("Quantized Nets", "Park", "Choi", arxiv_id="2501.00003", abstract="Bits."),
    paper("Quantised Nets", "Park", arxiv_id="2501.00003", abstract="Bits and more.", date="2026-02-01"),
    paper("Graphs", "Cho", doi="10.1000/182"),
    paper("On Graphs", "Cho", doi="10.1000/182", source="other"),
]
"""Namesakes, papers without authors, an identifier in place of a title, and one paper under two titles."""
WEIGHTS = {
    "load": 6,
    "correct": 3,
    "delete": 1,
    "restore": 1,
    "merge": 3,
    "undo": 3,
    "sync": 8,
    "lose the race": 1,
    "change the clock": 0.3,
}


def load(machine: Machine, random: Random) -> None:
    machine.load(*random.sample(PAPERS, random.randint(1, 3)))


def correct(machine: Machine, random: Random) -> None:
    if machine.records:
        id_ = random.choice(sorted(machine.records))
        field, value = random.choice(["title", "abstract"]), random.choice(["A", "B", None])
        if value or field in machine.records[id_].get("corrections", {}):
            machine.correct(id_, field, value)


def delete(machine: Machine, random: Random, *, restore: bool = False) -> None:
    ids = [id_ for id_, record in sorted(machine.records.items()) if ("deleted_at" in record) == restore]
    if ids:
        machine.delete(random.choice(ids), restore=restore)


def merge(machine: Machine, random: Random) -> None:
    if len(machine.records) > 1:
        machine.merge(*random.sample(sorted(machine.records), 2))


def change_clock(machine: Machine, random: Random) -> None:
    machine.now += random.randint(-400, 400) * 86_400


ACTIONS: dict[str, Callable[[Machine, Random], Any]] = {
    "load": load,
    "correct": correct,
    "delete": delete,
    "restore": lambda machine, random: delete(machine, random, restore=True),
    "merge": merge,
    "undo": lambda machine, _: machine.undo(),
    "change the clock": change_clock,
}


def run(random: Random, branch: Branch, machines: list[Machine]) -> None:
    for _ in range(random.randint(5, 50)):
        machine = random.choice(machines)
        name = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if name == "sync":
            machine.sync(branch)
        elif name == "lose the race":
            machine.prepare(branch)
        else:
            ACTIONS[name](machine, random)


def check_own_machines(seed: int) -> None:
    random, branch = Random(seed), Branch()
    machines = [Machine() for _ in range(random.choice([2, 3]))]
    run(random, branch, machines)
    settle(branch, machines, rounds=3)


def check_lab(seed: int) -> None:
    random, branch = Random(seed), Branch()
    machines = [Machine(with_edits=False) for _ in range(random.choice([2, 3]))]
    run(random, branch, machines)
    for number in range(4):
        for machine in machines:
            edits = {id_: edits_of(record) for id_, record in machine.records.items()}
            machine.sync(branch, everything=number > 1)
            assert {id_: edits_of(machine.records[id_]) for id_ in edits} == edits
    for machine in machines:
        merge = machine.sync(branch, everything=True)
        assert (merge.records, merge.sent) == ({}, set())
        keys = [merge.keys.to_shared(record["key"]) for record in machine.records.values()]
        assert len(set(keys)) == len(keys)
    assert all(paper.keys().isdisjoint(EDITS) for paper in branch.state.papers.values())
    assert all(register == [1, True] for register in branch.state.same.values())


def edits_of(record: Any) -> tuple[Any, ...]:
    return record.get("corrections"), record.get("deleted_at"), record.get("merged")


@pytest.mark.parametrize("seed", range(60))
def test_machines_agree_after_a_random_history_and_another_round_changes_nothing(seed: int) -> None:
    check_own_machines(seed)


@pytest.mark.parametrize("seed", range(60))
def test_a_lab_agrees_after_a_random_history_and_leaves_the_edits_of_each_person_alone(seed: int) -> None:
    check_lab(seed)


@pytest.mark.slow
def test_machines_and_labs_agree_after_thousands_of_random_histories() -> None:
    for seed in range(1_000, 6_000):
        check_own_machines(seed)
        check_lab(seed)
