"""Notes as paragraphs: what two machines write both stays, and a note comes back byte for byte."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.edits import MAX_NOTE
from readlist.sync.notes import MAX_PLACE_LENGTH, Paragraphs, observe_note, project_note
from readlist.sync.registers import join_maps
from tests.sync.register_strategies import NOW, notes

AT = "2025-10-09T08:53:20Z"


def _observe(text: str, seen: Paragraphs | None = None, now: int = NOW) -> Paragraphs:
    return observe_note(text, seen or {}, AT, now)


def _merge(before: str, here: str, there: str) -> str:
    """The note after it was changed on two machines, of which the second one was later."""
    seen = _observe(before)
    joined = join_maps(_observe(here, seen, NOW + 10), _observe(there, seen, NOW + 20))
    assert joined == join_maps(_observe(there, seen, NOW + 20), _observe(here, seen, NOW + 10))
    return project_note(joined)


@given(notes, notes, notes)
def test_a_note_comes_back_byte_for_byte(before: str, text: str, last: str) -> None:
    seen = _observe(text, _observe(before), NOW + 1)

    assert project_note(seen) == text
    assert project_note(_observe(last, seen, NOW + 2)) == last
    assert _observe(text, seen, NOW + 2) == seen


@pytest.mark.parametrize(
    "text",
    [
        "  leading and trailing spaces  ",
        "\n\nempty lines before",
        "a\n\n\n\nb",
        "a\n\n\nb\n\n\n\n\nc",
        "a\n\na\n\na",
        "नमस्\u200dते ✌\ufe0f 각 e\u0301 \x1b[31m\t\x00",
        "x" * MAX_NOTE,
        "a" + "\n" * (MAX_NOTE - 2) + "b",
    ],
)
def test_unusual_notes_come_back_byte_for_byte(text: str) -> None:
    assert project_note(_observe(text)) == text
    assert project_note(_observe(text, _observe("a\n\nb"))) == text
    assert project_note(_observe("a\n\nb", _observe(text))) == "a\n\nb"


def test_line_ends_of_another_system_count_as_line_feeds() -> None:
    assert project_note(_observe("\ufeffa\r\n\r\nb\r\n")) == "a\n\nb"
    assert project_note(_observe("a\r\rb")) == "a\n\nb"


@pytest.mark.parametrize(
    ("before", "here", "there", "merged"),
    [
        ("a", "a\n\nb", "a\n\nc", "a\n\nb\n\nc"),
        ("a", "b\n\na", "c\n\na", "b\n\nc\n\na"),
        ("a\n\nz", "a\n\nb\n\nz", "a\n\nc\n\nz", "a\n\nb\n\nc\n\nz"),
        ("a\n\nz", "a\n\nb1\n\nb2\n\nz", "a\n\nc1\n\nc2\n\nz", "a\n\nb1\n\nb2\n\nc1\n\nc2\n\nz"),
        ("a\n\nb\n\nc", "a\n\nc", "a\n\nb\n\nc\n\nd", "a\n\nc\n\nd"),
        ("a\n\nb", "a, edited\n\nb", "a\n\nb, edited", "a, edited\n\nb, edited"),
        ("a", "a, edited here", "a, edited there", "a, edited here\n\na, edited there"),
        ("a\n\nb", "a", "a\n\nb, edited", "a\n\nb, edited"),
        ("a\n\nb", "a\n\nb, edited", "a", "a\n\nb, edited"),
        ("a\n\nb\n\nc", "c\n\na\n\nb", "a\n\nb, edited\n\nc", "c\n\na\n\nb, edited"),
        ("a", "", "a\n\nb", "b"),
        ("a\n\na", "a", "a\n\na\n\nb", "a\n\nb"),
        ("", "the same", "the same", "the same"),
    ],
)
def test_changes_of_two_machines_both_stay(before: str, here: str, there: str, merged: str) -> None:
    assert _merge(before, here, there) == merged


@given(
    st.lists(st.sampled_from("abcdef"), max_size=6, unique=True),
    st.lists(st.sampled_from("ABC"), max_size=3, unique=True),
    st.lists(st.sampled_from("XYZ"), max_size=3, unique=True),
    st.randoms(use_true_random=False),
)
def test_no_paragraph_that_a_machine_added_is_lost_and_the_others_keep_their_order(
    common: list[str], added_here: list[str], added_there: list[str], random: Random
) -> None:
    def insert(added: list[str]) -> str:
        paragraphs = list(common)
        for paragraph in added:
            paragraphs.insert(random.randint(0, len(paragraphs)), paragraph)
        return "\n\n".join(paragraphs)

    merged = _merge("\n\n".join(common), insert(added_here), insert(added_there)).split("\n\n")

    assert sorted(filter(None, merged)) == sorted([*common, *added_here, *added_there])
    assert [paragraph for paragraph in merged if paragraph in common] == common


def test_an_undone_deletion_brings_the_paragraph_back_to_its_place() -> None:
    before = _observe("a\n\nb\n\nc")
    deleted = _observe("a\n\nc", before, NOW + 1)

    restored = _observe("a\n\nb\n\nc", deleted, NOW + 2)

    assert project_note(join_maps(restored, deleted)) == "a\n\nb\n\nc"


@pytest.mark.parametrize("where", ["first", "last", "after the heading", "before the end"])
def test_a_diary_of_many_entries_has_short_places(where: str) -> None:
    texts = ["heading", "end"]
    note = _observe("\n\n".join(texts))
    for day in range(200):
        number = {"first": 0, "last": len(texts), "after the heading": 1, "before the end": len(texts) - 1}[where]
        texts.insert(number, f"day {day}")
        note = _observe("\n\n".join(texts), note, NOW + day)

    assert project_note(note) == "\n\n".join(texts)
    assert max(len(place) for _, _, place, _ in note.values()) <= 10


def test_places_that_are_equal_or_have_no_room_between_them_are_replaced() -> None:
    here: Paragraphs = {f"{number:016x}": [5, 1, [1], f"text {number}"] for number in range(3)}

    changed = _observe("text 0\n\nnew\n\ntext 1\n\ntext 2", here)

    assert project_note(changed) == "text 0\n\nnew\n\ntext 1\n\ntext 2"
    assert project_note(join_maps(changed, here)) == project_note(changed)


def test_places_that_are_too_long_are_replaced() -> None:
    note: Paragraphs = {
        "0" * 16: [5, 1, [1] * MAX_PLACE_LENGTH, "a"],
        "1" * 16: [5, 1, [*[1] * (MAX_PLACE_LENGTH - 1), 2], "c"],
    }

    changed = _observe("a\n\nb\n\nc", note)

    assert project_note(changed) == "a\n\nb\n\nc"
    assert max(len(place) for _, _, place, _ in changed.values()) == 1
