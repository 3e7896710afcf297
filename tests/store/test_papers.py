"""PaperStore: deduplication and merging of loaded papers, IDs and keys that never change, provenance."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.dates import utc_now
from readlist.models import Appearance, Paper
from readlist.reports import MergeResult
from readlist.sources import LoadedDocument, Provenance, TrackedSource
from readlist.store import Store
from readlist.store.format import SCHEMA
from readlist.store.papers import PaperStore
from tests.store.changes import merge, untrack
from tests.strategies import build_model

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
    loaded_at=NOON,
)


def new_store(root: Path) -> PaperStore:
    return Store(root / "data", root / "state").papers


@pytest.fixture
def store(tmp_path: Path) -> PaperStore:
    return new_store(tmp_path)


def paper(title: str, **fields: Any) -> Paper:
    known: dict[str, Any] = {"digests": (MONDAY,), "loaded_at": NOON}
    return Paper(title=title, **known | fields)


@pytest.mark.parametrize(
    ("title", "authors", "is_same"),
    [
        ("FP4 all the way – fully quantized training of LLMs.", FIRST.authors, True),
        ("FP4 all the way – fully quantized training of LLMs.", FIRST.authors[:1], False),
        ("FP4 all the way – fully quantized training of VLMs", FIRST.authors, False),
    ],
)
def test_titles_that_differ_in_punctuation_are_the_same_paper_where_all_authors_are_the_same(
    store: PaperStore, title: str, authors: tuple[str, ...], *, is_same: bool
) -> None:
    merge(store, [FIRST])
    merged = merge(store, [in_tuesdays_digest(FIRST, title=title, authors=authors)])
    assert bool(merged.repeated) is is_same


def document(location: str, version: str, loaded_at: dt.datetime = NOON) -> LoadedDocument:
    return LoadedDocument(location, location.rpartition("/")[2], version, 1, 0, loaded_at)


def in_tuesdays_digest(known: Paper, **fields: Any) -> Paper:
    """Return the paper as another digest lists it."""
    incoming: dict[str, Any] = {"id": 0, "key": "", "digests": (TUESDAY,)} | fields
    return known._replace(**incoming)


def read_papers(store: PaperStore) -> list[Paper]:
    return list(store.read().papers)


def list_titles(papers: Sequence[Paper]) -> list[str]:
    return [paper.title for paper in papers]


def test_a_new_paper_gets_an_id_and_a_key_and_is_read_back_equal(store: PaperStore) -> None:
    second = paper("Second", arxiv_id="2502.00002", url="https://example.org/2", digests=(Appearance(None, "notes"),))
    expected = (
        FIRST._replace(id=1, key="fp4-all-the-way-fully-quantized-training-of-llms-5d589f"),
        second._replace(id=2, key="second-480c23"),
    )
    assert merge(store, [FIRST, second]) == MergeResult(added=expected)
    assert read_papers(store) == list(expected)


def test_a_new_paper_has_the_time_of_its_load_and_keeps_it(store: PaperStore) -> None:
    before = utc_now().replace(microsecond=0)
    (added,) = merge(store, [FIRST._replace(loaded_at=None)]).added
    assert added.loaded_at
    assert before <= added.loaded_at <= utc_now()
    merge(store, [in_tuesdays_digest(FIRST)._replace(loaded_at=NOON), FIRST._replace(abstract="Other.")])
    (known,) = read_papers(store)
    assert (known.loaded_at, known.abstract) == (added.loaded_at, "Other.")


def test_a_file_is_json_with_one_paper_per_line(store: PaperStore, tmp_path: Path) -> None:
    source = document("/digests/250210.txt", "2345-1739145600123456789")
    merge(store, [FIRST], [source], [TrackedSource("/digests")])
    lines = (tmp_path / "data" / "papers.json").read_text(encoding="utf-8").splitlines()
    assert [line[:10] for line in lines] == [
        '{"_meta":{', '"1":{"sche', '},"documen', '"/digests/', '},"sources', '"/digests"',
        '},"papers"', '"1":{"key"', "}}",
    ]  # fmt: skip
    written = json.loads("\n".join(lines))
    for table in written.values():
        for record in table.values():
            assert len(record.pop("sum")) == 8
    (content_hash,) = written["papers"]["1"]["digests"][0].pop("hashes")
    assert len(content_hash) == 16
    assert list(written["_meta"]["1"].pop("tables")) == ["documents", "sources", "papers"]
    assert written == {
        "_meta": {
            "1": {"schema": SCHEMA, "library": store.file.read_content().metadata.library, "sequence": 1, "next_id": 2}
        },
        "papers": {
            "1": {
                "key": "fp4-all-the-way-fully-quantized-training-of-llms-5d589f",
                "loaded_at": "2025-02-11T12:00:00Z",
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


def test_papers_are_read_in_the_order_of_their_ids(store: PaperStore) -> None:
    merge(store, [paper(f"Paper {number}") for number in range(25)])
    merge(store, [paper("Paper 3", abstract="Now with an abstract.")])
    assert [known.id for known in store.read().papers] == list(range(1, 26))


def test_loading_the_same_document_again_does_not_write_the_file(store: PaperStore, tmp_path: Path) -> None:
    source = document("/digests/250210.txt", "2345-1")
    merge(store, [FIRST, paper("Second")], [source])
    file = tmp_path / "data" / "papers.json"
    before = file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino
    later = source._replace(loaded_at=NOON + dt.timedelta(days=1))
    assert merge(store, [FIRST, paper("Second")], [later]) == MergeResult(unchanged=2)
    assert (file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_the_id_of_a_deleted_paper_is_not_reused(store: PaperStore) -> None:
    merge(store, [paper("One"), paper("Two")])
    with store.file.transaction() as database:  # no command deletes a paper yet
        database.records("papers").upsert_all({"2": None})
    assert [(known.id, known.title) for known in merge(store, [paper("Three")]).added] == [(3, "Three")]


DUPLICATES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("arXiv ID", {"arxiv_id": "2502.00001"}, {"title": "Renamed", "authors": (), "arxiv_id": "2502.00001"}),
    ("arXiv link", {"arxiv_id": "2502.00001"}, {"title": "Renamed", "url": "https://arxiv.org/pdf/2502.00001v2"}),
    ("arXiv DOI", {"arxiv_id": "2502.00001"}, {"title": "Renamed", "url": "https://doi.org/10.48550/arXiv.2502.00001"}),
    (
        "URL, author and most words of the title",
        {"title": "On Deep Tides", "authors": ("A. Ada",), "url": "https://example.org/p/"},
        {"title": "On Deep Tidal Tides", "authors": ("A. Ada",), "url": "http://www.example.org/p"},
    ),
    ("DOI and its URL", {"doi": "10.1000/ab-1"}, {"title": "Renamed", "url": "http://dx.doi.org/10.1000/AB-1"}),
    ("DOI", {"url": "https://doi.org/10.1000/AB-1"}, {"title": "Renamed", "url": "http://dx.doi.org/10.1000/ab-1"}),
    ("title and author", {"authors": ("A. Ada", "B. Bob")}, {"authors": ("b.  bob", "C. Cy")}),
    ("title that folds to the same", {"title": "Gödel’s ﬁrst"}, {"title": "GODEL'S  FIRST"}),
    ("title, the first without authors", {"authors": ()}, {"authors": ("A. Ada",)}),
    ("title, the second without authors", {"authors": ("A. Ada",)}, {"authors": ()}),
    ("arXiv ID of one only", {"authors": ("A. Ada",)}, {"authors": ("A. Ada",), "arxiv_id": "2502.00001"}),
]
NOT_DUPLICATES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("another title", {}, {"title": "Another"}),
    ("no author in common", {"authors": ("A. Ada",)}, {"authors": ("B. Bob",)}),
    ("two arXiv IDs", {"arxiv_id": "2502.00001"}, {"arxiv_id": "2502.00002"}),
    (
        "two arXiv IDs at one URL",
        {"arxiv_id": "2502.00001", "url": "https://example.org/"},
        {"arxiv_id": "2502.00002", "url": "https://example.org/"},
    ),
    ("one link in common", {"url": "https://example.org/p/"}, {"title": "Renamed", "url": "https://example.org/p"}),
    (
        "one link and an author in common",
        {"title": "On Tides", "authors": ("A. Ada",), "url": "https://example.org/p/"},
        {"title": "On Wind", "authors": ("A. Ada",), "url": "https://example.org/p"},
    ),
    (
        "an arXiv ID in common, but neither title nor authors",
        {"title": "On Tides", "authors": ("A. Ada",), "arxiv_id": "2502.00001"},
        {"title": "Wind", "authors": ("B. Bob",), "arxiv_id": "2502.00001"},
    ),
    ("a longer title", {"title": "A " + "long " * 30}, {"title": "A " + "long " * 31}),
]


@pytest.mark.parametrize(("first", "second"), [case[1:] for case in DUPLICATES], ids=[case[0] for case in DUPLICATES])
@pytest.mark.parametrize("in_one_load", [True, False])
def test_a_duplicate_is_merged_into_the_known_paper(
    store: PaperStore, first: dict[str, Any], second: dict[str, Any], *, in_one_load: bool
) -> None:
    known, incoming = paper(**{"title": "Title"} | first), paper(**{"title": "Title", "digests": (TUESDAY,)} | second)
    for papers in [[known, incoming]] if in_one_load else [[known], [incoming]]:
        merge(store, papers)
    (merged,) = read_papers(store)
    assert merged.digests == (MONDAY, TUESDAY)
    assert merged.title == known.title


@pytest.mark.parametrize(
    ("first", "second"), [case[1:] for case in NOT_DUPLICATES], ids=[case[0] for case in NOT_DUPLICATES]
)
@pytest.mark.parametrize("in_one_load", [True, False])
def test_a_paper_that_only_resembles_another_is_stored_beside_it(
    store: PaperStore, first: dict[str, Any], second: dict[str, Any], *, in_one_load: bool
) -> None:
    known, incoming = paper(**{"title": "Title"} | first), paper(**{"title": "Title", "digests": (TUESDAY,)} | second)
    for papers in [[known, incoming]] if in_one_load else [[known], [incoming]]:
        merge(store, papers)
    one, two = read_papers(store)
    assert (one.digests, two.digests) == ((MONDAY,), (TUESDAY,))
    assert one.key != two.key


def test_a_paper_without_authors_that_matches_two_papers_is_stored_as_a_third(store: PaperStore) -> None:
    known = [paper("Title", authors=("A. Ada",)), paper("Title", authors=("B. Bob",))]
    ambiguous = paper("Title", digests=(TUESDAY,))
    merge(store, known)
    assert [added.id for added in merge(store, [ambiguous]).added] == [3]
    assert merge(store, [*known, ambiguous]) == MergeResult(unchanged=3)


def test_a_duplicate_in_another_digest_adds_only_that_digest(store: PaperStore) -> None:
    merge(store, [FIRST])
    merged = merge(
        store,
        [in_tuesdays_digest(FIRST, title="FP4 ALL THE WAY: Fully Quantized Training of LLMs", abstract="Other.")],
        [],
    )
    expected = FIRST._replace(id=1, key="fp4-all-the-way-fully-quantized-training-of-llms-5d589f")
    assert merged == MergeResult(repeated=(expected._replace(digests=(MONDAY, TUESDAY)),))
    assert read_papers(store) == list(merged.repeated)
    assert merge(store, [in_tuesdays_digest(FIRST)]) == MergeResult(unchanged=1)


def test_another_digest_fills_empty_fields_and_adds_tags_and_links(store: PaperStore) -> None:
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
    expected = richer._replace(
        title="Title",
        comments={"ko": "한국어\n\n다른 말", "en": "English"},
        tags=("rl", "moe"),
        links=("https://a.org", "https://b.org"),
        digests=(MONDAY, TUESDAY),
        id=1,
        key=merged.updated[0].key,
    )
    assert merged == MergeResult(updated=(expected,))
    assert read_papers(store) == [expected]


def test_a_changed_first_digest_overwrites_fields_but_empties_none(store: PaperStore) -> None:
    (before,) = merge(store, [FIRST]).added
    corrected = FIRST._replace(abstract="", comments={"en": "At last."}, tags=("fp4",), arxiv_id="2505.19115")
    merged = merge(store, [corrected])
    comments = {"ko": "드디어 FP4.", "en": "At last."}
    expected = before._replace(comments=comments, tags=("fp4",), arxiv_id="2505.19115")
    assert merged == MergeResult(updated=(expected,))
    assert read_papers(store) == [expected]


def test_a_change_of_the_first_digest_that_is_reverted_is_reverted_in_the_library(store: PaperStore) -> None:
    (before,) = merge(store, [FIRST]).added
    merge(store, [FIRST._replace(abstract="Wrong.")])
    assert merge(store, [FIRST]) == MergeResult(updated=(before,))


def test_a_tag_from_two_digests_is_not_removed_by_a_change_of_one(store: PaperStore) -> None:
    merge(store, [FIRST, in_tuesdays_digest(FIRST, tags=("fp4",))])
    (updated,) = merge(store, [FIRST._replace(tags=("quantized", "llm"))]).updated
    assert updated.tags == ("quantized", "llm", "quantization", "fp4")


def test_a_paper_with_a_corrected_title_keeps_its_key_and_is_matched_by_the_new_title(store: PaperStore) -> None:
    (before,) = merge(store, [paper("Tilte", arxiv_id="2502.00001")]).added
    (corrected,) = merge(store, [paper("Title", arxiv_id="2502.00001")]).updated
    assert (corrected.title, corrected.key) == ("Title", before.key)
    (repeated,) = merge(store, [paper("title", digests=(TUESDAY,))]).repeated
    assert repeated.id == before.id
    (new,) = merge(store, [paper("Tilte", digests=(TUESDAY,))]).added
    assert new.key != before.key


def test_a_url_that_identifies_another_paper_is_not_added(store: PaperStore) -> None:
    owner = paper("Owner", arxiv_id="2502.00001", url="https://example.org/1")
    merge(store, [owner, paper("Title", arxiv_id="2502.00002")])
    merge(store, [paper("Title", arxiv_id="2502.00002", url="https://example.org/1", digests=(TUESDAY,))])
    assert [known.url for known in store.read().papers] == ["https://example.org/1", ""]


def test_a_changed_later_digest_only_fills_empty_fields(store: PaperStore) -> None:
    merge(store, [FIRST, in_tuesdays_digest(FIRST)])
    merged = merge(store, [in_tuesdays_digest(FIRST, abstract="Other.", tags=("x",), arxiv_id="2505.19115")])
    assert [(known.abstract, known.tags, known.arxiv_id) for known in merged.updated] == [
        (FIRST.abstract, FIRST.tags, "2505.19115")
    ]


def test_documents_are_stored_by_location_and_replaced_when_they_change(store: PaperStore) -> None:
    old = document("/digests/1.txt", "10-1")
    new = document("/digests/1.txt", "12-2", NOON + dt.timedelta(hours=1))
    other = document("/digests/가.txt", "10-1")
    not_unicode = document("/digests/\udcff.txt", "10-1")
    assert store.read().provenance.documents == {}
    merge(store, [], [old, other, not_unicode])
    assert store.read().provenance.documents == {"/digests/1.txt": old, "/digests/가.txt": other}
    merge(store, [], [new])
    assert store.read().provenance.documents == {"/digests/1.txt": new, "/digests/가.txt": other}


def read_sources(store: PaperStore) -> set[str]:
    return set(store.read().provenance.sources)


def test_sources_are_tracked_except_inside_a_tracked_directory(store: PaperStore) -> None:
    feed = TrackedSource("https://example.org/feed", private=True)
    merge(store, [], [], [TrackedSource("/digests/1.txt"), feed])
    assert read_sources(store) == {"/digests/1.txt", "https://example.org/feed"}
    merge(store, [], [], [TrackedSource("/digests"), TrackedSource("/digests-of-old")])
    assert read_sources(store) == {"/digests", "/digests-of-old", "https://example.org/feed"}
    before = store.read().provenance.sources
    merge(store, [], [], [TrackedSource("/digests/2.txt")])
    assert store.read().provenance.sources == before
    assert before[feed.location] == feed


def test_untracking_a_source_removes_its_documents_and_keeps_its_papers(store: PaperStore) -> None:
    documents = [document("/digests/1.txt", "1"), document("/digests-of-old/1.txt", "1"), document("/x.txt", "1")]
    merge(store, [FIRST], documents, [TrackedSource("/digests"), TrackedSource("/digests-of-old")])
    change = untrack(store, "/digests")
    assert change == Provenance({"/digests/1.txt": None}, {"/digests": None})
    assert (read_sources(store), set(store.read().provenance.documents)) == (
        {"/digests-of-old"},
        {"/digests-of-old/1.txt", "/x.txt"},
    )
    assert list_titles(read_papers(store)) == [FIRST.title]
    assert untrack(store, "/digests") == Provenance()


def test_a_preview_returns_the_result_of_a_merge_and_changes_nothing(store: PaperStore, tmp_path: Path) -> None:
    merge(store, [FIRST])
    before = (tmp_path / "data" / "papers.json").read_bytes()
    incoming = [in_tuesdays_digest(FIRST), paper("New"), paper("New too")]
    previewed, _ = store.preview_merge(incoming)
    assert (tmp_path / "data" / "papers.json").read_bytes() == before
    assert previewed == merge(store, incoming)
    assert [len(previewed.added), len(previewed.repeated)] == [2, 1]


def test_a_flipped_bit_loses_one_paper(store: PaperStore, tmp_path: Path) -> None:
    merge(store, [paper("One"), paper("Two"), paper("Three")])
    file = tmp_path / "data" / "papers.json"
    file.write_bytes(file.read_bytes().replace(b'"Two"', b'"Twn"'))
    assert list_titles(read_papers(store)) == ["One", "Three"]
    assert store.read().status.corruption == ("line 8 (record 2)",)


def test_papers_are_copied_to_a_backup_where_the_disk_has_no_hard_links(
    store: PaperStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_exdev(*_args: object, **_options: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", raise_exdev)
    merge(store, [paper("One")])
    merge(store, [paper("Two")])
    assert list_titles(read_papers(store)) == ["One", "Two"]
    backups = [store.file.read_content(backup.path).tables["papers"] for backup in store.file.backups]
    assert [len(papers) for papers in backups] == [2, 1]


one_of = st.sampled_from
DIGESTS = st.lists(
    build_model(
        Paper,
        title=one_of(["One", "ONE", "Two", "Gödel"]),
        authors=one_of([(), ("Ada",), ("Bob", "Ada"), ("Bob",), ("Cy",)]),
        abstract=one_of(["", "An abstract.", "Another."]),
        comments=one_of([{}, {"en": "Good."}, {"ko": "좋다.", "en": "Fine."}]),
        tags=one_of([(), ("rl",), ("moe", "rl")]),
        links=one_of([(), ("https://a.org",)]),
        arxiv_id=one_of(["", "", "2502.00001", "2502.00002"]),
        url=one_of(["", "", "https://a.org/1", "https://doi.org/10.1000/1"]),
    ),
    max_size=4,
)
LOADS = st.lists(
    st.tuples(one_of([MONDAY, TUESDAY, Appearance(None, "x")]), DIGESTS), max_size=4, unique_by=lambda load: load[0]
)


@settings(max_examples=100, deadline=None)
@given(LOADS)
def test_ids_and_keys_stay_unique_and_stable_when_any_digests_are_loaded_again(
    loads: list[tuple[Appearance, list[Paper]]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = new_store(Path(directory))
        for appearance, papers in loads:
            merge(store, [paper._replace(digests=(appearance,)) for paper in papers])
        known = read_papers(store)
        assert len({paper.key for paper in known}) == len(known)
        for appearance, papers in loads:
            merge(store, [paper._replace(digests=(appearance,)) for paper in papers])
        assert {(paper.id, paper.key) for paper in known} <= {(paper.id, paper.key) for paper in store.read().papers}
        assert {appearance for paper in store.read().papers for appearance in paper.digests} == {
            appearance for appearance, papers in loads if papers
        }


@settings(max_examples=300, deadline=None)
@given(LOADS)
def test_loading_any_digests_again_changes_nothing(loads: list[tuple[Appearance, list[Paper]]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = new_store(Path(directory))
        for appearance, papers in loads:
            merge(store, [paper._replace(digests=(appearance,)) for paper in papers])
        for appearance, papers in loads:
            merged = merge(store, [paper._replace(digests=(appearance,)) for paper in papers])
            assert merged == MergeResult(unchanged=merged.unchanged)
