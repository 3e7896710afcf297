"""Dates: of digests and of file names."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.dates import date_from_file_name, find_date, is_unreadable_date, parse_date_line

DAY = dt.date(2025, 2, 11)


@pytest.mark.parametrize(
    "line",
    [
        "2025년 2월 11일",
        "2025년2월11일",
        "2025년 02월 11일 화요일",
        "2025년 2월 11일 (화)",
        "2025年2月11日",
        "2025年2月11日(火)",
        "2025年2月11日（火）",
        "2025年2月11日（火曜日）",
        "2025년 2월 11일（화）",
        "2025-02-11",
        "2025-2-11",
        "2025-02-11 (Tue)",
        "2025-02-11, Tuesday",
        "2025.02.11",
        "2025. 2. 11.",
        "2025/02/11",
        "20250211",
        "250211",
        "11 February 2025",
        "11 Feb 2025",
        "11th of February, 2025",
        "February 11, 2025",
        "Feb. 11th, 2025",
        "FEBRUARY 11 2025",
        "Tuesday, February 11, 2025",
        "Tue, 11 Feb 2025",
        "11. Februar 2025",
        "Dienstag, 11. Februar 2025",
        "Di., 11. Feb. 2025",
        "11 février 2025",
        "mardi 11 février 2025",
        "le 11 FÉVRIER 2025",
        "11 de febrero de 2025",
        "martes, 11 de febrero de 2025",
        "11 febbraio 2025",
        "11 de fevereiro de 2025",
        "terça-feira, 11 de fevereiro de 2025",
        "dinsdag 11 februari 2025",
        "11 lutego 2025",
        "11. února 2025",
        "11 февраля 2025",
        "11 февраля 2025 г.",
        "11 Şubat 2025",
        "# 2025-02-11",
        "### 11 February 2025",
    ],
)
def test_a_date_line_is_read_however_it_is_written(line: str) -> None:
    assert parse_date_line(line) == DAY


@pytest.mark.parametrize(
    "line",
    [
        "",
        "May",
        "May 2025",
        "11 February",
        "11 February 25",
        "2025",
        "2025-02",
        "2024 in review",
        "GPT-4",
        "1",
        "12345678901",
        "99999999999999999999",
        "251301",
        "2025-02-30",
        "2025년 13월 1일",
        "30 February 2025",
        "2025-02-11 to 2025-02-12",
        "05/06/2025",
        "#250211",
        "11 February 2025 and more",
        "The papers of 11 February 2025",
        "10:30",
        "2025-02-11 10:30 EST",
        "Tuesday, February 2025",
        "Tue 11 2025",
        "Tuesday, Tuesday 9999",
        "March 2025 2025",
        "2025 2025 2025",
    ],
)
def test_a_line_that_is_no_whole_date_is_no_date_line(line: str) -> None:
    assert parse_date_line(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "2025년 2월 31일",
        "2025년 13월 1일 (화)",
        "2025年2月31日（火）",
        "2025-02-30",
        "## 2025. 2. 30.",
        "31. Februar 2025",
        "31 de febrero de 2025",
        "30 February 2025",
        "Tuesday, February 30, 2025",
        "05/06/2025",
        "31.02.2025",
        "5/6/25",
        "2월 11일 (화)",
        "25년 2월 11일",
        "February 11",
        "11 February 25",
    ],
)
def test_a_date_that_does_not_exist_is_ambiguous_or_incomplete_is_recognized_as_a_date(line: str) -> None:
    assert parse_date_line(line) is None
    assert is_unreadable_date(line)


@pytest.mark.parametrize(
    "line", ["", "May", "May 2025", "251301", "2025", "GPT 4 2025", "1.2.3", "10:30", "3 in 1", "11 Monkeys 2025", "3D"]
)
def test_a_line_with_numbers_is_not_a_date(line: str) -> None:
    assert parse_date_line(line) is None
    assert not is_unreadable_date(line)


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2025-02-11.txt", DAY),
        ("2025_02_11.txt", DAY),
        ("digest-2025.2.11.txt", DAY),
        ("250211 foo.md", DAY),
        ("20250211_x.txt", DAY),
        ("digest 20250211.txt", DAY),
        ("2025년 2월 11일.txt", DAY),
        ("2025-13-01 2025-02-11.txt", DAY),
        ("notes.txt", None),
        ("-", None),
        ("2502.06781.txt", None),
        ("2025-13-01.txt", None),
        ("1234567.txt", None),
        ("v20250211.txt", None),
        ("000_1af20250211c929a1.txt", None),
        ("003_d56214795a957d4e.txt", None),
    ],
)
def test_a_date_in_a_file_name_is_found_and_none_is_made_up(name: str, date: dt.date | None) -> None:
    assert date_from_file_name(name) == date


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_is_read_back_from_every_form(day: dt.date) -> None:
    forms = (
        "%Y-%m-%d",
        "%Y.%m.%d",
        "%Y/%m/%d",
        "%Y%m%d",
        "%y%m%d",
        "%d %B %Y",
        "%B %d, %Y",
        "%A, %d %b %Y",
        "%Y년 %m월 %d일",
    )
    for form in forms:
        text = day.strftime(form)
        assert parse_date_line(text) == day, text


@given(st.text() | st.text("0123456789-/.: dwmyJanFebMar", max_size=45))
def test_any_text_at_all_is_a_date_or_none(text: str) -> None:
    assert isinstance(parse_date_line(text), dt.date | None)
    assert isinstance(is_unreadable_date(text), bool)
    assert isinstance(date_from_file_name(text), dt.date | None)


@pytest.mark.parametrize("text", ["1" * 1_000_000, "2025-02-11" + " " * 1_000_000 + "x", "." * 1_000_000])
def test_a_very_long_text_is_refused_at_once(text: str) -> None:
    start = time.perf_counter()
    assert parse_date_line(text) is None
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    "heading",
    [
        "Top ML Papers of the Week (November 16 - November 22) - 2026",
        "Papers (Nov 16 – Nov 22, 2026)",
        "Papers of November 16-22, 2026",
        "Papers [Oct. 30th — Nov. 22nd] 2026",
    ],
)
def test_a_heading_with_a_range_of_days_has_the_date_of_the_last_one(heading: str) -> None:
    assert find_date(heading) == dt.date(2026, 11, 22)


@pytest.mark.parametrize("heading", ["Papers (February 3 - February 9)", "Papers (February 3 - February 31) - 2026"])
def test_a_range_without_a_year_or_that_does_not_exist_is_no_date(heading: str) -> None:
    assert find_date(heading) is None
