"""`readlist doctor`: problems are reported with their remedy, repaired by --fix, and corrupt files are quarantined."""

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
from readlist.search.index import checksum
from readlist.store import Store
from readlist.store.format import SCHEMA
from tests.conftest import Run
from tests.library_files import LibraryFiles
from tests.store_bytes import serialize

FIX = "to repair it: readlist doctor --fix"
NO_PROBLEMS = "No problems found"
"""How the report of a library without problems begins."""
TIDES = b"2025-06-01\nTides\n(Ada Lovelace)\n"


@pytest.fixture
def files(loaded: Run, own_folders: Path) -> LibraryFiles:
    """The files of a library with marks that several commands made."""
    loaded("read", "1-4")
    loaded("star", "2", "9")
    loaded("note", "12", "한국어 note\n")
    return LibraryFiles(own_folders)


def read_marks(files: LibraryFiles) -> dict[str, Mark]:
    """Read the marks, which must be intact, without the lock of the library."""
    snapshot = Store(files.data, files.root / "nowhere").marks.read()
    assert snapshot.status.corruption == ()
    return snapshot.marks


def read_levels(run: Run) -> dict[str, str]:
    """Return the message of each finding with its level."""
    return {finding["message"]: finding["level"] for finding in run("doctor", "--json").json}


def delete_backups(files: LibraryFiles, name: str) -> None:
    for path in files.backups(name):
        path.unlink()


def assert_no_problems(run: Run) -> None:
    done = run("doctor")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{NO_PROBLEMS}: ")
    assert done.out.count("\n") == 1


# A library without problems


def test_a_library_without_problems_is_reported_in_one_line(loaded: Run, files: LibraryFiles) -> None:
    assert_no_problems(loaded)
    assert loaded("doctor").out.startswith(f"{NO_PROBLEMS}: 13 papers, 6 marks, 5 backups, the newest of 20")
    assert len(loaded("backup", "--json").json) == 5
    assert loaded("doctor", "--json").json == []
    assert loaded("doctor", "--fix").err == ""


def test_an_empty_library_has_no_problems(run: Run) -> None:
    assert run("doctor").out == f"{NO_PROBLEMS}: 0 papers, 0 marks, 0 backups\n"
    assert_no_problems(run)


def test_the_doctor_without_fix_changes_nothing(loaded: Run, files: LibraryFiles) -> None:
    def read_all() -> dict[Path, tuple[bytes, int]]:
        paths = (path for path in files.root.rglob("*") if path.is_file() and path.name != "lock")  # names its holder
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}

    before = read_all()
    loaded("doctor")
    files.marks.write_bytes(b"hello")
    loaded("doctor")
    files.marks.write_bytes(before[files.marks][0])
    after = read_all()
    assert {path: after[path] for path in after if path != files.marks} == {
        path: before[path] for path in before if path != files.marks
    }


# Corrupt store files


def flip_bit(data: bytes, rng: random.Random) -> bytes:
    bit = rng.randrange(len(data) * 8)
    flipped = bytearray(data)
    flipped[bit // 8] ^= 1 << bit % 8
    return bytes(flipped)


def truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(1, len(data))]


