"""Periods: the dates of queries and options."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import UsageError
from readlist.periods import parse_date_range, parse_day

TODAY = dt.date(2025, 3, 31)
"""A Monday."""


def parse_whole_range(text: str, today: dt.date) -> tuple[dt.date, dt.date]:
    first, last = parse_date_range(text, today)
    assert first
    assert last
    return first, last


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-05-01", "2024-05-01", "2024-05-01"),
        (" 2024-05-01 ", "2024-05-01", "2024-05-01"),
        ("240501", "2024-05-01", "2024-05-01"),
        ("2024년 5월 1일", "2024-05-01", "2024-05-01"),
        ("11 Feb 2025", "2025-02-11", "2025-02-11"),
        ("today", "2025-03-31", "2025-03-31"),
        ("Yesterday", "2025-03-30", "2025-03-30"),
        ("1d", "2025-03-31", "2025-03-31"),
        ("7d", "2025-03-25", "2025-03-31"),
        ("2W", "2025-03-18", "2025-03-31"),
        ("1m", "2025-03-01", "2025-03-31"),
        ("3m", "2025-01-01", "2025-03-31"),
        ("1y", "2024-04-01", "2025-03-31"),
        ("2024..2025-02", "2024-01-01", "2025-02-28"),
        ("2024-05-01..2024-05-01", "2024-05-01", "2024-05-01"),
        ("2024-05..yesterday", "2024-05-01", "2025-03-30"),
        ("2024 .. 2025", "2024-01-01", "2025-12-31"),
        ("2024-05..", "2024-05-01", "None"),
        ("7d..", "2025-03-25", "None"),
        ("..2024-05", "None", "2024-05-31"),
    ],
)
def test_a_query_date_means_its_first_to_its_last_day(text: str, first: str, last: str) -> None:
    assert tuple(map(str, parse_date_range(text, TODAY))) == (first, last)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo", "invalid date: foo; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"),
        ("May", "invalid date: May; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"),
        ("", "invalid date: (empty); write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"),
        ("..", "invalid date: ..; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"),
        (
            "2024..foo",
            "invalid date: 2024..foo; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03",
        ),
        (
            "05/06/2024",
            "invalid date: 05/06/2024; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03",
        ),
        (
            "12345678901",
            "invalid date: 12345678901; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03",
        ),
        (
            "x\x1b[31m\ny" + "z" * 99,
            f"invalid date: x[31m y{'z' * 33}…; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03",
        ),
        (
            "2025-02-30",
            "no such date: 2025-02-30; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03",
        ),
        ("2025-13", "no such date: 2025-13; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"),
        ("2025-00", "no such date: 2025-00; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"),
        ("0000", "no such date: 0000; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"),
        ("2025..2024", "date range ends before it starts: 2025..2024; swap the dates"),
        ("0d", "empty period: 0d; write 2025-02-11, 2025년 2월, 7d, last week, 2025-01..2025-03"),
        ("9999y", "period starts before the year 1: 9999y; write a shorter one"),
        ("999999999w", "period starts before the year 1: 999999999w; write a shorter one"),
    ],
)
def test_what_is_no_date_is_one_line_that_helps(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_date_range(text, TODAY)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("monday", "2025-03-31", "2025-03-31"),
        ("Mon", "2025-03-31", "2025-03-31"),
        ("tue", "2025-03-25", "2025-03-25"),
        ("Thurs", "2025-03-27", "2025-03-27"),
        ("sunday", "2025-03-30", "2025-03-30"),
        ("last monday", "2025-03-24", "2025-03-24"),
        ("last Sunday", "2025-03-30", "2025-03-30"),
        ("last tue", "2025-03-25", "2025-03-25"),
        ("tomorrow", "2025-04-01", "2025-04-01"),
        ("3 days ago", "2025-03-28", "2025-03-28"),
        ("a week ago", "2025-03-24", "2025-03-24"),
        ("2 weeks ago", "2025-03-17", "2025-03-17"),
        ("1 month ago", "2025-02-28", "2025-02-28"),
        ("1 year ago", "2024-03-31", "2024-03-31"),
        ("this week", "2025-03-31", "2025-04-06"),
        ("last week", "2025-03-24", "2025-03-30"),
        ("Last  Month", "2025-02-01", "2025-02-28"),
        ("this month", "2025-03-01", "2025-03-31"),
        ("this year", "2025-01-01", "2025-12-31"),
        ("last year", "2024-01-01", "2024-12-31"),
        ("last 7 days", "2025-03-25", "2025-03-31"),
        ("past 2 weeks", "2025-03-18", "2025-03-31"),
        ("7 days", "2025-03-25", "2025-03-31"),
        ("2025.2", "2025-02-01", "2025-02-28"),
        ("2025/02", "2025-02-01", "2025-02-28"),
        ("May 2024", "2024-05-01", "2024-05-31"),
        ("sept. 2024", "2024-09-01", "2024-09-30"),
        ("December 2024", "2024-12-01", "2024-12-31"),
    ],
)
def test_a_date_is_written_in_words(text: str, first: str, last: str) -> None:
    assert tuple(map(str, parse_date_range(text, TODAY))) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024년", "2024-01-01", "2024-12-31"),
        ("2024년 12월", "2024-12-01", "2024-12-31"),
        ("2024년12월", "2024-12-01", "2024-12-31"),
        ("2024년 12월 3일", "2024-12-03", "2024-12-03"),
        ("2024年12月", "2024-12-01", "2024-12-31"),
        ("오늘", "2025-03-31", "2025-03-31"),
        ("어제", "2025-03-30", "2025-03-30"),
        ("그제", "2025-03-29", "2025-03-29"),
        ("그저께", "2025-03-29", "2025-03-29"),
        ("월요일", "2025-03-31", "2025-03-31"),
        ("화요일", "2025-03-25", "2025-03-25"),
        ("지난 월요일", "2025-03-24", "2025-03-24"),
        ("지난주 화요일", "2025-03-25", "2025-03-25"),
        ("이번 주 수요일", "2025-04-02", "2025-04-02"),
        ("이번주", "2025-03-31", "2025-04-06"),
        ("이번 주", "2025-03-31", "2025-04-06"),
        ("지난주", "2025-03-24", "2025-03-30"),
        ("저번 주", "2025-03-24", "2025-03-30"),
        ("이번달", "2025-03-01", "2025-03-31"),
        ("이번 달", "2025-03-01", "2025-03-31"),
        ("지난달", "2025-02-01", "2025-02-28"),
        ("올해", "2025-01-01", "2025-12-31"),
        ("작년", "2024-01-01", "2024-12-31"),
        ("지난해", "2024-01-01", "2024-12-31"),
        ("재작년", "2023-01-01", "2023-12-31"),
        ("3일 전", "2025-03-28", "2025-03-28"),
        ("3일전", "2025-03-28", "2025-03-28"),
        ("사흘 전", "2025-03-28", "2025-03-28"),
        ("2주 전", "2025-03-17", "2025-03-17"),
        ("일주일 전", "2025-03-24", "2025-03-24"),
        ("한 달 전", "2025-02-28", "2025-02-28"),
        ("1년 전", "2024-03-31", "2024-03-31"),
        ("최근 7일", "2025-03-25", "2025-03-31"),
        ("최근 2주간", "2025-03-18", "2025-03-31"),
        ("지난 3개월", "2025-01-01", "2025-03-31"),
        ("지난달..어제", "2025-02-01", "2025-03-30"),
        ("2024년 12월..2025년 2월", "2024-12-01", "2025-02-28"),
        ("3일 전..", "2025-03-28", "None"),
        ("..지난주", "None", "2025-03-30"),
        (">=지난주", "2025-03-24", "None"),
    ],
)
def test_a_date_is_written_in_korean(text: str, first: str, last: str) -> None:
    assert tuple(map(str, parse_date_range(text, TODAY))) == (first, last)
    assert tuple(map(str, parse_date_range(unicodedata.normalize("NFD", text), TODAY))) == (first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (">2024-05", "2024-06-01", "None"),
        (">=2024-05", "2024-05-01", "None"),
        ("<2024-05", "None", "2024-04-30"),
        ("<=2024-05", "None", "2024-05-31"),
        ("> 2024-05-01", "2024-05-02", "None"),
        ("<yesterday", "None", "2025-03-29"),
        (">=last week", "2025-03-24", "None"),
        ("<2 weeks ago", "None", "2025-03-16"),
    ],
)
def test_a_comparison_is_a_range_with_an_open_end(text: str, first: str, last: str) -> None:
    assert tuple(map(str, parse_date_range(text, TODAY))) == (first, last)


@pytest.mark.parametrize("text", ["<7d", ">=2w", "< last 3 months", ">최근 7일"])
def test_a_comparison_with_the_last_days_is_refused_because_it_has_two_meanings(text: str) -> None:
    with pytest.raises(UsageError, match=f"ambiguous date: {text}; write 7d for the last 7 days, <2025-02-11 for"):
        parse_date_range(text, TODAY)


@pytest.mark.parametrize(
    "text", [">", ">>2024", ">2024..2025", "2024..>2025", "2025년 13월", "last", "ago", "12월", "last 0 days"]
)
def test_words_that_are_no_date_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_date_range(text, TODAY)


@pytest.mark.parametrize("text", [">9999", "<0001", "3000 years ago", "99999999m"])
def test_a_date_outside_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_date_range(text, TODAY)


@given(st.dates(dt.date(2, 1, 1), dt.date(9998, 12, 31)))
def test_periods_of_the_calendar_follow_each_other_and_contain_their_day(today: dt.date) -> None:
    for english, korean in (("week", "주"), ("month", "달"), ("year", "해")):
        first, last = parse_whole_range(f"this {english}", today)
        before_first, before_last = parse_whole_range(f"last {english}", today)
        assert before_first < before_last
        assert before_last + dt.timedelta(days=1) == first <= today <= last
        assert parse_date_range(f"지난{korean}", today) == (before_first, before_last)
    assert parse_date_range("monday", today)[0] == parse_date_range("this week", today)[0]


@given(st.dates(dt.date(1000, 1, 1), dt.date(9998, 12, 31)), st.integers(1, 400), st.sampled_from(["day", "week"]))
def test_the_last_days_begin_after_the_day_that_is_so_many_ago(today: dt.date, count: int, unit: str) -> None:
    first, last = parse_date_range(f"{count}{unit[0]}", today)
    assert first == parse_day(f"{count} {unit}s ago", today) + dt.timedelta(days=1)
    assert last == today


@pytest.mark.parametrize(("text", "day"), [("yesterday", 30), ("어제", 30), ("2025-03-05", 5), ("monday", 31)])
def test_a_single_day_is_parsed(text: str, day: int) -> None:
    assert parse_day(text, TODAY) == dt.date(2025, 3, day)


@pytest.mark.parametrize("text", ["7d", "2025-03", "2025-03-01..", "..2025-03-01", "last week", "soon", ""])
def test_a_range_is_not_a_single_day(text: str) -> None:
    with pytest.raises(UsageError, match=r"not a single day: .*; write a date such as 2025-03-31"):
        parse_day(text, TODAY)


@given(st.text() | st.text("0123456789-/.:<> dwmyJanFebMar년월일주전지난이번", max_size=45))
def test_any_text_at_all_is_a_range_or_an_error(text: str) -> None:
    with contextlib.suppress(UsageError):
        first, last = parse_date_range(text, TODAY)
        assert first or last
        assert first is None or last is None or first <= last


@pytest.mark.parametrize("text", ["1" * 1_000_000, "2025-02-11" + " " * 1_000_000 + "x", "." * 1_000_000])
def test_a_very_long_text_is_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(UsageError):
        parse_date_range(text, TODAY)
    assert time.perf_counter() - start < 1
