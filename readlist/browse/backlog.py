"""The papers that a query found, in an order that does not change while they are marked."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from readlist import edits
from readlist.browse.pending import PendingChange, describe_change, retry_changes
from readlist.dates import utc_now
from readlist.errors import Busy, NoSuchItem, ReadlistError
from readlist.later import Postpone, QueueEnds
from readlist.models import NEWEST, RELEVANCE, Order, PaperRef, Status
from readlist.search.orders import ORDERS
from readlist.search.query.ast import all_of, iter_texts
from readlist.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from readlist.browse.pending import PaperChange
    from readlist.library.library import Library
    from readlist.library.replay import ReversedStep
    from readlist.models import Entry
    from readlist.search.query.ast import Query
    from readlist.store.history import HistoryEntry

FILTERS = ("", "is:unread", "is:starred", "is:later", "is:reading")
"""The terms that are added to the query one after the other."""
_PAGE = 64
"""Entries that are read at once: those of a large screen."""


class Backlog:
    """The result of one query: its papers keep their positions until the next search, also when they no longer match.

    `text` is the query, `filter` a term that is added to it; `papers` are its papers, `library_size` counts the papers
    of the whole library, and `in_lab` says whether other persons share marks with it. Entries are read by the page when
    they are accessed, and again after every edit, so that changes by other processes become visible. A paper is known
    by its key: its ID changes when papers.json is replaced by that of another machine.

    `pending` are changes that wait for another process to release the lock, in their order; `lost_notes` are the texts
    of those that can never be saved.

    Every method may raise ReadlistError; the backlog is unchanged then.
    """

    def __init__(self, library: Library, parse: Callable[[str], Query], text: str, order: Order = RELEVANCE) -> None:
        self._library = library
        self._parse = parse
        self._version = ""
        self._is_stale = False
        self._started_at = utc_now().replace(microsecond=0)
        self._own_steps: set[str] = set()
        self._reversed_steps: set[tuple[str, dt.datetime, str]] = set()
        self.filter, self.order = "", order
        self.pending: list[PendingChange] = []
        self.lost_notes: list[str] = []
        self.search(text)

    def set_lock_timeout(self, seconds: float) -> None:
        """Set how long a method waits for other processes before it raises Busy."""
        self._library.set_lock_timeout(seconds)

    def search(self, text: str) -> None:
        """Replace the papers by those that a query finds. Raises QueryError where it is not valid."""
        query = all_of(map(self._parse, filter(None, (text, self.filter))))
        listing = self._library.find_ids(query, self.order)
        self._has_words = any(iter_texts(query))
        self.text, self.papers = text, listing.papers
        self._result = listing.result
        self.refresh()

    def use_next_filter(self) -> None:
        """Add the next one of FILTERS to the query, in place of the present one."""
        self._search_as(FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)], self.order)

    def use_next_order(self) -> None:
        """Use the next one of ORDERS, in its usual direction; relevance only for words, votes only in a lab."""
        absent = {*(() if self._has_words else (RELEVANCE.name,)), *(() if self.in_lab else ("votes",))}
        names = [name for name in ORDERS if name not in absent]
        name = self.order.name if self.order.name in names else NEWEST.name
        self._search_as(self.filter, Order(names[(names.index(name) + 1) % len(names)]))

    def reverse(self) -> None:
        """Reverse the order."""
        order = self.order if self.order.name != RELEVANCE.name or self._has_words else NEWEST
        self._search_as(self.filter, order._replace(is_reversed=not self.order.is_reversed))

    def _search_as(self, filter_: str, order: Order) -> None:
        """Search again with another filter or order; where that fails, the present ones stay."""
        before = self.filter, self.order
        self.filter, self.order = filter_, order
        try:
            self.search(self.text)
        except ReadlistError:
            self.filter, self.order = before
            raise

    def describe_view(self) -> str:
        """Return filter and order, except the usual ones: `is:unread · by -title`."""
        order = "" if self.order == RELEVANCE else f"by {self.order}"
        return " · ".join(filter(None, (self.filter, order)))

    def refresh(self) -> None:
        """Read the library again; papers that it no longer has are removed, and the others have their present IDs."""
        statuses = self._library.statuses(self._version)
        if statuses.keys is not None:  # the library has other papers than before, or the same with other IDs
            ids = {key: id_ for id_, key in statuses.keys.items()}
            self.papers = tuple(PaperRef(ids[paper.key], paper.key) for paper in self.papers if paper.key in ids)
        self._version = statuses.version
        self.library_size = len(statuses.by_id)
        self.in_lab = bool(self._library.people())
        self._positions = {paper.key: position for position, paper in enumerate(self.papers)}
        self._unread = {paper.key for paper in self.papers if statuses.by_id.get(paper.id) is Status.UNREAD}
        self._postponed = {entry.paper.key for entry in self._library.postponed() if not _is_due(entry.mark.later)}
        self._pages: dict[int, dict[str, Entry]] = {}
        self._is_stale = False

    def refresh_unless_busy(self) -> None:
        """Read the library again; where it is locked, `retry` does so."""
        try:
            self.refresh()
        except Busy:
            self._is_stale = True

    # Access

    def __len__(self) -> int:
        return len(self.papers)

    def __getitem__(self, position: int) -> Entry | None:
        """Return the entry at a position, None for one that another process has just removed, or locks for now."""
        page = position // _PAGE
        if page not in self._pages:
            try:
                self._pages[page] = self._read_entries(self.papers[page * _PAGE : (page + 1) * _PAGE])
            except Busy:  # not again for every row: `retry` reads them
                self._pages[page] = {}
                self._is_stale = True
        return self._pages[page].get(self.papers[position].key)

    def _read_entries(self, papers: Sequence[PaperRef]) -> dict[str, Entry]:
        """Return the entries of these papers by their keys, also where another process has just changed their IDs."""
        entries = {entry.paper.key: entry for entry in self._library.entries([paper.id for paper in papers])}
        if moved := [paper.key for paper in papers if paper.key not in entries]:
            ids = self._library.resolve(moved).ids
            entries |= {entry.paper.key: entry for entry in self._library.entries(ids)}
        return entries

    @property
    def unread(self) -> int:
        """The number of unread papers."""
        return len(self._unread)

    @property
    def notices(self) -> tuple[str, ...]:
        """Messages about the result: why it is empty, which words of the query were replaced."""
        if not self.library_size:
            return ("The library is empty. To add papers: readlist load PATH",)
        if not self.papers:
            suggestions = ", ".join(self._result.did_you_mean)
            return (f"No papers match. Did you mean: {suggestions}?" if suggestions else "No papers match.",)
        nearest = len(self.papers) - self._result.total
        count = (f"{plural(self._result.total, 'paper')} with all words; the others are the nearest matches",)
        return (*self._result.notices, *(count if nearest > 0 else ()))

    def find_position(self, key: str) -> int | None:
        """Return the position of the paper with this key, None where it is not here."""
        return self._positions.get(key)

    def next_unread(self, position: int) -> int:
        """Return the position of the next unread paper not queued or postponed, else the next one, at most the last."""
        open_papers = self._unread - self._postponed
        following = range(position + 1, len(self))
        return next((i for i in following if self.papers[i].key in open_papers), min(position + 1, len(self) - 1))

    # Edits

    def apply(self, edit: PaperChange, paper: PaperRef) -> None:
        """Apply an edit to the paper with this key and save it.

        Raises Busy only where it is not saved, NoSuchItem where the paper was removed.
        """
        try:
            self._save(edit, paper)
        except NoSuchItem:
            self.refresh_unless_busy()
            raise
        self.refresh_unless_busy()

    def _save(self, edit: PaperChange, paper: PaperRef) -> None:
        if self._library.apply(edit, [paper]).entries:
            self._own_steps.add(describe_change(edit, paper))

    def apply_or_queue(self, edit: PaperChange, paper: PaperRef) -> None:
        """Apply an edit; while another process holds the lock it is saved later, after those that are `pending`.

        A note takes the place of a pending one of the same paper.
        """
        if not self.pending:
            try:
                self.apply(edit, paper)
            except Busy:
                pass
            else:
                return
        if isinstance(edit, edits.ReplaceNote):
            waiting = self._find_pending_note(paper.key)
            self.pending = [change for change in self.pending if change is not waiting]
        self.pending.append(PendingChange(edit, paper))

    def queue_ends(self) -> QueueEnds:
        """Return the positions of the first and the last paper of the queue, those included that are not saved yet."""
        ends = self._library.queue_ends()
        waiting = [edit.later.values() for edit, _ in self.pending if isinstance(edit, Postpone)]
        positions = [position for later in waiting for position in later if isinstance(position, int)]
        if not positions:
            return ends
        return QueueEnds(min(ends.first, *positions), max(ends.last, *positions))

    def pending_note(self, key: str) -> str | None:
        """Return the note of the paper with this key that is not saved yet, None where there is none."""
        waiting = self._find_pending_note(key)
        return waiting.note if waiting else None

    def _find_pending_note(self, key: str) -> PendingChange | None:
        return next((change for change in self.pending if change.paper.key == key and change.note is not None), None)

    @property
    def needs_retry(self) -> bool:
        """Whether `retry` has something to do."""
        return bool(self.pending) or self._is_stale

    def retry(self) -> list[ReadlistError]:
        """Save the pending edits, in their order, until the lock is held again; then read the library again.

        Returns the errors of those that can never be saved, such as NoSuchItem; their notes become `lost_notes`.
        """
        failures, notes = retry_changes(self.pending, self._save)
        self.lost_notes += notes
        self.refresh_unless_busy()
        return failures

    @property
    def unsaved_notes(self) -> list[str]:
        """The texts of the notes that are not in the library: those that are lost, and those that are pending."""
        return [*self.lost_notes, *(change.note for change in self.pending if change.note)]

    def describe_pending(self) -> str:
        """Return which edits are not saved: `2 changes are not saved: read 4, star 5`."""
        count = len(self.pending)
        listed = ", ".join(describe_change(*change) for change in self.pending)
        return f"{plural(count, 'change')} {'is' if count == 1 else 'are'} not saved: {listed}"

    # Undo

    def find_step_of_others(self, *, is_undone: bool) -> HistoryEntry | None:
        """Return what `undo`, or `redo` if `is_undone`, would reverse, unless this backlog made or reversed it."""
        own_steps = (step for step in self._library.undoable() if not step.is_unattended)
        step = next(self._library.redoable() if is_undone else own_steps, None)
        if step is None or _identify(step) in self._reversed_steps:
            return None
        return None if step.at >= self._started_at and step.description in self._own_steps else step

    def undo(self) -> ReversedStep | None:
        """Undo the last command that cron did not run; return it, None where there is none."""
        return self._refresh_after(self._library.undo(mine=True))

    def redo(self) -> ReversedStep | None:
        """Redo the last undone command; return it, None where there is none."""
        return self._refresh_after(self._library.redo())

    def _refresh_after(self, steps: Sequence[ReversedStep]) -> ReversedStep | None:
        self._reversed_steps.update(_identify(step.entry) for step in steps)
        self.refresh_unless_busy()
        return steps[0] if steps else None

    def first_marked_key(self, step: ReversedStep) -> str:
        """Return the key of the first paper here whose mark a command changed, "" for none."""
        return next((key for key in step.entry.records.get("marks", {}) if key in self._positions), "")


def _is_due(later: int | dt.date | None) -> bool:
    """Return whether the paper is postponed until today or before."""
    return isinstance(later, dt.date) and later <= dt.date.today()


def _identify(step: HistoryEntry) -> tuple[str, dt.datetime, str]:
    """Return what an entry of the history has in common with itself undone; its number alone may be given again."""
    return step.path.stem, step.at, step.description
