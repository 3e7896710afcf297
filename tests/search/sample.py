"""Made-up papers for the tests of the index and of the results."""

from __future__ import annotations

import datetime as dt
from typing import Any

from readlist.models import Appearance, Entry, Mark, Paper, Status
from readlist.sources import LoadedDocument, Provenance, TrackedSource

TODAY = dt.date(2025, 6, 1)
NOON = dt.datetime(2025, 5, 30, 12, tzinfo=dt.UTC)
FEBRUARY, MAY = dt.date(2025, 2, 11), dt.date(2025, 5, 27)
DOCUMENT = LoadedDocument("/digests/a.txt", "a.txt", "10-20", 3, 0, NOON)
SOURCE = TrackedSource("/digests")
PROVENANCE = Provenance({DOCUMENT.location: DOCUMENT}, {SOURCE.location: SOURCE})


def entry(id_: int, title: str, date: dt.date | None = MAY, status: Status = Status.UNREAD, **fields: Any) -> Entry:
    """Make up a paper; `starred` and `note` are fields of its mark, all others of the paper."""
    mark_fields = {name: fields.pop(name) for name in ("starred", "note") if name in fields}
    digests = (Appearance(date, f"{date}.txt"),)
    paper = Paper(title, id=id_, key=f"key-{id_}", **{"digests": digests, **fields})
    mark = Mark(paper.key, status, None if status is Status.UNREAD else NOON, **mark_fields)
    return Entry(paper, mark, paper.tags)


ENTRIES = [
    entry(1, "Policy Gradients for Reasoning", FEBRUARY, authors=("Sergey Levine", "Dawn Song"), tags=("RL", "math")),
    entry(2, "Pre-training in C++", FEBRUARY, Status.READ, arxiv_id="2502.06781", abstract="A KL penalty that works."),
    entry(3, "μnit Scaling", tags=("rl", "object_detection"), comments={"ko": "강화학습을 데이터 없이."}),
    entry(4, "DeepSeek-V2: a Strong Model", None, Status.READING, tags=("rl",), starred=True, note="compare with GRPO"),
    entry(5, "Don't Drop the Diffusion", url="https://github.com/a/b", authors=("Ada M. Lovelace",), tags=("c++",)),
]
NEWEST_FIRST = [3, 5, 1, 2, 4]
"""Their IDs as `list` shows them."""
