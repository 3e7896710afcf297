"""The file with the marks of the other persons of a lab."""

from __future__ import annotations

import datetime as dt
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.errors import ReadlistError, StoreError
from readlist.models import Mark, Status
from readlist.store.people import read_marks, read_people, remove_people, write_people

PEOPLE: dict[str, dict[str, dict[str, Any]]] = {
    "kim": {"a-1": {"starred": True, "starred_at": "2026-01-03T08:00:00Z"}, "b-2": {"status": "reading"}},
    "이": {"a-1": {"note": "비교 — “compare”\n\nGRPO", "tags_added": ["RL"]}},
    "park": {},
}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "sync" / "people.json"
    write_people(path, PEOPLE)
    assert read_people(path) == PEOPLE
    assert read_marks(path) == {
        "kim": {
            "a-1": Mark("a-1", starred=True, starred_at=dt.datetime(2026, 1, 3, 8, tzinfo=dt.UTC)),
            "b-2": Mark("b-2", Status.READING),
        },
        "이": {"a-1": Mark("a-1", note="비교 — “compare”\n\nGRPO", tags_added=("RL",))},
        "park": {},
    }


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)


RECORDS = st.dictionaries(TEXTS, TEXTS | st.booleans(), max_size=3)


@given(st.dictionaries(TEXTS, st.dictionaries(TEXTS, RECORDS, max_size=3)))
def test_any_texts_are_read_back(people: dict[str, dict[str, dict[str, str | bool]]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "people.json"
        write_people(path, people)
        assert read_people(path) == people


def test_without_a_file_there_is_nobody(tmp_path: Path) -> None:
    assert read_people(tmp_path / "people.json") == {}
    remove_people(tmp_path / "people.json")


def test_a_removed_file_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    write_people(path, PEOPLE)
    remove_people(path)
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sync" / "people.json"
    write_people(path, PEOPLE)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]


def test_the_same_marks_again_leave_the_file_alone_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    write_people(path, PEOPLE)
    before = path.stat()
    write_people(path, dict(reversed(PEOPLE.items())))
    assert path.stat() == before
    write_people(path, {**PEOPLE, "park": {"b-2": {"starred": True}}})
    assert path.stat().st_ino != before.st_ino


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"reading", b"readinG"),
        lambda data: data[:-10],
        lambda data: data[:1],
        lambda _: b"{}",
        lambda _: b"<<<<<<< HEAD\n",
        lambda data: data.replace(b"people 1", b"people 2"),
    ],
)
def test_a_corrupt_file_is_an_error_that_says_what_writes_it_again(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "people.json"
    write_people(path, PEOPLE)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]  # a function of bytes
    message = rf"^the file with the marks of others is corrupt: {path}; to write it again: readlist sync$"
    with pytest.raises(StoreError, match=message):
        read_people(path)


def test_a_directory_in_its_place_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    path.mkdir()
    for access in (lambda: read_people(path), lambda: write_people(path, PEOPLE), lambda: remove_people(path)):
        with pytest.raises(ReadlistError, match=r"people\.json"):
            access()


def test_a_mark_that_this_version_does_not_understand_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "people.json"
    write_people(path, {"kim": {"a-1": {"status": "skimmed"}, "b-2": {"status": "read"}}})
    assert read_marks(path) == {"kim": {"b-2": Mark("b-2", Status.READ)}}
