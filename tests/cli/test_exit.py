"""The end of the process: nothing is lost, although the interpreter does not free its objects."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import Run


def run_python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=False)


def test_handlers_of_atexit_run_and_what_they_print_is_printed(loaded: Run) -> None:
    done = run_python("import atexit; atexit.register(print, 'ended'); import readlist.__main__", "show", "1")
    assert done.stdout.splitlines()[-1] == "ended"
    assert len(done.stdout.splitlines()) > 1


@pytest.mark.parametrize(("args", "code"), [(["list"], 0), (["nope"], 2), (["show", "99"], 3)])
def test_the_exit_code_is_that_of_the_command(loaded: Run, args: list[str], code: int) -> None:
    assert run_python("import readlist.__main__", *args).returncode == loaded(*args).code == code


def test_another_thread_is_waited_for(loaded: Run) -> None:
    wait = "lambda: (threading.main_thread().join(), print('done'))"
    code = f"import threading; threading.Thread(target={wait}).start(); import readlist.__main__"
    assert run_python(code, "show", "1").stdout.splitlines()[-1] == "done"


@pytest.mark.parametrize("env", ["_READLIST_COMPLETE=bash", "_READLIST_COMPLETE="])
def test_closed_streams_are_no_error(loaded: Run, env: str) -> None:
    command = f"{env} {sys.executable} -m readlist list >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
