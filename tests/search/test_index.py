"""The index: when it is current, what counts as corrupt, and that an update equals a rebuild."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.definitions import Synonyms, UserDefinitions
from readlist.library.transaction import no_progress
from readlist.models import RELEVANCE, Appearance, Entry, Mark, Paper, PaperRef, Status
from readlist.search.definitions import read_definitions, read_provenance
from readlist.search.index import integrity, reader, schema, tables, writer
from readlist.search.index.definition_rows import decode_synonyms
from readlist.search.index.errors import IndexCorrupt, IndexFailure, IndexStale, IndexUnavailable, RowDecodeError
from readlist.search.index.integrity import integrity_error
from readlist.search.index.reader import Connection
from readlist.search.index.rows import decode_entry, decode_ref, encode_entry
from readlist.search.index.writer import IndexContents
from readlist.search.items import resolve_items
from readlist.search.lookups import find_ids_in_range, get_entries
from readlist.search.query.parser import parse
from readlist.search.results import find
from readlist.search.statistics import count_digests
from readlist.sources import Provenance
from tests.search.index_file import IndexFile, contents, search_ids
from tests.search.sample import ENTRIES, FEBRUARY, MAY, NEWEST_FIRST, NOON, PROVENANCE, entry

STORE = ("papers-1", "marks-1", "")
LATER, LATEST = ("papers-2", "marks-1", ""), ("papers-2", "marks-2", "")


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    index = IndexFile(tmp_path / "cache" / "index.sqlite")
    index.build(ENTRIES, PROVENANCE, STORE)
    return index


# Current, stale


def test_it_is_current_for_the_fingerprints_it_was_built_from_only(index: IndexFile, tmp_path: Path) -> None:
    assert index.is_current(STORE)
    assert not index.is_current(("papers-2", "marks-1", ""))
    assert not index.is_current(("papers-1", "marks-2", ""))
    assert not index.is_current(("papers-1", "marks-1", "people-1"))
    assert not IndexFile(tmp_path / "nowhere").is_current(STORE)
    index.update([], STORE, LATER)
    assert index.is_current(LATER)


@pytest.mark.parametrize("stale", [ENTRIES[:3], []], ids=["some papers", "empty"])
def test_an_index_of_another_state_is_not_updated(index: IndexFile, stale: list[Entry]) -> None:
    """A long rebuild from STORE ends after one change was saved and before the next one updates the index."""
    index.update([ENTRIES[0]], STORE, LATER)
    assert index.is_current(LATER)
    index.build(stale, fingerprints=STORE)
    with pytest.raises(IndexStale, match="another state"):
        index.update([ENTRIES[4]], LATER, LATEST)
    assert index.is_current(STORE)
    assert sorted(search_ids(index, "")) == [one.paper.id for one in stale]


def test_an_index_that_is_replaced_as_the_update_begins_is_not_updated(
    index: IndexFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect_after_a_rebuild(path: Path, mode: str) -> Connection:
        index.build(ENTRIES[:3], fingerprints=STORE)
        return reader.connect(path, mode)

    index.update([], STORE, LATER)
    monkeypatch.setattr(writer, "connect", connect_after_a_rebuild)
    with pytest.raises(IndexStale, match="another state"):
        index.update([ENTRIES[4]], LATER, LATEST)
    assert index.is_current(STORE)
    assert search_ids(index, "") == [3, 1, 2]


def test_an_update_does_not_make_an_index_current_that_another_program_changed(index: IndexFile) -> None:
    index.path.touch()
    with pytest.raises(IndexStale, match="changed by another program"):
        index.update([ENTRIES[4]], STORE, LATER)
    assert not index.is_current(LATER)


def test_an_index_of_another_format_is_not_current(index: IndexFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "FORMAT", "0")
    assert not index.is_current(STORE)


def test_provenance_and_definitions_are_read_back(index: IndexFile) -> None:
    assert index.read(read_provenance) == PROVENANCE
    assert index.read(read_definitions) == UserDefinitions()


# Corrupt, unavailable, or a bug


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT no_such_column FROM papers",
        "SELECT 1 FROM no_such_table",
        "SELEKT",
        "SELECT 1 FROM words WHERE words MATCH '('",
    ],
)
def test_a_wrong_statement_is_a_bug_and_not_a_corrupt_index(index: IndexFile, sql: str) -> None:
    with pytest.raises(sqlite3.OperationalError):
        index.read(lambda connection: connection.execute(sql).fetchall())


def test_a_wrong_value_is_a_bug_and_not_a_corrupt_index(index: IndexFile) -> None:
    with pytest.raises(sqlite3.ProgrammingError):
        index.read(get_entries, [object()])  # type: ignore[list-item]  # the bug
    with pytest.raises(OverflowError):
        index.read(find_ids_in_range, 1, 2**64)


def test_a_wrong_statement_in_a_build_is_a_bug_and_not_a_full_disk(
    index: IndexFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "INSERT_PAPER", "INSERT INTO no_such_table VALUES (?)")
    with pytest.raises(sqlite3.OperationalError, match="no_such_table"):
        index.build(ENTRIES, fingerprints=STORE)
    assert index.is_current(STORE)


@pytest.mark.parametrize(
    "damage",
    ["DROP TABLE tags", "ALTER TABLE papers RENAME key TO name", "UPDATE words_config SET v = 99 WHERE k = 'version'"],
)
def test_a_wrong_statement_on_a_damaged_schema_is_a_corrupt_index(index: IndexFile, damage: str) -> None:
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute(damage)
    for read in (
        lambda: search_ids(index, "reasoning tag:rl key:x", order=RELEVANCE),
        lambda: index.read(lambda connection: connection.execute("SELECT no_such_column FROM papers")),
    ):
        with pytest.raises(IndexCorrupt):
            read()


@pytest.mark.parametrize(
    "damage",
    [
        *(f"UPDATE entries SET entry = '{blob}'" for blob in ("[]", "{", "null", str([*range(13)]))),
        "UPDATE entries SET entry = CAST(x'ff' AS TEXT)",
    ],
)
def test_a_row_that_cannot_be_decoded_is_corrupt(index: IndexFile, damage: str) -> None:
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute(damage)
        connection.execute("UPDATE documents SET loaded_at = 'soon'")
        connection.execute("UPDATE appearances SET date = 'soon' || id")
    for read in (
        lambda: index.read(get_entries, [1]),
        lambda: index.read(read_provenance),
        lambda: index.read(count_digests),
    ):
        with pytest.raises(IndexCorrupt):
            read()


def test_a_schema_with_a_name_that_is_not_utf8_is_corrupt(index: IndexFile) -> None:
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET name = CAST(x'f3f3' AS TEXT), sql = '?' WHERE name = 'papers'")
    with pytest.raises(IndexCorrupt):
        index.read(count_digests)
    assert not index.is_current(STORE)
    index.build(ENTRIES, PROVENANCE, STORE)
    assert index.is_current(STORE)


def test_a_file_that_is_no_database_is_corrupt(index: IndexFile) -> None:
    index.path.write_bytes(b"hello" * 1000)
    with pytest.raises(IndexCorrupt):
        index.read(count_digests)


def test_a_missing_index_is_unavailable_and_is_not_created(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "nowhere")
    for access in (
        lambda: index.read(count_digests),
        lambda: index.read(read_provenance),
        lambda: index.update([], STORE, LATER),
    ):
        with pytest.raises(IndexUnavailable):
            access()
    assert not list(tmp_path.iterdir())


def test_a_locked_index_is_unavailable(index: IndexFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LOCK_TIMEOUT_SECONDS", 0.0)
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(IndexUnavailable, match="locked"):
            index.read(count_digests)


def _flip_bit(data: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


DAMAGE: list[Callable[[bytes, random.Random], bytes]] = [
    _flip_bit,
    lambda data, rng: data[: rng.randrange(len(data))],
    lambda _data, _rng: b"",
    lambda data, rng: data[: (start := rng.randrange(len(data)))] + b"\0" * (len(data) - start),
]


@pytest.mark.heavy
@pytest.mark.parametrize("number", range(40))
def test_a_damaged_index_is_not_current_and_raises_only_that_it_is_corrupt(index: IndexFile, number: int) -> None:
    rng = random.Random(number)
    index.path.write_bytes(DAMAGE[number % len(DAMAGE)](index.path.read_bytes(), rng))
    assert not index.is_current(STORE)
    for text in ("reasoning", "tag:rl", "resoning", "", "데이타"):
        with contextlib.suppress(IndexFailure):
            search_ids(index, text, order=RELEVANCE)
    with contextlib.suppress(IndexFailure):
        index.update(ENTRIES, STORE, LATER)
    index.build(ENTRIES, PROVENANCE, STORE)
    assert index.is_current(STORE)
    assert search_ids(index, "") == NEWEST_FIRST


def test_the_integrity_check_compares_entries_and_definitions_with_the_store(index: IndexFile) -> None:
    def check(entries: list[Entry]) -> str:
        return integrity_error(index.path, IndexContents(entries, PROVENANCE))

    assert check(ENTRIES) == ""
    assert (
        check(ENTRIES[:4]) == check([*ENTRIES[:4], ENTRIES[4]._replace(tags=())]) == "its entries differ from the store"
    )
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO queries VALUES ('a', 'b', '2025-01-01T00:00:00+00:00', '')")
    assert check(ENTRIES) == "its definitions differ from the store"


SYNONYMS = {
    "사전학습": Synonyms(("사전학습", "Pre-training", 'a "quoted"\nword'), NOON),
    "kd": Synonyms(("KD", "knowledge distillation"), NOON),
}


def test_synonyms_are_read_from_the_index_as_the_store_has_them(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    writer.build(index.path, IndexContents(definitions=UserDefinitions(synonyms=SYNONYMS)), STORE)
    assert index.read(read_definitions).synonyms == SYNONYMS
    changes = UserDefinitions(synonyms={"kd": None, "a": Synonyms(("a", "b"), NOON)})
    writer.update(index.path, IndexContents(definitions=changes), STORE, LATER, progress=no_progress)
    expected = UserDefinitions(synonyms={"사전학습": SYNONYMS["사전학습"], "a": Synonyms(("a", "b"), NOON)})
    assert index.read(read_definitions) == expected
    assert integrity_error(index.path, IndexContents(definitions=expected)) == ""
    assert integrity_error(index.path, IndexContents()) == "its definitions differ from the store"


@pytest.mark.parametrize("words", ["", "x", "5", "[1]", "null", '{"a": '])
def test_a_row_of_synonyms_that_was_not_written_by_readlist_is_corruption(words: str) -> None:
    with pytest.raises(RowDecodeError):
        decode_synonyms("a", words, NOON.isoformat())


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        ("UPDATE word_lists SET words = CAST(words AS BLOB)", "reasoming"),
        ("UPDATE vocabulary SET papers = CAST('x' AS BLOB)", "reasoning"),
        ("UPDATE totals SET papers = 'x'", "reasoning"),
        ("UPDATE totals SET papers = -5", "reasoning"),
    ],
)
def test_a_value_that_words_or_totals_never_have_is_corruption(index: IndexFile, damage: str, word: str) -> None:
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute(damage)
        with pytest.raises(RowDecodeError):
            find(connection, parse(word, MAY), order=RELEVANCE, limit=None)


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        ("UPDATE entries SET entry = CAST(substr(entry, 1, 9) || 'x' || substr(entry, 11) AS BLOB)", "its entries"),
        ("DELETE FROM papers WHERE id = 5", "its entries"),
        ("UPDATE papers SET status = 'read' WHERE id = 1", "its entries"),
        ("UPDATE tags SET spelling = 'Rl' WHERE id = 1", "its tags"),
        ("DELETE FROM tags WHERE id = 1", "its tags"),
        ("UPDATE appearances SET source = 'other.txt' WHERE id = 1", "its digests"),
        ("UPDATE vocabulary SET papers = papers + 1 WHERE word = 'reasoning'", "its vocabulary"),
        ("DELETE FROM vocabulary WHERE word = 'reasoning'", "its vocabulary"),
        ("UPDATE vocabulary SET word = x'ff00' WHERE word = 'reasoning'", "its vocabulary"),
        ("UPDATE vocabulary SET word = x'' WHERE word = 'reasoning'", "its vocabulary"),
        ("DELETE FROM sounds WHERE word = 'reasoning'", "its sounds"),
        ("UPDATE sounds SET key = 'PPP' WHERE word = 'reasoning'", "its sounds"),
        ("INSERT INTO sounds VALUES ('PPP', 'reasoning')", "its sounds"),
        ("DELETE FROM acronyms WHERE short = 'kd'", "its acronyms"),
        ("UPDATE acronyms SET long = 'kernel density' WHERE short = 'kd'", "its acronyms"),
        ("UPDATE acronyms SET papers = 2 WHERE short = 'kd'", "its acronyms"),
        ("INSERT INTO acronyms VALUES ('a', 'b', 1)", "its acronyms"),
        ("UPDATE documents SET papers = 99", "its sources"),
        ("DELETE FROM deleted", "its deleted papers"),
        ("UPDATE deleted SET key = 'key-8'", "its deleted papers"),
        ("DELETE FROM merged", "its merged papers"),
        ("UPDATE merged SET id = 9 WHERE paper = 6", "its merged papers"),
        ("DELETE FROM identities WHERE id = 7", "its identity codes"),
        ("UPDATE identities SET code = code + 1 WHERE id = 6", "its identity codes"),
    ],
)
def test_the_integrity_check_compares_every_table(index: IndexFile, damage: str, error: str) -> None:
    others = [
        entry(
            6,
            "On Knowledge Distillation (KD)",
            merged=(PaperRef(8, "key-8"), PaperRef(8, "key-9")),
            identity_codes=(2,),
        ),
        entry(7, "Deleted", deleted_at=NOON, merged=(PaperRef(8, "key-8"),), identity_codes=(2, 5)),
    ]
    contents = IndexContents([*ENTRIES, *others], PROVENANCE)
    index.build(contents.entries, PROVENANCE, STORE)
    assert integrity_error(index.path, contents) == ""
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        assert connection.execute(damage).rowcount > 0
    assert integrity_error(index.path, contents).startswith(error)


@pytest.mark.parametrize("deleted", [{1, 2}, {3, 4}, {5}, {1, 2, 3, 4, 5}])
def test_the_integrity_check_reads_nothing_for_a_batch_of_deleted_papers(
    index: IndexFile, monkeypatch: pytest.MonkeyPatch, deleted: set[int]
) -> None:
    monkeypatch.setattr(integrity, "_BATCH", 2)
    entries = [e._replace(paper=e.paper._replace(deleted_at=NOON)) if e.paper.id in deleted else e for e in ENTRIES]
    index.build(entries, PROVENANCE, STORE)
    assert integrity_error(index.path, IndexContents(entries, PROVENANCE)) == ""


def test_an_error_while_the_entries_are_read_ends_the_integrity_check(index: IndexFile) -> None:
    def read() -> Iterator[Entry]:
        yield ENTRIES[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        integrity_error(index.path, IndexContents(read(), PROVENANCE))
    assert threading.active_count() == 1
    assert integrity_error(index.path, IndexContents(ENTRIES, PROVENANCE)) == ""


def test_the_integrity_check_of_a_file_that_is_no_database_fails(index: IndexFile) -> None:
    index.path.write_bytes(b"hello" * 1000)
    assert integrity_error(index.path, IndexContents(ENTRIES)) == "file is not a database"


# The file


def test_only_its_owner_can_read_it(index: IndexFile) -> None:
    assert stat.S_IMODE(index.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(index.path.parent.stat().st_mode) == 0o700
    assert list(index.path.parent.iterdir()) == [index.path]


def test_the_journal_of_a_killed_process_does_not_reach_a_new_index(index: IndexFile) -> None:
    journal = index.path.with_name("index.sqlite-journal")
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE entries SET entry = zeroblob(200000)")
        abandoned = journal.read_bytes()
    journal.write_bytes(abandoned)
    index.build(ENTRIES, PROVENANCE, STORE)
    assert list(index.path.parent.iterdir()) == [index.path]
    assert search_ids(index, "") == NEWEST_FIRST


def test_the_temporary_file_of_a_killed_rebuild_is_removed_and_one_in_use_stays(index: IndexFile) -> None:
    abandoned = index.path.with_name("index.sqlite.old.new")
    abandoned.touch()
    with writer._temporary_path(index.path) as used:
        index.build(ENTRIES, PROVENANCE, STORE)
        assert (abandoned.exists(), used.exists()) == (False, True)


def test_where_no_index_can_be_created_it_is_an_operating_system_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r".+"):
        IndexFile(tmp_path / "file" / "index.sqlite").build(ENTRIES)


def test_a_failed_rebuild_leaves_the_old_index_and_no_temporary_file(index: IndexFile) -> None:
    with pytest.raises(ZeroDivisionError):
        index.build((ENTRIES[1 // zero] for zero in (1, 0)), fingerprints=("new", "new", ""))
    assert index.is_current(STORE)
    assert list(index.path.parent.iterdir()) == [index.path]


def test_a_failed_update_changes_nothing(index: IndexFile) -> None:
    with pytest.raises(ZeroDivisionError):
        index.update((ENTRIES[1 // zero] for zero in (1, 0)), STORE, LATER)
    assert index.is_current(STORE)


@pytest.mark.heavy
def test_concurrent_readers_never_see_an_error_or_half_an_update(index: IndexFile) -> None:
    counts: list[int] = []
    is_finished = threading.Event()

    def read() -> None:
        while not is_finished.is_set():
            counts.append(len(search_ids(index, "tag:rl")))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in readers:
        thread.start()
    for turn in range(60):
        tags = ("rl",) if turn % 2 else ()
        index.update([one._replace(tags=tags) for one in ENTRIES], STORE, STORE)
        assert index.is_current(STORE)
        if turn % 20 == 0:
            index.build([one._replace(tags=()) for one in ENTRIES], fingerprints=STORE)
    is_finished.set()
    for thread in readers:
        thread.join()
    assert set(counts) <= {3, 0, 5}
    assert len(counts) > 2


# An update equals a rebuild

WORDS = [
    "reasoning", "Pre-training", "μnit", "강화학습을", "c++", "it's", "C#", "|", "+", "a/b", "", "penalty의", "x" * 70,
    "policy", "Policy Optimization (PO)", "policy optimization (po)", "policy optimizations (POs)", "(PO)",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
days = st.sampled_from([None, FEBRUARY, MAY])


merged_papers = st.lists(st.builds(PaperRef, st.integers(1, 6), st.sampled_from(["a-1", "b-2"])), max_size=2)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    id_ = draw(st.integers(1, 4))
    digests = draw(st.lists(st.builds(Appearance, days, st.sampled_from(["a.txt", "b.txt"])), max_size=2, unique=True))
    tags = draw(st.lists(st.sampled_from(["rl", "RL", "c++", "object_detection"]), max_size=2, unique_by=str.casefold))
    paper = Paper(
        draw(texts),
        tuple(draw(st.lists(texts, max_size=2))),
        draw(texts),
        draw(st.dictionaries(st.sampled_from(["ko", "en"]), texts)),
        tuple(tags),
        id=id_,
        key=f"key-{id_}",
        digests=tuple(digests),
        doi=draw(st.sampled_from(["", "10.1145/a"])),
        merged=tuple(draw(merged_papers)),
        deleted_at=draw(st.sampled_from([None, None, NOON])),
    )
    at = draw(st.sampled_from([None, NOON]))
    mark = Mark(paper.key, draw(st.sampled_from(Status)), at, note=draw(texts), note_at=at, tags_added=("own",))
    return Entry(paper, mark, draw(st.sampled_from([paper.tags, (*paper.tags, "own")])))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(entries(), max_size=4, unique_by=lambda one: one.paper.id),
    st.lists(st.lists(entries(), max_size=3, unique_by=lambda one: one.paper.id)),
)
def test_any_updates_leave_what_a_rebuild_would_create(first: list[Entry], updates: list[list[Entry]]) -> None:
    with TemporaryDirectory() as directory:
        updated, rebuilt = IndexFile(Path(directory, "updated")), IndexFile(Path(directory, "rebuilt"))
        updated.build(sorted(first, key=lambda one: one.paper.id), fingerprints=STORE)
        model = {one.paper.id: one for one in first}
        for update in updates:
            updated.update(update, STORE, STORE, PROVENANCE)
            model |= {one.paper.id: one for one in update}
        rebuilt.build([model[id_] for id_ in sorted(model)], PROVENANCE if updates else Provenance(), STORE)
        assert contents(updated.path) == contents(rebuilt.path)
        assert updated.is_current(STORE)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(entries(), max_size=4, unique_by=lambda one: one.paper.id),
    st.lists(
        st.tuples(st.sets(st.integers(1, 4)), st.lists(entries(), max_size=2, unique_by=lambda one: one.paper.id))
    ),
)
def test_removed_papers_leave_what_a_rebuild_would_create(
    first: list[Entry], updates: list[tuple[set[int], list[Entry]]]
) -> None:
    with TemporaryDirectory() as directory:
        updated, rebuilt = IndexFile(Path(directory, "updated")), IndexFile(Path(directory, "rebuilt"))
        updated.build(sorted(first, key=lambda one: one.paper.id), fingerprints=STORE)
        model = {one.paper.id: one for one in first}
        for ids, added in updates:
            removed = ids & model.keys() - {one.paper.id for one in added}
            updated.update(added, STORE, STORE, removed=removed)
            model = {id_: one for id_, one in model.items() if id_ not in removed}
            model |= {one.paper.id: one for one in added}
        rebuilt.build([model[id_] for id_ in sorted(model)], fingerprints=STORE)
        assert contents(updated.path) == contents(rebuilt.path)
        assert updated.is_current(STORE)


def test_an_edit_of_nothing_but_the_case_of_an_acronym_changes_its_definition(tmp_path: Path) -> None:
    index = IndexFile(tmp_path / "index.sqlite")
    index.build([entry(1, "Policy optimization (PO)"), entry(2, "On policy optimization (PO)")], fingerprints=STORE)

    def read_acronyms() -> list[tuple[str, str, int]]:
        return index.read(lambda connection: connection.execute("SELECT * FROM acronyms").fetchall())

    assert read_acronyms() == [("po", "policy optimization", 2)]
    index.update([entry(1, "Policy optimization (po)")], STORE, LATER)
    assert read_acronyms() == [("po", "policy optimization", 1)]
    index.update([entry(1, "Policy optimization (PO)")], LATER, LATEST, removed=[2])
    assert read_acronyms() == [("po", "policy optimization", 1)]
    index.update([entry(1, "Policy optimization")], LATEST, STORE)
    assert read_acronyms() == []


def test_where_most_papers_of_a_large_index_are_removed_it_stays_stale(
    index: IndexFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH", 4)
    with pytest.raises(IndexStale, match="most papers were removed"):
        index.update([], STORE, LATER, removed=[1, 2, 3])
    assert index.is_current(STORE)
    index.update([], STORE, LATER, removed=[1, 2])
    assert sorted(search_ids(index, "")) == [3, 4, 5]


@given(entries())
def test_an_encoded_entry_is_decoded_unchanged(one: Entry) -> None:
    assert decode_entry(one.paper.id, encode_entry(one)) == one
    assert decode_ref(one.paper.id, encode_entry(one)) == one.paper.ref


@given(entries(), st.data())
def test_an_entry_with_a_flipped_bit_or_in_the_row_of_another_is_not_decoded(one: Entry, data: st.DataObject) -> None:
    blob = bytearray(encode_entry(one))
    for decode in (decode_entry, decode_ref):
        with pytest.raises(RowDecodeError, match="in the row of another"):
            decode(one.paper.id + 1, bytes(blob))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    for decode in (decode_entry, decode_ref):
        with pytest.raises(RowDecodeError, match="checksum"):
            decode(one.paper.id, bytes(blob))


@pytest.mark.parametrize(
    ("damage", "items"),
    [
        ("UPDATE papers SET arxiv = '1234.56789' WHERE id = 2", ["arXiv:1234.56789"]),
        ("UPDATE papers SET key = 'key-4x' WHERE id = 4", ["key-4x"]),
        ("DELETE FROM entries WHERE id = 2", ["1-3"]),
    ],
)
def test_items_that_lead_to_another_paper_than_they_name_are_corruption(
    index: IndexFile, damage: str, items: list[str]
) -> None:
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute(damage)
    with pytest.raises(IndexCorrupt):
        index.read(resolve_items, items)


def test_an_entry_that_is_missing_is_corruption_and_not_left_out(index: IndexFile) -> None:
    with contextlib.closing(sqlite3.connect(index.path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM entries WHERE id = 2")
    with pytest.raises(IndexCorrupt, match="without an entry"):
        search_ids(index, "")


def test_an_intact_index_has_the_expected_schema_also_after_an_update(index: IndexFile) -> None:
    for _ in range(2):
        assert index.read(schema.read_schema) == schema.expected_schema()
        index.update([ENTRIES[0]._replace(tags=("new",))], STORE, STORE)


def test_metadata_has_the_format_and_the_fingerprints(index: IndexFile) -> None:
    def read_metadata(connection: Connection) -> dict[str, Any]:
        return dict(connection.execute("SELECT name, value FROM metadata"))

    fingerprints = {"papers": "papers-1", "marks": "marks-1", "people": ""}
    assert index.read(read_metadata) == {"format": schema.FORMAT, **fingerprints}
