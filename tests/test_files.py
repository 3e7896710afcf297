"""The one safe way to write a store file: what was saved is there, whatever fails, whenever it dies."""

from __future__ import annotations

import datetime as dt
import errno
import gc
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from readlist.errors import Busy, ReadlistError, StoreError
from readlist.models import Mark, Status
from readlist.store.files import StoreFile
from readlist.store.lock import Lock
from readlist.store.marks import MarkStore
from readlist.store.stamps import stamp

NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)
MARKER = """
import datetime as dt, sys
from dataclasses import replace
from pathlib import Path
from readlist.models import Status
from readlist.store.lock import Lock
from readlist.store.marks import MarkStore

home, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = MarkStore(home / "data/marks.json", Lock(home / "state/lock", 60), home / "state/backups")
now = dt.datetime.now(dt.UTC).replace(microsecond=0)
for number in range(count):
    store.change([f"{name}-{number}"], lambda mark: replace(mark, status=Status.READ, status_at=now))
    print(f"{name}-{number}", flush=True)
"""


class Home:
    """A library's folders and a store of marks in them."""

    def __init__(self, root: Path, timeout: float = 0.1) -> None:
        self.root = root
        self.file = root / "data" / "marks.json"
        self.lock = root / "state" / "lock"
        self.backups = root / "state" / "backups"
        self.timeout = timeout

    def store(self) -> MarkStore:
        return MarkStore(self.file, Lock(self.lock, self.timeout), self.backups)

    def star(self, *keys: str) -> None:
        self.store().change(keys, star)

    def kept(self) -> list[Path]:
        """The backups, the newest first."""
        return [backup.path for backup in self.store().file.backups]

    def left_over(self) -> list[Path]:
        known = {self.file, self.lock, *self.kept()}
        return [path for path in self.root.rglob("*") if path.is_file() and path not in known]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def star(mark: Mark) -> Mark:
    return replace(mark, starred=not mark.starred, starred_at=NOON)


def starred(store: MarkStore) -> set[str]:
    return {key for key, mark in store.read().marks.items() if mark.starred}


def test_a_file_is_json_with_a_mark_a_line_in_the_order_of_their_keys(home: Home) -> None:
    home.star("b-222222", "a-111111")
    home.store().change(["c-333333"], lambda mark: replace(mark, note="π 학습\n\n“x”", note_at=NOON))
    written = home.file.read_text(encoding="utf-8")
    assert written == (
        '{"_meta":{\n'
        '"1":{"schema":1,"sum":"52695e57"}\n'
        '},"marks":{\n'
        '"a-111111":{"starred":true,"starred_at":"2025-02-11T12:00:00Z","sum":"97e84b04"}\n'
        ",\n"
        '"b-222222":{"starred":true,"starred_at":"2025-02-11T12:00:00Z","sum":"1f697146"}\n'
        ",\n"
        '"c-333333":{"note":"π 학습\\n\\n“x”","note_at":"2025-02-11T12:00:00Z","sum":"044359d0"}\n'
        "}}\n"
    )
    assert list(json.loads(written)["marks"]) == ["a-111111", "b-222222", "c-333333"]


def test_a_missing_file_is_empty_and_reading_makes_nothing(home: Home) -> None:
    assert home.store().read().marks == {}
    assert not home.root.exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_files_and_folders_are_their_owners_only_under_any_umask(home: Home, umask: int) -> None:
    home.root.mkdir()
    before = os.umask(umask)
    try:
        home.star("a")
        home.star("b")
    finally:
        os.umask(before)
    modes = {str(path.relative_to(home.root)): stat.S_IMODE(path.stat().st_mode) for path in home.root.rglob("*")}
    assert modes == {
        "data": 0o700,
        "data/marks.json": 0o600,
        "state": 0o700,
        "state/lock": 0o600,
        "state/backups": 0o700,
        "state/backups/marks.json": 0o700,
        **{f"state/backups/marks.json/{path.name}": 0o600 for path in home.kept()},
    }
    assert len(home.kept()) == 2


def test_each_state_is_kept_as_backup_and_none_is_the_file_itself(home: Home) -> None:
    home.star("a")
    first = home.file.read_bytes()
    home.star("b")
    assert [path.read_bytes() for path in home.kept()] == [home.file.read_bytes(), first]
    assert not any(path.samefile(home.file) for path in home.kept())


