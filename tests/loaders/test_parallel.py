"""Parsing with a second interpreter: the result of a load is the same with it, without it, and where it dies."""

from __future__ import annotations

import os
import signal
import subprocess
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

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
    start = parallel._start_interpreter

    def record() -> tuple[subprocess.Popen[bytes], Connection] | None:
        if started := start():
            processes.append(started[0])
        return started

    monkeypatch.setattr(parallel, "_start_interpreter", record)
    monkeypatch.setattr(parallel, "_count_processors", lambda: 2)
    return processes


def test_no_second_interpreter_is_started_where_only_one_processor_may_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert parallel._start_interpreter() is None


def test_files_are_parsed_the_same_here_and_in_a_second_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    write_digests(tmp_path)
    alone = read(tmp_path)
    assert not started
    monkeypatch.setattr(parallel, "MIN_FILES", FILES)
    # Here nothing is parsed ahead: all but what the second interpreter returns would be missing.
    monkeypatch.setattr(parallel, "_MAX_PARSED", 0)
    monkeypatch.setattr(parallel, "_CHUNKS_AHEAD", FILES)
    monkeypatch.setattr(parallel, "_load_file", pytest.fail)
    assert read(tmp_path) == alone
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_what_a_killed_interpreter_did_not_return_is_parsed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    write_digests(tmp_path)
    alone = read(tmp_path)
    monkeypatch.setattr(parallel, "MIN_FILES", FILES)
    monkeypatch.setattr(parallel, "_COMMAND", "import os, sys; os.read(int(sys.argv[1]), 9); os.kill(os.getpid(), 9)")
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


def test_a_module_of_the_user_that_prints_at_start_up_does_not_disturb_a_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    digests = tmp_path / "digests"
    digests.mkdir()
    write_digests(digests)
    alone = read(digests)
    (tmp_path / "sitecustomize.py").write_text("print('Hello', flush=True)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(parallel, "MIN_FILES", FILES)
    monkeypatch.setattr(parallel, "_MAX_PARSED", 0)
    assert read(digests) == alone
    assert len(started) == 1


def test_the_second_interpreter_imports_the_same_readlist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    """Another version, in the environment or the working directory, may parse a file in another way."""
    digests, other = tmp_path / "digests", tmp_path / "other"
    digests.mkdir()
    write_digests(digests)
    alone = read(digests)
    (other / "readlist").mkdir(parents=True)
    (other / "readlist" / "__init__.py").write_text("raise SystemExit")
    monkeypatch.setenv("PYTHONPATH", str(other))
    monkeypatch.chdir(other)
    monkeypatch.setattr(parallel, "MIN_FILES", FILES)
    monkeypatch.setattr(parallel, "_MAX_PARSED", 0)
    monkeypatch.setattr(parallel, "_CHUNKS_AHEAD", FILES)
    monkeypatch.setattr(parallel, "_load_file", pytest.fail)
    assert read(digests) == alone
    assert len(started) == 1


def test_the_second_interpreter_ignores_ctrl_c_and_ends_with_the_first_one(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    """However the first one ends: its side of the connection is closed then."""
    write_digests(tmp_path)
    result = parallel._start_interpreter()
    assert result
    process, connection = result
    for _ in range(2):  # it ignores Ctrl-C from its first answer on
        connection.send([tmp_path / "001.txt"])
        assert connection.poll(30)
        assert len(connection.recv()) == 1
        process.send_signal(signal.SIGINT)
    connection.close()
    assert process.wait(30) == 0
    assert started == [process]
