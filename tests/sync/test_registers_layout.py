"""The files of the branch: lines with checksums, their names, and the file of the format."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import StoreError
from readlist.sync import layout

_keys = st.builds("{}-{:06x}".format, st.sampled_from(["a", "b", "가"]), st.integers(0, 0xFFFFFF))
_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
_marks = st.dictionaries(
    st.sampled_from(["status", "starred", "later"]), st.lists(st.integers(0, 9) | _names, max_size=3)
)
_registers = st.tuples(st.integers(0, 9), st.text(max_size=4)).map(list)


@given(st.dictionaries(_keys, _marks, max_size=5))
def test_marks_are_read_as_they_were_written(marks: dict[str, Any]) -> None:
    blob = layout.write_lines("marks", marks)

    assert layout.read_lines("marks", blob) == (marks, 0)
    assert layout.replace_lines("marks", blob, {}) == blob
    assert blob.count(b"\n") == len(marks)


@given(st.dictionaries(_names, _registers, max_size=5), st.dictionaries(_names, st.none() | _registers, max_size=5))
def test_replacing_lines_is_writing_the_changed_records(before: dict[str, Any], changes: dict[str, Any]) -> None:
    after = {name: value for name, value in {**before, **changes}.items() if value is not None}

    blob = layout.replace_lines("synonyms", layout.write_lines("synonyms", before), changes)

    assert blob == layout.write_lines("synonyms", after)
    assert layout.split_lines(blob).keys() == after.keys()


@given(st.dictionaries(_keys, _marks, min_size=2, max_size=5), st.data())
def test_a_damaged_byte_costs_one_line(marks: dict[str, Any], data: st.DataObject) -> None:
    blob = bytearray(layout.write_lines("marks", marks))
    position = data.draw(st.integers(0, len(blob) - 1).filter(lambda number: blob[number] != ord("\n")))
    blob[position] ^= 0x01

    records, damaged = layout.read_lines("marks", bytes(blob))

    assert damaged >= 1
    assert len(records) == len(marks) - 1
    assert records.items() <= marks.items()


def _line(text: str) -> bytes:
    """A line of marks with a checksum that fits, whatever it contains."""
    return b'%b"sum":"%08x"}\n' % (text.encode(), zlib.crc32(text.encode(), zlib.crc32(b"marks")))


@pytest.mark.parametrize(
    "text",
    [
        '"a":1,"b":{',  # two keys
        '"a":{},"b":{',
        '"a":[',
        '"a":{"x":1},{"b":{"y":2,',  # more than one record
        '"a":{"x":[1,',
        "",
        '{"a":{',
        '"a":{"sum":"00000000"},{',
    ],
)
def test_a_line_that_is_no_record_is_damaged_though_its_checksum_fits(text: str) -> None:
    whole = layout.write_lines("marks", {"b-5d589f": {"starred": [1, True, None]}})

    assert layout.read_lines("marks", _line(text) + whole) == ({"b-5d589f": {"starred": [1, True, None]}}, 1)


def test_of_two_lines_with_one_key_one_is_read_and_one_is_damaged() -> None:
    blob = layout.write_lines("same", {"a b": [1, True]}) + layout.write_lines("same", {"a b": [2, False]})

    assert layout.read_lines("same", blob) == ({"a b": [2, False]}, 1)


def test_a_line_of_another_table_is_damaged() -> None:
    assert layout.read_lines("queries", layout.write_lines("aliases", {"a": [1, "b", None]})) == ({}, 1)


@pytest.mark.parametrize(
    "path",
    [
        *("format", "marks/00", "marks/3f1", "queries", "aliases", "synonyms", "sources", "same", "papers/2025-05"),
        *("papers/undated", "people/kim/marks/ff", "people/김철수/marks/00", "people/j.kim-2/marks/00"),
    ],
)
def test_the_files_of_the_layout_are_read(path: str) -> None:
    assert layout.is_own_path(path)


@pytest.mark.parametrize(
    "path",
    [
        *("README.md", ".gitattributes", "marks", "marks/", "marks/zz", "marks/0/1", "marks/../format", "/format"),
        *("people/kim/papers/2025-05", "people/../marks/00", "people/.git/marks/00", "people/a/b/marks/00"),
        *("", "format\n", "people/a b/marks/00", "people/\x1b[31m/marks/00", f"people/{'a' * 41}/marks/00"),
    ],
)
def test_no_other_file_is_read(path: str) -> None:
    assert not layout.is_own_path(path)


@given(_keys, st.integers(1, 4))
def test_a_mark_has_one_file_that_is_read(key: str, digits: int) -> None:
    for directory in ("marks", "people/kim/marks"):
        assert layout.is_own_path(f"{directory}/{layout.shard(key, digits)}")
    assert len(layout.shard("a key without a hash", digits)) == digits


@pytest.mark.parametrize("branch", [layout.Format(), layout.Format(3), layout.Format(is_lab=True)])
def test_the_format_says_how_many_digits_name_a_file_and_whether_it_is_a_lab(branch: layout.Format) -> None:
    assert layout.parse_format(layout.write_format(branch)) == branch


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        (b"", "damaged file: format"),
        (b"[]", "damaged file: format"),
        (b"\xff", "damaged file: format"),
        (b'{"readlist":1}', "damaged file: format"),
        (b'{"readlist":true,"digits":2}', "damaged file: format"),
        (b'{"readlist":1,"digits":64}', "damaged file: format"),
        (b'{"readlist":2,"shards":"new"}', "newer version of readlist: format 2"),
    ],
)
def test_a_damaged_or_newer_format_is_not_read(blob: bytes, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        layout.parse_format(blob)
