"""The law of linear time: it holds for linear functions and fails for others."""

from __future__ import annotations

import pytest

from tests.scaling import assert_linear


def make_range(size: int) -> range:
    return range(size)


def add(numbers: range) -> int:
    return sum(numbers)


def count_equal_pairs(numbers: range) -> int:
    return sum(number == other for number in numbers for other in numbers)


def test_a_linear_function_passes() -> None:
    assert_linear(make_range, add, start=1_000, limit=10_000_000)


def test_a_function_of_constant_time_passes() -> None:
    assert_linear(make_range, len, start=1_000, limit=10_000_000)


def test_a_quadratic_function_fails() -> None:
    with pytest.raises(AssertionError, match=r"^not linear: "):
        assert_linear(make_range, count_equal_pairs, start=10, limit=10_000_000)
