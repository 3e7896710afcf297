"""The laws of marks as registers: joining is a maximum, and what the store has comes back unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.store.records import record_error
from readlist.sync.marks import MarkRegisters, join_marks, observe_mark, project_mark, restrict
from tests.sync.register_strategies import NOW, mark_records, mark_registers, notes


@pytest.mark.heavy
@settings(max_examples=50)
@given(mark_registers(), mark_registers(), mark_registers())
def test_marks_join_to_the_same_whatever_the_order_and_however_often(
    a: MarkRegisters, b: MarkRegisters, c: MarkRegisters
) -> None:
    assert join_marks(a, b) == join_marks(b, a)
    assert join_marks(join_marks(a, b), c) == join_marks(a, join_marks(b, c))
    assert join_marks(a, a) == a
    assert join_marks(join_marks(a, b), b) == join_marks(a, b)


@pytest.mark.heavy
@given(mark_records(), st.none() | mark_registers())
def test_every_mark_comes_back_as_it_was(record: dict[str, Any], seen: MarkRegisters | None) -> None:
    projected = project_mark(observe_mark(record, seen, NOW))

    assert list(projected.items()) == list(record.items())


@given(mark_registers())
def test_a_mark_that_was_not_changed_says_nothing_new(registers: MarkRegisters) -> None:
    assert observe_mark(project_mark(registers), registers, NOW) is registers


@pytest.mark.heavy
@given(mark_registers())
def test_the_store_accepts_what_registers_project_to(registers: MarkRegisters) -> None:
    assert not record_error("marks", "key-5d589f", project_mark(registers))


@pytest.mark.heavy
@given(mark_records(), mark_registers())
def test_a_change_wins_over_what_was_seen(record: dict[str, Any], seen: MarkRegisters) -> None:
    observed = observe_mark(record, seen, NOW)

    assert join_marks(observed, seen) == observed


@pytest.mark.heavy
@given(mark_records(), mark_records(), mark_records(), notes)
def test_changes_of_different_fields_on_two_machines_both_stay(
    before: dict[str, Any], here: dict[str, Any], there: dict[str, Any], note: str
) -> None:
    seen = observe_mark(before, None, NOW)
    status = {name: value for name, value in here.items() if name in ("status", "status_at")}
    record = {name: value for name, value in project_mark(seen).items() if name not in ("status", "status_at")} | status
    other = {name: value for name, value in project_mark(seen).items() if name != "note"}
    other |= {"note": note} if note else {}

    merged = project_mark(join_marks(observe_mark(record, seen, NOW + 1), observe_mark(other, seen, NOW + 2)))

    assert merged.get("status") == status.get("status")
    assert merged.get("note", "") == note


READ = {"status": "read", "status_at": "2025-10-09T08:53:20Z"}
QUEUED = {"later": 3, "later_at": "2025-10-09T08:53:22Z"}


def test_a_blank_mark_that_was_never_synced_says_nothing() -> None:
    assert observe_mark({}, None, NOW) == {}


def test_a_mark_that_was_undone_to_nothing_takes_away_what_was_seen() -> None:
    record = READ | {"starred": True, "tags_added": ["rl"], "note": "a", "later": 1}
    seen = observe_mark(record, None, NOW)

    undone = observe_mark({}, seen, NOW + 1)

    assert project_mark(undone) == {}
    assert project_mark(join_marks(undone, seen)) == {}


def test_an_undo_wins_though_it_brings_an_old_time_back() -> None:
    before = observe_mark(READ, None, NOW)
    starred = observe_mark(READ | {"starred": True, "starred_at": "2025-10-09T08:53:25Z"}, before, NOW + 5)

    undone = observe_mark(READ, starred, NOW + 9)

    assert project_mark(join_marks(undone, starred)) == READ


def test_a_paper_that_was_read_on_another_machine_after_it_was_queued_here_is_not_queued() -> None:
    here = observe_mark({"later": 3, "later_at": "2025-10-09T08:53:15Z"}, None, NOW)

    assert project_mark(join_marks(here, observe_mark(READ, None, NOW))) == READ | {"later_at": READ["status_at"]}


def test_a_paper_that_was_queued_on_another_machine_after_it_was_read_here_is_queued() -> None:
    there = observe_mark(QUEUED, None, NOW)

    assert project_mark(join_marks(observe_mark(READ, None, NOW), there)) == READ | QUEUED


def test_a_paper_that_is_unread_again_is_not_queued_by_an_old_entry() -> None:
    joined = join_marks(
        observe_mark({"later": 3, "later_at": "2025-10-09T08:53:15Z"}, None, NOW), observe_mark(READ, None, NOW)
    )
    unread = {"status_at": "2025-10-09T08:53:25Z", "later_at": READ["status_at"]}

    assert project_mark(observe_mark(unread, joined, NOW + 5)) == unread


def test_tags_of_two_machines_both_stay_and_one_that_was_removed_does_not_come_back() -> None:
    seen = observe_mark({"tags_added": ["zeta", "alpha"], "tags_at": "2025-10-09T08:53:15Z"}, None, NOW)
    here = observe_mark({"tags_added": ["alpha", "rl"], "tags_at": "2025-10-09T08:53:20Z"}, seen, NOW)
    there = observe_mark({"tags_added": ["zeta", "alpha", "vision"], "tags_at": "2025-10-09T08:53:19Z"}, seen, NOW)

    assert project_mark(join_marks(here, there))["tags_added"] == ["alpha", "vision", "rl"]


def test_a_tag_that_is_added_and_removed_is_one_that_is_removed() -> None:
    assert project_mark(observe_mark({"tags_added": ["RL"], "tags_removed": ["rl"]}, None, NOW)) == {
        "tags_removed": ["rl"]
    }


def test_tags_that_other_machines_would_reject_are_not_sent() -> None:
    record = {"tags_added": ["\x1b[31m", "rl", "x" * 65, ""]}

    assert observe_mark(record, None, NOW)["tags"] == {"rl": [NOW, "+", "rl"]}


def test_only_the_fields_that_a_person_shares_are_shared() -> None:
    record = READ | QUEUED | {"starred": True, "tags_added": ["rl"], "note": "mine", "note_at": READ["status_at"]}
    registers = observe_mark(record, None, NOW)

    assert project_mark(restrict(registers, ["status", "star"])) == READ | {"starred": True}
    assert restrict(registers, ["tags", "note"]).keys() == {"tags", "note", "note_at"}
    assert restrict(registers, []) == {}
