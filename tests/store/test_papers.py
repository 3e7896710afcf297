"""PaperStore: the same paper again, what a load adds, and ids and keys that stay."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.models import Appearance, LoadedDocument, Paper, Provenance, TrackedSource
from readlist.store.lock import Lock
from readlist.store.papers import MergeResult, PaperStore
from tests.store.changes import merge, untrack

MONDAY = Appearance(dt.date(2025, 2, 10), "250210.txt")
TUESDAY = Appearance(dt.date(2025, 2, 11), "250211.txt")
NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)
FIRST = Paper(
    title="FP4 All the Way: Fully Quantized Training of LLMs",
    authors=("Brian Chmiel", "Maxim Fishman"),
    abstract="We demonstrate training in FP4.",
    comments={"ko": "드디어 FP4.", "en": "FP4 at last."},
    tags=("quantization", "llm"),
    links=("https://github.com/Anonymous/fp4",),
    digests=(MONDAY,),
)


def new_store(root: Path) -> PaperStore:
    return PaperStore(root / "data" / "papers.json", Lock(root / "state" / "lock"), root / "state" / "backups")


@pytest.fixture
def store(tmp_path: Path) -> PaperStore:
    return new_store(tmp_path)


def paper(title: str, **fields: Any) -> Paper:
    return Paper(title=title, **{"digests": (MONDAY,)} | fields)


@pytest.mark.parametrize(
    ("title", "authors", "same"),
    [
        ("FP4 all the way – fully quantized training of LLMs.", FIRST.authors, True),
        ("FP4 all the way – fully quantized training of LLMs.", FIRST.authors[:1], False),
        ("FP4 all the way – fully quantized training of VLMs", FIRST.authors, False),
    ],
)
def test_other_punctuation_is_the_same_title_where_all_authors_are_the_same(
    store: PaperStore, title: str, authors: tuple[str, ...], *, same: bool
) -> None:
    merge(store, [FIRST])
    merged = merge(store, [again(FIRST, title=title, authors=authors)])
    assert bool(merged.repeated) is same


def document(location: str, version: str, loaded_at: dt.datetime = NOON) -> LoadedDocument:
    return LoadedDocument(location, location.rpartition("/")[2], version, 1, 0, loaded_at)


def again(known: Paper, **fields: Any) -> Paper:
    """The paper as another digest has it."""
    incoming: dict[str, Any] = {"id": 0, "key": "", "digests": (TUESDAY,)} | fields
    return replace(known, **incoming)


def all_of(store: PaperStore) -> list[Paper]:
    return list(store.read().papers)


def titles(papers: Sequence[Paper]) -> list[str]:
    return [paper.title for paper in papers]


def test_a_new_paper_gets_an_id_and_a_key_and_is_read_as_it_was_written(store: PaperStore) -> None:
    second = paper("Second", arxiv_id="2502.00002", url="https://example.org/2", digests=(Appearance(None, "notes"),))
    expected = (
        replace(FIRST, id=1, key="fp4-all-the-way-fully-quantized-training-of-llms-5d589f"),
        replace(second, id=2, key="second-480c23"),
    )
    assert merge(store, [FIRST, second]) == MergeResult(added=expected)
    assert all_of(store) == list(expected)


def test_a_file_is_json_with_plain_field_names_and_a_paper_a_line(store: PaperStore, tmp_path: Path) -> None:
    source = document("/digests/250210.txt", "2345-1739145600123456789")
    merge(store, [FIRST], [source], [TrackedSource("/digests")])
    lines = (tmp_path / "data" / "papers.json").read_text(encoding="utf-8").splitlines()
    assert [line[:10] for line in lines] == [
        '{"_meta":{', '"1":{"sche', '},"papers"', '"1":{"key"',
        '},"documen', '"/digests/', '},"sources', '"/digests"', "}}",
    ]  # fmt: skip
    written = json.loads("\n".join(lines))
    for table in written.values():
        for record in table.values():
            assert len(record.pop("sum")) == 8
    (told,) = written["papers"]["1"]["digests"][0].pop("told")
    assert len(told) == 16
    assert written == {
        "_meta": {"1": {"schema": 1, "next_id": 2}},
        "papers": {
            "1": {
                "key": "fp4-all-the-way-fully-quantized-training-of-llms-5d589f",
                "title": "FP4 All the Way: Fully Quantized Training of LLMs",
                "authors": ["Brian Chmiel", "Maxim Fishman"],
                "abstract": "We demonstrate training in FP4.",
                "comments": {"ko": "드디어 FP4.", "en": "FP4 at last."},
                "tags": ["quantization", "llm"],
                "links": ["https://github.com/Anonymous/fp4"],
                "digests": [{"date": "2025-02-10", "source": "250210.txt"}],
            }
        },
        "documents": {
            "/digests/250210.txt": {
                "name": "250210.txt",
                "version": "2345-1739145600123456789",
                "papers": 1,
                "loaded_at": "2025-02-11T12:00:00Z",
            }
        },
        "sources": {"/digests": {}},
    }


def test_papers_come_in_the_order_of_their_ids(store: PaperStore) -> None:
    merge(store, [paper(f"Paper {number}") for number in range(25)])
    merge(store, [paper("Paper 3", abstract="Now with an abstract.")])
    assert [known.id for known in store.read().papers] == list(range(1, 26))


def test_loading_what_is_loaded_changes_nothing_not_even_the_file(store: PaperStore, tmp_path: Path) -> None:
    source = document("/digests/250210.txt", "2345-1")
    merge(store, [FIRST, paper("Second")], [source])
    file = tmp_path / "data" / "papers.json"
    before = file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino
    later = source._replace(loaded_at=NOON + dt.timedelta(days=1))
    assert merge(store, [FIRST, paper("Second")], [later]) == MergeResult(unchanged=2)
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_an_id_is_never_given_again(store: PaperStore, tmp_path: Path) -> None:
    merge(store, [paper("One"), paper("Two")])
    with store.file.transaction() as database:  # nothing removes a paper yet
        database.records("papers").upsert_all({"2": None})
    assert [(known.id, known.title) for known in merge(store, [paper("Three")]).added] == [(3, "Three")]


SAME: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("arXiv id", {"arxiv_id": "2502.00001"}, {"title": "Renamed", "authors": (), "arxiv_id": "2502.00001"}),
    ("arXiv link", {"arxiv_id": "2502.00001"}, {"title": "Renamed", "url": "https://arxiv.org/pdf/2502.00001v2"}),
    ("arXiv DOI", {"arxiv_id": "2502.00001"}, {"title": "Renamed", "url": "https://doi.org/10.48550/arXiv.2502.00001"}),
    ("URL", {"url": "https://example.org/p/"}, {"title": "Renamed", "url": "http://www.example.org/p"}),
    ("DOI", {"url": "https://doi.org/10.1000/AB-1"}, {"title": "Renamed", "url": "http://dx.doi.org/10.1000/ab-1"}),
    ("title and author", {"authors": ("A. Ada", "B. Bob")}, {"authors": ("b.  bob", "C. Cy")}),
    ("title in another spelling", {"title": "Gödel’s ﬁrst"}, {"title": "GODEL'S  FIRST"}),
    ("title, the first without authors", {"authors": ()}, {"authors": ("A. Ada",)}),
    ("title, the second without authors", {"authors": ("A. Ada",)}, {"authors": ()}),
    ("one arXiv id of two", {"authors": ("A. Ada",)}, {"authors": ("A. Ada",), "arxiv_id": "2502.00001"}),
]
OTHER: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("another title", {}, {"title": "Another"}),
    ("no author in common", {"authors": ("A. Ada",)}, {"authors": ("B. Bob",)}),
    ("two arXiv ids", {"arxiv_id": "2502.00001"}, {"arxiv_id": "2502.00002"}),
    (
        "two arXiv ids at one URL",
        {"arxiv_id": "2502.00001", "url": "https://example.org/"},
        {"arxiv_id": "2502.00002", "url": "https://example.org/"},
    ),
    ("a longer title", {"title": "A " + "long " * 30}, {"title": "A " + "long " * 31}),
]


@pytest.mark.parametrize(("first", "second"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
@pytest.mark.parametrize("at_once", [True, False])
def test_the_same_paper_again(
    store: PaperStore, first: dict[str, Any], second: dict[str, Any], *, at_once: bool
) -> None:
    known, incoming = paper(**{"title": "Title"} | first), paper(**{"title": "Title", "digests": (TUESDAY,)} | second)
    for papers in [[known, incoming]] if at_once else [[known], [incoming]]:
        merge(store, papers)
    (merged,) = all_of(store)
    assert merged.digests == (MONDAY, TUESDAY)
    assert merged.title == known.title


@pytest.mark.parametrize(("first", "second"), [case[1:] for case in OTHER], ids=[case[0] for case in OTHER])
@pytest.mark.parametrize("at_once", [True, False])
def test_another_paper(store: PaperStore, first: dict[str, Any], second: dict[str, Any], *, at_once: bool) -> None:
    known, incoming = paper(**{"title": "Title"} | first), paper(**{"title": "Title", "digests": (TUESDAY,)} | second)
    for papers in [[known, incoming]] if at_once else [[known], [incoming]]:
        merge(store, papers)
    one, two = all_of(store)
    assert (one.digests, two.digests) == ((MONDAY,), (TUESDAY,))
    assert one.key != two.key


def test_a_title_without_authors_that_fits_two_papers_is_kept_as_a_third(store: PaperStore) -> None:
    two = [paper("Title", authors=("A. Ada",)), paper("Title", authors=("B. Bob",))]
    unsure = paper("Title", digests=(TUESDAY,))
    merge(store, two)
    assert [known.id for known in merge(store, [unsure]).added] == [3]
    assert merge(store, [*two, unsure]) == MergeResult(unchanged=3)


def test_one_more_digest_is_a_repeat_and_touches_nothing_else(store: PaperStore) -> None:
    merge(store, [FIRST])
    merged = merge(
        store, [again(FIRST, title="FP4 ALL THE WAY: Fully Quantized Training of LLMs", abstract="Other.")], []
    )
    expected = replace(FIRST, id=1, key="fp4-all-the-way-fully-quantized-training-of-llms-5d589f")
    assert merged == MergeResult(repeated=(replace(expected, digests=(MONDAY, TUESDAY)),))
    assert all_of(store) == list(merged.repeated)
    assert merge(store, [again(FIRST)]) == MergeResult(unchanged=1)


def test_another_digest_fills_what_was_empty_and_adds_tags_and_links(store: PaperStore) -> None:
    merge(store, [paper("Title", comments={"ko": "한국어"}, tags=("rl",), links=("https://a.org",))])
    richer = paper(
        "TITLE",
        authors=("A. Ada",),
        abstract="Abstract.",
        comments={"ko": "다른 말", "en": "English"},
        tags=("moe", "rl"),
        links=("https://b.org",),
        arxiv_id="2502.00001",
        url="https://example.org",
        digests=(TUESDAY,),
    )
    merged = merge(store, [richer])
    expected = replace(
        richer,
        title="Title",
        comments={"ko": "한국어", "en": "English"},
        tags=("rl", "moe"),
        links=("https://a.org", "https://b.org"),
        digests=(MONDAY, TUESDAY),
        id=1,
        key=merged.updated[0].key,
    )
    assert merged == MergeResult(updated=(expected,))
    assert all_of(store) == [expected]


def test_the_first_digest_loaded_again_is_right_but_erases_nothing(store: PaperStore) -> None:
    (before,) = merge(store, [FIRST]).added
    corrected = replace(FIRST, abstract="", comments={"en": "At last."}, tags=("fp4",), arxiv_id="2505.19115")
    merged = merge(store, [corrected])
    comments = {"ko": "드디어 FP4.", "en": "At last."}
    expected = replace(before, comments=comments, tags=("fp4",), arxiv_id="2505.19115")
    assert merged == MergeResult(updated=(expected,))
    assert all_of(store) == [expected]


def test_a_correction_taken_back_is_taken_back(store: PaperStore) -> None:
    (before,) = merge(store, [FIRST]).added
    merge(store, [replace(FIRST, abstract="Wrong.")])
    assert merge(store, [FIRST]) == MergeResult(updated=(before,))


def test_a_tag_of_two_digests_is_not_taken_away_by_one(store: PaperStore) -> None:
    merge(store, [FIRST, again(FIRST, tags=("fp4",))])
    (updated,) = merge(store, [replace(FIRST, tags=("quantized", "llm"))]).updated
    assert updated.tags == ("quantized", "llm", "quantization", "fp4")


def test_a_corrected_title_is_found_again_and_the_key_stays(store: PaperStore) -> None:
    (before,) = merge(store, [paper("Tilte", arxiv_id="2502.00001")]).added
    (corrected,) = merge(store, [paper("Title", arxiv_id="2502.00001")]).updated
    assert (corrected.title, corrected.key) == ("Title", before.key)
    (repeated,) = merge(store, [paper("title", digests=(TUESDAY,))]).repeated
    assert repeated.id == before.id
    (new,) = merge(store, [paper("Tilte", digests=(TUESDAY,))]).added
    assert new.key != before.key


def test_a_url_that_stands_for_another_paper_is_not_taken(store: PaperStore) -> None:
    owner = paper("Owner", arxiv_id="2502.00001", url="https://example.org/1")
    merge(store, [owner, paper("Title", arxiv_id="2502.00002")])
    merge(store, [paper("Title", arxiv_id="2502.00002", url="https://example.org/1", digests=(TUESDAY,))])
    assert [known.url for known in store.read().papers] == ["https://example.org/1", ""]


def test_a_later_digest_loaded_again_only_fills(store: PaperStore) -> None:
    merge(store, [FIRST, again(FIRST)])
    merged = merge(store, [again(FIRST, abstract="Other.", tags=("x",), arxiv_id="2505.19115")])
    assert [(known.abstract, known.tags, known.arxiv_id) for known in merged.updated] == [
        (FIRST.abstract, FIRST.tags, "2505.19115")
    ]


def test_documents_are_kept_by_location_and_replaced_when_they_change(store: PaperStore) -> None:
    old = document("/digests/1.txt", "10-1")
    new = document("/digests/1.txt", "12-2", NOON + dt.timedelta(hours=1))
    other = document("/digests/가.txt", "10-1")
    not_unicode = document("/digests/\udcff.txt", "10-1")
    assert store.read().provenance.documents == {}
    merge(store, [], [old, other, not_unicode])
    assert store.read().provenance.documents == {"/digests/1.txt": old, "/digests/가.txt": other}
    merge(store, [], [new])
    assert store.read().provenance.documents == {"/digests/1.txt": new, "/digests/가.txt": other}


def sources_of(store: PaperStore) -> set[str]:
    return set(store.read().provenance.sources)


def test_sources_are_remembered_and_one_that_lies_in_another_is_part_of_it(store: PaperStore) -> None:
    feed = TrackedSource("https://example.org/feed", private=True)
    merge(store, [], [], [TrackedSource("/digests/1.txt"), feed])
    assert sources_of(store) == {"/digests/1.txt", "https://example.org/feed"}
    merge(store, [], [], [TrackedSource("/digests"), TrackedSource("/digests-of-old")])
    assert sources_of(store) == {"/digests", "/digests-of-old", "https://example.org/feed"}
    before = store.read().provenance.sources
    merge(store, [], [], [TrackedSource("/digests/2.txt")])
    assert store.read().provenance.sources == before
    assert before[feed.location] == feed


def test_forgetting_a_source_forgets_what_was_loaded_from_it_but_for_its_papers(store: PaperStore) -> None:
    documents = [document("/digests/1.txt", "1"), document("/digests-of-old/1.txt", "1"), document("/x.txt", "1")]
    merge(store, [FIRST], documents, [TrackedSource("/digests"), TrackedSource("/digests-of-old")])
    change = untrack(store, "/digests")
    assert change == Provenance({"/digests/1.txt": None}, {"/digests": None})
    assert (sources_of(store), set(store.read().provenance.documents)) == (
        {"/digests-of-old"},
        {"/digests-of-old/1.txt", "/x.txt"},
    )
    assert titles(all_of(store)) == [FIRST.title]
    assert untrack(store, "/digests") == Provenance()


def test_a_preview_tells_what_a_merge_does_and_does_nothing(store: PaperStore, tmp_path: Path) -> None:
    merge(store, [FIRST])
    before = (tmp_path / "data" / "papers.json").read_bytes()
    incoming = [again(FIRST), paper("New"), paper("New too")]
    previewed = store.preview_merge(incoming)
    assert (tmp_path / "data" / "papers.json").read_bytes() == before
    assert previewed == merge(store, incoming)
    assert [len(previewed.added), len(previewed.repeated)] == [2, 1]


def test_a_flipped_bit_costs_one_paper(store: PaperStore, tmp_path: Path) -> None:
    merge(store, [paper("One"), paper("Two"), paper("Three")])
    file = tmp_path / "data" / "papers.json"
    file.write_bytes(file.read_bytes().replace(b'"Two"', b'"Twn"'))
    assert titles(all_of(store)) == ["One", "Three"]
    assert store.read().corruption == ("line 6 (2)",)


def test_papers_have_no_backup_where_only_a_copy_would_do(
    store: PaperStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_args: object, **_options: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", no_links)
    merge(store, [paper("One")])
    merge(store, [paper("Two")])
    assert titles(all_of(store)) == ["One", "Two"]
    assert list(store.file.backups) == []


FEW = st.sampled_from
DIGESTS = st.lists(
    st.builds(
        Paper,
        title=FEW(["One", "ONE", "Two", "Gödel"]),
        authors=FEW([(), ("Ada",), ("Bob", "Ada"), ("Bob",), ("Cy",)]),
        abstract=FEW(["", "An abstract.", "Another."]),
        comments=FEW([{}, {"en": "Good."}, {"ko": "좋다.", "en": "Fine."}]),
        tags=FEW([(), ("rl",), ("moe", "rl")]),
        links=FEW([(), ("https://a.org",)]),
        arxiv_id=FEW(["", "", "2502.00001", "2502.00002"]),
        url=FEW(["", "", "https://a.org/1", "https://doi.org/10.1000/1"]),
    ),
    max_size=4,
)
LOADS = st.lists(
    st.tuples(FEW([MONDAY, TUESDAY, Appearance(None, "x")]), DIGESTS), max_size=4, unique_by=lambda d: d[0]
)


@settings(max_examples=100)
@given(LOADS)
def test_any_digests_loaded_again_keep_every_id_and_key_apart(loads: list[tuple[Appearance, list[Paper]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(Path(folder))
        for seen, papers in loads:
            merge(store, [replace(paper, digests=(seen,)) for paper in papers])
        known = all_of(store)
        assert len({paper.key for paper in known}) == len(known)
        for seen, papers in loads:
            merge(store, [replace(paper, digests=(seen,)) for paper in papers])
        assert {(paper.id, paper.key) for paper in known} <= {(paper.id, paper.key) for paper in store.read().papers}
        assert {seen for paper in store.read().papers for seen in paper.digests} == {s for s, papers in loads if papers}


@settings(max_examples=300)
@given(LOADS)
def test_any_digests_loaded_again_change_nothing(loads: list[tuple[Appearance, list[Paper]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = new_store(Path(folder))
        for seen, papers in loads:
            merge(store, [replace(paper, digests=(seen,)) for paper in papers])
        for seen, papers in loads:
            merged = merge(store, [replace(paper, digests=(seen,)) for paper in papers])
            assert merged == MergeResult(unchanged=merged.unchanged)