def zero_range(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    length = rng.randrange(1, len(data) - start + 1)
    return data[:start] + b"\0" * length + data[start + length :]


def make_empty(_data: bytes, _rng: random.Random) -> bytes:
    return b""


def merge_by_hand(data: bytes, rng: random.Random) -> bytes:
    """Return the file with conflict markers around two versions of a line, or reformatted by an editor."""
    lines = data.splitlines(keepends=True)
    number = rng.randrange(len(lines))
    theirs = lines[number].replace(b"2", b"3")
    conflict = [b"<<<<<<< ours\n", lines[number], b"=======\n", theirs, b">>>>>>> theirs\n"]
    reformatted = json.dumps(json.loads(data), indent=rng.choice([None, 2])).encode()
    return rng.choice([b"".join([*lines[:number], *conflict, *lines[number + 1 :]]), reformatted])


CORRUPTIONS = [flip_bit, truncate, zero_range, make_empty, merge_by_hand]


def assert_every_mark_is_repaired(
    run: Run, files: LibraryFiles, corrupt: Callable[[bytes, random.Random], bytes], times: int
) -> None:
    rng = random.Random(corrupt.__name__)
    for _ in range(times):
        run(rng.choice(["read", "unread", "skip", "star", "unstar"]), str(rng.randrange(1, 14)))
        intact = read_marks(files)
        corrupted = corrupt(files.marks.read_bytes(), rng)
        files.marks.write_bytes(corrupted)  # in place, as a failing disk or another program does
        assert run("doctor").code == 4
        assert files.marks.read_bytes() == corrupted
        quarantined = set(files.quarantine.glob("*"))
        done = run("doctor", "--fix")
        assert (done.code, done.out.partition(":")[0]) == (0, NO_PROBLEMS)
        assert read_marks(files) == intact
        (latest,) = set(files.quarantine.iterdir()) - quarantined
        assert latest.read_bytes() == corrupted
        assert str(latest) in done.err
    assert len(list(files.quarantine.iterdir())) == times
    assert_no_problems(run)


@pytest.mark.parametrize("corrupt", CORRUPTIONS)
def test_every_mark_is_repaired(
    loaded: Run, files: LibraryFiles, corrupt: Callable[[bytes, random.Random], bytes]
) -> None:
    assert_every_mark_is_repaired(loaded, files, corrupt, 20)


@pytest.mark.slow
@pytest.mark.parametrize("corrupt", CORRUPTIONS)
def test_every_mark_is_repaired_every_time(
    loaded: Run, files: LibraryFiles, corrupt: Callable[[bytes, random.Random], bytes]
) -> None:
    assert_every_mark_is_repaired(loaded, files, corrupt, 100)


def test_corruption_is_reported_with_its_remedy_by_doctor_and_by_a_change(loaded: Run, files: LibraryFiles) -> None:
    files.marks.write_bytes(files.marks.read_bytes().replace(b"true", b"fals", 1))
    done = loaded("doctor")
    assert (done.code, done.err) == (4, "")
    assert done.out.startswith(f"data file is corrupt: {files.marks}: line ")
    assert done.out.endswith(f"; {FIX}\n")
    assert FIX in loaded("star", "1").err
    done = loaded("doctor", "--fix")
    (quarantined,) = files.quarantine.iterdir()
    name = next(iter(loaded("backup", "list", "--json").json[1:]))["name"]
    counts = f"5 marks from the file, 1 from backup {name}"
    assert done.err.splitlines() == [
        f"Repaired {files.marks}: {counts}; the corrupt file is quarantined as {quarantined}",
        "Rebuilt the search index",
    ]


def test_a_change_made_between_backup_and_corruption_is_not_reverted(loaded: Run, files: LibraryFiles) -> None:
    for backup in files.backups("marks.json")[1:]:
        backup.unlink()
    intact = read_marks(files)
    lines = files.marks.read_bytes().splitlines(keepends=True)
    files.marks.write_bytes(b"".join(lines[:-2]) + b"}}")
    loaded("doctor", "--fix")
    assert {key: mark for key, mark in intact.items() if mark.note or mark.starred}.items() <= read_marks(files).items()


def test_without_a_valid_backup_the_intact_marks_stay(loaded: Run, files: LibraryFiles) -> None:
    for backup in files.backups("marks.json"):
        backup.write_bytes(b"")
    intact = read_marks(files)
    files.marks.write_bytes(files.marks.read_bytes().replace(b'"schema":3', b'"schema":2', 1))
    assert loaded("doctor", "--fix").code == 0
    assert read_marks(files) == intact
    assert len(list(files.quarantine.iterdir())) == 4
    assert_no_problems(loaded)


def test_a_corrupt_papers_file_is_repaired_and_the_missing_papers_can_be_loaded_again(
    loaded: Run, files: LibraryFiles, seeds: Path
) -> None:
    before = loaded("list", "--json").json
    delete_backups(files, "papers.json")
    files.papers.write_bytes(b"\n".join(files.papers.read_bytes().splitlines()[:18]))
    done = loaded("doctor", "--fix")
    assert done.code == 1, "papers are missing, and some marks have no paper"
    assert done.out.startswith(
        "8 papers are missing since the last load; to load from the sources: readlist update; "
        "to accept the loss: readlist doctor --fix\n"
        "2 marks without a paper: "
    )
    assert loaded("update").code == 0
    after = loaded("list", "--json").json
    assert {entry["key"] for entry in after} == {entry["key"] for entry in before}
    assert {(e["key"], e["status"], e["note"]) for e in after} == {(e["key"], e["status"], e["note"]) for e in before}
    assert_no_problems(loaded)


def test_update_loads_lost_papers_again_although_no_digest_has_changed(loaded: Run, files: LibraryFiles) -> None:
    delete_backups(files, "papers.json")
    files.papers.write_bytes(files.papers.read_bytes().replace(b"fp4-all-the-way", b"fp5-all-the-way"))
    assert loaded("doctor", "--fix").code == 1
    assert loaded("update").code == 0
    assert len(loaded("list", "--json").json) == 13
    assert_no_problems(loaded)


def damage_papers(files: LibraryFiles) -> None:
    files.papers.write_bytes(files.papers.read_bytes().replace(b"fp4-all-the-way", b"fp5-all-the-way"))


def test_a_repair_is_no_change_of_another_program_to_the_loads_before(loaded: Run, files: LibraryFiles) -> None:
    before = loaded("list", "--json").json
    (files.root / "more.txt").write_bytes(TIDES)
    loaded("load", files.root / "more.txt")
    damage_papers(files)
    assert loaded("doctor", "--fix").code == 0
    done = loaded("undo")
    assert (done.code, "another program" in done.err + done.out) == (0, False)
    assert loaded("list", "--json").json == before
    assert loaded("redo").code == 0
    assert len(loaded("list", "--json").json) == 14


def test_pinned_backups_are_not_compared_with_a_corrupt_file(loaded: Run, files: LibraryFiles) -> None:
    damage_papers(files)
    assert loaded("doctor", "--fix").code == 0
    damage_papers(files)
    done = loaded("doctor")
    assert (done.code, "only in a pinned" in done.out) == (4, False)


def test_papers_that_a_corrupt_file_lacks_come_from_its_backup(loaded: Run, files: LibraryFiles) -> None:
    before = loaded("list", "--json").json
    (files.root / "more.txt").write_bytes(TIDES)
    loaded("load", files.root / "more.txt")
    files.papers.write_bytes(files.papers.read_bytes().replace(b"fp4-all-the-way", b"fp5-all-the-way"))
    assert loaded("doctor", "--fix").code == 0
    after = loaded("list", "--json").json
    assert [entry for entry in after if entry["title"] != "Tides"] == before
    assert len(after) == 14


def test_a_file_of_a_newer_version_is_not_repaired_and_can_be_listed(loaded: Run, files: LibraryFiles) -> None:
    tables = Store(files.data, files.state).marks.file.read_content().tables
    metadata = {"1": tables["_meta"]["1"] | {"schema": SCHEMA + 1}}
    complete = serialize({**tables, "_meta": metadata})
    for newer in (complete, complete[:-1]):
        files.marks.write_bytes(newer)
        done = loaded("doctor", "--fix")
        problem = f"data file has a newer schema: {files.marks} (schema {SCHEMA + 1}, supported: {SCHEMA})"
        assert (done.code, done.out) == (4, f"{problem}; upgrade readlist\n")
        assert loaded("star", "1").code == 4
        assert files.marks.read_bytes() == newer
        assert len(loaded("list", "is:read", "--json").json) == 4


def test_a_backup_of_a_newer_version_with_a_table_that_this_one_does_not_know_is_left_alone(
    loaded: Run, files: LibraryFiles
) -> None:
    backup = files.backups("marks.json")[-1]
    tables = Store(files.data, files.state).marks.file.read_content().tables
    metadata = {"1": tables["_meta"]["1"] | {"schema": SCHEMA + 1}}
    newer = serialize({**tables, "_meta": metadata, "moods": {"a": {"b": 1}}})
    backup.unlink()  # it may be a further name of the file
    backup.write_bytes(newer)
    backup.chmod(0o600)
    assert_no_problems(loaded)
    assert loaded("doctor", "--fix").code == 0
    assert backup.read_bytes() == newer


def test_a_missing_file_is_reported_with_its_backup(loaded: Run, files: LibraryFiles) -> None:
    files.marks.unlink()
    done = loaded("doctor")
    assert done.code == 4
    assert done.out.startswith(f"data file is missing: {files.marks}; ")
    assert done.out.endswith(": readlist doctor --fix\n")
    fixed = loaded("doctor", "--fix")
    assert (fixed.code, ": 6 marks from backup marks.json/" in fixed.err) == (0, True)
    assert_no_problems(loaded)


def test_every_command_reports_a_missing_file_and_none_creates_it_while_it_has_backups(
    loaded: Run, files: LibraryFiles
) -> None:
    before = loaded("list", "--json").json
    files.marks.unlink()
    for words in (["list"], ["search", "--exact", "GRPO"], ["star", "2"], ["note", "3", "x"]):
        done = loaded(*words)
        assert (done.code, len(done.err.splitlines())) == (4, 1)
        assert done.err.startswith(f"readlist: data file is missing: {files.marks}; ")
        assert done.err.endswith(": readlist doctor --fix\n")
    assert not files.marks.exists()
    assert loaded("backup", "restore").code == 0
    assert loaded("list", "--json").json == before
    assert loaded("star", "2").code == 0


def test_a_directory_in_place_of_a_store_file_is_reported_and_not_repaired(loaded: Run, files: LibraryFiles) -> None:
    files.marks.unlink()
    files.marks.mkdir()
    done = loaded("doctor", "--fix")
    assert done.code == 4
    assert done.out == f"not a regular file: {files.marks} (directory); move it elsewhere and repeat the command\n"


# Index, permissions, temporary files, backups, history, content


def test_a_wrong_row_of_an_index_whose_whole_file_has_a_checksum_is_detected(loaded: Run, files: LibraryFiles) -> None:
    status = files.index.stat()
    with contextlib.closing(sqlite3.connect(files.index)) as db, db:
        db.execute("UPDATE papers SET status = 'skipped' WHERE id = 7")
    os.utime(files.index, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "the search index is not current" in loaded("doctor").out
    assert loaded("list", "is:skipped").out == ""
    assert_no_problems(loaded)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE papers SET status = 'skipped' WHERE id = 7",
        "UPDATE acronyms SET papers = papers + 1",
        "DELETE FROM sounds WHERE word = 'learning'",
    ],
)
def test_an_index_with_a_wrong_row_is_detected_and_rebuilt(
    loaded: Run, files: LibraryFiles, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(checksum, "MAX_SUMMED", 0)  # as of a large one, the file has no checksum
    loaded("list")
    status = files.index.stat()
    with contextlib.closing(sqlite3.connect(files.index)) as db, db:
        assert db.execute(damage).rowcount > 0
    os.utime(files.index, ns=(status.st_atime_ns, status.st_mtime_ns))
    ((message, level),) = read_levels(loaded).items()
    assert (message.startswith("the search index is corrupt: "), level) == (True, "warning")
    assert loaded("doctor").code == 1
    assert loaded("doctor", "--fix").err == "Rebuilt the search index\n"
    assert_no_problems(loaded)


def test_overwritten_bytes_of_the_index_are_detected_or_do_not_change_the_results(
    loaded: Run, files: LibraryFiles
) -> None:
    rng = random.Random(8)
    status = files.index.stat()
    intact = files.index.read_bytes()
    before = loaded("list", "--json").out
    for _ in range(40):
        start = rng.randrange(len(intact) - 64)
        files.index.write_bytes(intact[:start] + rng.randbytes(64) + intact[start + 64 :])
        os.utime(files.index, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert loaded("doctor", "--fix").code == 0
        assert loaded("list", "--json").out == before


def test_a_missing_or_stale_index_is_not_a_problem(loaded: Run, files: LibraryFiles) -> None:
    index = files.index
    for invalidate in (index.unlink, files.marks.touch):
        invalidate()
        assert loaded("doctor").code == 0
        assert read_levels(loaded) == {"the search index is not current": "info"}
        loaded("doctor", "--fix")
        assert_no_problems(loaded)


def test_files_that_others_can_read_are_made_private(loaded: Run, files: LibraryFiles) -> None:
    paths = [
        files.marks,
        files.papers,
        files.index,
        files.state,
        files.history,
        files.history / "000001.done",
    ]
    for path in paths:
        path.chmod(0o755)
    done = loaded("doctor")
    assert done.code == 1
    assert done.out.startswith(f"wrong file permissions: {files.papers}, {files.marks}, ")
    assert loaded("doctor", "--fix").code == 0
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert_no_problems(loaded)


def test_temporary_files_of_killed_processes_are_removed(loaded: Run, files: LibraryFiles) -> None:
    stale = [files.marks.with_name(".marks.json.4711.new"), files.history / ".000009.done.4711.new"]
    stale.append(files.state / "backups/marks.json/.kept.4711.new")
    for path in stale:
        path.write_bytes(b"half a fi")
        path.chmod(0o600)
    other = files.marks.with_name(".mine.new")
    other.touch()
    assert read_levels(loaded) == {"temporary files of a killed process": "warning"}
    assert loaded("doctor", "--fix").code == 0
    assert not any(path.exists() for path in stale)
    assert other.exists()
    assert_no_problems(loaded)


def test_corrupt_backups_are_listed_and_quarantined(loaded: Run, files: LibraryFiles) -> None:
    oldest = files.backups("marks.json")[0]
    oldest.write_bytes(b"hello")
    done = loaded("doctor")
    assert (done.code, done.out) == (1, f"corrupt backups of marks.json: {oldest.name}; {FIX}\n")
    assert loaded("doctor", "--fix").code == 0
    assert list(files.quarantined().values()) == [b"hello"]
    assert_no_problems(loaded)


def repeat_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-3], lines[-4], *lines[-3:]]


