"""A temporary file without a name: what was written is read back, also where the disk was full in between."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from readlist.unnamed_file import UnnamedFile


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [50, 3_000, 9_000, 100_000])
def test_what_was_written_before_the_disk_was_full_is_read_back(size: int) -> None:
    file = UnnamedFile()
    with files_of_at_most(1_020):
        assert file.append(b"a" * 1_000) == 0
        with pytest.raises(OSError, match="too large"):
            file.append(b"b" * size)
        assert file.read(0, 1_000) == b"a" * 1_000
    assert file.append(b"c" * size) == 1_000
    assert file.read(0, 1_000) == b"a" * 1_000
    assert file.read(1_000, size) == b"c" * size
