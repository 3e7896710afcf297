"""The checksum of the file of the index, kept in its modification time.

A failing disk changes bytes and keeps the time, and SQLite's own quick_check misses most of that. So `writer` sets the
time of the file after each of its changes: to CLEAN_MTIME, 2000-01-01, plus 2 seconds for each unit of a checksum of 28
bits. A file is clean where its time is the one for its content. That also reveals a change by anything else, such as a
process that was killed in the middle: it moves the time to the present.

The time, because it is replaced, copied and deleted together with the file; a second file beside it could be lost or
belong to another state. Whole, even seconds, because every file system can store them. A checksum inside the file would
be a change of the file itself. SQLite's checksums of pages need an extension that Python does not have.

The whole file is read for it, at each change and once per process for each state, which takes 0.5 ms per MB. A file of
more than MAX_SUMMED bytes, some 4,000 papers, has the time CLEAN_MTIME; of its tables only `entries` has checksums, a
row each.

A process that closes a file loses all POSIX locks that it has on it, those of SQLite included. So no function here may
be called while this process has a connection to the file, except with a `file` that is closed after the connection.
"""

from __future__ import annotations

import os
import stat
import zlib
from pathlib import Path
from typing import BinaryIO

from readlist.opening import open_regular

CLEAN_MTIME = 946_684_800
"""2000-01-01 in seconds: the time of a large clean file; that of a small one is later, until 2017-01-02."""
MAX_SUMMED = 16 << 20
"""Bytes of a file up to which its content is verified: 7 ms for the largest."""
_SUM_BITS = 28
_SECONDS_PER_UNIT = 2
_NS = 10**9
_CHUNK_SIZE = 1 << 17

_State = tuple[int, int, int, int, int]
_clean_states: set[_State] = set()
"""The states of files that this process has read and found clean: it does not read them again."""


def is_clean(path: Path) -> bool:
    """Return whether the file has the modification time for its content. Raises OSError."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) or not _may_be_clean(status):  # opening a FIFO would block
        return False
    if _state(status) in _clean_states:
        return True
    with open_to_sum(path) as file:
        status = os.fstat(file.fileno())
        if status.st_mtime_ns != _clean_mtime(file, status.st_size) * _NS:
            return False
    _clean_states.add(_state(status))
    return True


def was_clean(path: Path) -> bool:
    """Return whether the file is in a state that `is_clean` found clean; does not open it. Raises OSError."""
    return _state(path.stat()) in _clean_states


def open_to_sum(path: Path) -> BinaryIO:
    """Open a file for `set_clean_time`."""
    return os.fdopen(open_regular(path), "rb", buffering=0)


def set_clean_time(path: Path, file: BinaryIO) -> None:
    """Give the file at `path`, which is also open as `file`, the modification time for its content. Raises OSError."""
    time = _clean_mtime(file, os.fstat(file.fileno()).st_size)
    os.utime(path, (time, time))
    status = os.fstat(file.fileno())
    if status.st_mtime_ns == time * _NS:  # a file system that stores another time leaves an index that is not clean
        _clean_states.add(_state(status))


def _state(status: os.stat_result) -> _State:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _may_be_clean(status: os.stat_result) -> bool:
    """Return whether the time of a file is one that `set_clean_time` sets."""
    units, rest = divmod(status.st_mtime_ns - CLEAN_MTIME * _NS, _SECONDS_PER_UNIT * _NS)
    return rest == 0 and (1 <= units <= 1 << _SUM_BITS if status.st_size <= MAX_SUMMED else units == 0)


def _clean_mtime(file: BinaryIO, size: int) -> int:
    """Return the modification time, in seconds, that a clean file of this content and size in bytes has."""
    if size > MAX_SUMMED:
        return CLEAN_MTIME
    buffer = bytearray(_CHUNK_SIZE)
    view, crc = memoryview(buffer), 0
    file.seek(0)
    while count := file.readinto(buffer):  # type: ignore[attr-defined] # of a raw file
        crc = zlib.crc32(view[:count], crc)
    return CLEAN_MTIME + _SECONDS_PER_UNIT * (1 + (crc ^ crc >> _SUM_BITS) % (1 << _SUM_BITS))
