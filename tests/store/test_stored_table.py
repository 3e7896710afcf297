"""A file as it was saved is not parsed: the same as parsing it, for any tables and changes, and for any damage."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import Busy
from readlist.store import format as file_format
from readlist.store import record_search, stored_lines, stored_table
from readlist.store.format import META, META_ID, SCHEMA, AnyTables, Tables
from readlist.store.record_lines import decode_line, encode_line, heading, table_seed
from readlist.store.stored_table import find_by_field, find_by_list, last_id, open_tables, with_changes
from tests.store_bytes import serialize

PATH = Path("papers.json")
SIZE = f"{0:012x}"
EMPTY = ["00000000", SIZE, 0]
"""What the metadata say about an empty table."""
NAMES = ("documents", "papers")
numbers = st.integers(1, 60).map(str)
texts = st.one_of(
    st.sampled_from(["/a", "https://b", '7":{', "12x", "012", "0", "²", "\\", 'a"', "/\n", "학습", "\U0001f600", "￿"]),
    numbers,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=4),
)
records = st.fixed_dictionaries({"title": st.text(max_size=60), "n": st.integers(0, 9)})
papers = st.dictionaries(numbers, records, max_size=30)
documents = st.dictionaries(texts, records, max_size=8)
changes = st.dictionaries(st.one_of(numbers, texts), st.none() | records, max_size=8)


@pytest.fixture(autouse=True, scope="module")
def _small_parts() -> Iterator[None]:
    """Search, and read in several blocks, in small files too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_search, "_LINEAR_BYTES", 64)
        patch.setattr(stored_lines, "BYTES_PER_SEARCH", 20)
        patch.setattr(stored_table, "_BATCH", 3)
        patch.setattr(stored_lines, "_BLOCK", 50)
        patch.setattr(stored_lines, "_LINE_BYTES", 10)
        yield


def tables_of(documents: Mapping[str, Any], papers: Mapping[str, Any]) -> AnyTables:
    return {META: {META_ID: {"schema": SCHEMA}}, "documents": documents, "papers": papers}


def opened(data: bytes) -> AnyTables | None:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        return open_tables(PATH, file, NAMES)


def stored(tables: AnyTables) -> AnyTables:
    read = opened(serialize(tables))
    assert read is not None
    return read


def parsed(data: bytes) -> Tables:
    content = file_format.parse(data.splitlines(keepends=True), NAMES)
    assert content.is_valid
    return content.tables


@given(documents, papers, st.lists(st.tuples(st.sampled_from(NAMES), changes), max_size=3))
def test_a_change_writes_what_serializing_the_changed_records_writes(
    documents: dict[str, Any], papers: dict[str, Any], steps: list[tuple[str, dict[str, Any]]]
) -> None:
    expected = dict(tables_of(documents, papers))
    present = dict(stored(expected))
    for name, changed in steps:
        expected[name] = with_changes(expected[name], changed)
        present[name] = with_changes(present[name], changed)
    data = serialize(present)
    assert data == serialize(expected)
    assert parsed(data)["papers"] == expected["papers"]
    assert opened(data) is not None


@given(documents, changes, st.lists(texts, max_size=6))
def test_a_table_is_the_mapping_of_its_records(
    known: dict[str, Any], changed: dict[str, Any], asked: list[str]
) -> None:
    expected = with_changes(known, changed)
    table = with_changes(stored(tables_of(known, {}))["documents"], changed)
    for id_ in [*asked, *known, *changed]:
        assert table.get(id_) == expected.get(id_)
        assert (id_ in table) == (id_ in expected)
    assert len(table) == len(expected)
    assert last_id(table) == last_id(expected)
    assert table == expected
    assert dict(table.items()) == expected
    assert sorted(map(repr, table.values())) == sorted(map(repr, expected.values()))
    assert set(table) == expected.keys()


@given(documents, changes, st.sets(st.integers(0, 9).map(str)))
def test_records_are_found_by_the_text_of_a_field(
    known: dict[str, Any], changed: dict[str, Any], values: set[str]
) -> None:
    def with_texts(records: Mapping[str, Any]) -> dict[str, Any]:
        """Return the records with a number as text, and another one in a nested record."""
        return {
            id_: record and {"merged": [{"key": str(9 - record["n"])}], "key": str(record["n"]), **record}
            for id_, record in records.items()
        }

    expected = with_changes(with_texts(known), with_texts(changed))
    table = with_changes(stored(tables_of(with_texts(known), {}))["documents"], with_texts(changed))
    assert find_by_field(table, "key", values) == find_by_field(expected, "key", values)
    assert find_by_field(expected, "key", values).keys() == {id_ for id_, r in expected.items() if r["key"] in values}


