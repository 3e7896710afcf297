"""`readlist sync` as two users with a directory as remote see it: messages, JSON, what it changes and what not."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine

from readlist.cli.commands.sync import summarize
from readlist.sync.report import SyncReport
from tests.conftest import ROOT, Done, Run
from tests.terminal import run_on_terminal
from tests.test_docs import documented_fields

KOREAN = "비교 ★ “OREAL” — 첫 단락\n\n둘째 단락: 👩‍🔬  끝  \n\ttab"
NEW_PAPER = "2025-06-01\n조수에 대하여: On Tides\n(Ada Lovelace)\nTides rise and fall.\n"

Laptop = Callable[..., Done]


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A directory that does not exist."""
    return tmp_path / "usb" / "papers.git"


@pytest.fixture
def laptop(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remote: Path) -> Laptop:
    """Run readlist in the library of a machine: `laptop("desk", "list")`."""
    remote.parent.mkdir()

    def call(machine: str, *args: str | Path, stdin: str = "") -> Done:
        monkeypatch.setenv("READLIST_HOME", str(tmp_path / machine))
        return run(*args, stdin=stdin)

    return call


@pytest.fixture
def synced(laptop: Laptop, remote: Path, seeds: Path) -> Laptop:
    """Two machines, desk and bag, that have the seeds and were synced."""
    assert laptop("desk", "load", seeds).code == 0
    for machine in ("desk", "bag"):
        assert laptop(machine, "sync", remote).code == 0
    return laptop


def entries(laptop: Laptop, machine: str) -> list[Any]:
    """Return the entries of a machine without what is its own: when a paper was loaded, the order of tags and links."""
    listed = laptop(machine, "list", "--json").json
    for entry in listed:
        del entry["loaded_at"]
        for name in ("tags", "digest_tags", "links"):
            entry[name].sort()
    return sorted(listed, key=lambda entry: entry["id"])


def files(*directories: Path) -> dict[Path, bytes]:
    """Return the files below some directories, without the index, which is updated by commands that read."""
    paths = [path for directory in directories for path in sorted(directory.rglob("*")) if path.is_file()]
    return {path: path.read_bytes() for path in paths if not path.name.startswith("index.sqlite")}


# The summary


@pytest.mark.parametrize(
    ("sent", "received", "is_first", "summary"),
    [
        ({}, {}, False, "Nothing new."),
        ({}, {}, True, "Nothing new (first sync)."),
        ({"papers": 812, "marks": 240}, {}, True, "Sent 812 papers and 240 marks (first sync)."),
        ({"marks": 5}, {"marks": 3, "papers": 10}, False, "Received 10 papers and 3 marks, sent 5 marks."),
        ({}, {"marks": 1}, False, "Received 1 mark."),
        ({}, {"others": 2}, False, "Received 2 marks of others."),
        ({"papers": 10_000}, {}, False, "Sent 10,000 papers."),
        ({}, {"queries": 1, "aliases": 2, "sources": 3, "synonyms": 0, "papers": 4}, False, ""),
    ],
)
def test_the_summary_counts_what_was_received_and_sent(
    sent: dict[str, int], received: dict[str, int], is_first: bool, summary: str
) -> None:
    report = SyncReport("nas:papers.git", sent, received, is_first)
    assert summarize(report) == (summary or "Received 4 papers, 1 saved query, 2 renamed tags and 3 sources.")


def test_the_summary_of_a_dry_run_says_would() -> None:
    report = SyncReport("nas:papers.git", {"marks": 5}, {"marks": 3, "papers": 10})
    assert summarize(report, is_dry_run=True) == "Would receive 10 papers and 3 marks, would send 5 marks."
    assert summarize(SyncReport("nas:papers.git", {}, {}), is_dry_run=True) == "Nothing new."


# Two machines


