"""A load compares papers with the candidates that their identity codes find: the same result as with all papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.models import Appearance, FieldCorrection, Paper
from readlist.sources import LoadedDocument, Provenance
from readlist.store import paper_records, provenance
from readlist.store.duplicates import match
from readlist.store.identity_codes import incoming_codes, record_codes
from readlist.store.merging import merge_records
from readlist.text import paper_key
from tests.store.changes import merge
from tests.store.test_papers import new_store
from tests.strategies import build_model

Records = dict[str, Mapping[str, Any]]
AT = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)
TITLES = [
    "On Tides",
    "on tides.",
    "Tides: Why",
    "Tides – why",
    "Of Winds",
    "2502.00001",
    "https://example.org/1",
    "논문",
]
AUTHORS = ["Ada Lovelace", "Alan Turing", "ada lovelace"]
SOURCES = ["a.txt", "b.txt", ""]
URLS = [
    "",
    "https://example.org/1",
    "http://www.example.org/1/",
    "https://arxiv.org/abs/2502.00001v2",
    "https://doi.org/10.1000/AB",
    "https://dl.acm.org/doi/pdf/10.1000/ab",
    "https://doi.org/10.48550/arXiv.2502.00002",
]
KEYS = ["", "", "", paper_key("On Tides", "Ada Lovelace"), paper_key("On Tides", ""), "of-winds-000000", "x"]

papers = build_model(
    Paper,
    title=st.sampled_from(TITLES),
    authors=st.lists(st.sampled_from(AUTHORS), max_size=2, unique=True).map(tuple),
    abstract=st.sampled_from(["", "We study how tides are made, and report what was found."]),
    comments=st.sampled_from([{}, {"en": "Worth a read."}, {"en": "A second view of it.", "ko": "좋다"}]),
    arxiv_id=st.sampled_from(["", "", "2502.00001", "2502.00002"]),
    doi=st.sampled_from(["", "", "10.1000/ab", "10.1000/cd"]),
    url=st.sampled_from(URLS),
    digests=st.builds(
        Appearance, st.sampled_from([dt.date(2025, 2, 11), dt.date(2025, 2, 12), None]), st.sampled_from(SOURCES)
    ).map(lambda appearance: (appearance,)),
    key=st.sampled_from(KEYS),
)
corrections = st.dictionaries(
    st.sampled_from(["title", "arxiv_id", "doi", "url"]),
    st.sampled_from(["On Tides", "2502.00002", "10.1000/cd", "https://example.org/1"]),
    max_size=2,
)


class Change(NamedTuple):
    """What the user did with one of the papers of a library."""

    number: int
    other: int
    corrected: Mapping[str, str]
    is_deleted: bool

    def apply(self, records: Records) -> None:
        ids = list(records)
        id_, other = ids[self.number % len(ids)], ids[self.other % len(ids)]
        record = paper_records.with_deletion(records[id_], AT if self.is_deleted else None)
        fields = {
            name: FieldCorrection(value, AT) for name, value in self.corrected.items() if value or name != "title"
        }
        records[id_] = paper_records.with_corrections(record, Paper("", corrections=fields))
        if int(id_) < int(other):
            records[id_] = merge_records(records[id_], other, records[other])
            del records[other]


changes = st.builds(Change, st.integers(0, 9), st.integers(0, 9), corrections, is_deleted=st.booleans())


def without_times(records: Mapping[str, Mapping[str, Any]]) -> Records:
    """Return the records without the time of their first load, which the clock gives them."""
    return {id_: {**record, "loaded_at": ""} for id_, record in records.items()}


Load = tuple[list[Paper], set[str]]
loads = st.tuples(st.lists(papers, min_size=1, max_size=4), st.sets(st.sampled_from(SOURCES[:2])))


@settings(max_examples=300, deadline=None)
@given(st.lists(loads, min_size=1, max_size=3), st.lists(changes, max_size=3), loads)
def test_matching_with_the_candidates_is_matching_with_all_papers(
    earlier: Sequence[Load], edits: Sequence[Change], load: Load
) -> None:
    incoming, reloaded = load
    records: Records = {}
    next_id = 1
    for batch, files in earlier:
        matcher, _ = match(records, batch, next_id, files)
        records |= matcher.merged_records
        next_id = matcher.next_id
    for edit in edits:
        edit.apply(records)
    expected, expected_ids = match(records, incoming, next_id, reloaded)
    codes = incoming_codes(incoming, reloaded)
    candidates = [id_ for id_, record in records.items() if codes.intersection(record_codes(record))]
    selected, ids = match({id_: records[id_] for id_ in candidates}, incoming, next_id, reloaded)
    assert ids == expected_ids
    assert without_times(selected.changed()) == without_times(expected.changed())
    assert (selected.withdrawn, selected.next_id) == (expected.withdrawn, expected.next_id)
    assert selected.merged_records.keys() == expected.merged_records.keys()


@given(
    st.lists(st.sampled_from("abc"), max_size=3, unique=True),
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xy")), max_size=4),
    st.lists(st.sampled_from("abc"), max_size=2),
)
def test_a_load_decides_alike_with_the_documents_that_it_depends_on(
    known: list[str], loaded: list[tuple[str, str]], moved: list[str]
) -> None:
    def document(location: str, name: str) -> LoadedDocument:
        return LoadedDocument(f"/{location}", name, "1", 1, 0, AT)

    names = dict(zip("abc", "xxy", strict=True))
    stored = provenance.encode(
        Provenance({f"/{location}": document(location, names[location]) for location in known}, {})
    )
    tables = {table: {id_: record for id_, record in stored[table].items() if record} for table in provenance.TABLES}
    documents = [document(*each) for each in loaded]
    locations = [each.location for each in documents]
    gone = [f"/{location}" for location in moved]
    everything = provenance.decode(tables["documents"], tables["sources"])
    part = provenance.decode_known(tables["documents"], tables["sources"], locations, gone)
    assert provenance.reloaded_files(part, documents) == provenance.reloaded_files(everything, documents)
    assert provenance.after_load(part, documents, (), gone) == provenance.after_load(everything, documents, (), gone)


def paper(title: str, **fields: Any) -> Paper:
    return Paper(title, ("Ada Lovelace",), digests=(Appearance(None, "a.txt"),), **fields)


def stored(one: Paper, **fields: Any) -> dict[str, Any]:
    ((_, record),) = match({}, [one], 1, ())[0].merged_records.items()
    return {**record, **fields}


CORRECTION = {"title": {"value": "On Tides", "at": "2025-02-11T12:00:00Z"}}


@pytest.mark.parametrize(
    ("record", "incoming"),
    [
        (stored(paper("On Tides"), key="another-000000", slug="another"), paper("On Tides")),
        (stored(paper("On Tides", arxiv_id="2502.00001")), paper("Winds", url="https://arxiv.org/pdf/2502.00001")),
        (stored(paper("Winds"), corrections=CORRECTION), paper("On Tides", abstract="New")),
        (merge_records(stored(paper("Winds")), "2", stored(paper("On Tides"))), paper("On Tides", abstract="New")),
        (stored(paper("Winds"), merged=[{"id": 2, "key": "sea-0a1b2c", "title": "Ice"}]), paper("A", key="sea-0a1b2c")),
        (stored(paper("Winds"), deleted_at="2025-02-11T12:00:00Z"), paper("Winds", abstract="New")),
    ],
    ids=["content hash", "identifier", "corrected title", "merged title", "merged key", "deleted"],
)
def test_a_paper_is_a_candidate_by(record: dict[str, Any], incoming: Paper) -> None:
    assert incoming_codes([incoming], ()) & set(record_codes(record))


def test_a_record_that_is_not_understood_has_no_codes() -> None:
    assert record_codes({"key": 5, "digests": None}) == ()
    assert record_codes({}) == ()


def test_known_papers_are_found_by_the_candidates_alone(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    first, second = paper("On Tides"), paper("Winds")
    merge(store, [first, second])
    known = list(store.read(with_codes=True).papers)

    def find(codes: Any) -> list[int]:
        return [each.id for each in known if set(codes).intersection(each.identity_codes)]

    found = store.find_known([second._replace(digests=(Appearance(None, ""),)), first._replace(title="Stones")], find)
    assert [each and (each.id, each.title) for each in found] == [(2, "Winds"), None]


def test_an_id_that_the_file_lacks_is_no_candidate(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    merge(store, [paper("On Tides")])
    (known,) = store.find_known([paper("On Tides")], lambda _: [1, 7])
    assert known
    assert known.id == 1


def test_a_record_of_an_odd_shape_is_no_candidate(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    merge(store, [paper("On Tides"), paper("Winds")])
    with store.file.transaction() as database:
        database.records("papers").upsert_all({"2": {"key": "winds", "digests": 5}})
    (known,) = store.find_known([paper("On Tides")], lambda _: None)
    assert known
    assert known.id == 1
