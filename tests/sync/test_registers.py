"""Registers: the later version wins, and a change made here is later than what was seen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.sync.registers import FIRST_VERSION, MAX_VERSION, join_maps, join_registers, next_version
from tests.sync.register_strategies import NOW, times

_values = st.none() | st.booleans() | st.text(max_size=2) | st.lists(st.integers(0, 3), max_size=2)
_registers = st.builds(lambda version, *value: [version, *value], st.integers(0, 2), _values, _values)
_maps = st.dictionaries(st.sampled_from("abc"), _registers)


@given(_registers, _registers, _registers)
def test_registers_join_to_the_same_whatever_the_order(a: list[Any], b: list[Any], c: list[Any]) -> None:
    assert join_registers(a, b) == join_registers(b, a)
    assert join_registers(join_registers(a, b), c) == join_registers(a, join_registers(b, c))
    assert join_registers(a, a) == a
    assert join_registers(a, b) in (a, b)


@given(_maps, _maps, _maps)
def test_maps_of_registers_join_to_the_same_whatever_the_order(
    a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]
) -> None:
    assert join_maps(a, b) == join_maps(b, a)
    assert join_maps(join_maps(a, b), c) == join_maps(a, join_maps(b, c))
    assert join_maps(join_maps(a, b), b) == join_maps(a, b)


@given(st.none() | times, st.integers(-1, NOW + 10**8), st.integers(0, 2 * NOW))
def test_a_change_is_later_than_what_was_seen_and_not_far_ahead_of_the_clock(
    at: str | None, seen: int, now: int
) -> None:
    version = next_version(at, seen, now)

    assert seen < version <= max(now + 300, seen + 1)
    assert 0 <= version <= MAX_VERSION


@pytest.mark.parametrize(
    ("at", "seen", "version"),
    [
        ("2025-10-09T08:53:10Z", -1, NOW - 10),  # a first sync: when it was changed
        ("2025-10-09T08:53:10Z", NOW - 20, NOW - 10),
        ("2025-10-09T08:53:10Z", NOW - 10, NOW),  # an undo, or a second change in one second
        ("2024-02-29T12:00:00Z", NOW - 10, NOW),  # read --on
        ("2025-10-09T08:53:10Z", NOW + 50, NOW + 51),  # the other machine's clock is ahead
        ("2025-10-09T08:58:20Z", -1, NOW + 300),
        ("2025-10-09T08:58:21Z", -1, NOW),  # this machine's clock was ahead when it was changed
        ("2025-10-09T08:58:21Z", NOW, NOW + 1),
        ("1969-07-20T20:17:40Z", -1, 0),
        (None, -1, NOW),
        (None, NOW - 10, NOW),
        (None, NOW + 10, NOW + 11),
        (None, MAX_VERSION, MAX_VERSION),
    ],
)
def test_the_version_of_a_change(at: str | None, seen: int, version: int) -> None:
    assert next_version(at, seen, NOW) == version


def test_every_decision_is_later_than_the_first_version() -> None:
    assert next_version(None, FIRST_VERSION, 0) > FIRST_VERSION
