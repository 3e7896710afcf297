"""Store files that are missing, empty, cut short, swapped, another library's or behind a link to nothing.

Every command says so and exits with 4, none creates the file anew, and `doctor --fix` brings back the last saved state.
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.store.format import SCHEMA
from tests.commands import CALLS, DIGEST
from tests.conftest import Run
from tests.library_files import LibraryFiles

WITHOUT_LIBRARY = {"help", "completion", "config"}
REPAIRS = {"doctor", "backup", "backup restore"}
HISTORY_ONLY = {"history"}
"""What `history` lists does not depend on the data files."""


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def swap(path: Path) -> None:
    other = path.with_name("marks.json" if path.name == "papers.json" else "papers.json")
    shutil.copy(other, path)


def link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("unplugged.json"))


LOSSES = [
    pytest.param(remove, id="missing"),
    pytest.param(empty, id="empty", marks=pytest.mark.slow),
    pytest.param(cut, id="cut"),
    pytest.param(swap, id="swapped", marks=pytest.mark.slow),
    pytest.param(link_to_nothing, id="link to nothing", marks=pytest.mark.slow),
]


@pytest.fixture
def used(loaded: Run, tmp_path: Path) -> Run:
    """A library with two loads, marks, a saved query and something to undo and redo."""
    (tmp_path / "tides.txt").write_text(DIGEST, encoding="utf-8")
    for words in ("star 2 9", "note 12 text", "tag 9 --add mine", "query save fresh is:unread"):
        loaded(*words.split())
    loaded("load", tmp_path / "tides.txt")
    for words in ("read 14", "skip 3", "undo"):
        loaded(*words.split())
    return loaded


def lost_file(files: LibraryFiles, name: str) -> Path:
    return files.data / name


@pytest.mark.parametrize("name", ["papers.json", "marks.json"])
@pytest.mark.parametrize("lose", LOSSES)
def test_every_command_reports_a_lost_file_and_creates_nothing(
    used: Run, files: LibraryFiles, lose: Callable[[Path], None], name: str
) -> None:
    path = lost_file(files, name)
    lose(path)
    before = (os.path.lexists(path), path.read_bytes() if path.exists() else b"")
    other = {other: other.read_bytes() for other in files.data.iterdir() if other.exists() and other != path}
    backups = {backup.name: backup.read_bytes() for backup in files.backups(name)}
    wrong = {}
    for command in CALLS.keys() - WITHOUT_LIBRARY - HISTORY_ONLY - REPAIRS:
        done = used(*command.split(), *CALLS[command], stdin=DIGEST)
        if done.code != 4 or str(path) not in done.err or "Traceback" in done.err:
            wrong[command] = done
    assert wrong == {}
    assert (os.path.lexists(path), path.read_bytes() if path.exists() else b"") == before
    assert {other: other.read_bytes() for other in files.data.iterdir() if other.exists() and other != path} == other
    assert {backup.name: backup.read_bytes() for backup in files.backups(name)} == backups
    done = used("doctor")
    assert (done.code, str(path) in done.out) == (4, True)


@pytest.mark.parametrize("name", ["papers.json", "marks.json"])
@pytest.mark.parametrize("lose", LOSSES)
def test_the_last_saved_state_of_a_lost_file_is_repaired(
    used: Run, files: LibraryFiles, lose: Callable[[Path], None], name: str
) -> None:
    before = (used("list", "--json").json, used("sources", "--json").json, used("query", "list", "--json").json)
    lose(lost_file(files, name))
    done = used("doctor", "--fix")
    assert done.code == 0, done
    assert (used("list", "--json").json, used("sources", "--json").json, used("query", "list", "--json").json) == before
    assert used("star", "14").code == 0


def test_a_missing_file_without_backups_is_known_from_the_other_file(used: Run, files: LibraryFiles) -> None:
    shutil.rmtree(files.state)
    content = files.papers.read_bytes()
    files.papers.unlink()
    done = used("list")
    assert (done.code, f"data file is missing: {files.papers}; it has no backup" in done.err) == (4, True)
    files.papers.write_bytes(content)
    files.marks.unlink()
    done = used("list")
    assert (done.code, f"data file is missing: {files.marks}; it has no backup" in done.err) == (4, True)
    fixed = used("doctor", "--fix")
    assert (fixed.code, "Created an empty file" in fixed.err) == (0, True), fixed
    assert used("star", "2").code == 0


def test_an_empty_library_is_no_lost_one(run: Run) -> None:
    assert run("list").code == 0
    assert run("query", "save", "fresh", "is:unread").code == 0
    assert run("list").code == 0
    assert run("doctor").code == 0


def test_sources_and_documents_survive_a_papers_file_that_is_cut_short(
    used: Run, files: LibraryFiles, tmp_path: Path
) -> None:
    sources = used("sources", "--json").json
    for path in files.backups("papers.json"):
        path.unlink()
    cut(files.papers)
    done = used("doctor", "--fix")
    assert "papers are missing since the last load" in done.out
    assert [source["location"] for source in used("sources", "--json").json] == [s["location"] for s in sources]
    assert used("update").code == 0
    assert len(used("list", "--json").json) == 14
    assert used("doctor").code == 0


def test_papers_from_stdin_are_named_as_what_update_does_not_bring_back(run: Run, files: LibraryFiles) -> None:
    run("load", "-", stdin=DIGEST)
    for path in files.backups("papers.json"):
        path.unlink()
    files.papers.unlink()
    done = run("doctor", "--fix")
    assert done.code == 1
    assert done.out.startswith("1 paper is missing since the last load; to load from the sources: readlist update")


@pytest.fixture
def another(used: Run, files: LibraryFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The directory of another library, with one paper that has a note."""
    monkeypatch.setenv("READLIST_HOME", str(tmp_path / "another"))
    used("load", "-", stdin=DIGEST)
    used("note", "1", "theirs")
    monkeypatch.setenv("READLIST_HOME", str(files.data))
    return tmp_path / "another"


