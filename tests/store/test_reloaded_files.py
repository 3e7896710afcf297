"""A file that was loaded before is read again: what its author corrected or withdrew changes the library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.models import Appearance, Paper
from readlist.reports import MergeResult
from readlist.sources import LoadedDocument
from readlist.store.matching import PaperMatcher
from readlist.store.papers import PaperStore
from tests.store.changes import merge
from tests.store.test_papers import new_store

DAY = dt.date(2025, 2, 11)
FILE = "250211.txt"
LOADED_AT = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)


def paper(title: str, author: str = "Ada Lovelace", *, date: dt.date | None = DAY, source: str = FILE) -> Paper:
    return Paper(
        title,
        (author,),
        f"We study {title} with care and report what was found.",
        {"en": f"A comment on {title}, which is worth a read."},
        digests=(Appearance(date, source),),
    )


TIDES, WINDS, STONES = paper("On Tides"), paper("Of Winds", "Alan Turing"), paper("Stones", "Grace Hopper")


@pytest.fixture
def store(tmp_path: Path) -> PaperStore:
    return new_store(tmp_path)


def load(
    store: PaperStore, papers: Iterable[Paper], version: str, location: str = f"/digests/{FILE}", name: str = FILE
) -> MergeResult:
    papers = list(papers)
    document = LoadedDocument(location, name, version, len(papers), 0, LOADED_AT)
    return merge(store, papers, [document])


def titles(store: PaperStore) -> list[tuple[int, str]]:
    return [(stored.id, stored.title) for stored in store.read().papers]


def test_a_corrected_title_changes_the_paper_of_the_file(store: PaperStore) -> None:
    load(store, [TIDES, WINDS], "1")
    report = load(store, [TIDES._replace(title="On the Ebb"), WINDS], "2")
    assert [(updated.id, updated.title) for updated in report.updated] == [(1, "On the Ebb")]
    assert titles(store) == [(1, "On the Ebb"), (2, "Of Winds")]
    assert report.withdrawn == ()


def test_one_corrected_title_in_each_of_many_files_changes_a_paper_of_each(store: PaperStore) -> None:
    names = [f"{number}.txt" for number in range(120)]
    files = {
        name: [paper(f"On {name}", source=name), paper(f"Of {name}", "Alan Turing", source=name)] for name in names
    }
    documents = [LoadedDocument(f"/digests/{name}", name, "1", 2, 0, LOADED_AT) for name in names]
    merge(store, [one for papers in files.values() for one in papers], documents)
    corrected = [one for first, second in files.values() for one in (first._replace(title="Corrected"), second)]
    report = merge(store, corrected, [document._replace(version="2") for document in documents])
    assert (len(report.updated), report.added, report.withdrawn) == (120, (), ())


def test_corrected_authors_change_the_paper_of_the_file(store: PaperStore) -> None:
    load(store, [TIDES, WINDS], "1")
    load(store, [TIDES._replace(authors=("Augusta King",)), WINDS], "2")
    assert [stored.authors for stored in store.read().papers] == [("Augusta King",), ("Alan Turing",)]


def test_a_corrected_date_changes_the_digest_of_every_paper(store: PaperStore) -> None:
    load(store, [TIDES, WINDS], "1")
    moved = [known._replace(digests=(Appearance(dt.date(2025, 2, 12), FILE),)) for known in (TIDES, WINDS)]
    report = load(store, moved, "2")
    assert [stored.digests for stored in store.read().papers] == [moved[0].digests, moved[1].digests]
    assert (report.added, len(report.updated)) == ((), 2)


def test_a_paper_that_moved_to_another_date_of_the_file_leaves_the_former_one(store: PaperStore) -> None:
    later = dt.date(2025, 2, 12)
    load(store, [TIDES, WINDS, paper("Late", date=later)], "1")
    load(store, [TIDES, WINDS._replace(digests=(Appearance(later, FILE),)), paper("Late", date=later)], "2")
    assert [stored.digests for stored in store.read().papers] == [
        (Appearance(DAY, FILE),),
        (Appearance(later, FILE),),
        (Appearance(later, FILE),),
    ]


def test_a_withdrawn_paper_loses_the_digest_and_is_reported(store: PaperStore) -> None:
    load(store, [TIDES, WINDS, STONES], "1")
    report = load(store, [TIDES, STONES], "2")
    assert [(withdrawn.id, withdrawn.digests) for withdrawn in report.withdrawn] == [(2, ())]
    assert [stored.digests for stored in store.read().papers] == [TIDES.digests, (), STONES.digests]
    assert load(store, [TIDES, WINDS, STONES], "3").repeated[0].id == 2


def test_a_withdrawn_paper_of_two_digests_stays_in_the_other_one(store: PaperStore) -> None:
    load(store, [TIDES, WINDS], "1")
    load(store, [WINDS._replace(digests=(Appearance(DAY, "other.txt"),))], "1", "/digests/other.txt", "other.txt")
    load(store, [TIDES], "2")
    assert [stored.digests for stored in store.read().papers] == [TIDES.digests, (Appearance(DAY, "other.txt"),)]


def test_a_file_with_other_contents_under_its_old_name_removes_no_paper(store: PaperStore) -> None:
    load(store, [TIDES, WINDS], "1")
    report = load(store, [STONES], "2")
    assert (report.withdrawn, report.updated) == ((), ())
    assert [stored.digests for stored in store.read().papers] == [(Appearance(DAY, FILE),)] * 3


def test_a_feed_that_no_longer_has_its_older_entries_removes_no_paper(store: PaperStore) -> None:
    url = "https://example.org/feed"
    load(store, [TIDES, WINDS], "1", url, "example.org/feed")
    report = load(store, [WINDS], "2", url, "example.org/feed")
    assert report.withdrawn == ()


def test_two_files_of_one_name_remove_no_papers_from_each_other(store: PaperStore) -> None:
    load(store, [TIDES, STONES], "1", f"/a/{FILE}")
    load(store, [WINDS], "1", f"/b/{FILE}")
    report = load(store, [TIDES._replace(abstract="New."), STONES], "2", f"/a/{FILE}")
    assert report.withdrawn == ()


def test_a_new_paper_beside_a_withdrawn_one_that_does_not_resemble_it_is_added(store: PaperStore) -> None:
    load(store, [TIDES, WINDS], "1")
    report = load(store, [TIDES, STONES], "2")
    assert [added.title for added in report.added] == ["Stones"]
    assert [withdrawn.title for withdrawn in report.withdrawn] == ["Of Winds"]


def test_a_second_source_with_another_comment_keeps_both(store: PaperStore) -> None:
    load(store, [TIDES], "1")
    other = TIDES._replace(comments={"en": "Another view."}, digests=(Appearance(DAY, "other.txt"),))
    load(store, [other], "1", "/digests/other.txt", "other.txt")
    (stored,) = store.read().papers
    assert stored.comments["en"] == f"{TIDES.comments['en']}\n\nAnother view."
    revised = other._replace(comments={"en": "Another, longer view."})
    load(store, [revised], "2", "/digests/other.txt", "other.txt")
    (stored,) = store.read().papers
    assert stored.comments["en"] == f"{TIDES.comments['en']}\n\nAnother, longer view."


def test_a_third_namesake_that_resembles_two_equally_stays_apart(store: PaperStore) -> None:
    namesakes = [
        TIDES._replace(authors=(name, "Grace Hopper"), digests=(Appearance(DAY, source),))
        for name, source in [("Ada", "a.txt"), ("Bob", "b.txt")]
    ]
    load(store, namesakes[:1], "1", "/a.txt", "a.txt")
    merge(store, [namesakes[1]._replace(arxiv_id="2502.00001"), namesakes[1]._replace(arxiv_id="2502.00002")])
    third = TIDES._replace(authors=("Grace Hopper",), digests=(Appearance(DAY, "c.txt"),))
    before = titles(store)
    merge(store, [third])
    assert len(titles(store)) == len(before) + 1


NAMES = st.sampled_from(["On Tides", "Of Winds", "Stones", "The Sea", "A Storm", "Of Ice"])
FILES = st.lists(NAMES, min_size=1, max_size=5, unique=True)


@given(FILES, FILES)
def test_a_file_that_is_reloaded_twice_changes_nothing_the_second_time(first: list[str], second: list[str]) -> None:
    matcher = PaperMatcher({}, 1)
    matcher.add_all([paper(title) for title in first])
    revised = PaperMatcher(matcher.merged_records, matcher.next_id, {FILE})
    revised.add_all([paper(title) for title in second])
    records = {**matcher.merged_records, **revised.merged_records}
    again = PaperMatcher(records, revised.next_id, {FILE})
    again.add_all([paper(title) for title in second])
    assert again.changed() == {} or again.withdrawn
    in_file = {record["title"] for record in {**records, **again.merged_records}.values() if record["digests"]}
    assert set(second) <= in_file
