"""Results: which papers a query finds, in search and in list, and lookups without a query."""

from __future__ import annotations

import contextlib
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from readlist.counts import DigestCount, TagCount
from readlist.definitions import UserDefinitions
from readlist.errors import QueryError
from readlist.models import NEWEST, RELEVANCE, Appearance, Status
from readlist.search.items import Resolved, resolve_items
from readlist.search.lookups import find_ids_by_identifier, find_ids_by_key, find_ids_in_range, get_entries
from readlist.search.query.ast import FieldEquals, Text, all_of
from readlist.search.query.parser import parse
from readlist.search.results import find, find_ids
from readlist.search.statistics import count_digests, count_tags
from readlist.search.temporary import index_entries
from readlist.text import fold_tag
from tests.search.index_file import IndexFile, search_ids
from tests.search.sample import ENTRIES, FEBRUARY, MAY, TODAY, entry


@pytest.fixture
def index(tmp_path: Path) -> IndexFile:
    index = IndexFile(tmp_path / "index.sqlite")
    index.build(ENTRIES)
    return index


QUERIES: list[tuple[str, list[int]]] = [
    ("", [3, 5, 1, 2, 4]),
    ("policy reasoning", [1]),
    ("reason", [1]),
    ("resoning", [1]),
    ("pretraining", [2]),
    ("pre-training", [2]),
    ("pret-raining", [2]),
    ("c++", [5, 2]),
    ("c#", []),
    ("dont", [5]),
    ("don't", [5]),
    ("unit", [3]),
    ("deep seek", [4]),
    ("deepseekv2", [4]),
    ("학습", [3]),
    ("강화학슴", [3]),
    ("데이타", [3]),
    ('"kl penalty"', [2]),
    ('"penalty kl"', []),
    ("grpo", [4]),
    ("policy OR diffusion", [5, 1]),
    ("NOT tag:rl", [5, 2]),
    ("-policy -diffusion", [3, 2, 4]),
    ("(policy OR tag:c++) -is:read", [5, 1]),
    ("title:grpo", []),
    ("note:grpo", [4]),
    ("abstract:penalty", [2]),
    ("comment:데이터", [3]),
    ("author:levine", [1]),
    ('author:"levine sergey"', [1]),
    ('author:"levine dawn"', []),
    ('author:"ada lovelace"', [5]),
    ("author:levina", [1]),
    ("tag:RL", [3, 1, 4]),
    ("tag:object-detection", [3]),
    ("tag:c", []),
    ("scaling tag:object-detection", [3]),
    ("scaling tag:detection", []),
    ("diffusion tag:c++", [5]),
    ("policy tag:math tag:rl", [1]),
    ("is:read", [2]),
    ("is:reading", [4]),
    ("is:starred", [4]),
    ("has:note", [4]),
    ("has:abstract", [2]),
    ("has:arxiv", [2]),
    ("has:url", [5]),
    ("-has:tag", [2]),
    ("date:2025-05..", [3, 5]),
    ("date:..2025-03", [1, 2]),
    ("date:2025-02-11", [1, 2]),
    ("first:2025-02", [1, 2]),
    ("read:2025-05", [2]),
    ("read:2024", []),
    ("id:2", [2]),
    ("id:2-4", [3, 2, 4]),
    ("key:key-5", [5]),
    ("arxiv:2502.06781v1", [2]),
    ("2502.06781", [2]),
    ("doi:10.1145/3442188", []),
    ("arxiv:10.48550/arXiv.2502.06781", []),
    ("doi:10.48550/arXiv.2502.06781v2", [2]),
    ("https://doi.org/10.48550/arXiv.2502.06781", [2]),
    ("url:github.com", [5]),
    ("https://github.com/a/b", [5]),
    ("policy is:read", []),
    ("tag:rl -polizy", [3, 1, 4]),
    ('author:"levina sergei"', [1]),
    ("deep -seek", [4]),
    ("reasoning zebra", []),
    ("diffusion policy", []),
    ("tag:rl diffusion policy", []),
    ("🎉", []),
    ("lorem ipsum " * 900, []),
]


@pytest.mark.parametrize(("text", "ids"), QUERIES)
def test_a_query_finds_the_same_papers_in_search_and_in_list(index: IndexFile, text: str, ids: list[int]) -> None:
    assert search_ids(index, text) == ids
    result = index.read(find, parse(text, TODAY), order=RELEVANCE, limit=None)
    assert sorted(hit.entry.paper.id for hit in result.hits if not hit.is_partial) == sorted(ids)
    assert result.total == len(ids)


@pytest.mark.parametrize(("text", "ids"), QUERIES)
def test_a_limit_returns_the_first_papers_of_the_whole_list_and_its_total(
    index: IndexFile, text: str, ids: list[int]
) -> None:
    result = index.read(find, parse(text, TODAY), limit=2)
    assert ([hit.entry.paper.id for hit in result.hits], result.total) == (ids[:2], len(ids))


