"""Digests as files: which are found, how they are read and decoded, and what is refused."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import ReadlistError
from readlist.loaders.files import MAX_FILE
from readlist.loaders.registry import find_files, load_bytes, load_file

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DIGEST = "2025년 6월 1일\nOn Tides\n(Ada Lovelace, Zoë Čapek)\nTides rise.\n조수에 대한 논문.\nOn tides.\n#tides\n"
CP949_DIGEST = DIGEST.replace("Zoë Čapek", "Zoe Capek")
NO_DIGEST = "no paper found: a digest has titles, each with its authors in parentheses below it"

needs_permissions = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything, and Windows has no such modes"
)


def write(path: Path, data: bytes = DIGEST.encode()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# Finding


def test_a_folder_gives_its_digests_notes_and_pages_sorted_and_no_hidden_ones(tmp_path: Path) -> None:
    names = [
        "b.txt",
        "a/z.TXT",
        "a/c.txt",
        "A.txt",
        ".hidden.txt",
        ".git/x.txt",
        "notes.md",
        "page.html",
        "paper.pdf",
        "txt",
        "folder.txt/in.txt",
    ]
    for name in names:
        write(tmp_path / name)
    found = [str(path.relative_to(tmp_path)) for path in find_files(tmp_path)]
    assert found == ["A.txt", "a/c.txt", "a/z.TXT", "b.txt", "folder.txt/in.txt", "notes.md", "page.html"]


def test_a_file_stands_for_itself_whatever_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / ".digest.md")
    assert find_files(file) == [file]


def test_links_are_followed_and_circles_end(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "far.txt")
    folder = tmp_path / "digests"
    write(folder / "near.txt")
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    (folder / "other").symlink_to(tmp_path / "elsewhere")
    assert [path.name for path in find_files(folder)] == ["near.txt", "far.txt"]


def test_pipes_in_a_folder_are_left_out(tmp_path: Path) -> None:
    digest = write(tmp_path / "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    assert find_files(tmp_path) == [digest]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "no such file or folder"),
        ("file.md/below", "no such file or folder"),
        ("empty", "no digest in this folder (*.txt, *.md, *.html, *.xml)"),
        ("a\0b", "embedded null byte"),
    ],
)
def test_nothing_to_load_is_one_line(tmp_path: Path, name: str, message: str) -> None:
    write(tmp_path / "file.md")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadlistError) as caught:
        find_files(tmp_path / name)
    assert str(caught.value) == message


@needs_permissions
def test_a_folder_below_that_is_closed_is_reported_and_the_rest_is_found(tmp_path: Path) -> None:
    digest = write(tmp_path / "a.txt")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert find_files(tmp_path) == [digest, closed]
    with pytest.raises(ReadlistError, match=r"^a folder that cannot be looked into$"):
        load_file(closed)
    with pytest.raises(ReadlistError, match=r"^Permission denied$"):
        find_files(closed)


# Reading


def test_a_file_is_loaded_under_its_name(tmp_path: Path) -> None:
    (paper,) = load_file(write(tmp_path / "folder" / "d.txt")).papers
    assert [(str(seen.date), seen.source) for seen in paper.digests] == [("2025-06-01", "d.txt")]


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(ReadlistError, match=r"^not a regular file$"):
            load_file(path)


def test_a_file_that_is_too_big_is_refused_before_it_is_read(tmp_path: Path) -> None:
    big = tmp_path / "big.txt"
    with big.open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(ReadlistError, match=r"^larger than 10 MB, the most that a digest may have$"):
        load_file(big)
    with pytest.raises(ReadlistError, match="larger than 10 MB"):
        load_bytes(b"x" * (MAX_FILE + 1), "-")


@needs_permissions
def test_a_file_without_permission_is_one_line(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.txt")
    secret.chmod(0)
    with pytest.raises(ReadlistError, match=r"^Permission denied$"):
        load_file(secret)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\n \t\r\n", "empty"),
        ("\ufeff".encode(), "empty"),
        (b"\x7fELF\x00\x01\x02\xff", "not text: it holds NUL bytes"),
        (DIGEST.encode() + b"\0", "not text: it holds NUL characters"),
        (b"Dear all,\nlunch is at one.\n(or a bit later, as always)\nYours\n", NO_DIGEST),
        (b"abc\xff\xff", "not text: byte 3 is neither UTF-8 nor CP949"),
        (
            b"Dear all,\nlunch is at one.\n",
            NO_DIGEST,
        ),
    ],
)
def test_what_is_no_digest_is_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(ReadlistError) as caught:
        load_bytes(data, "-")
    assert str(caught.value) == message


# Decoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_with_and_without_a_mark(encoding: str) -> None:
    loaded = load_bytes(DIGEST.encode(encoding), "d.txt")
    assert loaded == load_bytes(DIGEST.encode(), "d.txt")
    assert loaded.papers[0].authors == ("Ada Lovelace", "Zoë Čapek")
    assert loaded.problems == ()


def test_cp949_is_read_and_said() -> None:
    loaded = load_bytes(CP949_DIGEST.encode("cp949"), "d.txt")
    assert loaded.papers == load_bytes(CP949_DIGEST.encode(), "d.txt").papers
    assert list(map(str, loaded.problems)) == ["d.txt: not UTF-8 (byte 4); read as CP949"]


@pytest.mark.parametrize(
    "change", [lambda d: d.replace(b"\n", b"\r\n"), lambda d: d.replace(b"\n", b"\r"), bytes.rstrip]
)
def test_line_ends_do_not_matter(change: object) -> None:
    for seed in SEEDS.iterdir():
        data = seed.read_bytes()
        assert load_bytes(change(data), "s") == load_bytes(data, "s")  # type: ignore[operator] # functions of bytes


@given(st.binary() | st.binary().map(lambda tail: DIGEST.encode() + tail) | st.text().map(lambda t: t.encode("utf-16")))
def test_any_bytes_at_all_are_papers_or_one_line(data: bytes) -> None:
    with contextlib.suppress(ReadlistError):
        assert load_bytes(data, "-").papers


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "()",
        ")",
        "#a ",
        "- ",
        "https://a/",
        "https://a/\n",
        "x\n(Y Z)\n",
        "가\n",
        "A (b) ",
        ",Jr.",
        "/-",
        "é",
        "a\u200b",
    ],
)
def test_the_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    def seconds(size: int) -> float:
        times = piece * (size // len(piece))
        data = f"Title\n(Ada Lovelace)\nText\n{times}\n({times})\n".encode()
        return min(timed(data) for _ in range(3))

    small, big = seconds(15_000), seconds(120_000)
    assert big < max(small, 0.01) * 8 * 2.5


def timed(data: bytes) -> float:
    start = time.perf_counter()
    load_bytes(data, "-")
    return time.perf_counter() - start
