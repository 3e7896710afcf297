"""kill -9: what was reported as saved is there, and the file is intact."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from functools import partial
from itertools import count
from typing import NamedTuple

from tests.faults.conftest import ReportCounts
from tests.faults.note_stores import NOTE_STORES, NoteStore, PlainTinyDBNotes, ReadlistNotes, for_each_note_store
from tests.faults.processes import ForkedProcess, print_line
from tests.faults.sandbox import LibrarySandbox

PAPERS = 30


class NumberedNote(NamedTuple):
    """The note that the `number`-th write of a round writes."""

    round: int
    number: int

    @property
    def paper(self) -> int:
        return (self.round * 7 + self.number) % PAPERS + 1

    @property
    def text(self) -> str:
        return f"{self.round}.{self.number}" + " a thought on it" * 20


def write_notes_forever(store: NoteStore, round_: int) -> None:
    """Write notes until killed, and print the number of each that is saved, after a line when it starts."""
    print_line("started")
    for number in count():
        note = NumberedNote(round_, number)
        store.write_note(note.paper, note.text)
        print_line(str(number))


def measure_first_write(store: NoteStore) -> float:
    """Return the seconds from the start of a writer until its first note is saved."""
    with ForkedProcess(lambda: write_notes_forever(store, 0)) as process:
        assert process.output.readline() == b"started\n"
        start = time.perf_counter()
        assert process.output.readline() == b"0\n"
        return time.perf_counter() - start


@for_each_note_store
def test_notes_that_were_reported_as_saved_survive_kill_9(
    disk_sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts, store_name: str
) -> None:
    store = NOTE_STORES[store_name](disk_sandbox, PAPERS)
    rng, rounds = random.Random(20250211), 1000 // divisor
    acknowledged = lost = unreadable = 0
    longest_delay = max(0.06, 2 * measure_first_write(store))  # a busy disk needs longer for every fsync
    known = store.read().notes
    for round_ in range(1, 1 + rounds):
        with ForkedProcess(partial(write_notes_forever, store, round_)) as process:
            assert process.output.readline() == b"started\n"
            time.sleep(rng.random() * longest_delay)
            saved = [NumberedNote(round_, int(line)) for line in process.kill()]
        stored = store.read()
        known |= {note.paper: note.text for note in saved}
        unacknowledged = NumberedNote(round_, len(saved))
        acknowledged += len(saved)
        unreadable += stored.is_corrupt
        lost += sum(stored.notes.get(paper) not in (text, unacknowledged.text) for paper, text in known.items())
        known = stored.notes
        if isinstance(store, ReadlistNotes):
            assert (lost, unreadable) == (0, 0)
            disk_sandbox.assert_index_matches_store()
        elif stored.is_corrupt:
            store.file.unlink()  # it cannot be repaired
    assert acknowledged > 20 // divisor
    counts = {"kills": rounds, "acknowledged": acknowledged, "lost": lost, "unreadable": unreadable}
    report_counts("kill -9 of a writer", store_name, **counts)
    if isinstance(store, ReadlistNotes):
        store.write_note(1, "the next one")
        assert disk_sandbox.list_temporary_files() == []


def test_notes_of_whole_commands_survive_kill_9(
    disk_sandbox: LibrarySandbox, divisor: int, report_counts: ReportCounts
) -> None:
    store, rng = ReadlistNotes(disk_sandbox, 20), random.Random(1)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "readlist", "note", "1", "first"], check=True, capture_output=True)
    duration, known, acknowledged = time.perf_counter() - start, store.read().notes, 0
    for number in range(150 // divisor):
        paper = number % 20 + 1
        words = [sys.executable, "-m", "readlist", "note", str(paper), f"{number}"]
        with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
            assert process.stderr
            time.sleep(duration * (0.2 + rng.random()))
            process.send_signal(signal.SIGKILL)
            is_reported = f"number {paper}\n".encode() in process.stderr.read()  # the end of the paper's title
        stored = store.read()
        longer = known | {paper: "\n\n".join(filter(None, (known.get(paper), f"{number}")))}
        assert not stored.is_corrupt
        assert stored.notes in ([longer] if is_reported else [known, longer])
        acknowledged += is_reported
        known = stored.notes
        disk_sandbox.assert_index_matches_store()
    report_counts("kill -9 of whole commands", kills=150 // divisor, acknowledged=acknowledged, lost=0, unreadable=0)


def test_the_plain_tinydb_file_returns_the_last_note_written(disk_sandbox: LibrarySandbox) -> None:
    store = PlainTinyDBNotes(disk_sandbox, 0)
    store.write_note(1, "x")
    store.write_note(1, "y")
    assert store.read() == ({1: "y"}, False)