def exchange_lines(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-4], lines[-2], lines[-3], lines[-4], lines[-1]]


def repeat_paper(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], b",\n", lines[-2], lines[-1]]


def drop_end(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


@pytest.mark.parametrize(
    ("damage", "is_corrupt"), [(repeat_line, True), (exchange_lines, False), (repeat_paper, True), (drop_end, True)]
)
def test_a_backup_is_corrupt_though_each_of_its_lines_is_one_of_the_file(
    loaded: Run, files: LibraryFiles, damage: Callable[[list[bytes]], list[bytes]], is_corrupt: bool
) -> None:
    backup = files.backups("papers.json")[-1]
    lines = files.papers.read_bytes().splitlines(keepends=True)
    backup.write_bytes(b"".join(damage(lines)))
    findings = {f"corrupt backups of papers.json: {backup.name}; {FIX}\n"} if is_corrupt else set()
    assert {line for line in loaded("doctor").out.splitlines(keepends=True) if "No problems" not in line} == findings


def test_a_record_of_a_wrong_type_behind_a_right_checksum_makes_a_backup_corrupt(
    loaded: Run, files: LibraryFiles
) -> None:
    backup = files.backups("papers.json")[-1]
    tables = Store(files.data, files.state).papers.file.read_content().tables
    tables["papers"]["3"] = {**tables["papers"]["3"], "title": 5}
    backup.write_bytes(serialize(tables))
    assert loaded("doctor").out == f"corrupt backups of papers.json: {backup.name}; {FIX}\n"


def test_a_corrupt_history_entry_and_the_entries_behind_it_are_quarantined(loaded: Run, files: LibraryFiles) -> None:
    loaded("undo", "2")
    for name in ("000001.done", "000003.undone"):
        (files.history / name).write_bytes(b"hello")
    done = loaded("doctor")
    assert done.code == 1
    names = "000001.done, 000003.undone, 000004.undone"
    message = "corrupt history entry: 3 changes cannot be undone or redone"
    assert done.out == f"{message}: {names}; {FIX}\n"
    assert loaded("doctor", "--fix").code == 0
    assert [entry["description"] for entry in loaded("history", "--json").json] == ["read 1-4"]
    assert set(files.quarantined()) == {"000001.done", "000003.undone", "000004.undone"}
    assert_no_problems(loaded)


def test_marks_without_a_paper_are_listed_and_stay(loaded: Run, files: LibraryFiles) -> None:
    marks = read_marks(files)
    files.papers.unlink()
    delete_backups(files, "papers.json")
    done = loaded("doctor", "--fix")
    assert done.code == 1
    assert "6 marks without a paper: " in done.out
    assert " and 1 more; load the digests that contain these papers again\n" in done.out
    (finding,) = [item for item in loaded("doctor", "--json").json if "without a paper" in item["message"]]
    assert finding == {
        "level": "warning",
        "message": "6 marks without a paper",
        "items": sorted(marks),
        "remedy": "load the digests that contain these papers again",
        "fixable": False,
    }
    assert read_marks(files) == marks


def test_a_missing_source_directory_is_reported_and_a_missing_source_file_is_not(
    loaded: Run, files: LibraryFiles
) -> None:
    directory, single = files.root / "my digests", files.root / "single.txt"
    directory.mkdir()
    for number, path in enumerate((directory / "1.txt", single)):
        path.write_bytes(b"2025-06-01\nTides %d\n(Ada Lovelace)\n" % number)
    loaded("load", directory, single)
    (directory / "1.txt").unlink()
    directory.rmdir()
    single.unlink()
    done = loaded("doctor")
    assert (done.code, done.out) == (
        1,
        f"source is missing: {directory}; restore it, or: readlist sources forget '{directory}'\n",
    )
    assert loaded("sources", "forget", directory).code == 0
    assert_no_problems(loaded)


def test_duplicate_titles_and_tag_spellings_are_reported_and_are_not_a_problem(run: Run, own_folders: Path) -> None:
    digest = (
        "2025-06-01\nOn Tides\n(Ada Lovelace)\n#Object_Detection\nOn  TIDES\n(Alan Turing)\n#object-detection #c++\n"
    )
    (own_folders / "tides.txt").write_text(digest)
    run("load", own_folders / "tides.txt")
    done = run("doctor")
    assert done.code == 0
    assert done.out.splitlines()[:2] == [
        "papers 1, 2 have the same title: On Tides; if they are the same paper: readlist merge 1 2",
        "1 tag with several spellings: #Object_Detection = #object-detection; nothing to do: each counts as one tag",
    ]
    assert done.out.splitlines()[2].startswith(f"{NO_PROBLEMS}: 2 papers")
