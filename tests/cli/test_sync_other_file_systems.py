"""`readlist sync` where the state directory has no hard links, or is on another disk than the library."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from readlist.library.sync_directory import SyncDirectory
from readlist.sync.clone import Clone
from tests.conftest import Done, Run
from tests.store_bytes import serialize

Laptop = Callable[..., Done]


@pytest.fixture
def laptop(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds: Path) -> Laptop:
    """Run readlist in the library of a machine, `laptop("desk", "list")`; desk and bag have the seeds and were synced.

    There are no hard links.
    """

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(95, "Operation not supported")

    def call(machine: str, *args: str | Path) -> Done:
        monkeypatch.setenv("READLIST_HOME", str(tmp_path / machine))
        return run(*args)

    monkeypatch.setattr(os, "link", refuse)
    for words in (("load", seeds), ("sync", tmp_path / "own.git")):
        assert call("desk", *words).code == 0
    assert call("bag", "sync", tmp_path / "own.git").code == 0
    return call


def ids(laptop: Laptop, machine: str) -> list[int]:
    return sorted(entry["id"] for entry in laptop(machine, "list", "--json").json)


def test_the_undo_of_a_merge_reaches_the_other_machine(laptop: Laptop) -> None:
    laptop("desk", "merge", "2", "3")
    laptop("desk", "sync")
    laptop("bag", "sync")
    assert ids(laptop, "bag") == [1, 2, *range(4, 14)]
    laptop("desk", "undo")
    assert laptop("desk", "sync").code == 0
    assert laptop("bag", "sync").code == 0
    assert ids(laptop, "desk") == ids(laptop, "bag") == [*range(1, 14)]


def test_only_what_changed_is_looked_at(laptop: Laptop) -> None:
    laptop("desk", "star", "12")
    (key,) = (entry["key"] for entry in laptop("desk", "list", "id:12", "--json").json)
    found = []
    find_changed = SyncDirectory.find_changed

    def observe(*args: object) -> set[str] | None:
        found.append(find_changed(*args))  # type: ignore[arg-type]  # those of the call
        return found[-1]

    with patch.object(SyncDirectory, "find_changed", observe):
        assert laptop("desk", "sync").err == "Sent 1 mark.\n"
    assert found == [set(), {key}]


def test_a_change_by_another_program_during_the_sync_is_sent_by_the_next_one(laptop: Laptop, tmp_path: Path) -> None:
    marks = tmp_path / "desk" / "marks.json"
    laptop("desk", "note", "12", "typed here")

    def replace(*_args: object) -> None:
        tables = json.loads(marks.read_text().replace("typed here", "typed elsewhere"))
        for records in tables.values():
            for record in records.values():
                record.pop("sum")
        marks.unlink()
        marks.write_bytes(serialize(tables))

    with patch.object(Clone, "set_refs", replace):
        assert laptop("desk", "sync").code == 0
    assert laptop("desk", "sync").code == 0
    assert laptop("bag", "sync").code == 0
    assert [entry["note"] for entry in laptop("bag", "list", "id:12", "--json").json] == ["typed elsewhere"]
