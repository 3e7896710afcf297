"""Changes that wait until another process releases the lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from readlist import edits
from readlist.errors import Busy, NoSuchItem, ReadlistError
from readlist.models import PaperRef
from readlist.paper_edits import EditPaper

PaperChange: TypeAlias = edits.MarkEdit | EditPaper


class PendingChange(NamedTuple):
    """An edit of a paper that is not saved yet."""

    edit: PaperChange
    paper: PaperRef

    @property
    def note(self) -> str | None:
        """The note that the user wrote, None where the edit is of something else."""
        return self.edit.text if isinstance(self.edit, edits.AppendNote | edits.ReplaceNote) else None


def describe_change(edit: PaperChange, paper: PaperRef) -> str:
    """Return what the history calls the edit of this paper: `read 4`."""
    return f"{edit.describe()} {paper.id}"


def retry_changes(
    pending: list[PendingChange], save: Callable[[PaperChange, PaperRef], None]
) -> tuple[list[ReadlistError], list[str]]:
    """Save changes in their order and remove them from the list, until the lock is held again.

    A note that another process changed meanwhile gets the text as a paragraph. Returns the errors of the changes that
    can never be saved, and the notes among these.
    """
    failures: list[ReadlistError] = []
    notes: list[str] = []
    while pending:
        change = pending[0]
        try:
            save(change.edit, change.paper)
        except Busy:
            break
        except ReadlistError as error:
            if isinstance(change.edit, edits.ReplaceNote) and change.note and not isinstance(error, NoSuchItem):
                pending[0] = change._replace(edit=edits.AppendNote(change.note))
                continue
            failures.append(ReadlistError(f"not saved: {describe_change(*change)}: {error}"))
            notes += filter(None, [change.note])
        pending.pop(0)
    return failures, notes
