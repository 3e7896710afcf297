"""Disks that refuse to set modes or times, as some network and FUSE file systems do: every command works."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import pytest

from tests.faults.processes import ProcessResult, run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox

COMMANDS = ["read 1", "note 2 text", "tag 1-3 --add new", "undo", "redo", "list", "search reward", "doctor"]


def run_refused(calls: tuple[str, ...], part: str, code: int, command: str) -> ProcessResult:
    """Run a command in a process in which these system calls fail on paths that contain `part`."""

    def work() -> None:
        for name in calls:
            setattr(os, name, _refuse(getattr(os, name), part, code))
        run_readlist(*command.split())

    return run_forked(work)


def _refuse(call: Callable[..., Any], part: str, code: int) -> Callable[..., Any]:
    def refused(path: Any, *args: Any, **options: Any) -> Any:
        if part in str(path):
            _fail(code)
        return call(path, *args, **options)

    return refused


def _fail(code: int) -> NoReturn:
    raise OSError(code, os.strerror(code))


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP], ids=errno.errorcode.get)
@pytest.mark.parametrize(
    ("calls", "part"),
    [
        (("chmod", "fchmod"), ""),
        (("utime",), ".sqlite"),
        (("chmod", "fchmod", "utime"), ""),
    ],
    ids=["modes", "times of the index", "modes and times"],
)
def test_every_command_works(sandbox: LibrarySandbox, calls: tuple[str, ...], part: str, code: int) -> None:
    sandbox.load(6)
    for command in COMMANDS:
        result = run_refused(calls, part, code, command)
        assert result.code == 0, f"{command}: {result.output}"
        assert "Traceback" not in result.output
    assert run_forked(partial(run_readlist, "show", "2")).output.endswith("text\n")
    sandbox.assert_index_matches_store()


def test_a_digest_can_be_loaded_first(sandbox: LibrarySandbox) -> None:
    (sandbox.root / "digest.txt").write_text("2025-02-11\nA title\n(A B, C D)\nAbstract.\nComment.\n#rl\n")
    result = run_refused(("chmod", "fchmod"), "", errno.EPERM, f"load {sandbox.root / 'digest.txt'}")
    assert (result.code, result.output) == (0, "1 paper added\n")
