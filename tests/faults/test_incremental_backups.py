"""The last state of a large file is an incremental backup: it survives faults at any system call like a copy."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import count

import pytest

from readlist.store import file as store_file
from readlist.store import incremental
from tests.faults.conftest import ReportCounts
from tests.faults.fault_injection import CallFault
from tests.faults.processes import run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox
from tests.faults.test_system_calls import NEXT_DAY, base, run_change, run_with_fault

__all__ = ["base"]


@pytest.fixture(autouse=True)
def _all_files_are_large() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_file, "MIN_INCREMENTAL_BYTES", 0)
        patch.setattr(incremental, "_MAX_SHARE", 0)
        yield


@pytest.mark.parametrize(("name", "error_number"), [("load", None), ("load", errno.EIO), ("undo", None)])
def test_after_a_fault_at_any_system_call_a_lost_file_comes_back_in_the_old_or_the_new_state(
    base: LibrarySandbox, divisor: int, report_counts: ReportCounts, name: str, error_number: int | None
) -> None:
    for words in (["load", base.write_digest(NEXT_DAY, range(5, 9))], ["edit", "1", "--title", "Ferns"]):
        assert run_forked(partial(run_readlist, *words)).code == 0
    base.save_snapshot()
    change, states = run_change(base, name), Counter[str]()
    for at in count(1, divisor):
        fault = CallFault(base.root, at, error_number)
        run_with_fault(base, change, fault)
        saved = base.state()
        base.files.papers.unlink()
        assert run_forked(partial(run_readlist, "doctor", "--fix")).code == 0
        repaired = base.state()
        if not fault.was_reached:
            break
        assert repaired in (change.old, change.new), f"neither the old nor the new state after call {at}"
        assert saved in (repaired, change.new), f"the saved state has no backup after call {at}"
        states["old" if repaired == change.old else "new"] += 1
    assert repaired == change.new, "the last change is restored"
    counts = {"faults": states.total(), "old": states["old"], "new": states["new"], "neither": 0}
    report_counts(f"{name}, then loss: the N-th call {'dies' if error_number is None else 'fails'}", **counts)
