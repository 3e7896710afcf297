"""Fixtures of several tests of commands: a lab, and the libraries of its members."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Done, Run

Member = Callable[..., Done]


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    return tmp_path / "lab.git"


@pytest.fixture
def member(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Member:
    """Run readlist in the library of a person: `member("kim", "list")`."""

    def call(person: str, *args: str | Path) -> Done:
        monkeypatch.setenv("READLIST_HOME", str(tmp_path / person))
        return run(*args)

    return call
