"""Libraries of older versions: read at once, upgraded by the first change, and undone into.

golden/schema2 to golden/schema6 are libraries that earlier versions wrote, of digests in /digests: papers.json,
marks.json and history.

    list.json    what that version printed for `list --json`, with the present names of the fields
    undo.json    what each of its `undo` changed in it, and in the saved queries, one after the other
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from readlist.edits import SetStar
from readlist.library.library import Library
from readlist.models import Mark
from readlist.private_files import ensure_directory
from readlist.store import Store, migrations
from readlist.store.format import SCHEMA
from tests.conftest import Run
from tests.library_files import LibraryFiles, refs
from tests.store.changes import edit_marks
from tests.store_bytes import serialize

GOLDEN = Path(__file__).parents[1] / "golden"
NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)

State = dict[str, Any]
"""The entries of `list --json` by ID, and the saved queries by `@name`."""


@pytest.fixture(params=["schema2", "schema3", "schema4", "schema5", "schema6"])
def version(request: pytest.FixtureRequest) -> Path:
    """The directory of a library of an earlier version."""
    return GOLDEN / str(request.param)


@pytest.fixture
def files(own_folders: Path, version: Path) -> LibraryFiles:
    """The library of an earlier version, as the library that `run` works on."""
    files = LibraryFiles(own_folders)
    for source in (version / "papers.json", version / "marks.json"):
        copy_private(source, files.data / source.name)
    for source in (version / "history").iterdir():
        copy_private(source, files.history / source.name)
    return files


def copy_private(source: Path, target: Path) -> None:
    """Copy a file so that only its owner can read it, as the program writes it."""
    ensure_directory(target.parent)
    shutil.copy(source, target)
    target.chmod(0o600)


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def without_new_fields(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON of an entry without the fields that the previous versions did not print."""
    new = {"starred_at", "tags_at", "digest_tags", "removed_tags", "doi", "later", "later_at", "loaded_at"}
    return {name: value for name, value in entry.items() if name not in new}


def read_state(run: Run) -> State:
    entries = {str(entry["id"]): without_new_fields(entry) for entry in run("list", "--json").json}
    queries = {f"@{query['name']}": {"query": query["query"]} for query in run("query", "list", "--json").json}
    return entries | queries


def diff_states(before: State, after: State) -> State:
    """Return the entries that differ: their fields that do, None for one that was removed."""
    changed = {
        name: {field: value for field, value in entry.items() if before.get(name, {}).get(field) != value}
        for name, entry in after.items()
        if before.get(name) != entry
    }
    return changed | dict.fromkeys(before.keys() - after.keys())


def assert_intact(run: Run) -> None:
    """Assert that the doctor misses nothing but the directory of the digests."""
    assert [finding["message"] for finding in run("doctor", "--json").json] == ["source is missing: /digests"]


def read_tables(path: Path) -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(path.read_bytes())
    return tables


def read_schemas(files: LibraryFiles) -> list[int]:
    return [read_tables(path)["_meta"]["1"]["schema"] for path in (files.papers, files.marks)]


# Reading and upgrading


def test_a_library_of_the_previous_version_lists_what_it_listed(run: Run, files: LibraryFiles, version: Path) -> None:
    assert list(map(without_new_fields, run("list", "--json").json)) == read_json(version / "list.json")


def test_a_library_of_the_previous_version_is_searched_by_its_comments_tags_and_saved_queries(
    run: Run, files: LibraryFiles, version: Path
) -> None:
    entries = read_json(version / "list.json")
    for query, expected in [
        ("comment:조수에", ["On Tides"]),
        ("@fresh", [e["title"] for e in entries if e["status"] == "unread" and "reinforcement-learning" in e["tags"]]),
        ("tag:mine", ["Learning to Reason without External Rewards"]),
    ]:
        assert [entry["title"] for entry in run("list", "--json", query).json] == expected


def test_reading_does_not_rewrite_files_of_an_older_schema(run: Run, files: LibraryFiles) -> None:
    stored = [files.papers, files.marks, *files.history.iterdir()]
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in stored}
    for words in ("list", "search 추론", "show 12", "tags", "stats", "next", "digests", "history", "export"):
        assert run(*words.split()).code == 0
    assert_intact(run)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in stored} == before
    assert set(files.history.iterdir()) == before.keys() - {files.papers, files.marks}


