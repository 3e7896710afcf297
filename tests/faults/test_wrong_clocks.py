"""Wrong clocks: which of two states is newer is known by their sequence; the time is only shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.edits import AppendNote
from readlist.library.library import Library
from tests.conftest import Run
from tests.library_files import LibraryFiles, refs

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
WRONG = {
    "nine hours ahead": NOON + dt.timedelta(hours=9, minutes=3),
    "nine hours behind": NOON - dt.timedelta(hours=9),
    "a day ahead": NOON + dt.timedelta(days=1),
    "a month ahead": NOON + dt.timedelta(days=31),
    "a year behind": NOON - dt.timedelta(days=365),
    "the epoch": dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC),
    "2001": dt.datetime(2001, 2, 3, tzinfo=dt.UTC),
    "2036": dt.datetime(2036, 2, 7, 6, 28, 16, tzinfo=dt.UTC),
    "after 2038": dt.datetime(2038, 1, 19, 3, 14, 8, tzinfo=dt.UTC),
    "2106": dt.datetime(2106, 2, 7, 6, 28, 16, tzinfo=dt.UTC),
    "2300": dt.datetime(2300, 1, 1, tzinfo=dt.UTC),
    "9999": dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC),
}


IN_DEFAULT_RUN = ("nine hours ahead", "the epoch", "9999")
CLOCKS = [
    pytest.param(time, id=name, marks=() if name in IN_DEFAULT_RUN else pytest.mark.slow)
    for name, time in WRONG.items()
]


@pytest.fixture(params=CLOCKS)
def wrong(request: pytest.FixtureRequest) -> dt.datetime:
    """The time that a wrong clock shows during one command."""
    return request.param  # type: ignore[no-any-return]  # pytest does not type parameters


def run_at(run: Run, time: dt.datetime, *words: str | Path, code: int = 0) -> str:
    with time_machine.travel(time, tick=False):
        done = run(*words)
    assert done.code == code, done
    return done.err


def read_notes(run: Run) -> dict[int, str]:
    return {entry["id"]: entry["note"] for entry in run("list", "has:note", "--json").json}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:40])


def test_notes_written_after_one_command_under_a_wrong_clock_are_repaired(
    run: Run, files: LibraryFiles, seeds: Path, wrong: dt.datetime
) -> None:
    run_at(run, NOON, "load", seeds)
    run_at(run, wrong, "star", "4")
    run_at(run, NOON + dt.timedelta(minutes=5), "note", "7", "first")
    run_at(run, NOON + dt.timedelta(minutes=30), "note", "8", "second")
    cut(files.marks)
    run_at(run, NOON + dt.timedelta(minutes=40), "doctor", "--fix")
    assert read_notes(run) == {7: "first", 8: "second"}
    assert [entry["id"] for entry in run("list", "is:starred", "--json").json] == [4]


def test_the_state_before_a_repair_survives_any_number_of_changes(
    run: Run, files: LibraryFiles, seeds: Path, wrong: dt.datetime
) -> None:
    run_at(run, NOON, "load", seeds)
    run_at(run, wrong, "note", "4", "before")
    before = files.marks.read_bytes()
    cut(files.marks)
    corrupt = files.marks.read_bytes()
    run_at(run, NOON, "doctor", "--fix")
    for minute in range(30):
        run_at(run, NOON + dt.timedelta(minutes=minute), "star" if minute % 2 else "unstar", "5-9")
    assert before in [path.read_bytes() for path in files.backups("marks.json")]
    assert files.quarantined() == {"marks.json": corrupt}


def test_papers_loaded_after_one_load_under_a_wrong_clock_are_repaired(
    run: Run, files: LibraryFiles, seeds: Path, tmp_path: Path, wrong: dt.datetime
) -> None:
    for name in ("Ebb", "Flow"):
        (tmp_path / f"{name}.txt").write_text(f"2025-06-02\n{name}\n(Ada Lovelace)\n", encoding="utf-8")
    run_at(run, NOON, "load", seeds)
    run_at(run, wrong, "load", tmp_path / "Ebb.txt")
    run_at(run, NOON + dt.timedelta(minutes=5), "load", tmp_path / "Flow.txt")
    cut(files.papers)
    run_at(run, NOON + dt.timedelta(minutes=40), "doctor", "--fix")
    assert len(run("list", "--json").json) == 15


def test_undo_and_redo_follow_the_order_of_the_commands(run: Run, seeds: Path, wrong: dt.datetime) -> None:
    run_at(run, NOON, "load", seeds)
    run_at(run, wrong, "note", "7", "first")
    run_at(run, NOON, "note", "8", "second")
    assert run_at(run, wrong, "undo") == "Undone: note 8\n"
    assert run_at(run, NOON, "undo") == "Undone: note 7\n"
    assert run_at(run, NOON, "redo", "2") == "Redone: note 7\nRedone: note 8\n"


def test_every_command_answers_after_a_change_under_a_wrong_clock(run: Run, seeds: Path, wrong: dt.datetime) -> None:
    run_at(run, NOON, "load", seeds)
    for command in ("star 4", "read 5", "note 6 text", "tag 7 --add mine", "query save mine is:read"):
        run_at(run, wrong, *command.split())
    for words in ("list", "stats", "history", "backup", "doctor", "show 4-7", "next", "digests", "list read:..2026"):
        for time in (NOON, wrong):
            run_at(run, time, *words.split())


@settings(max_examples=15)
@given(times=st.lists(st.sampled_from([NOON, *WRONG.values()]), min_size=1, max_size=25))
def test_the_last_state_is_repaired_after_any_sequence_of_clocks(
    tmp_path_factory: pytest.TempPathFactory, times: list[dt.datetime]
) -> None:
    files = LibraryFiles(tmp_path_factory.mktemp("clocks"))
    digest = files.root / "digest.txt"
    digest.write_text("2025-06-02\nTides\n(Ada Lovelace)\n", encoding="utf-8")
    Library(files.directories).load([str(digest)])
    for number, time in enumerate(times):
        with time_machine.travel(time, tick=False):
            library = Library(files.directories)
            library.apply(AppendNote(str(number)), refs(library, [1]))
    cut(files.marks)
    library = Library(files.directories)
    for _ in library.doctor().repair():
        pass
    (entry,) = library.entries([1])
    assert entry.mark.note.split("\n\n") == [str(number) for number in range(len(times))]
