"""What a sync does with papers: new ones, one paper under two keys, namesakes, merges, deletions, and a lab."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import pytest

from readlist.errors import ReadlistError
from readlist.store.matching import MAX_ID
from readlist.sync.keys import KeyMap, pair_name
from readlist.sync.paper_merge import LocalPapers, PaperMerge, SharedPapers, merge_papers
from readlist.sync.paper_months import merge_months
from tests.scaling import assert_linear
from tests.sync.paper_machines import START, Branch, Machine, paper, settle

TIDES = paper("Tides of Attention", "Kim", arxiv_id="2501.00001", abstract="Moon.")
NAMESAKE = paper("Tides of Attention", "Kim", arxiv_id="2501.00002", abstract="Sun.")
GRAPHS = paper("Graphs", "Cho", date="2025-11-03", tags=("graphs",))
SLEEP = paper("Deep Sleep", "Lee", date="2025-12-03")


def pair_of_machines() -> tuple[Branch, Machine, Machine]:
    return Branch(), Machine("laptop"), Machine("desktop")


def test_a_new_paper_gets_the_id_of_its_first_machine_where_that_is_free() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES, GRAPHS, SLEEP)
    desktop.load(paper("Sand", "Moon"))
    laptop.sync(branch)

    merge = desktop.sync(branch)

    assert {id_: record["title"] for id_, record in sorted(desktop.records.items())} == {
        "1": "Sand",
        "2": "Graphs",
        "3": "Deep Sleep",
        "4": "Tides of Attention",
    }
    assert (merge.received, merge.sent, merge.next_id) == ({"2", "3", "4"}, {desktop.records["1"]["key"]}, 5)


def test_a_paper_whose_id_another_one_has_does_not_take_that_of_a_third() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES, GRAPHS, SLEEP)
    desktop.load(paper("Sand", "Moon"))
    settle(branch, [laptop, desktop])
    replacement = Machine("replacement")

    replacement.sync(branch)

    titles = {id_: record["title"] for id_, record in sorted(replacement.records.items())}
    assert (titles["2"], titles["3"]) == ("Graphs", "Deep Sleep")


def test_a_new_machine_has_the_ids_of_the_others_after_a_merge_too() -> None:
    branch, laptop, _ = pair_of_machines()
    laptop.load(TIDES, GRAPHS, SLEEP)
    laptop.sync(branch)
    laptop.merge("1", "2")
    settle(branch, [laptop])
    replacement = Machine("replacement")

    replacement.sync(branch)

    assert {id_: record["title"] for id_, record in replacement.records.items()} == {
        id_: record["title"] for id_, record in laptop.records.items()
    }


def test_an_id_far_above_those_here_is_not_taken_over() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.next_id = 900_000
    laptop.load(TIDES)
    laptop.sync(branch)
    desktop.sync(branch)

    assert list(desktop.records) == ["1"]


def test_a_machine_without_free_ids_says_so() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES)
    desktop.load(GRAPHS)
    laptop.sync(branch)

    with pytest.raises(ReadlistError, match="no free ID"):
        merge_papers(LocalPapers(desktop.records, MAX_ID + 1), SharedPapers({}, {}), branch.state, None, START)


def test_a_paper_that_both_loaded_is_one_and_is_not_sent_twice() -> None:
    branch, laptop, desktop = pair_of_machines()
    for machine in (laptop, desktop):
        machine.load(TIDES)
    laptop.sync(branch)

    merge = desktop.sync(branch)

    assert (merge.received, merge.updated, merge.sent) == (set(), set(), set())


def test_an_empty_field_is_filled_and_a_loaded_one_stays() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(paper("Tides of Attention", "Kim", abstract="Long and from the laptop.", tags=("sea",)))
    desktop.load(paper("Tides of Attention", "Kim", abstract="Short.", url="https://a.example/x", tags=("moon",)))
    settle(branch, [laptop, desktop])

    here, there = laptop.records["1"], desktop.records["1"]
    assert (here["abstract"], there["abstract"]) == ("Long and from the laptop.", "Short.")
    assert here["url"] == there["url"] == "https://a.example/x"
    assert (here["tags"], there["tags"]) == (["sea", "moon"], ["moon", "sea"])


def test_one_paper_under_two_keys_becomes_a_pair_and_keeps_its_key_here() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(paper("Tides of Attention"))
    desktop.load(TIDES)
    keys = laptop.records["1"]["key"], desktop.records["1"]["key"]
    settle(branch, [laptop, desktop])

    assert branch.state.same == {pair_name(*keys): [1, True]}
    assert (laptop.records["1"]["key"], desktop.records["1"]["key"]) == keys
    assert {
        machine.keys.to_shared(key) for machine, key in zip((laptop, desktop), keys, strict=True) if machine.keys
    } == {min(keys)}
    assert laptop.records["1"]["arxiv_id"] == "2501.00001"


def test_two_papers_here_that_are_one_elsewhere_become_the_one_with_the_lower_id() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(GRAPHS, SLEEP)
    laptop.sync(branch)
    desktop.sync(branch)
    laptop.merge("1", "2")
    laptop.sync(branch)

    merge = desktop.sync(branch)

    assert merge.merged == [("1", "2")]
    assert merge.records["2"] is None
    assert [each["id"] for each in desktop.records["1"]["merged"]] == [2]
    settle(branch, [laptop, desktop])


def test_an_undone_merge_brings_the_other_paper_back_under_its_id_and_takes_its_digest_away() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(GRAPHS, SLEEP)
    settle(branch, [laptop, desktop])
    before = desktop.records
    laptop.merge("1", "2")
    settle_once(branch, laptop, desktop)
    assert list(desktop.records) == ["1"]
    assert laptop.undo()

    settle_once(branch, laptop, desktop)

    assert desktop.records == before
    assert [register[1] for register in branch.state.same.values()] == [False]
    settle(branch, [laptop, desktop])


def test_a_merge_after_an_undone_one_counts_again() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(GRAPHS, SLEEP)
    settle(branch, [laptop, desktop])
    laptop.merge("1", "2")
    settle_once(branch, laptop, desktop)
    laptop.undo()
    settle_once(branch, laptop, desktop)
    desktop.merge("1", "2")
    settle_once(branch, desktop, laptop)

    assert list(laptop.records) == list(desktop.records) == ["1"]
    settle(branch, [laptop, desktop])


def test_papers_that_the_user_separated_are_not_paired_again_by_a_third_machine() -> None:
    branch, laptop, desktop = pair_of_machines()
    stub, paper_of_it = (
        paper("arXiv:2501.00003", arxiv_id="2501.00003", source=""),
        paper("Sand", arxiv_id="2501.00003"),
    )
    desktop.load(paper("Rain"), stub)
    laptop.load(paper_of_it)
    keys = desktop.records["2"]["key"], laptop.records["1"]["key"]
    state = {keys[0]: {"id": 2, "title": "arXiv:2501.00003", "arxiv_id": "2501.00003", "digests": []}}
    branch.history.append(SharedPapers(state, {pair_name(*keys): [START, False]}))

    merge = laptop.sync(branch)

    assert len(merge.received) == 1
    assert len(laptop.records) == 2


def test_namesakes_loaded_in_opposite_order_stay_apart() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES, NAMESAKE)
    desktop.load(NAMESAKE, TIDES)
    laptop.sync(branch)

    merge = desktop.sync(branch)

    assert [(each.id, each.other) for each in merge.namesakes] == [("1", "Tides of Attention")]
    settle(branch, [laptop, desktop])
    found = [
        {key: record["abstract"] for key, record in machine.by_class(branch).items()} for machine in (laptop, desktop)
    ]
    assert found[0] == found[1]
    assert sorted(found[0].values()) == ["Moon.", "Sun."]


def test_namesakes_of_which_each_machine_has_one_stay_apart() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES)
    desktop.load(NAMESAKE)
    settle(branch, [laptop, desktop])

    assert [len(machine.records) for machine in (laptop, desktop)] == [2, 2]
    assert desktop.records["1"]["abstract"] == "Sun."


def test_namesakes_are_told_apart_after_a_lost_race_as_well() -> None:
    branch, laptop, desktop = pair_of_machines()
    desktop.load(NAMESAKE)
    desktop.prepare(branch)
    laptop.load(TIDES)
    laptop.sync(branch)

    desktop.sync(branch)

    assert sorted(record["abstract"] for record in desktop.records.values()) == ["Moon.", "Sun."]
    settle(branch, [laptop, desktop])


def test_a_corrected_arxiv_id_makes_no_namesake_of_a_paper_that_was_synced() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES)
    settle(branch, [laptop, desktop])
    laptop.records["1"] = {**laptop.records["1"], "arxiv_id": "2501.00009"}

    merge = laptop.sync(branch)

    assert merge.namesakes == []
    settle(branch, [laptop, desktop])
    assert len(desktop.records) == 1


def test_an_undone_load_returns_and_is_named() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES)
    settle(branch, [laptop, desktop])
    laptop.load(GRAPHS)
    settle_once(branch, laptop, desktop)
    laptop.records = {"1": laptop.records["1"]}

    merge = laptop.sync(branch)

    assert merge.returned == ["2"]
    assert laptop.records["2"]["title"] == "Graphs"


def test_a_deletion_and_a_correction_travel_and_so_does_taking_them_back() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES, GRAPHS)
    settle(branch, [laptop, desktop])
    laptop.delete("1")
    laptop.correct("2", "title", "Graphs!")
    settle_once(branch, laptop, desktop)
    assert desktop.records["1"]["deleted_at"] == laptop.records["1"]["deleted_at"]
    assert desktop.records["2"]["corrections"] == laptop.records["2"]["corrections"]

    desktop.delete("1", restore=True)
    desktop.correct("2", "title", None)
    settle_once(branch, desktop, laptop)

    assert "deleted_at" not in laptop.records["1"]
    assert "corrections" not in laptop.records["2"]


def test_an_undone_correction_wins_over_the_older_one_elsewhere() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES)
    laptop.correct("1", "title", "First")
    settle(branch, [laptop, desktop])
    laptop.correct("1", "title", "Second")
    settle_once(branch, laptop, desktop)
    laptop.undo()

    settle_once(branch, laptop, desktop)

    assert desktop.records["1"]["corrections"]["title"]["value"] == "First"


def test_only_the_months_that_differ_are_read_for_new_papers() -> None:
    branch, laptop, desktop = pair_of_machines()
    laptop.load(TIDES, GRAPHS)
    settle(branch, [laptop, desktop])
    base = branch.state
    laptop.load(SLEEP)
    laptop.sync(branch)
    wanted: list[Collection[str] | None] = []

    def read(months: Collection[str] | None) -> tuple[SharedPapers, SharedPapers]:
        wanted.append(months)
        return base, branch.state

    merge_months(LocalPapers(desktop.records, desktop.next_id, []), {"2025-12"}, read, desktop.keys, START)
    merge_months(LocalPapers(desktop.records, desktop.next_id, ["9"]), {"2025-12"}, read, desktop.keys, START)

    assert wanted == [{"2025-12"}, {"2025-12"}, None]


def test_the_map_of_keys_comes_back_from_json() -> None:
    keys = KeyMap({"a": "b"}, {"a": "a-canonical"}, {}, 7)

    assert KeyMap.from_record(json.loads(json.dumps(keys.to_record()))) == keys
    assert KeyMap.from_record({}) == KeyMap()
    assert keys.to_shared("a") == "a-canonical"
    assert keys.to_shared("c") == "c"
    assert keys.inverse() == {"a-canonical": "a"}


def test_a_pair_in_a_lab_merges_no_two_papers_here() -> None:
    branch, kim = Branch(), Machine("kim", with_edits=False)
    kim.load(GRAPHS, SLEEP)
    kim.sync(branch)
    pair = pair_name(*(record["key"] for record in kim.records.values()))
    branch.history.append(SharedPapers(branch.state.papers, {pair: [START, True]}))

    kim.sync(branch)

    assert list(kim.records) == ["1", "2"]
    assert branch.state.same == {pair: [START, True]}


def test_a_deleted_paper_is_not_sent_to_a_lab() -> None:
    branch, kim = Branch(), Machine("kim", with_edits=False)
    kim.load(GRAPHS, SLEEP)
    kim.delete("1")
    kim.sync(branch)

    assert [each["title"] for each in branch.state.papers.values()] == ["Deep Sleep"]


def merged_records(count: int) -> dict[str, dict[str, Any]]:
    """Return papers into each of which another one was merged by the user."""
    return {
        str(number): {
            "key": f"kept-{number}",
            "title": f"Paper {number}",
            "digests": [],
            "merged": [{"key": f"other-{number}", "id": count + number, "title": f"Other {number}"}],
        }
        for number in range(1, count + 1)
    }


def receive(records: dict[str, dict[str, Any]]) -> PaperMerge:
    """Merge papers that were merged here with as many that are new."""
    first = 2 * len(records) + 1
    new = {f"new-{id_}": {"id": id_, "title": f"New {id_}", "digests": []} for id_ in range(first, 2 * first)}
    return merge_papers(LocalPapers(records, first), SharedPapers({}, {}), SharedPapers(new, {}), None, START)


def test_a_first_sync_with_many_merges_takes_linear_time() -> None:
    assert len(receive(merged_records(5)).same) == 5
    assert_linear(merged_records, receive, start=100, limit=10_000, min_seconds=0.05)


def settle_once(branch: Branch, *machines: Machine) -> None:
    for machine in machines:
        machine.sync(branch)
