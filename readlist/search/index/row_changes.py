"""Differences between the rows of an entry before and after a change, so that an update writes only what differs.

No SQL here. A new status changes one row of `papers`, a renamed tag the rows of `tags` and one column of `words`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from readlist.search.index import rows
from readlist.search.index.schema import COLUMN_TEXTS
from readlist.search.tokens import column_text

if TYPE_CHECKING:
    from readlist.models import Entry

_T = TypeVar("_T")
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

    def differing_tokens(self) -> tuple[set[str], set[str]]:
        """Return the tokens that only the old row has, and those that only the new one has."""
        if self.old is None:
            return set(), rows.distinct_tokens(self.new)
        pairs = list(zip(self.old[1:], self.new[1:], strict=True))
        before = rows.distinct_tokens((0, *(old for old, new in pairs if old != new)))
        after = rows.distinct_tokens((0, *(new for old, new in pairs if old != new)))
        unchanged = " ".join(str(old) for old, new in pairs if old == new)
        # Most tokens that changed are in no other column, which is known without splitting the abstract.
        is_shared = any(token in unchanged for token in before ^ after)
        shared = rows.distinct_tokens((0, unchanged)) if is_shared else set()
        return before - after - shared, after - before - shared


def text_change(change: EntryChange) -> TextChange:
    """Return the rows of `words` of a change; a column that is the same is computed once."""
    old, new = change
    if old is None:
        return TextChange(None, rows.text_row(new))
    old_row = rows.text_row(old)
    columns = zip(COLUMN_TEXTS.values(), old_row[1:], strict=True)
    texts = (text if tuple(get(old)) == tuple(get(new)) else column_text(get(new)) for get, text in columns)
    return TextChange(old_row, (new.paper.id, *texts))


class TextCounts:
    """By how much the numbers of papers change that have a word, or that define an acronym."""

    def __init__(self) -> None:
        self.words = _Difference[str]()
        self.acronyms = _Difference[tuple[str, str]]()

    def remove(self, old: Entry, row: Sequence[int | str]) -> None:
        """Count an entry that is removed, with its row of `words`."""
        self.words.replace(rows.distinct_tokens(row), set())
        self.acronyms.replace(rows.acronym_definitions(old), set())

    def change(self, texts: Iterable[TextChange], definitions: Iterable[EntryChange]) -> None:
        """Count the words of changed texts, and the acronyms of entries whose texts may define others."""
        for text in texts:
            self.words.replace(*text.differing_tokens())
        for old, new in definitions:
            self.acronyms.replace(rows.acronym_definitions(old) if old else set(), rows.acronym_definitions(new))


class _Difference(Generic[_T]):
    """In how many papers more, or less, each value is."""

    def __init__(self) -> None:
        self._removed: Counter[_T] = Counter()
        self._added: Counter[_T] = Counter()

    def replace(self, before: set[_T], after: set[_T]) -> None:
        """Count the values of a paper before and after a change."""
        self._removed.update(before - after)  # apart, because Counter.subtract is a loop in Python
        self._added.update(after - before)

    def counts(self) -> Mapping[_T, int]:
        """Return the differences, negative where fewer papers have a value."""
        self._added.subtract(self._removed)
        return self._added
