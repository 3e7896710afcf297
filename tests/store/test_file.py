"""StoreFile: how a store file is written, locked and verified; `faults` tests it under failures."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from readlist.errors import Busy, ReadlistError, StoreError
from readlist.models import Mark, Status
from readlist.store import Store, stored_lines, stored_table
from readlist.store.file import StoreFile
from readlist.store.fingerprint import fingerprint
from readlist.store.format import META, SCHEMA, AnyTables, Tables, empty_content
from readlist.store.lock import Lock
from readlist.store.marks import TABLES, MarkStore
from readlist.store.record_lines import decode_line, encode_line, table_seed
from tests.store.changes import edit_marks
from tests.store_bytes import serialize

NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)


class MarksFile:
    """A marks.json with its lock and backups in directories of their own; each call opens it as a new process would."""

    def __init__(self, root: Path, timeout: float = 0.1) -> None:
        self.root = root
        self.path = root / "data" / "marks.json"
        self.lock = root / "state" / "lock"
        self.backups = root / "state" / "backups"
        self.timeout = timeout

    def store(self) -> MarkStore:
        store = Store(self.path.parent, self.lock.parent)
        store.lock = Lock(self.lock, self.timeout)
        return store.marks

    def star(self, *keys: str) -> None:
        edit_marks(self.store(), keys, toggle_star)

    def store_file(self) -> StoreFile:
        return Store(self.path.parent, self.lock.parent).marks.file

    def list_backups(self) -> list[Path]:
        """Return the backups, the newest first."""
        return [backup.path for backup in self.store().file.backups]

    def list_other_files(self) -> list[Path]:
        """Return the files that are neither the store file nor its lock nor a backup."""
        known = {self.path, self.lock, *self.list_backups()}
        return [path for path in self.root.rglob("*") if path.is_file() and path not in known]


@pytest.fixture
def marks_file(tmp_path: Path) -> MarksFile:
    return MarksFile(tmp_path / "library")


def toggle_star(mark: Mark) -> Mark:
    return mark._replace(starred=not mark.starred, starred_at=NOON)


def test_a_file_is_json_with_one_mark_per_line_sorted_by_key(marks_file: MarksFile) -> None:
    marks_file.star("b-222222", "a-111111")
    edit_marks(marks_file.store(), ["c-333333"], lambda mark: mark._replace(note="π 학습\n\n“x”", note_at=NOON))
    written = marks_file.path.read_text(encoding="utf-8")
    metadata = written.splitlines()[1]
    assert re.fullmatch(
        r'"1":\{"schema":7,"library":"[0-9a-f]{16}","sequence":2,"tables":\{.*\},"sum":"[0-9a-f]{8}"\}', metadata
    )
    assert written == (
        '{"_meta":{\n'
        f"{metadata}\n"
        '},"marks":{\n'
        '"a-111111":{"starred":true,"starred_at":"2025-02-11T12:00:00Z","sum":"97e84b04"}\n'
        ",\n"
        '"b-222222":{"starred":true,"starred_at":"2025-02-11T12:00:00Z","sum":"1f697146"}\n'
        ",\n"
        '"c-333333":{"note":"π 학습\\n\\n“x”","note_at":"2025-02-11T12:00:00Z","sum":"044359d0"}\n'
        '},"queries":{\n'
        '},"aliases":{\n'
        '},"synonyms":{\n'
        "}}\n"
    )
    assert list(json.loads(written)["marks"]) == ["a-111111", "b-222222", "c-333333"]


def test_a_missing_file_is_read_as_empty_and_not_created(marks_file: MarksFile) -> None:
    assert marks_file.store().read().marks == {}
    assert not marks_file.root.exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_files_and_directories_are_private_to_their_owner_under_any_umask(marks_file: MarksFile, umask: int) -> None:
    marks_file.root.mkdir()
    before = os.umask(umask)
    try:
        marks_file.star("a")
        marks_file.star("b")
    finally:
        os.umask(before)
    modes = {
        str(path.relative_to(marks_file.root)): stat.S_IMODE(path.stat().st_mode) for path in marks_file.root.rglob("*")
    }
    assert modes == {
        "data": 0o700,
        "data/marks.json": 0o600,
        "state": 0o700,
        "state/lock": 0o600,
        "state/backups": 0o700,
        "state/backups/marks.json": 0o700,
        **{f"state/backups/marks.json/{path.name}": 0o600 for path in marks_file.list_backups()},
    }
    assert len(marks_file.list_backups()) == 2


def test_every_saved_state_has_a_backup_that_is_not_the_file_itself(marks_file: MarksFile) -> None:
    marks_file.star("a")
    first = marks_file.path.read_bytes()
    marks_file.star("b")
    assert [path.read_bytes() for path in marks_file.list_backups()] == [marks_file.path.read_bytes(), first]
    assert not any(path.samefile(marks_file.path) for path in marks_file.list_backups())


def test_backups_are_copies_where_the_disk_has_no_hard_links(
    marks_file: MarksFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks_file.star("a")
    first = marks_file.path.read_bytes()
    monkeypatch.setattr(os, "link", raise_os_error(errno.EXDEV))
    marks_file.star("b")
    assert [path.read_bytes() for path in marks_file.list_backups()] == [marks_file.path.read_bytes(), first]
    assert marks_file.list_other_files() == []


def test_a_symlink_to_the_file_stays_a_symlink(marks_file: MarksFile) -> None:
    target = marks_file.root / "synced" / "marks.json"
    marks_file.path.parent.mkdir(parents=True)
    marks_file.star("a")
    target.parent.mkdir()
    marks_file.path.rename(target)
    marks_file.path.symlink_to(target)
    marks_file.star("b")
    assert marks_file.path.is_symlink()
    assert set(json.loads(target.read_bytes())["marks"]) == {"a", "b"}
    assert list(marks_file.path.parent.iterdir()) == [marks_file.path]


def test_an_edit_that_changes_nothing_or_fails_writes_nothing(marks_file: MarksFile) -> None:
    marks_file.star("a")
    before, backups = (fingerprint(marks_file.path), marks_file.path.read_bytes()), marks_file.list_backups()
    assert edit_marks(marks_file.store(), ["a", "b"], lambda mark: mark) == []
    with suppress(ZeroDivisionError):
        edit_marks(marks_file.store(), ["a"], lambda mark: mark._replace(note=str(1 / 0)))
    assert (fingerprint(marks_file.path), marks_file.path.read_bytes()) == before
    assert marks_file.list_backups() == backups


def test_an_exception_in_a_transaction_leaves_the_file_unchanged(marks_file: MarksFile) -> None:
    marks_file.star("a")
    before = marks_file.path.read_bytes()
    with suppress(ZeroDivisionError), marks_file.store_file().transaction() as database:
        database.records("marks").upsert_all({"b": {"starred": True}})
        raise ZeroDivisionError
    assert marks_file.path.read_bytes() == before


def test_the_tables_can_be_read_and_changed_with_tinydbs_own_methods(marks_file: MarksFile) -> None:
    marks_file.star("a", "b")
    with marks_file.store_file().transaction() as database:
        database.table("marks").update({"note": "by TinyDB"}, doc_ids=["a"])  # type: ignore[list-item]  # the IDs are text
    assert [mark.note for mark in marks_file.store().read().marks.values()] == ["by TinyDB", ""]


def test_every_save_changes_the_fingerprint(marks_file: MarksFile) -> None:
    fingerprints = [fingerprint(marks_file.path)]
    for _ in range(3):
        marks_file.star("a")
        fingerprints.append(fingerprint(marks_file.path))
    assert fingerprints[0] == ""
    assert len(set(fingerprints)) == 4


def raise_os_error(number: int) -> Callable[..., Any]:
    """Return a function that fails with this errno."""

    def call(*_args: object, **_options: object) -> Any:
        raise OSError(number, os.strerror(number))

    return call


def test_the_next_change_removes_temporary_files_of_killed_processes(marks_file: MarksFile) -> None:
    marks_file.star("a")
    (marks_file.path.parent / ".marks.json.4711.new").write_bytes(b"half a fi")
    marks_file.star("b")
    assert marks_file.list_other_files() == []


def test_the_lock_is_reentrant_and_is_released_at_the_end(marks_file: MarksFile) -> None:
    lock = Lock(marks_file.lock, 0)
    with lock, lock:
        with lock:
            pass
        with pytest.raises(Busy), Lock(marks_file.lock, 0):
            pass
    with Lock(marks_file.lock, 0):
        pass


def test_a_file_that_another_program_saved_during_the_change_is_not_overwritten(marks_file: MarksFile) -> None:
    marks_file.star("a")

    def write_and_toggle(mark: Mark) -> Mark:
        marks_file.path.write_text("by hand")
        return toggle_star(mark)

    with pytest.raises(Busy, match="data file was replaced by another program during the command"):
        edit_marks(marks_file.store(), ["b"], write_and_toggle)
    assert marks_file.path.read_text() == "by hand"


# Files that are not parsed


def mark_lines(path: Path) -> list[bytes]:
    return [line for line in path.read_bytes().splitlines() if line.startswith(b'"')][1:]


def read_header(path: Path) -> dict[str, Any]:
    """Return the metadata of a file."""
    _, metadata = decode_line(path.read_bytes().splitlines(keepends=True)[1], table_seed(META)) or ("", {})
    return metadata


def replace_header(path: Path, tables: dict[str, Any]) -> None:
    """Replace what the metadata of a file say about its tables."""
    header, _, *lines = path.read_bytes().splitlines(keepends=True)
    metadata = {name: value for name, value in read_header(path).items() if name != "tables"} | tables
    path.write_bytes(b"".join([header, encode_line("1", metadata, table_seed(META)), *lines]))


def test_a_change_decodes_only_the_records_that_it_needs(
    marks_file: MarksFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks_file.star(*(f"paper-{number:04}" for number in range(2_000)))
    before = mark_lines(marks_file.path)
    decoded: list[bytes] = []

    def decode(line: bytes, seed: int) -> Any:
        decoded.append(line)
        return decode_line(line, seed)

    monkeypatch.setattr(stored_lines, "decode_line", decode)
    edit_marks(marks_file.store(), ["paper-1000"], lambda mark: mark._replace(note="one", note_at=NOON))
    assert len(decoded) < 5
    after = mark_lines(marks_file.path)
    assert [number for number, line in enumerate(after) if line != before[number]] == [1000]
    assert len(marks_file.store().read().marks) == 2_000
    assert marks_file.store().read().status.corruption == ()


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="needs the list of open files")
def test_the_replaced_file_is_closed_after_the_change(marks_file: MarksFile) -> None:
    marks_file.star("a")
    store = marks_file.store()  # as a program that stays has it
    before = len([*Path("/dev/fd").iterdir()])
    for _ in range(3):
        edit_marks(store, ["a"], toggle_star)
        assert len([*Path("/dev/fd").iterdir()]) == before


@pytest.mark.parametrize("tables", [None, {"marks": ["00000000", "000000000000", 0]}, [], "x"])
def test_a_file_that_an_older_version_wrote_is_changed_and_has_its_checksums_afterwards(
    marks_file: MarksFile, tables: Any
) -> None:
    """An older version keeps the field as it was."""
    marks_file.star("a", "b")
    assert read_header(marks_file.path)["tables"]["marks"][2] == 2
    replace_header(marks_file.path, {"tables": tables} if tables is not None else {})
    marks_file.star("b", "c")
    assert read_header(marks_file.path)["tables"]["marks"][2] == 3
    assert {key: mark.starred for key, mark in marks_file.store().read().marks.items()} == {
        "a": True, "b": False, "c": True,
    }  # fmt: skip


def test_a_file_that_is_changed_in_place_while_it_is_verified_is_not_replaced(
    marks_file: MarksFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks_file.star("a", "b")
    open_tables = stored_table.open_tables

    def verify(*arguments: Any) -> AnyTables | None:
        tables = open_tables(*arguments)
        with marks_file.path.open("r+b") as file:
            file.write(b"by hand")
        os.utime(marks_file.path, ns=(0, 0))  # a time that differs from the one before, however short that was ago
        return tables

    monkeypatch.setattr(stored_table, "open_tables", verify)
    with pytest.raises(Busy, match="replaced by another program"):
        marks_file.star("c")
    assert marks_file.path.read_bytes().startswith(b"by hand")


@pytest.mark.parametrize("is_parsed", [False, True])
def test_what_was_saved_early_is_taken_back_where_the_change_fails_afterwards(
    marks_file: MarksFile, *, is_parsed: bool
) -> None:
    marks_file.star("a", "b")
    if is_parsed:
        replace_header(marks_file.path, {})
    before = marks_file.store().read().marks
    file = marks_file.store_file()

    def change() -> None:
        with file.transaction() as database:
            database.records("marks").upsert_all({"a": {"note": "early"}, "b": None, "c": {"note": "early"}})
            file.save_early(must_stay=lambda: False)
            assert marks_file.store().read().marks.keys() == {"a", "c"}
            database.records("marks").upsert_all({"a": {"note": "later"}})
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 -- raised above
        change()
    assert marks_file.store().read().marks == before


@pytest.mark.parametrize("copied", [0, 100])
def test_a_file_is_copied_where_the_system_cannot_or_only_a_part(
    marks_file: MarksFile, monkeypatch: pytest.MonkeyPatch, copied: int
) -> None:
    sendfile = os.sendfile
    calls: list[int] = []

    def copy(target: int, source: int, offset: int, count: int) -> int:
        calls.append(count)
        if copied and len(calls) % 2:
            return sendfile(target, source, offset, min(count, copied))
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "sendfile", copy)
    marks_file.star(*(f"paper-{number}" for number in range(9)))
    marks_file.star("paper-9")
    assert calls
    assert marks_file.store().read().marks.keys() == {f"paper-{number}" for number in range(10)}
    newest = marks_file.list_backups()[0]
    assert newest.read_bytes() == marks_file.path.read_bytes()


# Corruption and other unreadable files


def write_sample_marks(marks_file: MarksFile) -> dict[str, Mark]:
    marks_file.star(*(f"paper-{number}" for number in range(5)))
    edit_marks(marks_file.store(), ["paper-1"], lambda mark: mark._replace(note="A note\nof two lines", note_at=NOON))
    edit_marks(marks_file.store(), ["paper-2"], lambda mark: mark._replace(status=Status.READ, status_at=NOON))
    return marks_file.store().read().marks


def read_corrupt(marks_file: MarksFile, corrupt: bytes) -> dict[str, Mark]:
    """Read a corrupt file, and assert that the corruption is detected and that the file cannot be overwritten."""
    marks_file.path.write_bytes(corrupt)
    assert marks_file.store().read().status.corruption != ()
    with pytest.raises(StoreError) as error:
        marks_file.star("new")
    assert error.value.exit_code == 4
    assert "\n" not in str(error.value)
    assert "readlist doctor --fix" in str(error.value)
    assert marks_file.path.read_bytes() == corrupt
    return marks_file.store().read().marks


def test_corruption_is_reported_by_line_and_key(marks_file: MarksFile) -> None:
    write_sample_marks(marks_file)
    marks_file.path.write_bytes(marks_file.path.read_bytes().replace(b"two lines", b"few lines"))
    assert marks_file.store().read().status.corruption == ("line 6 (record paper-1)",)
    with pytest.raises(StoreError) as error:
        marks_file.star("new")
    assert str(error.value) == (
        f"data file is corrupt: {marks_file.path}: line 6 (record paper-1); "
        "nothing was changed; to repair it: readlist doctor --fix"
    )


def test_a_key_on_both_sides_of_a_merge_conflict_is_left_out(marks_file: MarksFile) -> None:
    intact = write_sample_marks(marks_file)
    ours = marks_file.path.read_bytes().splitlines(keepends=True)
    marks_file.star("paper-4")
    theirs = marks_file.path.read_bytes().splitlines(keepends=True)
    conflict = [*ours[:11], b"<<<<<<< ours\n", ours[11], b"=======\n", theirs[11], b">>>>>>> theirs\n", *ours[12:]]
    marks = read_corrupt(marks_file, b"".join(conflict))
    assert marks == {key: mark for key, mark in intact.items() if key != "paper-4"}


def test_a_file_of_a_newer_schema_can_be_read_and_is_not_overwritten(marks_file: MarksFile) -> None:
    marks: dict[str, Any] = {"a": {"starred": True, "color": "red"}, "b": {"status": "paused"}}
    tables: Tables = {**empty_content(TABLES).tables, "_meta": {"1": {"schema": SCHEMA + 1}}, "marks": marks}
    before = serialize(tables)
    marks_file.path.parent.mkdir(parents=True)
    marks_file.path.write_bytes(before)
    assert marks_file.store().read().marks == {"a": Mark("a", starred=True)}
    with pytest.raises(StoreError) as error:
        marks_file.star("a")
    assert str(error.value) == (
        f"data file has a newer schema: {marks_file.path} (schema {SCHEMA + 1}, "
        f"supported: {SCHEMA}); nothing was changed; upgrade readlist"
    )
    assert marks_file.path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read every file")
def test_a_file_without_read_permission_is_reported_in_one_line(marks_file: MarksFile) -> None:
    marks_file.star("a")
    marks_file.path.chmod(0)
    with pytest.raises(ReadlistError, match=f"^cannot read {marks_file.path}: Permission denied$"):
        marks_file.store().read()


def test_a_fifo_in_place_of_the_file_is_an_error_and_does_not_block(marks_file: MarksFile) -> None:
    marks_file.path.parent.mkdir(parents=True)
    os.mkfifo(marks_file.path)
    with pytest.raises(StoreError, match=rf"^not a regular file: {marks_file.path} \(FIFO\); move it"):
        marks_file.store().read()