@given(documents, changes, st.sets(st.integers(0, 9).map(str)))
def test_records_are_found_by_a_list_of_texts(known: dict[str, Any], changed: dict[str, Any], wanted: set[str]) -> None:
    def with_lists(records: Mapping[str, Any]) -> dict[str, Any]:
        """Return the records with a number in a list of texts, of which some have brackets and quotes."""
        return {
            id_: record
            and {"merged": [{"tags": ["a"]}], "tags": [']"' * (record["n"] % 3), str(record["n"])], **record}
            for id_, record in records.items()
        }

    def is_wanted(tags: list[str]) -> bool:
        return not wanted.isdisjoint(tags)

    expected = with_changes(with_lists(known), with_lists(changed))
    table = with_changes(stored(tables_of(with_lists(known), {}))["documents"], with_lists(changed))
    assert find_by_list(table, "tags", is_wanted) == find_by_list(expected, "tags", is_wanted)
    assert find_by_list(expected, "tags", is_wanted) == {id_: r for id_, r in expected.items() if is_wanted(r["tags"])}


@given(papers, changes, changes)
def test_a_later_change_leaves_the_table_before_it_as_it_was(
    known: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    table = with_changes(stored(tables_of({}, known))["papers"], first)
    with_changes(table, second)
    assert table == with_changes(known, first)


@given(documents, papers, st.data())
def test_a_file_of_which_one_byte_is_different_is_parsed_line_by_line(
    documents: dict[str, Any], papers: dict[str, Any], data: st.DataObject
) -> None:
    intact = serialize(tables_of(documents, papers))
    place = data.draw(st.integers(0, len(intact) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                intact[:place] + bytes([intact[place] ^ 1 << data.draw(st.integers(0, 7))]) + intact[place + 1 :],
                intact[:place],
                intact[:place] + b"\n" + intact[place:],
                intact + intact[place:],
            ]
        )
    )
    assert opened(changed) is None


@pytest.mark.parametrize(
    "sums",
    [
        None,
        {},
        [],
        "documents",
        {"papers": EMPTY, "documents": EMPTY},
        {"documents": EMPTY},
        {"documents": EMPTY, "papers": EMPTY, "marks": EMPTY},
        *(
            {"documents": value, "papers": EMPTY}
            for value in (
                None,
                0,
                "00000000",
                [],
                EMPTY[:2],
                [*EMPTY, 0],
                [0, SIZE, 0],
                ["0000000", SIZE, 0],
                ["0000000G", SIZE, 0],
                ["00000001", SIZE, 0],
                ["00000000", 0, 0],
                ["00000000", "0", 0],
                ["00000000", f"{1:012x}", 0],
                ["00000000", f"{-1:012x}", 0],
                ["00000000", "f" * 12, 0],
                ["00000000", SIZE, "0"],
                ["00000000", SIZE, -1],
                ["00000000", SIZE, 0.0],
                ["00000000", SIZE, False],
                ["00000000", SIZE, 1],
                ["00000000", SIZE, 10**15],
                {"00000000": 0},
            )
        ),
    ],
)
def test_a_file_whose_metadata_have_no_checksums_that_fit_is_parsed_line_by_line(sums: Any) -> None:
    metadata = {"schema": SCHEMA, "tables": sums}
    header = heading(META, is_first=True) + encode_line(META_ID, metadata, table_seed(META))
    rest = b"".join(heading(name, is_first=False) for name in NAMES)
    assert opened(header + rest + b"}}\n") is None
    metadata["tables"] = {"documents": EMPTY, "papers": EMPTY}
    header = heading(META, is_first=True) + encode_line(META_ID, metadata, table_seed(META))
    assert opened(header + rest + b"}}\n") is not None


@pytest.mark.parametrize("schema", [SCHEMA - 1, SCHEMA + 1, "7", None, True])
def test_a_file_of_another_schema_is_parsed_line_by_line(schema: Any) -> None:
    assert opened(serialize({**tables_of({}, {}), META: {META_ID: {"schema": schema}}})) is None


def test_one_record_is_found_in_a_small_part_of_a_large_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in ((record_search, "_LINEAR_BYTES", 1 << 14), (stored_lines, "BYTES_PER_SEARCH", 15_000)):
        monkeypatch.setattr(module, name, value)
    table = stored(tables_of({}, {str(id_): {"abstract": "x" * 1000, "n": id_} for id_ in range(1, 5_001)}))["papers"]
    decoded: list[bytes] = []

    def decode(line: bytes, seed: int) -> Any:
        decoded.append(line)
        return decode_line(line, seed)

    monkeypatch.setattr(stored_lines, "decode_line", decode)
    assert table["4321"]["n"] == 4321
    assert (len(table), last_id(table), table.get("9999")) == (5_000, 5_000, None)
    assert len(decoded) < 10


def test_a_file_that_changes_while_it_is_read_is_no_longer_used(tmp_path: Path) -> None:
    path = tmp_path / "papers.json"
    path.write_bytes(serialize(tables_of({}, {"1": {"title": "a"}, "2": {"title": "b"}})))
    with path.open("rb") as file:
        tables = open_tables(path, file, NAMES)
    assert tables
    path.write_bytes(path.read_bytes().replace(b'"title":"a"', b'"title":"c"'))
    with pytest.raises(Busy, match="replaced by another program"):
        tables["papers"]["1"]
    papers = with_changes(tables["papers"], {"2": {"title": "d"}})
    with pytest.raises(Busy, match="replaced by another program"):  # its checksum would be that of the other bytes
        serialize({**tables, "papers": papers})
