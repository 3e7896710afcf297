"""Records of odd shape behind a right checksum: damage of that record, named and repaired, and never an internal error.

Whatever a store file, a backup or a history entry has in it, every command answers: without a traceback, with the
record's file and ID where something is wrong, and with all other records.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from readlist.cli.registry import COMMANDS
from readlist.store import format as file_format
from readlist.text import clean
from tests.commands import CALLS, DIGEST, SEEDS
from tests.conftest import Done, Run
from tests.faults.odd_shapes import MISSING, NAMES, PAPER, Shape, damaged_shapes, harmless_shapes
from tests.faults.processes import run_forked, run_readlist
from tests.faults.sandbox import LibrarySandbox
from tests.library_files import LibraryFiles

KEYS = {
    "marks": "learning-to-reason-without-external-rewards-35d0c0",
    "documents": str(min(Path(SEEDS).iterdir())),
    "sources": SEEDS,
    "queries": "fresh",
    "aliases": "rl",
    "synonyms": "사전학습",
}
DAMAGED, HARMLESS = damaged_shapes(KEYS), harmless_shapes(KEYS)
FAST_COMMANDS = 3
"""Commands of which the default run tries each of its shapes; all of them follow each other from shape to shape."""
FAST_SHAPES = 7
"""Shapes of each kind in the default run."""
ANSWER_WITHOUT_STORE = {"help", "completion", "history", "doctor", "backup", "backup restore"}
"""Commands that do not need the records, or that report or repair them themselves."""
EXIT_CODES = {0, 1, 2, 3, 4}
NOON = "2025-02-11T12:00:00Z"
PAPER_RECORD = {"key": "k", "title": "x", "digests": [{"date": None, "source": "x", "hashes": []}]}


@pytest.fixture(scope="module")
def used() -> Iterator[LibrarySandbox]:
    """A snapshot of a library with a record of every table, something to undo and to redo, and backups of it all."""
    memory = Path("/dev/shm")
    directory = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    sandbox = LibrarySandbox(directory)
    sandbox.root.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in sandbox.files.environment.items():
            patch.setenv(name, value)
        for words in (
            ("load", SEEDS),
            ("query", "save", "fresh", "is:unread"),
            ("tags", "rename", "rl", "강화학습"),
            ("words", "add", "사전학습 = pretraining = ebb"),
            ("read", "9"),
            ("star", "9"),
            ("note", "9", "메모 — “note”"),
            ("tag", "9", "--add", "mine", "--remove", "llm"),
            ("star", "10"),
            ("skip", "11"),
            ("undo",),
            ("list",),
        ):
            result = run_forked(lambda words=words: run_readlist(*words))  # type: ignore[misc]  # binds the loop variable
            assert result.code == 0, result
    sandbox.save_snapshot()
    yield sandbox
    shutil.rmtree(directory)


@pytest.fixture
def sandbox(used: LibrarySandbox, monkeypatch: pytest.MonkeyPatch) -> LibrarySandbox:
    """The library of `used`, as every command of this test finds it."""
    for name, value in used.files.environment.items():
        monkeypatch.setenv(name, value)
    used.restore_snapshot()
    return used


def run_command(run: Run, command: str) -> Done:
    return run(*command.split(), *CALLS[command], stdin=DIGEST)


def commands_of(number: int) -> list[str]:
    """Return the commands that the default run tries on the shape of this number."""
    names = list(CALLS)
    return [names[(number * FAST_COMMANDS + offset) % len(names)] for offset in range(FAST_COMMANDS)]


def cases(shapes: list[Shape]) -> list[Any]:
    """Return each shape with some commands, and for a slow run with all of them."""
    sample = list(enumerate(shapes[:: -(-len(shapes) // FAST_SHAPES)]))
    fast = [pytest.param(shape, commands_of(number), id=f"{shape.name}-some") for number, shape in sample]
    return fast + [pytest.param(shape, list(CALLS), id=shape.name, marks=pytest.mark.slow) for shape in shapes]


def sampled(shapes: list[Any]) -> list[Any]:
    """Return all shapes; the default run has a sample of them."""
    step = -(-len(shapes) // FAST_SHAPES)
    names = [shape if isinstance(shape, str) else shape.name for shape in shapes]
    marks = [() if number % step == 0 else pytest.mark.slow for number in range(len(shapes))]
    return [pytest.param(shape, id=name, marks=mark) for shape, name, mark in zip(shapes, names, marks, strict=True)]


def list_ids(done: Done) -> set[int]:
    return {entry["id"] for entry in done.json}


def problem(done: Done) -> str:
    """Return what is wrong with any answer at all, "" for nothing."""
    if done.code not in EXIT_CODES:
        return f"exit code {done.code}"
    return "internal error" if "Traceback" in done.err or "internal error" in done.err else ""


@pytest.mark.parametrize(("shape", "commands"), cases(DAMAGED))
def test_every_command_names_a_record_of_odd_shape_and_shows_the_others(
    sandbox: LibrarySandbox, run: Run, shape: Shape, commands: list[str]
) -> None:
    path = sandbox.files.data / shape.file
    data = shape.write(path)
    wrong: dict[str, object] = {}
    for command in commands:
        done = run_command(run, command)
        is_named = str(path) in done.err and clean(shape.id or "")[:60] in done.err
        if trouble := problem(done):
            wrong[command] = (trouble, done)
        elif command not in ANSWER_WITHOUT_STORE and (done.code != 4 or not is_named):
            wrong[command] = ("not named", done)
        assert path.read_bytes() == data
    assert wrong == {}
    lost = {int(PAPER)} if shape.table == "papers" else set()
    assert list_ids(run("list", "--json")) == set(range(1, 14)) - lost


def content(run: Run) -> tuple[Any, ...]:
    """Return everything that the commands show of the records."""
    return tuple(run(*words, "--json").json for words in (["list"], ["sources"], ["query"], ["tags"], ["words"]))


def quarantined(sandbox: LibrarySandbox) -> list[bytes]:
    return [path.read_bytes() for path in sandbox.files.quarantine.glob("*")]


@pytest.mark.parametrize("shape", sampled(DAMAGED))
def test_a_record_of_odd_shape_comes_back_from_the_backup(sandbox: LibrarySandbox, run: Run, shape: Shape) -> None:
    before = content(run)
    data = shape.write(sandbox.files.data / shape.file)
    found = run("doctor", "--json")
    (finding,) = [finding for finding in found.json if finding["level"] == "error"]
    assert (found.code, str(sandbox.files.data / shape.file) in finding["message"]) == (4, True)
    assert shape.id is None or any(clean(shape.id)[:60] in item for item in finding["items"])
    done = run("doctor", "--fix")
    assert (done.code, problem(done)) == (0, ""), done
    assert content(run) == before
    assert quarantined(sandbox) == [data]
    assert run("star", "3").code == 0


@pytest.mark.parametrize(("shape", "commands"), cases(HARMLESS))
def test_an_unusual_record_is_no_damage_and_stays(
    sandbox: LibrarySandbox, run: Run, shape: Shape, commands: list[str]
) -> None:
    shape.write(sandbox.files.data / shape.file)
    sandbox.save_snapshot("odd")
    wrong: dict[str, object] = {}
    for command in commands:
        done = run_command(run, command)
        listed = run("list", "--json")
        if problem(done) or done.code == 4 or listed.code or not list_ids(listed) >= set(range(1, 14)):
            wrong[command] = (done, listed)
        sandbox.restore_snapshot("odd")
    assert wrong == {}
    assert run("doctor").code in {0, 1}
    before = records(sandbox)
    for words in (
        *("star 9", "unread 9", "load -", "query save fresh is:read", "tags rename rl RL"),
        *("words add x = pretraining", "words delete pretraining", "undo", "undo 6"),
    ):
        assert not problem(run(*words.split(), stdin=DIGEST))
    after = records(sandbox)
    assert {table: unknown(before[table]) for table in before} == {table: unknown(after[table]) for table in before}


def records(sandbox: LibrarySandbox) -> file_format.Tables:
    """Return the tables of both files, which must be intact."""
    tables: file_format.Tables = {}
    for name, names in NAMES.items():
        content = file_format.parse((sandbox.files.data / name).read_bytes().splitlines(keepends=True), names)
        assert content.corruption == ()
        tables |= {(name if table == "_meta" else table): rows for table, rows in content.tables.items()}
    return tables


def unknown(table: dict[str, file_format.Record]) -> dict[str, object]:
    """Return the fields of a table's records that no version knows."""
    return {id_: record["mood"] for id_, record in table.items() if "mood" in record}


