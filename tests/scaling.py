"""The law that time grows linearly with the input, as a ratio of two measurements on the same machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

_FACTOR = 4
"""Between the sizes of the two inputs, and the ratio of their times if these are linear; 16 if they are quadratic."""
_MAX_RATIO = 8
"""Half way between 4 and 16: each time may be wrong by a factor of almost 2, as on a busy machine."""
_MIN_TRIES, _MAX_TRIES = 2, 20


def assert_linear(
    make_input: Callable[[int], Input],
    run: Callable[[Input], object],
    *,
    start: int,
    limit: int,
    min_seconds: float = 0.01,
) -> None:
    """Fail if `run` takes more than eight times the CPU time for an input of four times the size.

    The size is doubled from `start` until a run takes `min_seconds`, so that the times can be measured, or until the
    larger input would exceed `limit`. The best of several runs counts, for other processes only make a run slower.
    """
    size = start
    while size * _FACTOR * 2 <= limit and cpu_seconds(run, make_input(size)) < min_seconds:
        size *= 2
    small, large = make_input(size), make_input(_FACTOR * size)
    best_small = best_large = float("inf")
    for number in range(1, _MAX_TRIES + 1):
        best_small = min(best_small, cpu_seconds(run, small))
        best_large = min(best_large, cpu_seconds(run, large))
        if number >= _MIN_TRIES and best_large <= _MAX_RATIO * best_small:
            return
    times = f"{best_small * 1e3:.2f} ms for size {size:,}, {best_large * 1e3:.2f} ms for size {_FACTOR * size:,}"
    raise AssertionError(f"not linear: {times}")


def cpu_seconds(run: Callable[[Input], object], argument: Input) -> float:
    """Return the CPU time of a call."""
    start = time.process_time()
    run(argument)
    return time.process_time() - start
