"""The laws of marks as registers: joining is a maximum, and what the store has comes back unchanged."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from readlist.store.records import record_error
from readlist.sync.marks import MarkRegisters, join_marks, observe_mark, project_mark
from tests.sync.register_strategies import NOW, mark_records, mark_registers, notes


@given(mark_registers(), mark_registers(), mark_registers())
def test_marks_join_to_the_same_whatever_the_order_and_however_often(
    a: MarkRegisters, b: MarkRegisters, c: MarkRegisters
) -> None:
    assert join_marks(a, b) == join_marks(b, a)
    assert join_marks(join_marks(a, b), c) == join_marks(a, join_marks(b, c))
    assert join_marks(a, a) == a
    assert join_marks(join_marks(a, b), b) == join_marks(a, b)


@given(mark_records(), st.none() | mark_registers())
def test_every_mark_comes_back_as_it_was(record: dict[str, Any], seen: MarkRegisters | None) -> None:
    projected = project_mark(observe_mark(record, seen, NOW))

    assert list(projected.items()) == list(record.items())


@given(mark_registers())
def test_a_mark_that_was_not_changed_says_nothing_new(registers: MarkRegisters) -> None:
    assert observe_mark(project_mark(registers), registers, NOW) is registers


@given(mark_registers())
def test_the_store_accepts_what_registers_project_to(registers: MarkRegisters) -> None:
    assert not record_error("marks", "key-5d589f", project_mark(registers))


@given(mark_records(), mark_registers())
def test_a_change_wins_over_what_was_seen(record: dict[str, Any], seen: MarkRegisters) -> None:
    observed = observe_mark(record, seen, NOW)

    assert join_marks(observed, seen) == observed


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
