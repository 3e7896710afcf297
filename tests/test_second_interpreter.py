"""Computing with a second interpreter: the results are the same with it, without it, and where it dies or fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from readlist import second_interpreter
from readlist.models import Entry, Mark, Paper
from readlist.second_interpreter import map_batches

_HERE = os.getpid()
NUMBERS = range(300)
LARGE = 3_000_000
"""Characters of which a socket takes only a part."""

Process = subprocess.Popen[bytes]


def double(number: int) -> int:
    return 2 * number


def is_here(_batch: object) -> bool:
    return os.environ.get("COMPUTED_IN") == str(os.getpid())


def repeat(letter: str) -> str:
    return letter[0] * LARGE


def return_same(batch: object) -> object:
    return batch


def divide(number: int) -> float:
    return 1 / number


def fail_there(number: int) -> int:
    return double(number) if is_here(number) else number // 0


def print_and_double(number: int) -> int:
    sys.stdout.write(str(number))
    sys.stdout.flush()
    return double(number)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Process]:
    """The interpreters that were started."""
    processes: list[Process] = []
    start = second_interpreter._start_interpreter

    def record(function: Callable[..., object]) -> tuple[Process, Connection] | None:
        if started := start(function):
            processes.append(started[0])
        return started

    monkeypatch.setattr(second_interpreter, "_start_interpreter", record)
    monkeypatch.setattr(second_interpreter, "_count_processors", lambda: 2)
    monkeypatch.setenv("COMPUTED_IN", str(_HERE))
    return processes


@pytest.fixture
def computing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is computed here while the second interpreter can be waited for."""
    monkeypatch.setattr(second_interpreter, "_MAX_WAITING", 0)


def test_no_second_interpreter_is_started_where_only_one_processor_may_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert second_interpreter._start_interpreter(double) is None


def test_no_second_interpreter_is_started_for_a_few_batches(started: list[Process]) -> None:
    assert list(map_batches(double, range(7), 8)) == list(map(double, range(7)))
    assert list(map_batches(double, (), 1)) == []
    assert not started


def test_results_come_in_the_order_of_the_batches(started: list[Process]) -> None:
    assert list(map_batches(double, NUMBERS, 8)) == list(map(double, NUMBERS))
    assert [process.returncode for process in started] == [-signal.SIGKILL]


@pytest.mark.usefixtures("computing_there")
def test_batches_are_computed_in_the_second_interpreter(started: list[Process]) -> None:
    assert list(map_batches(is_here, NUMBERS, 1)) == [False] * len(NUMBERS)
    assert len(started) == 1


def test_batches_are_computed_here_while_the_second_interpreter_starts(
    started: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_interpreter, "_COMMAND", "import time; time.sleep(30)")
    assert all(map_batches(is_here, range(10), 1))
    assert len(started) == 1


@pytest.mark.usefixtures("computing_there", "started")
def test_batches_and_results_may_be_larger_than_the_buffer_of_the_socket() -> None:
    letters = "abcdefgh"
    batches = (letter * LARGE for letter in letters)
    assert list(map_batches(repeat, batches, 1)) == [letter * LARGE for letter in letters]


@pytest.mark.usefixtures("computing_there", "started")
def test_entries_arrive_with_all_of_their_fields() -> None:
    paper = Paper("Title", ("Ada Lovelace",), comments={"ko": "논평"}, id=7, key="title-0", identity_codes=(3, 4))
    entry = Entry(paper, Mark("title-0", starred=True), ("tides",))
    (result,) = map_batches(return_same, [entry], 1)
    assert isinstance(result, Entry)
    assert result == entry
    assert result.paper.identity_codes == (3, 4)


