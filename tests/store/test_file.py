"""The one safe way to write a store file; `faults` tries what it promises."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import random
import shutil
import stat
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from readlist.errors import Busy, ReadlistError, StoreError
from readlist.models import Mark, Status
from readlist.store.file import StoreFile
from readlist.store.fingerprint import fingerprint
from readlist.store.lock import Lock
from readlist.store.marks import TABLES, MarkStore
from tests.store.changes import edit_marks

NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)


class Home:
    """A library's folders and a store of marks in them."""

    def __init__(self, root: Path, timeout: float = 0.1) -> None:
        self.root = root
        self.file = root / "data" / "marks.json"
        self.lock = root / "state" / "lock"
        self.backups = root / "state" / "backups"
        self.timeout = timeout

    def store(self) -> MarkStore:
        return MarkStore(self.file, Lock(self.lock, self.timeout), self.backups)

    def star(self, *keys: str) -> None:
        edit_marks(self.store(), keys, star)

    def kept(self) -> list[Path]:
        """The backups, the newest first."""
        return [backup.path for backup in self.store().file.backups]

    def left_over(self) -> list[Path]:
        known = {self.file, self.lock, *self.kept()}
        return [path for path in self.root.rglob("*") if path.is_file() and path not in known]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def star(mark: Mark) -> Mark:
    return replace(mark, starred=not mark.starred, starred_at=NOON)


def starred(store: MarkStore) -> set[str]:
    return {key for key, mark in store.read().marks.items() if mark.starred}


def test_a_file_is_json_with_a_mark_a_line_in_the_order_of_their_keys(home: Home) -> None:
    home.star("b-222222", "a-111111")
    edit_marks(home.store(), ["c-333333"], lambda mark: replace(mark, note="π 학습\n\n“x”", note_at=NOON))
    written = home.file.read_text(encoding="utf-8")
    assert written == (
        '{"_meta":{\n'
        '"1":{"schema":1,"sum":"52695e57"}\n'
        '},"marks":{\n'
        '"a-111111":{"starred":true,"starred_at":"2025-02-11T12:00:00Z","sum":"97e84b04"}\n'
        ",\n"
        '"b-222222":{"starred":true,"starred_at":"2025-02-11T12:00:00Z","sum":"1f697146"}\n'
        ",\n"
        '"c-333333":{"note":"π 학습\\n\\n“x”","note_at":"2025-02-11T12:00:00Z","sum":"044359d0"}\n'
        "}}\n"
    )
    assert list(json.loads(written)["marks"]) == ["a-111111", "b-222222", "c-333333"]


def test_a_missing_file_is_empty_and_reading_makes_nothing(home: Home) -> None:
    assert home.store().read().marks == {}
    assert not home.root.exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_files_and_folders_are_their_owners_only_under_any_umask(home: Home, umask: int) -> None:
    home.root.mkdir()
    before = os.umask(umask)
    try:
        home.star("a")
        home.star("b")
    finally:
        os.umask(before)
    modes = {str(path.relative_to(home.root)): stat.S_IMODE(path.stat().st_mode) for path in home.root.rglob("*")}
    assert modes == {
        "data": 0o700,
        "data/marks.json": 0o600,
        "state": 0o700,
        "state/lock": 0o600,
        "state/backups": 0o700,
        "state/backups/marks.json": 0o700,
        **{f"state/backups/marks.json/{path.name}": 0o600 for path in home.kept()},
    }
    assert len(home.kept()) == 2


def test_each_state_is_kept_as_backup_and_none_is_the_file_itself(home: Home) -> None:
    home.star("a")
    first = home.file.read_bytes()
    home.star("b")
    assert [path.read_bytes() for path in home.kept()] == [home.file.read_bytes(), first]
    assert not any(path.samefile(home.file) for path in home.kept())


