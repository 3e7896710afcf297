"""Explanations of suggestions, in one line: `similar to OREAL (starred): outcome reward, RL`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.models import Entry, Mark, Status
from readlist.search.recommend.reason_words import find_reason_words

if TYPE_CHECKING:
    from readlist.search.recommend.profile import PreferenceModel
    from readlist.search.recommend.similarity import TermVector

MAX_TITLE = 40
"""Characters of a short title: half a line of 80."""


def explain(entry: Entry, vector: TermVector, model: PreferenceModel) -> tuple[str, tuple[str, ...]]:
    """Return the explanation, and the words at its end, as in `entry`; "" where no liked paper is similar."""
    overlap = model.find_overlap(entry, vector)
    if overlap is None:
        return "", ()
    words = find_reason_words(entry, overlap, model.document_frequency)
    similar = f"similar to {short_title(overlap.liked)}{_describe_mark(overlap.liked.mark)}"
    return f"{similar}: {', '.join(words)}" if words else similar, words


def short_title(entry: Entry) -> str:
    """Return a short form of the title: what precedes its colon, else its first words.

    >>> from readlist.models import Mark, Paper
    >>> for title in ("OREAL: Outcome Reward", "The Curse of Depth in Large Language Models of Our Time"):
    ...     short_title(Entry(Paper(title), Mark(""), ()))
    'OREAL'
    'The Curse of Depth in Large Language…'
    """
    title = entry.paper.title.partition(": ")[0].strip() or entry.paper.title
    if len(title) <= MAX_TITLE:
        return title
    return f"{title[:MAX_TITLE].rpartition(' ')[0] or title[:MAX_TITLE]}…"


def _describe_mark(mark: Mark) -> str:
    """Return ` (starred)`, ` (noted)`, ` (read)` or ` (reading)`; "" for an unmarked paper."""
    if mark.starred:
        return " (starred)"
    if mark.note:
        return " (noted)"
    return f" ({mark.status.value})" if mark.status in {Status.READ, Status.READING} else ""
