"""Temporary files: those that a process uses are left alone by all others, however their clocks and IDs are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from readlist.search.index import writer
from readlist.search.index.checksum import CLEAN_MTIME
from readlist.store.atomic import copy_file, temporary_path, write_and_fsync, write_file
from readlist.temporary_files import create_in_use, is_in_use, remove_abandoned
from tests.faults.processes import ForkedProcess, print_line


def write_slowly(target: Path) -> None:
    """Write to a temporary file, wait for a byte on stdin, and replace the target."""
    with temporary_path(target) as temporary:
        write_and_fsync(temporary, [b"slow"])
        print_line("written")
        while not target.with_name("go").exists():
            pass
        temporary.replace(target)


def test_two_state_directories_do_not_remove_each_others_temporary_files(tmp_path: Path) -> None:
    target = tmp_path / "papers.json"
    with ForkedProcess(lambda: write_slowly(target)) as slow:
        assert slow.output.readline() == b"written\n"
        write_file(target, [b"fast"])  # another lock is held for this one
        assert len(list(tmp_path.glob(".papers.json.*.new"))) == 1
        (tmp_path / "go").touch()
        result = slow.wait()
    assert (result.code, result.output) == (0, "")
    assert target.read_bytes() == b"slow"


def test_the_temporary_file_of_a_killed_process_is_removed(tmp_path: Path) -> None:
    target = tmp_path / "papers.json"
    with ForkedProcess(lambda: write_slowly(target)) as slow:
        slow.output.readline()
        slow.kill()
    assert len(list(tmp_path.iterdir())) == 1
    write_file(target, [b"next"])
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_was_renamed_meanwhile_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    os.close(create_in_use(path, 0o600))
    assert is_in_use(path) is False
    assert remove_abandoned([path, tmp_path / "missing"]) == []
    assert not path.exists()


def test_where_files_cannot_be_locked_nobody_removes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    path = tmp_path / "file"
    os.close(create_in_use(path, 0o600))
    assert is_in_use(path) is None
    assert remove_abandoned([path]) == [path]


def test_an_old_index_file_is_kept_where_it_cannot_be_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(37, "No locks available")

    temporary, lock = tmp_path / "index.sqlite.1.new", tmp_path / "index.sqlite.1.new-lock"
    for path in (temporary, lock):
        path.touch()
        os.utime(path, (CLEAN_MTIME, CLEAN_MTIME))
    with monkeypatch.context() as patch:
        patch.setattr("fcntl.flock", refuse)
        writer.build(tmp_path / "index.sqlite", writer.IndexContents(), ("a", "b", ""))
        assert temporary.exists()
        assert lock.exists()
    writer.build(tmp_path / "index.sqlite", writer.IndexContents(), ("a", "b", ""))
    assert [path.name for path in tmp_path.iterdir()] == ["index.sqlite"]


def test_a_copy_is_in_use_until_it_is_renamed(tmp_path: Path) -> None:
    (tmp_path / "marks.json").write_bytes(b"content")
    with temporary_path(tmp_path / "backup") as temporary:
        copy_file(tmp_path / "marks.json", temporary)
        assert is_in_use(temporary) is True
        assert remove_abandoned([temporary]) == [temporary]
    assert temporary.read_bytes() == b"content"
    assert is_in_use(temporary) is False


def test_what_is_not_a_regular_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(path := tmp_path / ".papers.json.1.new")
    write_file(tmp_path / "papers.json", [b"content"])
    assert path.is_fifo()


def test_a_slow_rebuild_is_left_alone_under_any_clock(tmp_path: Path) -> None:
    index = tmp_path / "index.sqlite"

    def build() -> None:
        def contents() -> Iterator[None]:
            (temporary,) = tmp_path.glob("index.sqlite.*.new")
            os.utime(temporary, (CLEAN_MTIME, CLEAN_MTIME))
            print_line("begun")
            while not (tmp_path / "go").exists():
                pass
            yield from ()

        writer.build(index, writer.IndexContents(contents()), ("a", "b", ""))  # type: ignore[arg-type]  # it yields nothing

    with ForkedProcess(build) as slow:
        slow.output.readline()
        writer.build(index, writer.IndexContents(), ("c", "d", ""))
        assert len(list(tmp_path.glob("index.sqlite.*.new"))) == 1
        (tmp_path / "go").touch()
        assert slow.wait().code == 0
    (tmp_path / "go").unlink()
    with ForkedProcess(build) as slow:
        slow.output.readline()
        slow.kill()
    assert len(list(tmp_path.iterdir())) == 3
    writer.build(index, writer.IndexContents(), ("e", "f", ""))
    assert list(tmp_path.iterdir()) == [index]
