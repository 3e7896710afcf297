"""Random histories of two and three machines, and that the model notices a merge that is wrong."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from readlist.library.sync_merge import LibraryMerge
from readlist.sync import definitions, marks, notes, paper_index, paper_merge, papers
from readlist.sync.registers import Register, next_version, to_seconds
from tests.sync import histories

PER_TEST = 10
MEMORY = Path("/dev/shm")
MOST_HISTORIES_OF_A_MUTANT = 60


@contextmanager
def directory() -> Iterator[Path]:
    """Yield an empty directory, in memory where there is such a file system."""
    path = Path(tempfile.mkdtemp(prefix="readlist-history-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def run_histories(first: int, machines: int, steps: int) -> None:
    for seed in range(first, first + PER_TEST):
        with directory() as path:
            try:
                histories.run(seed, machines, path, steps)
            except Exception as error:
                error.add_note(f"history {seed} of {machines} machines, {steps} steps")
                raise


@pytest.mark.parametrize("machines", [2, 3])
@pytest.mark.parametrize("first", range(0, 60, PER_TEST))
def test_machines_show_what_was_changed_last_and_agree(first: int, machines: int) -> None:
    run_histories(first, machines, steps=36)


@pytest.mark.slow
@pytest.mark.parametrize("machines", [2, 3])
@pytest.mark.parametrize("first", range(0, 1_000, PER_TEST))
def test_machines_agree_after_longer_histories(first: int, machines: int) -> None:
    run_histories(first, machines, steps=60)


# Mutants: each is one function of the merge that is wrong


def merge_by_times_alone(patch: pytest.MonkeyPatch) -> None:
    def version_of_time(at: str | None, _seen: int, now: int) -> int:
        return now if at is None else max(to_seconds(at), 0)

    for module in (marks, notes, definitions, papers, paper_index):
        patch.setattr(module, "next_version", version_of_time)


def treat_a_note_as_one_register(patch: pytest.MonkeyPatch) -> None:
    def observe(text: str, seen: notes.Paragraphs, at: str | None, now: int) -> notes.Paragraphs:
        if text == notes.project_note(seen):
            return seen
        version = next_version(at, max((register[0] for register in seen.values()), default=-1), now)
        return {"0": [version, 1, [1], text]}

    patch.setattr(marks, "observe_note", observe)


def leave_deletions_unsaid(patch: pytest.MonkeyPatch) -> None:
    observe = notes.observe_note

    def observe_existing(*arguments: Any) -> notes.Paragraphs:
        return {id_: register for id_, register in observe(*arguments).items() if register[1]}

    patch.setattr(marks, "observe_note", observe_existing)


def treat_a_mark_as_one_register(patch: pytest.MonkeyPatch) -> None:
    def newest(mark: marks.MarkRegisters) -> tuple[int, str]:
        registers: list[Register] = []
        for name, value in mark.items():
            registers += value.values() if name in marks.MAPS else [value]
        return max(register[0] for register in registers), repr(mark)

    patch.setattr("readlist.sync.mark_merge.join_marks", lambda first, second: max(first, second, key=newest))


def keep_the_base(patch: pytest.MonkeyPatch) -> None:
    describe = LibraryMerge._synced_records
    patch.setattr(
        LibraryMerge,
        "_synced_records",
        lambda merge, merged, bases: describe(merge, merged, bases._replace(marks="", papers="")),
    )


def send_nothing_again_after_a_lost_race(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(paper_merge, "_with_unsent", lambda _base, there: dict(there))


def merge_aliases_one_by_one(patch: pytest.MonkeyPatch) -> None:
    table = definitions._TABLES["aliases"]._replace(project=definitions._project_each)
    patch.setitem(definitions._TABLES, "aliases", table)


@pytest.mark.slow
@pytest.mark.parametrize(
    "mutate",
    [
        merge_by_times_alone,
        treat_a_note_as_one_register,
        leave_deletions_unsaid,
        treat_a_mark_as_one_register,
        keep_the_base,
        send_nothing_again_after_a_lost_race,
        merge_aliases_one_by_one,
    ],
)
def test_the_model_notices_a_wrong_merge(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    for seed in range(MOST_HISTORIES_OF_A_MUTANT):
        with directory() as path:
            try:
                histories.run(seed, 2 + seed % 2, path, steps=60)
            except AssertionError:
                return
    pytest.fail("no history notices it")