@pytest.mark.parametrize("name", ["papers.json", "marks.json"])
@pytest.mark.parametrize("is_kept", [False, True])
def test_a_file_of_another_library_is_reported_and_can_be_kept_or_replaced(
    used: Run, files: LibraryFiles, another: Path, name: str, *, is_kept: bool
) -> None:
    own = used("list", "--json").json
    shutil.copy(another / name, files.data / name)
    done = used("list")
    assert (done.code, f"data file belongs to another library: {files.data / name}" in done.err) == (4, True)
    assert used("star", "1").code == 4
    if is_kept:
        assert used("doctor", "--fix").code in {0, 1}
        assert used("list").code == 0
    else:
        assert used("backup", "restore", name).code == 0
        assert used("list", "--json").json == own
    assert used("star", "1").code == 0
    assert used("backup", "restore", name, "--yes").code == 0


@pytest.mark.parametrize("is_kept", [False, True])
def test_both_files_of_another_library_are_reported_and_the_backups_of_the_former_one_are_kept(
    used: Run, files: LibraryFiles, another: Path, *, is_kept: bool
) -> None:
    own = used("list", "--json").json
    backups = {path.read_bytes() for path in files.backups("marks.json")}
    for name in ("papers.json", "marks.json"):
        shutil.copy(another / name, files.data / name)
    assert used("star", "1").code == 4
    if is_kept:
        assert used("doctor", "--fix").code == 0
        assert [entry["note"] for entry in used("list", "--json").json] == ["theirs"]
        assert backups == {path.read_bytes() for path in files.state.glob("former/*/backups/marks.json/*")}
        assert used("undo").err == "Nothing to undo\n", "the history of the original stays there"
    else:
        for name in ("papers.json", "marks.json"):
            assert used("backup", "restore", name).code == 0
        assert used("list", "--json").json == own


def test_a_repair_takes_no_records_from_the_backups_of_another_library(
    used: Run, files: LibraryFiles, another: Path
) -> None:
    for name in ("papers.json", "marks.json"):
        shutil.copy(another / name, files.data / name)
    used("doctor", "--fix")
    cut(files.marks)
    used("doctor", "--fix")
    assert [entry["note"] for entry in used("list", "has:note", "--json").json] == ["theirs"]


@pytest.mark.parametrize(
    "field", ['"library":["x"]', '"library":5', '"papers":"many"', '"sequence":"x"', '"next_id":-1', '"has_marks":0']
)
def test_metadata_of_a_wrong_type_is_corruption_that_a_repair_removes(
    used: Run, files: LibraryFiles, field: str
) -> None:
    before = used("list", "--json").json
    for path in (files.papers, files.marks):
        lines = path.read_bytes().splitlines(keepends=True)
        line = b'"1":{"schema":%d,%b,' % (SCHEMA, field.encode())
        lines[1] = line + b'"sum":"%08x"}\n' % zlib.crc32(line, zlib.crc32(b"_meta"))
        path.write_bytes(b"".join(lines))
    for words in ("list", "star 1", "doctor", "undo", "load -"):
        assert used(*words.split(), stdin=DIGEST).code == 4
    assert used("doctor", "--fix").code == 0
    assert used("list", "--json").json == before


