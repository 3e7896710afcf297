"""Concurrent processes: both changes are saved, or one process reports that the library is busy and changes nothing."""

from __future__ import annotations

import os
import time
from functools import partial

import pytest

from readlist import edits
from readlist.errors import Busy
from readlist.store.lock import Lock
from tests.faults.conftest import ReportCounts
from tests.faults.note_stores import NOTE_STORES, NoteStore, ReadlistNotes, for_each_note_store
from tests.faults.processes import ForkedProcess, print_line, run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox
from tests.library_files import refs


def write_notes(store: NoteStore, papers: range) -> None:
    """Write a note on each of these papers, and print the number of each that is saved."""
    for paper in papers:
        store.write_note(paper, f"note {paper}")
        print_line(str(paper))


@for_each_note_store
@pytest.mark.parametrize("shape", [(2, 1000), (8, 100)], ids=["2 x 1,000", "8 x 100"])
def test_notes_of_concurrent_writers_are_all_saved(
    sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts, store_name: str, shape: tuple[int, int]
) -> None:
    writers, each = shape[0], shape[1] // divisor
    store = NOTE_STORES[store_name](sandbox, writers * each)
    shares = [range(1 + each * number, 1 + each * (number + 1)) for number in range(writers)]
    processes = [ForkedProcess(partial(write_notes, store, share)) for share in shares]
    results = [process.wait() for process in processes]
    acknowledged = {int(line) for result in results for line in result.output.splitlines() if line.isdecimal()}
    notes = store.read().notes
    lost = sum(notes.get(paper) != f"note {paper}" for paper in acknowledged)
    failed = sum(result.code != 0 for result in results)
    counts = {"notes": writers * each, "acknowledged": len(acknowledged), "lost": lost, "failed": failed}
    report_counts(f"{writers} writers at once", store_name, **counts)
    if isinstance(store, ReadlistNotes):
        assert (len(acknowledged), lost, failed) == (writers * each, 0, 0)
        assert len(notes) == writers * each
        sandbox.assert_index_matches_store()


def test_readers_never_see_half_a_change(sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts) -> None:
    """Each change puts the same note on two papers; a reader sees it on both or on none, and never an older one."""
    sandbox.load(20)
    writes = 1000 // divisor

    def write() -> None:
        for number in range(writes):
            sandbox.library().apply(edits.ReplaceNote(f"{number:04}"), refs(sandbox.library(), [1, 2]))

    reads, previous = 0, ""
    with ForkedProcess(write) as writer:
        while previous != f"{writes - 1:04}":
            marks, status, _ = sandbox.marks()
            in_store = {mark.note for mark in marks.values()}
            in_index = {entry.mark.note for entry in sandbox.library().entries([1, 2])}
            assert status.problem is None
            assert len(in_store) <= len(in_index) == 1
            latest = in_index.pop()
            assert previous <= "".join(in_store) <= latest
            previous, reads = latest, reads + 2
        assert writer.wait().code == 0
    report_counts("readers during writes", writes=writes, reads=reads, half_changes=0)


def hold_lock(lock: Lock) -> None:
    with lock:
        print_line("locked")
        time.sleep(60)


def test_the_next_writer_continues_at_once_when_the_lock_holder_is_killed(
    sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts
) -> None:
    store = ReadlistNotes(sandbox, 20)
    waits: list[float] = []
    for paper in range(1, 1 + 20 // divisor):
        with ForkedProcess(lambda: hold_lock(sandbox.lock())) as holder:
            holder.output.readline()
            with pytest.raises(Busy, match="the library is locked by another readlist process"), sandbox.lock(0):
                pass
            with ForkedProcess(partial(write_notes, store, range(paper, paper + 1))) as waiting:
                time.sleep(0.1)
                assert store.read().notes.get(paper) is None
                holder.kill()
                start = time.perf_counter()
                assert waiting.output.readline() == f"{paper}\n".encode()
                waits.append(time.perf_counter() - start)
    assert max(waits) < 2  # far less on an idle machine
    report_counts("lock holder killed", kills=len(waits), ms_until_next_is_saved_at_most=round(max(waits) * 1000))


@pytest.mark.slow
def test_a_process_that_waits_10_seconds_for_the_lock_reports_it_and_changes_nothing(
    sandbox: LibrarySandbox, report_counts: ReportCounts
) -> None:
    sandbox.load(3)
    before, start = sandbox.state(), time.perf_counter()
    with sandbox.lock():
        result = run_forked(lambda: run_readlist("read", "1"))
    waited = time.perf_counter() - start
    assert result.code == 5
    assert result.output.splitlines()[-1] == (
        f"readlist: the library is locked by another readlist process: readlist (process {os.getpid()}) "
        "(waited 10 s); nothing was changed; repeat the command"
    )
    assert 10 <= waited < 15
    assert sandbox.state() == before
    report_counts("busy", commands=1, seconds_waited=round(waited, 1), changed=0)