def test_a_second_machine_receives_what_the_first_one_sent(laptop: Laptop, remote: Path, seeds: Path) -> None:
    laptop("desk", "load", seeds)
    laptop("desk", "read", "12")
    laptop("desk", "note", "9", KOREAN)
    laptop("desk", "query", "save", "안읽음", "is:unread 추론")
    done = laptop("desk", "sync", remote)
    assert (done.code, done.out) == (0, "")
    assert done.err == "Sent 13 papers, 2 marks and 1 saved query (first sync).\n"
    done = laptop("bag", "sync", remote)
    assert (done.code, done.out) == (0, "")
    assert done.err == "Received 13 papers, 2 marks and 1 saved query (first sync).\n"
    assert entries(laptop, "bag") == entries(laptop, "desk")
    assert laptop("bag", "show", "12").out == laptop("desk", "show", "12").out
    assert laptop("bag", "note", "9", "--show").out == laptop("desk", "note", "9", "--show").out
    assert laptop("bag", "query", "--json").json == laptop("desk", "query", "--json").json
    assert [laptop(machine, "sync").err for machine in ("bag", "desk", "bag")] == ["Nothing new.\n"] * 3


def test_what_both_changed_is_merged_and_the_numbers_say_so(synced: Laptop) -> None:
    synced("desk", "read", "12")
    synced("desk", "note", "9", "desk: 책상")
    synced("bag", "star", "12")
    synced("bag", "note", "9", "bag: 가방")
    synced("bag", "load", "-", stdin=NEW_PAPER)
    assert synced("desk", "sync").err == "Sent 2 marks.\n"
    assert synced("bag", "sync").err == "Received 2 marks, sent 1 paper and 2 marks.\n"
    assert synced("desk", "sync").err == "Received 1 paper and 2 marks.\n"
    assert entries(synced, "desk") == entries(synced, "bag")
    (entry,) = synced("bag", "show", "12", "--json").json
    assert (entry["status"], entry["starred"]) == ("read", True)
    assert {"desk: 책상", "bag: 가방"} <= set(synced("desk", "note", "9", "--show").out.splitlines())


def test_a_sync_is_in_the_history_and_undo_passes_over_it(synced: Laptop) -> None:
    synced("desk", "star", "12")
    synced("desk", "sync")
    synced("bag", "read", "9")
    assert synced("bag", "sync").err == "Received 1 mark, sent 1 mark.\n"
    assert any("sync" in row["description"] for row in synced("bag", "history", "--json").json)
    done = synced("bag", "undo")
    assert (done.code, done.err) == (0, "Undone: read 9\n")
    assert synced("bag", "show", "12", "--json").json[0]["starred"] is True


def test_a_deletion_elsewhere_of_a_paper_with_a_star_or_a_note_is_named(synced: Laptop) -> None:
    synced("desk", "delete", "5", "6")
    synced("desk", "sync")
    synced("bag", "note", "5", "compare")
    message = "deleted on another machine, with a star or a note here: 5; to restore: readlist delete --restore 5\n"
    assert message in synced("bag", "sync", "--dry-run").err
    assert message in synced("bag", "sync").err
    assert synced("bag", "sync").err == "Nothing new.\n"


def test_a_clock_that_is_ten_days_ahead_is_ten_days_ahead(synced: Laptop) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=10), tick=True):
        synced("desk", "star", "5")
        synced("desk", "sync", "--name", "desk")
    assert "the clock of desk is 10 days ahead;" in synced("bag", "sync").err


# The forms of its output


def test_json_has_the_documented_fields_and_every_kind(laptop: Laptop, remote: Path, seeds: Path) -> None:
    laptop("desk", "load", seeds)
    done = laptop("desk", "sync", remote, "--json")
    assert (done.code, done.err) == (0, "")
    assert list(done.json) == documented_fields("sync")
    none = dict.fromkeys(("papers", "marks", "queries", "aliases", "synonyms", "sources", "others"), 0)
    assert done.json == {
        "remote": str(remote),
        "first": True,
        "dry_run": False,
        "received": none,
        "sent": none | {"papers": 13},
        "messages": [],
    }
    laptop("desk", "read", "12")
    done = laptop("desk", "sync", "--json")
    assert (done.json["first"], done.json["sent"]) == (False, none | {"marks": 1})


def test_quiet_prints_nothing_unless_something_is_wrong(synced: Laptop, remote: Path) -> None:
    for machine in ("desk", "bag"):
        done = synced(machine, "sync", "--quiet")
        assert (done.code, done.out, done.err) == (0, "", "")
    synced("desk", "read", "12")
    assert synced("desk", "sync", "-q") == Done(0, "", "")
    remote.rename(remote.with_name("elsewhere"))
    done = synced("desk", "sync", "--quiet")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


