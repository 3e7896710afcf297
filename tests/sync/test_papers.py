"""The laws of shared papers: joining is a maximum, and what is sent and received again changes nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from readlist.store.records import record_error
from readlist.sync.paper_separation import separate
from readlist.sync.papers import (
    UNDATED,
    candidate_months,
    find_missing,
    join_papers,
    month,
    project_paper,
    shared_paper,
)

NOW = 1_767_225_600
KEY = "tides-5d589f"

texts = st.sampled_from(["Tides", "Tides of Attention", "arXiv:2501.00001", "https://a.example/x", "밀물", "a", "ab"])
times = st.sampled_from(["2025-05-01T08:00:00Z", "2025-05-02T08:00:00Z", "2026-01-01T00:00:00Z"])
comments = st.dictionaries(st.sampled_from(["ko", "en"]), texts, min_size=1)
digests = st.lists(
    st.fixed_dictionaries(
        {
            "date": st.sampled_from([None, "2025-05-01", "2025-06-01"]),
            "source": st.sampled_from(["", "daily", "weekly"]),
            "hashes": st.lists(st.sampled_from(["aa", "bb", "cc"]), max_size=2, unique=True),
        },
        optional={"comments": comments},
    ),
    max_size=3,
    unique_by=lambda each: (each["date"], each["source"]),
)
fields: dict[str, st.SearchStrategy[Any]] = {
    "authors": st.lists(texts, min_size=1, max_size=2),
    "abstract": texts,
    "arxiv_id": st.sampled_from(["2501.00001", "2501.00002"]),
    "doi": st.just("10.1000/182"),
    "url": st.sampled_from(["https://a.example/x", "https://a.example/y"]),
    "tags": st.lists(st.sampled_from(["b", "a", "c"]), min_size=1, max_size=3, unique=True),
    "links": st.lists(st.just("https://a.example/z"), min_size=1, max_size=1),
    "comments": comments,
    "loaded_at": times,
}
corrections = st.dictionaries(
    st.sampled_from(["title", "abstract"]), st.fixed_dictionaries({"value": texts, "at": times}), min_size=1
)
records = st.fixed_dictionaries(
    {"key": st.just(KEY), "title": texts, "digests": digests},
    optional=fields | {"corrections": corrections, "deleted_at": times},
)
versions = st.integers(1, 4) | st.integers(NOW - 2, NOW + 2)
registers = st.builds(lambda v, value, at: [v, value, at], versions, st.none() | texts, times)
edits = st.fixed_dictionaries(
    {},
    optional={
        "corrections": st.dictionaries(st.sampled_from(["title", "abstract"]), registers, min_size=1),
        "deleted": st.builds(lambda v, at: [v, at], versions, st.none() | times),
    },
)
shared_papers = st.builds(
    lambda id_, record, register: shared_paper(str(id_), record, None, NOW, with_edits=False) | register,
    st.integers(1, 9),
    records,
    edits,
)


@given(shared_papers, shared_papers, shared_papers)
def test_papers_join_to_the_same_whatever_the_order_and_however_often(
    a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]
) -> None:
    assert join_papers(a, b) == join_papers(b, a)
    assert join_papers(join_papers(a, b), c) == join_papers(a, join_papers(b, c))
    assert join_papers(a, a) == a
    assert join_papers(join_papers(a, b), b) == join_papers(a, b)


@given(shared_papers, shared_papers)
def test_what_is_missing_is_all_that_a_join_adds_except_the_id_and_the_time(
    paper: dict[str, Any], known: dict[str, Any]
) -> None:
    joined = join_papers(known, paper)
    partly = join_papers(known, find_missing(paper, known))

    ignored = {name: joined.get(name) for name in ("id", "loaded_at")}
    assert partly | ignored == joined | ignored
    assert not find_missing(paper, joined)


@given(records, st.none() | shared_papers, shared_papers)
def test_a_paper_that_was_merged_says_nothing_new_and_is_a_valid_record(
    record: dict[str, Any], seen: dict[str, Any] | None, there: dict[str, Any]
) -> None:
    known = join_papers(there, shared_paper("7", record, seen, NOW))
    projected = project_paper(record, known, KEY)

    assert record_error("papers", "7", projected) == ""
    assert project_paper(projected, known, KEY) == projected
    assert not find_missing(shared_paper("7", projected, known, NOW + 100), known)


@given(shared_papers)
def test_a_new_paper_says_nothing_new_and_is_a_valid_record(known: dict[str, Any]) -> None:
    projected = project_paper(None, known, KEY)

    assert record_error("papers", "7", projected) == ""
    assert not find_missing(shared_paper("7", projected, known, NOW + 100), known)


@given(records, shared_papers)
def test_what_this_machine_loaded_stays(record: dict[str, Any], there: dict[str, Any]) -> None:
    projected = project_paper(record, there, KEY)

    stub = record["title"].startswith(("arXiv:", "https:"))
    for name in {"abstract", "arxiv_id", "doi", "url", "loaded_at"} & record.keys():
        assert projected[name] == record[name]
    for name in {"tags", "links", "digests"} & record.keys():
        kept = [each if name != "digests" else (each["date"], each["source"]) for each in record[name]]
        now = [each if name != "digests" else (each["date"], each["source"]) for each in projected[name]]
        assert now[: len(kept)] == kept
    assert stub or projected["title"] == record["title"]


def test_a_removed_correction_and_a_restored_paper_are_values_with_a_later_version() -> None:
    record: dict[str, Any] = {"key": KEY, "title": "Tides", "digests": [], "deleted_at": "2025-05-02T08:00:00Z"}
    record["corrections"] = {"title": {"value": "Tides!", "at": "2025-05-01T08:00:00Z"}}
    seen = shared_paper("1", record, None, NOW)
    plain = {"key": KEY, "title": "Tides", "digests": []}

    observed = shared_paper("1", plain, seen, NOW)

    assert seen["corrections"] == {"title": [1746086400, "Tides!", "2025-05-01T08:00:00Z"]}
    assert observed["corrections"] == {"title": [NOW, None, "2026-01-01T00:00:00Z"]}
    assert observed["deleted"] == [NOW, None]
    assert project_paper(record, join_papers(seen, observed), KEY) == plain


def test_a_comment_that_two_machines_have_of_different_digests_is_not_repeated() -> None:
    first = {"date": "2025-05-01", "source": "daily", "hashes": ["aa"]}
    second: dict[str, Any] = {"date": "2025-05-02", "source": "weekly", "hashes": ["bb"]}
    here: dict[str, Any] = {"key": KEY, "title": "Tides", "comments": {"ko": "좋다"}}
    here["digests"] = [first, second | {"comments": {"ko": "나쁘다"}}]
    there: dict[str, Any] = {"key": KEY, "title": "Tides", "comments": {"ko": "나쁘다"}}
    there["digests"] = [second, first | {"comments": {"ko": "좋다"}}]

    projected = project_paper(here, shared_paper("1", there, None, NOW), KEY)

    assert projected == here


def test_a_title_loses_to_no_identifier_in_its_place() -> None:
    stub = {"title": "https://a.example/a/very/long/path", "digests": []}

    assert join_papers(stub, {"title": "Tides", "digests": []})["title"] == "Tides"


def test_an_identifier_in_place_of_a_title_is_replaced_where_the_identifier_arrives_with_the_title() -> None:
    stub = {"key": KEY, "title": "arXiv:2501.00001", "digests": []}
    there = {"title": "Tides", "arxiv_id": "2501.00001", "digests": []}

    assert project_paper(stub, there, KEY) == stub | {"title": "Tides", "arxiv_id": "2501.00001"}


def test_a_separated_paper_keeps_what_only_it_or_both_have() -> None:
    both: dict[str, Any] = {"date": "2025-05-01", "source": "daily", "hashes": ["aa"]}
    record: dict[str, Any] = {"key": KEY, "title": "Tides", "abstract": "Moon.", "tags": ["sea", "llm"]}
    record["digests"] = [both | {"hashes": ["aa", "bb"]}, {"date": None, "source": "other", "hashes": []}]
    kept: dict[str, Any] = {"title": "Tides", "tags": ["sea"], "digests": [both]}
    other: dict[str, Any] = {"title": "Sand", "abstract": "Moon.", "tags": ["llm", "sea"]}
    other["digests"] = [both | {"hashes": ["bb"]}, {"date": None, "source": "other", "hashes": []}]

    assert separate(record, kept, other) == {"key": KEY, "title": "Tides", "tags": ["sea"], "digests": [both]}


def test_the_month_is_that_of_the_first_dated_digest() -> None:
    dated: list[Any] = [{"date": date, "source": "d", "hashes": []} for date in ("2025-06-01", "2025-05-31", None)]

    assert month({"digests": dated}) == "2025-05"
    assert month({"digests": dated[2:]}) == month({"digests": []}) == UNDATED
    assert candidate_months({"digests": dated}) == {"2025-05", "2025-06", UNDATED}
