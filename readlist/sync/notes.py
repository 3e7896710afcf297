r"""Notes as paragraphs, each a register, so that paragraphs written on two machines both stay.

{"9f2c51d07be4a836": [version, 1, place, text]}, by an ID of 16 hex digits; [version, 0, [], ""] is a deleted paragraph.

The paragraphs of a note are its text split at empty lines ("\n\n"), so that joining them gives the same text byte for
byte. The ID is a hash of the text and of a number that tells equal paragraphs apart: an edited paragraph has another
ID, hence both versions stay where two machines edit it, and an edit wins over a deletion. A place is a list of numbers;
paragraphs are in the order of their places, and between any two places there is another one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from readlist.sync.registers import Register, next_version
from readlist.text import normalize_note

Paragraphs = dict[str, Register]
Place = list[int]

MAX_PLACE = 1 << 53
"""The largest number in a place, and the smallest one negated: integers that every JSON parser reads."""
MAX_PLACE_LENGTH = 200
"""Numbers in a place; where a place would be longer, all paragraphs of the note get new places."""
_SEPARATOR = "\n\n"
_MAX_COMPARISONS = 1_000_000
"""Pairs of paragraphs above which a changed part counts as replaced: finding the paragraphs that stay is quadratic."""


class _Paragraph(NamedTuple):
    id: str
    text: str
    place: Place


def project_note(paragraphs: Mapping[str, Register]) -> str:
    """Return the text of a note."""
    if len(paragraphs) == 1:  # the common case
        ((_, exists, _, text),) = paragraphs.values()
        return normalize_note(text) if exists else ""
    return normalize_note(_SEPARATOR.join(paragraph.text for paragraph in _in_order(paragraphs)))


def observe_note(text: str, seen: Paragraphs, at: str | None, now: int) -> Paragraphs:
    """Return the paragraphs of a note as it is here, given those last seen; `at` is when it was changed.

    A text that is what `seen` projects to changes nothing.
    """
    text = normalize_note(text)
    if text == project_note(seen):
        return seen
    version = next_version(at, max((register[0] for register in seen.values()), default=-1), now)
    before = _in_order(seen)
    after = _match(before, text.split(_SEPARATOR) if text else [])
    present = {paragraph.id for paragraph in after}
    changed = {paragraph.id: [version, 0, [], ""] for paragraph in before if paragraph.id not in present}
    observed = seen | changed | _place_all(after, version)
    if not all(map(_is_short, observed.values())) or project_note(observed) != text:
        # Places are too long, or equal: those of two machines that added different paragraphs in the same second.
        observed |= {paragraph.id: [version, 1, [number], paragraph.text] for number, paragraph in enumerate(after, 1)}
    return observed


def _is_short(register: Register) -> bool:
    place = register[2]
    return len(place) <= MAX_PLACE_LENGTH and all(-MAX_PLACE <= number <= MAX_PLACE for number in place)


def _in_order(paragraphs: Mapping[str, Register]) -> list[_Paragraph]:
    existing = sorted(
        (place, version, id_, text) for id_, (version, exists, place, text) in paragraphs.items() if exists
    )
    return [_Paragraph(id_, text, place) for place, _, id_, text in existing]


def _match(before: Sequence[_Paragraph], texts: Sequence[str]) -> list[_Paragraph]:
    """Return the paragraphs of these texts: the same ones where they stay, the others without a place.

    A paragraph that moved has its former ID.
    """
    known: list[_Paragraph | None] = [None] * len(texts)
    for old, new, size in _equal_blocks([paragraph.text for paragraph in before], texts):
        known[new : new + size] = before[old : old + size]
    stay = {paragraph.id for paragraph in known if paragraph}
    free: dict[str, list[str]] = {}
    for paragraph in reversed(before):
        if paragraph.id not in stay:
            free.setdefault(paragraph.text, []).append(paragraph.id)
    used = {paragraph.id for paragraph in before}
    unused: dict[str, Iterator[str]] = {}
    for position, text in enumerate(texts):
        if known[position] is None:
            id_ = free[text].pop() if free.get(text) else next(unused.setdefault(text, _unused_ids(text, used)))
            known[position] = _Paragraph(id_, text, [])
    return [paragraph for paragraph in known if paragraph]


def _equal_blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield where paragraphs stay: their first numbers in both, and how many."""
    from difflib import SequenceMatcher

    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    rest = shorter - start
    end = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    yield 0, 0, start
    old_part, new_part = old[start : len(old) - end], new[start : len(new) - end]
    if len(old_part) * len(new_part) <= _MAX_COMPARISONS:
        for block in SequenceMatcher(None, old_part, new_part, autojunk=False).get_matching_blocks():
            yield start + block.a, start + block.b, block.size
    yield len(old) - end, len(new) - end, end


def _unused_ids(text: str, used: Collection[str]) -> Iterator[str]:
    for number in count():
        id_ = hashlib.blake2b(f"{text}\0{number}".encode(), digest_size=8).hexdigest()
        if id_ not in used:
            yield id_


def _place_all(paragraphs: Sequence[_Paragraph], version: int) -> Paragraphs:
    """Return registers of the paragraphs that have no place yet, between their neighbours that have one."""
    placed: Paragraphs = {}
    low: Place = []
    added: list[_Paragraph] = []
    for paragraph in (*paragraphs, None):
        if paragraph and not paragraph.place:
            added.append(paragraph)
            continue
        stem = _between(low, paragraph.place if paragraph else [])
        for number, new in enumerate(added, 1):
            placed[new.id] = [version, 1, [*stem, version, number], new.text]
        added = []
        low = paragraph.place if paragraph else []
    return placed


def _between(low: Place, high: Place) -> Place:
    """Return a place between two, of which [] is the beginning or the end; what begins with it is between them too.

    >>> _between([], []), _between([1, 5], []), _between([1, 5], [3]), _between([1, 5], [2]), _between([1], [1, 5])
    ([1], [2], [2], [1, 6], [1, 4])
    """
    if not high:
        return [low[0] + 1] if low else [1]
    if high[: len(low)] == low:
        return [*low, (high[len(low)] if len(high) > len(low) else 0) - 1]
    same = next((i for i in range(min(len(low), len(high))) if low[i] != high[i]), 0)
    if low[same] + 1 < high[same]:
        return [*low[:same], low[same] + 1]
    return [*low[: same + 1], (low[same + 1] if len(low) > same + 1 else 0) + 1]
