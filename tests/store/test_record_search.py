"""Searching papers.json for single records: the same as reading all of it, for any content."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.store import record_search
from readlist.store.format import META, META_ID, SCHEMA, Tables
from readlist.store.record_search import find_records
from tests.store_bytes import serialize

META_TABLE = {META: {META_ID: {"schema": SCHEMA}}}
ids = st.integers(1, 60)
records = st.fixed_dictionaries({"title": st.text(max_size=400), "n": st.integers(0, 9)})
papers = st.dictionaries(ids.map(str), records, max_size=40)
others = st.dictionaries(st.sampled_from(["/a", "https://b", "/1", '7":{', "12x", "3", "/\n"]), records, max_size=4)
orders = st.permutations(["documents", "sources"])


@st.composite
def files(draw: st.DrawFn) -> tuple[Tables, bytes]:
    tables = {"papers": draw(papers), "documents": draw(others), "sources": draw(others)}
    ordered = META_TABLE | {name: tables[name] for name in (*draw(orders), "papers")}
    return ordered, serialize(ordered)


@pytest.fixture(autouse=True, scope="module")
def _short_linear_part() -> Any:
    """Halve small files too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_search, "_LINEAR_BYTES", 64)
        yield


@given(files(), st.sets(ids, max_size=8))
def test_any_records_are_found_in_any_file(file: tuple[Tables, bytes], wanted: set[int]) -> None:
    tables, data = file
    expected = {id_: tables["papers"][str(id_)] for id_ in wanted if str(id_) in tables["papers"]}
    assert find_records(io.BytesIO(data), "papers", wanted) == expected


@given(files(), st.sets(ids, max_size=8), st.data())
def test_what_is_found_in_a_corrupt_file_is_intact(
    file: tuple[Tables, bytes], wanted: set[int], data: st.DataObject
) -> None:
    """The other records may be found or not: the caller reads the whole file for them."""
    tables, intact = file
    place = data.draw(st.integers(0, len(intact) - 1))
    corrupt = data.draw(
        st.sampled_from(
            [
                intact[:place],
                intact[:place] + bytes([intact[place] ^ 1 << data.draw(st.integers(0, 7))]) + intact[place + 1 :],
                intact[:place] + bytes(len(intact) - place),
                intact[place:],
                intact + intact,
            ]
        )
    )
    for id_, record in find_records(io.BytesIO(corrupt), "papers", wanted).items():
        assert record == tables["papers"][str(id_)]


def test_a_file_of_an_older_schema_is_left_to_the_migrations() -> None:
    tables: Tables = {META: {META_ID: {"schema": 3}}, "papers": {"1": {"title": "a"}}}
    assert find_records(io.BytesIO(serialize(tables)), "papers", [1]) == {}


def test_papers_of_the_previous_schema_are_found_as_they_need_no_upgrade() -> None:
    tables: Tables = {META: {META_ID: {"schema": 4}}, "papers": {"1": {"title": "a"}}}
    assert find_records(io.BytesIO(serialize(tables)), "papers", [1]) == {1: {"title": "a"}}


def test_a_search_reads_a_small_part_of_a_large_file() -> None:
    class CountingFile(io.BytesIO):
        read_bytes = 0

        def readline(self, *args: Any) -> bytes:
            line = super().readline(*args)
            self.read_bytes += len(line)
            return line

        __next__ = readline

    tables = META_TABLE | {"papers": {str(id_): {"abstract": "x" * 1000} for id_ in range(1, 5_001)}}
    file = CountingFile(serialize(tables))
    assert find_records(file, "papers", [4_321]).keys() == {4_321}
    assert file.read_bytes < 60_000
