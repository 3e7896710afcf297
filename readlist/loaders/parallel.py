"""Parsing many files with a second interpreter, which parses some of them while this one parses the others.

`batch` calls `parsing_ahead` and asks for the files in their order. A file is the same parsed here or there. What the
second interpreter does not return, because it could not be started or was killed, is parsed here. It is started anew
rather than forked, which is not safe on macOS, and ignores Ctrl-C: it ends with this process, whose pipe it reads.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from readlist.errors import ReadlistError
from readlist.loaders.base import ParseResult
from readlist.loaders.registry import load_file
from readlist.loaders.spool import pack_papers, unpack_papers

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
_COMMAND = "from readlist.loaders.parallel import serve; serve()"
_RESULT_FIELDS = tuple(ParseResult.__dataclass_fields__)

LoadFile: TypeAlias = "Callable[[Path], ParseResult]"


class _Parsed(NamedTuple):
    """What a file of this version contains, or the error that parsing it raised."""

    version: str
    content: ParseResult | ReadlistError


def file_version(path: Path) -> str:
    """Return a text that changes with the content of a file. Raises OSError."""
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


@contextlib.contextmanager
def parsing_ahead(paths: Sequence[Path]) -> Iterator[LoadFile]:
    """Yield a function like `load_file`, to be called with some of these paths in their order.

    For many files it is faster where there is a second processor.
    """
    process = _start_interpreter() if len(paths) >= MIN_FILES else None
    if process is None:
        yield load_file
        return
    with process:
        try:
            yield _Parser(process, paths).load
        finally:
            process.kill()


def _start_interpreter() -> subprocess.Popen[bytes] | None:
    """Start the second interpreter; None where that is of no use, or not possible."""
    if sys.platform == "win32" or not sys.executable or os.cpu_count() == 1:
        return None
    # -P: the working directory, which may have modules of any name, is not searched for the imports.
    command = [sys.executable, "-P", "-c", _COMMAND]
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    with contextlib.suppress(OSError):
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=null, bufsize=0)  # noqa: S603 -- ourselves
    return None


class _Parser:
    """Parses chunks of files here, and others in the second interpreter."""

    def __init__(self, process: subprocess.Popen[bytes], paths: Sequence[Path]) -> None:
        from multiprocessing.connection import Connection

        assert process.stdin is not None  # noqa: S101 -- PIPE
        assert process.stdout is not None  # noqa: S101
        self._requests: Connection | None = Connection(os.dup(process.stdin.fileno()), readable=False)
        self._answers = Connection(os.dup(process.stdout.fileno()), writable=False)
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
            return load_file(path)
        for done in [other for other in self._parsed if other < number]:
            del self._parsed[done]
        while number not in self._parsed and (self._waiting or self._sent):
            self._advance()
        parsed = self._parsed.get(number, {}).get(path)
        if parsed is None or parsed.version != file_version(path):
            return load_file(path)
        if isinstance(parsed.content, ReadlistError):
            raise parsed.content
        return parsed.content

    def _advance(self) -> None:
        """Take a chunk from the second interpreter, or parse one here where it has none yet."""
        is_ready = bool(self._sent) and self._answers.poll()
        if is_ready or (self._sent and (not self._waiting or len(self._parsed) >= _MAX_PARSED)):
            self._receive()
            self._send()
        else:
            self._parsed[self._number] = {path: _parse(path) for path in self._waiting.popleft()}
            self._number += 1

    def _send(self) -> None:
        while self._requests and self._waiting and len(self._sent) < _CHUNKS_AHEAD:
            chunk = self._waiting.popleft()
            self._sent.append((self._number, chunk))
            self._number += 1
            try:
                self._requests.send_bytes(pickle.dumps(chunk))
            except OSError:
                self._give_up()

    def _receive(self) -> None:
        try:
            answer = pickle.loads(self._answers.recv_bytes())  # noqa: S301 -- of the interpreter that was started here
        except (OSError, EOFError):
            self._give_up()
        else:
            number, chunk = self._sent.popleft()
            self._parsed[number] = dict(zip(chunk, map(_unpack, answer), strict=True))

    def _give_up(self) -> None:
        """Leave the chunks of the second interpreter, which has ended, to `load`."""
        self._requests = None
        self._parsed |= {number: {} for number, _ in self._sent}
        self._sent.clear()


def _parse(path: Path) -> _Parsed | None:
    """Parse a file; None for a failure other than a ReadlistError, which parsing it again shows."""
    version = ""
    try:
        version = file_version(path)
        return _Parsed(version, load_file(path))
    except ReadlistError as failure:
        return _Parsed(version, failure)
    except Exception:  # noqa: BLE001 -- `load` parses it again
        return None


def _pack(parsed: _Parsed | None) -> tuple[Any, ...] | None:
    """Return simple values: to pickle papers as objects takes several times as long."""
    if parsed is None or isinstance(parsed.content, ReadlistError):
        return parsed
    papers, *rest = (getattr(parsed.content, name) for name in _RESULT_FIELDS)
    return parsed.version, pack_papers(papers), *rest


def _unpack(packed: tuple[Any, ...] | None) -> _Parsed | None:
    if packed is None or isinstance(packed, _Parsed):
        return packed
    version, papers, *rest = packed
    return _Parsed(version, ParseResult(tuple(unpack_papers(papers)), *rest))


def serve() -> None:
    """Parse the files of each request on stdin, and answer on stdout; called in the second interpreter."""
    from multiprocessing.connection import Connection

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = Connection(0, writable=False), Connection(1, readable=False)
    with contextlib.suppress(OSError, EOFError):
        while True:
            chunk = pickle.loads(requests.recv_bytes())  # noqa: S301 -- of the process that started this one
            answers.send_bytes(pickle.dumps([_pack(_parse(path)) for path in chunk], pickle.HIGHEST_PROTOCOL))