DEEP, MANY = 12, 1_000
LARGE = {
    **{
        f"{MANY} x {text!r} joined by {joint!r}": joint.join([text] * MANY)
        for joint in (" OR ", " ")
        for text in ("is:read", "title:policy", '"a b"', "read:2024", "date:2024", "2502.06781", "http://x.y/z")
    },
    "negations": " OR ".join(["-is:read"] * (MANY // 2)),
    "pairs": "(is:read OR tag:a) " * (MANY // 2),
    "words too": "(policy OR is:read) " * 64 + " OR ".join(["tag:a"] * (MANY - 64)),
    "words in deep groups": "(policy OR xa xb " * DEEP + "xc" + ")" * DEEP,
    "filters in deep groups": "(tag:a OR tag:b tag:c " * DEEP + "tag:d" + ")" * DEEP,
    "days in deep groups": "(tag:a OR tag:b date:2024 " * DEEP + "read:2024" + ")" * DEEP,
    "negated groups": "NOT (policy OR tag:a is:read " * (DEEP // 2) + "tag:d" + ")" * (DEEP // 2),
    "wide and deep groups": ("(" + "is:read OR " * 40 + "tag:a " * 40) * DEEP + "read:2024" + ")" * DEEP,
    "wide and deep groups, the deepest first": "(" * DEEP
    + "read:2024"
    + (" tag:a" * 40 + " OR is:read" * 40 + ")") * DEEP,
}


@pytest.mark.heavy
@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE.keys())
def test_the_largest_queries_that_the_parser_accepts_can_be_executed(index: IndexFile, text: str) -> None:
    query = parse(text, TODAY)
    for order in (RELEVANCE, NEWEST):
        index.read(find, query, order=order, limit=5)
    index.read(count_tags, query)


def test_get_entries_returns_whole_entries_in_the_order_of_the_ids(index: IndexFile) -> None:
    assert index.read(get_entries, [4, 99, 1]) == [ENTRIES[3], ENTRIES[0]]


def test_papers_are_found_by_id_range_key_and_arxiv_id(index: IndexFile) -> None:
    assert index.read(find_ids_in_range, 2, 9) == [2, 3, 4, 5]
    assert index.read(find_ids_by_key, "key-3") == [3]
    assert index.read(find_ids_by_identifier, "arxiv", "2502.06781") == [2]
    assert index.read(find_ids_by_key, "") == index.read(find_ids_by_identifier, "doi", "") == []
    assert (
        index.read(find_ids_by_key, "\udcff")
        == index.read(find_ids_by_identifier, "doi", "\udcff")
        == search_ids(index, "key:\udcff")
        == []
    )


def test_items_are_resolved_in_their_order_and_missing_ones_are_reported(index: IndexFile) -> None:
    items = ["5", "2-3", "arXiv:2502.06781v2", "key-4", "99", "none\x1b"]
    resolved = index.read(resolve_items, items)
    assert resolved == Resolved(tuple(ENTRIES[id_ - 1].paper.ref for id_ in (5, 2, 3, 4)), ("99", "none"))
    assert resolved.ids == (5, 2, 3, 4)


def test_find_ids_returns_the_ids_that_find_does(index: IndexFile) -> None:
    for text in ("", "reasoning", "tag:rl", "diffusion policy", "zebra"):
        query = parse(text, TODAY)
        result = index.read(find_ids, query)
        assert list(result.ids) == search_ids(index, text, order=RELEVANCE)
        assert result.result.total == len(search_ids(index, text))


def test_tags_and_digests_are_counted(index: IndexFile) -> None:
    assert index.read(count_tags, parse("", TODAY))[:2] == [TagCount("rl", 3, 2), TagCount("c++", 1, 1)]
    assert index.read(count_tags, parse("author:levine", TODAY)) == [TagCount("math", 1, 1), TagCount("RL", 1, 1)]
    assert index.read(count_digests) == [
        DigestCount(Appearance(MAY, "2025-05-27.txt"), 2, 2),
        DigestCount(Appearance(FEBRUARY, "2025-02-11.txt"), 2, 1),
        DigestCount(Appearance(None, "None.txt"), 1, 0),
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_found_or_is_a_query_error(text: str) -> None:
    with TemporaryDirectory() as directory:
        index = IndexFile(Path(directory, "index"))
        index.build(ENTRIES[:2])
        with contextlib.suppress(QueryError):
            search_ids(index, text, order=RELEVANCE)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("aBßéK강_-+#|. 1ʻ", min_size=1, max_size=6), min_size=1, max_size=5))
@example(["ʻ"])
def test_a_word_beside_a_tag_finds_the_papers_with_exactly_this_tag(tags: list[str]) -> None:
    entries = [entry(number, "Policy", tags=(tag,)) for number, tag in enumerate(tags, start=1)]
    with index_entries(entries, UserDefinitions()) as connection:
        for tag in tags:
            query = all_of([Text("policy"), FieldEquals("tag", fold_tag(tag))])
            expected = {one.paper.id for one in entries if fold_tag(one.tags[0]) == fold_tag(tag)}
            assert {hit.entry.paper.id for hit in find(connection, query, limit=None).hits} == expected


@pytest.mark.parametrize("query", ["policy is:{}", "policy tag:rl is:{}", "policy -is:{}", "policy (is:{} OR id:1)"])
def test_a_word_beside_a_status_finds_the_papers_with_this_status(query: str) -> None:
    entries = [
        entry(number, "Policy", tags=(tag,), status=status)
        for number, (status, tag) in enumerate(product(Status, ("rl", "deep-rl")), start=1)
    ]
    with index_entries(entries, UserDefinitions()) as connection:
        for status in Status:
            filters = parse(query.format(status.value).removeprefix("policy "), TODAY)
            listed = {hit.entry.paper.id for hit in find(connection, filters, limit=None).hits}
            result = find(connection, parse(query.format(status.value), TODAY), limit=None, order=RELEVANCE)
            assert {hit.entry.paper.id for hit in result.hits if not hit.is_partial} == listed
            assert result.total == len(listed)
