"""The modification time of the index as a checksum of its content."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.search.index import checksum
from readlist.search.index.checksum import CLEAN_MTIME, MAX_SUMMED, is_clean, open_to_sum, set_clean_time, was_clean

NOW = 1_764_000_000


def clean_file(path: Path, data: bytes) -> os.stat_result:
    path.write_bytes(data)
    with open_to_sum(path) as file:
        set_clean_time(path, file)
    return path.stat()


def overwrite(path: Path, data: bytes, mtime_ns: int) -> None:
    """Write as a failing disk does, which keeps the time."""
    path.write_bytes(data)
    os.utime(path, ns=(mtime_ns, mtime_ns))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.sqlite"


@settings(max_examples=200)
@given(st.binary(min_size=1, max_size=300), st.data())
def test_any_change_of_a_small_file_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, draw: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "file"
    status = clean_file(path, data)
    assert is_clean(path)
    other = draw.draw(st.binary(max_size=300).filter(lambda other: other != data))
    overwrite(path, other, status.st_mtime_ns)
    checksum._clean_states.clear()
    assert not is_clean(path)


def test_every_flipped_bit_is_noticed(path: Path) -> None:
    data = random.Random(5).randbytes(200)
    status = clean_file(path, data)
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        overwrite(path, bytes(flipped), status.st_mtime_ns)
        checksum._clean_states.clear()
        assert not is_clean(path)


def test_the_time_is_whole_even_seconds_long_before_the_present(path: Path) -> None:
    for number in range(50):
        status = clean_file(path, bytes([number]) * 99)
        assert status.st_mtime_ns % (2 * 10**9) == 0
        assert CLEAN_MTIME < status.st_mtime < NOW


def test_a_file_that_was_written_at_any_other_time_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean_file(path, b"content")
    monkeypatch.setattr(checksum, "open_to_sum", None)
    for mtime_ns in (NOW * 10**9, CLEAN_MTIME * 10**9, (CLEAN_MTIME + 3) * 10**9, (CLEAN_MTIME + 2) * 10**9 + 1, 0):
        os.utime(path, ns=(mtime_ns, mtime_ns))
        assert not is_clean(path)


def test_one_state_of_a_file_is_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean_file(path, b"content")
    checksum._clean_states.clear()
    assert not was_clean(path)
    assert is_clean(path)
    assert was_clean(path)
    monkeypatch.setattr(checksum, "open_to_sum", None)
    assert is_clean(path)
    path.touch()
    assert not was_clean(path)


def test_a_large_file_is_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.touch()
    os.truncate(path, MAX_SUMMED + 1)
    with open_to_sum(path) as file:
        set_clean_time(path, file)
    assert path.stat().st_mtime_ns == CLEAN_MTIME * 10**9
    monkeypatch.setattr(checksum, "open_to_sum", None)
    assert is_clean(path)
    os.truncate(path, MAX_SUMMED)
    os.utime(path, (CLEAN_MTIME, CLEAN_MTIME))
    assert not is_clean(path), "a large file that lost its end"


def test_what_is_no_regular_file_is_not_clean_and_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "directory").mkdir()
    for name in ("fifo", "directory"):
        os.utime(tmp_path / name, (CLEAN_MTIME + 2, CLEAN_MTIME + 2))
        assert not is_clean(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        is_clean(tmp_path / "missing")
