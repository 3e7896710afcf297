"""Parsing many files with a second interpreter, which parses some of them while this one parses the others.

`batch` calls `parsing_ahead` and asks for the files in their order. A file is the same parsed here or there. What the
second interpreter does not return, because it could not be started or was killed, is parsed here. It is a new
process, not a fork, which is not safe on macOS, and ignores Ctrl-C: it ends with this process, whose socket it reads.

`concurrent.futures` is not used: its worker process imports the module that was started, prints a traceback for Ctrl-C,
and does not end with this process where that is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from readlist.errors import ReadlistError
from readlist.loaders.base import ParseResult
from readlist.loaders.files import file_version

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

MIN_FILES = 400
"""Files from which on a second interpreter saves more than its start of 0.2 s takes."""
_CHUNK = 10
"""Files that are passed to the second interpreter at once."""
_CHUNKS_AHEAD = 3
"""Chunks that the second interpreter is given before the first of them is needed."""
_MAX_PARSED = 20
"""Chunks that are parsed here while one of the second interpreter is waited for; each takes some 0.5 MB."""
_COMMAND = """
import sys
_, descriptor, *sys.path = sys.argv
from readlist.loaders.parallel import serve
serve(int(descriptor))
"""

LoadFile: TypeAlias = "Callable[[Path], ParseResult]"


class _Parsed(NamedTuple):
    """What a file of this version contains, or the error that parsing it raised."""

    version: str
    content: ParseResult | ReadlistError


@contextlib.contextmanager
def parsing_ahead(paths: Sequence[Path]) -> Iterator[LoadFile]:
    """Yield a function like `load_file`, to be called with some of these paths in their order.

    For many files it is faster where there is a second processor.
    """
    started = _start_interpreter() if len(paths) >= MIN_FILES else None
    if started is None:
        yield _load_file
        return
    process, connection = started
    with process, connection:
        try:
            yield _Parser(connection, paths).load
        finally:
            process.kill()


def _load_file(path: Path) -> ParseResult:
    """Return what a file contains; the loaders are imported only where there is one to parse."""
    from readlist.loaders.registry import load_file

    return load_file(path)


def _start_interpreter() -> tuple[subprocess.Popen[bytes], Connection] | None:
    """Start the second interpreter; returns it and the connection to it, None where it is of no use or not possible."""
    if sys.platform == "win32" or not sys.executable or _count_processors() == 1:
        return None
    from multiprocessing.connection import Pipe

    # It imports from where this one does; -P: not from the working directory while it starts.
    command = [sys.executable, "-I" if sys.flags.isolated else "-P", "-c", _COMMAND]
    null = subprocess.DEVNULL  # not a pipe for the answers: a module of the user that is imported may print
    with contextlib.suppress(OSError):
        here, there = Pipe()
        with there:
            arguments = [*command, str(there.fileno()), *sys.path]
            process = subprocess.Popen(  # noqa: S603 -- ourselves
                arguments, stdin=null, stdout=null, stderr=null, pass_fds=[there.fileno()]
            )
        return process, here
    return None


def _count_processors() -> int:
    """Return how many processors this process may use; on Linux a container may be restricted to some."""
    get_permitted = getattr(os, "sched_getaffinity", None)
    return len(get_permitted(0)) if get_permitted else os.cpu_count() or 1


class _Parser:
    """Parses chunks of files here, and others in the second interpreter."""

    def __init__(self, connection: Connection, paths: Sequence[Path]) -> None:
        self._connection: Connection | None = connection
        self._waiting = deque(paths[start : start + _CHUNK] for start in range(0, len(paths), _CHUNK))
        self._chunk_of = {path: start // _CHUNK for start, path in enumerate(paths)}
        self._number = 0
        self._sent: deque[tuple[int, Sequence[Path]]] = deque()
        self._parsed: dict[int, dict[Path, _Parsed | None]] = {}
        self._send()

    def load(self, path: Path) -> ParseResult:
        """Return what a file contains, as `load_file` does."""
        number = self._chunk_of.get(path)
        if number is None:
            return _load_file(path)
        for done in [other for other in self._parsed if other < number]:
            del self._parsed[done]
        while number not in self._parsed and (self._waiting or self._sent):
            self._advance()
        parsed = self._parsed.get(number, {}).get(path)
        if parsed is None or parsed.version != file_version(path):
            return _load_file(path)
        if isinstance(parsed.content, ReadlistError):
            raise parsed.content
        return parsed.content

    def _advance(self) -> None:
        """Take a chunk from the second interpreter, or parse one here where it has none yet."""
        must_wait = not self._waiting or len(self._parsed) >= _MAX_PARSED
        if self._connection and self._sent and (must_wait or self._connection.poll()):
            self._receive(self._connection)
            self._send()
        else:
            self._parsed[self._number] = {path: _parse(path) for path in self._waiting.popleft()}
            self._number += 1

    def _send(self) -> None:
        while self._connection and self._waiting and len(self._sent) < _CHUNKS_AHEAD:
            chunk = self._waiting.popleft()
            self._sent.append((self._number, chunk))
            self._number += 1
            try:
                self._connection.send(chunk)
            except OSError:
                self._give_up()

    def _receive(self, connection: Connection) -> None:
        try:
            answer = connection.recv()
        except (OSError, EOFError):
            self._give_up()
        else:
            number, chunk = self._sent.popleft()
            self._parsed[number] = dict(zip(chunk, answer, strict=True))

    def _give_up(self) -> None:
        """Leave the chunks of the second interpreter, which has ended, to `load`."""
        self._connection = None
        self._parsed |= {number: {} for number, _ in self._sent}
        self._sent.clear()


def _parse(path: Path) -> _Parsed | None:
    """Parse a file; None for a failure other than a ReadlistError, which parsing it again shows."""
    version = ""
    try:
        version = file_version(path)
        return _Parsed(version, _load_file(path))
    except ReadlistError as failure:
        return _Parsed(version, failure)
    except Exception:  # noqa: BLE001 -- `load` parses it again
        return None


def serve(descriptor: int) -> None:
    """Parse the files of each request, and answer on the same socket; called in the second interpreter."""
    from multiprocessing.connection import Connection

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Connection(descriptor) as connection, contextlib.suppress(OSError, EOFError):
        while True:
            connection.send([_parse(path) for path in connection.recv()])
