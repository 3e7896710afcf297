"""Backups: which are kept, what is in them, and the way back: `readlist backup list` and `backup restore`."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import StoreError
from readlist.models import Mark
from readlist.store.atomic import time_name
from readlist.store.backups import PRECIOUS, REPLACEABLE, Backups, Plan, kept
from readlist.store.lock import Lock
from readlist.store.marks import MarkStore
from tests.conftest import Done, Run

NOW = dt.datetime(2026, 11, 21, 13, 45, tzinfo=dt.UTC)
TIMES = st.sets(st.datetimes(dt.datetime(2026, 1, 1), NOW.replace(tzinfo=None), timezones=st.just(dt.UTC)), max_size=60)
PLANS = st.sampled_from([PRECIOUS, REPLACEABLE, Plan(1, 2, 2)])


# Which are kept


def test_the_last_ten_writes_and_the_newest_of_seven_days_and_four_weeks_are_kept() -> None:
    hourly = [NOW - dt.timedelta(hours=hours) for hours in range(24 * 60)]
    staying = sorted(kept(hourly, NOW), reverse=True)
    assert staying[:10] == hourly[:10]
    assert [f"{at:%a %d %H:%M}" for at in staying[10:]] == [
        "Fri 20 23:45",
        "Thu 19 23:45",
        "Wed 18 23:45",
        "Tue 17 23:45",
        "Mon 16 23:45",
        "Sun 15 23:45",
        "Sun 08 23:45",
        "Sun 01 23:45",
    ]


def test_a_day_or_a_week_counts_however_long_ago_it_was() -> None:
    rare = [NOW - dt.timedelta(days=100 * number) for number in range(30)]
    assert kept(rare, NOW) == set(rare[:10])
    busy_once = [*rare[1:3], *(NOW - dt.timedelta(minutes=number) for number in range(50))]
    assert set(rare[1:3]) < kept(busy_once, NOW)


@given(TIMES, PLANS)
def test_what_is_kept_is_some_of_what_there_is_and_the_newest_among_it(times: set[dt.datetime], plan: Plan) -> None:
    staying = kept(times, NOW, plan)
    assert staying <= times
    assert set(sorted(times)[-plan.writes :]) <= staying
    assert len(staying) <= sum(plan)
    assert kept(staying, NOW, plan) == staying


@given(TIMES, PLANS)
def test_to_let_go_after_each_write_keeps_what_letting_go_once_would(times: set[dt.datetime], plan: Plan) -> None:
    step_by_step: set[dt.datetime] = set()
    for at in sorted(times):
        step_by_step = kept({*step_by_step, at}, at, plan)
    assert step_by_step == kept(times, NOW, plan)


@given(TIMES, st.sets(st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(days=9999)), max_size=30), PLANS)
def test_a_clock_that_was_ahead_takes_no_place_from_the_others(
    times: set[dt.datetime], ahead: set[dt.timedelta], plan: Plan
) -> None:
    late = {NOW + by for by in ahead}
    assert kept(times | late, NOW, plan) - late == kept(times, NOW, plan)
    assert len(kept(times | late, NOW, plan) & late) <= plan.writes


@given(st.lists(st.datetimes(dt.datetime(1990, 1, 1), timezones=st.just(dt.UTC)), max_size=20))
def test_names_sort_by_time_and_tell_it(times: list[dt.datetime]) -> None:
    assert [dt.datetime.fromisoformat(name) for name in sorted(map(time_name, times))] == sorted(times)


# What is in them


class Shelf:
    """A store of marks and its backups."""

    def __init__(self, root: Path) -> None:
        self.file = root / "marks.json"
        self.folder = root / "state" / "backups" / "marks.json"
        self.store = MarkStore(self.file, Lock(root / "state" / "lock"), root / "state" / "backups")

    def note(self, text: str) -> None:
        now = dt.datetime.now(dt.UTC)
        self.store.change(["a-111111"], lambda mark: replace(mark, note=text, note_at=now))

    def notes(self) -> list[str]:
        """What the backups hold, the newest first."""
        held = [self.store.file.content(backup.path).tables["marks"] for backup in self.store.file.backups]
        return [marks["a-111111"]["note"] for marks in held]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_what_was_saved_is_there_at_once_and_ten_states_before_it(shelf: Shelf) -> None:
    for number in range(15):
        shelf.note(str(number))
    assert shelf.notes() == [str(number) for number in range(14, 3, -1)]


def test_a_backup_is_named_by_when_it_was_saved(shelf: Shelf) -> None:
    shelf.note("one")
    (backup,) = shelf.store.file.backups
    assert backup.name == f"marks.json/{time_name(backup.at)}"
    assert abs(backup.at.timestamp() - shelf.file.stat().st_mtime) < 1e-5


def test_damage_to_the_file_itself_leaves_every_backup_sound(shelf: Shelf) -> None:
    shelf.note("one")
    shelf.note("two")
    with shelf.file.open("r+b") as file:
        file.write(b"\0" * 500)
    assert shelf.notes() == ["two", "one"]


def test_what_another_program_put_there_is_kept_before_it_is_replaced(shelf: Shelf, tmp_path: Path) -> None:
    elsewhere = Shelf(tmp_path / "elsewhere")
    elsewhere.note("from another machine")
    shelf.note("one")
    os.utime(elsewhere.file, (0, 0))
    elsewhere.file.replace(shelf.file)
    for number in range(9):
        shelf.note(str(number))
    assert shelf.notes() == [*map(str, range(8, -1, -1)), "from another machine", "one"]


def test_a_copy_that_did_not_reach_the_disk_gives_way_to_the_file_it_was_made_from(shelf: Shelf) -> None:
    shelf.note("one")
    (backup,) = shelf.store.file.backups
    backup.path.write_bytes(b"")
    shelf.note("two")
    assert shelf.notes() == ["two", "one"]


def test_no_room_for_a_copy_is_no_reason_to_fail(shelf: Shelf) -> None:
    shelf.folder.parent.mkdir(parents=True)
    shelf.folder.write_text("in the way")
    shelf.note("one")
    assert shelf.store.read().marks["a-111111"].note == "one"


def test_other_files_in_the_folder_are_left_alone(shelf: Shelf) -> None:
    shelf.note("one")
    other = shelf.folder / "2026-before-the-conference Z"
    other.write_text("mine")
    for number in range(15):
        shelf.note(str(number))
    assert other.read_text() == "mine"
    assert len(shelf.notes()) == 11


# A change that dies before it replaces the file is run again


def test_a_file_that_is_its_own_backup_is_changed_all_the_same(shelf: Shelf) -> None:
    shelf.note("one")
    (backup,) = shelf.store.file.backups
    backup.path.unlink()
    os.link(shelf.file, backup.path)
    Backups(shelf.folder, precious=True).keep(shelf.file)
    assert list(shelf.folder.iterdir()) == [backup.path]
    shelf.note("two")
    assert shelf.notes() == ["two", "one"]


def test_a_damaged_file_from_a_newer_readlist_is_not_mended(shelf: Shelf, tmp_path: Path) -> None:
    shelf.note("one")
    with shelf.store.file.changing() as database:
        database.records("_meta").put({"1": {"schema": 3}})
    newer = shelf.file.read_bytes()[:-1]
    shelf.file.write_bytes(newer)
    with pytest.raises(StoreError, match="was written by a newer readlist"):
        shelf.store.mend(tmp_path / "damaged")
    assert shelf.file.read_bytes() == newer
    assert not (tmp_path / "damaged").exists()


# The commands


def test_backups_are_listed_with_what_is_in_them(
    loaded: Run, seeds: Path, own_folders: Path, on_terminal: Callable[..., Done]
) -> None:
    loaded("star", "1-3")
    loaded("read", "4")
    (own_folders / "more.txt").write_bytes(b"2025-06-01\nTides\n(Ada Lovelace)\n")
    loaded("load", own_folders / "more.txt")
    told = loaded("backup", "list", "--json").json
    assert [(one["name"].partition("/")[0], one["records"]) for one in told] == [
        ("marks.json", 4),
        ("marks.json", 3),
        ("papers.json", 13),
    ]
    lines = [line.split("\t") for line in loaded("backup", "list").out.splitlines()]
    assert lines == [[one["at"], one["name"], str(one["records"]), str(one["size"])] for one in told]
    shown = on_terminal("backup", "list", NO_COLOR="1", columns=120).out.splitlines()
    assert [line.split()[2:4] for line in shown[1:]] == [["4", "marks"], ["3", "marks"], ["13", "papers"]]


def test_no_backup_is_said(run: Run) -> None:
    assert run("backup", "list") == Done(0, "", "No backups yet; every change makes one\n")
    assert run("backup", "restore") == Done(0, "", "No backup differs from the current state\n")


def statuses(run: Run) -> dict[int, str]:
    return {entry["id"]: entry["status"] for entry in run("list", "--json", "is:read OR is:skipped").json}


def test_restore_goes_back_to_the_newest_backup_that_differs_and_can_be_undone(loaded: Run) -> None:
    loaded("read", "1-3")
    loaded("skip", "3-5")
    done = loaded("backup", "restore")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("Restored 3 marks from ")
    assert statuses(loaded) == {1: "read", 2: "read", 3: "read"}
    assert loaded("undo").err.startswith("Undone: backup restore marks.json/2")
    assert statuses(loaded) == {1: "read", 2: "read", 3: "skipped", 4: "skipped", 5: "skipped"}
    loaded("redo")
    assert statuses(loaded) == {1: "read", 2: "read", 3: "read"}


@pytest.mark.parametrize("short", [False, True])
def test_any_backup_can_be_restored_by_its_name(loaded: Run, *, short: bool) -> None:
    for id_ in range(1, 5):
        loaded("read", str(id_))
    name = loaded("backup", "list", "--json").json[2]["name"]
    assert loaded("backup", "restore", name.rpartition("/")[2] if short else name).code == 0
    assert set(statuses(loaded)) == {1, 2}
    assert loaded("backup", "restore", name).code == 0


def test_a_note_that_was_lengthened_and_tags_are_put_back_whole(loaded: Run) -> None:
    loaded("note", "1", "short")
    before = loaded("show", "1", "--json").json
    loaded("note", "1", "and long")
    loaded("tag", "1", "--add", "mine")
    loaded("backup", "restore", loaded("backup", "list", "--json").json[2]["name"])
    assert loaded("show", "1", "--json").json == before


def test_papers_can_be_restored_too_and_keep_their_marks(loaded: Run, own_folders: Path) -> None:
    loaded("star", "1")
    (own_folders / "more.txt").write_bytes(b"2025-06-01\nTides\n(Ada Lovelace)\n")
    loaded("load", own_folders / "more.txt")
    done = loaded("backup", "restore", "papers.json")
    assert (done.code, done.err.partition(" from ")[0]) == (0, "Restored 1 paper")
    assert [entry["id"] for entry in loaded("list", "is:starred", "--json").json] == [1]
    assert len(loaded("list", "--json").json) == 13
    assert loaded("load", own_folders / "more.txt").err == "1 paper added\n"
    assert max(entry["id"] for entry in loaded("list", "--json").json) == 15, "an id is never given again"


def test_a_backup_that_is_not_there_or_not_sound_is_refused(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1")
    loaded("read", "2")
    done = loaded("backup", "restore", "marks.json/20200101T000000.000000Z")
    assert (done.code, done.err.splitlines()) == (
        3,
        ["readlist: no such backup: marks.json/20200101T000000.000000Z; see readlist backup list"],
    )
    oldest = min(own_folders.rglob("backups/marks.json/2*"))
    oldest.write_bytes(oldest.read_bytes()[:-9])
    before = (own_folders / "home/marks.json").read_bytes()
    done = loaded("backup", "restore", oldest.name)
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith(f"readlist: {oldest} is damaged: ")
    assert (own_folders / "home/marks.json").read_bytes() == before
    assert loaded("backup", "list", "--json").json[1]["records"] is None
    assert loaded("backup", "restore").code == 0
    assert (own_folders / "home/marks.json").read_bytes() == before


def test_a_damaged_file_is_mended_before_a_backup_is_restored(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1")
    (own_folders / "home/marks.json").write_text("hello")
    done = loaded("backup", "restore")
    assert done.code == 4
    assert "to mend it: readlist doctor --fix" in done.err
    assert (own_folders / "home/marks.json").read_text() == "hello"


def test_a_lost_file_comes_back(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1-3")
    before = (own_folders / "home/marks.json").read_bytes()
    (own_folders / "home/marks.json").unlink()
    assert loaded("backup", "restore").code == 0
    assert (own_folders / "home/marks.json").read_bytes() == before


# Files of every layout that was ever written can be read for ever

SCHEMA_1 = """{"_meta":{
"1":{"schema":1,"sum":"52695e57"}
},"marks":{
"a-111111":{"starred":true,"starred_at":"2025-02-11T12:00:00Z","sum":"97e84b04"}
,
"c-333333":{"note":"π 학습\\n\\n“x”","note_at":"2025-02-11T12:00:00Z","sum":"044359d0"}
}}
"""
SCHEMA_2 = SCHEMA_1.replace('"1":{"schema":1,"sum":"52695e57"}', '"1":{"schema":2,"sum":"79440d94"}').replace(
    "}}\n",
    """},"queries":{
"fresh":{"query":"is:unread NOT tag:rl","at":"2025-02-11T12:00:00Z","sum":"0469cbc1"}
},"renames":{
"rl":{"tag":"reinforcement-learning","at":"2025-02-11T12:00:00Z","sum":"be157a4a"}
}}
""",
)
NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize("written", [SCHEMA_1, SCHEMA_2], ids=["schema 1", "schema 2"])
def test_a_file_of_every_schema_can_be_read_and_changed(shelf: Shelf, written: str) -> None:
    shelf.file.write_text(written, encoding="utf-8")
    assert shelf.store.read().marks == {
        "a-111111": Mark("a-111111", starred=True, starred_at=NOON),
        "c-333333": Mark("c-333333", note="π 학습\n\n“x”", note_at=NOON),
    }
    shelf.note("changed")
    assert json.loads(shelf.file.read_bytes())["marks"]["a-111111"]["note"] == "changed"
