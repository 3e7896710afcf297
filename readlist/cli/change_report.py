"""The message after a change of marks: which papers are now in which state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from readlist.cli.output import info, success
from readlist.text import format_ranges, plural

if TYPE_CHECKING:
    import datetime as dt

    from readlist.library.library import Library
    from readlist.models import Entry, PaperRef


class ChangeTexts(NamedTuple):
    """The words of the message.

    `one` is followed by ID and title of one paper; `before` and `after` enclose "3 papers"; `state` is the adjective
    for papers that were in that state before.
    """

    one: str
    before: str
    after: str
    state: str

    def on(self, day: dt.date) -> ChangeTexts:
        """Return the words for a change that is dated."""
        return ChangeTexts(
            f"{self.one} on {day}", self.before, f"{self.after} on {day}".strip(), f"{self.state} on {day}"
        )


def status_texts(state: str) -> ChangeTexts:
    """Return the words for a status: "read", "unread", "reading" or "skipped"."""
    return ChangeTexts(f"Marked as {state}", "Marked", f"as {state}", state)


def report_change(library: Library, changed: Sequence[Entry], selected: Sequence[PaperRef], texts: ChangeTexts) -> None:
    """Print one line: what was changed, or that the selected papers were in that state already."""
    if len(changed) == 1:
        success(f"{texts.one}: {changed[0].paper.id} {changed[0].paper.title}")
    elif changed:
        ids = format_ranges([entry.paper.id for entry in changed])
        words = (texts.before, plural(len(changed), "paper"), texts.after)
        success(f"{' '.join(filter(None, words))}: {ids}")
    elif len(selected) == 1:
        (paper,) = selected
        titles = (entry.paper.title for entry in library.entries([paper.id]) if entry.paper.ref == paper)
        info(f"No change: already {texts.state}: {paper.id} {next(titles, paper.key)}")
    elif selected:
        info(f"No change: {plural(len(selected), 'paper')} are already {texts.state}")