def test_marks_are_copied_where_the_disk_has_no_links(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.star("a")
    first = home.file.read_bytes()
    monkeypatch.setattr(os, "link", failing(errno.EXDEV))
    home.star("b")
    assert [path.read_bytes() for path in home.kept()] == [home.file.read_bytes(), first]
    assert home.left_over() == []


def test_a_linked_file_stays_a_link(home: Home) -> None:
    real = home.root / "synced" / "marks.json"
    home.file.parent.mkdir(parents=True)
    home.file.symlink_to(real)
    home.star("a")
    home.star("b")
    assert home.file.is_symlink()
    assert set(json.loads(real.read_bytes())["marks"]) == {"a", "b"}
    assert list(home.file.parent.iterdir()) == [home.file]


def test_a_change_of_nothing_writes_nothing(home: Home) -> None:
    home.star("a")
    before, kept = (fingerprint(home.file), home.file.read_bytes()), home.kept()
    assert edit_marks(home.store(), ["a", "b"], lambda mark: mark) == []
    with suppress(ZeroDivisionError):
        edit_marks(home.store(), ["a"], lambda mark: replace(mark, note=str(1 / 0)))
    assert (fingerprint(home.file), home.file.read_bytes()) == before
    assert home.kept() == kept


def test_an_exception_in_a_block_leaves_the_file_as_it_was(home: Home) -> None:
    home.star("a")
    before = home.file.read_bytes()
    file = StoreFile(home.file, Lock(home.lock), home.backups, TABLES, irreplaceable=True)
    with suppress(ZeroDivisionError), file.transaction() as database:
        database.records("marks").upsert_all({"b": {"starred": True}})
        raise ZeroDivisionError
    assert home.file.read_bytes() == before


def test_tinydb_itself_reads_and_changes_the_tables(home: Home) -> None:
    home.star("a", "b")
    file = StoreFile(home.file, Lock(home.lock), home.backups, TABLES, irreplaceable=True)
    with file.transaction() as database:
        database.table("marks").update({"note": "by TinyDB"}, doc_ids=["a"])  # type: ignore[list-item]  # our ids are text
    assert [mark.note for mark in home.store().read().marks.values()] == ["by TinyDB", ""]


def test_a_stamp_is_another_after_every_save(home: Home) -> None:
    stamps = [fingerprint(home.file)]
    for _ in range(3):
        home.star("a")
        stamps.append(fingerprint(home.file))
    assert stamps[0] == ""
    assert len(set(stamps)) == 4


def failing(number: int) -> Callable[..., Any]:
    def call(*_args: object, **_options: object) -> Any:
        raise OSError(number, os.strerror(number))

    return call


def test_what_a_killed_process_left_behind_is_removed_by_the_next_change(home: Home) -> None:
    home.star("a")
    (home.file.parent / ".marks.json.4711.new").write_bytes(b"half a fi")
    home.star("b")
    assert home.left_over() == []


def test_the_lock_can_be_taken_again_by_its_holder_and_is_free_at_the_end(home: Home) -> None:
    lock = Lock(home.lock, 0)
    with lock, lock:
        with lock:
            pass
        with pytest.raises(Busy), Lock(home.lock, 0):
            pass
    with Lock(home.lock, 0):
        pass


def test_a_file_saved_by_another_program_meanwhile_is_not_written_over(home: Home) -> None:
    home.star("a")

    def edited(mark: Mark) -> Mark:
        home.file.write_text("by hand")
        return star(mark)

    with pytest.raises(Busy, match="another program has just changed"):
        edit_marks(home.store(), ["b"], edited)
    assert home.file.read_text() == "by hand"


# Damage


def sample(home: Home) -> dict[str, Mark]:
    home.star(*(f"paper-{number}" for number in range(5)))
    edit_marks(home.store(), ["paper-1"], lambda mark: replace(mark, note="A note\nof two lines", note_at=NOON))
    edit_marks(home.store(), ["paper-2"], lambda mark: replace(mark, status=Status.READ, status_at=NOON))
    return home.store().read().marks


def assert_noticed_and_left_alone(home: Home, damaged: bytes) -> dict[str, Mark]:
    home.file.write_bytes(damaged)
    assert home.store().read().corruption != ()
    with pytest.raises(StoreError) as refused:
        home.star("new")
    assert refused.value.exit_code == 4
    assert "\n" not in str(refused.value)
    assert "readlist doctor --fix" in str(refused.value)
    assert home.file.read_bytes() == damaged
    return home.store().read().marks


def test_damage_is_named_by_line_and_key(home: Home) -> None:
    sample(home)
    home.file.write_bytes(home.file.read_bytes().replace(b"two lines", b"few lines"))
    assert home.store().read().corruption == ("line 6 (paper-1)",)
    with pytest.raises(StoreError) as refused:
        home.star("new")
    assert str(refused.value) == (
        f"{home.file} is damaged: line 6 (paper-1); nothing was changed; to mend it: readlist doctor --fix"
    )


def test_a_key_that_stands_twice_with_conflict_markers_is_not_guessed(home: Home) -> None:
    whole = sample(home)
    ours = home.file.read_bytes().splitlines(keepends=True)
    home.star("paper-4")
    theirs = home.file.read_bytes().splitlines(keepends=True)
    conflict = [*ours[:11], b"<<<<<<< ours\n", ours[11], b"=======\n", theirs[11], b">>>>>>> theirs\n", *ours[12:]]
    marks = assert_noticed_and_left_alone(home, b"".join(conflict))
    assert marks == {key: mark for key, mark in whole.items() if key != "paper-4"}


def test_a_newer_file_can_be_read_and_is_not_written_over(home: Home) -> None:
    file = StoreFile(home.file, Lock(home.lock), home.backups, TABLES, irreplaceable=True)
    with file.transaction() as database:
        database.records("_meta").upsert_all({"1": {"schema": 3}})
        database.records("marks").upsert_all({"a": {"starred": True, "colour": "red"}, "b": {"status": "paused"}})
    before = home.file.read_bytes()
    assert home.store().read().marks == {"a": Mark("a", starred=True)}
    with pytest.raises(StoreError) as refused:
        home.star("a")
    assert str(refused.value) == (
        f"{home.file} was written by a newer readlist (schema 3, this one knows 2); "
        "nothing was changed: upgrade readlist"
    )
    assert home.file.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_in_one_line(home: Home) -> None:
    home.star("a")
    home.file.chmod(0)
    with pytest.raises(ReadlistError, match=f"^cannot read {home.file}: Permission denied$"):
        home.store().read()


def test_a_pipe_in_the_place_of_the_file_is_refused_instead_of_waited_for(home: Home) -> None:
    home.file.parent.mkdir(parents=True)
    os.mkfifo(home.file)
    with pytest.raises(StoreError, match="is not a regular file"):
        home.store().read()


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_git_merges_edits_of_different_marks(home: Home) -> None:
    rng = random.Random(7)
    repository = home.file.parent
    clean = 0
    home.star(*(f"k{number:03}" for number in range(60)))
    git(repository, "init", "-q", "-b", "ours")
    for _ in range(20):
        ours, theirs = rng.sample([f"k{number:03}" for number in range(60)], 2)
        git(repository, "add", "marks.json")
        git(repository, "commit", "-q", "--allow-empty", "-m", "before")
        git(repository, "branch", "-f", "theirs")
        home.star(ours, f"new-{rng.random()}")
        git(repository, "commit", "-qam", "ours")
        expected = home.store().read().marks
        git(repository, "checkout", "-q", "theirs")
        home.star(theirs)
        expected[theirs] = home.store().read().marks[theirs]
        git(repository, "commit", "-qam", "theirs")
        git(repository, "checkout", "-q", "ours")
        if git(repository, "merge", "-q", "theirs").returncode:
            git(repository, "merge", "--abort")
            continue
        assert home.store().read().corruption == ()
        assert home.store().read().marks == expected
        clean += 1
    assert clean >= 19


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    who = ["-c", "user.name=Reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, check=words[0] != "merge")
