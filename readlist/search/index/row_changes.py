"""Differences between the rows of an entry before and after a change, so that an update writes only what differs.

No SQL here. A new status changes one row of `papers`, a renamed tag the rows of `tags` and one word of `words`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from readlist.search.index import rows
from readlist.search.index.schema import COLUMN_TEXTS, COLUMNS
from readlist.search.tokens import BARRIER, column_text, split_column

if TYPE_CHECKING:
    from readlist.models import Entry

_T = TypeVar("_T")
_Row = tuple[int | str, ...]
_LONG_COLUMNS = [number for number, name in enumerate(COLUMNS, 1) if name not in {"tags", "note"}]
"""Their numbers in a row of `words`."""


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

    @property
    def is_large(self) -> bool:
        """Whether more than tags and the note differ, which are few words."""
        old = self.old or ()
        return any(old[number : number + 1] != self.new[number : number + 1] for number in _LONG_COLUMNS)

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

    def statements(self) -> Iterator[tuple[int | str | None, ...]]:
        """Yield the values for CHANGE_TEXT: of the words of which a position changed, everywhere they are.

        FTS5 replaces the positions of the words that are given to it, and of no others, in the place of which there is
        BARRIER: a renamed tag costs two words instead of an abstract. FTS5 also counts the words of each column, of
        which as many are deleted and inserted as if these were the whole rows.
        """
        if self.old is None:
            yield None, *self.new
            return
        columns = [_Column(str(old), str(new)) for old, new in zip(self.old[1:], self.new[1:], strict=True)]
        words = set[str]().union(*(column.moved_words() for column in columns)) - {BARRIER}
        texts = [column.keep_only(words) for column in columns]
        yield "delete", self.old[0], *(old for old, _ in texts)
        yield None, self.new[0], *(new for _, new in texts)


class _Column(NamedTuple):
    """The text of a column of `words` before and after a change."""

    old: str
    new: str

    def moved_words(self) -> set[str]:
        """Return the words that are at other positions now."""
        if self.old == self.new:
            return set()
        pairs = zip_longest(split_column(self.old), split_column(self.new))
        return {word for pair in pairs if pair[0] != pair[1] for word in pair if word}

    def keep_only(self, words: set[str]) -> tuple[str, str]:
        """Return both texts with only these words at their positions, or "" for both where that changes nothing."""
        if self.old != self.new:
            return _keep_only(words, self.old), _keep_only(words, self.new)
        text = _keep_only(words, self.old) if any(word in self.old for word in words) else ""
        return text, text


def _keep_only(words: set[str], text: str) -> str:
    return " ".join(word if word in words else BARRIER for word in split_column(text))


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