def test_the_first_change_upgrades_the_file_and_everything_else_stays(
    run: Run, files: LibraryFiles, tmp_path: Path
) -> None:
    schema_of_papers, _ = read_schemas(files)
    assert schema_of_papers < SCHEMA
    before = read_state(run)
    run("star", "1")
    assert read_schemas(files) == [schema_of_papers, SCHEMA]
    (tmp_path / "tides.txt").write_text("2025-06-03\nMore Tides\n(Ada Lovelace)\n", encoding="utf-8")
    run("load", tmp_path / "tides.txt")
    assert read_schemas(files) == [SCHEMA, SCHEMA]
    changed = diff_states(before, read_state(run))
    assert changed.pop("16")["title"] == "More Tides"
    assert changed == {"1": {"starred": True}}


def test_an_upgraded_file_has_only_the_names_of_the_current_schema(run: Run, files: LibraryFiles, seeds: Path) -> None:
    run("load", seeds)
    run("star", "1")
    papers, marks = read_tables(files.papers), read_tables(files.marks)
    assert list(papers) == ["_meta", "documents", "sources", "papers"]
    assert list(marks) == ["_meta", "marks", "queries", "aliases", "synonyms"]
    assert marks["aliases"]["rl"]["tag"] == "reinforcement-learning"
    for paper in papers["papers"].values():
        assert "commentary" not in paper
        assert {*paper["digests"][0]} == {"date", "source", "hashes"}
    assert papers["_meta"]["1"]["library"] == marks["_meta"]["1"]["library"]


def test_synonyms_can_be_added_to_a_library_of_the_previous_version(run: Run, files: LibraryFiles) -> None:
    before, words = read_state(run), run("words").out
    assert run("words", "add", "사전학습 = pretraining").code == 0
    assert run("words").out == f"{words}사전학습 = pretraining\n"
    assert read_state(run) == before
    assert_intact(run)
    run("undo")
    assert run("words").out == words


def test_an_upgraded_library_loads_the_same_digests_as_unchanged(files: LibraryFiles, seeds: Path) -> None:
    library = Library(files.directories)
    library.apply(SetStar(True), refs(library, [1]))
    for _ in range(2):
        report = library.load([str(seeds)])
        assert (report.added, report.updated, report.repeated) == ((), (), ())
        assert report.unchanged + report.deleted == 13


def test_upgraded_tables_are_not_changed_by_another_upgrade() -> None:
    tables = {name: rows for name, rows in read_tables(GOLDEN / "schema2" / "papers.json").items() if name != "_meta"}
    upgraded = migrations.upgrade_tables(tables, 2)
    assert upgraded["papers"].keys() == tables["papers"].keys()
    assert migrations.upgrade_tables(upgraded, SCHEMA) == upgraded


# History


def test_every_history_entry_of_the_previous_version_can_be_undone_and_redone(
    run: Run, files: LibraryFiles, version: Path
) -> None:
    states = [read_state(run)]
    for step in read_json(version / "undo.json"):
        assert run("undo").err.strip().endswith(step["undone"])
        states.append(read_state(run))
        assert diff_states(states[-2], states[-1]) == step["entries"]
    assert states.pop() == {}
    while states:
        assert run("redo").code == 0
        assert read_state(run) == states.pop()


def test_entries_that_the_previous_version_undid_can_be_redone(run: Run, files: LibraryFiles, version: Path) -> None:
    before = read_state(run)
    assert run("redo", "2").code == 0
    changed = diff_states(before, read_state(run))
    assert list(changed) == ["15"]
    expected = {
        "title": "On Ebb and Flow",
        "comments": {"ko": "썰물에 대한 논문.", "en": "A paper on the ebb."},
        "digests": [{"date": "2025-06-02", "source": "250602.txt"}],
        "note": "to be undone",
    }
    assert {name: changed["15"][name] for name in expected} == expected
    run("undo", "2")
    assert read_state(run) == before


