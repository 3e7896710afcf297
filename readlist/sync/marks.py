"""Marks as registers: from the record in marks.json to registers and back.

    {"status": [v, status, at], "starred": [v, bool, at], "later": [v, position | date | None, at],
     "tags": {folded tag: [v, "+" | "-" | "", spelling]}, "tags_at": [v, at],
     "note": {ID: [v, 0 | 1, place, text]}, "note_at": [v, at]}

`observe_mark` states what this machine says, `project_mark` what the store is to have. Times are texts as the store has
them and are never changed: the versions are apart from them, because an undo brings an old time back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from readlist.edits import MAX_TAG
from readlist.sync.notes import observe_note, project_note
from readlist.sync.registers import MAX_VERSION, Register, join_maps, join_registers, next_version
from readlist.text import fold_tag, printable_line

MarkRegisters = dict[str, Any]

MAPS = ("tags", "note")
"""Fields that are maps of registers; the others are registers."""
SHARED_FIELDS = {"status": ("status",), "star": ("starred",), "tags": ("tags", "tags_at"), "note": ("note", "note_at")}
"""What a person can share with a group, and the registers of each; never `later`, which is a plan for oneself."""
_DONE = ("read", "skipped")


def join_marks(a: MarkRegisters, b: MarkRegisters) -> MarkRegisters:
    """Return the registers of both marks, joined."""
    if a == b:
        return a
    joined = {**a, **b}
    for field in a.keys() & b.keys():
        joined[field] = (join_maps if field in MAPS else join_registers)(a[field], b[field])
    return joined


def restrict(registers: MarkRegisters, shared: Collection[str]) -> MarkRegisters:
    """Return only what is shared with a group; `shared` are names of SHARED_FIELDS."""
    fields = {field for name in shared for field in SHARED_FIELDS[name]}
    return {field: value for field, value in registers.items() if field in fields}


# To the store


def project_mark(registers: MarkRegisters) -> dict[str, Any]:
    """Return the record of marks.json, with its fields in the order in which the store writes them; {} for a blank one.

    A paper that was read or skipped after it was queued or postponed is neither any more, see `edits`.
    """
    record: dict[str, Any] = {}
    _add_value(record, "status", "status_at", registers.get("status"), "unread")
    _add_value(record, "starred", "starred_at", registers.get("starred"), False)
    if tags := registers.get("tags"):
        added, removed = _project_tags(tags)
        if added:
            record["tags_added"] = added
        if removed:
            record["tags_removed"] = removed
    if (register := registers.get("tags_at")) and register[1]:
        record["tags_at"] = register[1]
    if (paragraphs := registers.get("note")) and (note := project_note(paragraphs)):
        record["note"] = note
    if (register := registers.get("note_at")) and register[1]:
        record["note_at"] = register[1]
    if "later" in registers:
        _add_value(record, "later", "later_at", _effective_later(registers), None)
    return record


def _add_value(record: dict[str, Any], field: str, time: str, register: Register | None, blank: object) -> None:
    if register is None:
        return
    _, value, at = register
    if value != blank:
        record[field] = value
    if at:
        record[time] = at


def _project_tags(tags: Mapping[str, Register]) -> tuple[list[str], list[str]]:
    """Return the tags added and removed, in the order of their versions."""
    if len(tags) == 1:  # the common case
        ((_, sign, spelling),) = tags.values()
        return [spelling] if sign == "+" else [], [spelling] if sign == "-" else []
    ordered = sorted((version, name, sign, spelling) for name, (version, sign, spelling) in tags.items() if sign)
    added = [spelling for _, _, sign, spelling in ordered if sign == "+"]
    return added, [spelling for _, _, sign, spelling in ordered if sign == "-"]


def _effective_later(registers: MarkRegisters) -> Register:
    """Return the register of `later`, with no value where the paper was read or skipped since it was set."""
    register: Register = registers["later"]
    version, later, _ = register
    status = registers.get("status")
    if later is not None and status and status[1] in _DONE and status[0] > version:
        return [version, None, status[2]]  # as `edits.drop_if_done_since`
    return register


# From the store


def observe_mark(record: Mapping[str, Any], seen: MarkRegisters | None, now: int) -> MarkRegisters:
    """Return the registers of a mark as it is here, given those last seen, None where it was never seen.

    `now` is the clock here in seconds. What differs from what `seen` projects to was changed here, also if its time
    is older. {} for a blank mark that was never seen.
    """
    if seen is not None and project_mark(seen) == record:
        return seen
    mark = dict(seen or {})
    _observe(mark, "status", [record.get("status", "unread"), record.get("status_at")], ["unread", None], now)
    _observe(mark, "starred", [record.get("starred", False), record.get("starred_at")], [False, None], now)
    _observe_time(mark, "tags_at", record.get("tags_at"), now)
    if tags := _observe_tags(record, mark.get("tags", {}), now):
        mark["tags"] = tags
    _observe_time(mark, "note_at", record.get("note_at"), now)
    if note := observe_note(record.get("note", ""), mark.get("note", {}), record.get("note_at"), now):
        mark["note"] = note
    _observe_later(mark, record.get("later"), record.get("later_at"), now)
    return mark


def _observe(mark: MarkRegisters, field: str, value: list[Any], blank: list[Any], now: int) -> None:
    known = mark.get(field)
    if value != (known[1:] if known else blank):
        mark[field] = [next_version(value[1], known[0] if known else -1, now), *value]


def _observe_time(mark: MarkRegisters, field: str, at: str | None, now: int) -> None:
    known = mark.get(field)
    if at != (known[1] if known else None):
        mark[field] = [next_version(at, known[0] if known else -1, now), at]


def _observe_later(mark: MarkRegisters, later: int | str | None, at: str | None, now: int) -> None:
    """Set `later`, after the status, on which its projection depends.

    Where the paper is read and queued all the same, it was queued to be read again.
    """
    known = mark.get("later")
    if [later, at] == (_effective_later(mark)[1:] if known else [None, None]):
        return
    version = next_version(at, known[0] if known else -1, now)
    if later is not None and "status" in mark and mark["status"][1] in _DONE:
        version = max(version, mark["status"][0])
    mark["later"] = [version, later, at]


def _observe_tags(record: Mapping[str, Any], known: dict[str, Register], now: int) -> dict[str, Register]:
    """Return the registers of the user's own tags.

    Tags are in the order of their versions: where a list has another order, later tags get later versions.
    """
    lists = _own_tags(record)
    if tuple(map(list, map(dict.values, lists))) == _project_tags(known):
        return known
    at = record.get("tags_at")
    tags = dict(known)
    for name, (version, sign, _) in known.items():
        if sign and not any(name in names for names in lists):
            tags[name] = [next_version(at, version, now), "", ""]
    for sign, names in zip("+-", lists, strict=True):
        last = (-1, "")
        for name, spelling in names.items():
            register = known.get(name)
            if register is None or register[1:] != [sign, spelling] or (register[0], name) <= last:
                version = max(next_version(at, register[0] if register else -1, now), last[0])
                if (version, name) <= last:
                    version = min(version + 1, MAX_VERSION)
                register = tags[name] = [version, sign, spelling]
            last = (register[0], name)
    return tags


def _own_tags(record: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the tags added and removed by their folded names; one that is in both lists is not in effect."""
    removed = {fold_tag(tag): tag for tag in reversed(record.get("tags_removed", [])) if is_tag(tag)}
    added = {fold_tag(tag): tag for tag in reversed(record.get("tags_added", [])) if is_tag(tag)}
    return (
        {name: added[name] for name in reversed(added) if name not in removed},
        {name: removed[name] for name in reversed(removed)},
    )


def is_tag(tag: str) -> bool:
    """Return whether a tag is one that a digest or the user can have given: a line of printable text.

    Digests may have tags with spaces.
    """
    if tag.isascii() and tag.isprintable() and " " not in tag and "#" not in tag:  # the common case
        return 0 < len(tag) <= MAX_TAG
    return len(tag) <= MAX_TAG and printable_line(tag) == tag and fold_tag(tag) != ""
