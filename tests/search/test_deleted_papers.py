"""Deleted papers: in no result but those of is:deleted, where every other term works as usual."""

from __future__ import annotations

from pathlib import Path

import pytest

from readlist.definitions import TagAlias, UserDefinitions
from readlist.models import RELEVANCE, Appearance, PaperRef
from readlist.search.index import writer
from readlist.search.index.writer import IndexContents
from readlist.search.items import resolve_items
from readlist.search.lookups import find_ids_by_key
from readlist.search.query.parser import parse
from readlist.search.recommend.suggestions import suggest
from readlist.search.results import find, find_ids
from readlist.search.statistics import compute_stats, count_digests, count_tags
from readlist.search.temporary import index_entries
from tests.search.index_file import NO_STORE, IndexFile, contents, search_ids
from tests.search.sample import ENTRIES, MAY, NOON, TODAY, entry

DELETED = [
    entry(6, "Deleted Reasoning", tags=("rl",), starred=True, deleted_at=NOON, doi="10.1145/a", note="why"),
    entry(7, "Deleted Diffusion", None, deleted_at=NOON, arxiv_id="2501.00001", merged=(PaperRef(9, "key-9"),)),
]
MERGED = entry(8, "Kept", None, merged=(PaperRef(10, "key-10"),), doi="10.1145/b")
PAPERS = [*ENTRIES, *DELETED, MERGED]


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    index = IndexFile(tmp_path / "index.sqlite")
    index.build(PAPERS)
    return index


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [3, 5, 1, 2, 4, 8]),
        ("deleted", []),
        ("is:deleted", [6, 7]),
        ("is:deleted reasoning", [6]),
        ("is:deleted resoning", [6]),
        ("is:deleted tag:RL is:starred has:note has:doi doi:10.1145/A date:2025-05", [6]),
        ("is:deleted (tag:rl OR diffusion) -reasoning", [7]),
        ("is:deleted is:deleted key:key-7", [7]),
        ("is:deleted policy", []),
        ("policy OR is:deleted", [1]),
        ("tag:rl -is:deleted", [3, 1, 4]),
    ],
)
def test_deleted_papers_are_found_by_a_query_that_requires_them_alone(
    index: IndexFile, text: str, ids: list[int]
) -> None:
    assert search_ids(index, text) == ids
    assert sorted(index.read(find_ids, parse(text, TODAY)).ids[: len(ids)]) == sorted(ids)


def test_a_deleted_paper_that_is_found_has_the_time_of_its_deletion(index: IndexFile) -> None:
    hits = index.read(find, parse("is:deleted", TODAY), limit=None).hits
    assert [hit.entry for hit in hits] == DELETED


def test_renamed_tags_count_among_deleted_papers_too(index: IndexFile) -> None:
    aliases = {"policy": TagAlias("policy", "rl", NOON)}
    writer.build(index.path, IndexContents(PAPERS, definitions=UserDefinitions(aliases=aliases)), NO_STORE)
    assert search_ids(index, "is:deleted tag:policy") == [6]


def test_counts_and_suggestions_are_of_the_papers_that_are_not_deleted_or_of_the_deleted_alone(
    index: IndexFile,
) -> None:
    assert ("rl", 3) in [(count.tag, count.papers) for count in index.read(count_tags, parse("", TODAY))]
    deleted = parse("is:deleted", TODAY)
    assert [(count.tag, count.papers) for count in index.read(count_tags, deleted)] == [("rl", 1)]
    stats = index.read(compute_stats, deleted, TODAY)
    assert (stats.papers, stats.starred, [count.tag for count in stats.tags]) == (2, 1, ["rl"])
    assert index.read(compute_stats, parse("", TODAY), TODAY).papers == 6
    assert [one.entry for one in index.read(suggest, deleted, None, TODAY).papers] == [DELETED[1]]
    assert index.read(count_digests)[0].papers == 2


def test_an_index_in_memory_answers_like_one_in_a_file(index: IndexFile) -> None:
    for text in ("reasoning", "tag:rl", "resoning", "is:starred", "diffusion OR has:note"):
        query = parse(text, TODAY)
        with index_entries(ENTRIES, UserDefinitions()) as connection:
            in_memory = find(connection, query, order=RELEVANCE, limit=None)
        index.build(ENTRIES)
        assert index.read(find, query, order=RELEVANCE, limit=None) == in_memory


def test_a_deleted_paper_is_moved_out_and_a_restored_one_back_in(index: IndexFile) -> None:
    rebuilt = IndexFile(index.path.with_name("rebuilt"))
    for changed in (
        [ENTRIES[0]._replace(paper=ENTRIES[0].paper._replace(deleted_at=NOON))],
        ENTRIES[:1],
        [one._replace(paper=one.paper._replace(deleted_at=None)) for one in DELETED],
        DELETED,
        [DELETED[1]._replace(paper=DELETED[1].paper._replace(title="Changed", merged=()))],
    ):
        now = {one.paper.id: one for one in (*PAPERS, *changed)}
        index.build(PAPERS)
        index.update(changed, NO_STORE, NO_STORE)
        rebuilt.build(now[id_] for id_ in sorted(now))
        assert contents(index.path) == contents(rebuilt.path)
    index.update([], NO_STORE, NO_STORE, removed=[6, 7, 8])
    rebuilt.build(ENTRIES)
    assert contents(index.path) == contents(rebuilt.path)


# Items


@pytest.mark.parametrize(
    ("item", "ids"),
    [
        ("8", [8]),
        ("10", [8]),
        ("key-10", [8]),
        ("7-10", [8]),
        ("doi:10.1145/B", [8]),
        ("https://doi.org/10.1145/b", [8]),
        ("10.48550/arXiv.2502.06781v3", [2]),
    ],
)
def test_a_doi_and_the_id_or_key_of_a_merged_paper_name_a_paper(index: IndexFile, item: str, ids: list[int]) -> None:
    assert list(index.read(resolve_items, [item]).ids) == ids


def test_a_key_of_a_merged_paper_leads_to_the_one_that_was_kept(index: IndexFile) -> None:
    assert (index.read(find_ids_by_key, "key-10"), index.read(find_ids_by_key, "key-9")) == ([8], [])


@pytest.mark.parametrize(
    ("item", "ids"),
    [
        ("6", [6]),
        ("9", [7]),
        ("key-7", [7]),
        ("key-9", [7]),
        ("6-7", [6, 7]),
        ("5-6", [6]),
        ("2501.00001", [7]),
        ("10.1145/a", [6]),
        ("5", []),
        ("99", []),
        ("nothing", []),
    ],
)
def test_a_deleted_paper_is_no_item_but_can_be_found_to_be_restored(
    index: IndexFile, item: str, ids: list[int]
) -> None:
    resolved = index.read(resolve_items, [item])
    assert not set(resolved.ids) & {6, 7}
    assert [ref.id for refs in resolved.deleted.values() for ref in refs] == ids
    assert bool(resolved.missing) == (item not in {"5", "5-6"})


# Papers added by hand


def test_a_paper_that_was_added_by_hand_has_a_date_but_no_digest(index: IndexFile) -> None:
    by_hand = entry(11, "By Hand", digests=(Appearance(MAY, ""),))
    index.build([ENTRIES[0], by_hand])
    assert [count.digest.source for count in index.read(count_digests)] == ["2025-02-11.txt"]
    assert search_ids(index, "date:2025-05") == search_ids(index, "first:2025-05") == [11]
    assert search_ids(index, "") == [11, 1]
