"""Backups: which are retained, what they contain, and how they are restored."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.cli.commands.backup import _describe_changes
from readlist.errors import StoreError
from readlist.reports import RestoreReport
from readlist.store import Store
from readlist.store.backups import Backups
from readlist.store.format import SCHEMA
from readlist.store.retention import MIN_WRITES, POLICY, RetentionPolicy, retained
from tests.conftest import Done, Run
from tests.library_files import LibraryFiles
from tests.store.changes import edit_marks
from tests.store_bytes import serialize

NOW = dt.datetime(2026, 11, 21, 13, 45, tzinfo=dt.UTC)
TIMES = st.datetimes(dt.datetime(2026, 1, 1), NOW.replace(tzinfo=None), timezones=st.just(dt.UTC))
BACKUPS = st.lists(st.tuples(TIMES, st.integers(1, 5000)), max_size=60).map(
    lambda backups: [SavedState(number, *backup) for number, backup in enumerate(backups)]
)
POLICIES = st.sampled_from([POLICY, RetentionPolicy(2), RetentionPolicy(2, 2, 2, 9000)])
WRONG_CLOCKS = [dt.datetime(year, 5, 6, tzinfo=dt.UTC) for year in (1970, 2001, 2026, 2036, 2100, 9998)]
KEY = "a-111111"
UNKNOWN = "marks.json/000000-20200101T000000Z"
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


# Retention


class SavedState(NamedTuple):
    """A backup as the retention sees it; the sequence gives the order, the time may be any."""

    sequence: int
    time: dt.datetime
    size: int = 1000


def retain(backups: Iterable[SavedState], policy: RetentionPolicy = POLICY) -> set[SavedState]:
    newest_first = sorted(backups, key=lambda backup: backup.sequence, reverse=True)
    return retained(newest_first, lambda backup: backup.time, lambda backup: backup.size, policy)


def saved_at(times: Sequence[dt.datetime]) -> list[SavedState]:
    """Return backups with these times, the oldest first."""
    return [SavedState(number, time) for number, time in enumerate(times)]


def test_the_last_ten_writes_and_the_newest_of_seven_days_and_four_weeks_are_retained() -> None:
    hourly = [NOW - dt.timedelta(hours=hours) for hours in range(24 * 60, -1, -1)]
    newest_first = sorted((backup.time for backup in retain(saved_at(hourly))), reverse=True)
    assert newest_first[:10] == hourly[:-11:-1]
    assert [f"{time:%a %d %H:%M}" for time in newest_first[10:]] == [
        "Fri 20 23:45",
        "Thu 19 23:45",
        "Wed 18 23:45",
        "Tue 17 23:45",
        "Mon 16 23:45",
        "Sun 15 23:45",
        "Sun 08 23:45",
        "Sun 01 23:45",
    ]


def test_the_seven_days_are_days_that_have_a_backup_at_any_distance() -> None:
    sparse = saved_at([NOW - dt.timedelta(days=100 * number) for number in range(30, -1, -1)])
    assert retain(sparse) == set(sparse[-10:])
    busy_day = [SavedState(100 + number, NOW + dt.timedelta(days=100, minutes=number)) for number in range(50)]
    assert set(sparse[-3:]) < retain([*sparse, *busy_day])


@given(BACKUPS, POLICIES)
def test_the_newest_backups_are_retained_and_no_more_than_the_policy_allows(
    backups: list[SavedState], policy: RetentionPolicy
) -> None:
    result = retain(backups, policy)
    assert result <= set(backups)
    assert set(backups[-MIN_WRITES:]) <= result
    assert set(backups[-policy.writes :]) <= result or sum(backup.size for backup in backups) > policy.max_bytes
    assert len(result) <= policy.writes + policy.days + policy.weeks + MIN_WRITES
    assert sum(backup.size for backup in sorted(result)[:-MIN_WRITES]) <= policy.max_bytes
    assert retain(result, policy) == result


@given(BACKUPS, POLICIES)
def test_rotating_after_each_write_retains_the_same_as_rotating_once(
    backups: list[SavedState], policy: RetentionPolicy
) -> None:
    unlimited = policy._replace(max_bytes=10**12)
    after_each_write: set[SavedState] = set()
    for backup in backups:
        after_each_write = retain({*after_each_write, backup}, unlimited)
    assert after_each_write == retain(backups, unlimited)


@given(st.lists(st.sampled_from(WRONG_CLOCKS), min_size=1, max_size=60))
def test_a_wrong_clock_displaces_none_of_the_last_ten_states(times: list[dt.datetime]) -> None:
    backups = saved_at(times)
    assert set(backups[-10:]) <= retain(backups)


# Content


class MarksWithBackups:
    """A store of marks with the backups of its file; every change is a new note on one paper."""

    def __init__(self, root: Path) -> None:
        self.file = root / "marks.json"
        self.directory = root / "state" / "backups" / "marks.json"
        self.store = Store(root, root / "state").marks

    def write_note(self, text: str) -> None:
        now = dt.datetime.now(dt.UTC)
        edit_marks(self.store, [KEY], lambda mark: mark._replace(note=text, note_at=now))

    def read_notes(self) -> list[str]:
        """Return the note in each backup, the newest first."""
        contents = (self.store.file.read_content(backup.path) for backup in self.store.file.backups)
        return [content.tables["marks"][KEY]["note"] for content in contents]


@pytest.fixture
def marks(tmp_path: Path) -> MarksWithBackups:
    return MarksWithBackups(tmp_path)


def test_the_saved_state_and_the_ten_before_it_have_backups(marks: MarksWithBackups) -> None:
    for number in range(15):
        marks.write_note(str(number))
    assert marks.read_notes() == [str(number) for number in range(14, 3, -1)]


def test_a_backup_is_named_after_the_sequence_and_the_time_of_the_save(marks: MarksWithBackups) -> None:
    marks.write_note("one")
    marks.write_note("two")
    newest, oldest = marks.store.file.backups
    assert (newest.sequence, oldest.sequence) == (2, 1)
    assert newest.name == f"marks.json/000002-{newest.time:%Y%m%dT%H%M%SZ}"
    assert int(newest.time.timestamp()) == int(marks.file.stat().st_mtime)
    assert marks.store.file.read_content().metadata.sequence == 2


def test_corruption_of_the_file_in_place_leaves_every_backup_intact(marks: MarksWithBackups) -> None:
    marks.write_note("one")
    marks.write_note("two")
    with marks.file.open("r+b") as file:
        file.write(b"\0" * 500)
    assert marks.read_notes() == ["two", "one"]


def test_a_file_that_another_program_wrote_gets_a_backup_before_it_is_replaced(
    marks: MarksWithBackups, tmp_path: Path
) -> None:
    other = MarksWithBackups(tmp_path / "other")
    other.write_note("from another machine")
    marks.write_note("one")
    os.utime(other.file, (0, 0))
    other.file.replace(marks.file)
    for number in range(9):
        marks.write_note(str(number))
    assert marks.read_notes() == [*map(str, range(8, -1, -1)), "from another machine", "one"]


def test_a_copy_that_did_not_reach_the_disk_is_replaced_by_a_link_to_the_file_it_was_copied_from(
    marks: MarksWithBackups,
) -> None:
    marks.write_note("one")
    (backup,) = marks.store.file.backups
    time = backup.path.stat().st_mtime_ns
    backup.path.write_bytes(b"")
    os.utime(backup.path, ns=(time, time))
    marks.write_note("two")
    assert marks.read_notes() == ["two", "one"]


def test_a_change_is_saved_although_its_backup_cannot_be_written(marks: MarksWithBackups) -> None:
    marks.directory.parent.mkdir(parents=True)
    marks.directory.write_text("a file in place of the directory")
    marks.write_note("one")
    assert marks.store.read().marks[KEY].note == "one"


def test_other_files_in_the_backup_directory_are_not_touched(marks: MarksWithBackups) -> None:
    marks.write_note("one")
    other = marks.directory / "000099-before-the-conference Z"
    other.write_text("mine")
    for number in range(15):
        marks.write_note(str(number))
    assert other.read_text() == "mine"
    assert len(marks.read_notes()) == 11


def test_a_file_that_is_already_linked_as_a_backup_can_be_changed(marks: MarksWithBackups) -> None:
    """A change that dies before it replaces the file has made the link already."""
    marks.write_note("one")
    (backup,) = marks.store.file.backups
    backup.path.unlink()
    os.link(marks.file, backup.path)
    Backups(marks.directory).add_link(marks.file, 1)
    assert list(marks.directory.iterdir()) == [backup.path]
    marks.write_note("two")
    assert marks.read_notes() == ["two", "one"]


def test_a_backup_that_a_user_links_in_place_of_the_file_leaves_the_replaced_state_pinned(
    loaded: Run, files: LibraryFiles
) -> None:
    loaded("star", "1")
    loaded("note", "1", "the last state")
    older, last = files.backups("marks.json")[-2:]
    files.marks.unlink()
    os.link(older, files.marks)
    loaded("star", "2")
    assert files.backups("marks.json")[-2].name == f"{last.name}-pinned"


def test_a_corrupt_file_of_a_newer_version_is_not_repaired(marks: MarksWithBackups, tmp_path: Path) -> None:
    marks.write_note("one")
    tables = marks.store.file.read_content().tables
    newer = serialize({**tables, "_meta": {"1": {"schema": SCHEMA + 1}}})[:-1]
    marks.file.write_bytes(newer)
    with pytest.raises(StoreError, match="data file has a newer schema"):
        marks.store.repair(tmp_path / "quarantine")
    assert marks.file.read_bytes() == newer
    assert not (tmp_path / "quarantine").exists()


# Commands


def records(content: bytes) -> dict[str, Any]:
    """Return the records of a store file, without what it says about itself."""
    return {name: table for name, table in json.loads(content).items() if name != "_meta"}


def read_statuses(run: Run) -> dict[int, str]:
    return {entry["id"]: entry["status"] for entry in run("list", "--json", "is:read OR is:skipped").json}


def test_backups_are_listed_with_the_number_of_their_records(
    loaded: Run, tides: Path, on_terminal: Callable[..., Done]
) -> None:
    loaded("star", "1-3")
    loaded("read", "4")
    loaded("load", tides)
    backups = loaded("backup", "list", "--json").json
    assert [(backup["name"].partition("/")[0], backup["records"]) for backup in backups] == [
        ("marks.json", 4),
        ("marks.json", 4),
        ("marks.json", 3),
        ("marks.json", 0),
        ("papers.json", 14),
        ("papers.json", 13),
    ]
    lines = [line.split("\t") for line in loaded("backup", "list").out.splitlines()]
    assert lines == [[item["at"], item["name"], str(item["records"]), str(item["size"])] for item in backups]
    table = on_terminal("backup", "list", NO_COLOR="1", columns=120).out.splitlines()
    assert [line.split()[2:4] for line in table[1:]] == [
        [str(backup["records"]), backup["name"].partition(".")[0]] for backup in backups
    ]


def test_a_library_without_backups_lists_and_restores_none(run: Run) -> None:
    assert run("backup") == Done(0, "", "No backups. Each change of marks or papers creates one\n")
    assert run("backup", "restore") == Done(0, "", "No backup differs from the current state\n")


def test_restore_goes_back_to_the_newest_backup_that_differs_and_can_be_undone(loaded: Run) -> None:
    loaded("read", "1-3")
    loaded("skip", "3-5")
    done = loaded("backup", "restore", "--yes")
    assert (done.code, done.out) == (0, "")
    assert re.fullmatch(rf"Restored marks\.json/\d+-\w+ of {TIME}: 1 mark changed, 2 removed\n", done.err)
    assert read_statuses(loaded) == {1: "read", 2: "read", 3: "read"}
    assert ": backup restore marks.json/0" in loaded("undo").err
    assert read_statuses(loaded) == {1: "read", 2: "read", 3: "skipped", 4: "skipped", 5: "skipped"}
    loaded("redo")
    assert read_statuses(loaded) == {1: "read", 2: "read", 3: "read"}


@pytest.mark.parametrize("is_short", [False, True])
def test_any_backup_can_be_restored_by_its_name(loaded: Run, *, is_short: bool) -> None:
    for id_ in range(1, 5):
        loaded("read", str(id_))
    name = loaded("backup", "list", "--json").json[2]["name"]
    assert loaded("backup", "restore", name.rpartition("/")[2] if is_short else name, "--yes").code == 0
    assert set(read_statuses(loaded)) == {1, 2}
    assert loaded("backup", "restore", name, "--yes").code == 0


def test_a_longer_note_and_new_tags_are_replaced_by_those_of_the_backup(loaded: Run) -> None:
    loaded("note", "1", "short")
    before = loaded("show", "1", "--json").json
    loaded("note", "1", "and long")
    loaded("tag", "1", "--add", "mine")
    loaded("backup", "restore", loaded("backup", "list", "--json").json[2]["name"], "--yes")
    assert loaded("show", "1", "--json").json == before


def test_papers_can_be_restored_and_keep_their_marks(loaded: Run, tides: Path) -> None:
    loaded("star", "1")
    loaded("load", tides)
    done = loaded("backup", "restore", "papers.json", "--yes")
    assert done.code == 0
    assert re.fullmatch(rf"Restored papers\.json/\d+-\w+ of {TIME}: 1 paper removed; 2 sources changed\n", done.err)
    assert [entry["id"] for entry in loaded("list", "is:starred", "--json").json] == [1]
    assert len(loaded("list", "--json").json) == 13
    assert loaded("load", tides).code == 0
    assert max(entry["id"] for entry in loaded("list", "--json").json) == 15, "an ID is never reused"


def test_marks_of_papers_that_are_gone_are_restored_with_the_others(
    loaded: Run, files: LibraryFiles, tides: Path
) -> None:
    loaded("load", tides)
    for words in ("star 1", "star 2", "read 14"):
        loaded(*words.split())
    oldest = files.backups("marks.json")[0]
    content = oldest.read_bytes()
    loaded("backup", "restore", "papers.json", "--yes")
    assert loaded("backup", "restore", oldest.name, "--yes").code == 0
    assert records(files.marks.read_bytes()) == records(content)


def test_an_unknown_or_corrupt_backup_is_not_restored(loaded: Run, files: LibraryFiles) -> None:
    loaded("read", "1")
    loaded("read", "2")
    done = loaded("backup", "restore", UNKNOWN, "--yes")
    assert (done.code, done.err) == (3, f"readlist: no such backup: {UNKNOWN}; to list them: readlist backup\n")
    oldest = files.backups("marks.json")[0]
    oldest.write_bytes(oldest.read_bytes()[:-9])
    before = files.marks.read_bytes()
    done = loaded("backup", "restore", oldest.name, "--yes")
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith(f"readlist: data file is corrupt: {oldest}: line ")
    assert done.err.endswith("; nothing was changed; to list the backups: readlist backup\n")
    assert records(files.marks.read_bytes()) == records(before)
    assert loaded("backup", "list", "--json").json[2]["records"] is None
    newest = files.backups("marks.json")[-2].read_bytes()
    assert loaded("backup", "restore", "--yes").code == 0
    assert records(files.marks.read_bytes()) == records(newest), "the corrupt one is passed over"


def test_no_backup_is_restored_over_a_corrupt_file(loaded: Run, files: LibraryFiles) -> None:
    loaded("read", "1")
    files.marks.write_text("hello")
    done = loaded("backup", "restore", "--yes")
    assert done.code == 4
    assert "to repair it: readlist doctor --fix" in done.err
    assert files.marks.read_text() == "hello"


def test_a_confirmation_names_the_backup_its_time_and_what_it_changes(
    loaded: Run, on_terminal: Callable[..., Done]
) -> None:
    loaded("read", "1-3")
    loaded("skip", "3-5")
    done = loaded("backup", "restore")
    assert done.code == 2
    expected = rf"Backup marks\.json/\d+-\w+ of {TIME} would change 1 mark, remove 2"
    assert re.fullmatch(expected, done.err.splitlines()[0])
    loaded("query", "save", "mine", "tag:rl")
    assert (
        loaded("backup", "restore")
        .err.splitlines()[0]
        .endswith("would change 1 saved query, tag name or synonym group")
    )


def test_a_restore_that_cannot_be_undone_does_not_name_undo(
    loaded: Run, files: LibraryFiles, on_terminal: Callable[..., Done]
) -> None:
    loaded("read", "1-3")
    files.marks.unlink()
    done = on_terminal("backup", "restore", columns=400)
    assert (done.code, "3 marks restored\n" in done.out, "Undo" in done.out) == (0, True, False)
    loaded("read", "4")
    assert "Undo: readlist undo" in on_terminal("backup", "restore", "--yes", columns=400).out
    files.marks.unlink()
    for backup in files.backups("marks.json"):
        backup.unlink()
    assert loaded("backup", "restore").err.endswith("No valid backup: created an empty file\n")


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (RestoreReport("marks.json/1", None, 3, 1, 0), "3 marks restored, 1 changed"),
        (
            RestoreReport("marks.json/1", None, 0, 0, 1, 1),
            "1 mark removed; 1 saved query, tag name or synonym group changed",
        ),
        (RestoreReport("marks.json/1", None, 0, 0, 0, 2), "2 saved queries, tag names or synonym groups changed"),
        (RestoreReport("papers.json/1", None, 0, 0, 0, 1), "1 source changed"),
    ],
)
def test_what_a_restore_changes_is_counted(report: RestoreReport, text: str) -> None:
    assert _describe_changes(report) == text


def test_a_missing_file_is_restored(loaded: Run, files: LibraryFiles) -> None:
    loaded("read", "1-3")
    before = files.marks.read_bytes()
    files.marks.unlink()
    assert loaded("backup", "restore").code == 0, "nothing can be lost: it does not ask"
    assert records(files.marks.read_bytes()) == records(before)


def test_a_backup_that_is_the_current_state_is_not_restored(loaded: Run, files: LibraryFiles) -> None:
    loaded("read", "1")
    before, name = files.marks.read_bytes(), loaded("backup", "--json").json[0]["name"]
    done = loaded("backup", "restore", name)
    assert (done.code, done.err) == (0, f"{name} does not differ from the current state\n")
    assert files.marks.read_bytes() == before


def test_a_backup_of_the_year_9999_is_listed_and_counted(
    loaded: Run, files: LibraryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its local time would be in the year 10000."""
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    try:
        loaded("read", "1")
        newest = files.backups("marks.json")[-1]
        newest.rename(newest.with_name("000001-99991231T235959Z"))
        assert loaded("doctor").out.startswith("No problems found")
        assert "9999-12-31 23:59:59" in loaded("backup", "--table").out
    finally:
        monkeypatch.undo()
        time.tzset()
