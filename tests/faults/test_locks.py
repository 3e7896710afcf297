"""A held lock: readers wait for its holder and name it, writers wait 10 seconds in all; file systems without locks."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from readlist import edits
from readlist.errors import Busy, ReadlistError
from readlist.library import index_sync
from readlist.search.index.errors import IndexLocked
from readlist.store.lock import Lock
from tests.conftest import ROOT, Run
from tests.faults.processes import ForkedProcess, print_line, run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox
from tests.library_files import refs


def hold_lock(lock: Lock, seconds: float = 60.0, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Hold the lock like a load of the seeds, and do something `meanwhile`."""
    lock.description = "load seeds"
    with lock:
        print_line("locked")
        time.sleep(seconds)
        meanwhile()


def make_stale(sandbox: LibrarySandbox) -> None:
    """Change the store without the index, like a process between its store and its index update."""
    os.utime(sandbox.files.marks, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def loaded(sandbox: LibrarySandbox) -> LibrarySandbox:
    sandbox.load(6)
    assert run_forked(partial(run_readlist, "star", "1")).code == 0
    return sandbox


def test_the_lock_file_names_its_holder(loaded: LibrarySandbox) -> None:
    with ForkedProcess(lambda: hold_lock(loaded.lock())) as holder:
        holder.output.readline()
        lock = loaded.lock(0)
        assert lock.holder() == f"load seeds (process {holder.pid})"
        with (
            pytest.raises(Busy, match=rf"another readlist process: load seeds \(process {holder.pid}\) \(waited 0 s\)"),
            lock,
        ):
            pass


@pytest.mark.parametrize("description", ["x" * 500, "가" * 100, "a\x1b]0;b\nc", "\udcff", ""])
def test_any_description_is_one_printable_line(loaded: LibrarySandbox, description: str) -> None:
    lock = loaded.lock()
    lock.description = description
    with lock:
        assert loaded.lock().holder().endswith(f"(process {os.getpid()})")
        assert loaded.lock().holder().isprintable()
    assert (loaded.files.state / "lock").stat().st_size == 128


def test_a_change_says_in_the_lock_file_what_it_is(loaded: LibrarySandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    holders = []
    exit_lock = Lock.__exit__

    def record(self: Lock, *args: Any) -> None:
        holders.append(loaded.lock().holder())
        exit_lock(self, *args)

    monkeypatch.setattr(Lock, "__exit__", record)
    library = loaded.library()
    library.apply(edits.SetStar(False), refs(library, [1]))
    library.undo()
    assert list(dict.fromkeys(holders)) == [f"unstar (process {os.getpid()})", f"undo (process {os.getpid()})"]


def flock(path: Path) -> None:
    """Lock a file as another program does, and name nobody in it."""
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        print_line("locked")
        time.sleep(60)


def test_a_killed_holder_is_not_named_where_another_program_holds_the_lock(loaded: LibrarySandbox) -> None:
    with ForkedProcess(lambda: hold_lock(loaded.lock())) as killed:
        killed.output.readline()
        killed.kill()
    with ForkedProcess(lambda: flock(loaded.files.state / "lock")) as other:
        other.output.readline()
        lock = loaded.lock(0)
        assert lock.holder() == ""
        with pytest.raises(Busy, match=r"^the library is locked by another process \(waited 0 s\); "), lock:
            pass


def test_a_holder_on_another_machine_is_not_named(loaded: LibrarySandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with loaded.lock():
        monkeypatch.setattr("readlist.store.lock._machine", lambda: "another machine")
        assert loaded.lock().holder() == ""


def test_who_released_the_lock_is_not_named(loaded: LibrarySandbox) -> None:
    with loaded.lock():
        assert loaded.lock().holder()
    assert loaded.lock().holder() == ""


def test_each_wait_of_a_long_process_has_its_own_time(loaded: LibrarySandbox) -> None:
    lock = loaded.lock(0.2)
    with ForkedProcess(lambda: hold_lock(loaded.lock())) as holder:
        holder.output.readline()
        start = time.monotonic()
        lock.wait_until_free(lambda: time.monotonic() - start > 0.18, 0.2)
        with pytest.raises(Busy), lock:
            pass
        assert time.monotonic() - start >= 0.38


def test_the_waits_of_a_command_that_changes_are_added(loaded: LibrarySandbox) -> None:
    lock = loaded.lock(0.2)
    lock.limits_total = True
    with ForkedProcess(lambda: hold_lock(loaded.lock())) as holder:
        holder.output.readline()
        start = time.monotonic()
        lock.wait_until_free(lambda: time.monotonic() - start > 0.18, 0.2)
        with pytest.raises(Busy), lock:
            pass
        assert time.monotonic() - start < 0.35


@pytest.mark.parametrize(
    ("words", "is_limited"),
    [
        (["open", "1"], False),
        (["open", "1", "--mark", "read"], True),
        (["doctor"], False),
        (["doctor", "--fix"], True),
        (["list"], False),
        (["query", "list"], False),
        (["star", "1"], True),
        (["tags", "rename", "reward", "rewards"], True),
    ],
)
def test_every_command_that_changes_limits_its_waits(run: Run, words: list[str], is_limited: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        calls: list[str] = []
        patch.setattr("readlist.library.library.Library.limit_waits", lambda _: calls.append("limited"))
        run(*words)
    assert bool(calls) is is_limited


@pytest.mark.parametrize("words", [["list"], ["search", "reward"], ["show", "1"], ["stats"], ["tags"], ["export"]])
def test_a_reader_waits_for_a_long_change_and_does_not_rebuild(
    loaded: LibrarySandbox, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_stale(loaded)
    before = loaded.files.index.stat().st_ino
    with ForkedProcess(lambda: hold_lock(loaded.lock(), 1.5)) as holder:
        holder.output.readline()
        with ForkedProcess(partial(run_readlist, *words)) as reader:
            time.sleep(1.2)
            assert loaded.files.index.stat().st_ino == before
            result = reader.wait()
        assert holder.wait().code == 0
    assert result.code == 0
    assert (
        result.output.splitlines().count(
            f"Waiting: the library is locked by another readlist process: load seeds (process {holder.pid})"
        )
        == 1
    )


def test_a_reader_continues_as_soon_as_the_index_is_current(loaded: LibrarySandbox) -> None:
    status = loaded.files.marks.stat()
    make_stale(loaded)
    with ForkedProcess(lambda: hold_lock(loaded.lock())) as holder:
        holder.output.readline()
        with ForkedProcess(partial(run_readlist, "list")) as reader:
            time.sleep(0.3)
            os.utime(loaded.files.marks, ns=(status.st_atime_ns, status.st_mtime_ns))
            start = time.monotonic()
            assert reader.wait().code == 0
            assert time.monotonic() - start < 2


def test_a_reader_needs_no_lock_while_the_index_is_current(loaded: LibrarySandbox) -> None:
    with ForkedProcess(lambda: hold_lock(loaded.lock())) as holder:
        holder.output.readline()
        start = time.monotonic()
        assert "Waiting" not in run_forked(partial(run_readlist, "list")).output
        assert time.monotonic() - start < 2


def test_a_reader_gives_up_after_its_time(loaded: LibrarySandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    make_stale(loaded)
    assert index_sync.READ_TIMEOUT_SECONDS == 600
    library = loaded.library()
    library.set_lock_timeout(0.1)
    with ForkedProcess(lambda: hold_lock(loaded.lock())) as holder:
        holder.output.readline()
        with pytest.raises(Busy, match="load seeds"):
            library.statuses()


@pytest.mark.slow
@pytest.mark.parametrize("is_stale", [False, True], ids=["current", "stale"])
def test_a_writer_waits_10_seconds_in_all(loaded: LibrarySandbox, is_stale: bool) -> None:
    if is_stale:
        make_stale(loaded)
    with ForkedProcess(lambda: hold_lock(loaded.lock())) as holder:
        holder.output.readline()
        start = time.monotonic()
        result = run_forked(partial(run_readlist, "read", "1"))
        assert 10 <= time.monotonic() - start < 13
    assert result.code == 5
    assert result.output == (
        f"Waiting: the library is locked by another readlist process: load seeds (process {holder.pid})\n"
        f"readlist: the library is locked by another readlist process: load seeds (process {holder.pid}) "
        "(waited 10 s); nothing was changed; repeat the command\n"
    )


# The index is locked by another program


def lock_index(path: Path, seconds: float) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    print_line("locked")
    time.sleep(seconds)
    connection.close()


@pytest.mark.parametrize("words", [["list"], ["read", "1"]])
def test_a_locked_index_is_waited_for_and_not_rebuilt(loaded: LibrarySandbox, words: list[str]) -> None:
    before = loaded.files.index.stat().st_ino
    with ForkedProcess(lambda: lock_index(loaded.files.index, 1.8)) as holder:
        holder.output.readline()
        result = run_forked(partial(run_readlist, *words))
        holder.wait()
    assert result.code == 0
    assert f"Waiting: the search index is locked by another program: {loaded.files.index}\n" in result.output
    assert loaded.files.index.stat().st_ino == before


def test_an_index_that_is_locked_again_and_again_is_not_waited_for_without_end(
    loaded: LibrarySandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise IndexLocked("database is locked")

    library = loaded.library()
    monkeypatch.setattr(library._index, "ensure_current", lambda: ("", "", ""))
    monkeypatch.setattr(library._index, "read_unchecked", refuse)
    with pytest.raises(Busy, match=r"^the search index is locked by another program: .*; repeat the command$"):
        library.statuses()


# File systems without locks


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP], ids=errno.errorcode.get)
def test_a_file_system_without_locks_is_named_at_once(
    loaded: LibrarySandbox, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    before = loaded.state()
    monkeypatch.setattr("fcntl.flock", refuse)
    start = time.monotonic()
    result = run_forked(partial(run_readlist, "read", "1"))
    assert time.monotonic() - start < 2
    assert result.code == 1
    assert result.output == (
        f"readlist: the file system does not support locks: {loaded.files.state / 'lock'}; nothing was changed; "
        "set XDG_STATE_HOME to a directory on a local disk\n"
    )
    make_stale(loaded)
    for words in (["list"], ["search", "reward"], ["show", "1"], ["doctor"]):
        assert run_forked(partial(run_readlist, *words)).code == 0, words
    assert loaded.state() == before


NO_LOCKS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
int flock(int fd, int operation) { errno = CODE; return -1; }
static int replaced(int fd, int command, void *argument, const char *name) {
    if (command == F_SETLK || command == F_SETLKW || command == F_GETLK) { errno = CODE; return -1; }
    int (*real)(int, int, void *) = dlsym(RTLD_NEXT, name);
    return real(fd, command, argument);
}
int fcntl(int fd, int command, ...) {
    va_list list; va_start(list, command); void *argument = va_arg(list, void *); va_end(list);
    return replaced(fd, command, argument, "fcntl");
}
int fcntl64(int fd, int command, ...) {
    va_list list; va_start(list, command); void *argument = va_arg(list, void *); va_end(list);
    return replaced(fd, command, argument, "fcntl64");
}
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD")
@pytest.mark.parametrize("name", ["ENOLCK", "EOPNOTSUPP", "ENOSYS"])
def test_commands_that_read_work_on_a_file_system_without_any_locks(
    loaded: LibrarySandbox, tmp_path: Path, name: str
) -> None:
    """All locks are refused, those of the temporary directory too, so that no index can be read the usual way."""
    library = tmp_path / "no_locks.so"
    (tmp_path / "no_locks.c").write_text(NO_LOCKS)
    compile_ = ["cc", "-shared", "-fPIC", f"-DCODE={name}", "-o", str(library), str(tmp_path / "no_locks.c"), "-ldl"]
    if subprocess.run(compile_, check=False).returncode:
        pytest.skip("no C compiler")
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    for words, code in ((["list"], 0), (["show", "1"], 0), (["read", "1"], 1)):
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "readlist", *words],
            check=False,
            env=environment,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=30,
        )
        assert done.returncode == code, done.stderr
        assert time.monotonic() - start < 5
        assert "Traceback" not in done.stderr


def test_a_lock_that_cannot_be_opened_does_not_stop_a_reader(loaded: LibrarySandbox) -> None:
    make_stale(loaded)
    lock = loaded.files.state / "lock"
    lock.unlink()
    lock.mkdir()
    assert run_forked(partial(run_readlist, "list")).code == 0
    with pytest.raises(ReadlistError, match=r"not a regular file: .*lock \(directory\); move it elsewhere"):
        loaded.library().apply(edits.SetStar(True), refs(loaded.library(), [2]))
