"""The pager: what is longer than the screen of a terminal goes through $PAGER."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.test_terminals import OnTerminal
from tests.conftest import Done, Run
from tests.hostile import strip_colors

LONG = ("list", "--limit", "0")


@pytest.fixture
def paged(loaded: Run, on_terminal: Callable[..., Done], tmp_path: Path) -> Callable[..., str | None]:
    """Run a command on a terminal of 10 lines with a pager that saves what it gets; return that, None for nothing."""
    saved = tmp_path / "paged"
    save = f"import sys, os; open({str(saved)!r}, 'w').write(os.environ['LESS'] + '\\n' + sys.stdin.read())"

    def call(*args: str, **env: str) -> str | None:
        saved.unlink(missing_ok=True)
        done = on_terminal(*args, **{"LINES": "10", "PAGER": shlex.join([sys.executable, "-c", save]), **env})
        assert done.code == 0
        return saved.read_text(encoding="utf-8") if saved.exists() else None

    return call


@pytest.mark.parametrize(
    "command",
    [LONG, ("search", "reasoning"), ("show", "9"), ("stats",), ("help", "query"), ("tags", "--table")],
    ids=lambda words: words[0],
)
def test_long_output_goes_through_the_pager_in_color(
    paged: Callable[..., str | None], command: tuple[str, ...]
) -> None:
    text = paged(*command)
    assert text is not None
    assert len(text.splitlines()) > 10
    assert "\x1b[" in text
    assert "\x1b[3" not in (paged(*command, NO_COLOR="1") or "\x1b[3")


@pytest.mark.parametrize(
    ("command", "environment"),
    [
        (("list", "--limit", "2"), {}),
        ((*LONG, "--json"), {}),
        ((*LONG, "--tsv"), {}),
        ((*LONG, "--no-pager"), {}),
        (("--no-pager", *LONG), {}),
        (LONG, {"LINES": "60"}),
        (LONG, {"TERM": "dumb"}),
        *((LONG, {"PAGER": pager}) for pager in ("", " ", "cat", "no-such-program -x", "'unbalanced", "/")),
    ],
    ids=str,
)
def test_output_is_printed_without_a_pager(
    paged: Callable[..., str | None],
    on_terminal: Callable[..., Done],
    command: tuple[str, ...],
    environment: dict[str, str],
) -> None:
    assert paged(*command, **environment) is None
    done = on_terminal(*command, **{"LINES": "10", **environment})
    assert (done.code, "Learning to Reason" in done.out) == (0, True)


def test_no_pager_is_used_where_stdin_is_no_terminal(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    done = on_terminal(*LONG, stdin=subprocess.DEVNULL, LINES="10", PAGER="false")
    assert (done.code, "Learning to Reason" in done.out) == (0, True)


def test_the_options_of_less_are_kept_where_they_are_set(paged: Callable[..., str | None]) -> None:
    assert (paged(*LONG) or "").splitlines()[0] == "FRX"
    assert (paged(*LONG, LESS="-i") or "").splitlines()[0] == "-i"


@pytest.mark.parametrize("pager", ["true", "head -n 1", "false"])
def test_a_pager_that_ends_early_is_silent(loaded: Run, on_terminal: Callable[..., Done], pager: str) -> None:
    done = on_terminal("show", "1-13", LINES="10", PAGER=pager)
    assert (done.code, len(done.out.splitlines())) == (0, 1 if pager.startswith("head") else 0)


@pytest.mark.parametrize("options", [{}, {"LESS": "-i"}], ids=str)
def test_the_program_waits_for_less_which_keeps_colors_and_ctrl_c_does_not_end_it(
    loaded: Run, monkeypatch: pytest.MonkeyPatch, options: dict[str, str]
) -> None:
    if not shutil.which("less"):
        pytest.skip("no less here")
    monkeypatch.delenv("PAGER")
    shown = OnTerminal(*LONG, TERM="xterm-256color", LINES="10", COLUMNS="80", **options)
    shown.wait_for("Learning to Reason")
    shown.interrupt()
    time.sleep(0.2)
    shown.type("q")
    done = shown.end()
    assert (done.code, "Traceback" in done.out, "interrupted" in done.out) == (0, False, False)
    assert "\x1b[36m" in done.out  # an ID in color
    assert "ESC[" not in strip_colors(done.out)


def test_no_pager_is_used_in_a_pipe(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "false")
    monkeypatch.setenv("LINES", "5")
    assert len(loaded("list", "--table").out.splitlines()) > 13
    assert os.environ["PAGER"] == "false"
