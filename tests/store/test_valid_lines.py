"""Reading store files record by record: what parsing finds wrong is never accepted, also where all lines are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.store import valid_lines
from readlist.store.format import META, META_ID, SCHEMA, Tables, parse
from readlist.store.papers import PAPERS, TABLES
from readlist.store.records import RecordValidator
from readlist.store.valid_lines import UnusualFile, ValidLines
from tests.store_bytes import serialize

DOCUMENT = {"loaded_at": "2025-02-11T08:00:00Z"}


def paper(number: int, **fields: Any) -> dict[str, Any]:
    return {"key": f"paper-{number}", "title": f"Paper {number}", "digests": [], **fields}


def tables(papers: dict[str, dict[str, Any]], schema: int = SCHEMA) -> Tables:
    documents = {"/a.txt": DOCUMENT, "/b.txt": DOCUMENT}
    return {META: {META_ID: {"schema": schema}}, "documents": documents, "sources": {}, PAPERS: papers}


CONTENT = tables({str(number): paper(number) for number in (1, 2, 3, 20)})
LINES = serialize(CONTENT).splitlines(keepends=True)
OTHER_LINES = serialize(tables({"2": paper(2, title="Another"), "4": paper(3)})).splitlines(keepends=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "papers.json"
    path.write_bytes(b"".join(LINES))
    return path


def is_accepted(lines: ValidLines, path: Path) -> bool:
    try:
        lines.check(path)
    except UnusualFile:
        return False
    return True


def is_intact(content: bytes) -> bool:
    """Return whether parsing finds nothing wrong with a file."""
    return parse(content.splitlines(keepends=True), TABLES, RecordValidator()).is_valid


def test_all_tables_are_read_as_they_were_saved(path: Path) -> None:
    lines = ValidLines(TABLES)
    for _ in range(2):
        read = {name: dict(records) for name, records in lines.read(path)}
        assert {name: read[name] for name in TABLES} == {name: CONTENT[name] for name in TABLES}
        assert list(read[PAPERS]) == ["1", "2", "3", "20"]
        assert read[META][META_ID]["schema"] == SCHEMA


def test_the_ids_of_a_table_are_read(path: Path) -> None:
    assert ValidLines(TABLES).read_ids(path, PAPERS) == {"1", "2", "3", "20"}
    assert ValidLines(TABLES).read_ids(path, "sources") == set()


def test_a_known_line_is_not_validated_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ValidLines(TABLES)
    lines.check(path)
    validated = []

    def note(table: str, id_: str, _record: object) -> str:
        validated.append((table, id_))
        return ""

    monkeypatch.setattr(valid_lines, "record_error", note)
    changed = {**CONTENT[PAPERS], "2": paper(2, title="Changed")}
    path.write_bytes(serialize(tables(changed)))
    lines.check(path)
    assert validated == [(META, META_ID), (PAPERS, "2")]


@pytest.mark.parametrize(
    "papers",
    [
        {"1": paper(1), "2": paper(1)},
        {"1": paper(1, title=5)},
        {"01": paper(1)},
        {"1": paper(1, loaded_at="2025-02-11")},
    ],
    ids=["repeated key", "type", "ID", "time"],
)
def test_an_invalid_record_behind_a_right_checksum_is_not_accepted(path: Path, papers: dict[str, Any]) -> None:
    path.write_bytes(serialize(tables(papers)))
    assert not is_accepted(ValidLines(TABLES), path)


def test_two_known_lines_with_the_same_key_are_not_accepted_in_one_file(path: Path) -> None:
    lines = ValidLines(TABLES)
    first, second = {"1": paper(1)}, {"2": paper(1)}
    for papers in (first, second):
        path.write_bytes(serialize(tables(papers)))
        assert is_accepted(lines, path)
    path.write_bytes(serialize(tables(first | second)))
    assert not is_accepted(lines, path)


@pytest.mark.parametrize("schema", [SCHEMA - 1, SCHEMA + 1])
def test_a_file_of_another_schema_is_left_to_parsing(path: Path, schema: int) -> None:
    path.write_bytes(serialize(tables({"1": paper(1)}, schema)))
    assert not is_accepted(ValidLines(TABLES), path)


def test_a_file_that_cannot_be_read_is_left_to_parsing(tmp_path: Path) -> None:
    assert not is_accepted(ValidLines(TABLES), tmp_path / "missing")
    assert not is_accepted(ValidLines(TABLES), tmp_path)


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """Draw a file of lines of two valid files, some of them left out, repeated or elsewhere, or with a flipped bit."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        index = draw(st.integers(0, len(lines) - 1))
        line = draw(st.sampled_from([*LINES, *OTHER_LINES, b"\n", b"{}\n"]))
        match draw(st.sampled_from(["delete", "insert", "replace", "swap", "flip"])):
            case "delete" if len(lines) > 1:
                del lines[index]
            case "insert":
                lines.insert(index, line)
            case "replace":
                lines[index] = line
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[index], lines[other] = lines[other], lines[index]
            case "flip" if lines[index]:
                changed = bytearray(lines[index])
                changed[draw(st.integers(0, len(changed) - 1))] ^= 1 << draw(st.integers(0, 7))
                lines[index] = bytes(changed)
            case _:
                pass
    return b"".join(lines)


@given(damaged_files())
def test_what_parsing_finds_corrupt_is_not_accepted_though_its_lines_are_known(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("valid-lines") / "papers.json"
    lines = ValidLines(TABLES)
    for known in (LINES, OTHER_LINES):
        path.write_bytes(b"".join(known))
        assert is_accepted(lines, path)
    path.write_bytes(content)
    assert not is_accepted(lines, path) or is_intact(content)
