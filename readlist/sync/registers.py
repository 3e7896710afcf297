"""Registers: values with a version, which join by maximum. `marks`, `notes` and `definitions` consist of them.

A register is [version, *value]. The version is in whole seconds UTC, like a clock that never runs behind what it has
seen. Of two registers of one thing the higher version wins, of equal versions the greater JSON text: so joining is
commutative, associative and idempotent, and the order in which machines sync makes no difference. A register that is
absent says nothing; only a register can take a value away.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

Register = list[Any]

FIRST_VERSION = 1
"""The version of what has no time of its own and was never synced: a decision of another machine is later."""
MAX_VERSION = 4_102_444_800
"""The first second of the year 2100, the largest version that is accepted."""
_MAX_AHEAD = 300
"""Seconds that the time of a change may be ahead of the clock here; a later one counts as now."""

_MAX_TIME_LENGTH = 40
_is_usual_time = re.compile(
    r"20[0-9][0-9]-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
).fullmatch
_DATE = re.compile(r"(?!000[01]|9999)[0-9]{4}-[0-9]{2}-[0-9]{2}")


def join_registers(a: Register, b: Register) -> Register:
    """Return the register that wins; one of the two, never a copy."""
    if a[0] != b[0]:
        return a if a[0] > b[0] else b
    return a if a == b or _json(a) > _json(b) else b


def join_maps(a: Mapping[str, Register], b: Mapping[str, Register]) -> dict[str, Register]:
    """Return the registers of both maps, joined where a name is in both."""
    joined = {**a, **b}
    for name in a.keys() & b.keys():
        joined[name] = join_registers(a[name], b[name])
    return joined


def next_version(at: str | None, seen: int, now: int) -> int:
    """Return the version of a change that was made here.

    `at` is the time of the change as the store has it, None where it has none; `seen` the version of the value that was
    changed, -1 for none; `now` the clock here. The time counts where it is later than `seen`: an undo brings an old
    time back, and a paper may be read `--on` an earlier day.
    """
    version = max(to_seconds(at), 0) if at is not None else now
    if version > now + _MAX_AHEAD:
        version = now
    if version <= seen:
        version = max(now, seen + 1)
    return min(max(version, 0), MAX_VERSION)


def to_seconds(at: str) -> int:
    """Return a time of the store as whole seconds since 1970."""
    return int(dt.datetime.fromisoformat(at).timestamp())


def is_time(value: object) -> bool:
    """Return whether a JSON value is a time that the store accepts."""
    if type(value) is not str:
        return False
    if _is_usual_time(value):
        return True
    if len(value) > _MAX_TIME_LENGTH:
        return False
    from readlist.store.records import record_error

    return not record_error("marks", "", {"status_at": value})


def is_time_or_none(value: object) -> bool:
    """Return whether a JSON value is null or a time that the store accepts."""
    return value is None or is_time(value)


def is_date(value: object) -> bool:
    """Return whether a JSON value is an ISO date that the store accepts."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_register(value: Any, length: int) -> TypeGuard[Register]:
    """Return whether a JSON value is a list of this length that begins with a valid version."""
    if type(value) is not list or len(value) != length:
        return False
    version = value[0]
    return type(version) is int and 0 <= version <= MAX_VERSION


def _json(register: Register) -> bytes:
    from orjson import dumps

    return dumps(register)
