"""What this library contains when it is merged, and which of it differs from what the last sync left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from readlist.sync.keys import KeyMap

Record = Mapping[str, Any]


class LocalLibrary(NamedTuple):
    """The records of this library, and what differs from the state after the last sync.

    `records` returns those of a table; papers.json is read only when one of its tables is asked for. `changed_marks`
    are the keys of marks that may differ, and names of other tables of marks.json, None for all; `changed_papers` are
    the same of papers.json. `keys` are the keys that differ from the shared ones, None where that is not known.
    """

    records: Callable[[str], Mapping[str, Record]]
    next_id: Callable[[], int]
    changed_marks: Collection[str] | None
    changed_papers: Collection[str] | None
    keys: KeyMap | None
