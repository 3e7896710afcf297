"""A full disk: the old state stays, and one line gives the reason; see test_system_calls for every single call."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable

import pytest

from readlist import edits
from readlist.errors import ReadlistError
from tests.faults.conftest import ReportCounts
from tests.faults.note_stores import NOTE_STORES, PlainTinyDBNotes, for_each_note_store
from tests.faults.processes import print_line, run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox
from tests.library_files import refs

POINTS = 60


def with_file_size_limit(size: int, work: Callable[[], object]) -> Callable[[], object]:
    """Return a function that does `work` where no file can become longer than `size`."""

    def limited() -> object:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return work()

    return limited


def size_limits(size: int, divisor: int) -> list[int]:
    """Return sizes from 0 to 10 % above the size of a file."""
    last = POINTS // divisor - 1
    return [round(size * 1.1 * point / last) for point in range(last + 1)]


@pytest.mark.parametrize("words", ["read 1-30 --yes", "note 3 a-thought", "tag 1-9 --add new", "load", "undo"])
def test_a_full_disk_leaves_the_old_state_and_gives_the_reason_in_one_line(
    sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts, words: str
) -> None:
    sandbox.load(40)
    sandbox.library().apply(edits.ReplaceNote("words " * 30), refs(sandbox.library(), range(1, 41)))
    sandbox.save_snapshot()
    old, refused = sandbox.state(), 0
    command = [*words.split(), *([str(sandbox.digests)] if words == "load" else [])]
    if words == "load":
        (digest,) = sandbox.digests.iterdir()
        digest.write_text(digest.read_text(encoding="utf-8").replace("number", "No."), encoding="utf-8")
    assert run_forked(lambda: run_readlist(*command)).code == 0
    new = sandbox.state()
    written = (path for root in (sandbox.files.data, sandbox.files.state) for path in root.rglob("*"))
    size = max(path.stat().st_size for path in written)
    for limit in size_limits(size, divisor):
        sandbox.restore_snapshot()
        result = run_forked(with_file_size_limit(limit, lambda: run_readlist(*command)))
        assert sandbox.state() == (old if result.code else new)
        assert sandbox.list_temporary_files() == []
        sandbox.assert_index_matches_store()
        if result.code:
            (line,) = result.output.splitlines()
            assert line.startswith(f"readlist: cannot save {sandbox.root}")
            assert line.endswith(f": {os.strerror(errno.EFBIG)}")
            refused += 1
    assert 0 < refused < POINTS // divisor
    name = words.split(maxsplit=1)[0]
    report_counts(f"disk full: {name}", points=POINTS // divisor, refused=refused, corrupt=0)


@for_each_note_store
def test_a_note_that_does_not_fit_on_the_disk_leaves_the_other_notes_intact(
    sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts, store_name: str
) -> None:
    store = NOTE_STORES[store_name](sandbox, 40)

    def write_longer_note() -> None:
        try:
            store.write_note(1, "a longer one " * 30)
        except (OSError, ReadlistError):
            print_line("refused")

    for paper in range(1, 41):
        store.write_note(paper, f"note {paper} " + "x" * 200)
    written, intact = store.read(), store.file.read_bytes()
    others = {paper: note for paper, note in written.notes.items() if paper > 1}
    refused = lost = unreadable = 0
    for limit in size_limits(len(intact), divisor):
        store.file.write_bytes(intact)
        refused += "refused" in run_forked(with_file_size_limit(limit, write_longer_note)).output
        stored = store.read()
        unreadable += stored.is_corrupt
        lost += len(others.items() - stored.notes.items())
    counts = {"points": POINTS // divisor, "refused": refused, "unreadable": unreadable, "lost": lost}
    report_counts("disk full: a longer note", store_name, **counts)
    assert refused > 0
    assert isinstance(store, PlainTinyDBNotes) or (unreadable, lost) == (0, 0)
