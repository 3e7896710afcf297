"""An export changes both store files: a load that fails or dies between them can be repeated or undone."""

from __future__ import annotations

import datetime as dt
import errno
import json
from collections import Counter
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.faults.fault_injection import CallFault
from tests.faults.processes import run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox

NOON = "2025-06-01T12:00:00Z"


def entry_of(number: int, title: str, key: str) -> dict[str, Any]:
    return {
        "id": number,
        "key": key,
        "title": title,
        "authors": ["Ada Lovelace"],
        "digests": [{"date": "2025-02-12", "source": "other.txt"}],
        "status": "read",
        "status_at": NOON,
        "note": f"on {title}",
        "note_at": NOON,
    }


@pytest.fixture
def export(sandbox: LibrarySandbox) -> Path:
    """An export of two papers that are new and one that is in the library, with a mark each."""
    sandbox.load(3)
    for words in ("read 1", "note 2 mine"):
        assert run_forked(partial(run_readlist, *words.split())).code == 0
    sandbox.save_snapshot()
    known = sandbox.entries()[2].paper
    entries = [
        entry_of(1, "On Tides", "on-tides-0a1b2c"),
        entry_of(2, "On Moons", "on-moons-0a1b2c"),
        entry_of(3, known.title, known.key),
    ]
    path = sandbox.digests / "export.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("error_number", "is_persistent"),
    [(None, False), (errno.EIO, False), (errno.ENOSPC, True)],
    ids=["dies", "fails once", "fails from then on"],
)
def test_a_fault_in_a_load_with_marks_leaves_at_most_marks_and_the_load_can_be_repeated(
    sandbox: LibrarySandbox, export: Path, divisor: int, error_number: int | None, *, is_persistent: bool
) -> None:
    load = partial(run_readlist, "load", export)

    old = sandbox.state()
    assert run_forked(load).code == 0
    new = sandbox.state()
    assert len(new["marks"]) == len(old["marks"]) + 3
    states = Counter[str]()
    for at in count(1 + divisor // 3, divisor):
        fault = CallFault(sandbox.root, at, error_number, is_persistent=is_persistent)
        sandbox.restore_snapshot()
        result = run_forked(fault.inject_into(load))
        if not fault.was_reached:
            break
        state = sandbox.state()
        kind = "old" if state == old else "new" if state == new else "marks"
        assert state in (old, new, old | {"marks": new["marks"]}), f"neither state after call {at}"
        assert kind != "marks" or error_number is None or is_persistent, "a failure that ends restores the marks"
        assert kind == "new" or result.code
        if kind == "marks":
            sandbox.library().undo()
            assert sandbox.state() == old
        sandbox.assert_index_matches_store()
        assert run_forked(load).code == 0
        assert sandbox.state() == new
        sandbox.library().undo()
        assert sandbox.state()["papers"] == old["papers"]
        assert sandbox.state()["marks"] == old["marks"]
        sandbox.assert_index_matches_store()
        assert sandbox.list_temporary_files() == []
        sandbox.library().redo()
        assert sandbox.state() == new
        sandbox.assert_index_matches_store()
        states[kind] += 1
    assert states["old"] > 3


def test_what_died_before_the_papers_were_saved_is_completed_by_loading_again(
    sandbox: LibrarySandbox, export: Path
) -> None:
    assert run_forked(lambda: run_readlist("load", export)).code == 0
    new = sandbox.state()
    for at in count(1):
        fault = CallFault(sandbox.root, at)
        sandbox.restore_snapshot()
        run_forked(fault.inject_into(lambda: run_readlist("load", export)))
        state = sandbox.state()
        if state["marks"] == new["marks"] and state["papers"] != new["papers"]:
            break
        assert fault.was_reached, "the marks are saved first"
    assert run_forked(lambda: run_readlist("load", export)).code == 0
    assert sandbox.state() == new
    assert dt.date(2025, 2, 12) in {
        appearance.date for entry in sandbox.entries() for appearance in entry.paper.digests
    }
