"""Ctrl-C and SIGTERM: a command ends at once, changes all or nothing, and releases the lock."""

from __future__ import annotations

import datetime as dt
import gc
import os
import random
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import orjson
import pytest

from readlist import edits
from readlist.cli.signals import install_handlers
from readlist.models import Status
from tests.faults.conftest import ReportCounts
from tests.faults.processes import print_line, run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox
from tests.library_files import refs

LINES = 500


def change_library(sandbox: LibrarySandbox, name: str) -> None:
    library = sandbox.library()
    if name == "load":
        library.load([str(sandbox.digests)])
    elif name == "undo":
        library.undo()
    else:
        library.apply(edits.SetStatus(Status.READ), refs(library, [3, 4, 5]))


def interrupt_at_line(work: Callable[[], None], line: int) -> tuple[int, bool]:
    """Do `work`, and raise KeyboardInterrupt at the `line`-th line of readlist that it executes.

    Returns the number of lines executed, and whether the interrupt ended `work`.
    """
    lines, is_interrupted = 0, False

    def trace(frame: FrameType, event: str, _value: object) -> Any:
        nonlocal lines
        if f"{os.sep}readlist{os.sep}" not in frame.f_code.co_filename:
            return None
        if event == "line":
            lines += 1
            if lines == line:
                raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        work()
    except KeyboardInterrupt:
        is_interrupted = True
    finally:
        sys.settrace(None)
    return lines, is_interrupted


@pytest.mark.parametrize("name", ["read", "load", "undo"])
def test_ctrl_c_at_any_line_leaves_all_of_a_change_or_nothing_and_releases_the_lock(
    sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts, name: str
) -> None:
    sandbox.load(6)
    sandbox.library().apply(edits.SetStar(True), refs(sandbox.library(), [1]))
    if name == "load":
        sandbox.write_digest(dt.date(2025, 2, 12), range(5, 12))
    sandbox.save_snapshot()
    old = sandbox.state()

    def change() -> None:
        change_library(sandbox, name)

    total = int(run_forked(lambda: print_line(str(interrupt_at_line(change, 0)[0]))).output)
    new, interrupted, runs = sandbox.state(), 0, LINES // divisor
    assert new != old

    def interrupt(line: int) -> None:
        _, is_interrupted = interrupt_at_line(change, line)
        gc.collect()  # the interrupt may hit the line that closes the file of the lock
        with sandbox.lock(0):
            print_line("interrupted" if is_interrupted else "completed")

    for number in range(runs):
        sandbox.restore_snapshot()
        result = run_forked(partial(interrupt, 1 + number * total // runs))
        assert result in ((0, "interrupted\n"), (0, "completed\n"))
        assert sandbox.state() in (old, new)
        assert sandbox.list_temporary_files() == []
        sandbox.assert_index_matches_store()
        interrupted += "interrupted" in result.output
    assert interrupted > runs * 0.9
    report_counts(f"Ctrl-C in {name}", lines=runs, of=total, half_changes=0, locks_held=0)


@pytest.mark.parametrize(("number", "codes"), [(signal.SIGINT, (130, -2)), (signal.SIGTERM, (143, -15))])
def test_a_signal_ends_a_whole_command_and_leaves_all_of_its_change_or_nothing(
    disk_sandbox: LibrarySandbox,
    divisor: int,
    report_counts: ReportCounts,
    number: signal.Signals,
    codes: tuple[int, int],
) -> None:
    """A signal before the first line of readlist ends the process itself; its code is then minus the signal."""
    disk_sandbox.load(6)
    _, _, duration = write_note_and_signal("no thought", signal.SIGCONT, 0)
    rng, runs, ended = random.Random(number), 200 // divisor, 0
    for run in range(runs):
        old = disk_sandbox.state()
        code, output, _ = write_note_and_signal(f"thought {run}", number, duration * (0.1 + rng.random()))
        assert code in (0, *codes), output
        assert code == codes[1] or not any(word in output for word in ("Traceback", "ignored")), output
        assert disk_sandbox.list_temporary_files() == []
        new = disk_sandbox.state()
        is_reported = "number 2\n" in output  # the end of the paper's title
        assert is_reported or code != 0
        assert (new != old) if is_reported else (new == old or f"thought {run}" in str(new["marks"]))
        ended += code == codes[0]
        disk_sandbox.assert_index_matches_store()
    assert ended > 0
    report_counts(f"{number.name} to a whole command", signals=runs, ended_by_it=ended, half_changes=0)


def write_note_and_signal(note: str, number: signal.Signals, delay: float) -> tuple[int, str, float]:
    """Write a note, and send a signal after `delay` seconds; returns exit code, stderr and the seconds in all."""
    start = time.perf_counter()
    words = [sys.executable, "-m", "readlist", "note", "2", note]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
        time.sleep(delay)
        process.send_signal(number)
        output = process.communicate()[1].decode()
    return process.returncode, output, time.perf_counter() - start


@pytest.mark.parametrize(("number", "end"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_during_an_import_takes_effect_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, end: type[BaseException]
) -> None:
    """C extensions may not survive an exception while they are imported: orjson ended in a segmentation fault."""
    (tmp_path / "signalling.py").write_text(f"import os, time\nos.kill(os.getpid(), {number:d})\ntime.sleep(0.05)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def work() -> None:
        install_handlers()
        try:
            import_module("signalling")
            print_line("imported")
            time.sleep(10)
        except end:
            print_line("ended")

    assert run_forked(work).output == "imported\nended\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("kind", ["finalizer", "method", "generator"])
def test_a_signal_during_a_finalizer_takes_effect_after_it(kind: str, number: signal.Signals, code: int) -> None:
    """Python ignores an exception in a finalizer; the command went on as if there had been no signal."""

    def work() -> None:
        install_new_handlers()
        signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))  # as `browse` does
        try:
            with_finalizer(kind, partial(os.kill, os.getpid(), number))
            time.sleep(10)
        except KeyboardInterrupt:
            sys.exit(130)

    assert run_forked(work) == (code, "")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_a_function_that_orjson_calls_ends_the_command(
    sandbox: LibrarySandbox, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    """orjson raises a TypeError in place of whatever a function raises that it calls."""
    sandbox.load(6)

    def interrupt(_value: object) -> None:
        os.kill(os.getpid(), number)
        time.sleep(10)

    def search(*_args: object, **_options: object) -> None:
        install_handlers()
        orjson.dumps(Empty(), default=interrupt)

    monkeypatch.setattr("readlist.library.library.Library.find", search)
    result = run_forked(partial(run_readlist, "list"))
    assert result.code == code
    assert "internal" not in result.output


def test_an_exit_in_a_finalizer_is_no_signal() -> None:
    def work() -> None:
        install_new_handlers()
        with_finalizer("method", partial(sys.exit, 3))
        time.sleep(0.05)
        print_line("went on")

    code, output = run_forked(work)
    assert (code, output.splitlines()[-1]) == (0, "went on")


def install_new_handlers() -> None:
    """Install the handlers as in a new process; pytest has set a hook of its own."""
    sys.unraisablehook = sys.__unraisablehook__
    install_handlers()


def with_finalizer(kind: str, function: Callable[[], None]) -> None:
    """Create an object that calls `function` when it is freed, which is at once."""

    class Freed:
        def __del__(self) -> None:
            function()

    def generate() -> Iterator[None]:
        try:
            yield
        finally:
            function()

    if kind == "finalizer":
        weakref.finalize(Empty(), function)
    elif kind == "method":
        Freed()
    else:
        next(generate())


class Empty:
    """An object that can be referred to weakly."""
