"""Postponing papers: dates in the future, and positions in the queue."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.edits import SetStatus, fill_mark
from readlist.errors import UsageError
from readlist.later import Postpone, QueueEnds, parse_future_date
from readlist.models import MAX_POSITION, Entry, Mark, Paper, PaperRef, Status
from readlist.paper_edits import merge_marks

TODAY = dt.date(2025, 5, 28)  # a Wednesday
NOON = dt.datetime(2025, 5, 1, 12, tzinfo=dt.UTC)
REFS = [PaperRef(1, "a"), PaperRef(2, "b"), PaperRef(3, "c")]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-06-02", "2025-06-02"), ("2 June 2025", "2025-06-02"), ("2025년 6월 2일", "2025-06-02"),
        ("tomorrow", "2025-05-29"), ("내일", "2025-05-29"), ("모레", "2025-05-30"),
        ("3d", "2025-05-31"), ("2w", "2025-06-11"), ("1m", "2025-06-28"), ("1y", "2026-05-28"),
        ("in 3 days", "2025-05-31"), ("3일 뒤", "2025-05-31"), ("2주후", "2025-06-11"), ("1개월 뒤", "2025-06-28"),
        ("monday", "2025-06-02"), ("Fri", "2025-05-30"), ("월요일", "2025-06-02"), ("Thursday", "2025-05-29"),
        ("wednesday", "2025-06-04"), ("수요일", "2025-06-04"),
        ("next week", "2025-06-02"), ("다음주", "2025-06-02"), ("next month", "2025-06-01"), ("다음 달", "2025-06-01"),
    ],
)  # fmt: skip
def test_a_day_to_come_is_read_as_people_write_it(text: str, date: str) -> None:
    assert parse_future_date(text, TODAY) == dt.date.fromisoformat(date)


@pytest.mark.parametrize("text", ["12", "15-18", "2502.06781", "fp4-all-the-way-5d589f", "", "mo", "later", "요일"])
def test_an_item_is_no_date(text: str) -> None:
    assert parse_future_date(text, TODAY) is None


@pytest.mark.parametrize("text", ["2025-05-28", "2020-01-01", "0d", "9999y"])
def test_a_date_that_is_not_to_come_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="the date is"):
        parse_future_date(text, TODAY)


@given(st.integers(1, 400), st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31)))
def test_a_date_is_as_many_days_ahead_as_it_says(days: int, today: dt.date) -> None:
    assert parse_future_date(f"{days}d", today) == today + dt.timedelta(days)


def test_papers_follow_the_last_of_the_queue_or_precede_the_first_in_their_order() -> None:
    ends = QueueEnds(4, 9)
    assert Postpone.append(REFS, ends).later == {"a": 10, "b": 11, "c": 12}
    assert Postpone.prepend(REFS, ends).later == {"a": 1, "b": 2, "c": 3}
    assert Postpone.append(REFS, QueueEnds()).later == {"a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize("last", [MAX_POSITION - 2, MAX_POSITION])
def test_no_position_is_above_the_maximum_that_a_store_may_have(last: int) -> None:
    assert max(Postpone.append(REFS, QueueEnds(1, last)).later.values()) == MAX_POSITION  # type: ignore[type-var] # numbers
    assert min(Postpone.prepend(REFS, QueueEnds(-last, 1)).later.values()) == -MAX_POSITION  # type: ignore[type-var] # numbers


def entry(**mark: object) -> Entry:
    return Entry(Paper("A", key="a"), Mark("a")._replace(**mark), ())  # type: ignore[arg-type] # Any


def test_an_edit_that_changes_nothing_keeps_the_time() -> None:
    known = entry(later=3, later_at=NOON)
    assert Postpone({"a": 3}, "later").apply(known) is known.mark
    changed = Postpone.until(REFS, dt.date(2025, 6, 2)).apply(known)
    assert changed.later == dt.date(2025, 6, 2)
    assert changed.later_at
    assert changed.later_at > NOON


@pytest.mark.parametrize(("status", "is_put_off"), [("read", False), ("skipped", False), ("reading", True)])
def test_a_paper_that_is_read_or_skipped_is_no_longer_put_off(status: str, *, is_put_off: bool) -> None:
    mark = SetStatus(Status(status)).apply(entry(later=3, later_at=NOON))
    assert (mark.later is not None, mark.status) == (is_put_off, status)


def test_a_loaded_mark_puts_off_only_what_the_user_never_put_off() -> None:
    source = Mark("a", later=7, later_at=NOON)
    assert fill_mark(Mark("a"), source) == source
    dropped = Mark("a", later=None, later_at=NOON)
    assert fill_mark(dropped, source) == dropped


def test_a_merged_paper_is_put_off_where_one_of_both_is() -> None:
    postponed = Mark("b", later=7, later_at=NOON)
    assert merge_marks(Mark("a"), postponed).later == 7
    assert merge_marks(Mark("a", later=2, later_at=NOON), postponed).later == 2


@pytest.mark.parametrize("status", ["read", "skipped"])
@pytest.mark.parametrize("hours", [-1, 1])
def test_of_two_marks_a_paper_is_put_off_unless_it_was_read_or_skipped_since(status: str, hours: int) -> None:
    done = Mark("a", status=Status(status), status_at=NOON)
    postponed = Mark("a", later=7, later_at=NOON + dt.timedelta(hours=hours))
    expected = 7 if hours > 0 else None
    for mark in (fill_mark(done, postponed), fill_mark(postponed, done), merge_marks(done, postponed)):
        assert (mark.status, mark.later) == (status, expected)
    both = done._replace(later=7, later_at=NOON)
    assert fill_mark(Mark("a"), both) == both