def test_changes_made_after_the_upgrade_and_before_it_are_undone_and_redone_in_one_sequence(
    run: Run, files: LibraryFiles, version: Path
) -> None:
    first = read_state(run)
    run("star", "3")
    run("tag", "12", "--add", "later")
    last, count = read_state(run), 2 + len(read_json(version / "undo.json"))
    assert run("undo", str(count)).code == 0
    assert read_state(run) == {}
    assert run("undo").code == 0, "nothing is left to undo"
    assert run("redo", str(count - 2)).code == 0
    assert read_state(run) == first
    assert run("redo", "2").code == 0
    assert read_state(run) == last
    assert_intact(run)


# Backups, repair and newer files


@pytest.fixture
def with_backup(files: LibraryFiles) -> LibraryFiles:
    """The library, with a backup of each of its files as version 0.1.0 wrote them."""
    for path in (files.papers, files.marks):
        copy_private(path, files.state / "backups" / path.name / "20250612T080000.000000Z")
    return files


def test_a_backup_of_an_older_schema_can_be_restored(run: Run, with_backup: LibraryFiles, tmp_path: Path) -> None:
    before = read_state(run)
    (tmp_path / "tides.txt").write_text("2025-06-03\nMore Tides\n(Ada Lovelace)\n", encoding="utf-8")
    for words in ("star 1", "unread 2", "note 12 more", "tags rename reasoning thinking", "query delete fresh"):
        assert run(*words.split()).code == 0
    run("load", tmp_path / "tides.txt")
    assert read_state(run) != before
    for name in ("marks.json", "papers.json"):
        assert run("backup", "restore", f"{name}/20250612T080000.000000Z", "--yes").code == 0
    assert read_state(run) == before
    assert run("undo", "2").code == 0
    assert "16" in read_state(run)


def test_a_file_that_was_upgraded_is_its_own_backup_in_the_older_schema(
    run: Run, files: LibraryFiles, version: Path
) -> None:
    before = read_state(run)
    run("star", "1")
    assert (version / "marks.json").read_bytes() in [path.read_bytes() for path in files.backups("marks.json")]
    assert run("backup", "restore", "--yes").code == 0
    assert read_state(run) == before


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("papers.json", b"fp4-all-the-way"),
        ("papers.json", b'"1":{"schema"'),
        ("papers.json", b"}}\n"),
        ("marks.json", b"fp4-all-the-way"),
        ("marks.json", b'"rl":{"tag"'),
        ("marks.json", b'"1":{"schema"'),
        ("marks.json", b"}}\n"),
    ],
)
def test_a_corrupt_file_of_an_older_schema_is_repaired_from_its_backup(
    run: Run, with_backup: LibraryFiles, seeds: Path, name: str, text: bytes
) -> None:
    before = read_state(run)
    path = with_backup.data / name
    corrupt = path.read_bytes().replace(text, text[::-1], 1)
    path.write_bytes(corrupt)
    assert run("doctor").code == 4
    assert (run("load", seeds) if name == "papers.json" else run("star", "1")).code == 4
    assert path.read_bytes() == corrupt
    run("doctor", "--fix")
    assert_intact(run)
    assert read_state(run) == before
    assert read_tables(path)["_meta"]["1"]["schema"] == SCHEMA
    assert with_backup.quarantined() == {name: corrupt}
    assert run("undo").code == 0


@pytest.mark.parametrize("version", ["schema3", "schema4", "schema5", "schema6"], indirect=True)
@pytest.mark.parametrize("table", ["queries", "aliases"])
def test_a_file_without_a_table_that_every_file_of_its_schema_has_is_corrupt(
    run: Run, with_backup: LibraryFiles, table: str
) -> None:
    before = read_state(run)
    tables = {name: rows for name, rows in read_tables(with_backup.marks).items() if name != table}
    without_table = {name: {id_: without_sum(row) for id_, row in rows.items()} for name, rows in tables.items()}
    with_backup.marks.write_bytes(serialize(without_table))
    assert run("star", "1").code == 4
    run("doctor", "--fix")
    assert_intact(run)
    assert read_state(run) == before


