"""The papers that a query found, in an order that does not change while they are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readlist.errors import Busy, NoSuchItem, ReadlistError
from readlist.models import PaperRef, Status
from readlist.text import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from readlist import edits
    from readlist.library.library import Library
    from readlist.library.replay import ReversedStep
    from readlist.models import Entry
    from readlist.search.query.ast import Query

_PAGE = 64
"""Entries that are read at once: those of a large screen."""


class Backlog:
    """The result of one query: its papers keep their positions until the next search, also when they no longer match.

    `text` is the query, `papers` are its papers, `library_size` counts the papers of the whole library. Entries are
    read by the page when they are accessed, and again after every edit, so that changes by other processes become
    visible. A paper is known by its key: its ID changes when papers.json is replaced by that of another machine.

    `pending` are edits that wait for another process to release the lock, in their order.

    Every method may raise ReadlistError; the backlog is unchanged then.
    """

    def __init__(self, library: Library, parse: Callable[[str], Query], text: str) -> None:
        self._library = library
        self._parse = parse
        self._version = ""
        self._is_stale = False
        self.pending: list[tuple[edits.MarkEdit, PaperRef]] = []
        self.search(text)

    def set_lock_timeout(self, seconds: float) -> None:
        """Set how long a method waits for other processes before it raises Busy."""
        self._library.set_lock_timeout(seconds)

    def search(self, text: str) -> None:
        """Replace the papers by those that a query finds. Raises QueryError where it is not valid."""
        listing = self._library.find_ids(self._parse(text))
        self.text, self.papers = text, listing.papers
        self._result = listing.result
        self.refresh()

    def refresh(self) -> None:
        """Read the library again; papers that it no longer has are removed, and the others have their present IDs."""
        statuses = self._library.statuses(self._version)
        if statuses.keys is not None:  # the library has other papers than before, or the same with other IDs
            ids = {key: id_ for id_, key in statuses.keys.items()}
            self.papers = tuple(PaperRef(ids[paper.key], paper.key) for paper in self.papers if paper.key in ids)
        self._version = statuses.version
        self.library_size = len(statuses.by_id)
        self._positions = {paper.key: position for position, paper in enumerate(self.papers)}
        self._unread = {paper.key for paper in self.papers if statuses.by_id.get(paper.id) is Status.UNREAD}
        self._pages: dict[int, dict[str, Entry]] = {}
        self._is_stale = False

    def _refresh_unless_busy(self) -> None:
        """Read the library again after a change; where it is locked, `retry` does so: the change is saved already."""
        try:
            self.refresh()
        except Busy:
            self._is_stale = True

    # Access

    def __len__(self) -> int:
        return len(self.papers)

    def __getitem__(self, position: int) -> Entry | None:
        """Return the entry at a position, None for one that another process has just removed."""
        page = position // _PAGE
        if page not in self._pages:
            self._pages[page] = self._read_entries(self.papers[page * _PAGE : (page + 1) * _PAGE])
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
        """Return the position of the next unread paper; without one, the next position, at most the last."""
        following = range(position + 1, len(self))
        return next((i for i in following if self.papers[i].key in self._unread), min(position + 1, len(self) - 1))

    # Edits

    def apply(self, edit: edits.MarkEdit, paper: PaperRef) -> None:
        """Apply an edit to the paper with this key and save it.

        Raises Busy only where it is not saved, NoSuchItem where the paper was removed.
        """
        try:
            self._library.apply(edit, [paper])
        except NoSuchItem:
            self._refresh_unless_busy()
            raise
        self._refresh_unless_busy()

    def apply_or_queue(self, edit: edits.MarkEdit, paper: PaperRef) -> None:
        """Apply an edit; while another process holds the lock it is saved later, after those that are `pending`."""
        if not self.pending:
            try:
                self.apply(edit, paper)
            except Busy:
                pass
            else:
                return
        self.pending.append((edit, paper))

    @property
    def needs_retry(self) -> bool:
        """Whether `retry` has something to do."""
        return bool(self.pending) or self._is_stale

    def retry(self) -> list[ReadlistError]:
        """Save the pending edits, in their order, until the lock is held again; then read the library again.

        Returns the errors of those that can never be saved, such as NoSuchItem.
        """
        failures: list[ReadlistError] = []
        while self.pending:
            edit, paper = self.pending[0]
            try:
                self._library.apply(edit, [paper])
            except Busy:
                break
            except ReadlistError as error:
                failures.append(ReadlistError(f"not saved: {_describe(edit, paper)}: {error}"))
            self.pending.pop(0)
        self._refresh_unless_busy()
        return failures

    def describe_pending(self) -> str:
        """Return which edits are not saved: `2 changes are not saved: read 4, star 5`."""
        count = len(self.pending)
        listed = ", ".join(_describe(edit, paper) for edit, paper in self.pending)
        return f"{plural(count, 'change')} {'is' if count == 1 else 'are'} not saved: {listed}"

    def undo(self) -> ReversedStep | None:
        """Undo the last command that cron did not run; return it, None where there is none."""
        return self._refresh_after(self._library.undo(mine=True))

    def redo(self) -> ReversedStep | None:
        """Redo the last undone command; return it, None where there is none."""
        return self._refresh_after(self._library.redo())

    def _refresh_after(self, steps: Sequence[ReversedStep]) -> ReversedStep | None:
        self._refresh_unless_busy()
        return steps[0] if steps else None

    def first_marked_key(self, step: ReversedStep) -> str:
        """Return the key of the first paper here whose mark a command changed, "" for none."""
        return next((key for key in step.entry.records.get("marks", {}) if key in self._positions), "")


def _describe(edit: edits.MarkEdit, paper: PaperRef) -> str:
    return f"{edit.describe()} {paper.id}"
