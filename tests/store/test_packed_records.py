"""Packed records: a load whose records are in a temporary file saves, reports and undoes the same as one in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

from readlist.models import Appearance, Paper
from readlist.reports import MergeResult
from readlist.store import Store, matching, packed_records
from readlist.store.format import record_sum
from readlist.store.packed_records import RecordSpool, unpacked
from tests.store.changes import merge

RECORD = {"title": "조석", "digests": [{"date": None, "source": "a.txt", "hashes": ["00"]}], "authors": ["Ada"]}


def papers() -> list[Paper]:
    """Some papers, a repeated one and one that adds to another."""
    first = Paper("Tides", ("Ada",), "Rise.", {"ko": "조석"}, digests=(Appearance(None, "a.txt"),))
    others = [first._replace(title=f"Tides {number}", tags=("moon",)) for number in range(5)]
    again = first._replace(digests=(Appearance(None, "b.txt"),), arxiv_id="2502.06781")
    return [first, *others, again, others[2]]


def load(directory: Path) -> tuple[MergeResult, str]:
    store = Store(directory / "data", directory / "state")
    result = merge(store.papers, papers())
    result = result._replace(added=tuple(result.added), updated=tuple(result.updated))
    tables = store.papers.file.read_content().tables
    for record in tables["papers"].values():
        record.pop("loaded_at")
    return result, repr(tables["papers"])


def without_times(result: MergeResult) -> MergeResult:
    return result._replace(added=tuple(paper._replace(loaded_at=None) for paper in result.added))


def test_packed_records_are_saved_and_reported_as_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory, saved = load(tmp_path / "memory")
    monkeypatch.setattr(matching, "MAX_IN_MEMORY", 0)
    packed, packed_saved = load(tmp_path / "packed")
    assert without_times(packed) == without_times(in_memory)
    assert packed_saved == saved


@pytest.mark.parametrize("tail", [0, 300, 1 << 20])
def test_records_come_back_as_they_were_packed(monkeypatch: pytest.MonkeyPatch, tail: int) -> None:
    monkeypatch.setattr(packed_records, "_MAX_TAIL", tail)
    spool = RecordSpool()
    packed = [spool.pack(RECORD | {"number": number}, str(number)) for number in range(9)]
    for number, record in enumerate(packed):
        assert unpacked(record) == dict(record) == RECORD | {"number": number}
        assert (record["number"], len(record), record_sum(record), bool(record)) == (number, 4, str(number), True)


def test_records_stay_in_memory_where_no_temporary_file_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> NoReturn:
        raise OSError("disk full")

    monkeypatch.setattr(packed_records, "_MAX_TAIL", 0)
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    spool = RecordSpool()
    assert [spool.pack(RECORD, None).unpack() for _ in range(3)] == [RECORD] * 3
