"""Orders of lists: each is the order of its values, reversed by -, with papers without a value last."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from readlist.cli.context import find_directories
from readlist.errors import UsageError
from readlist.library.library import Library
from readlist.models import Entry, Order
from readlist.search import lookups
from readlist.search.index.rows import decode_entry
from readlist.search.orders import ORDERS, parse_order
from readlist.search.query.ast import all_of
from tests.conftest import Run


def ids(run: Run, *arguments: str) -> list[int]:
    return [entry["id"] for entry in run(*arguments, "--json").json]


@pytest.fixture
def marked(loaded: Run) -> Run:
    """The seeds, some of them read, starred and noted."""
    for command in ("read 4", "read 2", "unread 4", "read 11", "star 7", "star 3", "note 12 x"):
        loaded(*command.split())
    return loaded


def test_an_order_is_a_name_with_or_without_a_hyphen() -> None:
    assert [parse_order(name) for name in ORDERS] == [Order(name) for name in ORDERS]
    assert parse_order(" -Date ") == Order("date", is_reversed=True)
    assert str(parse_order("-title")) == "-title"


@pytest.mark.parametrize("text", ["", "-", "dates", "--date", "date title"])
def test_an_unknown_order_is_an_error_that_lists_them(text: str) -> None:
    with pytest.raises(UsageError, match="use one of: relevance, date"):
        parse_order(text)


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_lists_the_same_papers_in_every_command(marked: Run, order: str) -> None:
    for name in (order, f"-{order}"):
        found = ids(marked, "list", "--sort", name)
        assert sorted(found) == list(range(1, 14))
        exported = [entry["id"] for entry in marked("export", "--to", "json", "--sort", name).json]
        assert order == "random" or exported == found
        searched = ids(marked, "search", "tag:rl", "--sort", name)
        assert order == "random" or searched == [id_ for id_ in found if id_ in searched]


def test_papers_without_the_value_come_last_in_both_directions(marked: Run) -> None:
    assert sorted(ids(marked, "list", "--sort", "read")[:2]) == [2, 11], "4 is unread again"
    assert sorted(ids(marked, "list", "--sort", "-read")[:2]) == [2, 11]
    assert set(ids(marked, "list", "--sort", "-starred")[:2]) == {3, 7}
    assert ids(marked, "list", "--sort", "-noted")[0] == 12
    assert ids(marked, "list", "--sort", "noted")[1:] == [i for i in ids(marked, "list") if i != 12]


def test_titles_and_authors_are_sorted_without_regard_to_case(marked: Run) -> None:
    entries = marked("list", "--sort", "title", "--json").json
    assert [e["title"] for e in entries] == sorted((e["title"] for e in entries), key=str.casefold)
    authors = [e["authors"][0].split()[-1] for e in marked("list", "--sort", "author", "--json").json]
    assert authors == sorted(authors)


def test_a_saved_query_keeps_its_order_where_it_is_the_whole_query(marked: Run) -> None:
    assert marked("query", "save", "az", "tag:rl", "--sort", "title").err == "Saved query @az: tag:rl --sort title\n"
    sorted_by_title = ids(marked, "list", "tag:rl", "--sort", "title")
    assert ids(marked, "list", "@az") == ids(marked, "search", "@az") == sorted_by_title
    assert ids(marked, "list", "@az", "--sort", "-title") == sorted_by_title[::-1]
    assert ids(marked, "list", "@az is:unread") != [i for i in sorted_by_title if i != 11]
    assert marked("query", "--json").json[0]["sort"] == "title"
    assert marked("query", "save", "az", "tag:rl", "--sort", "size").code == 2


def test_by_another_order_than_relevance_no_nearest_matches_follow(marked: Run) -> None:
    found = ids(marked, "search", "negative gradient")
    complete = [e["id"] for e in marked("search", "negative gradient", "--json").json if e["matched"]["all"]]
    assert len(complete) < len(found)
    assert sorted(ids(marked, "search", "negative gradient", "--sort", "date")) == sorted(complete)


def test_random_orders_differ(marked: Run) -> None:
    assert len({tuple(ids(marked, "list", "--sort", "random")) for _ in range(5)}) > 1


@pytest.mark.parametrize("order", ["title", "-author", "-starred", "random", "date"])
def test_only_the_entries_that_are_listed_are_decoded(
    marked: Run, own_folders: Path, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    decoded: list[int] = []

    def count(id_: int, blob: bytes) -> Entry:
        decoded.append(id_)
        return decode_entry(id_, blob)

    monkeypatch.setattr(lookups, "decode_entry", count)
    library = Library(find_directories(str(own_folders / "home")))
    result = library.find(all_of([]), order=parse_order(order), limit=2)
    assert sorted(decoded) == sorted(hit.entry.paper.id for hit in result.hits)


def test_an_index_without_an_entry_is_built_again_to_sort_by_title(marked: Run, own_folders: Path) -> None:
    expected = ids(marked, "list", "--sort", "title")
    (index,) = own_folders.rglob("index.sqlite")
    for statement in ("DELETE FROM entries WHERE id = 3", "UPDATE entries SET entry = x'5b00000000' WHERE id = 4"):
        with contextlib.closing(sqlite3.connect(index)) as connection, connection:
            connection.execute(statement)
        assert ids(marked, "list", "--sort", "title") == expected