NEWER: list[dict[str, object]] = [
    {},
    {"sequence": "x"},
    {"library": 5},
    {"next_id": None, "papers": [1], "has_marks": {}},
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("odd", NEWER, ids=str)
def test_a_newer_file_with_odd_shapes_is_read_as_far_as_possible_and_never_changed(
    sandbox: LibrarySandbox, run: Run, name: str, odd: dict[str, object]
) -> None:
    def change(tables: file_format.Tables) -> None:
        tables["_meta"]["1"] |= {"schema": 99, **odd}
        for number, (id_, record) in enumerate(sorted(tables[Path(name).stem].items())):
            tables[Path(name).stem][id_] = dict.fromkeys(record, number)

    path = sandbox.files.data / name
    data = Shape(name, name, "_meta", "1", change).write(path)
    wrong = {}
    for command in CALLS:
        done = run_command(run, command)
        must_fail = name == "marks.json" and COMMANDS[command].changes and command != "redo"
        if problem(done) or path.read_bytes() != data or (must_fail and done.code not in {3, 4}):
            wrong[command] = done
    assert wrong == {}
    done = run("doctor", "--fix")
    assert (done.code, path.read_bytes() == data, "newer schema" in done.out) == (4, True, True)


# History


def history_shapes() -> dict[str, Callable[[dict[str, Any]], object]]:
    """Return the odd shapes of a history entry that cannot be undone."""
    values: tuple[object, ...] = (
        -5,
        None,
        "x",
        [],
        {},
        [None],
        {"marks": 5},
        {"marks": {"x": 5}},
        {"marks": [1]},
        True,
        1.5,
    )
    right: dict[str, tuple[object, ...]] = {"description": ("x",), "records": ({},), "sums": ({},), "schema": ()}
    shapes: dict[str, Callable[[dict[str, Any]], object]] = {}
    for field in ("at", "description", "schema", "records", "sums"):
        for value in values:
            if value not in right.get(field, ()):
                shapes[f"{field}={value!r}"] = partial(_entry_with, field, value)
        if field != "sums":  # entries of older schemas have none
            shapes[f"{field} missing"] = partial(_entry_with, field, MISSING)
    for shape in DAMAGED:
        is_unset = shape.table == "marks" and shape.name.endswith("-None")
        if shape.table in KEYS | {"papers": ""} and shape.id and not shape.raw and not is_unset:
            shapes[f"record {shape.name}"] = partial(_entry_with_record, shape)
    raws: tuple[object, ...] = (5, "x", [], None, {})
    for raw in raws:
        shapes[f"entry {raw!r}"] = partial(lambda raw, _entry: raw, raw)
    shapes["at in the year 9999"] = partial(_entry_with, "at", "9999-12-31T23:59:59Z")
    shapes["unknown table"] = partial(_entry_with, "records", {"moods": {"a": {"b": 1}}})
    shapes["schema 2 with records as text"] = lambda entry: {**entry, "schema": 2, "said": "x", "records": "ab"}
    shapes["schema 2 with a list of pairs"] = lambda entry: {**entry, "schema": 2, "said": "x", "records": [["a", 1]]}
    shapes["schema 2 with papers as text"] = lambda entry: {
        **entry,
        "schema": 2,
        "said": "x",
        "records": {"papers": "a"},
    }
    return shapes


def _entry_with(field: str, value: object, entry: dict[str, Any]) -> dict[str, Any]:
    changed = {name: old for name, old in entry.items() if name != field}
    return changed if value is MISSING else changed | {field: value}


def _entry_with_record(shape: Shape, entry: dict[str, Any]) -> dict[str, Any]:
    """Return the entry with the odd record of a shape as what undoing puts back."""
    tables: file_format.Tables = {table: {} for names in NAMES.values() for table in names}
    tables |= {"_meta": {"1": {}}}
    tables["papers"] = {PAPER: PAPER_RECORD}
    tables["marks"] = {KEYS["marks"]: {}}
    for table in ("documents", "sources", "queries", "aliases", "synonyms"):
        tables[table] = {KEYS[table]: {"loaded_at": NOON, "at": NOON, "query": "x", "tag": "x", "words": ["x", "y"]}}
    shape.change(tables)
    assert shape.id is not None
    return {
        "at": NOON,
        "description": "x",
        "schema": file_format.SCHEMA,
        "records": {shape.table: {shape.id: tables[shape.table][shape.id]}},
    }


def write_entry(path: Path, entry: object) -> bytes:
    text = json.dumps(entry).encode()
    data = b"%08x " % zlib.crc32(text) + text
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    path.chmod(0o600)
    return data


def newest_entry(files: LibraryFiles, suffix: str = ".done") -> Path:
    return max(files.history.glob(f"*{suffix}"))


HISTORY_SHAPES = history_shapes()


@pytest.mark.parametrize("suffix", [".done", pytest.param(".undone", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", sampled(list(HISTORY_SHAPES)))
def test_a_history_entry_of_odd_shape_changes_nothing_and_is_quarantined(
    sandbox: LibrarySandbox, run: Run, name: str, suffix: str
) -> None:
    path = newest_entry(sandbox.files, suffix)
    entry = json.loads(path.read_bytes()[9:])
    before = records(sandbox)
    data = write_entry(path, HISTORY_SHAPES[name](entry))
    for command in ("history", "undo" if suffix == ".done" else "redo"):
        done = run(command)
        assert (done.code, problem(done), str(path) in done.err) == (4, "", True), done
    done = run("doctor")
    assert (done.code, path.name in done.out) == (1, True)
    assert records(sandbox) == before
    done = run("doctor", "--fix")
    assert (done.code, problem(done)) == (0, ""), done
    assert data in quarantined(sandbox)
    assert records(sandbox) == before
    assert run("history").code == 0
    assert run("star", "3").code == 0
    assert run("undo").err == "Undone: star 3\n"


UNUSUAL_ENTRIES: dict[str, dict[str, Any]] = {
    "control characters": {"description": "\x1b]0;x\x07\x1b[31mred\n\0two"},
    "empty description": {"description": ""},
    "long description": {"description": "x" * 100_000},
    "no records": {"records": {}, "sums": {}},
    "no sums": {"sums": {}},
    "sums of other records": {"sums": {"marks": {"x": None}, "papers": {"1": "0"}, "moods": {"": ""}}},
    "metadata": {"records": {"_meta": {"1": {"schema": 4, "next_id": 1}}}, "sums": {}},
    "an empty mark": {"records": {"marks": {"x": {}}}, "sums": {}},
    "a mark of no paper": {"records": {"marks": {"\x1b": {"status": "read"}}}, "sums": {}},
    "a paper of no number": {"records": {"papers": {"x": None, "": None}}, "sums": {}},
    "a removed paper": {"records": {"papers": {"3": None}}, "sums": {}},
    "a source": {"records": {"sources": {"a\0b": {}}}, "sums": {}},
    "unknown field": {"mood": {"a": [1]}},
}


@pytest.mark.parametrize("name", UNUSUAL_ENTRIES)
def test_an_unusual_history_entry_is_undone_or_named_and_damages_nothing(
    sandbox: LibrarySandbox, run: Run, name: str
) -> None:
    path = newest_entry(sandbox.files)
    entry = json.loads(path.read_bytes()[9:])
    write_entry(path, entry | UNUSUAL_ENTRIES[name])
    for words in (["history"], ["history", "--json"], ["undo"], ["undo"], ["redo"], ["redo"], ["update"], ["list"]):
        done = run(*words)
        assert problem(done) == "", done
        assert not any(ord(character) < 32 and character not in "\n\t" for character in done.out + done.err)
        assert done.code in {0, 1}
    assert sandbox.store().papers.file.read_content().corruption == ()
    assert sandbox.store().marks.file.read_content().corruption == ()


def test_a_history_entry_of_a_newer_version_is_named_whatever_its_shape(sandbox: LibrarySandbox, run: Run) -> None:
    path = newest_entry(sandbox.files)
    for entry in ({"schema": 99}, {"schema": 99, "records": 5, "at": [], "description": None}):
        data = write_entry(path, entry)
        for command in ("history", "undo"):
            done = run(command)
            assert (done.code, "newer schema" in done.err, str(path) in done.err) == (4, True, True), done
        assert not problem(run("doctor", "--fix"))
        assert path.read_bytes() == data
    assert run("star", "3").code == 0


# Backups


@pytest.mark.parametrize("shape", sampled(DAMAGED))
def test_a_backup_of_odd_shape_is_passed_over_and_quarantined(sandbox: LibrarySandbox, run: Run, shape: Shape) -> None:
    before = content(run)
    backup = sandbox.files.backups(shape.file)[-1]
    data = shape.write(backup)
    listed = run("backup")
    assert (listed.code, problem(listed)) == (0, "")
    done = run("backup", "restore", f"{shape.file}/{backup.name}", "--yes")
    assert (done.code, problem(done), str(backup) in done.err) == (4, "", True), done
    assert content(run) == before
    done = run("doctor")
    assert (done.code, backup.name in done.out) == (1, True)
    for name in NAMES:
        assert not problem(run("backup", "restore", name, "--yes"))
        assert not problem(run("undo"))
    assert run("doctor", "--fix").code == 0
    assert data in quarantined(sandbox)
    sandbox.restore_snapshot()
    shape.write(backup)
    (sandbox.files.data / shape.file).unlink()
    assert run("list").code == 4
    assert not problem(run("doctor", "--fix"))
    assert run("list").code == 0
