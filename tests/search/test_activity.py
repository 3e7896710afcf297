"""Counts by day, month and year: they are those of the queries, in every time zone."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.search.activity import LocalDays
from readlist.search.index.errors import RowDecodeError
from readlist.search.query.days import local_midnight_utc
from readlist.search.query.parser import parse
from readlist.search.statistics import compute_stats
from readlist.search.year_review import review_year
from readlist.stats import Activity, sum_activity
from tests.search.index_file import IndexFile, search_ids

TODAY = dt.date(2025, 12, 30)
ZONES = ("UTC", "Asia/Seoul", "America/New_York", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia")
QUERIES = {"added": "first", "read": "read", "starred": "starred", "noted": "noted"}
"""The counts that a query field finds, and the field."""


@pytest.fixture(autouse=True)
def time_zone() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        set_zone(patch, "UTC")
        yield
    time.tzset()


def set_zone(patch: pytest.MonkeyPatch, zone: str) -> None:
    patch.setenv("TZ", zone)
    time.tzset()


def times() -> st.SearchStrategy[dt.datetime]:
    """Return times from 2023 to 2026, many of them close to a new year, a month's end or a change of the clocks."""
    edges = [dt.datetime(2025, 1, 1), dt.datetime(2025, 3, 9, 7), dt.datetime(2025, 6, 1), dt.datetime(2025, 11, 2, 6)]
    near = st.builds(
        lambda edge, seconds: edge + dt.timedelta(seconds=seconds), st.sampled_from(edges), st.integers(-50_000, 50_000)
    )
    anywhere = st.datetimes(dt.datetime(2023, 12, 1), dt.datetime(2026, 2, 1))
    return st.one_of(near, anywhere).map(lambda at: at.replace(microsecond=0, tzinfo=dt.UTC))


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    drawn = []
    for id_ in range(1, draw(st.integers(1, 12)) + 1):
        day = draw(st.none() | st.dates(dt.date(2023, 12, 1), dt.date(2026, 2, 1)))
        mark = Mark(
            f"k{id_}",
            draw(st.sampled_from(Status)),
            draw(st.none() | times()),
            draw(st.booleans()),
            draw(st.none() | times()),
            note=draw(st.sampled_from(["", "A note."])),
            note_at=draw(st.none() | times()),
        )
        tags = tuple(draw(st.lists(st.sampled_from(["rl", "강화학습"]), unique=True)))
        paper = Paper(
            f"Paper {id_}", ("Ada Lovelace",), tags=tags, digests=(Appearance(day, "a"),), id=id_, key=mark.key
        )
        drawn.append(Entry(paper, mark, tags))
    return drawn


@settings(max_examples=15, deadline=None)
@given(entries(), st.sampled_from(ZONES), st.sampled_from(["", "tag:강화학습"]))
def test_every_count_of_a_year_is_that_of_its_query(drawn: list[Entry], zone: str, query: str) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        set_zone(patch, zone)
        index = IndexFile(Path(folder) / "index")
        index.build(drawn)
        review = index.read(review_year, parse(query, TODAY), 2025, TODAY)

        def count(terms: str) -> int:
            return len(search_ids(index, f"{query} {terms}"))

        for name, field in QUERIES.items():
            assert getattr(review.total, name) == count(f"{field}:2025")
            for month in review.months[:: 1 if field == "read" else 5]:
                assert getattr(month, name) == count(f"{field}:{month.period}")
        assert review.total == sum_activity("2025", review.months)
        assert sum(day.read for day in review.reading_days) == review.total.read
        for day in review.reading_days:
            assert day.read == count(f"read:{day.date}")
        assert review.unread == count("first:2025 is:unread")
        assert len(review.starred) == review.total.starred
        for tag in review.tags:
            assert (tag.read, tag.added) == (count(f"tag:{tag.tag} read:2025"), count(f"tag:{tag.tag} first:2025"))
        stats = index.read(compute_stats, parse(query, TODAY), TODAY)
        assert {month for month in review.months if not month.is_empty} == {
            month for month in stats.activity if month.period.startswith("2025")
        }
        assert sum_activity("", stats.activity).read == count("read:2000..")
        skipped = sum(month.skipped for month in stats.activity)
        assert skipped == sum(
            bool(one.mark.status_at)
            for one in drawn
            if one.mark.status is Status.SKIPPED and (not query or "강화학습" in one.tags)
        )


@settings(max_examples=100, deadline=None)
@given(times(), st.sampled_from(ZONES))
def test_a_time_is_of_the_day_whose_midnights_are_around_it(at: dt.datetime, zone: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        set_zone(patch, zone)
        text = at.isoformat()
        day = LocalDays().convert(text)
        assert (local_midnight_utc(day) or "") <= text < (local_midnight_utc(day + dt.timedelta(days=1)) or "")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
@pytest.mark.parametrize("zone", ZONES)
def test_the_first_and_last_times_of_the_calendar_have_a_day(
    text: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_zone(monkeypatch, zone)
    assert LocalDays().convert(text).isoformat()[:4] in {"0001", "9999"}


def test_a_text_that_is_no_date_is_reported_as_a_corrupt_row() -> None:
    with pytest.raises(RowDecodeError, match="no date"):
        LocalDays().convert("2025-13-01T00:00:00+00:00")


def test_the_sum_of_nothing_is_nothing() -> None:
    assert sum_activity("2025", []) == Activity("2025")
    assert Activity("2025").is_empty
