"""Differences between the rows of an entry before and after a change, so that an update writes only what differs.

No SQL here. A new status changes one row of `papers`, a renamed tag the rows of `tags` and one column of `words`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from readlist.search.index import rows
from readlist.search.index.schema import COLUMN_TEXTS
from readlist.search.tokens import BARRIER, column_text, split_column

if TYPE_CHECKING:
    from readlist.models import Entry

_Row = tuple[int | str, ...]


class EntryChange(NamedTuple):
    """An entry as it is now, and as the index has it, None for a new one."""

    old: Entry | None
    new: Entry

    def has_other(self, make_row: Callable[[Entry], object]) -> bool:
        """Return whether the row, or the texts, that `make_row` returns differ."""
        return self.old is None or make_row(self.old) != make_row(self.new)

    def diff_rows(self, make_rows: Callable[[Entry], Iterable[_Row]], width: int) -> tuple[list[_Row], list[_Row]]:
        """Return the rows to delete and those to insert, of a table whose key is the first `width` columns."""
        before = {} if self.old is None else {row[:width]: row for row in make_rows(self.old)}
        after = {row[:width]: row for row in make_rows(self.new)}
        removed = [row for key, row in before.items() if key not in after]
        return removed, [row for key, row in after.items() if before.get(key) != row]


class TextChange(NamedTuple):
    """The rows of `words` of an entry before a change, None for a new one, and after it."""

    old: _Row | None
    new: _Row

    @property
    def is_needed(self) -> bool:
        """Whether the rows differ."""
        return self.old != self.new

    def count_tokens(self) -> Counter[str]:
        """Return by how much the entry changes the number of papers that have each token."""
        if self.old is None:
            return Counter(_distinct_tokens(self.new[1:]))
        pairs = list(zip(self.old[1:], self.new[1:], strict=True))
        removed = _distinct_tokens(old for old, new in pairs if old != new)
        added = _distinct_tokens(new for old, new in pairs if old != new)
        changed = removed ^ added
        unchanged = " ".join(str(old) for old, new in pairs if old == new)
        # Most tokens that changed are in no other column, which is known without splitting the abstract.
        if any(token in unchanged for token in changed):
            changed -= _distinct_tokens([unchanged])
        return Counter({token: 1 if token in added else -1 for token in changed})


def text_change(change: EntryChange) -> TextChange:
    """Return the rows of `words` of a change; a column that is the same is computed once."""
    old, new = change
    if old is None:
        return TextChange(None, rows.text_row(new))
    old_row = rows.text_row(old)
    columns = zip(COLUMN_TEXTS.values(), old_row[1:], strict=True)
    texts = (text if tuple(get(old)) == tuple(get(new)) else column_text(get(new)) for get, text in columns)
    return TextChange(old_row, (new.paper.id, *texts))


def _distinct_tokens(columns: Iterable[int | str]) -> set[str]:
    return set(split_column(" ".join(map(str, columns)))) - {BARRIER}