def test_a_pipe_and_a_narrow_locale_get_utf_8(synced: Laptop, tmp_path: Path) -> None:
    target = tmp_path / "usb" / "논문.git"
    assert synced("desk", "sync", target).code == 0
    call = [sys.executable, "-m", "readlist", "sync", "--json"]
    done = subprocess.run(call, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert f'"remote": "{target}"' in done.stdout.decode()


def test_progress_is_for_a_terminal_only(synced: Laptop, on_terminal: Callable[..., Done]) -> None:
    slow = {"GIT_SSH_COMMAND": "sleep 1; false"}
    done = on_terminal("sync", "nas.example:papers.git", **slow)
    first, *_, last = done.out.splitlines()
    assert (done.code, first.endswith("…"), last.startswith("readlist: ")) == (1, True, True)
    assert "…" not in on_terminal("sync", "nas.example:papers.git", "--quiet", **slow).out


# --status, --dry-run, --forget


def test_status_says_what_was_not_sent_without_asking_the_remote(synced: Laptop, remote: Path) -> None:
    remote.rename(remote.with_name("elsewhere"))
    pattern = rf"Remote: {remote}\nLast sync: \d{{4}}-\d\d-\d\d \d\d:\d\d\nNot sent: (.*)\n"
    done = synced("desk", "sync", "--status")
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(pattern, done.out)[1] == "nothing"  # type: ignore[index]  # None fails as well
    synced("desk", "read", "1-3")
    synced("desk", "load", "-", stdin=NEW_PAPER)
    assert re.fullmatch(pattern, synced("desk", "sync", "--status").out)[1] == "1 paper and 3 marks"  # type: ignore[index]  # likewise
    status = synced("desk", "sync", "--status", "--json").json
    assert list(status) == documented_fields("sync --status")
    assert (status["unsent"]["marks"], status["unsent"]["papers"], status["lab"]) == (3, 1, "")


def test_status_without_a_remote_says_how_to_name_one(laptop: Laptop) -> None:
    done = laptop("desk", "sync", "--status")
    assert (done.code, done.out) == (0, "")
    assert done.err == "No remote. To sync: readlist sync REMOTE; see: readlist help sync\n"
    status = laptop("desk", "sync", "--status", "--json").json
    assert (status["remote"], status["last_sync"], status["shared"]) == ("", None, [])


def test_a_dry_run_changes_nothing_here_or_there(synced: Laptop, remote: Path, tmp_path: Path) -> None:
    synced("desk", "read", "12")
    synced("desk", "sync")
    synced("bag", "star", "9")
    directories = (tmp_path / "bag", remote)
    before, rows = files(*directories), len(synced("bag", "history", "--json").json)
    done = synced("bag", "sync", "--dry-run")
    assert (done.code, done.out, done.err) == (0, "", "Would receive 1 mark, would send 1 mark.\n")
    assert synced("bag", "sync", "--dry-run", "--json").json["dry_run"] is True
    assert files(*directories) == before
    assert len(synced("bag", "history", "--json").json) == rows
    assert synced("bag", "sync").err == "Received 1 mark, sent 1 mark.\n"


def test_a_dry_run_of_the_first_sync_neither_creates_nor_remembers_the_remote(
    laptop: Laptop, remote: Path, seeds: Path
) -> None:
    laptop("desk", "load", seeds)
    done = laptop("desk", "sync", remote, "--dry-run")
    assert (done.code, done.err) == (0, "Would send 13 papers (first sync).\n")
    assert not remote.exists()
    assert laptop("desk", "sync", "--status", "--json").json["remote"] == ""


def test_a_forgotten_remote_stays_as_it_is(synced: Laptop, remote: Path, tmp_path: Path) -> None:
    before = files(tmp_path / "desk", remote)
    done = synced("desk", "sync", "--forget")
    assert done.err == "Remote forgotten; nothing was deleted there. To sync again: readlist sync REMOTE\n"
    assert files(tmp_path / "desk", remote) == before
    assert synced("desk", "sync", "--forget").err.startswith("No remote. ")
    done = synced("desk", "sync")
    assert (done.code, "readlist sync REMOTE" in done.err) == (2, True)
    assert synced("desk", "sync", remote).code == 0
    assert entries(synced, "desk") == entries(synced, "bag")


# Remotes that are missing, damaged or something else


def test_a_remembered_remote_that_is_missing_is_on_a_disk_that_is_not_mounted(synced: Laptop, remote: Path) -> None:
    disk = remote.parent.rename(remote.parent.with_name("elsewhere"))
    done = synced("desk", "sync")
    assert done.code == 1
    assert done.err == (f"readlist: the remote does not exist: {remote}; connect its disk, or pass another remote\n")
    remote.mkdir(parents=True)
    assert f"the remote is empty: {remote}; connect its disk" in synced("desk", "sync").err
    assert not any(remote.iterdir())
    (disk / remote.name / "HEAD").unlink()
    assert (
        f"the remote is damaged: {disk / remote.name}; create another one"
        in synced("desk", "sync", disk / remote.name).err
    )


def test_a_remote_whose_objects_are_lost_is_damaged_and_another_one_is_filled(synced: Laptop, remote: Path) -> None:
    for file in [path for path in (remote / "objects").rglob("*") if path.is_file()]:
        file.unlink()
    synced("desk", "star", "3")
    for machine in ("desk", "new"):
        done = synced(machine, "sync", remote)
        assert (done.code, done.out) == (1, ""), done.err
        assert re.fullmatch(
            f"readlist: the remote is damaged: {remote}: .*; create another one: readlist sync OTHER\n", done.err
        )
    assert synced("desk", "sync", remote.parent / "new.git").code == 0
    assert synced("new", "sync", remote.parent / "new.git").code == 0
    assert entries(synced, "new") == entries(synced, "desk")


def test_a_dry_run_on_a_disk_that_is_not_mounted_fails_as_the_sync_does(laptop: Laptop, tmp_path: Path) -> None:
    done = laptop("desk", "sync", "--dry-run", tmp_path / "stick" / "papers.git")
    assert done.code == 1
    assert f"the directory of the remote does not exist: {tmp_path / 'stick'}; mount the disk or create it" in done.err


def test_the_status_is_of_the_remembered_remote_after_another_one_was_refused_or_only_looked_at(
    synced: Laptop, remote: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "thesis"
    subprocess.run(["git", "init", "-q", "-b", "readlist", foreign], check=True)
    commit = ["-c", "user.name=Kim", "-c", "user.email=kim@example.com", "commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(["git", "-C", foreign, *commit], check=True)
    assert synced("desk", "sync", foreign).code == 6
    assert synced("desk", "sync", "--dry-run", remote.parent / "new.git").code == 0
    status = synced("desk", "sync", "--status")
    assert (status.code, status.err) == (0, "")
    assert status.out.splitlines()[0::2] == [f"Remote: {remote}", "Not sent: nothing"]


# The remote of the settings, the name of the machine


def test_the_setting_is_used_until_a_remote_is_remembered(
    laptop: Laptop, remote: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop("desk", "load", seeds)
    laptop("desk", "config", "remote", remote)
    assert laptop("desk", "sync", "--status").out == f"Remote: {remote} (from the settings; not synced yet)\n"
    assert laptop("desk", "sync").err == "Sent 13 papers (first sync).\n"
    monkeypatch.setenv("READLIST_REMOTE", "~/other.git")
    assert laptop("desk", "sync").err == "Nothing new.\n"
    assert laptop("desk", "sync", "--status", "--json").json["remote"] == str(remote)
    monkeypatch.setenv("READLIST_REMOTE", str(remote))
    assert laptop("bag", "sync").err == "Received 13 papers (first sync).\n"


def test_the_history_there_names_the_machine(laptop: Laptop, remote: Path, seeds: Path) -> None:
    laptop("desk", "load", seeds)
    laptop("desk", "sync", remote, "--name", "책상 desk")
    log = subprocess.run(["git", "-C", remote, "log", "--format=%an", "readlist"], capture_output=True, check=True)
    assert log.stdout.decode() == "책상 desk\n"


def test_a_question_of_git_is_not_asked_without_a_terminal(synced: Laptop, tmp_path: Path) -> None:
    call = [sys.executable, "-m", "readlist", "sync", "https://127.0.0.1:9/papers.git"]
    done = subprocess.run(call, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)


def test_a_machine_can_be_synced_on_a_terminal(synced: Laptop) -> None:
    synced("desk", "read", "12")
    with run_on_terminal([sys.executable, "-m", "readlist", "sync"], ROOT, {}) as terminal:
        assert "Sent 1 mark." in terminal.close()
