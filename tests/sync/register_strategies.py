"""Values for the laws of sync: what the store can hold, and registers as several machines write them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from readlist.sync import marks
from readlist.text import fold_tag, normalize_note

NOW = 1_760_000_000
"""The clock of the machine, in October 2025."""

versions = st.integers(0, 5) | st.integers(NOW - 5, NOW + 5)

times = st.sampled_from(
    [
        *(f"2025-10-09T08:53:{second:02}Z" for second in range(15, 26)),
        *("2025-10-09T08:53:20+00:00", "2025-10-09T17:53:20+09:00", "2025-10-09T08:53:20.500000Z"),
        *("2024-02-29T12:00:00Z", "1969-07-20T20:17:40Z", "0002-01-02T00:00:00-03:30", "9998-12-30T23:59:59Z"),
    ]
)
"""Times as the store has them, and as another program may have written them into it."""

_words = st.sampled_from(["", "\n", "a", "b", "같다", "각", "e\u0301", "नमस्\u200dते", "✌\ufe0f", "  ", "\x1b[31m", "\t"])
paragraph_texts = st.builds(str.__add__, _words, _words)
notes = st.one_of(
    st.lists(paragraph_texts, max_size=6).map("\n\n".join),
    st.text(st.sampled_from("ab\n "), max_size=20),
    st.text(max_size=8),
).map(normalize_note)
"""Notes as the store can have them; some paragraphs are there several times, some are empty."""

tags = st.one_of(
    st.sampled_from(["rl", "RL", "object_detection", "object-detection", "강화학습", "नमस्\u200dते", "zeta", "Alpha"]),
    st.text(max_size=4),
).filter(marks.is_tag)


@st.composite
def mark_records(draw: st.DrawFn) -> dict[str, Any]:
    """Records of marks.json, with the fields in the order in which the store writes them."""
    own = {fold_tag(tag): tag for tag in draw(st.lists(tags, max_size=5))}
    removed = set(draw(st.lists(st.sampled_from(list(own)), max_size=2))) if own else set()
    fields: dict[str, Any] = {
        "status": draw(st.sampled_from([None, "reading", "read", "skipped"])),
        "status_at": draw(st.none() | times),
        "starred": draw(st.sampled_from([None, True])),
        "starred_at": draw(st.none() | times),
        "tags_added": [tag for name, tag in own.items() if name not in removed] or None,
        "tags_removed": [tag for name, tag in own.items() if name in removed] or None,
        "tags_at": draw(st.none() | times),
        "note": draw(notes) or None,
        "note_at": draw(st.none() | times),
        "later": draw(st.none() | st.integers(-3, 3) | st.sampled_from(["2025-10-09", "2026-01-05"])),
        "later_at": draw(st.none() | times),
    }
    return {name: value for name, value in fields.items() if value is not None}


@st.composite
def mark_registers(draw: st.DrawFn) -> marks.MarkRegisters:
    """The registers of a mark after several machines changed and merged it."""
    machines: list[marks.MarkRegisters] = [{}, {}]
    for record, machine, is_merged in draw(
        st.lists(st.tuples(mark_records(), st.integers(0, 1), st.booleans()), min_size=1, max_size=4)
    ):
        now = NOW + draw(st.integers(-3, 3))
        machines[machine] = marks.observe_mark(record, machines[machine], now)
        if is_merged:
            machines[machine] = marks.join_marks(*machines)
    return marks.join_marks(*machines)
