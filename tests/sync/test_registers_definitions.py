"""The laws of saved queries, tag aliases, synonyms and sources as registers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from readlist.definition_edits import AddSynonyms, DeleteQuery, DeleteSynonym, RenameTag, SaveQuery
from readlist.errors import ReadlistError
from readlist.store import definitions as stored
from readlist.store.records import record_error
from readlist.sync.definitions import (
    Definitions,
    join_definitions,
    observe_definitions,
    project_definitions,
)
from readlist.text import fold_tag
from tests.sync.register_strategies import NOW

Records = dict[str, dict[str, dict[str, Any]]]

_TAGS = st.sampled_from(["x", "y", "z", "X", "Y", "강화"])
_WORDS = st.sampled_from(["rl", "강화학습", "RLHF", "reward", "policy", "보상"])
_edits = st.one_of(
    st.builds(
        SaveQuery.parse, st.sampled_from(["fresh", "old"]), st.sampled_from(["is:unread", "tag:rl"]), st.just("")
    ),
    st.builds(DeleteQuery, st.sampled_from(["fresh", "old"])),
    st.builds(RenameTag.parse, _TAGS, _TAGS),
    st.builds(RenameTag.parse, _TAGS, _TAGS),
    st.lists(_WORDS, min_size=2, max_size=3, unique=True).map(lambda words: AddSynonyms.parse(" = ".join(words))),
    st.builds(DeleteSynonym, _WORDS),
)
_EMPTY: Records = {"queries": {}, "aliases": {}, "synonyms": {}}


def _apply(records: Records, edits: list[Any], now: int) -> Records:
    """Return the records after a user made these edits; an edit that is rejected changes nothing."""
    records = {table: dict(names) for table, names in records.items()}
    for number, edit in enumerate(edits):
        with time_machine.travel(dt.datetime.fromtimestamp(now + number // 2, dt.UTC), tick=False):
            try:
                change = edit.apply(stored.decode(records))
            except ReadlistError:
                continue
        for table, names in stored.encode(change).items():
            for name, record in names.items():
                records[table].pop(name, None)
                if record:
                    records[table][name] = record
    return records


@st.composite
def _definitions(draw: st.DrawFn) -> Definitions:
    """The registers after several machines edited and merged."""
    machines: list[tuple[Records, Definitions]] = [(_EMPTY, {}), (_EMPTY, {})]
    rounds = st.lists(st.tuples(st.integers(0, 1), st.lists(_edits, max_size=4), st.booleans()), max_size=6)
    for number, (machine, edits, is_merged) in enumerate(draw(rounds)):
        records, seen = machines[machine]
        records = _apply(records, edits, NOW + number)
        observed = observe_definitions(records, seen, NOW + number)
        machines[machine] = records, observed
        if is_merged:
            joined = join_definitions(observed, machines[1 - machine][1])
            machines[machine] = _EMPTY | project_definitions(joined), joined
    return join_definitions(machines[0][1], machines[1][1])


@given(_definitions(), _definitions(), _definitions())
def test_definitions_join_to_the_same_whatever_the_order_and_however_often(
    a: Definitions, b: Definitions, c: Definitions
) -> None:
    assert join_definitions(a, b) == join_definitions(b, a)
    assert join_definitions(join_definitions(a, b), c) == join_definitions(a, join_definitions(b, c))
    assert join_definitions(join_definitions(a, b), b) == join_definitions(a, b)


@given(_definitions(), st.lists(_edits, max_size=5), st.integers(-3, 10))
def test_what_a_user_defines_comes_back_as_it_was(seen: Definitions, edits: list[Any], later: int) -> None:
    records = _apply(_EMPTY | project_definitions(seen), edits, NOW + later)

    observed = observe_definitions(records, seen, NOW + 10)

    assert _EMPTY | project_definitions(observed) == records
    assert join_definitions(observed, seen) == observed


@given(_definitions())
def test_definitions_that_were_not_changed_say_nothing_new(seen: Definitions) -> None:
    assert observe_definitions(project_definitions(seen), seen, NOW + 100) == seen


@given(_definitions())
def test_the_store_accepts_definitions_of_several_machines_and_no_tag_leads_to_another_alias(seen: Definitions) -> None:
    projected = _EMPTY | project_definitions(seen)

    errors = [record_error(table, name, one) for table, records in projected.items() for name, one in records.items()]
    assert not any(errors)
    tags = {old: alias["tag"] for old, alias in projected["aliases"].items()}
    assert all(tags.get(fold_tag(tag), tag) == tag for tag in tags.values())
    words = [word for group in projected["synonyms"].values() for word in group["words"]]
    assert len(words) == len(set(words))


def _observe_sources(**sources: dict[str, Any]) -> Definitions:
    records = {f"https://{host}.example/feed": source for host, source in sources.items()}
    return observe_definitions({"sources": records}, {}, NOW)


def test_a_source_is_shared_with_the_query_that_limits_it() -> None:
    assert _observe_sources(a={"only": "tag:rl"}) == {"sources": {"https://a.example/feed": [1, "tag:rl"]}}


def test_folders_private_sources_and_urls_with_secrets_are_not_shared() -> None:
    sources = {
        "/home/me/digests": {},
        "https://intranet.example/feed": {"private": True},
        "https://me:pw@example.org/feed": {},
        "https://example.org/feed?token=abc": {},
        "https://example.org/3f9a8b7c6d5e4f3a2b1c/feed": {},
        "ftp://example.org/feed": {},
    }

    assert observe_definitions({"sources": sources}, {}, NOW) == {"sources": {}}


def test_a_source_that_is_private_here_stays_so_and_says_so_to_nobody() -> None:
    url = "https://a.example/feed"
    here = {"sources": {url: {"private": True, "only": "tag:rl"}}}
    theirs = {"sources": {url: [NOW, "tag:vision"]}}

    joined = join_definitions(observe_definitions(here, theirs, NOW + 1), theirs)

    assert joined == {"sources": {url: [NOW + 1, "tag:rl"]}}
    assert project_definitions(joined) == {"sources": {url: {"only": "tag:rl"}}}


def test_a_source_that_was_forgotten_on_another_machine_does_not_come_back_with_the_first_sync() -> None:
    url = "https://a.example/feed"
    theirs: Definitions = {"sources": {url: [NOW - 1000, None]}}

    joined = join_definitions(observe_definitions({"sources": {url: {}}}, None, NOW), theirs)

    assert project_definitions(joined) == {"sources": {}}


@pytest.mark.parametrize(
    ("table", "before", "after"),
    [
        ("queries", {"query": "tag:a", "at": "2024-01-01T00:00:00Z"}, {"query": "tag:b", "at": "2024-01-02T00:00:00Z"}),
        (
            "synonyms",
            {"words": ["foo", "bar"], "at": "2024-01-01T00:00:00Z"},
            {"words": ["foo", "bar", "baz"], "at": "2024-01-02T00:00:00Z"},
        ),
    ],
)
def test_a_change_is_not_lost_where_another_machine_deletes_the_same_and_syncs_later(
    table: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """The time of a deletion is not stored: the sync that notices it may be much later."""
    seen = observe_definitions({table: {"foo": before}}, None, NOW)
    changed = observe_definitions({table: {"foo": after}}, seen, NOW)
    deleted = observe_definitions({table: {}}, seen, NOW + 86_400)
    assert project_definitions(join_definitions(changed, deleted))[table] == {"foo": after}
    assert project_definitions(join_definitions(seen, deleted))[table] == {}


def test_two_renames_in_opposite_directions_make_no_circle() -> None:
    here = _apply(_EMPTY, [RenameTag.parse("x", "y")], NOW)
    there = _apply(_EMPTY, [RenameTag.parse("y", "x")], NOW + 1)

    joined = join_definitions(*(observe_definitions(records, {}, NOW + 2) for records in (here, there)))

    assert {old: alias["tag"] for old, alias in project_definitions(joined)["aliases"].items()} == {"y": "x"}


def test_groups_of_synonyms_with_a_word_in_common_become_one() -> None:
    here = _apply(_EMPTY, [AddSynonyms.parse("rl = 강화학습")], NOW)
    there = _apply(_EMPTY, [AddSynonyms.parse("RLHF = rl")], NOW + 1)

    joined = join_definitions(*(observe_definitions(records, {}, NOW + 2) for records in (here, there)))

    assert [group["words"] for group in project_definitions(joined)["synonyms"].values()] == [
        ["rl", "강화학습", "RLHF"]
    ]


def test_aliases_in_a_circle_that_another_program_wrote_are_stated_once() -> None:
    at = "2025-10-09T08:53:20Z"
    records = {"aliases": {"x": {"tag": "y", "at": at}, "y": {"tag": "x", "at": at}}}

    observed = observe_definitions(records, {}, NOW)

    assert observe_definitions(records, observed, NOW + 1) == observed
    assert project_definitions(observed)["aliases"] == {"y": {"tag": "x", "at": at}}
