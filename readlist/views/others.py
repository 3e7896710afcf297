"""What other persons of a lab did with a paper, in a line; their names and tags are texts of strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.models import Status
from readlist.text import clean, list_some
from readlist.views.symbols import STAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from readlist.models import Mark, PersonMark

_MAX_NAMES = 3
"""Persons that are named before the others are counted."""


def describe_marks(others: Iterable[PersonMark]) -> str:
    """Return `kim ★ #to-present · lee reading · park read 2026-01-03`, without what only has a note."""
    described = ((clean(other.person), _describe_mark(other.mark)) for other in others)
    return " · ".join(f"{person} {mark}" for person, mark in described if mark)


def _describe_mark(mark: Mark) -> str:
    status = "" if mark.status is Status.UNREAD else mark.status.value
    if mark.status is Status.READ and mark.status_at:
        status += f" {mark.status_at.astimezone().date()}"
    tags = (f"#{clean(tag)}" for tag in mark.tags_added)
    return " ".join(filter(None, (STAR if mark.starred else "", status, *tags)))


def name_starring(others: Sequence[PersonMark]) -> str:
    """Return the names of those who starred a paper: `kim, lee, park and 2 more`."""
    return list_some([clean(other.person) for other in others if other.mark.starred], _MAX_NAMES)
