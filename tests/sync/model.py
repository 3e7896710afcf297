"""A model of what causes what, against which the syncs of real libraries are checked.

Each register (a status, a star, one tag, one paragraph, one saved query, one correction) has events: somebody gave it a
value on some machine. An event knows all events that its machine had then seen of the register. What no later event was
made upon is current. After a sync, what a machine shows of a register must be the value of a current event: nothing
that somebody changed on purpose comes back, and nothing that nobody changed away is lost, whatever the clocks say.

`model_machines` has the libraries, `histories` what happens to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from readlist.text import fold_tag

Register = tuple[str, ...]
"""A kind, and what it is a register of: ("status", key), ("tag", key, folded tag), ("query", name)."""
Frontier = dict[Register, frozenset[int]]
"""The current events of each register, as far as a machine knows them."""
View = dict[Register, Any]
"""What a machine shows: the value of each register that has another one than DEFAULTS."""

DEFAULTS: Mapping[str, Any] = {
    "status": ("unread", None),
    "starred": (False, None),
    "later": (None, None),
    "tag": "",
    "paragraph": False,
    "query": None,
    "synonyms": None,
    "correction": None,
    "deleted": None,
    "source": None,
}
LOOSE = "loose"
"""How keys of papers that may be merged begin, and words whose groups may become one: these have to converge only."""
IN_PAPERS = frozenset({"correction", "deleted", "source"})
"""The kinds of registers that are in papers.json; the others are in marks.json."""
_DONE = ("read", "skipped")


class Events:
    """All events of a history."""

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._pasts: list[frozenset[int]] = []

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: Any, upon: Iterable[int]) -> int:
        """Add an event that was made upon others; return its number."""
        past = frozenset(upon)
        self._values.append(value)
        self._pasts.append(past.union(*(self._pasts[event] for event in past)))
        return len(self._values) - 1

    def values(self, events: Iterable[int]) -> list[Any]:
        """Return the values of events."""
        return [self._values[event] for event in events]

    def join(self, first: frozenset[int], second: frozenset[int]) -> frozenset[int]:
        """Return which events are current where both are known."""
        both = first | second
        past = frozenset().union(*(self._pasts[event] for event in both))
        return both - past


def default(register: Register) -> Any:
    """Return the value of a register that nobody has set."""
    return DEFAULTS[register[0]]


def view_of(tables: Mapping[str, Mapping[str, Any]]) -> View:
    """Return what the records of a library show."""
    view: View = {}
    for key, mark in tables["marks"].items():
        view["status", key] = (mark.get("status", "unread"), mark.get("status_at"))
        view["starred", key] = (mark.get("starred", False), mark.get("starred_at"))
        view["later", key] = (mark.get("later"), mark.get("later_at"))
        view |= {("tag", key, fold_tag(tag)): f"+{tag}" for tag in mark.get("tags_added", ())}
        view |= {("tag", key, fold_tag(tag)): f"-{tag}" for tag in mark.get("tags_removed", ())}
        view |= {("paragraph", key, text): True for text in mark.get("note", "").split("\n\n") if text}
    for record in tables["papers"].values():
        corrections = record.get("corrections", {})
        view |= {("correction", record["key"], name): str(value) for name, value in corrections.items()}
        if at := record.get("deleted_at"):
            view["deleted", record["key"]] = at
    view |= {("query", name): str(record) for name, record in tables["queries"].items()}
    view |= {("synonyms", name): str(record) for name, record in tables["synonyms"].items()}
    view |= {("source", url): record.get("only", "") for url, record in tables["sources"].items()}
    return {register: value for register, value in view.items() if value != default(register)}


def find_violation(events: Events, frontier: Frontier, view: View) -> str:
    """Return what a machine shows against the model, "" for nothing."""
    for register in sorted(frontier.keys() | view.keys()):
        if register[1].startswith(LOOSE):
            continue
        shown = view.get(register, default(register))
        current = events.values(frontier.get(register, ())) or [default(register)]
        if shown not in current and not _is_done(register, shown, view):
            return f"{register} shows {shown!r}; current: {current}"
    return ""


def is_dropped_as_done(register: Register, view: View) -> bool:
    """Return whether a paper left the queue only because it was read or skipped: that is part of its status."""
    kind, key = register[:2]
    status, at = view.get(("status", key), default(("status", key)))
    return kind == "later" and status in _DONE and view.get(register, default(register)) == (None, at)


def _is_done(register: Register, shown: Any, view: View) -> bool:
    """Return whether a paper is not queued because it was read or skipped on another machine."""
    kind, key = register[:2]
    return kind == "later" and shown[0] is None and view.get(("status", key), ("unread",))[0] in _DONE
