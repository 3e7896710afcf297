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
from readlist.search.tokens import BARRIER, column_text, may_contain, split_column

if TYPE_CHECKING:
    from readlist.models import Entry

_T = TypeVar("_T")
_Row = tuple[int | str, ...]
_LONG_COLUMNS = [name for name in COLUMNS if name not in {"tags", "note"}]


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
    """The rows of `words` to delete, None for a new entry, and to insert.

    FTS5 replaces the positions of the words that are given to it, and of no others. So the rows of a change have the
    words of which a position differs, everywhere they are, and BARRIER in place of all others: a renamed tag costs two
    words instead of an abstract. FTS5 also counts the words of each column, and as many more are inserted than deleted
    as if these were the whole rows. `is_large` says that more than tags and the note differ, which are few words.
    """

    old: _Row | None
    new: _Row
    is_large: bool = True

    def statements(self) -> Iterator[tuple[int | str | None, ...]]:
        """Yield the values for CHANGE_TEXT."""
        if self.old:
            yield "delete", *self.old
        yield None, *self.new

    def differing_tokens(self) -> tuple[set[str], set[str]]:
        """Return tokens before and after the change: all that only one of the two entries has, and some of both."""
        return rows.distinct_tokens(self.old or ()), rows.distinct_tokens(self.new)


def text_change(change: EntryChange) -> TextChange | None:
    """Return the rows of `words` of a change, None where no word and no number of words differs."""
    old, new = change
    if old is None:
        return TextChange(None, rows.text_row(new))
    texts = {name: (tuple(get(old)), tuple(get(new))) for name, get in COLUMN_TEXTS.items()}
    tokens = {name: tuple(map(_tokens, pair)) for name, pair in texts.items() if pair[0] != pair[1]}
    if all(before == after for before, after in tokens.values()):
        return None
    words = set[str]().union(*(_moved_words(*pair) for pair in tokens.values())) - {BARRIER}
    for name, (same, _) in texts.items():
        if name not in tokens:
            tokens[name] = (_tokens(same) if may_contain(same, words) else [],) * 2
    kept = ([_keep_only(words, both) for both in tokens[name]] for name in COLUMNS)
    before, after = zip(*kept, strict=True)
    is_large = any(texts[name][0] != texts[name][1] for name in _LONG_COLUMNS)
    return TextChange((old.paper.id, *before), (new.paper.id, *after), is_large)


def _tokens(texts: Iterable[str]) -> list[str]:
    return split_column(column_text(texts))


def _moved_words(old: list[str], new: list[str]) -> set[str]:
    """Return the words that are at other positions in the new tokens than in the old ones."""
    return {word for pair in zip_longest(old, new) if pair[0] != pair[1] for word in pair if word}


def _keep_only(words: set[str], tokens: Iterable[str]) -> str:
    return " ".join(token if token in words else BARRIER for token in tokens)


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
