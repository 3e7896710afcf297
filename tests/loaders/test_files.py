"""Files: which of a directory are digests, and which cannot be read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from readlist.errors import ReadlistError
from readlist.loaders.files import MAX_FILE, find_files
from readlist.loaders.registry import load_bytes, load_file

DIGEST = "2025년 6월 1일\nOn Tides\n(Ada Lovelace, Zoë Čapek)\nTides rise.\n조수에 대한 논문.\nOn tides.\n#tides\n"

needs_permissions = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything, and Windows has no file modes"
)


def write(path: Path, data: bytes = DIGEST.encode()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# Finding


def test_the_digests_notes_and_pages_of_a_directory_are_sorted_and_hidden_files_are_skipped(tmp_path: Path) -> None:
    names = [
        "b.txt",
        "a/z.TXT",
        "a/c.txt",
        "A.txt",
        ".hidden.txt",
        ".git/x.txt",
        "notes.md",
        "page.html",
        "page.mhtml",
        "b.EML",
        "in.mbox",
        "paper.pdf",
        "txt",
        "directory.txt/in.txt",
    ]
    for name in names:
        write(tmp_path / name)
    paths = [str(path.relative_to(tmp_path)) for path in find_files(tmp_path)]
    assert paths == [
        "A.txt",
        "a/c.txt",
        "a/z.TXT",
        "b.EML",
        "b.txt",
        "directory.txt/in.txt",
        "in.mbox",
        "notes.md",
        "page.html",
        "page.mhtml",
    ]


def test_a_file_that_is_named_itself_may_have_any_name(tmp_path: Path) -> None:
    file = write(tmp_path / ".digest.md")
    assert find_files(file) == [file]


def test_symlinks_are_followed_and_loops_end(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "far.txt")
    directory = tmp_path / "digests"
    write(directory / "near.txt")
    (directory / "loop").symlink_to(directory)
    (directory / "self.txt").symlink_to(directory / "self.txt")
    (directory / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    (directory / "other").symlink_to(tmp_path / "elsewhere")
    assert [path.name for path in find_files(directory)] == ["near.txt", "far.txt"]


def test_pipes_in_a_directory_are_skipped(tmp_path: Path) -> None:
    digest = write(tmp_path / "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    assert find_files(tmp_path) == [digest]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "no such file or directory"),
        ("file.md/below", "no such file or directory"),
        ("empty", "no digest in this directory; expected *.txt, *.md, *.html, *.xml and others"),
        ("a\0b", "embedded null byte"),
    ],
)
def test_a_path_without_digests_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    write(tmp_path / "file.md")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadlistError) as caught:
        find_files(tmp_path / name)
    assert str(caught.value) == message


@needs_permissions
def test_a_subdirectory_without_permission_is_reported_and_the_other_files_are_found(tmp_path: Path) -> None:
    digest = write(tmp_path / "a.txt")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert find_files(tmp_path) == [digest, closed]
    with pytest.raises(ReadlistError, match=r"^cannot list this directory; check its permissions$"):
        load_file(closed)
    with pytest.raises(ReadlistError, match=r"^Permission denied$"):
        find_files(closed)


# Reading


def test_the_source_of_a_paper_is_the_name_of_its_file(tmp_path: Path) -> None:
    (paper,) = load_file(write(tmp_path / "notes" / "d.txt")).papers
    assert [(str(appearance.date), appearance.source) for appearance in paper.digests] == [("2025-06-01", "d.txt")]


def test_pipes_and_devices_are_not_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(ReadlistError, match=r"^not a regular file; to load from a pipe: readlist load -$"):
            load_file(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    big = tmp_path / "big.txt"
    with big.open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(ReadlistError, match=r"^too large: more than 10 MB; split it into smaller files$"):
        load_file(big)
    with pytest.raises(ReadlistError, match="too large"):
        load_bytes(b"x" * (MAX_FILE + 1), "-")


@needs_permissions
def test_a_file_without_permission_is_an_error(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.txt")
    secret.chmod(0)
    with pytest.raises(ReadlistError, match=r"^Permission denied$"):
        load_file(secret)
