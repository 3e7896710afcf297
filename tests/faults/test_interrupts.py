"""Ctrl-C and SIGTERM: one key ends a command, nothing is half done, and the library is free."""

from __future__ import annotations

import datetime as dt
import gc
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from readlist import edits
from readlist.cli.signals import install_handlers
from readlist.models import Status
from tests.faults.conftest import Figures
from tests.faults.home import Home
from tests.faults.processes import ended, say

LINES = 500


def change(home: Home, name: str) -> None:
    """A change of the library."""
    library = home.library()
    if name == "load":
        library.load([str(home.digests)])
    elif name == "undo":
        library.undo()
    else:
        library.apply(edits.SetStatus(Status.READ), [3, 4, 5])


def interrupted(work: Callable[[], None], line: int) -> tuple[int, bool]:
    """Raise KeyboardInterrupt at the N-th line of readlist that `work` executes; the lines, and whether it ended it."""
    lines, stopped = 0, False

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
        stopped = True
    finally:
        sys.settrace(None)
    return lines, stopped


@pytest.mark.parametrize("name", ["read", "load", "undo"])
def test_ctrl_c_at_any_line_leaves_all_of_a_change_or_nothing_and_the_lock_free(
    home_in_memory: Home, part: int, figures: Figures, name: str
) -> None:
    home = home_in_memory
    home.load(6)
    home.library().apply(edits.SetStar(True), [1])
    if name == "load":
        home.write_digest(dt.date(2025, 2, 12), range(5, 12))
    home.keep()
    old = home.state()
    total = int(ended(lambda: say(str(interrupted(lambda: change(home, name), 0)[0]))).said)
    new, stopped = home.state(), 0
    assert new != old

    def strike(line: int) -> None:
        _, was_stopped = interrupted(lambda: change(home, name), line)
        gc.collect()  # the interrupt may hit the line that closes the lock's file
        with home.lock(0):
            say("stopped" if was_stopped else "done")

    for number in range(LINES // part):
        home.restore()
        done = ended(lambda number=number: strike(1 + number * total // (LINES // part)))  # type: ignore[misc]
        assert done in ((0, "stopped\n"), (0, "done\n"))
        assert home.state() in (old, new)
        assert home.left_over() == []
        home.assert_index_is_of_the_store()
        stopped += "stopped" in done.said
    assert stopped > LINES // part * 0.9
    figures(f"Ctrl-C in {name}", lines=LINES // part, of=total, between=0, locks_held=0)


@pytest.mark.parametrize(("number", "codes"), [(signal.SIGINT, (130, -2)), (signal.SIGTERM, (143, -15))])
def test_a_signal_ends_a_whole_command_and_leaves_nothing_half_done(
    home: Home, part: int, figures: Figures, number: signal.Signals, codes: tuple[int, int]
) -> None:
    """Before Python runs our first line a signal ends the process itself, which a shell shows by the same number."""
    home.load(6)
    _, _, whole = signalled("no thought", signal.SIGCONT, 0)
    dice, turns, stopped = random.Random(number), 200 // part, 0
    for turn in range(turns):
        old = home.state()
        code, said, _ = signalled(f"thought {turn}", number, whole * (0.1 + dice.random()))
        assert code in (0, *codes), said
        assert code == codes[1] or not any(word in said for word in ("Traceback", "internal error", "ignored")), said
        assert home.left_over() == []
        new = home.state()
        assert (new != old) if "saved" in said else (new == old or f"thought {turn}" in str(new["marks"]))
        stopped += code == codes[0]
        home.assert_index_is_of_the_store()
    assert stopped > 0
    figures(f"{number.name} to a whole command", signals=turns, ended_by_it=stopped, between=0)


def signalled(note: str, number: signal.Signals, after: float) -> tuple[int, str, float]:
    """Write a note, and send a signal so many seconds later: exit code, what was said, seconds in all."""
    start = time.perf_counter()
    words = [sys.executable, "-m", "readlist", "note", "2", note]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
        time.sleep(after)
        process.send_signal(number)
        said = process.communicate()[1].decode()
    return process.returncode, said, time.perf_counter() - start


@pytest.mark.parametrize(("number", "end"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_during_an_import_waits_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, end: type[BaseException]
) -> None:
    """Extensions of C need not survive it: orjson ended in a segmentation fault, in one Ctrl-C of a hundred."""
    (tmp_path / "struck.py").write_text(f"import os, time\nos.kill(os.getpid(), {number:d})\ntime.sleep(0.05)\n")
    monkeypatch.syspath_prepend(tmp_path)

    def work() -> None:
        install_handlers()
        try:
            import_module("struck")
            say("imported")
            time.sleep(10)
        except end:
            say("ended")

    assert ended(work).said == "imported\nended\n"