def test_batches_are_read_only_when_they_are_needed(started: list[Process], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_interpreter, "_MAX_WAITING", 5)
    read: list[int] = []

    def batches() -> Iterator[int]:
        for number in range(1_000):
            read.append(number)
            yield number

    results = map_batches(double, batches(), 8)
    for number in range(500):
        assert next(results) == 2 * number
        assert len(read) <= number + 1 + 8 + 5 + second_interpreter._AHEAD
    results.close()
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_what_a_killed_interpreter_did_not_return_is_computed_here(
    started: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = map_batches(double, NUMBERS, 1)
    assert next(results) == 0
    monkeypatch.setattr(second_interpreter, "_MAX_WAITING", 0)  # it is waited for
    assert [next(results) for _ in range(9)] == list(map(double, range(1, 10)))
    started[0].kill()
    assert list(results) == list(map(double, range(10, len(NUMBERS))))


@pytest.mark.usefixtures("computing_there")
@pytest.mark.parametrize(
    "command",
    [
        "raise SystemExit",
        "import os, sys; os.write(int(sys.argv[1]), bytes(4)); os.kill(os.getpid(), 9)",
        "import os, sys; os.write(int(sys.argv[1]), bytes(4)); os.read(int(sys.argv[1]), 9); os.kill(os.getpid(), 9)",
    ],
    ids=["before it has started", "after it has started", "while it reads"],
)
def test_all_is_computed_here_where_the_second_interpreter_ends(
    command: str, started: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_interpreter, "_COMMAND", command)
    assert list(map_batches(double, NUMBERS, 1)) == list(map(double, NUMBERS))
    assert len(started) == 1


@pytest.mark.usefixtures("computing_there", "started")
def test_what_fails_in_the_second_interpreter_is_computed_here() -> None:
    assert list(map_batches(fail_there, range(20), 1)) == list(map(double, range(20)))


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("max_waiting", [0, 20])
def test_an_error_is_raised_in_its_turn(max_waiting: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_interpreter, "_MAX_WAITING", max_waiting)
    results = map_batches(divide, [1, 2, 4, 0, 8], 1)
    assert [next(results) for _ in range(3)] == [1, 0.5, 0.25]
    with pytest.raises(ZeroDivisionError):
        next(results)


@pytest.mark.usefixtures("computing_there")
def test_a_module_of_the_user_that_prints_at_start_up_does_not_disturb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: list[Process]
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('Hello', flush=True)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert list(map_batches(print_and_double, range(20), 1)) == list(map(double, range(20)))
    assert len(started) == 1


@pytest.mark.usefixtures("computing_there", "started")
def test_the_second_interpreter_imports_the_same_readlist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version, in the environment or the working directory, may compute something else."""
    (tmp_path / "readlist").mkdir()
    (tmp_path / "readlist" / "__init__.py").write_text("raise SystemExit")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert not any(map_batches(is_here, range(20), 1))


def test_the_second_interpreter_ignores_ctrl_c_and_ends_with_the_first_one(started: list[Process]) -> None:
    """However the first one ends: its side of the connection is closed then."""
    result = second_interpreter._start_interpreter(double)
    assert result
    process, connection = result
    assert connection.poll(30)
    assert connection.recv_bytes() == b""
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        connection.send(21)
        assert connection.poll(30)
        assert connection.recv() == 42
    connection.close()
    assert process.wait(30) == 0
    assert started == [process]


def test_the_second_interpreter_ends_where_the_first_one_is_killed(tmp_path: Path) -> None:
    """Also while it computes and answers."""
    script = f"""
import os, sys, signal
from itertools import repeat
from readlist import second_interpreter
second_interpreter._count_processors = lambda: 2
second_interpreter._MAX_WAITING = 0
start = second_interpreter._start_interpreter
def record(function):
    process, connection = start(function)
    print(process.pid, flush=True)
    return process, connection
second_interpreter._start_interpreter = record
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from tests.test_second_interpreter import repeat as repeat_letter
results = second_interpreter.map_batches(repeat_letter, repeat("a" * 500_000), 1)
next(results)
os.kill(os.getpid(), signal.SIGKILL)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=tmp_path, text=True) as first:
        assert first.stdout
        pid = int(first.stdout.readline())
        assert first.wait(30) == -signal.SIGKILL
        assert is_gone_soon(pid)


def is_gone_soon(pid: int) -> bool:
    for _ in range(300):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.1)
    return False
