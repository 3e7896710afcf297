"""Damaged, missing and old files of a library that is synced: nothing wrong is sent, and what was lost comes back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sync.machines import Machine, Pair

BAD_STORE = 4


def replace_file(path: Path, content: bytes) -> None:
    """Put back a file as another program would: under a new inode, and not through its other names."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(0o600)


def flip(path: Path, at: float = 0.5) -> None:
    """Change one byte of a file."""
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 0xFF
    replace_file(path, bytes(content))


def repair(machine: Machine) -> str:
    return machine.run("doctor", "--fix")


# The store files

DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "cut": lambda content: content[: len(content) // 2],
    "newer": lambda content: content.replace(b'"schema":', b'"schema":9', 1),
    "another value": lambda content: content.replace(b"true", b"false", 1),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_marks_file_is_not_synced_and_is_repaired(pair: Pair, damage: str) -> None:
    pair.desk.run("star", "5")
    tip, marks = pair.git("rev-parse", "readlist"), pair.desk.files.marks
    content = DAMAGE[damage](intact := marks.read_bytes())
    marks.unlink() if content is None else replace_file(marks, content)
    for words in (["sync"], ["sync", "--dry-run"]):
        result = pair.desk.call(*words)
        assert (result.code, result.output.count("\n")) == (BAD_STORE, 1), result
        assert str(marks) in result.output
    assert pair.git("rev-parse", "readlist") == tip
    if damage == "newer":
        replace_file(marks, intact)
    else:
        repair(pair.desk)
    pair.settle()
    assert pair.laptop.starred() == {1, 5}


@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_a_damaged_papers_file_is_not_synced_and_is_repaired(pair: Pair, damage: str) -> None:
    tip, papers = pair.git("rev-parse", "readlist"), pair.desk.files.papers
    content = DAMAGE[damage](papers.read_bytes())
    papers.unlink() if content is None else replace_file(papers, content)
    assert pair.desk.call("sync").code == BAD_STORE
    assert pair.git("rev-parse", "readlist") == tip
    repair(pair.desk)
    assert len(pair.settle().papers) == 10


def test_what_a_repair_loses_comes_back_by_the_next_sync(pair: Pair) -> None:
    pair.desk.run("read", "1")
    pair.settle()
    shutil.rmtree(pair.desk.files.state / "backups")
    before = pair.desk.shared_state()
    for path, name in ((pair.desk.files.marks, b'"starred"'), (pair.desk.files.papers, b"Token")):
        content = path.read_bytes()
        at = content.index(name) + 2
        replace_file(path, content[:at] + b"?" + content[at + 1 :])
    pair.desk.call("doctor", "--fix")
    assert (pair.desk.starred(), len(pair.desk.state()["papers"])) == (set(), 9)
    assert pair.desk.sync().splitlines()[-1] == "Received 1 paper and 1 mark."
    assert pair.settle() == before
    assert pair.desk.run("doctor").startswith("No problems found: 10 papers")


def test_an_old_copy_of_the_marks_does_not_send_old_values_as_new(pair: Pair) -> None:
    old = pair.desk.files.marks.read_bytes()
    pair.desk.run("unstar", "1")
    pair.desk.run("star", "3")
    pair.settle()
    pair.laptop.run("note", "2", "two")
    pair.laptop.sync()
    pair.desk.sync()
    newest = pair.desk.state()
    replace_file(pair.desk.files.marks, old)
    assert pair.desk.sync().splitlines()[-1] == "Received 3 marks."
    assert pair.desk.state() == newest
    pair.settle()
    assert pair.laptop.starred() == {3}


def test_old_copies_of_both_files_do_not_send_old_values_as_new(pair: Pair) -> None:
    old = [(path, path.read_bytes()) for path in (pair.desk.files.papers, pair.desk.files.marks)]
    pair.desk.load(range(11, 13), day=11)
    pair.desk.run("edit", "1", "--title", "A new title")
    pair.desk.run("unstar", "1")
    pair.settle()
    pair.laptop.run("delete", "4")
    pair.settle()
    newest = pair.desk.shared_state()
    for path, content in old:
        replace_file(path, content)
    assert "Received" in pair.desk.sync()
    assert pair.desk.shared_state() == newest == pair.settle()


# What sync remembers


def test_a_clone_that_was_deleted_is_fetched_again(pair: Pair) -> None:
    pair.desk.run("unstar", "1")
    pair.laptop.run("star", "4")
    pair.laptop.sync()
    shutil.rmtree(pair.desk.sync_directory / "own.git")
    assert "the copy of the remote lacks the state of the last sync" in pair.desk.run("doctor")
    assert pair.desk.run("sync") == "Received 1 mark, sent 1 mark.\n"
    assert "copy of the remote" not in pair.desk.run("doctor")
    pair.settle()
    assert pair.laptop.starred() == {4}


def _flip_packs(clone: Path) -> None:
    for path in clone.rglob("*.pack"):
        flip(path)


def _flip_refs(clone: Path) -> None:
    for path in (clone / "refs").rglob("*"):
        if path.is_file():
            replace_file(path, b"\0" * 41)


CLONE_DAMAGE: dict[str, Callable[[Path], None]] = {
    "a byte of each pack": _flip_packs,
    "refs": _flip_refs,
    "no objects": lambda clone: shutil.rmtree(clone / "objects"),
    "no packs": lambda clone: shutil.rmtree(clone / "objects" / "pack"),
}


@pytest.mark.parametrize("damage", CLONE_DAMAGE)
def test_a_damaged_clone_is_found_and_deleted_by_doctor(pair: Pair, damage: str) -> None:
    clone = pair.desk.sync_directory / "own.git"
    pair.desk.run("unstar", "1")
    CLONE_DAMAGE[damage](clone)
    found = pair.desk.call("doctor")
    assert (found.code, "the copy of the remote is damaged" in found.output) == (1, True)
    synced = pair.desk.call("sync")
    if synced.code:  # the damage may not be in its way, or is repaired by what it fetches
        assert (synced.code, synced.output) == (
            BAD_STORE,
            f"readlist: the copy of the remote is damaged: {clone}; to repair it: readlist doctor --fix\n",
        )
    assert (synced.code == 0) or "Deleted the damaged copy of the remote" in repair(pair.desk)
    repair(pair.desk)
    pair.settle()
    assert pair.laptop.starred() == set()
    assert "copy of the remote" not in pair.desk.run("doctor")


RECORDS = (b"", b"\0\0", b"[]", b'{"remote":3}', b'{"last":{}}')


@pytest.mark.parametrize("content", RECORDS)
def test_a_damaged_record_of_the_remote_is_asked_for_again(pair: Pair, content: bytes) -> None:
    pair.desk.run("unstar", "1")
    replace_file(pair.desk.sync_directory / "own.json", content)
    result = pair.desk.call("sync")
    assert (result.code, "no remote is known yet" in result.output) == (2, True)
    assert pair.desk.sync() == "Sent 1 mark."
    pair.settle()
    assert pair.laptop.starred() == set()


LAST: tuple[object, ...] = (
    7,
    {"commit": "x"},
    {"commit": "x", "bases": ["a", "b"], "fingerprints": ["", ""], "keys": {}, "at": "2025-01-01T00:00:00Z"},
    {"commit": 3, "bases": [1, 2], "fingerprints": [1, 2], "keys": {"a": 2}, "at": "2025-01-01"},
    {"commit": "x", "bases": ["a", "b"], "fingerprints": [], "keys": [1], "at": ""},
    {"commit": None, "bases": "ab", "fingerprints": "cd", "keys": {"own": 1}, "at": "2025-01-01T00:00:00Z"},
)


@pytest.mark.parametrize("last", LAST)
def test_a_damaged_record_of_the_last_sync_loses_nothing(pair: Pair, last: object) -> None:
    path = pair.desk.sync_directory / "own.json"
    replace_file(path, json.dumps(json.loads(path.read_bytes()) | {"last": last}).encode())
    pair.desk.run("star", "7")
    pair.laptop.run("star", "8")
    pair.laptop.sync()
    assert pair.desk.run("sync") == "Received 1 mark, sent 1 mark.\n"
    pair.settle()
    assert pair.laptop.starred() == {1, 7, 8}


SECOND_NAMES: dict[str, Callable[[Machine, Path, bytes], object]] = {
    "missing": lambda _machine, _path, _content: None,
    "cut": lambda _machine, path, content: path.write_bytes(content[: len(content) // 2]),
    "zeros": lambda _machine, path, _content: path.write_bytes(b"\0" * 1000),
    "another value": lambda _machine, path, content: path.write_bytes(content.replace(b"true", b"false")),
    "the other file": lambda machine, path, _content: os.link(machine.files.papers, path),
    "the present file": lambda machine, path, _content: os.link(machine.files.marks, path),
}


@pytest.mark.parametrize("damage", SECOND_NAMES)
def test_damaged_second_names_of_the_store_files_lose_nothing(pair: Pair, damage: str) -> None:
    pair.desk.run("star", "7")
    pair.desk.run("unstar", "1")
    for name in ("own-papers.json", "own-marks.json"):
        path = pair.desk.sync_directory / name
        content = path.read_bytes()
        path.unlink()
        SECOND_NAMES[damage](pair.desk, path, content)
    pair.laptop.run("star", "8")
    pair.laptop.sync()
    assert pair.desk.run("sync") == "Received 1 mark, sent 2 marks.\n"
    assert pair.desk.run("sync") == "Nothing new.\n"
    pair.settle()
    assert pair.laptop.starred() == {7, 8}
