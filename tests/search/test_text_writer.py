"""Inserting the words of papers in a second thread."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest

from readlist.search.index import schema
from readlist.search.index.text_writer import TextWriter


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with contextlib.closing(memory) as connection:
        schema.create_tables(connection)
        yield connection


def make_rows(first: int, last: int) -> list[tuple[int | str, ...]]:
    return [(id_, f"title{id_}", "", "", "", "", "") for id_ in range(first, last + 1)]


def list_terms(connection: sqlite3.Connection) -> list[str]:
    connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (words, row)")
    return [term for (term,) in connection.execute("SELECT term FROM terms")]


@pytest.mark.parametrize("limit", [7, 16, 999])
def test_all_rows_are_inserted_however_few_variables_a_statement_may_have(
    connection: sqlite3.Connection, limit: int
) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, limit)
    with TextWriter(connection) as writer:
        writer.start(make_rows(1, 5))
        writer.wait()
        writer.start(make_rows(6, 9))
    assert list_terms(connection) == [f"title{id_}" for id_ in range(1, 10)]


def test_an_error_of_the_thread_is_raised_where_it_is_waited_for(connection: sqlite3.Connection) -> None:
    writer = TextWriter(connection)
    writer.start([(1, "too few values")])
    with pytest.raises(sqlite3.Error):
        writer.wait()
    writer.wait()


def test_an_error_of_the_last_rows_is_raised_at_the_end_of_the_block(connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.Error), TextWriter(connection) as writer:
        writer.start([(1, "too few values")])


def test_an_error_of_the_thread_does_not_hide_that_of_the_block(connection: sqlite3.Connection) -> None:
    def interrupt() -> None:
        with TextWriter(connection) as writer:
            writer.start([(1, "too few values")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()


def test_nothing_uses_the_connection_after_an_error_of_the_block(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(KeyboardInterrupt), TextWriter(connection) as writer:
        writer.start(make_rows(1, 2_000))
        raise KeyboardInterrupt
    assert len(list_terms(connection)) == 2_000
