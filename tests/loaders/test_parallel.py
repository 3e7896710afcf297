"""Parsing with a second interpreter: the result of a load is the same with it, without it, and where it dies."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from readlist import second_interpreter
from readlist.loaders import parallel
from readlist.loaders.batch import Batch
from readlist.sources import TrackedSource

FILES = 60


def write_digests(directory: Path) -> None:
    for number in range(FILES):
        text = f"2025-02-11\nPaper {number}\n(Ada Lovelace)\nAn abstract.\n논평 {number}\n#tides\n"
        (directory / f"{number:03}.txt").write_text(text if number % 7 else "", encoding="utf-8")
    (directory / "notes.md").write_text("nothing to see", encoding="utf-8")
    (directory / "binary.txt").write_bytes(b"%PDF-1.7")


def read(directory: Path) -> tuple[Any, ...]:
    batch = Batch()
    batch.read([TrackedSource(str(directory))], lambda done, total: None)
    documents = [(document.location, document.version, document.papers) for document in batch.documents]
    return list(batch.papers), batch.failures, batch.problems, batch.skipped_names, documents


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The interpreters that were started."""
    processes: list[subprocess.Popen[bytes]] = []
    start = second_interpreter._start_interpreter

    def record(function: Callable[..., object]) -> tuple[subprocess.Popen[bytes], Connection] | None:
        if started := start(function):
            processes.append(started[0])
        return started

    monkeypatch.setattr(second_interpreter, "_start_interpreter", record)
    monkeypatch.setattr(second_interpreter, "_count_processors", lambda: 2)
    return processes


def test_files_are_parsed_the_same_here_and_in_a_second_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    write_digests(tmp_path)
    alone = read(tmp_path)
    assert not started
    monkeypatch.setattr(parallel, "MIN_FILES", FILES)
    # Here nothing is parsed ahead: all but what the second interpreter returns would be missing.
    monkeypatch.setattr(second_interpreter, "_MAX_WAITING", 0)
    monkeypatch.setattr(parallel, "_load_file", pytest.fail)
    assert read(tmp_path) == alone
    assert len(started) == 1
    assert all(process.returncode is not None for process in started)


def test_what_a_killed_interpreter_did_not_return_is_parsed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    write_digests(tmp_path)
    alone = read(tmp_path)
    monkeypatch.setattr(parallel, "MIN_FILES", FILES)
    killed = (
        "import os, sys; os.write(int(sys.argv[1]), bytes(4)); os.read(int(sys.argv[1]), 9); os.kill(os.getpid(), 9)"
    )
    monkeypatch.setattr(second_interpreter, "_COMMAND", killed)
    assert read(tmp_path) == alone
    assert len(started) == 1


def test_a_file_that_changed_after_it_was_parsed_is_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    write_digests(tmp_path)
    monkeypatch.setattr(parallel, "MIN_FILES", FILES)
    paths = sorted(tmp_path.glob("*.txt"))
    with parallel.parsing_ahead(paths) as load:
        load(paths[1])
        paths[2].write_text("2025-02-11\nAnother title\n(Ada Lovelace)\nAn abstract.\n", encoding="utf-8")
        assert [paper.title for paper in load(paths[2]).papers] == ["Another title"]
    assert len(started) == 1


def test_a_file_that_is_not_asked_for_in_its_turn_is_parsed_when_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    write_digests(tmp_path)
    monkeypatch.setattr(parallel, "MIN_FILES", 1)
    paths = sorted(tmp_path.glob("*.txt"))[:FILES]
    with parallel.parsing_ahead(paths[:-1]) as load:
        for number in (FILES - 1, 41, 50, 3):
            assert [paper.title for paper in load(paths[number]).papers] == [f"Paper {number}"]
    assert len(started) == 1
