"""Validation of what other machines wrote: marks, definitions, papers and pairs of keys.

A checksum that fits proves nothing about who wrote a line. What is not of its type, or out of its bounds, is left out
and counted; texts of papers are cleaned as those of a digest are, and links are those of http and https. Notes stay as
they were written, as the store has them: they are made safe where they are shown. What a library of this version writes
passes unchanged, and cleaning twice is cleaning once, or else two machines would change each other's lines for ever.
`store.records` accepts every record that is projected from what passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from readlist.edits import MAX_NOTE, MAX_TAG
from readlist.models import MAX_POSITION
from readlist.sync.definitions import TABLES, is_valid_definition
from readlist.sync.marks import MarkRegisters, is_tag
from readlist.sync.notes import MAX_PLACE, MAX_PLACE_LENGTH
from readlist.sync.paper_cleaning import CLEANERS
from readlist.sync.registers import Register, is_date, is_register, is_time_or_none
from readlist.text import fold_tag

SharedPaper = dict[str, Any]

_MAX_REGISTERS = 20_000
"""Tags, or paragraphs, of one mark, deleted ones included: fifty edits a day for a year."""
_MAX_NOTES = 10 * MAX_NOTE
"""Characters of all paragraphs of a note, which several machines may have written."""
_MAX_NAME = 4 * MAX_TAG
"""Characters of a folded tag; folding may replace a letter by three."""
_STATUSES = ("unread", "reading", "read", "skipped")
_SIGNS = ("+", "-", "")
_KEY = re.compile(r"[^\s\"\\/\0-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]{1,100}")
_PARAGRAPH_ID = re.compile(r"[0-9a-f]{16}")

_Check = Callable[[Any], bool]


def check_key(key: str) -> bool:
    """Return whether a text can be the key of a paper."""
    return _KEY.fullmatch(key) is not None


# Marks


def check_mark(value: object) -> tuple[MarkRegisters, int]:
    """Return the valid registers of a mark, and how many are not; the value itself where all are valid."""
    if not isinstance(value, dict):
        return {}, 1
    damaged = 0
    for field, register in value.items():
        check = _CHECKS.get(field)
        if check is None or not check(register):
            damaged += 1
    return (_valid_part(value), damaged) if damaged else (value, 0)


def _valid_part(value: Mapping[str, Any]) -> MarkRegisters:
    """Return the valid registers; of a map those that are valid by themselves."""
    valid: MarkRegisters = {}
    for field, registers in value.items():
        check = _CHECKS.get(field)
        if check and check(registers):
            valid[field] = registers
        elif field in _MAPS and isinstance(registers, dict) and len(registers) <= _MAX_REGISTERS:
            some = {name: register for name, register in registers.items() if _MAPS[field]({name: register})}
            if some and _MAPS[field](some):
                valid[field] = some
    return valid


def _is_status(register: Any) -> bool:
    return is_register(register, 3) and register[1] in _STATUSES and is_time_or_none(register[2])


def _is_star(register: Any) -> bool:
    return is_register(register, 3) and type(register[1]) is bool and is_time_or_none(register[2])


def _is_time_register(register: Any) -> bool:
    return is_register(register, 2) and is_time_or_none(register[1])


def _is_later(register: Any) -> bool:
    if not is_register(register, 3) or not is_time_or_none(register[2]):
        return False
    later = register[1]
    if type(later) is int:
        return -MAX_POSITION <= later <= MAX_POSITION
    return later is None or is_date(later)


def _are_tags(registers: Any) -> bool:
    if type(registers) is not dict or len(registers) > _MAX_REGISTERS:
        return False
    for name, register in registers.items():
        if not is_register(register, 3):
            return False
        _, sign, spelling = register
        if type(spelling) is not str or sign not in _SIGNS:
            return False
        if not (_is_spelling(spelling, name) if sign else not spelling and 0 < len(name) <= _MAX_NAME):
            return False
    return True


@lru_cache(maxsize=4096)
def _is_spelling(tag: str, name: str) -> bool:
    """Return whether a tag is valid and has this folded name; cached because a few tags are on many papers."""
    return is_tag(tag) and fold_tag(tag) == name


def _is_note(registers: Any) -> bool:
    if type(registers) is not dict or len(registers) > _MAX_REGISTERS:
        return False
    length = 0
    for id_, register in registers.items():
        if not (is_register(register, 4) and _PARAGRAPH_ID.fullmatch(id_)):
            return False
        _, exists, place, text = register
        if type(exists) is not int or type(text) is not str or not _is_place(place):
            return False
        if exists != 1 if place else (exists != 0 or text):
            return False
        length += len(text)
    return length <= _MAX_NOTES


def _is_place(place: Any) -> bool:
    if type(place) is not list or len(place) > MAX_PLACE_LENGTH:
        return False
    for number in place:  # noqa: SIM110 -- twice as fast as all()
        if type(number) is not int or not -MAX_PLACE <= number <= MAX_PLACE:
            return False
    return True


_MAPS: Mapping[str, _Check] = {"tags": _are_tags, "note": _is_note}
_CHECKS: Mapping[str, _Check] = {
    "status": _is_status,
    "starred": _is_star,
    "later": _is_later,
    "tags_at": _is_time_register,
    "note_at": _is_time_register,
    **_MAPS,
}


# Definitions and pairs


def check_definition(table: str, name: str, value: object) -> Register | None:
    """Return the register of a definition, None for an invalid one."""
    if table not in TABLES or not is_register(value, TABLES[table]):
        return None
    return value if is_valid_definition(table, name, value[1:]) else None


def check_pair(text: str, value: object) -> Register | None:
    """Return the register of a pair of keys, "smaller greater", None for an invalid one."""
    smaller, space, greater = text.partition(" ")
    if not space or smaller >= greater or not check_key(smaller) or not check_key(greater):
        return None
    return value if is_register(value, 2) and type(value[1]) is bool else None


# Papers


def check_paper(record: object) -> SharedPaper | None:
    """Return a paper with its texts cleaned and without its invalid fields, None for one without a title.

    Of a valid one the fields are the same, also in their order.
    """
    if not isinstance(record, dict):
        return None
    fields = {name: CLEANERS[name](value) for name, value in record.items() if name in CLEANERS}
    paper: SharedPaper = {name: value for name, value in fields.items() if value or name == "digests"}
    if "title" not in paper:
        return None
    return paper if "digests" in paper else {"digests": [], **paper}
