"""`readlist undo`, `redo` and `history`."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.store import history
from readlist.store.format import SCHEMA
from tests.conftest import Done, Run


def marks(run: Run) -> list[tuple[object, ...]]:
    fields = ("id", "status", "status_at", "starred", "note", "note_at", "my_tags", "tags")
    return [tuple(str(entry[field]) for field in fields) for entry in run("list", "--json").json]


@pytest.mark.parametrize(
    "command",
    [
        ("read", "12", "2-4"),
        ("skip", "1"),
        ("star", "9-13"),
        ("note", "12", "compare with OREAL"),
        ("tag", "5", "--add", "fp8", "--remove", "efficient-training"),
    ],
)
def test_a_change_is_undone_and_redone(loaded: Run, command: tuple[str, ...]) -> None:
    loaded("note", "12", "before")
    before = marks(loaded)
    loaded(*command)
    after = marks(loaded)
    assert after != before
    assert loaded("undo").code == 0
    assert marks(loaded) == before
    assert loaded("redo").code == 0
    assert marks(loaded) == after


def test_a_load_is_undone_and_redone_with_the_ids_it_gave(loaded: Run, seeds: Path) -> None:
    before = loaded("list", "--json").json
    assert loaded("undo").err == "Undone: load seeds: 13 papers added\n"
    assert loaded("list", "--json").json == []
    assert loaded("digests", "--json").json == []
    assert loaded("redo").err == "Redone: load seeds: 13 papers added\n"
    assert loaded("list", "--json").json == before
    assert loaded("load", seeds).err == "Nothing new: 13 papers unchanged\n"


def test_a_load_after_an_undone_one_gives_other_ids(loaded: Run, seeds: Path) -> None:
    loaded("undo")
    loaded("load", seeds / "003_d56214795a957d4e.txt")
    assert [entry["id"] for entry in loaded("list", "--json").json] == [14, 15, 16, 17, 18]


def test_several_commands_are_undone_at_once_the_last_one_first(loaded: Run) -> None:
    loaded("read", "1")
    loaded("star", "1")
    assert loaded("undo", "2").err == "Undone: star 1\nUndone: read 1\n"
    assert loaded("redo", "9").err == "Redone: read 1\nRedone: star 1\n"
    assert loaded("redo").err == "Nothing to redo\n"
    assert loaded("undo", "9").err.splitlines()[-1] == "Undone: load seeds: 13 papers added"
    assert loaded("undo").err == "Nothing to undo\n"


def test_nothing_can_be_redone_after_a_new_change(loaded: Run) -> None:
    loaded("read", "1")
    loaded("undo")
    loaded("star", "2")
    assert loaded("redo").err == "Nothing to redo\n"


def test_a_command_that_changes_nothing_is_not_in_the_history(loaded: Run, seeds: Path) -> None:
    loaded("read", "1")
    loaded("read", "1")
    loaded("load", seeds)
    loaded("load", "--dry-run", seeds)
    loaded("sources", "forget", "nowhere")
    assert [step["description"] for step in loaded("history", "--json").json] == [
        "read 1",
        "load seeds: 13 papers added",
    ]


def test_undo_keeps_later_changes_from_another_machine(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1")
    loaded("note", "1", "from another machine")
    for step in sorted((own_folders / "state").rglob("*.done"))[-1:]:
        step.unlink()  # this machine knows nothing of the note
    assert loaded("undo").err == "Undone: read 1\n"
    entry = loaded("show", "1", "--json").json[0]
    assert (entry["status"], entry["note"]) == ("unread", "from another machine")


def test_an_entry_that_was_not_saved_is_named_and_kept_and_undo_stops(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1")
    loaded("star", "2")
    last = max((own_folders / "state").rglob("*.done"))
    before = last.read_bytes()
    loaded("undo")
    last.with_suffix(".undone").unlink()
    last.write_bytes(before)  # as it is after dying between the history and the store
    done = loaded("undo", "2")
    (kept,) = last.parents[1].glob("damaged/*")
    reason = "a data file does not contain this change; to check: readlist doctor"
    assert done == Done(1, "", f"readlist: cannot undo: star 2; {reason}; the entry is quarantined as {kept}\n")
    assert (last.exists(), kept.read_bytes()) == (False, before)
    assert loaded("undo").err == "Undone: read 1\n"


def test_a_corrupt_history_entry_is_an_error_and_nothing_is_changed(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1")
    before = marks(loaded)
    step = max((own_folders / "state").rglob("*.done"))
    step.write_bytes(step.read_bytes().replace(b"read", b"rexd"))
    done = loaded("undo")
    assert (done.code, "is corrupt" in done.err) == (4, True)
    assert marks(loaded) == before


def test_a_history_entry_of_a_newer_schema_is_an_error_and_nothing_is_changed(loaded: Run, own_folders: Path) -> None:
    loaded("read", "1")
    before = marks(loaded)
    step = max((own_folders / "state").rglob("*.done"))
    text = step.read_bytes()[9:].replace(b'"schema":%d' % SCHEMA, b'"schema":%d' % (SCHEMA + 1))
    step.write_bytes(b"%08x " % zlib.crc32(text) + text)
    assert loaded("undo") == Done(4, "", f"readlist: history entry has a newer schema: {step}; upgrade readlist\n")
    assert marks(loaded) == before
    assert loaded("doctor").code == 0, "the entry is not corrupt"


def test_the_oldest_history_entries_are_pruned(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_ENTRIES", 3)
    for number in range(1, 6):
        loaded("star", str(number))
    assert loaded("undo", "9").err == "Undone: star 5\nUndone: star 4\nUndone: star 3\n"


def test_large_history_entries_are_pruned_except_the_newest(loaded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_BYTES", 10)
    loaded("star", "1")
    loaded("star", "2")
    assert loaded("undo", "9").err == "Undone: star 2\n"


def test_the_history_is_listed_and_a_change_names_undo_on_a_terminal(
    loaded: Run, on_terminal: Callable[..., Done]
) -> None:
    assert on_terminal("star", "12", columns=120).out.rstrip().endswith(". Undo: readlist undo")
    loaded("undo")
    lines = on_terminal("history", NO_COLOR="1").out.splitlines()
    assert ["star 12 (undone)" in lines[0], "load seeds: 13 papers added" in lines[1]] == [True, True]


def test_undo_mine_passes_over_what_cron_loaded_and_redo_brings_it_back(loaded: Run, tmp_path: Path) -> None:
    loaded("star", "2")
    loaded("read", "1")
    (tmp_path / "ebb.txt").write_text("2025-06-02\nEbb\n(Ada Lovelace)\n", encoding="utf-8")
    loaded("load", tmp_path / "ebb.txt")
    before = loaded("list", "--json").json
    assert loaded("undo", "--mine", "2").err == "Undone: read 1\nUndone: star 2\n"
    entries = loaded("list", "--json").json
    assert [entry["title"] for entry in entries] == [entry["title"] for entry in before]
    assert [entry["id"] for entry in entries if entry["starred"] or entry["status"] == "read"] == []
    assert loaded("redo").err == "Redone: star 2\n"
    assert loaded("undo").err == "Undone: star 2\n"
    assert loaded("redo", "9").err == "Redone: star 2\nRedone: read 1\n"
    assert loaded("list", "--json").json == before
    assert loaded("undo", "3").err.splitlines()[-1] == "Undone: load ebb.txt: 1 paper added"
    assert loaded("redo", "--mine").code == 2


def test_undo_mine_says_where_only_cron_changed_something(run: Run, seeds: Path) -> None:
    assert run("undo", "--mine").err == "Nothing to undo\n"
    run("load", seeds)
    assert run("undo", "--mine") == Done(0, "", "Nothing to undo: all commands were unattended\n")
    assert len(run("list", "--json").json) == 13


def test_only_commands_that_cron_runs_are_unattended_and_only_without_a_terminal(
    loaded: Run, tmp_path: Path, on_terminal: Callable[..., Done]
) -> None:
    loaded("star", "1")
    loaded("add", "--title", "By a script")
    (tmp_path / "ebb.txt").write_text("2025-06-02\nEbb\n(Ada Lovelace)\n", encoding="utf-8")
    on_terminal("load", tmp_path / "ebb.txt")
    history = [(entry["description"].split()[0], entry["unattended"]) for entry in loaded("history", "--json").json]
    assert history == [("load", False), ("add", False), ("star", False), ("load", True)]
    assert loaded("history").out.splitlines()[-1].endswith("load seeds: 13 papers added\t\tunattended")


def test_on_a_terminal_undo_says_what_cron_did_and_asks(
    loaded: Run, tmp_path: Path, on_terminal: Callable[..., Done]
) -> None:
    loaded("star", "12")
    digest = tmp_path / "ebb.txt"
    digest.write_text("2025-06-02\nEbb\n(Ada Lovelace)\n", encoding="utf-8")
    loaded("load", digest)
    declined = on_terminal("undo", columns=120, typed="n\n", NO_COLOR="1", TZ="UTC")
    assert declined.code == 1
    assert re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", declined.out).splitlines() == [
        "n",
        "The last command is: load ebb.txt (TIME, unattended): 1 paper added",
        "To undo your own last command, star 12: readlist undo --mine",
        "Undo it? [y/N]: readlist: nothing was undone",
    ]
    assert len(loaded("list", "--json").json) == 14
    both = on_terminal("undo", "2", columns=120, typed="y\n", NO_COLOR="1").out.splitlines()
    assert both[-2:] == ["Undo all 2? [y/N]: Undone: load ebb.txt: 1 paper added", "Undone: star 12"]
    loaded("redo", "2")
    assert on_terminal("undo", "--yes", columns=120).out == "Undone: load ebb.txt: 1 paper added\n"
    assert on_terminal("undo", columns=120).out == "Undone: star 12\n", "the user's own command needs no confirmation"


def test_an_entry_of_an_older_version_is_the_users_own(loaded: Run, own_folders: Path) -> None:
    step = max((own_folders / "state").rglob("*.done"))
    text = step.read_bytes()[9:].replace(b',"unattended":true', b"")
    step.write_bytes(b"%08x " % zlib.crc32(text) + text)
    assert loaded("undo", "--mine").err == "Undone: load seeds: 13 papers added\n"
