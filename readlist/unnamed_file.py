"""UnnamedFile: what takes too much memory as objects, in a temporary file. Used by `store` and `loaders`."""

from __future__ import annotations

import contextlib


class UnnamedFile:
    """Bytes in a temporary file without a name: nothing is left of it when this object, or the process, ends.

    Raises OSError where it cannot be created or written; what was written before can still be read.
    """

    def __init__(self) -> None:
        import tempfile  # not at start-up: few changes are so large

        # Without a buffer: that of a file which could not be written keeps the data, and mixes them into later reads.
        self._file = tempfile.TemporaryFile(prefix="readlist-", buffering=0)  # noqa: SIM115 -- closed in __del__
        self._size = 0

    def append(self, data: bytes | bytearray) -> int:
        """Write at the end; returns the offset at which `read` finds it."""
        offset = self._file.seek(self._size)
        written = 0
        while written < len(data):
            written += self._file.write(memoryview(data)[written:])
        self._size += written
        return offset

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes that were written."""
        self._file.seek(offset)
        return self._file.read(length)

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError):  # it was not created
            self._file.close()