def test_marks_are_copied_where_the_disk_has_no_links(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.star("a")
    first = home.file.read_bytes()
    monkeypatch.setattr(os, "link", failing(errno.EXDEV))
    home.star("b")
    assert [path.read_bytes() for path in home.kept()] == [home.file.read_bytes(), first]
    assert home.left_over() == []


def test_a_linked_file_stays_a_link(home: Home) -> None:
    real = home.root / "synced" / "marks.json"
    home.file.parent.mkdir(parents=True)
    home.file.symlink_to(real)
    home.star("a")
    home.star("b")
    assert home.file.is_symlink()
    assert set(json.loads(real.read_bytes())["marks"]) == {"a", "b"}
    assert list(home.file.parent.iterdir()) == [home.file]


def test_a_change_of_nothing_writes_nothing(home: Home) -> None:
    home.star("a")
    before, kept = (stamp(home.file), home.file.read_bytes()), home.kept()
    assert home.store().change(["a", "b"], lambda mark: mark) == ()
    with suppress(ZeroDivisionError):
        home.store().change(["a"], lambda mark: replace(mark, note=str(1 / 0)))
    assert (stamp(home.file), home.file.read_bytes()) == before
    assert home.kept() == kept


def test_an_exception_in_a_block_leaves_the_file_as_it_was(home: Home) -> None:
    home.star("a")
    before = home.file.read_bytes()
    file = StoreFile(home.file, Lock(home.lock), home.backups, ("marks",), precious=True)
    with suppress(ZeroDivisionError), file.changing() as database:
        database.records("marks").put({"b": {"starred": True}})
        raise ZeroDivisionError
    assert home.file.read_bytes() == before


def test_tinydb_itself_reads_and_changes_the_tables(home: Home) -> None:
    home.star("a", "b")
    file = StoreFile(home.file, Lock(home.lock), home.backups, ("marks",), precious=True)
    with file.changing() as database:
        database.table("marks").update({"note": "by TinyDB"}, doc_ids=["a"])  # type: ignore[list-item]  # our ids are text
    assert [mark.note for mark in home.store().read().marks.values()] == ["by TinyDB", ""]


def test_a_stamp_is_another_after_every_save(home: Home) -> None:
    stamps = [stamp(home.file)]
    for _ in range(3):
        home.star("a")
        stamps.append(stamp(home.file))
    assert stamps[0] == ""
    assert len(set(stamps)) == 4


# Faults in the system calls


def failing(number: int) -> Callable[..., Any]:
    def call(*_args: object, **_options: object) -> Any:
        raise OSError(number, os.strerror(number))

    return call


class Faulty:
    """Counts the system calls of a save and makes the N-th fail, or all that need room on the disk from there on."""

    CALLS = ("open", "write", "fsync", "link", "replace", "unlink", "chmod", "mkdir", "stat", "scandir")
    NEED_ROOM = ("open", "write", "fsync", "link", "replace", "mkdir")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, *, at: int, for_ever: bool = False) -> None:
        self.count = 0
        self._number, self._at, self._for_ever = number, at, for_ever
        for name in self.CALLS:
            monkeypatch.setattr(os, name, self._faulty(name, getattr(os, name)))

    def _faulty(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*args: Any, **options: Any) -> Any:
            self.count += 1
            if self.count == self._at or (self._for_ever and self.count > self._at and name in self.NEED_ROOM):
                raise OSError(self._number, os.strerror(self._number))
            return call(*args, **options)

        return faulty

    @property
    def done(self) -> bool:
        """Whether the fault was never reached."""
        return self.count < self._at


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM])
@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "from then on"])
def test_a_system_call_that_fails_leaves_the_old_or_the_new_file_and_one_line(
    home: Home, number: int, *, for_ever: bool
) -> None:
    home.star("a")
    for at in range(1, 200):
        before = starred(home.store())
        with pytest.MonkeyPatch.context() as patch:
            faulty = Faulty(patch, number, at=at, for_ever=for_ever)
            told = ""
            try:
                home.star(f"k{at:03}")
            except ReadlistError as error:
                told = str(error)
        after = starred(home.store())
        assert after in (before, before | {f"k{at:03}"})
        assert told or after != before
        assert told == "" or ("\n" not in told and os.strerror(number) in told and str(home.root) in told)
        assert home.left_over() == []
        assert all(home.store().file.content(path).is_sound for path in home.kept())
        assert len(home.kept()) <= len(before) + 1
        if faulty.done:
            break
    assert faulty.done
    assert at > 12


