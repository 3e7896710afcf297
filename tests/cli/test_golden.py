"""Whole outputs of the commands that print tables, on the seeds and one more paper, in 80 and 120
columns and in a pipe.

A column that appears, vanishes or moves changes a file of tests/golden/cli and fails a test. After an intended change,
`UPDATE_GOLDEN=1 pytest tests/cli/test_golden.py` writes the files; `git diff tests/golden/cli` shows what changed.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from tests.conftest import ROOT, Run

GOLDEN = ROOT / "tests" / "golden" / "cli"
CALLS = {
    "list": ("list",),
    "list-query": ("list", "tag:quantization"),
    "search": ("search", "reasoning", "reward"),
    "search-comment": ("search", "MXFP4"),
    "show": ("show", "9", "12", "14"),
    "next": ("next", "-n", "3"),
    "similar": ("similar", "12", "-n", "2"),
    "digests": ("digests",),
    "sources": ("sources",),
    "tags": ("tags",),
    "stats": ("stats",),
    "stats-year": ("stats", "--year", "2025", "tag:reasoning"),
    "history": ("history",),
    "query": ("query", "list"),
    "words": ("words", "list"),
    "backup": ("backup", "list"),
    "doctor": ("doctor",),
    "config": ("config",),
}
NOTE = """---
title: "On Tides: 조석"
authors: [Ada Lovelace, Alan Turing]
date: 2025-02-11
tags: [tides]
url: https://doi.org/10.1145/3580305
arxiv: 2502.05795
---
> Tides rise and fall.
A comment on the paper.
"""
"""A paper with a value in every field: no seed has an arXiv ID or a URL, and a table leaves an empty column out."""
PREPARED = (
    ("note", "14", "Ask Ada."),
    ("tag", "14", "--add", "moon"),
    ("query", "save", "fresh", "is:unread -tag:math"),
    ("words", "add", "사전학습 = 프리트레이닝 = pretraining"),
    ("words", "add", "knowledge distillation = 지식 증류"),
    ("read", "12"),
    ("reading", "3"),
    ("skip", "11"),
    ("star", "9"),
    ("note", "9", "Compare with OREAL."),
    ("tag", "12", "--add", "to-teach"),
    ("star", "1"),
    ("undo",),
    ("config", "language", "ko"),
)
NOW = dt.datetime(2025, 6, 4, 12, tzinfo=dt.UTC)
"""When the marks are set and the commands run: statistics depend on the day."""
COLUMNS = [None, 80, 120]
"""None is a pipe."""


class Terminal(io.StringIO):
    """A stdout that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A directory whose path has the same length on every machine, so that tables have the same widths."""
    path = Path(tempfile.mkdtemp(prefix="readlist-golden-", dir="/tmp"))
    shutil.copytree(ROOT / "seeds", path / "seeds")
    (path / "notes").mkdir()
    (path / "notes" / "tides.md").write_text(NOTE, encoding="utf-8")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def prepared(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`run`, at a fixed time, in a library with the seeds and some marks, which the first test builds."""
    monkeypatch.setenv("READLIST_HOME", str(home / "home"))
    for name in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in ("TZ", "TERM", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    with time_machine.travel(NOW):
        if not (home / "home").exists():
            for words in (("load", str(home / "seeds")), ("load", str(home / "notes")), *PREPARED):
                assert run(*words).code == 0
        yield run


NOTICES = {
    "search": [
        'Also searching "thought", "think" for "reasoning" (quote a word to search only this)',
        "6 papers with all words; 4 nearest matches",
    ]
}
"""What is on stderr: the first line, in a pipe the others too."""


@pytest.mark.parametrize("columns", COLUMNS, ids=["pipe", "80", "120"])
@pytest.mark.parametrize("name", CALLS)
def test_the_output_is_the_golden_one(
    prepared: Run, home: Path, monkeypatch: pytest.MonkeyPatch, name: str, columns: int | None
) -> None:
    screen = Terminal()
    if columns:
        monkeypatch.setattr(sys, "stdout", screen)
        monkeypatch.setenv("COLUMNS", str(columns))
    done = prepared(*CALLS[name])
    assert done.code == 0
    assert done.err.splitlines() == NOTICES.get(name, [])[: 1 if columns else None]
    actual = _normalize(screen.getvalue() if columns else done.out, home)
    path = GOLDEN / f"{name}.{columns or 'pipe'}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    assert actual == path.read_text(encoding="utf-8")


def _normalize(text: str, home: Path) -> str:
    """Replace paths, times and sizes, which differ from run to run, by text of the same width."""
    text = re.sub(r"\x1b\[[\d;]*m", "", text).replace(str(home), "/tmp/readlist-golden-xxxxxxxx")
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "YYYY-MM-DDThh:mm:ssZ", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "YYYY-MM-DD hh:mm:ss", text)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "YYYY-MM-DD hh:mm", text)
    text = re.sub(r"\d{8}T\d{6}Z", "YYYYMMDDThhmmssZ", text)
    text = re.sub(r"\d+(?= bytes)|(?<=hhmmssZ\t\d\t)\d+", lambda match: "9" * len(match[0]), text)
    text = re.sub(r"(?<=read on )\d{4}-\d\d-\d\d|(?<=reading since )\d{4}-\d\d-\d\d", "YYYY-MM-DD", text)
    text = re.sub(r"(?<=Note · )\d{4}-\d\d-\d\d", "YYYY-MM-DD", text)
    return "".join(f"{line.rstrip(' ')}\n" for line in text.splitlines())


def test_every_command_that_prints_a_table_has_a_golden_output() -> None:
    views = {"list", "search", "show", "next", "similar", "digests", "sources", "tags", "stats", "history", "query"}
    assert views | {"words", "backup", "doctor", "config"} <= {words[0] for words in CALLS.values()}
    assert {path.name for path in GOLDEN.iterdir()} == {
        f"{name}.{columns or 'pipe'}.txt" for name in CALLS for columns in COLUMNS
    }
