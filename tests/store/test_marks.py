"""MarkStore: marks by the key of their paper."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readlist.models import Mark, Status
from readlist.store import Store
from readlist.store.marks import MarkStore
from tests.store.changes import edit_marks
from tests.strategies import build_model

NOON = dt.datetime(2025, 2, 11, 12, tzinfo=dt.UTC)

KEYS = st.sampled_from(["a-111111", "b-222222", "한국어-333333", "untitled-444444"])
TIMES = st.none() | st.datetimes(
    dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)
).map(lambda time: time.replace(microsecond=0))  # fmt: skip
WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
MARKS = build_model(
    Mark,
    key=KEYS,
    status=st.sampled_from(Status),
    status_at=TIMES,
    starred=st.booleans(),
    starred_at=TIMES,
    tags_added=st.lists(WORDS, max_size=3).map(tuple),
    tags_removed=st.lists(WORDS, max_size=3).map(tuple),
    tags_at=TIMES,
    note=WORDS,
    note_at=TIMES,
)


def new_store(root: Path) -> MarkStore:
    return Store(root / "data", root / "state").marks


@pytest.fixture
def store(tmp_path: Path) -> MarkStore:
    return new_store(tmp_path)


def mark_as_read(mark: Mark) -> Mark:
    return mark._replace(status=Status.READ, status_at=NOON)


def test_a_key_without_a_record_is_an_unread_mark(store: MarkStore) -> None:
    assert edit_marks(store, ["a"], mark_as_read) == [mark_as_read(Mark("a"))]
    assert edit_marks(store, ["b"], lambda mark: mark) == []
    assert store.read().marks == {"a": mark_as_read(Mark("a"))}


def test_an_edit_returns_only_the_marks_that_differ_each_once(store: MarkStore) -> None:
    edit_marks(store, ["b"], mark_as_read)
    changed = Mark("a", status=Status.READ, status_at=NOON)
    assert edit_marks(store, ["a", "b", "a"], mark_as_read) == [changed]
    assert store.read().marks == {"a": changed, "b": changed._replace(key="b")}


def test_an_edit_of_many_marks_is_one_write(store: MarkStore) -> None:
    edit_marks(store, [f"k{number}" for number in range(500)], mark_as_read)
    assert len(list(store.file.backups)) == 1
    assert len(store.read().marks) == 500


def test_a_mark_with_default_values_is_stored_while_it_has_a_time(store: MarkStore, tmp_path: Path) -> None:
    edit_marks(store, ["a", "b"], mark_as_read)
    edit_marks(store, ["a"], lambda mark: mark._replace(status=Status.UNREAD))
    edit_marks(store, ["b"], lambda mark: Mark(mark.key))
    assert store.read().marks == {"a": Mark("a", status_at=NOON)}
    assert list(json.loads((tmp_path / "data" / "marks.json").read_bytes())["marks"]) == ["a"]


def test_times_are_stored_in_utc(store: MarkStore) -> None:
    seoul = dt.timezone(dt.timedelta(hours=9))
    edit_marks(store, ["a"], lambda mark: mark._replace(note="n", note_at=dt.datetime(2025, 2, 11, 21, tzinfo=seoul)))
    assert store.read().marks["a"].note_at == NOON
    assert str(store.read().marks["a"].note_at) == "2025-02-11 12:00:00+00:00"


@settings(deadline=None)  # each change waits for the disk
@given(st.lists(MARKS, max_size=6))
def test_every_mark_is_read_back_equal(marks: list[Mark]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = new_store(Path(directory))
        expected: dict[str, Mark] = {}
        for mark in marks:
            edit_marks(store, [mark.key], partial(_replace_by, mark))
            expected[mark.key] = mark
        assert store.read().marks == {key: mark for key, mark in expected.items() if mark != Mark(key)}
        assert store.read().status.corruption == ()


def _replace_by(mark: Mark, _before: Mark) -> Mark:
    return mark