def test_a_file_of_a_newer_schema_is_listed_and_not_changed(run: Run, files: LibraryFiles) -> None:
    before = read_state(run)
    run("star", "1")
    run("unstar", "1")
    newer = with_schema(files.marks.read_bytes(), SCHEMA + 1)
    files.marks.write_bytes(newer)
    assert read_state(run) == before
    for words in (
        "star 1",
        "note 2 x",
        "tags rename reasoning thinking",
        "query save mine is:read",
        "words add a = b",
        "undo",
    ):
        done = run(*words.split())
        assert done.code == 4
        assert done.err == (
            f"readlist: data file has a newer schema: {files.marks} (schema {SCHEMA + 1}, "
            f"supported: {SCHEMA}); nothing was changed; upgrade readlist\n"
        )
    assert run("doctor", "--fix").code == 4
    assert files.marks.read_bytes() == newer
    assert read_state(run) == before


def with_schema(data: bytes, schema: int) -> bytes:
    """Return a store file as one of another schema, with correct checksums."""
    tables = {name: {id_: without_sum(row) for id_, row in rows.items()} for name, rows in json.loads(data).items()}
    tables["_meta"]["1"]["schema"] = schema
    return serialize(tables)


def without_sum(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "sum"}


# Every schema that was ever written

SCHEMA_1 = """{"_meta":{
"1":{"schema":1,"sum":"52695e57"}
},"marks":{
"a-111111":{"starred":true,"starred_at":"2025-02-11T12:00:00Z","sum":"97e84b04"}
,
"c-333333":{"note":"π 학습\\n\\n“x”","note_at":"2025-02-11T12:00:00Z","sum":"044359d0"}
}}
"""
SCHEMA_2 = SCHEMA_1.replace('"1":{"schema":1,"sum":"52695e57"}', '"1":{"schema":2,"sum":"79440d94"}').replace(
    "}}\n",
    """},"queries":{
"fresh":{"query":"is:unread NOT tag:rl","at":"2025-02-11T12:00:00Z","sum":"0469cbc1"}
},"renames":{
"rl":{"tag":"reinforcement-learning","at":"2025-02-11T12:00:00Z","sum":"be157a4a"}
}}
""",
)
SCHEMA_2_WITHOUT_QUERIES = SCHEMA_2.replace(SCHEMA_2[SCHEMA_2.index('},"queries"') : SCHEMA_2.index('},"renames"')], "")


SCHEMA_4 = (
    SCHEMA_2.replace('"1":{"schema":2,"sum":"79440d94"}', '"1":{"schema":4,"sum":"2f1eaa12"}')
    .replace('"renames"', '"aliases"')
    .replace('"be157a4a"', '"60fd09be"')
)
QUERIES, ALIASES = {"fresh": "is:unread NOT tag:rl"}, {"rl": "reinforcement-learning"}


@pytest.mark.parametrize(
    ("text", "queries", "renamed_tags"),
    [
        (SCHEMA_1, {}, {}),
        (SCHEMA_2, QUERIES, ALIASES),
        (SCHEMA_2_WITHOUT_QUERIES, {}, ALIASES),
        (SCHEMA_4, QUERIES, ALIASES),
    ],
    ids=["schema 1", "schema 2", "schema 2 without saved queries", "schema 4"],
)
def test_marks_of_every_schema_can_be_read_and_changed(
    tmp_path: Path, text: str, queries: dict[str, str], renamed_tags: dict[str, str]
) -> None:
    path = tmp_path / "marks.json"
    path.write_text(text, encoding="utf-8")
    store = Store(tmp_path, tmp_path / "state").marks
    marks = {
        "a-111111": Mark("a-111111", starred=True, starred_at=NOON),
        "c-333333": Mark("c-333333", note="π 학습\n\n“x”", note_at=NOON),
    }
    for _ in range(2):
        snapshot = store.read()
        assert (snapshot.marks, snapshot.status.corruption) == (marks, ())
        assert {name: query.text for name, query in snapshot.definitions.queries.items() if query} == queries
        assert snapshot.definitions.renamed_tags == renamed_tags
        edit_marks(store, ["b-222222"], lambda mark: mark._replace(note="changed", note_at=NOON))
        marks["b-222222"] = Mark("b-222222", note="changed", note_at=NOON)
    assert read_tables(path)["_meta"]["1"]["schema"] == SCHEMA