def test_an_older_copy_that_another_program_put_in_place_is_reported(used: Run, files: LibraryFiles) -> None:
    older = files.marks.read_bytes()
    used("star", "5")
    used("note", "6", "new")
    files.marks.write_bytes(older)
    done = used("doctor")
    assert (done.code, "is older than its newest backup" in done.out) == (1, True)
    assert used("backup", "restore", "--yes").code == 0
    assert [entry["id"] for entry in used("list", "has:note", "--json").json] == [12, 6]
    assert used("doctor").code == 0


def test_the_state_that_an_older_copy_replaced_survives_any_number_of_changes(used: Run, files: LibraryFiles) -> None:
    older = files.marks.read_bytes()
    used("note", "6", "new")
    files.marks.write_bytes(older)
    assert f"Another program replaced {files.marks} by an older state" in used("list").err
    for number in range(30):
        used("unread" if number % 2 else "read", "5", "7")
    (finding,) = used("doctor", "--json").json
    assert finding["message"].startswith("1 mark is only in a pinned backup: marks.json/")
    assert used("backup", "restore", finding["message"].rpartition(" ")[2], "--yes").code == 0
    assert 6 in [entry["id"] for entry in used("list", "has:note", "--json").json]


def test_an_id_is_not_given_again_after_an_older_copy_of_the_papers_was_put_in_place(
    used: Run, files: LibraryFiles, tmp_path: Path
) -> None:
    older = files.papers.read_bytes()
    for name in ("Ebb", "Flow"):
        (tmp_path / f"{name}.txt").write_text(f"2025-06-02\n{name}\n(Ada Lovelace)\n", encoding="utf-8")
    used("load", tmp_path / "Ebb.txt")
    files.papers.write_bytes(older)
    used("load", tmp_path / "Flow.txt")
    assert max(entry["id"] for entry in used("list", "--json").json) == 16


@pytest.mark.parametrize("name", ["papers.json", "marks.json"])
def test_a_file_that_was_cut_short_after_a_move_is_repaired_from_the_backups_of_the_former_place(
    used: Run, files: LibraryFiles, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = used("list", "--json").json
    moved = files.data.rename(files.data.with_name("moved"))
    monkeypatch.setenv("READLIST_HOME", str(moved))
    cut(moved / name)
    assert used("doctor", "--fix").code == 0
    assert used("list", "--json").json == before


def test_lost_papers_are_named_until_they_are_loaded_or_the_loss_is_accepted(used: Run, files: LibraryFiles) -> None:
    for path in files.backups("papers.json"):
        path.unlink()
    files.papers.unlink()
    assert "14 papers are missing" in used("doctor", "--fix").out
    used("load", "-", stdin=DIGEST)
    assert "13 papers are missing" in used("doctor").out
    fixed = used("doctor", "--fix")
    assert "Accepted the loss of 13 papers" in fixed.err
    assert "are missing" not in fixed.out


def test_a_library_that_was_moved_takes_its_backups_and_history_along(
    used: Run, files: LibraryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = used("list", "--json").json
    moved = files.data.rename(files.data.with_name("moved"))
    monkeypatch.setenv("READLIST_HOME", str(moved))
    (moved / "marks.json").unlink()
    done = used("list")
    assert (done.code, f"its backups are in the former state directory {files.state}" in done.err) == (4, True)
    assert used("doctor", "--fix").code == 0
    assert used("list", "--json").json == before
    assert used("undo").err == "Undone: read 14\n"


def test_a_copy_of_a_library_leaves_the_backups_of_the_original_alone(
    used: Run, files: LibraryFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups = {path.name: path.read_bytes() for path in files.backups("marks.json")}
    shutil.copytree(files.data, files.data.with_name("copy"))
    monkeypatch.setenv("READLIST_HOME", str(files.data.with_name("copy")))
    assert used("undo").err == "Nothing to undo\n"
    used("star", "1")
    assert {path.name: path.read_bytes() for path in files.backups("marks.json")} == backups