def test_saved_means_file_then_name_then_folder_are_on_the_disk(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.star("a")
    calls: list[str] = []
    fsync, rename = os.fsync, os.replace

    def synced(handle: int) -> None:
        calls.append("fsync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "fsync file")
        fsync(handle)

    def replaced(source: Path, target: Path) -> None:
        calls.append(f"replace {'the backup' if Path(target).parent.parent == home.backups else Path(target).name}")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    home.star("b")
    saved = ["fsync file", "replace the backup", "replace marks.json", "fsync folder"]
    assert calls == [*saved, "replace the backup"]


def test_a_full_disk_leaves_the_old_file_and_one_line(home: Home) -> None:
    home.star(*(f"k{number:02}" for number in range(40)))
    before, size = home.file.read_bytes(), home.file.stat().st_size
    limited = "import resource as r; r.setrlimit(r.RLIMIT_FSIZE, (int(sys.argv[4]), int(sys.argv[4])))\n"
    for room in (0, 1, 16, size // 2, size - 1, size):
        command = [sys.executable, "-c", "import sys\n" + limited + MARKER, str(home.root), "new", "1", str(room)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stderr.splitlines()[-1] == (
            f"readlist.errors.ReadlistError: cannot save {home.file}: {os.strerror(errno.EFBIG)}"
        )
        assert home.file.read_bytes() == before
        assert home.left_over() == []


def test_what_a_killed_process_left_behind_is_removed_by_the_next_change(home: Home) -> None:
    home.star("a")
    (home.file.parent / ".marks.json.4711.new").write_bytes(b"half a fi")
    home.star("b")
    assert home.left_over() == []


# Death at any time


def acknowledged(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout
    with process.stdout as lines:
        return [line.rstrip("\n") for line in lines if line.endswith("\n")]


def test_what_was_said_to_be_saved_survives_kill_9(home: Home) -> None:
    rng = random.Random(20250211)
    said: set[str] = set()
    for turn in range(30):
        command = [sys.executable, "-c", MARKER, str(home.root), f"turn{turn}", "100000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            said.add(process.stdout.readline().rstrip("\n"))
            time.sleep(rng.random() * 0.03)
            process.send_signal(signal.SIGKILL)
            said.update(acknowledged(process))
        assert home.store().read().damage == ()
        assert said <= set(home.store().read().marks)
    assert len(said) > 40
    home.star("the next one")
    assert home.left_over() == []


def test_the_next_writer_follows_a_killed_one_at_once(home: Home) -> None:
    holding = "import sys, time\nfrom pathlib import Path\nfrom readlist.store.lock import Lock\n"
    holding += "with Lock(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(20)"
    with subprocess.Popen([sys.executable, "-c", holding, str(home.lock)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(Busy, match="another readlist is changing this library"):
            home.star("a")
        assert not home.file.exists()
        process.kill()
        process.wait()
        start = time.perf_counter()
        home.star("a")
        assert time.perf_counter() - start < 0.1


def test_two_processes_keep_all_their_marks_and_readers_see_whole_files(home: Home) -> None:
    commands = [[sys.executable, "-c", MARKER, str(home.root), name, "100"] for name in ("first", "second")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    seen = 0
    while any(process.poll() is None for process in processes):
        store = home.store()
        assert store.read().damage == ()
        now = len(store.read().marks)
        assert now >= seen
        seen = now
    said = [key for process in processes for key in acknowledged(process)]
    assert [process.returncode for process in processes] == [0, 0]
    assert set(home.store().read().marks) == set(said) == {f"{n}-{i}" for n in ("first", "second") for i in range(100)}


@contextmanager
def ctrl_c_at(line: int) -> Iterator[list[int]]:
    """Raise KeyboardInterrupt at the N-th executed line of the store."""
    lines = [0]

    def trace(frame: FrameType, event: str, _value: object) -> Any:
        if "readlist" not in frame.f_code.co_filename or "tests" in frame.f_code.co_filename:
            return None
        if event == "line":
            lines[0] += 1
            if lines[0] == line:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(before)
        gc.enable()  # the interrupt may hit the line that would


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the interrupt may hit the line that closes it
def test_ctrl_c_at_any_line_leaves_the_old_or_the_new_marks_and_the_lock_free(home: Home) -> None:
    home.star("a")
    for line in range(1, 2000):
        before = starred(home.store())
        with ctrl_c_at(line) as lines, suppress(KeyboardInterrupt):
            home.star(f"k{line:04}")
        assert starred(home.store()) in (before, before | {f"k{line:04}"})
        gc.collect()
        with Lock(home.lock, 0):
            pass
        if lines[0] < line:
            break
        home.store().change([f"k{line:04}"], lambda mark: Mark(mark.key))
    assert 150 < line < 1999


def test_the_lock_can_be_taken_again_by_its_holder_and_is_free_at_the_end(home: Home) -> None:
    lock = Lock(home.lock, 0)
    with lock, lock:
        with lock:
            pass
        with pytest.raises(Busy), Lock(home.lock, 0):
            pass
    with Lock(home.lock, 0):
        pass


def test_a_file_saved_by_another_program_meanwhile_is_not_written_over(home: Home) -> None:
    home.star("a")

    def edited(mark: Mark) -> Mark:
        home.file.write_text("by hand")
        return star(mark)

    with pytest.raises(Busy, match="another program has just changed"):
        home.store().change(["b"], edited)
    assert home.file.read_text() == "by hand"


# Damage


def sample(home: Home) -> dict[str, Mark]:
    home.star(*(f"paper-{number}" for number in range(5)))
    home.store().change(["paper-1"], lambda mark: replace(mark, note="A note\nof two lines", note_at=NOON))
    home.store().change(["paper-2"], lambda mark: replace(mark, status=Status.READ, status_at=NOON))
    return home.store().read().marks


def assert_noticed_and_left_alone(home: Home, damaged: bytes) -> dict[str, Mark]:
    home.file.write_bytes(damaged)
    assert home.store().read().damage != ()
    with pytest.raises(StoreError) as refused:
        home.star("new")
    assert refused.value.exit_code == 4
    assert "\n" not in str(refused.value)
    assert "readlist doctor --fix" in str(refused.value)
    assert home.file.read_bytes() == damaged
    return home.store().read().marks


def test_a_flipped_bit_costs_one_mark_at_most_and_is_never_written_over(home: Home) -> None:
    whole = sample(home)
    sound = home.file.read_bytes()
    for bit in random.Random(1).sample(range(len(sound) * 8), 500):
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        marks = assert_noticed_and_left_alone(home, bytes(flipped))
        assert marks.items() <= whole.items()
        assert len(marks) >= len(whole) - 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[:-4],
        lambda data: data + data,
        lambda data: data + b"\n",
        lambda data: b"\0" * len(data),
        lambda data: data[:200] + b"\0" * 64 + data[264:],
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.decode().encode("utf-16"),
        lambda data: json.dumps(json.loads(data), indent=2).encode(),
        lambda data: json.dumps(json.loads(data)).encode(),
        lambda data: data.replace(b"true", b"false", 1),
        lambda data: data.replace(b"true", b"NaN", 1),
        lambda data: data.replace(b"true", b"[" * 100_000, 1),
        lambda data: data.replace(b'"marks"', b'"mark"'),
        lambda data: data.replace(b"},", b"},,", 1),
        lambda data: data.replace(b",\n", b"", 1),
        lambda data: data.replace(b"paper-3", b"paper-9"),
        lambda data: data.replace(b"paper-3", b"paper-2"),
        lambda data: data.replace(b"}}\n", b",\n" + data.splitlines(keepends=True)[3] + b"}}\n"),
        lambda data: data.replace(b",\n", b"<<<<<<< HEAD\n,\n=======\n,\n>>>>>>> theirs\n", 1),
        lambda data: data.splitlines(keepends=True)[0] + b"".join(data.splitlines(keepends=True)[2:]),
        lambda data: b"[]",
        lambda data: b"null",
        lambda data: b"hello",
    ],
)
def test_an_edit_by_hand_is_noticed_never_shown_as_data_and_never_written_over(
    home: Home, edit: Callable[[bytes], bytes]
) -> None:
    whole = sample(home)
    marks = assert_noticed_and_left_alone(home, edit(home.file.read_bytes()))
    assert marks.items() <= whole.items()


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n,\n", b",\n  "),
        lambda data: data[:-4],
        lambda data: b"".join(line for line in data.splitlines(keepends=True) if line.startswith(b'"paper')),
    ],
    ids=["BOM", "CRLF", "usual commas", "no end", "no headings"],
)
def test_sound_marks_are_read_from_a_file_that_is_out_of_shape(home: Home, edit: Callable[[bytes], bytes]) -> None:
    whole = sample(home)
    assert assert_noticed_and_left_alone(home, edit(home.file.read_bytes())) == whole


def test_damage_is_named_by_line_and_key(home: Home) -> None:
    sample(home)
    home.file.write_bytes(home.file.read_bytes().replace(b"two lines", b"few lines"))
    assert home.store().read().damage == ("line 6 (paper-1)",)
    with pytest.raises(StoreError) as refused:
        home.star("new")
    assert str(refused.value) == (
        f"{home.file} is damaged: line 6 (paper-1); nothing was changed; to mend it: readlist doctor --fix"
    )


def test_a_key_that_stands_twice_with_conflict_markers_is_not_guessed(home: Home) -> None:
    whole = sample(home)
    ours = home.file.read_bytes().splitlines(keepends=True)
    home.star("paper-4")
    theirs = home.file.read_bytes().splitlines(keepends=True)
    conflict = [*ours[:11], b"<<<<<<< ours\n", ours[11], b"=======\n", theirs[11], b">>>>>>> theirs\n", *ours[12:]]
    marks = assert_noticed_and_left_alone(home, b"".join(conflict))
    assert marks == {key: mark for key, mark in whole.items() if key != "paper-4"}


def test_a_newer_file_can_be_read_and_is_not_written_over(home: Home) -> None:
    file = StoreFile(home.file, Lock(home.lock), home.backups, ("marks",), precious=True)
    with file.changing() as database:
        database.records("_meta").put({"1": {"schema": 3}})
        database.records("marks").put({"a": {"starred": True, "colour": "red"}, "b": {"status": "paused"}})
    before = home.file.read_bytes()
    assert home.store().read().marks == {"a": Mark("a", starred=True)}
    with pytest.raises(StoreError) as refused:
        home.star("a")
    assert str(refused.value) == (
        f"{home.file} was written by a newer readlist (schema 3, this one knows 2); "
        "nothing was changed: upgrade readlist"
    )
    assert home.file.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_said_in_one_line(home: Home) -> None:
    home.star("a")
    home.file.chmod(0)
    with pytest.raises(ReadlistError, match=f"^cannot read {home.file}: Permission denied$"):
        home.store().read()


def test_a_pipe_in_the_place_of_the_file_is_refused_instead_of_waited_for(home: Home) -> None:
    home.file.parent.mkdir(parents=True)
    os.mkfifo(home.file)
    with pytest.raises(StoreError, match="is not a regular file"):
        home.store().read()


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_git_merges_edits_of_different_marks(home: Home) -> None:
    rng = random.Random(7)
    repository = home.file.parent
    clean = 0
    home.star(*(f"k{number:03}" for number in range(60)))
    git(repository, "init", "-q", "-b", "ours")
    for _ in range(20):
        ours, theirs = rng.sample([f"k{number:03}" for number in range(60)], 2)
        git(repository, "add", "marks.json")
        git(repository, "commit", "-q", "--allow-empty", "-m", "before")
        git(repository, "branch", "-f", "theirs")
        home.star(ours, f"new-{rng.random()}")
        git(repository, "commit", "-qam", "ours")
        expected = home.store().read().marks
        git(repository, "checkout", "-q", "theirs")
        home.star(theirs)
        expected[theirs] = home.store().read().marks[theirs]
        git(repository, "commit", "-qam", "theirs")
        git(repository, "checkout", "-q", "ours")
        if git(repository, "merge", "-q", "theirs").returncode:
            git(repository, "merge", "--abort")
            continue
        assert home.store().read().damage == ()
        assert home.store().read().marks == expected
        clean += 1
    assert clean >= 19


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    who = ["-c", "user.name=Reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, check=words[0] != "merge")
