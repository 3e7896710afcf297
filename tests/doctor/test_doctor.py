"""`readlist doctor`: what is wrong is said, what can be mended is mended, and what was damaged is kept."""

from __future__ import annotations

import contextlib
import json
import os
import random
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.models import Mark
from readlist.store.lock import Lock
from readlist.store.marks import MarkStore
from tests.conftest import Run

FIX = "readlist doctor --fix"


class Home:
    """The files of the library that `run` works on."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.marks = root / "home" / "marks.json"
        self.papers = root / "home" / "papers.json"

    def state(self, path: str = "") -> Path:
        """A file or folder of the state."""
        return next((self.root / "state" / "readlist").iterdir()) / path

    @property
    def index(self) -> Path:
        (index,) = (self.root / "cache").rglob("index.sqlite")
        return index

    def set_aside(self) -> dict[str, bytes]:
        return {path.name.partition("-")[0]: path.read_bytes() for path in self.state("damaged").glob("*")}

    def read(self) -> dict[str, Mark]:
        lock = Lock(self.root / "another lock")
        held = MarkStore(self.marks, lock, self.root / "nowhere").read()
        assert held.damage == ()
        return held.marks


@pytest.fixture
def home(loaded: Run, own_folders: Path) -> Home:
    """A library with marks of several commands."""
    loaded("read", "1-4")
    loaded("star", "2", "9")
    loaded("note", "12", "한국어 note\n")
    return Home(own_folders)


def levels(run: Run) -> dict[str, str]:
    """What is found, and how grave it is."""
    return {one["what"]: one["level"] for one in run("doctor", "--json").json}


def assert_sound(run: Run) -> None:
    done = run("doctor")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("No problems found: ")
    assert done.out.count("\n") == 1


# A sound library


def test_a_sound_library_is_said_to_be_in_one_line(loaded: Run, home: Home) -> None:
    assert_sound(loaded)
    assert loaded("doctor").out.startswith("No problems found: 13 papers, 6 marks, 3 backups, the newest of 20")
    assert loaded("doctor", "--json").json == []
    assert loaded("doctor", "--fix").err == ""


def test_an_empty_library_is_sound(run: Run) -> None:
    assert run("doctor").out == "No problems found: 0 papers, 0 marks, 0 backups\n"


def test_looking_changes_nothing(loaded: Run, home: Home) -> None:
    def all_bytes() -> dict[Path, tuple[bytes, int]]:
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in home.root.rglob("*") if path.is_file()}

    before = all_bytes()
    loaded("doctor")
    home.marks.write_bytes(b"hello")
    loaded("doctor")
    home.marks.write_bytes(before[home.marks][0])
    after = all_bytes()
    assert {path: after[path] for path in after if path != home.marks} == {
        path: before[path] for path in before if path != home.marks
    }


# Damage


def flip(data: bytes, rng: random.Random) -> bytes:
    bit = rng.randrange(len(data) * 8)
    flipped = bytearray(data)
    flipped[bit // 8] ^= 1 << bit % 8
    return bytes(flipped)


def cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, len(data))]


def nuls(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    length = rng.randrange(1, len(data) - start + 1)
    return data[:start] + b"\0" * length + data[start + length :]


def emptied(_data: bytes, _rng: random.Random) -> bytes:
    return b""


def merged_by_hand(data: bytes, rng: random.Random) -> bytes:
    """Conflict markers around a line, of which there are two versions, or an editor's new layout of the whole."""
    lines = data.splitlines(keepends=True)
    place = rng.randrange(len(lines))
    theirs = lines[place].replace(b"2", b"3")
    conflict = [b"<<<<<<< ours\n", lines[place], b"=======\n", theirs, b">>>>>>> theirs\n"]
    by_editor = json.dumps(json.loads(data), indent=rng.choice([None, 2])).encode()
    return rng.choice([b"".join([*lines[:place], *conflict, *lines[place + 1 :]]), by_editor])


DAMAGES = [flip, cut, nuls, emptied, merged_by_hand]


