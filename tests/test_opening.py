"""Opening of regular files: everything else is named, and nothing blocks."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.errors import StoreError
from readlist.opening import NotRegularFile, open_regular, read_regular, require_regular
from readlist.store.atomic import os_errors_as


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        directory = os.open(path.parent, os.O_RDONLY)  # the path of a socket has 108 bytes at most
        try:
            server.bind(f"/proc/self/fd/{directory}/{path.name}")
        finally:
            os.close(directory)


KINDS: dict[str, Callable[[Path], object]] = {
    "FIFO": os.mkfifo,
    "socket": make_socket,
    "directory": Path.mkdir,
    "character device": lambda path: path.symlink_to("/dev/zero"),
    "symbolic link loop": lambda path: path.symlink_to(path.name),
    "broken symbolic link": lambda path: path.symlink_to("nothing"),
}


@pytest.fixture(params=KINDS)
def special(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "file"
    KINDS[request.param](path)
    return path, request.param


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_WRONLY, os.O_RDWR], ids=["r", "w", "rw"])
def test_what_is_not_a_regular_file_is_named(special: tuple[Path, str], flags: int) -> None:
    path, kind = special
    with pytest.raises(NotRegularFile) as raised:
        open_regular(path, flags)
    assert (raised.value.kind, str(raised.value)) == (kind, f"not a regular file ({kind})")
    with pytest.raises(NotRegularFile):
        require_regular(path)


def test_no_descriptor_stays_open(special: tuple[Path, str]) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(NotRegularFile):
        open_regular(special[0])
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_file_that_is_replaced_by_a_fifo_before_it_is_opened_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    os.mkfifo(path)
    monkeypatch.setattr("readlist.opening.require_regular", lambda *_, **__: None)
    with pytest.raises(NotRegularFile, match="FIFO"):
        open_regular(path)
    with pytest.raises(NotRegularFile):
        open_regular(path, os.O_WRONLY)


def test_regular_files_are_opened_read_and_created(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(FileNotFoundError):
        open_regular(path)
    require_regular(path)
    os.close(open_regular(path, os.O_WRONLY | os.O_CREAT))
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"content")
    assert read_regular(path) == b"content"
    assert read_regular(path, 3) == b"con"
    link = tmp_path / "link"
    link.symlink_to(path)
    assert read_regular(link) == b"content"


def test_a_broken_symbolic_link_can_be_created_through(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("target")
    os.close(open_regular(link, os.O_WRONLY | os.O_CREAT))
    assert (tmp_path / "target").is_file()


def test_the_store_says_what_is_at_the_path_and_what_to_do(special: tuple[Path, str]) -> None:
    path, kind = special
    with (
        pytest.raises(StoreError) as raised,
        os_errors_as("read", path),
    ):
        open_regular(path)
    assert str(raised.value) == f"not a regular file: {path} ({kind}); move it elsewhere and repeat the command"
