"""User errors and internal errors are one line; --debug adds a traceback, without the text of a note."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable

import pytest

from readlist import edits
from readlist.cli.crash import describe, redacted_traceback
from readlist.library.library import Library
from tests.commands import CALLS, call
from tests.conftest import Run
from tests.hostile import is_harmless

SECRET = "my secret \x1b[31m thought"


def fail_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on readlist has a bug, whose exception quotes the note."""

    def failing(*_: object, **__: object) -> None:
        note = SECRET  # a traceback with variables would show it
        try:
            {}[note]  # type: ignore[index] # a bug
        except KeyError as cause:
            raise error from cause

    for name in [name for name in vars(Library) if not name.startswith("_")]:
        monkeypatch.setattr(Library, name, failing)


BUGS = [
    KeyError(SECRET),
    ValueError(f"bad: {SECRET}"),
    TypeError(SECRET),
    sqlite3.ProgrammingError(SECRET),
    RecursionError(SECRET),
    UnicodeEncodeError("ascii", SECRET, 0, 1, SECRET),
    AssertionError(SECRET),
]


@pytest.mark.parametrize(
    "command", [name for name in CALLS if name not in {"completion", "config", "help"}]
)  # need no library
def test_an_internal_error_is_one_line_without_the_text_of_a_note(
    loaded: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    fail_with(KeyError(SECRET), monkeypatch)
    done = loaded(*call(command))
    assert (done.code, done.out) == (70, "")
    assert done.err.startswith("readlist: internal error: KeyError in test_crash.py, line ")
    assert done.err.endswith(" (rerun with --debug and report it)\n")
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("error", BUGS, ids=lambda error: type(error).__name__)
def test_with_debug_an_internal_error_has_a_traceback_without_texts_of_the_user(
    loaded: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fail_with(error, monkeypatch)
    done = loaded("--debug", "list")
    assert (done.code, done.out) == (70, "")
    assert done.err.count("Traceback (most recent call last):") == 2
    assert f"\n{type(error).__module__}.{type(error).__name__}: " in done.err
    assert "in failing\n" in done.err
    assert "secret" not in done.err
    assert is_harmless(done.err)


def test_a_redacted_traceback_has_the_frames_of_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    def raised(act: Callable[[], object]) -> Exception:
        try:
            act()
        except IndexError as error:
            return error
        raise AssertionError

    error = raised(lambda: list(CALLS)[999])
    own = "".join(traceback.format_exception(error)).splitlines()
    assert list(redacted_traceback(error))[:-1] == own[:-1]
    assert describe(error).startswith("IndexError in test_crash.py, line ")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["list", "is:unred"], 2),
        (["list", "--limit", "x"], 2),
        (["lst"], 2),
        (["show", "999"], 3),
        (["load", "/no/such/folder"], 1),
        (["tag", "12"], 2),
        (["note", "12", "x" * (edits.MAX_NOTE + 1)], 2),
        (["export", "--to", "word"], 2),
        (["read", "--where", ""], 2),
        (["undo", "0"], 2),
    ],
)
@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_a_user_error_is_one_line_with_or_without_debug(
    loaded: Run, debug: list[str], args: list[str], code: int
) -> None:
    done = loaded(*debug, *args)
    assert done.code == code
    first, *more = done.err.splitlines()
    assert first.startswith("readlist: ")
    assert [line for line in more if line.startswith("readlist:") or "Traceback" in line] == []
    assert len(more) <= (2 if "is:unred" in args else 1)
