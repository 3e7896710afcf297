"""The rows that an update of the index writes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readlist.models import Entry, Mark, Paper
from readlist.search.index import rows, schema
from readlist.search.index.row_changes import EntryChange, text_change
from readlist.search.tokens import BARRIER, column_tokens, may_contain

WORDS = ("rl", "RL", "agent", "multi-agent", "multiagent", "강화", "rl의", "c++", "ﬁt", "#", "|")
texts = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
few = st.lists(st.sampled_from(WORDS), max_size=3).map(tuple)
_READ_COUNTS = "SELECT block FROM words_data WHERE id = 1"
"""The record of FTS5 that has the number of rows and of the words in each column."""


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    paper = Paper(draw(texts), authors=draw(few), abstract=draw(texts), comments={"en": draw(texts)}, id=1, key="k")
    return Entry(paper, Mark("k", note=draw(texts)), draw(few))


def positions(statements: Iterable[Iterable[Any]]) -> tuple[list[tuple[Any, ...]], bytes]:
    """Return the words that FTS5 finds after these statements, with their columns and positions.

    And how many words it counted in each column: FTS5 reports an index as corrupt where more are deleted.
    """
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        schema.create_tables(connection)
        connection.executemany(schema.CHANGE_TEXT, map(tuple, statements))
        connection.commit()
        connection.execute("CREATE VIRTUAL TABLE positions USING fts5vocab (words, instance)")
        (counts,) = connection.execute(_READ_COUNTS).fetchone()
        return [row for row in connection.execute("SELECT * FROM positions") if row[0] != BARRIER], counts


@given(entries(), entries(), st.data())
def test_a_change_leaves_the_words_that_the_whole_new_text_has(old: Entry, other: Entry, data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(["title", "authors", "abstract", "comments"])))
    paper = old.paper._replace(**{name: getattr(other.paper, name) for name in names})
    mark, tags = data.draw(st.sampled_from([old, other])).mark, data.draw(st.sampled_from([old, other])).tags
    new = Entry(paper, mark, tags)
    change = text_change(EntryChange(old, new))
    statements = [(None, *rows.text_row(old)), *(change.statements() if change else ())]
    assert positions(statements) == positions([(None, *rows.text_row(new))])
    if change:
        before, after = change.differing_tokens()
        all_before, all_after = rows.distinct_tokens(rows.text_row(old)), rows.distinct_tokens(rows.text_row(new))
        assert (before - after, after - before) == (all_before - all_after, all_after - all_before)


@pytest.mark.parametrize(("before", "after"), [("", "|"), ("rl", "rl |"), ("| rl |", "rl"), ("|", "")])
def test_fts5_counts_barriers_without_words(before: str, after: str) -> None:
    old, new = (Entry(Paper("Deep RL", id=1, key="k"), Mark("k", note=note), ()) for note in (before, after))
    change = text_change(EntryChange(old, new))
    assert change is not None
    assert positions([(None, *rows.text_row(old)), *change.statements()]) == positions([(None, *rows.text_row(new))])


def test_a_change_that_leaves_all_tokens_writes_nothing() -> None:
    old, new = (Entry(Paper(title, id=1, key="k"), Mark("k"), ()) for title in ("Deep RL", "Deep, RL!"))
    assert text_change(EntryChange(old, new)) is None


def test_a_renamed_tag_writes_its_words_alone() -> None:
    paper = Paper("Deep RL", abstract="An agent learns by RL from rewards.", id=1, key="k")
    old, new = (Entry(paper, Mark("k"), (tag, "agent")) for tag in ("rl", "reinforcement"))
    change = text_change(EntryChange(old, new))
    assert change is not None
    assert not change.is_large
    assert list(change.statements()) == [
        ("delete", 1, "+ rl", "", "rl + + +", "+ + + + rl + +", "", ""),
        (None, 1, "+ rl", "", "reinforcement + + +", "+ + + + rl + +", "", ""),
    ]


@given(st.lists(st.text() | texts, max_size=3))
def test_no_token_of_a_column_is_missed_without_splitting_it(column: list[str]) -> None:
    assert all(may_contain(column, {token}) for token in set(column_tokens(column)) - {BARRIER})
