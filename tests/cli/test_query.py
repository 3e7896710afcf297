"""Saved queries: stored with the marks, used as @name in every query."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from readlist.errors import QueryError
from readlist.search.query.ast import And, FieldEquals, Not, Or, Query, Text
from readlist.search.query.parser import MAX_DEPTH, MAX_TERMS, MAX_WORDS, parse
from tests.cli.test_startup import heavy_packages_loaded_by
from tests.conftest import Done, Run

TODAY = dt.date(2025, 6, 1)
SAVED = {
    "fresh": "is:unread tag:rl",
    "either": "grpo OR dpo",
    "both": "@either math",
    "loop": "@pool",
    "pool": "a (b OR @loop)",
    "broken": "is:unred",
    "강화학습": "tag:rl",
    "to-read.2": "is:unread",
}
FRESH = (FieldEquals("is", "unread"), FieldEquals("tag", "rl"))
EITHER = Or((Text("grpo"), Text("dpo")))


def ids(run: Run, *query: str) -> list[int]:
    return sorted(entry["id"] for entry in run("list", "--json", *query).json)


# The language


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("@fresh", And(FRESH)),
        ("@FRESH", And(FRESH)),
        ("scaling @fresh", And((Text("scaling"), *FRESH))),
        ("-@fresh", Not(And(FRESH))),
        ("NOT @either", Not(EITHER)),
        ("@either OR ppo", Or((EITHER, Text("ppo")))),
        ("@both", And((EITHER, Text("math")))),
        ("(@either)", EITHER),
        ("@강화학습 @to-read.2", And((FieldEquals("tag", "rl"), FieldEquals("is", "unread")))),
        ('"@fresh"', Text("@fresh", phrase=True)),
        ("recall@10 me@example.org", And((Text("recall@10"), Text("me@example.org")))),
        ("@fresh, @", Text("@fresh")),
        ("title:@fresh", Text("@fresh", "title")),
    ],
)
def test_a_saved_query_is_used_as_if_in_parentheses(text: str, query: Query) -> None:
    assert parse(text, TODAY, lambda: SAVED) == query


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("a @frsh", 2, 'no saved query @frsh; did you mean @fresh? To search for the word, write "@frsh"'),
        (
            "@nothing.did_you_mean",
            0,
            'no saved query @nothing.did_you_mean; to search for the word, write "@nothing.did_you_mean"',
        ),
        ("a @loop", 2, "in @loop (@pool): in @pool (a (b OR @loop)): saved query @loop refers to itself"),
        ("a -@broken", 3, "in @broken (is:unred): unknown value for is: unred; did you mean unread?"),
    ],
)
def test_an_unusable_saved_query_is_an_error_with_its_column(text: str, column: int, message: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(text, TODAY, lambda: SAVED)
    assert (str(refused.value), refused.value.query, refused.value.column) == (message, text, column)


def test_a_query_without_a_call_asks_for_no_saved_one() -> None:
    def never() -> dict[str, str]:
        raise AssertionError

    assert parse("recall@10 -tag:rl (a OR b)", TODAY, never)


def test_the_terms_of_saved_queries_count_towards_the_limits() -> None:
    chain = {f"q{number}": f"@q{number + 1}" for number in range(MAX_DEPTH + 2)} | {f"q{MAX_DEPTH + 2}": "a"}
    with pytest.raises(QueryError, match="nested parentheses"):
        parse("@q0", TODAY, lambda: chain)
    assert parse(f"@q{3}", TODAY, lambda: chain) == Text("a")
    bomb = {f"q{number}": f"@q{number + 1} @q{number + 1}" for number in range(11)} | {"q11": "tag:rl"}
    with pytest.raises(QueryError, match=f"more than {MAX_TERMS:,} terms"):
        parse("@q0", TODAY, lambda: bomb)
    words = parse("@many @many", TODAY, lambda: {"many": "word " * 40})
    assert isinstance(words, And)
    assert len(words.parts) == MAX_WORDS


# The commands


def test_a_query_is_saved_shown_listed_and_deleted(loaded: Run) -> None:
    assert loaded("query", "list").err == "No saved queries. To save one: readlist query save NAME QUERY\n"
    assert loaded("query", "save", "Fresh", "is:unread", "-tag:rl").err == "Saved query @fresh: is:unread NOT tag:rl\n"
    assert (
        loaded("query", "save", "@fresh", "is:unread", "-tag:rl").err
        == "Query unchanged: @fresh: is:unread NOT tag:rl\n"
    )
    assert loaded("query", "save", "again", "@fresh (scaling OR depth)").code == 0
    assert [saved["name"] for saved in loaded("query", "list", "--json").json] == ["again", "fresh"]
    assert loaded("query", "show", "again").out == "@fresh (scaling OR depth)\n"
    assert loaded("query", "delete", "fresh").err == "Deleted query @fresh\n"
    done = loaded("query", "delete", "fresh")
    assert (done.code, done.err) == (3, "readlist: no saved query: @fresh; saved queries: @again\n")


def test_every_command_takes_a_saved_query(loaded: Run) -> None:
    loaded("query", "save", "synthetic", "tag:synthetic-data")
    assert ids(loaded, "@synthetic") == [7, 11]
    assert [hit["id"] for hit in loaded("search", "--json", "@synthetic", "enigmata").json] == [11]
    assert "synthetic-data\t2\t2\n" in loaded("tags", "@synthetic").out
    assert loaded("export", "@synthetic", "--to", "jsonl").out.count("\n") == 2
    assert ids(loaded, "-@synthetic", "--tag", "rl") == [1, 2, 9, 10, 13]
    assert loaded("read", "--where", "@synthetic").err == "2 papers match\nMarked 2 papers as read: 7 11\n"
    done = loaded("star", "--where", "@sinthetic")
    assert done.code == 2
    assert done.err.endswith('did you mean @synthetic? To search for the word, write "@sinthetic"\n  @sinthetic\n  ^\n')


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["two words", "a"], "invalid query name: two words;"),
        (["-", "a"], "invalid query name: -;"),
        (["a/b", "a"], "invalid query name: a/b;"),
        (["x" * 41, "a"], "invalid query name: "),
        (["\x1b[2J", "a"], "invalid query name: [2J;"),
        (["a", ""], "an empty query would match every paper"),
        (["a", "x" * 1_001], "query is too long to be saved: 1,001 characters; the maximum is 1,000"),
        (["a", "is:unred"], "unknown value for is: unred"),
        (["a", "b @a"], "saved query @a refers to itself"),
        (["a", 'is:unread "open'], "unclosed quote"),
    ],
)
def test_an_invalid_name_or_query_is_not_saved(loaded: Run, args: list[str], message: str) -> None:
    done = loaded("query", "save", "--", *args)
    assert done.code == 2
    assert message in done.err
    assert loaded("query", "list").out == ""


def test_each_change_is_a_step_that_can_be_undone(loaded: Run, own_folders: Path) -> None:
    loaded("query", "save", "mine", "tag:rl")
    loaded("query", "save", "mine", "tag:math")
    loaded("read", "1")
    loaded("query", "delete", "mine")
    assert loaded("undo").err == "Undone: query delete mine\n"
    assert loaded("query", "show", "mine").out == "tag:math\n"
    assert loaded("undo", "2").err == "Undone: read 1\nUndone: query save mine\n"
    assert loaded("query", "show", "mine").out == "tag:rl\n"
    assert loaded("redo", "9").code == 0
    assert loaded("query", "show", "mine").code == 3
    loaded("undo", "9")
    written = json.loads((own_folders / "home" / "marks.json").read_bytes())
    assert {name: table for name, table in written.items() if name != "_meta"} == {
        "marks": {},
        "queries": {},
        "aliases": {},
        "synonyms": {},
    }


def test_a_deleted_query_is_restored_from_a_backup(loaded: Run, own_folders: Path) -> None:
    loaded("query", "save", "mine", "tag:rl")
    (own_folders / "home" / "marks.json").unlink()
    done = loaded("backup", "restore")
    assert (done.code, done.err.endswith(": 1 saved query, tag name or synonym group changed\n")) == (0, True)
    assert loaded("query", "show", "mine").out == "tag:rl\n"


def test_saved_queries_live_in_the_index_too_and_the_doctor_compares(loaded: Run, own_folders: Path) -> None:
    loaded("query", "save", "mine", "tag:synthetic-data")
    assert not heavy_packages_loaded_by("list", "@mine") & {"tinydb", "dateutil"}
    (index,) = (own_folders / "cache").rglob("index.sqlite")
    assert loaded("doctor").code == 0
    index.unlink()
    assert ids(loaded, "@mine") == [7, 11]
    assert loaded("doctor").code == 0


def test_a_library_without_papers_may_hold_queries(run: Run, seeds: Path) -> None:
    run("query", "save", "mine", "tag:synthetic-data")
    run("load", seeds)
    assert run("query", "show", "mine").out == "tag:synthetic-data\n"
    assert ids(run, "@mine") == [7, 11]


def test_queries_are_a_table_on_a_terminal(loaded: Run, on_terminal: Callable[..., Done]) -> None:
    loaded("query", "save", "mine", "tag:rl")
    assert on_terminal("query", "list", TERM="dumb").out.split() == ["@mine", "tag:rl"]


def test_the_name_of_the_query_of_readlist_itself_is_refused(loaded: Run) -> None:
    done = loaded("query", "save", "today", "is:unread")
    assert (done.code, done.err) == (2, "readlist: @today is a query of readlist itself; choose another name\n")
