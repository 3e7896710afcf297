"""Keys that change the paper at the cursor: status, star, queue, note, tags, corrections; undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual.app import SuspendNotSupported

from readlist import edits
from readlist.browse.display import Display
from readlist.browse.draft import NoteDraft
from readlist.browse.screens import LaterScreen, NoteScreen, TagScreen
from readlist.errors import Busy, ReadlistError
from readlist.later import Postpone
from readlist.models import Status
from readlist.redaction import redact_urls
from readlist.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from readlist.browse.pending import PaperChange
    from readlist.library.replay import ReversedStep
    from readlist.models import PaperRef

_T = TypeVar("_T")


class Marking(Display):
    """The display with the actions that change the library; every change is saved at once.

    `draft` is the note that was edited last; it and the pending edits of the backlog must be saved after the
    application has ended.
    """

    draft: NoteDraft | None = None
    _announced_step: Path | None = None
    """A step of an earlier session or another process that the same key, pressed again, undoes or redoes."""

    def action_set_status(self, status: str, advance: bool) -> None:
        """Set the status, and move to the next unread paper if `advance` says so."""
        self._mark(edits.SetStatus(Status(status)), advance=advance)

    def _mark(self, edit: PaperChange, *, advance: bool) -> None:
        position = self._list.cursor
        if self._apply(edit) and advance:
            self._list.cursor = self._backlog.next_unread(position)

    def action_toggle_star(self) -> None:
        """Add or remove the star."""
        if entry := self._current_entry():
            self._apply(edits.SetStar(not entry.mark.starred))

    def action_postpone(self) -> None:
        """Add the paper to the end of the queue, and move to the next unread paper."""
        with self._showing_errors():
            if paper := self._current_paper:
                self._mark(Postpone.append([paper], self._backlog.queue_ends()), advance=True)

    async def action_postpone_until(self) -> None:
        """Ask until when to postpone the paper, or add it to the beginning of the queue."""
        if paper := self._current_paper:
            await self._push_editor(LaterScreen(paper, self._backlog.queue_ends, self._postpone_to))

    def _postpone_to(self, paper: PaperRef, edit: Postpone) -> None:
        self._apply_to(paper, edit)
        position = self._backlog.find_position(paper.key)
        if position is not None:
            self._list.cursor = self._backlog.next_unread(position)

    def _apply(self, edit: PaperChange) -> bool:
        """Apply an edit to the current paper; return whether it is saved, or will be."""
        is_saved = False
        if paper := self._current_paper:
            with self._showing_errors():
                self._backlog.apply_or_queue(edit, paper)
                is_saved = True
            self._show(paper.key)
        return is_saved

    # Undo

    def action_undo(self) -> None:
        """Undo the last command, and move to its paper; before one of an earlier session, ask."""
        if self._is_confirmed("undo", "z"):
            self._replay(self._backlog.undo, "undone", "Nothing to undo")

    def action_redo(self) -> None:
        """Redo the last undone command, and move to its paper; before one of an earlier session, ask."""
        if self._is_confirmed("redo", "Z"):
            self._replay(self._backlog.redo, "redone", "Nothing to redo")

    def _is_confirmed(self, verb: str, key: str) -> bool:
        """Return whether the next step was made in this session, or announced by the same key just before."""
        with self._showing_errors():
            step = self._backlog.find_step_of_others(is_undone=verb == "redo")
            if step is None or step.path == self._announced_step:
                return True
            self._announced_step = step.path
            self.notify(
                f"Not from this session: {redact_urls(step.description)}; press {key} again to {verb} it",
                severity="warning",
                markup=False,
            )
        return False

    def _replay(self, replay: Callable[[], ReversedStep | None], participle: str, nothing: str) -> None:
        key = self._current_key
        with self._showing_errors():
            if pending := self._backlog.pending:
                raise Busy(f"{plural(len(pending), 'change')} not saved yet; undo and redo follow when they are")
            step = replay()
            self._show(self._backlog.first_marked_key(step) if step else key)
            self.notify(step.describe(participle) if step else nothing, markup=False)

    # Editors

    async def action_edit_note(self) -> None:
        """Edit the note, as it is in the library now."""
        self._reload()
        if entry := self._current_entry():
            self.draft = NoteDraft(self._backlog, entry)
            await self._push_editor(NoteScreen(self.draft, self._show_note))

    def _show_note(self) -> None:
        self._show(self._current_key)
        self.on_paper_list_cursor_moved()
        self._pane.call_after_refresh(self._pane.scroll_end, animate=False)

    async def action_edit_tags(self) -> None:
        """Edit the tags."""
        if entry := self._current_entry():
            await self._push_editor(TagScreen(entry, lambda edit: self._apply_to(entry.paper.ref, edit)))

    def _apply_to(self, paper: PaperRef, edit: PaperChange) -> None:
        self._backlog.apply_or_queue(edit, paper)
        self._show(paper.key)

    async def _push_editor(self, screen: NoteScreen | TagScreen | LaterScreen) -> None:
        """Show a screen with an editor and focus it at once: the next key is already text."""
        await self.push_screen(screen)
        screen.set_focus(screen.query_one("TextArea, Input"))

    def action_edit_paper(self) -> None:
        """Correct the fields of the paper in the user's editor, which has the terminal meanwhile."""
        self._reload()
        if entry := self._current_entry():
            edit = self._run_in_terminal(lambda: self._programs.edit_paper(entry))
            if edit and edit.values:
                self._apply(edit)

    def _run_in_terminal(self, run: Callable[[], _T]) -> _T | None:
        """Return the result of a function that uses the terminal, None if it failed; an error is shown."""
        result, failure = None, None
        try:
            with self.suspend():  # an exception in this block would leave the application suspended
                try:
                    result = run()
                except ReadlistError as error:
                    failure = error
        except SuspendNotSupported:
            failure = ReadlistError("cannot start an editor in this terminal; quit and run: readlist edit ITEM")
        if failure:
            self._show_error(failure)
        return result