def assert_every_mark_comes_back(
    run: Run, home: Home, damage: Callable[[bytes, random.Random], bytes], times: int
) -> None:
    rng = random.Random(damage.__name__)
    for _ in range(times):
        run(rng.choice(["read", "unread", "skip", "star", "unstar"]), str(rng.randrange(1, 14)))
        whole = home.read()
        damaged = damage(home.marks.read_bytes(), rng)
        home.marks.write_bytes(damaged)  # in place, as a failing disk or a careless program does
        assert run("doctor").code == 4
        assert home.marks.read_bytes() == damaged
        done = run("doctor", "--fix")
        assert (done.code, done.out.partition(":")[0]) == (0, "No problems found")
        assert home.read() == whole
        latest = max(home.state("damaged").iterdir())
        assert latest.read_bytes() == damaged
        assert str(latest) in done.err
    assert len(list(home.state("damaged").iterdir())) == times
    assert_sound(run)


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_mark_comes_back_from_damage(
    loaded: Run, home: Home, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    assert_every_mark_comes_back(loaded, home, damage, 20)


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_every_mark_comes_back_from_more_damage(
    loaded: Run, home: Home, damage: Callable[[bytes, random.Random], bytes]
) -> None:
    assert_every_mark_comes_back(loaded, home, damage, 100)


def test_damage_is_said_with_its_way_back_and_a_change_names_the_same(loaded: Run, home: Home) -> None:
    home.marks.write_bytes(home.marks.read_bytes().replace(b"true", b"fals", 1))
    done = loaded("doctor")
    assert (done.code, done.err) == (4, "")
    assert done.out.startswith(f"{home.marks} is damaged: line ")
    assert done.out.endswith(f"; {FIX}\n")
    assert f"to mend it: {FIX}" in loaded("star", "1").err
    done = loaded("doctor", "--fix")
    (aside,) = home.state("damaged").iterdir()
    name = next(iter(loaded("backup", "list", "--json").json[1:]))["name"]
    assert done.err.splitlines() == [
        f"mended {home.marks}: 5 marks from it and 1 from the backup {name}; the damaged file is kept as {aside}",
        "the search index was built anew",
    ]


def test_a_change_that_was_made_between_backup_and_damage_is_not_taken_back(loaded: Run, home: Home) -> None:
    for backup in home.state("backups/marks.json").iterdir():
        if backup != min(home.state("backups/marks.json").iterdir()):
            backup.unlink()
    whole = home.read()
    lines = home.marks.read_bytes().splitlines(keepends=True)
    home.marks.write_bytes(b"".join(lines[:-2]) + b"}}")
    loaded("doctor", "--fix")
    assert {key: mark for key, mark in whole.items() if mark.note or mark.starred}.items() <= home.read().items()


def test_without_a_sound_backup_the_sound_marks_stay(loaded: Run, home: Home) -> None:
    for backup in home.state("backups/marks.json").iterdir():
        backup.write_bytes(b"")
    whole = home.read()
    home.marks.write_bytes(home.marks.read_bytes().replace(b"2", b"3", 1))
    assert loaded("doctor", "--fix").code == 0
    assert home.read() == whole
    assert len(list(home.state("damaged").iterdir())) == 4
    assert_sound(loaded)


def test_a_damaged_papers_file_is_mended_and_the_rest_is_loaded_again(loaded: Run, home: Home, seeds: Path) -> None:
    before = loaded("list", "--json").json
    home.papers.write_bytes(b"\n".join(home.papers.read_bytes().splitlines()[:9]))
    done = loaded("doctor", "--fix")
    assert done.err.splitlines()[0].endswith("; load your digests again, for what may be missing")
    assert done.code == 1, "there are marks without a paper"
    assert done.out.startswith("3 marks have no paper: ")
    assert loaded("load", seeds).code == 0
    after = loaded("list", "--json").json
    assert {entry["key"] for entry in after} == {entry["key"] for entry in before}
    assert {(e["key"], e["status"], e["note"]) for e in after} == {(e["key"], e["status"], e["note"]) for e in before}
    assert_sound(loaded)


def test_what_was_lost_is_loaded_again_though_no_digest_has_changed(loaded: Run, home: Home) -> None:
    home.papers.write_bytes(home.papers.read_bytes().replace(b"fp4-all-the-way", b"fp5-all-the-way"))
    assert loaded("doctor", "--fix").code == 1
    assert loaded("update").code == 0
    assert len(loaded("list", "--json").json) == 13
    assert_sound(loaded)


def test_a_damaged_papers_file_gets_back_what_its_backup_has(loaded: Run, home: Home) -> None:
    before = loaded("list", "--json").json
    (home.root / "more.txt").write_bytes(b"2025-06-01\nTides\n(Ada Lovelace)\n")
    loaded("load", home.root / "more.txt")
    home.papers.write_bytes(home.papers.read_bytes().replace(b"fp4-all-the-way", b"fp5-all-the-way"))
    assert loaded("doctor", "--fix").code == 0
    after = loaded("list", "--json").json
    assert [entry for entry in after if entry["title"] != "Tides"] == before
    assert len(after) == 14


def test_a_file_from_a_newer_readlist_is_never_mended_and_can_be_listed(loaded: Run, home: Home) -> None:
    from readlist.store.file import StoreFile

    file = StoreFile(home.marks, Lock(home.root / "lock"), home.root / "elsewhere", ("marks",), precious=True)
    with file.changing() as database:
        database.records("_meta").put({"1": {"schema": 3}})
    for newer in (home.marks.read_bytes(), home.marks.read_bytes()[:-1]):
        home.marks.write_bytes(newer)
        done = loaded("doctor", "--fix")
        assert (done.code, done.out) == (4, f"{home.marks} was written by a newer readlist; upgrade readlist\n")
        assert loaded("star", "1").code == 4
        assert home.marks.read_bytes() == newer
        assert len(loaded("list", "is:read", "--json").json) == 4


def test_a_file_that_is_gone_is_missed(loaded: Run, home: Home) -> None:
    home.marks.unlink()
    done = loaded("doctor", "--fix")
    assert done.code == 1
    said = done.out.splitlines()[0]
    assert said.endswith("; readlist backup restore")
    assert said.startswith(f"{home.marks} is gone; there is a backup of 20")
    loaded("backup", "restore")
    assert_sound(loaded)


def test_a_file_that_is_gone_is_told_by_every_command_and_not_made_anew_over_its_backups(
    loaded: Run, home: Home
) -> None:
    before = loaded("list", "--json").json
    home.marks.unlink()
    for words in (["list"], ["search", "GRPO"], ["star", "2"], ["note", "3", "x"]):
        done = loaded(*words)
        assert (done.code, len(done.err.splitlines())) == (4, 1)
        assert done.err.startswith(f"readlist: {home.marks} is gone; readlist backup restore brings it back as of 20")
    assert not home.marks.exists()
    assert loaded("backup", "restore").code == 0
    assert loaded("list", "--json").json == before
    assert loaded("star", "2").code == 0


def test_what_is_no_file_is_left_to_a_person(loaded: Run, home: Home) -> None:
    home.marks.unlink()
    home.marks.mkdir()
    done = loaded("doctor", "--fix")
    assert done.code == 4
    assert done.out == f"{home.marks} is not a regular file; move it away, or see to it that you may read it\n"


# The rest


def test_an_index_that_only_looks_sound_is_found_out(loaded: Run, home: Home) -> None:
    looks = home.index.stat()
    with contextlib.closing(sqlite3.connect(home.index)) as db, db:
        db.execute("UPDATE papers SET status = 'skipped' WHERE id = 7")
    os.utime(home.index, ns=(looks.st_atime_ns, looks.st_mtime_ns))
    assert levels(loaded) == {"the search index is damaged: its entries differ from the store": "mend"}
    assert loaded("doctor").code == 1
    assert loaded("doctor", "--fix").err == "the search index was built anew\n"
    assert_sound(loaded)


def test_bytes_of_the_index_that_were_damaged_are_noticed_or_do_no_harm(loaded: Run, home: Home) -> None:
    rng = random.Random(8)
    looks = home.index.stat()
    sound = home.index.read_bytes()
    before = loaded("list", "--json").out
    for _ in range(40):
        place = rng.randrange(len(sound) - 64)
        home.index.write_bytes(sound[:place] + rng.randbytes(64) + sound[place + 64 :])
        os.utime(home.index, ns=(looks.st_atime_ns, looks.st_mtime_ns))
        assert loaded("doctor", "--fix").code == 0
        assert loaded("list", "--json").out == before


def test_an_index_that_is_gone_or_of_another_state_is_no_fault(loaded: Run, home: Home) -> None:
    index = home.index
    for spoil in (index.unlink, home.marks.touch):
        spoil()
        assert loaded("doctor").code == 0
        assert levels(loaded) == {"the search index is not that of the store": "info"}
        loaded("doctor", "--fix")
        assert_sound(loaded)


def test_files_that_others_may_read_are_closed(loaded: Run, home: Home) -> None:
    opened = [
        home.marks,
        home.papers,
        home.index,
        home.state(),
        home.state("history"),
        home.state("history/000001.done"),
    ]
    for path in opened:
        path.chmod(0o755)
    done = loaded("doctor")
    assert done.code == 1
    assert done.out.startswith(f"others may read your library, or you may not: {home.papers}, {home.marks}, ")
    assert loaded("doctor", "--fix").code == 0
    for path in opened:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert_sound(loaded)


def test_what_a_killed_process_left_is_removed(loaded: Run, home: Home) -> None:
    left = [home.marks.with_name(".marks.json.4711.new"), home.state("history/.000009.done.4711.new")]
    left.append(home.state("backups/marks.json/.kept.4711.new"))
    for path in left:
        path.write_bytes(b"half a fi")
        path.chmod(0o600)
    mine = home.marks.with_name(".mine.new")
    mine.touch()
    assert levels(loaded) == {"a killed readlist left half a file behind": "mend"}
    assert loaded("doctor", "--fix").code == 0
    assert not any(path.exists() for path in left)
    assert mine.exists()
    assert_sound(loaded)


def test_damaged_backups_are_named_and_set_aside(loaded: Run, home: Home) -> None:
    oldest = min(home.state("backups/marks.json").iterdir())
    oldest.write_bytes(b"hello")
    done = loaded("doctor")
    assert (done.code, done.out) == (1, f"damaged backups of marks.json: {oldest.name}; {FIX}\n")
    assert loaded("doctor", "--fix").code == 0
    assert list(home.set_aside().values()) == [b"hello"]
    assert_sound(loaded)


def test_a_damaged_step_and_those_that_it_blocks_are_set_aside(loaded: Run, home: Home) -> None:
    loaded("undo", "2")
    for step in ("history/000001.done", "history/000003.undone"):
        home.state(step).write_bytes(b"hello")
    done = loaded("doctor")
    assert done.code == 1
    steps = "000001.done, 000003.undone, 000004.undone"
    assert done.out == f"a step of the history is damaged; 3 can no longer be undone or redone: {steps}; {FIX}\n"
    assert loaded("doctor", "--fix").code == 0
    assert [step["said"] for step in loaded("history", "--json").json] == ["read 1-4"]
    assert set(home.set_aside()) == {"000001.done", "000003.undone", "000004.undone"}
    assert_sound(loaded)


def test_marks_without_a_paper_are_named_and_stay(loaded: Run, home: Home) -> None:
    whole = home.read()
    home.papers.unlink()
    done = loaded("doctor", "--fix")
    assert done.code == 1
    assert "6 marks have no paper: " in done.out
    assert " and 1 more; load the digests that have them again\n" in done.out
    (found,) = [one for one in loaded("doctor", "--json").json if "no paper" in one["what"]]
    assert found["items"] == sorted(whole)
    assert home.read() == whole


def test_a_folder_that_is_gone_can_be_forgotten_and_a_file_that_is_gone_is_none(loaded: Run, home: Home) -> None:
    folder, single = home.root / "my digests", home.root / "single.txt"
    folder.mkdir()
    for number, path in enumerate((folder / "1.txt", single)):
        path.write_bytes(b"2025-06-01\nTides %d\n(Ada Lovelace)\n" % number)
    loaded("load", folder, single)
    (folder / "1.txt").unlink()
    folder.rmdir()
    single.unlink()
    done = loaded("doctor")
    assert (done.code, done.out) == (
        1,
        f"{folder} is gone; bring it back, or: readlist sources forget '{folder}'\n",
    )
    loaded("sources", "forget", folder)
    assert_sound(loaded)


def test_namesakes_and_spellings_are_told_and_are_no_fault(run: Run, own_folders: Path) -> None:
    digest = (
        "2025-06-01\nOn Tides\n(Ada Lovelace)\n#Object_Detection\nOn  TIDES\n(Alan Turing)\n#object-detection #c++\n"
    )
    (own_folders / "tides.txt").write_text(digest)
    run("load", own_folders / "tides.txt")
    done = run("doctor")
    assert done.code == 0
    assert done.out.splitlines()[:2] == [
        "papers 1, 2 have the same title: On Tides; if they are the same: readlist skip 2",
        "1 tag is spelt in several ways: #Object_Detection = #object-detection; nothing to do: each counts as one tag",
    ]
    assert done.out.splitlines()[2].startswith("No problems found: 2 papers")
