"""How `sync` runs git: with the settings of `git_settings`, and with limits of time, output, memory and file size.

Every call of git goes through `run`. A call that exceeds its time is ended with all processes that it started.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple, cast

from readlist.errors import ReadlistError
from readlist.sync.git_settings import SERVER_SETTINGS, SETTINGS, environment, options

MIN_VERSION = (2, 30)
MAX_OUTPUT = 2_100_000_000
"""Bytes; the contents of all files of a branch of the maximum size."""
MAX_MEMORY, MAX_FILE_SIZE = 2 << 30, 4 << 30
"""Bytes of a process of git, and of a file that it writes."""
_MAX_MESSAGES = 200_000
_CHUNK = 1 << 20
_USAGE_ERROR = 129
_VERSION_TIMEOUT = 20.0
_GRACE = 2.0
"""Seconds to wait for a process that has closed its output, or was killed."""


class Call(NamedTuple):
    """A call of git: `arguments` begins with the subcommand, `directory` is the repository.

    `timeout` is in seconds for the whole call, `max_output` in bytes. An exit code that is not in `accept` is an error.
    `umask` is that of new files, -1 for the user's own.
    """

    arguments: Sequence[str]
    directory: Path
    timeout: float
    stdin: bytes = b""
    accept: Sequence[int] = (0,)
    max_output: int = MAX_OUTPUT
    umask: int = 0o077
    variables: Mapping[str, str] = {}


class Result(NamedTuple):
    """Exit code and output of a call; `messages` is what was printed on stderr, as git and the server wrote it."""

    code: int
    output: bytes
    messages: str


class TooMuchOutput(Exception):
    """Git printed more than the caller asked for; it was ended."""


class GitFailed(ReadlistError):
    """Git ended with an error; `messages` is its stderr, which may contain secrets and control characters."""

    def __init__(self, verb: str, result: Result) -> None:
        super().__init__(f"git {verb} failed with exit code {result.code}")
        self.result = result


def run(call: Call) -> Result:
    """Run git and return what it printed.

    Raises GitFailed for an exit code that is not accepted, TimeoutError, TooMuchOutput, and ReadlistError where git is
    missing or too old.
    """
    is_interactive = _is_terminal()
    process = subprocess.Popen(  # noqa: S603 -- git, with arguments of our own and a remote that was parsed
        [_program(), *options(SETTINGS), *call.arguments],
        stdin=subprocess.PIPE if call.stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**environment(call.directory, is_interactive=is_interactive), **call.variables},
        cwd=call.directory if call.directory.is_dir() else call.directory.parent,
        start_new_session=not is_interactive,  # nothing can ask for a password, and all of it can be killed
        umask=call.umask,
    )
    try:
        _limit(process.pid)
        result = _communicate(process, call, time.monotonic() + call.timeout)
    except BaseException:
        _kill(process, is_group=not is_interactive)
        raise
    if result.code == _USAGE_ERROR:
        ensure_version()
    if result.code not in call.accept:
        raise GitFailed(call.arguments[0], result)
    return result


def ensure_version() -> None:
    """Raise ReadlistError where git is missing or older than MIN_VERSION."""
    variables = environment(Path(os.devnull), is_interactive=False)
    shown = subprocess.run(  # noqa: S603 -- git
        [_program(), "version"], env=variables, capture_output=True, text=True, check=False, timeout=_VERSION_TIMEOUT
    ).stdout
    version = re.search(r"(\d+)\.(\d+)", shown)
    if not version or (int(version[1]), int(version[2])) < MIN_VERSION:
        raise ReadlistError(f"git is too old for sync: {version[0] if version else 'unknown version'}; {_install()}")


def server_command(service: str) -> str:
    """Return the command line that serves a directory: `service` is "upload-pack" or "receive-pack"."""
    return shlex.join([_program(), *options(SERVER_SETTINGS), service])


def _program() -> str:
    program = shutil.which("git")
    if program is None:
        raise ReadlistError(f"sync needs git, which is not installed; {_install()}")
    return program


def _install() -> str:
    return f"install git {'.'.join(map(str, MIN_VERSION))} or newer: https://git-scm.com"


def _is_terminal() -> bool:
    with contextlib.suppress(AttributeError, OSError, ValueError):  # none, or closed
        return sys.stdin.isatty()
    return False


def _limit(process: int) -> None:
    """Limit memory and files of git and of what it starts: a server may send without end.

    Only memory that can be written counts: runtimes of credential helpers reserve addresses by the gigabyte.
    """
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError):  # a lower limit is set, or it has ended
            resource.prlimit(process, resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
            resource.prlimit(process, resource.RLIMIT_FSIZE, (MAX_FILE_SIZE, MAX_FILE_SIZE))


def _communicate(process: subprocess.Popen[bytes], call: Call, deadline: float) -> Result:
    """Return what a process prints until it ends.

    Its stdout decides: a connection of ssh that stays open for later ones (ControlPersist) may keep stderr open.
    Threads with blocking calls, since `communicate` has no limit of size and `wait` sleeps between its looks.
    """
    output = _Reader(cast("IO[bytes]", process.stdout), call.max_output)
    messages = _Reader(cast("IO[bytes]", process.stderr), _MAX_MESSAGES)
    threads = [
        threading.Thread(target=output.read, daemon=True),
        threading.Thread(target=messages.read_and_discard, daemon=True),
    ]
    if process.stdin:
        threads.append(threading.Thread(target=_write, args=(process.stdin, call.stdin), daemon=True))
    for thread in threads:
        thread.start()
    threads[0].join(max(0.0, deadline - time.monotonic()))
    if threads[0].is_alive():
        raise TimeoutError
    if output.is_full:
        raise TooMuchOutput
    try:
        code = process.wait(max(_GRACE, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    threads[1].join(_GRACE)
    return Result(code, b"".join(output.chunks), b"".join(messages.chunks).decode(errors="replace"))


class _Reader:
    """Reads a pipe to its end or to a limit in bytes, and closes it."""

    def __init__(self, pipe: IO[bytes], limit: int) -> None:
        self._pipe, self._limit = pipe, limit
        self._size = 0
        self.chunks: list[bytes] = []
        self.is_full = False

    def read(self) -> None:
        with self._pipe:
            self._fill()

    def read_and_discard(self) -> None:
        """Read to the end also beyond the limit, so that the process never waits."""
        with self._pipe:
            self._fill()
            while self.is_full and os.read(self._pipe.fileno(), _CHUNK):
                pass

    def _fill(self) -> None:
        while chunk := os.read(self._pipe.fileno(), _CHUNK):
            self._size += len(chunk)
            if self._size > self._limit:
                self.is_full = True
                return
            self.chunks.append(chunk)


def _write(pipe: IO[bytes], content: bytes) -> None:
    with contextlib.suppress(OSError):  # it ended early; its exit code says why
        pipe.write(content)
    with contextlib.suppress(OSError):
        pipe.close()


def _kill(process: subprocess.Popen[bytes], *, is_group: bool) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if is_group and sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
